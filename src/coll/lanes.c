/* See lanes.h. */

#include "coll/lanes.h"

#include <stdlib.h>

/* A lane while it runs.  Invariant: sum is the slice, reduced as far as this
 * member has it; what has been given is not written again. */
typedef struct lane {
    ds__schedule *schedule;
    ds__part slice;
    ds__move move;
    ds__whole sum;
    ds_vec *theirs;
} lane;

typedef struct run {
    ds_comm *c;
    const ds_op *op;
    const ds__grid *grid;
    ds__coords place;
    unsigned step;
    ds__whole result;
    lane *lanes;
} run;

ds__part ds__lane_slice(const ds__grid *grid, size_t number, size_t len)
{
    return (ds__part){
        .from = ds__block(len, grid->lanes, number),
        .to = ds__block(len, grid->lanes, number + 1),
    };
}

size_t ds__parts_len(const ds__part *parts, size_t n)
{
    size_t len = 0;

    assert(n == 0 || parts != NULL);
    for (size_t i = 0; i < n; i++)
        len += parts[i].to - parts[i].from;
    return len;
}

/* ---- Lanes ----------------------------------------------------------------*/

static bool lane_init(lane *l, const run *r, ds__schedule_fn *make,
                      size_t number, ds_vec *vec)
{
    *l = (lane){ .slice = ds__lane_slice(r->grid, number, vec->len) };
    l->schedule = make(r->grid, number, l->slice.to - l->slice.from);
    if (l->schedule == NULL)
        return false;
    assert(l->schedule->most > 0);
    assert(l->schedule->len == l->slice.to - l->slice.from);
    l->move.given = calloc(2 * l->schedule->most, sizeof(ds__part));
    if (l->move.given == NULL)
        return false;
    l->move.taken = l->move.given + l->schedule->most;
    l->sum.len = l->schedule->len;
    ds__whole_take(r->c, &l->sum, 0,
                   ds__step_slice(r->c, vec, l->slice.from, l->slice.to));
    return true;
}

static void lanes_free(run *r)
{
    for (size_t i = 0; r->lanes != NULL && i < r->grid->lanes; i++) {
        free(r->lanes[i].schedule);
        free(r->lanes[i].move.given);
        ds_vec_unref(r->lanes[i].sum.vec);
        ds_vec_unref(r->lanes[i].theirs);
    }
    free(r->lanes);
}

static bool lanes_init(run *r, ds__schedule_fn *make, ds_vec *vec)
{
    size_t n = r->grid->lanes;
    bool made = true;

    r->lanes = calloc(n, sizeof(*r->lanes));
    if (r->lanes == NULL)
        made = false;
    for (size_t i = 0; made && i < n; i++)
        made = lane_init(&r->lanes[i], r, make, i, vec);
    for (size_t i = 0; made && i < n; i++)
        assert(r->lanes[i].schedule->rounds == r->lanes[0].schedule->rounds);
    if (!made)
        ds__comm_fail_memory(r->c);
    return made;
}

/* ---- Parts ----------------------------------------------------------------*/

/* Makes one vector of parts of vec, the first of which begins at `from`. */
static ds_vec *gathered(ds_comm *c, ds_vec *vec, size_t from,
                        const ds__part *parts, size_t n)
{
    size_t at = 0;

    if (n == 1)
        return ds__step_slice(c, vec, from + parts[0].from, from + parts[0].to);
    ds__whole whole = { .len = ds__parts_len(parts, n) };
    if (whole.len == 0)
        return ds__step_slice(c, vec, 0, 0);
    for (size_t i = 0; i < n; i++) {
        ds__whole_take(
            c, &whole, at,
            ds__step_slice(c, vec, from + parts[i].from, from + parts[i].to));
        at += parts[i].to - parts[i].from;
    }
    return whole.vec;
}

/* The reverse: puts what vec has, which is taken, into the parts. */
static void scattered(ds_comm *c, ds__whole *whole, size_t from,
                      const ds__part *parts, size_t n, ds_vec *vec)
{
    size_t at = 0;

    for (size_t i = 0; vec != NULL && i < n; i++) {
        size_t len = parts[i].to - parts[i].from;
        ds__whole_take(c, whole, from + parts[i].from,
                       ds__step_slice(c, vec, at, at + len));
        at += len;
    }
    assert(vec == NULL || at == vec->len);
    ds_vec_unref(vec);
}

/* ---- Rounds ---------------------------------------------------------------*/

static size_t rank_of(const run *r, const ds__coords *place)
{
    return ds__grid_rank(r->grid, place);
}

/* Sends and receives what all lanes move: begin tells what that is, and each is
 * left with theirs. */
static void exchange(run *r, size_t round,
                     ds_vec *(*begin)(run *, lane *, size_t round))
{
    size_t n = r->grid->lanes;

    for (size_t i = 0; i < n; i++) {
        lane *l = &r->lanes[i];
        l->theirs = begin(r, l, round);
        ds__step_expect(r->c, rank_of(r, &l->move.from), r->step + (unsigned)i);
    }
    for (size_t i = 0; i < n; i++) {
        lane *l = &r->lanes[i];
        ds__step_post(r->c, rank_of(r, &l->move.to), r->step + (unsigned)i,
                      l->theirs);
        ds_vec_unref(l->theirs);
    }
    for (size_t i = 0; i < n; i++) {
        lane *l = &r->lanes[i];
        l->theirs = ds__step_take(r->c, rank_of(r, &l->move.from),
                                  r->step + (unsigned)i);
    }
    ds__step_flush(r->c);
    r->step += (unsigned)n;
}

static ds_vec *begin_scatter(run *r, lane *l, size_t round)
{
    l->schedule->scatter(l->schedule, &r->place, round, &l->move);
    return gathered(r->c, l->sum.vec, 0, l->move.given, l->move.num_given);
}

static void end_scatter(run *r, lane *l)
{
    ds_vec *mine =
        gathered(r->c, l->sum.vec, 0, l->move.taken, l->move.num_taken);
    ds_vec *sum = ds__step_combine(r->c, r->op, l->theirs, mine);

    l->theirs = NULL;
    scattered(r->c, &l->sum, 0, l->move.taken, l->move.num_taken, sum);
}

static ds_vec *begin_gather(run *r, lane *l, size_t round)
{
    l->schedule->gather(l->schedule, &r->place, round, &l->move);
    return gathered(r->c, r->result.vec, l->slice.from, l->move.given,
                    l->move.num_given);
}

static void end_gather(run *r, lane *l)
{
    scattered(r->c, &r->result, l->slice.from, l->move.taken, l->move.num_taken,
              l->theirs);
    l->theirs = NULL;
}

/* What is whole after the reduce-scatter is what the first round of the
 * allgather gives. */
static void keep_own(run *r, lane *l)
{
    l->schedule->gather(l->schedule, &r->place, 0, &l->move);
    scattered(r->c, &r->result, l->slice.from, l->move.given, l->move.num_given,
              gathered(r->c, l->sum.vec, 0, l->move.given, l->move.num_given));
}

static void follow(run *r)
{
    size_t rounds = r->lanes[0].schedule->rounds;
    size_t n = r->grid->lanes;

    for (size_t k = 0; k < rounds; k++) {
        exchange(r, k, begin_scatter);
        for (size_t i = 0; i < n; i++)
            end_scatter(r, &r->lanes[i]);
    }
    for (size_t i = 0; i < n; i++)
        keep_own(r, &r->lanes[i]);
    for (size_t k = 0; k < rounds; k++) {
        exchange(r, k, begin_gather);
        for (size_t i = 0; i < n; i++)
            end_gather(r, &r->lanes[i]);
    }
}

ds_vec *ds__lanes_allreduce(ds_comm *c, const ds__grid *grid,
                            ds__schedule_fn *make, ds_vec *mine,
                            const ds_op *op)
{
    run r = {
        .c = c,
        .op = op,
        .grid = grid,
        .step = DS__GRID_STEPS,
        .result = { .len = mine->len },
    };

    if (grid->num_sides == 0)
        return ds_vec_ref(mine);
    ds_vec *sum = ds__grid_down(c, grid, mine, op, &r.place);
    if (sum != NULL && lanes_init(&r, make, sum))
        follow(&r);
    lanes_free(&r);
    ds_vec_unref(sum);
    assert(r.result.vec == NULL || r.result.vec->len == mine->len);
    return ds__grid_up(c, grid, r.result.vec);
}

/* ---- Costs ----------------------------------------------------------------*/

ds_cost ds__lanes_cost(const ds__grid *grid, ds__schedule_fn *make, size_t len)
{
    ds_cost sum = ds__grid_cost(grid, len);
    size_t rounds = 0;

    for (size_t i = 0; grid->num_sides > 0 && i < grid->lanes; i++) {
        ds__part slice = ds__lane_slice(grid, i, len);
        ds__schedule *s = make(grid, i, slice.to - slice.from);
        if (s == NULL)
            return ds__no_cost();
        rounds = s->rounds;
        for (size_t k = 0; k < rounds; k++) {
            double largest = s->largest(s, k);
            sum.volume += 2 * ds__bytes(largest);
            sum.reduced += 2 * largest;
        }
        free(s);
    }
    sum.rounds += 2 * (double)rounds;
    return sum;
}
