/* The predefined operators: for each class of types those that the standard
 * has, over every C type of it. */

#include "mpi/op.h"

#include <assert.h>
#include <stdlib.h>

#define PREDEFINED(name)                                                       \
    [DS__OP_##name] = { .code = DS__OP_##name, .commutes = true }

static const ds__op predefined[DS__OP_OWN] = {
    PREDEFINED(MAX),
    PREDEFINED(MIN),
    PREDEFINED(SUM),
    PREDEFINED(PROD),
    PREDEFINED(LAND),
    PREDEFINED(BAND),
    PREDEFINED(LOR),
    PREDEFINED(BOR),
    PREDEFINED(LXOR),
    PREDEFINED(BXOR),
    PREDEFINED(MINLOC),
    PREDEFINED(MAXLOC),
    [DS__OP_REPLACE] = { .code = DS__OP_REPLACE },
    [DS__OP_NO_OP] = { .code = DS__OP_NO_OP },
};

const ds__op *ds__op_predefined(ds__op_code code)
{
    assert(code < DS__OP_OWN);
    return &predefined[code];
}

const char *ds__op_name(ds__op_code code)
{
    static const char *const names[DS__OP_OWN] = {
        [DS__OP_MAX] = "MPI_MAX",         [DS__OP_MIN] = "MPI_MIN",
        [DS__OP_SUM] = "MPI_SUM",         [DS__OP_PROD] = "MPI_PROD",
        [DS__OP_LAND] = "MPI_LAND",       [DS__OP_BAND] = "MPI_BAND",
        [DS__OP_LOR] = "MPI_LOR",         [DS__OP_BOR] = "MPI_BOR",
        [DS__OP_LXOR] = "MPI_LXOR",       [DS__OP_BXOR] = "MPI_BXOR",
        [DS__OP_MINLOC] = "MPI_MINLOC",   [DS__OP_MAXLOC] = "MPI_MAXLOC",
        [DS__OP_REPLACE] = "MPI_REPLACE", [DS__OP_NO_OP] = "MPI_NO_OP",
    };

    assert(code < DS__OP_OWN);
    return names[code];
}

const ds__op *ds__op_hold(const ds__op *op)
{
    return op->code == DS__OP_OWN ? ds__object_hold((void *)op) : op;
}

void ds__op_release(const ds__op *op)
{
    if (op->code == DS__OP_OWN && ds__object_drop((void *)op))
        free((void *)op);
}

/* Which operators a class has; a bit each. */
#define BIT(name)   (1u << DS__OP_##name)
#define LOGICAL_OPS (BIT(LAND) | BIT(LOR) | BIT(LXOR))
#define BIT_OPS     (BIT(BAND) | BIT(BOR) | BIT(BXOR))
#define SUM_OPS     (BIT(SUM) | BIT(PROD))
#define ORDER_OPS   (BIT(MAX) | BIT(MIN))

static unsigned ops_of(ds__class of_class)
{
    switch (of_class) {
    case DS__INTEGER:
        return ORDER_OPS | SUM_OPS | LOGICAL_OPS | BIT_OPS;
    case DS__REAL:
        return ORDER_OPS | SUM_OPS;
    case DS__COMPLEX:
        return SUM_OPS;
    case DS__LOGICAL:
        return LOGICAL_OPS;
    case DS__BYTES:
        return BIT_OPS;
    case DS__PAIR:
        return BIT(MINLOC) | BIT(MAXLOC);
    default:
        return 0;
    }
}

bool ds__op_fits(const ds__op *op, const ds__type *type)
{
    if (op->code == DS__OP_OWN)
        return true;
    const int basic = ds__type_like(type);
    return basic >= 0 &&
           (ops_of(ds__type_class((ds__basic)basic)) >> op->code & 1) != 0;
}

/* ---- Over C types ---------------------------------------------------------*/

#define EACH(code, result)                                                     \
    case DS__OP_##code:                                                        \
        for (size_t i = 0; i < n; i++)                                         \
            b[i] = (element)(result);                                          \
        break;

#define ORDER(E)                                                               \
    EACH(MAX, a[i] > b[i] ? a[i] : b[i])                                       \
    EACH(MIN, a[i] < b[i] ? a[i] : b[i])
#define SUMS(E)                                                                \
    EACH(SUM, a[i] + b[i])                                                     \
    EACH(PROD, a[i] * b[i])
#define LOGIC(E)                                                               \
    EACH(LAND, a[i] && b[i])                                                   \
    EACH(LOR, a[i] || b[i])                                                    \
    EACH(LXOR, !a[i] != !b[i])
#define BITS(E)                                                                \
    EACH(BAND, a[i] & b[i])                                                    \
    EACH(BOR, a[i] | b[i])                                                     \
    EACH(BXOR, a[i] ^ b[i])

/* Of two that are equal the lower index is kept. */
#define CHOOSE(code, is_better)                                                \
    case DS__OP_##code:                                                        \
        for (size_t i = 0; i < n; i++)                                         \
            if (a[i].value is_better b[i].value ||                             \
                (a[i].value == b[i].value && a[i].index < b[i].index))         \
                b[i] = a[i];                                                   \
        break;

#define OPS_INTEGER ORDER() SUMS() LOGIC() BITS()
#define OPS_REAL    ORDER() SUMS()
#define OPS_COMPLEX SUMS()
#define OPS_LOGICAL LOGIC()
#define OPS_BYTES   BITS()
#define OPS_PAIR    CHOOSE(MINLOC, <) CHOOSE(MAXLOC, >)
#define OPS_NO_OPS
#define OPS_MARK

/* A function for each basic type. */
#define DS__B(name, type, class)                                               \
    static void apply_##name(ds__op_code code, const void *in, void *inout,    \
                             size_t n)                                         \
    {                                                                          \
        typedef type element;                                                  \
        const element *a = in;                                                 \
        element *b = inout;                                                    \
        switch (code) {                                                        \
            OPS_##class default                                                \
                : assert(a == b && !"an operator that does not fit");          \
        }                                                                      \
    }
DS__BASIC_TYPES(DS__B)
#undef DS__B

typedef void apply_fn(ds__op_code code, const void *in, void *inout, size_t n);
static apply_fn *const apply[DS__BASICS] = {
#define DS__B(name, type, class) [DS__BASIC_##name] = apply_##name,
    DS__BASIC_TYPES(DS__B)
#undef DS__B
};

/* A function of the program may be called for some of them after others. */
static void apply_own(const ds__op *op, char *in, char *inout, size_t n,
                      ds__type *type)
{
    assert(op->call != NULL && op->most > 0);
    while (n > op->most) {
        op->call(op, in, inout, op->most, type);
        in += (ptrdiff_t)op->most * type->extent;
        inout += (ptrdiff_t)op->most * type->extent;
        n -= op->most;
    }
    op->call(op, in, inout, n, type);
}

void ds__op_apply(const ds__op *op, void *in, void *inout, size_t n,
                  ds__type *type)
{
    if (op->code == DS__OP_OWN) {
        apply_own(op, in, inout, n, type);
        return;
    }
    assert(ds__op_fits(op, type));
    apply[ds__type_like(type)](op->code, in, inout, n);
}
