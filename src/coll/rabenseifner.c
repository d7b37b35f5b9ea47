/* Rabenseifner's algorithm: reduce-scatter by recursive halving, allgather by
 * recursive doubling, each at little more than half the volume.
 *
 * The vector is q blocks.  A rank begins with all of them; in each step it
 * gives one half of its range away and reduces the other half with what its
 * partner gives.  The allgather takes the same steps backwards.  Distances grow
 * from 1, so that every partial sum is one of consecutive ranks. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/fold.h"

/* Elements [from, to). */
typedef struct range {
    size_t from;
    size_t to;
} range;

/* The halves of a step: of blocks [lo, lo + width) one rank keeps the first
 * and the other the second. */
typedef struct halves {
    size_t other; /* rank */
    range kept;
    range given;
} halves;

static halves halve(const ds__fold *f, size_t len, size_t *lo, size_t m)
{
    size_t width = f->q / m / 2; /* of a half, in blocks */
    range low = { ds__block(len, f->q, *lo),
                  ds__block(len, f->q, *lo + width) };
    range high = { low.to, ds__block(len, f->q, *lo + 2 * width) };
    halves h = { .other = ds__fold_rank(f, f->rank ^ m) };
    bool upper = (f->rank & m) != 0;

    h.kept = upper ? high : low;
    h.given = upper ? low : high;
    if (upper)
        *lo += width;
    return h;
}

static ds_vec *reduce_half(ds_comm *c, const ds_op *op, ds_vec *sum, range all,
                           const halves *h, unsigned step)
{
    ds_vec *given = ds__step_slice(c, sum, h->given.from - all.from,
                                   h->given.to - all.from);
    ds_vec *kept =
        ds__step_slice(c, sum, h->kept.from - all.from, h->kept.to - all.from);
    ds_vec *theirs = ds__step_exchange(c, h->other, given, h->other, step);

    ds_vec_unref(given);
    ds_vec_unref(sum);
    return h->other < c->rank ? ds__step_combine(c, op, theirs, kept)
                              : ds__step_combine(c, op, kept, theirs);
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    ds__fold f = ds__fold_of(c);
    ds_vec *sum = ds__fold_down(c, &f, mine, op);
    ds__whole whole = { .len = mine->len };
    unsigned step = DS__FIRST_FREE_STEP;
    halves steps[64];
    size_t n = 0;
    size_t lo = 0;
    range mine_now = { 0, mine->len };

    if (f.out || f.q == 1)
        return ds__fold_up(c, &f, sum);
    for (size_t m = 1; m < f.q; m *= 2) {
        assert(n < sizeof(steps) / sizeof(*steps));
        steps[n] = halve(&f, mine->len, &lo, m);
        sum = reduce_half(c, op, sum, mine_now, &steps[n], step++);
        mine_now = steps[n++].kept;
    }
    ds__whole_take(c, &whole, mine_now.from, sum);
    while (n-- > 0) {
        const halves *h = &steps[n];
        ds_vec *known = ds__step_slice(c, whole.vec, h->kept.from, h->kept.to);
        ds__whole_take(c, &whole, h->given.from,
                       ds__step_exchange(c, h->other, known, h->other, step++));
        ds_vec_unref(known);
    }
    return ds__fold_up(c, &f, whole.vec);
}

/* 2L (+2) rounds, 2 (q-1)/q (+2) n bytes, (q-1)/q (+1) n reduced: Thakur et
 * al., 4.5.  The last rank keeps the larger half each time. */
static ds_cost cost(const void *self, size_t p, size_t len)
{
    size_t q = (size_t)1 << ds__floor_lg(p);
    ds_cost sum = ds__fold_cost(p, len);

    for (size_t m = 1; m < q; m *= 2) {
        sum = ds__cost_add(sum, ds__cost_step(ds__blocks_max(len, q, m), true));
        sum =
            ds__cost_add(sum, ds__cost_step(ds__blocks_max(len, q, m), false));
    }
    return sum;
}

const ds_allreduce ds_allreduce_rabenseifner = {
    .name = "rabenseifner",
    .idea = "halve and reduce, then double what is known",
    .run = run,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost,
};
