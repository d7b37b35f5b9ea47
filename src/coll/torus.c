/* Torus bucket: rings along the rows, then along the columns on what the rows
 * left, and back.  Of optimal volume like the ring, with fewer rounds.  A torus
 * whose sides are known has as many of them as it likes, and uses all its ports
 * (bucket.c); without, it has two, and uses one port.
 *
 * With rows of b ranks, a b = p: reduce-scatter along the row (b blocks), then
 * along the column on the block owned (a pieces), allgather along the column,
 * then along the row.  Barnett, Littlefield, Payne, van de Geijn, J. Parallel
 * Distrib. Comput. 24 (1995).  The two-level hierarchy is the same with groups
 * as rows: each member of a group takes its share across, so that all of them
 * use the links between groups, where a leader would use its own alone.  Groups
 * must be equal for that. */

#include <assert.h>
#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/bucket.h"
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

/* ---- As near to a square as p allows, or as the shape says ----------------*/

static bool has_sides(const ds_allreduce *self)
{
    return self->shape != NULL && self->shape->num_sides > 0;
}

static ds_vec *run_torus(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op)
{
    size_t p = ds_comm_size(c);
    ds__grid grid;

    if (!has_sides(self))
        return reduce_in_rows(c, mine, op, p / root_divisor(p));
    if (!ds__grid_of(c, &grid, self->shape, DS__SIDES_ANY, self->name))
        return NULL;
    return ds__lanes_allreduce(c, &grid, ds__bucket_schedule, mine, op);
}

/* 2 (d-1) rounds for each side d, 2 (p-1)/p n bytes, (p-1)/p n reduced. */
static ds_cost cost_torus(const void *self, size_t p, size_t len)
{
    const ds_allreduce *how = self;
    char why[DS__WHY];
    ds__grid grid;

    if (!has_sides(how))
        return cost_in_rows(p, len, p / root_divisor(p));
    if (!ds__grid_make(&grid, how->shape, p, DS__SIDES_ANY, why, sizeof(why)))
        return ds__no_cost();
    return ds__lanes_cost(&grid, ds__bucket_schedule, len);
}

const ds_allreduce ds_allreduce_torus = {
    .name = "torus",
    .idea = "rings along rows, then along columns",
    .run = run_torus,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_SHAPE,
    .cost = cost_torus,
};

/* ---- In groups of a given size, or as the shape says ----------------------*/

/* The groups of the shape, or NULL if a size goes before them or there are
 * none. */
static const size_t *groups_of(const ds_allreduce *self)
{
    return self->group > 0 || self->shape == NULL ? NULL : self->shape->groups;
}

static size_t group_size(const ds_allreduce *self, size_t p)
{
    const size_t *groups = groups_of(self);
    size_t size = 0;

    if (groups == NULL)
        return self->group == 0 ? root_divisor(p) : self->group;
    for (size_t r = 0; r < p; r++)
        size += groups[r] == groups[0];
    return size;
}

/* Puts the ranks of one group after those of another, each in order, into
 * sorted; starts has room for the p groups that there may be, and one.  False:
 * groups are not all of one size, and which is another one is stored. */
static bool sort_ranks(const size_t *groups, size_t p, size_t size,
                       size_t *sorted, size_t *starts, size_t *other)
{
    for (size_t r = 0; r < p; r++) {
        *other = groups[r];
        if (groups[r] >= p)
            return false;
        starts[groups[r] + 1]++;
    }
    for (size_t g = 0; g < p; g++) {
        *other = g;
        if (starts[g + 1] != 0 && starts[g + 1] != size)
            return false;
        starts[g + 1] += starts[g];
    }
    for (size_t r = 0; r < p; r++)
        sorted[starts[groups[r]]++] = r;
    return true;
}

static ds_vec *reduce_in_groups(const ds_allreduce *self, ds_comm *c,
                                ds_vec *mine, const ds_op *op)
{
    size_t p = ds_comm_size(c);
    size_t g = group_size(self, p);
    size_t *lists = calloc(2 * p + 1, sizeof(*lists));
    size_t sides[] = { g, p / g };
    ds_shape shape = { .sides = sides, .num_sides = 2, .ports = 1 };
    ds__grid grid;
    size_t other = 0;
    ds_vec *result = NULL;

    shape.ranks = lists;
    if (lists == NULL)
        ds__comm_fail_memory(c);
    else if (!sort_ranks(groups_of(self), p, g, lists, lists + p, &other))
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: group %zu has not as many of %zu ranks as group %zu, "
                 "which has %zu; they are from 0 to %zu, and all of one size",
                 self->name, other, p, groups_of(self)[0], g, p - 1);
    else if (ds__grid_of(c, &grid, &shape, DS__SIDES_ANY, self->name))
        result = ds__lanes_allreduce(c, &grid, ds__bucket_schedule, mine, op);
    free(lists);
    return result;
}

static ds_vec *run_hierarchical(const ds_allreduce *self, ds_comm *c,
                                ds_vec *mine, const ds_op *op)
{
    size_t p = ds_comm_size(c);
    size_t g = group_size(self, p);

    if (groups_of(self) != NULL)
        return reduce_in_groups(self, c, mine, op);
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
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_SHAPE,
    .cost = cost_hierarchical,
};
