/* An operator of MPI as one of src/coll, which knows vectors. */
#ifndef DS_MPI_REDUCER_H
#define DS_MPI_REDUCER_H

#include "mpi/turn.h"

/* Combines elements of one type, of which vectors have the bytes. */
typedef struct ds__reducer {
    ds_op base;
    const ds__op *op;
    ds__type *type;
    const ds__turn *turn;
} ds__reducer;

/* It must not move. */
void ds__reducer_init(ds__reducer *reducer, const ds__op *op, ds__type *type,
                      const ds__turn *turn);

#endif
