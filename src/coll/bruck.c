/* Gather all vectors everywhere and reduce them locally, in rank order: for
 * tiny vectors. */

#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/bruck.h"

/* In each step a rank doubles what it has, with what the rank that far ahead
 * has; in the last one only as much as is missing. */
ds_vec *ds__bruck_allgather(ds_comm *c, unsigned step, ds_vec *mine)
{
    size_t p = ds_comm_size(c);
    size_t len = mine->len;
    ds__whole whole = { .len = p * len };

    ds__whole_put(c, &whole, 0, mine);
    for (size_t m = 1; m < p; m *= 2) {
        size_t n = m < p - m ? m : p - m;
        ds_vec *known = ds__step_slice(c, whole.vec, 0, n * len);
        ds_vec *theirs = ds__step_exchange(c, (c->rank + p - m) % p, known,
                                           (c->rank + m) % p, step++);
        ds_vec_unref(known);
        ds__whole_take(c, &whole, m * len, theirs);
    }
    return whole.vec;
}

ds_cost ds__bruck_cost(size_t p, size_t len)
{
    return (ds_cost){
        .rounds = ds__ceil_lg(p),
        .volume = ds__bytes((double)(p - 1) * (double)len),
    };
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    size_t p = ds_comm_size(c);
    size_t len = mine->len;

    if (p == 1)
        return ds_vec_ref(mine);
    if (!ds__comm_check_total(c, len, ds__comm_function(c)))
        return NULL;
    ds_vec **vecs = calloc(p, sizeof(*vecs));
    if (vecs == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    ds_vec *all = ds__bruck_allgather(c, 0, mine);
    for (size_t i = 0; i < p; i++) {
        size_t at = (i + p - c->rank) % p * len;
        vecs[i] = ds__step_slice(c, all, at, at + len);
    }
    ds_vec *sum = ds__step_reduce(c, op, vecs, p);
    for (size_t i = 0; i < p; i++)
        ds_vec_unref(vecs[i]);
    free(vecs);
    ds_vec_unref(all);
    return sum;
}

static ds_cost cost(const void *self, size_t p, size_t len)
{
    ds_cost sum = ds__bruck_cost(p, len);

    if (p > 1)
        sum.reduced = (double)p * (double)len;
    return sum;
}

const ds_allreduce ds_allreduce_allgather_reduce = {
    .name = "allgather-reduce",
    .idea = "gather all vectors everywhere and reduce them there",
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
