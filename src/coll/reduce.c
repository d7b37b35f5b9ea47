/* Reductions to a root. */

#include <distsys/collective.h>

#include "coll/binomial.h"
#include "coll/circulant.h"

/* ---- Binomial: for small vectors ------------------------------------------*/

/* What does not commute is reduced to rank 0, in whose order the ranks are, and
 * goes to the root from there: one round and n more. */
static ds_vec *run_binomial(const ds_collective *self, ds_comm *c, ds_vec *mine,
                            const ds_op *op, size_t root)
{
    size_t top = op->commutative ? root : 0;
    unsigned last = ds__ceil_lg(ds_comm_size(c));

    ds_vec *sum = ds__binomial_reduce(c, 0, top, mine, op);
    if (top != root && c->rank == top) {
        ds__step_send(c, root, last, sum);
        ds_vec_unref(sum);
        sum = NULL;
    }
    if (top != root && c->rank == root)
        sum = ds__step_recv(c, top, last);
    return ds__root_or_own(c, sum, mine, root);
}

/* c rounds of n, all reduced, if op commutes or the root is 0. */
static ds_cost cost_binomial(const void *self, size_t p, size_t len)
{
    return ds__cost_times(ds__ceil_lg(p), ds__cost_step((double)len, true));
}

const ds_collective ds_reduce_binomial = {
    .name = "reduce-binomial",
    .idea = "up a binomial tree, reducing on the way",
    .kind = DS_REDUCE,
    .run = run_binomial,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_binomial,
};

/* ---- Reduce-scatter and gather: for large ones ----------------------------*/

static ds_vec *run_scatter_gather(const ds_collective *self, ds_comm *c,
                                  ds_vec *mine, const ds_op *op, size_t root)
{
    unsigned rounds = ds__ceil_lg(ds_comm_size(c));

    ds_vec *block = ds__circulant_reduce_scatter(c, 0, mine, op);
    ds_vec *all = ds__binomial_gather(c, rounds, root, block);
    return ds__root_or_own(c, ds__binomial_unrotate(c, all, root), mine, root);
}

/* 2c rounds, 2 (p-1)/p n bytes, (p-1)/p n reduced.  If p neither divides n nor
 * is a power of two, the longest ways of the two parts may not meet, and it
 * takes less. */
static ds_cost cost_scatter_gather(const void *self, size_t p, size_t len)
{
    return ds__cost_add(ds__circulant_cost(p, len, true),
                        ds__binomial_gather_cost(p, len));
}

const ds_collective ds_reduce_scatter_gather = {
    .name = "reduce-scatter-gather",
    .idea = "each reduces a block, then the root gathers them",
    .kind = DS_REDUCE,
    .run = run_scatter_gather,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost_scatter_gather,
};
