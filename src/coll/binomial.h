/* Binomial trees: after k steps the data of 2^k ranks are together, or known
 * to 2^k of them.
 *
 * Ranks are counted from a root: relative rank (rank - root) mod p. */
#ifndef DS_COLL_BINOMIAL_H
#define DS_COLL_BINOMIAL_H

#include "coll/cost.h"
#include "coll/step.h"

/* Each uses ceil(lg p) step numbers from step on.
 *
 * Reduces everyone's vector, which is borrowed, to the root, in the order of
 * relative ranks; NULL on the others. */
ds_vec *ds__binomial_reduce(ds_comm *c, unsigned step, size_t root,
                            ds_vec *mine, const ds_op *op);

/* Takes the root's vector, NULL on the others, and gives it to everyone. */
ds_vec *ds__binomial_bcast(ds_comm *c, unsigned step, size_t root, ds_vec *vec);

/* Blocks of a vector of len elements, one for each rank, counted from the
 * root.  Gathering takes everyone's and leaves the root with all, NULL on the
 * others; scattering takes the root's, NULL on the others, and leaves each with
 * its own. */
ds_vec *ds__binomial_gather(ds_comm *c, unsigned step, size_t root,
                            ds_vec *block);
ds_vec *ds__binomial_scatter(ds_comm *c, unsigned step, size_t root,
                             ds_vec *vec, size_t len);

/* Brings all blocks from the order that begins with the root into that of the
 * ranks.  Takes all; NULL stays NULL. */
ds_vec *ds__binomial_unrotate(ds_comm *c, ds_vec *all, size_t root);

/* Returns what a member of a collective to a root is left with: on the root
 * got, and on the others, where got is NULL, a reference to mine. */
static inline ds_vec *ds__root_or_own(const ds_comm *c, ds_vec *got,
                                      ds_vec *mine, size_t root)
{
    return c->rank == root ? got : ds_vec_ref(mine);
}

/* Of one of these two from rank 0: c rounds; 1, 2, 4, ... blocks.  If the
 * blocks differ, another root may have an element more or less in each round.
 * With fewer than p-1 elements among ranks that are no power of two, the way
 * with the most elements may not have all rounds, and it takes less. */
ds_cost ds__binomial_gather_cost(size_t p, size_t len);

#endif
