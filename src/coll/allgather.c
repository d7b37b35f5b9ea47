/* Allgathers: everyone's vector, on all. */

#include <distsys/collective.h>

#include "coll/bruck.h"
#include "coll/ring.h"

/* ---- Around a ring: for large vectors -------------------------------------*/

static ds_vec *run_ring(const ds_collective *self, ds_comm *c, ds_vec *mine,
                        const ds_op *op, size_t root)
{
    ds__circle ring = ds__circle_of(c);
    unsigned step = 0;

    ring.lead = ring.size - 1; /* each begins with the block of its rank */
    return ds__ring_allgather(c, &ring, &step, ds_vec_ref(mine),
                              ds__cut_total(c, mine));
}

/* p-1 rounds, (p-1)/p n bytes. */
static ds_cost cost_ring(const void *self, size_t p, size_t len)
{
    return ds__ring_cost(p, len, false);
}

const ds_collective ds_allgather_ring = {
    .name = "allgather-ring",
    .idea = "each vector once around a ring",
    .kind = DS_ALLGATHER,
    .run = run_ring,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_ring,
};

/* ---- Recursive doubling ---------------------------------------------------*/

/* After step k, the 2^k ranks that differ in their last k bits know the same.
 */
static ds_vec *run_doubling(const ds_collective *self, ds_comm *c, ds_vec *mine,
                            const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t len = ds__cut_total(c, mine);
    ds__whole whole = { .len = len };
    unsigned step = 0;

    ds__whole_put(c, &whole, ds__cut(c, len, c->rank), mine);
    for (size_t m = 1; m < p; m *= 2) {
        size_t other = c->rank ^ m;
        size_t own = c->rank / m * m;
        ds_vec *known = ds__step_slice(c, whole.vec, ds__cut(c, len, own),
                                       ds__cut(c, len, own + m));
        ds__whole_take(c, &whole, ds__cut(c, len, other / m * m),
                       ds__step_exchange(c, other, known, other, step++));
        ds_vec_unref(known);
    }
    return whole.vec;
}

/* c rounds, (p-1)/p n bytes. */
static ds_cost cost_doubling(const void *self, size_t p, size_t len)
{
    return (ds_cost){
        .rounds = ds__ceil_lg(p),
        .volume = ds__bytes((double)(p - 1) * ds__block_max(len, p)),
    };
}

const ds_collective ds_allgather_recursive_doubling = {
    .name = "allgather-recursive-doubling",
    .idea = "pairs exchange all they have, 1, 2, 4, ... ranks apart",
    .kind = DS_ALLGATHER,
    .run = run_doubling,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS | DS_TRAIT_POWER,
    .cost = cost_doubling,
};

/* ---- Bruck ----------------------------------------------------------------*/

static ds_vec *run_bruck(const ds_collective *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);

    ds_vec *all = ds__bruck_allgather(c, 0, mine);
    return ds__step_rotate(
        c, all,
        ds__cut_from(c, ds__cut_total(c, mine), c->rank, (p - c->rank) % p));
}

const ds_collective ds_allgather_bruck = {
    .name = "allgather-bruck",
    .idea = "the same in one direction, for any number",
    .kind = DS_ALLGATHER,
    .run = run_bruck,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_doubling,
};
