/* The barrier by dissemination: word goes round in steps that double. */

#include <distsys/collective.h>

#include "coll/cost.h"
#include "coll/step.h"

/* In step k everyone tells the rank 2^k ahead that it and the 2^k - 1 before it
 * have come. */
static ds_vec *run_barrier(const ds_collective *self, ds_comm *c, ds_vec *mine,
                           const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    unsigned step = 0;

    for (size_t m = 1; m < p; m *= 2)
        ds_vec_unref(ds__step_exchange(c, (c->rank + m) % p, mine,
                                       (c->rank + p - m) % p, step++));
    return ds_vec_ref(mine);
}

/* c rounds of nothing. */
static ds_cost cost_barrier(const void *self, size_t p, size_t len)
{
    return (ds_cost){ .rounds = ds__ceil_lg(p) };
}

const ds_collective ds_barrier_dissemination = {
    .name = "barrier-dissemination",
    .idea = "word to the rank 1, 2, 4, ... further on",
    .kind = DS_BARRIER,
    .run = run_barrier,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_barrier,
};
