/* Circulant reduce-scatter and allgather. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/circulant.h"

/* Where R[j] begins, if R[0] begins at 0. */
static size_t offset(const ds_comm *c, size_t len, size_t j)
{
    return ds__cut_from(c, len, c->rank, j);
}

/* From R[0..from-1] to R[0..to-1]: gives R[to..from-1] to the rank that far
 * ahead, and reduces what comes from the one behind into the front. */
static ds_vec *halve(ds_comm *c, unsigned step, ds_vec *sum, size_t len,
                     size_t from, size_t to, const ds_op *op)
{
    size_t p = ds_comm_size(c);
    assert(0 < to && to < from && from <= 2 * to);
    size_t front = offset(c, len, from - to);
    size_t middle = offset(c, len, to);

    ds_vec *given = ds__step_slice(c, sum, middle, offset(c, len, from));
    ds_vec *theirs = ds__step_exchange(c, (c->rank + to) % p, given,
                                       (c->rank + p - to) % p, step);
    ds_vec *mine = ds__step_slice(c, sum, 0, front);
    ds_vec *rest = ds__step_slice(c, sum, front, middle);
    ds_vec_unref(given);
    ds_vec_unref(sum);
    return ds__step_join(c, ds__step_combine(c, op, mine, theirs), rest);
}

ds_vec *ds__circulant_reduce_scatter(ds_comm *c, unsigned step, ds_vec *vec,
                                     const ds_op *op)
{
    size_t p = ds_comm_size(c);
    size_t len = vec->len;
    ds_vec *sum = ds__step_rotate(c, ds_vec_ref(vec), ds__cut(c, len, c->rank));

    for (size_t s = p; s > 1; s = (s + 1) / 2)
        sum = halve(c, step++, sum, len, s, (s + 1) / 2, op);
    return sum;
}

/* The k-th skip. */
static size_t skip(size_t p, unsigned k)
{
    while (k-- > 0)
        p = (p + 1) / 2;
    return p;
}

/* Takes the caller's block and returns the whole vector of len elements. */
static ds_vec *allgather(ds_comm *c, unsigned step, ds_vec *block, size_t len)
{
    size_t p = ds_comm_size(c);
    size_t start = ds__block(len, p, c->rank);
    ds__whole whole = { .len = len };

    if (p == 1)
        return block;
    ds__whole_take(c, &whole, 0, block);
    for (unsigned k = ds__ceil_lg(p); k-- > 0;) {
        size_t from = skip(p, k);
        size_t to = skip(p, k + 1);
        ds_vec *front =
            ds__step_slice(c, whole.vec, 0, offset(c, len, from - to));
        ds_vec *theirs = ds__step_exchange(c, (c->rank + p - to) % p, front,
                                           (c->rank + to) % p, step++);
        ds_vec_unref(front);
        ds__whole_take(c, &whole, offset(c, len, to), theirs);
    }
    return ds__step_rotate(c, whole.vec, len - start);
}

/* What goes from one rank to another in a round are s' - s = floor(s' / 2)
 * blocks in a row.  Where they begin and end is rounded down, so the rank r for
 * which len r mod p is greatest has the most in any number of blocks from its
 * own on.  It has the largest message of every round, and nobody is later. */
ds_cost ds__circulant_cost(size_t p, size_t len, bool reduces)
{
    ds_cost sum = { 0 };

    for (size_t s = p; s > 1; s = (s + 1) / 2)
        sum = ds__cost_add(
            sum, ds__cost_step(ds__blocks_max(len, p, s / 2), reduces));
    return sum;
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    unsigned rounds = ds__ceil_lg(ds_comm_size(c));

    ds_vec *block = ds__circulant_reduce_scatter(c, 0, mine, op);
    return allgather(c, rounds, block, mine->len);
}

/* 2c rounds, 2 (p-1)/p n bytes, (p-1)/p n reduced. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return ds__cost_add(ds__circulant_cost(p, len, true),
                        ds__circulant_cost(p, len, false));
}

const ds_allreduce ds_allreduce_circulant = {
    .name = "circulant",
    .idea = "as few rounds as can be, at the volume of a ring",
    .run = run,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost,
};
