/* Reduce-scatters: everyone's block of the reduction of all. */

#include <distsys/collective.h>

#include "coll/circulant.h"
#include "coll/ring.h"

/* ---- Around a ring --------------------------------------------------------*/

static ds_vec *run_ring(const ds_collective *self, ds_comm *c, ds_vec *mine,
                        const ds_op *op, size_t root)
{
    ds__circle ring = ds__circle_of(c);
    unsigned step = 0;

    ring.lead = ring.size - 1; /* each ends with the block of its rank */
    return ds__ring_reduce_scatter(c, &ring, &step, mine, op);
}

/* p-1 rounds, (p-1)/p n bytes, all reduced. */
static ds_cost cost_ring(const void *self, size_t p, size_t len)
{
    return ds__ring_cost(p, len, true);
}

const ds_collective ds_reduce_scatter_ring = {
    .name = "reduce-scatter-ring",
    .idea = "each block once around a ring",
    .kind = DS_REDUCE_SCATTER,
    .run = run_ring,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_ring,
};

/* ---- Recursive halving ----------------------------------------------------*/

/* Partners at distances p/2, p/4, ..., 1 each keep the half their rank is in,
 * so that all end with the block of their own. */
static ds_vec *run_halving(const ds_collective *self, ds_comm *c, ds_vec *mine,
                           const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t len = mine->len;
    ds_vec *sum = ds_vec_ref(mine);
    unsigned step = 0;

    for (size_t m = p / 2; m > 0; m /= 2) {
        size_t other = c->rank ^ m;
        size_t all = ds__cut(c, len, c->rank / (2 * m) * 2 * m);
        size_t own = c->rank / m * m;
        size_t theirs = other / m * m;
        ds_vec *given = ds__step_slice(c, sum, ds__cut(c, len, theirs) - all,
                                       ds__cut(c, len, theirs + m) - all);
        ds_vec *kept = ds__step_slice(c, sum, ds__cut(c, len, own) - all,
                                      ds__cut(c, len, own + m) - all);
        ds_vec *got = ds__step_exchange(c, other, given, other, step++);
        ds_vec_unref(given);
        ds_vec_unref(sum);
        sum = ds__step_combine(c, op, kept, got);
    }
    return sum;
}

/* c rounds, (p-1)/p n bytes, all reduced.  The last rank keeps the larger half
 * each time. */
static ds_cost cost_halving(const void *self, size_t p, size_t len)
{
    return ds__circulant_cost(p, len, true);
}

const ds_collective ds_reduce_scatter_recursive_halving = {
    .name = "reduce-scatter-recursive-halving",
    .idea = "pairs exchange the half that the other keeps",
    .kind = DS_REDUCE_SCATTER,
    .run = run_halving,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS |
              DS_TRAIT_POWER,
    .cost = cost_halving,
};

/* ---- Circulant ------------------------------------------------------------*/

static ds_vec *run_circulant(const ds_collective *self, ds_comm *c,
                             ds_vec *mine, const ds_op *op, size_t root)
{
    return ds__circulant_reduce_scatter(c, 0, mine, op);
}

const ds_collective ds_reduce_scatter_circulant = {
    .name = "reduce-scatter-circulant",
    .idea = "as few rounds as can be, at the volume of a ring",
    .kind = DS_REDUCE_SCATTER,
    .run = run_circulant,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_halving,
};
