/* Binomial trees: after k steps the data of 2^k ranks are together, or known
 * to 2^k of them.
 *
 * Ranks are counted from a root: relative rank (rank - root) mod p. */
#ifndef DS_COLL_BINOMIAL_H
#define DS_COLL_BINOMIAL_H

#include "coll/cost.h"
#include "coll/step.h"

/* Each uses step numbers up to ceil(lg p) from step on.
 *
 * Reduces everyone's vector, which is borrowed, to the root, in the order of
 * relative ranks; NULL on the others. */
ds_vec *ds__binomial_reduce(ds_comm *c, unsigned step, size_t root,
                            ds_vec *mine, const ds_op *op);

/* Takes the root's vector, NULL on the others, and gives it to everyone. */
ds_vec *ds__binomial_bcast(ds_comm *c, unsigned step, size_t root, ds_vec *vec);

#endif
