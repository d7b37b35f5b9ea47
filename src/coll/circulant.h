/* Reduce-scatter and allgather on circulant graphs (Traeff, "Optimal, non-
 * pipelined reduce-scatter and allreduce algorithms", arXiv:2410.14234):
 * optimal volume in c = ceil(lg p) rounds each, for every p.
 *
 * R[j] is a rank's copy of the block that rank (r + j) mod p owns.  The skips
 * are s_0 = p, s_(k+1) = ceil(s_k / 2), down to 1. */
#ifndef DS_COLL_CIRCULANT_H
#define DS_COLL_CIRCULANT_H

#include "coll/cost.h"
#include "coll/step.h"

/* Uses up to ceil(lg p) step numbers from step on.  Borrows vec and returns the
 * caller's own block, number rank of p. */
ds_vec *ds__circulant_reduce_scatter(ds_comm *c, unsigned step, ds_vec *vec,
                                     const ds_op *op);

/* Of this, or of the allgather that undoes it: c rounds, (p-1)/p n bytes. */
ds_cost ds__circulant_cost(size_t p, size_t len, bool reduces);

#endif
