/* Gather all vectors everywhere and reduce them locally, in rank order: for
 * tiny vectors. */

#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/bruck.h"
#include "coll/cost.h"

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

/* c rounds, p-1 vectors of len elements; all p are reduced. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return (ds_cost){
        .rounds = ds__ceil_lg(p),
        .volume = ds__bytes((double)(p - 1) * (double)len),
        .reduced = p > 1 ? (double)p * (double)len : 0,
    };
}

const ds_allreduce ds_allreduce_allgather_reduce = {
    .name = "allgather-reduce",
    .idea = "gather all vectors everywhere and reduce them there",
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
