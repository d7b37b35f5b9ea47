/* Scans by recursive doubling. */

#include <assert.h>

#include <distsys/collective.h>

#include "coll/cost.h"
#include "coll/step.h"

/* sum is that of the 2^k ranks that differ in their last k bits, below that of
 * those of them that are not after the caller; or before, if exclusive. */
static ds_vec *scan(ds_comm *c, ds_vec *mine, const ds_op *op, bool exclusive)
{
    ds_vec *sum = ds_vec_ref(mine);
    ds_vec *below = exclusive ? NULL : ds_vec_ref(mine);
    unsigned step = 0;

    for (size_t m = 1; m < ds_comm_size(c); m *= 2, step++) {
        size_t other = c->rank ^ m;
        if (other >= ds_comm_size(c))
            continue;
        assert(other != c->rank);
        ds_vec *theirs = ds__step_exchange(c, other, sum, other, step);
        if (other > c->rank) {
            sum = ds__step_combine(c, op, sum, theirs);
            continue;
        }
        below = below == NULL
                    ? ds_vec_ref(theirs)
                    : ds__step_combine(c, op, ds_vec_ref(theirs), below);
        sum = ds__step_combine(c, op, theirs, sum);
    }
    ds_vec_unref(sum);
    return below;
}

static ds_vec *run_scan(const ds_collective *self, ds_comm *c, ds_vec *mine,
                        const ds_op *op, size_t root)
{
    return scan(c, mine, op, false);
}

static ds_vec *run_exscan(const ds_collective *self, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root)
{
    ds_vec *below = scan(c, mine, op, true);
    return c->rank == 0 ? ds_vec_ref(mine) : below;
}

/* c rounds of n, at most 2 c n reduced.  In each round a rank reduces the sum,
 * and if its partner is below, what is below as well: as often as its rank has
 * bits that are 1.  The last round is for the first d = p - 2^(c-1) ranks and
 * their partners, 2^(c-1) above them.  None of the d has more such bits
 * than floor(lg d), and one has as many.  So it reduces c-1 + floor(lg d)
 * times, and then its partner twice: 2 c reductions for powers of two.
 *
 * For others, rank 2^(c-1) - 1 reduces 2 (c-1) times in a round less.  Where
 * c - 3 - floor(lg d) reductions take longer than a message, it is the last. */
static ds_cost cost_scan(const void *self, size_t p, size_t len)
{
    unsigned c = ds__ceil_lg(p);
    unsigned reductions = 0;

    if (p > 1)
        reductions = c + ds__floor_lg(p - ((size_t)1 << (c - 1))) + 1;
    return (ds_cost){
        .rounds = c,
        .volume = c * ds__bytes((double)len),
        .reduced = 2.0 * reductions * (double)len,
    };
}

/* The first that comes from below need not be reduced. */
static ds_cost cost_exscan(const void *self, size_t p, size_t len)
{
    ds_cost sum = cost_scan(self, p, len);

    if (p > 1)
        sum.reduced -= 2 * (double)len;
    return sum;
}

const ds_collective ds_scan_recursive_doubling = {
    .name = "scan-recursive-doubling",
    .idea = "from the rank 1, 2, 4, ... below all that it has",
    .kind = DS_SCAN,
    .run = run_scan,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_scan,
};

const ds_collective ds_exscan_recursive_doubling = {
    .name = "exscan-recursive-doubling",
    .idea = "the same, leaving out one's own",
    .kind = DS_EXSCAN,
    .run = run_exscan,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_exscan,
};
