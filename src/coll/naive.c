/* Everyone sends to everyone, in one batch, and reduces what it got. */

#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/step.h"

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    size_t size = ds_comm_size(c);
    ds_vec **vecs = calloc(size, sizeof(*vecs));

    (void)self;
    if (vecs == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    ds__step_send_others(c, 0, mine);
    for (size_t i = 0; i < size; i++)
        vecs[i] = i == c->rank ? ds_vec_ref(mine) : ds__step_recv(c, i, 0);

    ds_vec *result = ds__step_reduce(c, op, vecs, size);
    for (size_t i = 0; i < size; i++)
        ds_vec_unref(vecs[i]);
    free(vecs);
    return result;
}

const ds_allreduce ds_allreduce_naive = { .name = "naive", .run = run };
