/* Everyone sends to everyone, in one batch, and reduces what it got. */

#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/cost.h"
#include "coll/step.h"

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    size_t size = ds_comm_size(c);
    ds_vec **vecs = calloc(size, sizeof(*vecs));

    if (vecs == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    for (size_t i = 0; i < size; i++)
        if (i != c->rank)
            ds__step_expect(c, i, 0);
    ds__step_post_others(c, 0, mine);
    for (size_t i = 0; i < size; i++)
        vecs[i] = i == c->rank ? ds_vec_ref(mine) : ds__step_take(c, i, 0);
    ds__step_flush(c);

    ds_vec *result = ds__step_reduce(c, op, vecs, size);
    for (size_t i = 0; i < size; i++)
        ds_vec_unref(vecs[i]);
    free(vecs);
    return result;
}

/* One round in which every port carries p-1 vectors; all p are reduced. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return (ds_cost){
        .rounds = p > 1,
        .volume = ds__bytes((double)(p - 1) * (double)len),
        .reduced = (double)p * (double)len,
    };
}

const ds_allreduce ds_allreduce_naive = {
    .name = "naive",
    .idea = "everyone sends its vector to everyone else",
    .run = run,
    .cost = cost,
};
