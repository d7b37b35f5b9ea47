/* Up a binomial tree and down again: what small clusters did first. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/binomial.h"

static size_t relative(const ds_comm *c, size_t root)
{
    size_t p = ds_comm_size(c);

    assert(root < p);
    return (c->rank + p - root) % p;
}

static size_t absolute(const ds_comm *c, size_t root, size_t rank)
{
    return (rank + root) % ds_comm_size(c);
}

/* How far away the root's farthest partner is; 0 if it is alone. */
static size_t farthest(size_t p)
{
    return ((size_t)1 << ds__ceil_lg(p)) / 2;
}

/* For m = 1, 2, 4, ... those with rank mod 2m = m give what they have to
 * rank - m, and stop. */
ds_vec *ds__binomial_reduce(ds_comm *c, unsigned step, size_t root,
                            ds_vec *mine, const ds_op *op)
{
    size_t r = relative(c, root);
    ds_vec *sum = ds_vec_ref(mine);

    for (size_t m = 1; m < ds_comm_size(c); m *= 2, step++) {
        if (r % (2 * m) == m) {
            ds__step_send(c, absolute(c, root, r - m), step, sum);
            ds_vec_unref(sum);
            return NULL;
        }
        if (r + m < ds_comm_size(c)) {
            size_t other = absolute(c, root, r + m);
            sum = ds__step_combine(c, op, sum, ds__step_recv(c, other, step));
        }
    }
    return sum;
}

/* The same backwards, the largest m first. */
ds_vec *ds__binomial_bcast(ds_comm *c, unsigned step, size_t root, ds_vec *vec)
{
    size_t p = ds_comm_size(c);
    size_t r = relative(c, root);

    for (size_t m = farthest(p); m > 0; m /= 2, step++) {
        if (r % (2 * m) == m)
            vec = ds__step_recv(c, absolute(c, root, r - m), step);
        else if (r % (2 * m) == 0 && r + m < p)
            ds__step_send(c, absolute(c, root, r + m), step, vec);
    }
    return vec;
}

ds_vec *ds__binomial_gather(ds_comm *c, unsigned step, size_t root,
                            ds_vec *block)
{
    size_t r = relative(c, root);

    for (size_t m = 1; m < ds_comm_size(c); m *= 2, step++) {
        if (r % (2 * m) == m) {
            ds__step_send(c, absolute(c, root, r - m), step, block);
            ds_vec_unref(block);
            return NULL;
        }
        if (r + m < ds_comm_size(c)) {
            size_t other = absolute(c, root, r + m);
            block = ds__step_join(c, block, ds__step_recv(c, other, step));
        }
    }
    return block;
}

ds_vec *ds__binomial_unrotate(ds_comm *c, ds_vec *all, size_t root)
{
    if (all == NULL)
        return NULL;
    size_t start = ds__cut(c, all->len, root);
    return ds__step_rotate(c, all, all->len - start);
}

/* Gives the blocks from the m-th on away and keeps those before. */
static ds_vec *split(ds_comm *c, unsigned step, size_t root, ds_vec *blocks,
                     size_t m, size_t middle)
{
    if (blocks == NULL)
        return NULL;
    ds_vec *kept = ds__step_slice(c, blocks, 0, middle);
    ds_vec *given = ds__step_slice(c, blocks, middle, blocks->len);

    ds__step_send(c, absolute(c, root, relative(c, root) + m), step, given);
    ds_vec_unref(given);
    ds_vec_unref(blocks);
    return kept;
}

ds_vec *ds__binomial_scatter(ds_comm *c, unsigned step, size_t root,
                             ds_vec *vec, size_t len)
{
    size_t p = ds_comm_size(c);
    size_t r = relative(c, root);

    for (size_t m = farthest(p); m > 0; m /= 2, step++) {
        if (r % (2 * m) == m) {
            vec = ds__step_recv(c, absolute(c, root, r - m), step);
        } else if (r % (2 * m) == 0 && r + m < p) {
            size_t middle = ds__cut_from(c, len, root, r + m) -
                            ds__cut_from(c, len, root, r);
            vec = split(c, step, root, vec, m, middle);
        }
    }
    return vec;
}

/* The most elements on a way down the tree from rank first, which has the
 * blocks of 2m ranks.  A message holds up both its ends, and so the way goes on
 * from either. */
static size_t longest_way(size_t p, size_t len, size_t first, size_t m)
{
    if (m == 0)
        return 0;
    size_t kept = longest_way(p, len, first, m / 2);
    if (first + m >= p)
        return kept;

    size_t end = first + 2 * m < p ? first + 2 * m : p;
    size_t given = longest_way(p, len, first + m, m / 2);
    return ds__block(len, p, end) - ds__block(len, p, first + m) +
           (given > kept ? given : kept);
}

ds_cost ds__binomial_gather_cost(size_t p, size_t len)
{
    return (ds_cost){
        .rounds = ds__ceil_lg(p),
        .volume = ds__bytes((double)longest_way(p, len, 0, farthest(p))),
    };
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    ds_vec *sum = ds__binomial_reduce(c, 0, 0, mine, op);
    return ds__binomial_bcast(c, ds__ceil_lg(ds_comm_size(c)), 0, sum);
}

/* 2c rounds of n, c of which are reduced. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    ds_cost up = ds__cost_step((double)len, true);
    ds_cost down = ds__cost_step((double)len, false);

    return ds__cost_times(ds__ceil_lg(p), ds__cost_add(up, down));
}

const ds_allreduce ds_allreduce_binomial = {
    .name = "binomial",
    .idea = "up a binomial tree and down again",
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
