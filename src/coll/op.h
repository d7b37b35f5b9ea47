/* Inside operators: how collectives use them. */
#ifndef DS_COLL_OP_H
#define DS_COLL_OP_H

#include <distsys/comm.h>

/* Combines n vectors in the order given, as op says: by its reduce(), or by its
 * combine().  Borrows them; NULL: the simulation is over, or there is a
 * failure, which is recorded. */
ds_vec *ds__op_reduce(const ds_op *op, ds_handle *h, ds_vec *const *vecs,
                      size_t n);

#endif
