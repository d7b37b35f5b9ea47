/* Operators of reductions. */
#ifndef DS_MPI_OP_H
#define DS_MPI_OP_H

#include "mpi/type.h"

typedef enum ds__op_code {
    DS__OP_MAX,
    DS__OP_MIN,
    DS__OP_SUM,
    DS__OP_PROD,
    DS__OP_LAND,
    DS__OP_BAND,
    DS__OP_LOR,
    DS__OP_BOR,
    DS__OP_LXOR,
    DS__OP_BXOR,
    DS__OP_MINLOC,
    DS__OP_MAXLOC,
    DS__OP_REPLACE,
    DS__OP_NO_OP,
    DS__OP_OWN, /* of the program */
} ds__op_code;

typedef struct ds__op ds__op;
struct ds__op {
    ds__object object;
    ds__op_code code;
    bool commutes;
    void (*own)(void); /* the program's function, in its own type */

    /* Calls that, with a handle of the type as its ABI has it. */
    void (*call)(const ds__op *op, void *in, void *inout, size_t n,
                 ds__type *type);
    size_t most; /* elements that it can be called for */
};

const ds__op *ds__op_predefined(ds__op_code code);

/* Returns what a predefined one is called, as MPI_SUM. */
const char *ds__op_name(ds__op_code code);

/* Keeps one as long as it is needed; the predefined ones stay anyway. */
const ds__op *ds__op_hold(const ds__op *op);
void ds__op_release(const ds__op *op);

/* Whether the operator is defined for the type. */
bool ds__op_fits(const ds__op *op, const ds__type *type);

/* inout[i] = in[i] op inout[i], of n elements. */
void ds__op_apply(const ds__op *op, void *in, void *inout, size_t n,
                  ds__type *type);

#endif
