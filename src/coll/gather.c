/* Gather and scatter over binomial trees. */

#include <distsys/collective.h>

#include "coll/binomial.h"

/* ---- Gather ---------------------------------------------------------------*/

static ds_vec *run_gather(const ds_collective *self, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root)
{
    ds_vec *all = ds__binomial_gather(c, 0, root, ds_vec_ref(mine));
    return ds__root_or_own(c, ds__binomial_unrotate(c, all, root), mine, root);
}

/* c rounds, (p-1)/p n bytes. */
static ds_cost cost_gather(const void *self, size_t p, size_t len)
{
    return ds__binomial_gather_cost(p, len);
}

const ds_collective ds_gather_binomial = {
    .name = "gather-binomial",
    .idea = "up a binomial tree, which gets heavier",
    .kind = DS_GATHER,
    .run = run_gather,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_gather,
};

/* ---- Scatter --------------------------------------------------------------*/

static ds_vec *run_scatter(const ds_collective *self, ds_comm *c, ds_vec *mine,
                           const ds_op *op, size_t root)
{
    ds_vec *all = NULL;

    if (c->rank == root)
        all = ds__step_rotate(c, ds_vec_ref(mine), ds__cut(c, mine->len, root));
    return ds__binomial_scatter(c, 0, root, all, mine->len);
}

const ds_collective ds_scatter_binomial = {
    .name = "scatter-binomial",
    .idea = "down a binomial tree, which gets lighter",
    .kind = DS_SCATTER,
    .run = run_scatter,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_gather,
};
