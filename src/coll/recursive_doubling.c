/* Recursive doubling: pairs exchange all they have, at distances 1, 2, 4, ...
 *
 * After step k each rank has the sum of the 2^k ranks around it that differ in
 * the last k bits of their number.  The lower rank's data stands on the left,
 * so both of a pair get the same bits and the order of ranks is kept. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/fold.h"

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    ds__fold f = ds__fold_of(c);
    ds_vec *sum = ds__fold_down(c, &f, mine, op);
    unsigned step = DS__FIRST_FREE_STEP;

    for (size_t m = 1; !f.out && m < f.q; m *= 2) {
        size_t other = ds__fold_rank(&f, f.rank ^ m);
        assert(other != c->rank && other < ds_comm_size(c));
        ds_vec *theirs = ds__step_exchange(c, other, sum, other, step++);
        sum = other < c->rank ? ds__step_combine(c, op, theirs, sum)
                              : ds__step_combine(c, op, sum, theirs);
    }
    return ds__fold_up(c, &f, sum);
}

/* L (+2) rounds of n, L (+1) of which are reduced: Thakur et al., 4.5. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    return ds__cost_add(
        ds__fold_cost(p, len),
        ds__cost_times(ds__floor_lg(p), ds__cost_step((double)len, true)));
}

const ds_allreduce ds_allreduce_recursive_doubling = {
    .name = "recursive-doubling",
    .idea = "pairs exchange all they have, 1, 2, 4, ... ranks apart",
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
