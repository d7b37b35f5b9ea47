/* Everyone sends to rank 0, which reduces in rank order and sends the result
 * to everyone: the baseline of Open MPI's list. */

#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/cost.h"
#include "coll/step.h"

enum { GATHER, SPREAD };

static ds_vec *reduce_all(ds_comm *c, ds_vec *mine, const ds_op *op)
{
    size_t size = ds_comm_size(c);
    ds_vec **vecs = calloc(size, sizeof(*vecs));

    if (vecs == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    for (size_t i = 1; i < size; i++)
        ds__step_expect(c, i, GATHER);
    vecs[0] = ds_vec_ref(mine);
    for (size_t i = 1; i < size; i++)
        vecs[i] = ds__step_take(c, i, GATHER);

    ds_vec *sum = ds__step_reduce(c, op, vecs, size);
    for (size_t i = 0; i < size; i++)
        ds_vec_unref(vecs[i]);
    free(vecs);
    return sum;
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    if (ds_comm_size(c) == 1)
        return ds_vec_ref(mine);
    if (c->rank != 0) {
        ds__step_send(c, 0, GATHER, mine);
        return ds__step_recv(c, 0, SPREAD);
    }
    ds_vec *sum = reduce_all(c, mine, op);
    ds__step_post_others(c, SPREAD, sum);
    ds__step_flush(c);
    return sum;
}

/* Two rounds; the port of rank 0 carries p-1 vectors in each. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    if (p == 1)
        return (ds_cost){ 0 };
    return (ds_cost){
        .rounds = 2,
        .volume = 2 * ds__bytes((double)(p - 1) * (double)len),
        .reduced = (double)p * (double)len,
    };
}

const ds_allreduce ds_allreduce_linear = {
    .name = "linear",
    .idea = "everyone to rank 0, and back",
    .run = run,
    .cost = cost,
};
