/* The ring allreduce: each block goes round once to be reduced and once to be
 * known.  Of optimal volume for every p, at 2 (p-1) latencies.
 *
 * Patarasu and Yuan, J. Parallel Distrib. Comput. 69 (2009), 117-124. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/ring.h"

static size_t rank_at(const ds__circle *ring, size_t index)
{
    return ring->first + ring->stride * (index % ring->size);
}

static ds_vec *pass_on(ds_comm *c, const ds__circle *ring, unsigned step,
                       ds_vec *vec)
{
    size_t next = rank_at(ring, ring->index + 1);
    size_t prev = rank_at(ring, ring->index + ring->size - 1);

    return ds__step_exchange(c, next, vec, prev, step);
}

/* Parts are of all members, and so is the ring then. */
static size_t cut(const ds_comm *c, const ds__circle *ring, size_t len,
                  size_t i)
{
    if (*c->call->cuts == NULL)
        return ds__block(len, ring->size, i);
    assert(ring->size == c->group->size);
    return ds__cut(c, len, i);
}

static ds_vec *block_of(ds_comm *c, const ds__circle *ring, ds_vec *vec,
                        size_t i)
{
    return ds__step_slice(c, vec, cut(c, ring, vec->len, i),
                          cut(c, ring, vec->len, i + 1));
}

ds_vec *ds__ring_reduce_scatter(ds_comm *c, const ds__circle *ring,
                                unsigned *step, ds_vec *vec, const ds_op *op)
{
    size_t size = ring->size;

    if (vec == NULL)
        return NULL;
    assert(ring->index < size && rank_at(ring, ring->index) == c->rank);
    size_t first = ring->index + ring->lead;
    ds_vec *sum = block_of(c, ring, vec, first % size);
    for (size_t k = 0; k + 1 < size; k++) {
        ds_vec *theirs = pass_on(c, ring, (*step)++, sum);
        ds_vec_unref(sum);
        size_t i = (first + size - k - 1) % size;
        sum = ds__step_combine(c, op, theirs, block_of(c, ring, vec, i));
    }
    return sum;
}

ds_vec *ds__ring_allgather(ds_comm *c, const ds__circle *ring, unsigned *step,
                           ds_vec *block, size_t len)
{
    size_t size = ring->size;
    ds__whole whole = { .len = len };

    if (size == 1)
        return block;
    for (size_t k = 0; k < size; k++) {
        size_t i = (ds__circle_block(ring) + size - k) % size;
        ds__whole_put(c, &whole, cut(c, ring, len, i), block);
        ds_vec *next = k + 1 < size ? pass_on(c, ring, (*step)++, block) : NULL;
        ds_vec_unref(block);
        block = next;
    }
    return whole.vec;
}

ds_cost ds__ring_cost(size_t k, size_t len, bool reduces)
{
    return ds__cost_times((double)(k - 1),
                          ds__cost_step(ds__block_max(len, k), reduces));
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    ds__circle ring = ds__circle_of(c);
    unsigned step = 0;

    ds_vec *sum = ds__ring_reduce_scatter(c, &ring, &step, mine, op);
    return ds__ring_allgather(c, &ring, &step, sum, mine->len);
}

/* 2 (p-1) rounds, 2 (p-1)/p n bytes, (p-1)/p n reduced. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return ds__cost_add(ds__ring_cost(p, len, true),
                        ds__ring_cost(p, len, false));
}

const ds_allreduce ds_allreduce_ring = {
    .name = "ring",
    .idea = "each block twice around a ring",
    .run = run,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost,
};
