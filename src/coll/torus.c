/* Two-dimensional torus bucket: rings along the rows, then along the columns
 * on what the rows left, and back.  Of optimal volume like the ring, with
 * fewer rounds.
 *
 * With rows of b ranks, a b = p: reduce-scatter along the row (b blocks), then
 * along the column on the block owned (a pieces), allgather along the column,
 * then along the row.  Barnett, Littlefield, Payne, van de Geijn, J. Parallel
 * Distrib. Comput. 24 (1995).  The two-level hierarchy is the same with groups
 * as rows. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/ring.h"

static ds_vec *reduce_in_rows(ds_comm *c, ds_vec *mine, const ds_op *op,
                              size_t b)
{
    assert(ds_comm_size(c) % b == 0);
    size_t a = ds_comm_size(c) / b;
    ds__circle row = { c->rank / b * b, 1, b, c->rank % b, 0 };
    ds__circle column = { c->rank % b, b, a, c->rank / b, 0 };
    size_t i = ds__circle_block(&row);
    size_t len = ds__block(mine->len, b, i + 1) - ds__block(mine->len, b, i);
    unsigned step = 0;

    ds_vec *block = ds__ring_reduce_scatter(c, &row, &step, mine, op);
    ds_vec *piece = ds__ring_reduce_scatter(c, &column, &step, block, op);
    ds_vec_unref(block);
    block = ds__ring_allgather(c, &column, &step, piece, len);
    return ds__ring_allgather(c, &row, &step, block, mine->len);
}

/* 2 (a-1) + 2 (b-1) rounds, 2 (p-1)/p n bytes, (p-1)/p n reduced. */
static ds_cost cost_in_rows(size_t p, size_t len, size_t b)
{
    size_t block = (size_t)ds__block_max(len, b);
    ds_cost there = ds__cost_add(ds__ring_cost(b, len, true),
                                 ds__ring_cost(p / b, block, true));
    ds_cost back = ds__cost_add(ds__ring_cost(b, len, false),
                                ds__ring_cost(p / b, block, false));

    return ds__cost_add(there, back);
}

/* The largest divisor of p up to its root. */
static size_t root_divisor(size_t p)
{
    size_t divisor = 1;

    for (size_t d = 2; d <= p / d; d++)
        if (p % d == 0)
            divisor = d;
    return divisor;
}

/* ---- As near to a square as p allows --------------------------------------*/

static ds_vec *run_torus(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op)
{
    size_t p = ds_comm_size(c);

    return reduce_in_rows(c, mine, op, p / root_divisor(p));
}

static ds_cost cost_torus(const void *self, size_t p, size_t len)
{
    return cost_in_rows(p, len, p / root_divisor(p));
}

const ds_allreduce ds_allreduce_torus = {
    .name = "torus",
    .idea = "rings along rows, then along columns",
    .run = run_torus,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost_torus,
};

/* ---- In groups of a given size --------------------------------------------*/

static size_t group_size(const ds_allreduce *self, size_t p)
{
    return self->group == 0 ? root_divisor(p) : self->group;
}

static ds_vec *run_hierarchical(const ds_allreduce *self, ds_comm *c,
                                ds_vec *mine, const ds_op *op)
{
    size_t p = ds_comm_size(c);
    size_t g = group_size(self, p);

    if (p % g == 0)
        return reduce_in_rows(c, mine, op, g);
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: groups of %zu do not divide %zu ranks", self->name, g, p);
    return NULL;
}

static ds_cost cost_hierarchical(const void *self, size_t p, size_t len)
{
    return cost_in_rows(p, len, group_size(self, p));
}

const ds_allreduce ds_allreduce_hierarchical = {
    .name = "hierarchical",
    .idea = "rings in groups, then among groups",
    .run = run_hierarchical,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost_hierarchical,
};
