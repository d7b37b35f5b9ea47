/* Swing: around a ring, partners that are 1, 1, 3, 5, 11, ... places away, now
 * in one direction and now in the other, where recursive halving has 1, 2, 4,
 * 8, ...: fewer links for the same number of rounds.
 *
 * De Sensi, Bonato, Saam, Hoefler, "Swing: Short-cutting Rings for Higher
 * Bandwidth Allreduce", NSDI 2024, arXiv:2401.09356.  On a torus the rounds
 * take the sides in turn; there are two lanes for each side, which begin with
 * that side, and the second goes round it the other way.
 *
 * In the reduce-scatter, a place gives away in step s the blocks of all those
 * that it reaches with s as its first step and not with a later one.  So a
 * block is given once by each place, always to one that gives it later.  With
 * sides that are powers of two these are halves of what is left, as in
 * rabenseifner.c, if blocks are numbered so (upper()); other even sides are
 * tried out (fill_first()).  An odd side is folded to the even one below.
 *
 * The butterflies of Bine trees are Swing's on a ring, whatever the shape: De
 * Sensi et al., "Bine Trees: Enhancing Collective Operations by Optimizing
 * Communication Locality", SC '25, arXiv:2508.17311. */

#include "coll/swing.h"

#include <stdint.h>
#include <stdlib.h>

/* ---- Partners -------------------------------------------------------------*/

/* rho(s), modulo the ring. */
static size_t distance(size_t ring, unsigned s)
{
    size_t sum = 0;
    size_t term = 1 % ring;

    /* The sum of (-2)^i for i <= s. */
    for (unsigned i = 0; i <= s; i++) {
        sum = (sum + term) % ring;
        term = (ring - 2 * term % ring) % ring;
    }
    return sum;
}

size_t ds__swing_partner(size_t ring, size_t at, unsigned s)
{
    size_t away = distance(ring, s);

    assert(ring % 2 == 0 && at < ring);
    return (at % 2 == 0 ? at + away : at + ring - away) % ring;
}

/* ---- Rounds ---------------------------------------------------------------*/

/* One step along one side. */
typedef struct turn {
    unsigned char side;
    unsigned char step;
} turn;

/* Invariant: n <= 2 lg p, since a side of d places, an even number, has at most
 * 2 lg d steps. */
typedef struct turns {
    turn list[128];
    size_t n;
} turns;

/* Step 0 of all sides, then step 1, and so on, as far as a side has it. */
static turns turns_of(const ds__grid *grid, size_t lane)
{
    turns t = { .n = 0 };
    size_t n = grid->num_sides;

    for (unsigned step = 0; step < 64; step++)
        for (size_t i = 0; i < n; i++) {
            size_t d = (lane / 2 + i) % n;
            if (step >= ds__ceil_lg(grid->used[d]))
                continue;
            assert(t.n < sizeof(t.list) / sizeof(*t.list));
            t.list[t.n++] =
                (turn){ .side = (unsigned char)d, .step = (unsigned char)step };
        }
    return t;
}

/* Whether a lane goes round the other way: then coordinates are taken from the
 * other end, which leaves even ones even. */
static size_t seen(const ds__grid *grid, size_t lane, size_t d, size_t at)
{
    return lane % 2 == 0 ? at : (grid->used[d] - at) % grid->used[d];
}

static ds__coords partner(const ds__grid *grid, size_t lane, turn t,
                          const ds__coords *place)
{
    ds__coords other = *place;
    size_t at = seen(grid, lane, t.side, place->at[t.side]);
    size_t there = ds__swing_partner(grid->used[t.side], at, t.step);

    other.at[t.side] = seen(grid, lane, t.side, there);
    return other;
}

/* ---- Whose blocks are given when ------------------------------------------*/

typedef struct schedule {
    ds__schedule base;
    turns turns;
    bool is_power; /* all sides are powers of two */

    /* If not: for each side the round in which an even place, seen from 0,
     * gives away the blocks of those so far ahead; one side after the other. */
    size_t first[];
} schedule;

static const schedule *of(const ds__schedule *base)
{
    return (const schedule *)base;
}

/* Whether, of the two that meet in a step, this is the one that keeps the upper
 * half.  Those that are still to meet one another after step s have even
 * coordinates that are equal modulo 2^(s+2), and odd ones that are as far from
 * those as partners in step s + 1 are; partners in step s differ in bit s + 1
 * of that.  In the last step one of the two is odd. */
static bool upper(size_t ring, size_t at, unsigned s)
{
    if (s + 1 == ds__ceil_lg(ring))
        return at % 2 == 1;
    assert(s + 1 < ds__ceil_lg(ring) && at < ring);
    size_t even = at % 2 == 0 ? at : ds__swing_partner(ring, at, s + 1);
    return (even >> (s + 1) & 1) != 0;
}

/* Blocks are numbered by who keeps the upper half in each round.  Returns the
 * halves of the round: the elements that the place keeps and those that it
 * gives. */
static void halve(const schedule *s, const ds__coords *place, size_t round,
                  ds__part *kept, ds__part *given)
{
    const ds__grid *grid = s->base.grid;
    size_t width = grid->size;
    size_t lo = 0;

    assert(s->is_power && round < s->turns.n);

    for (size_t k = 0;; k++) {
        turn t = s->turns.list[k];
        size_t at = seen(grid, s->base.lane, t.side, place->at[t.side]);
        bool is_upper = upper(grid->used[t.side], at, t.step);
        width /= 2;
        size_t mine = is_upper ? lo + width : lo;
        size_t other = is_upper ? lo : lo + width;
        if (k == round) {
            *kept = (ds__part){
                .from = ds__block(s->base.len, grid->size, mine),
                .to = ds__block(s->base.len, grid->size, mine + width),
            };
            *given = (ds__part){
                .from = ds__block(s->base.len, grid->size, other),
                .to = ds__block(s->base.len, grid->size, other + width),
            };
            return;
        }
        lo = mine;
    }
}

/* The round in which a place gives block b away; SIZE_MAX: it is its own. */
static size_t round_of(const schedule *s, const ds__coords *place, size_t b)
{
    const ds__grid *grid = s->base.grid;
    const size_t *first = s->first;
    size_t round = SIZE_MAX;

    for (size_t d = 0; d < grid->num_sides; d++) {
        size_t ring = grid->used[d];
        size_t at = seen(grid, s->base.lane, d, place->at[d]);
        size_t there = seen(grid, s->base.lane, d, b % ring);
        size_t ahead =
            (at % 2 == 0 ? there + ring - at : at + ring - there) % ring;
        if (first[ahead] < round)
            round = first[ahead];
        first += ring;
        b /= ring;
    }
    return round;
}

/* Collects the blocks that a place gives in a round, those beside each other as
 * one part. */
static size_t collect(const schedule *s, const ds__coords *place, size_t round,
                      ds__part *parts)
{
    size_t size = s->base.grid->size;
    size_t n = 0;

    assert(!s->is_power && round < s->turns.n);
    for (size_t b = 0; b < size; b++) {
        if (round_of(s, place, b) != round)
            continue;
        size_t from = ds__block(s->base.len, size, b);
        if (n == 0 || parts[n - 1].to != from)
            parts[n++] = (ds__part){ .from = from };
        parts[n - 1].to = ds__block(s->base.len, size, b + 1);
    }
    return n;
}

static void scatter(const ds__schedule *base, const ds__coords *place,
                    size_t round, ds__move *move)
{
    const schedule *s = of(base);

    move->to = move->from =
        partner(base->grid, base->lane, s->turns.list[round], place);
    if (s->is_power) {
        move->num_given = move->num_taken = 1;
        halve(s, place, round, &move->taken[0], &move->given[0]);
    } else {
        move->num_given = collect(s, place, round, move->given);
        move->num_taken = collect(s, &move->to, round, move->taken);
    }
}

/* The same backwards. */
static void gather(const ds__schedule *base, const ds__coords *place,
                   size_t round, ds__move *move)
{
    ds__move back = *move;

    back.given = move->taken;
    back.taken = move->given;
    scatter(base, place, base->rounds - 1 - round, &back);
    move->to = back.to;
    move->from = back.from;
    move->num_given = back.num_taken;
    move->num_taken = back.num_given;
}

/* Of so many blocks as many as there are may be larger ones. */
static double largest(const ds__schedule *base, size_t round)
{
    const schedule *s = of(base);
    const ds__coords origin = { { 0 } };
    size_t size = base->grid->size;
    size_t blocks = 0;

    if (s->is_power)
        return ds__blocks_max(base->len, size, size >> (round + 1));
    for (size_t b = 0; b < size; b++)
        blocks += round_of(s, &origin, b) == round;
    size_t larger = base->len % size;
    return (double)(base->len / size * blocks +
                    (larger < blocks ? larger : blocks));
}

/* ---- Making one -----------------------------------------------------------*/

static size_t round_at(const turns *t, size_t side, unsigned step)
{
    size_t k = 0;

    while (t->list[k].side != side || t->list[k].step != step)
        k++;
    assert(k < t->n);
    return k;
}

/* From 0, those that are reached with the steps from s on are those that are
 * with the steps after it, and, by way of the partner, which is odd, as many
 * backwards from there.  first holds SIZE_MAX where nobody has been yet. */
static void fill_first(const turns *t, size_t side, size_t ring, size_t *first)
{
    for (size_t at = 0; at < ring; at++)
        first[at] = SIZE_MAX;
    for (unsigned s = ds__ceil_lg(ring); s-- > 0;) {
        size_t away = distance(ring, s);
        size_t now = round_at(t, side, s);
        for (size_t at = 0; at < ring; at++) {
            bool was = at == 0 || (first[at] != SIZE_MAX && first[at] > now);
            size_t there = (away + ring - at) % ring;
            if (was && there != 0 && first[there] == SIZE_MAX)
                first[there] = now;
        }
    }
    for (size_t at = 1; at < ring; at++)
        assert(first[at] < t->n);
}

ds__schedule *ds__swing_schedule(const ds__grid *grid, size_t lane, size_t len)
{
    size_t places = 0;
    bool is_power = true;

    for (size_t d = 0; d < grid->num_sides; d++) {
        places += grid->used[d];
        is_power &= (grid->used[d] & (grid->used[d] - 1)) == 0;
    }
    schedule *s = malloc(sizeof(*s) + (is_power ? 0 : places) * sizeof(size_t));
    if (s == NULL)
        return NULL;
    *s = (schedule){
        .base = {
            .grid = grid,
            .lane = lane,
            .len = len,
            .most = is_power ? 1 : grid->size,
            .scatter = scatter,
            .gather = gather,
            .largest = largest,
        },
        .turns = turns_of(grid, lane),
        .is_power = is_power,
    };
    s->base.rounds = s->turns.n;
    size_t *first = s->first;
    for (size_t d = 0; d < grid->num_sides && !is_power; d++) {
        fill_first(&s->turns, d, grid->used[d], first);
        first += grid->used[d];
    }
    return &s->base;
}

/* ---- The allreduces that move blocks --------------------------------------*/

static ds_vec *run_blocks(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                          const ds_op *op)
{
    ds__grid grid;

    if (!ds__grid_of(c, &grid, self->shape, DS__SIDES_EVEN, self->name))
        return NULL;
    return ds__lanes_allreduce(c, &grid, ds__swing_schedule, mine, op);
}

/* 2 ceil(lg d) rounds for each side d, 2 (p-1)/p n bytes, (p-1)/p n reduced;
 * for an odd side two rounds and 2 n more, and n more reduced. */
static ds_cost cost_blocks(const void *self, size_t p, size_t len)
{
    const ds_allreduce *how = self;
    char why[DS__WHY];
    ds__grid grid;

    if (!ds__grid_make(&grid, how->shape, p, DS__SIDES_EVEN, why, sizeof(why)))
        return ds__no_cost();
    return ds__lanes_cost(&grid, ds__swing_schedule, len);
}

const ds_allreduce ds_allreduce_swing = {
    .name = "swing",
    .idea = "halve and reduce with partners that are near on a torus",
    .run = run_blocks,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_SHAPE,
    .cost = cost_blocks,
};

/* As if of a ring of a power of two, which is what nearness in rank is. */
static ds_vec *run_bine(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                        const ds_op *op)
{
    ds__grid grid;

    if (!ds__grid_of(c, &grid, NULL, DS__SIDES_POWER, self->name))
        return NULL;
    return ds__lanes_allreduce(c, &grid, ds__swing_schedule, mine, op);
}

/* As rabenseifner's. */
static ds_cost cost_bine(const void *self, size_t p, size_t len)
{
    char why[DS__WHY];
    ds__grid grid;

    if (!ds__grid_make(&grid, NULL, p, DS__SIDES_POWER, why, sizeof(why)))
        return ds__no_cost();
    return ds__lanes_cost(&grid, ds__swing_schedule, len);
}

const ds_allreduce ds_allreduce_bine = {
    .name = "bine",
    .idea = "halve and reduce with partners that are near in rank",
    .run = run_bine,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost_bine,
};

/* ---- The one that moves whole vectors -------------------------------------*/

/* What a lane has, and whom it meets in a round. */
typedef struct whole {
    size_t other;
    ds_vec *sum;
    ds_vec *theirs;
} whole;

/* The lower rank's comes first, as it does for the other one. */
static void combine(ds_comm *c, whole *l, const ds_op *op)
{
    l->sum = c->rank < l->other ? ds__step_combine(c, op, l->sum, l->theirs)
                                : ds__step_combine(c, op, l->theirs, l->sum);
}

/* One round: all lanes exchange what they have. */
static void exchange(ds_comm *c, whole *lanes, size_t n, unsigned step,
                     const ds_op *op)
{
    for (size_t i = 0; i < n; i++)
        ds__step_expect(c, lanes[i].other, step + (unsigned)i);
    for (size_t i = 0; i < n; i++)
        ds__step_post(c, lanes[i].other, step + (unsigned)i, lanes[i].sum);
    for (size_t i = 0; i < n; i++)
        lanes[i].theirs = ds__step_take(c, lanes[i].other, step + (unsigned)i);
    ds__step_flush(c);
    for (size_t i = 0; i < n; i++)
        combine(c, &lanes[i], op);
}

/* The far partners first: then those who meet have the same sums, and all end
 * with the same bits. */
static ds_vec *exchange_all(ds_comm *c, const ds__grid *grid,
                            const ds__coords *place, ds_vec *vec,
                            const ds_op *op)
{
    whole lanes[2 * DS__MAX_SIDES];
    ds__whole all = { .len = vec->len };
    size_t n = grid->lanes;
    unsigned step = DS__GRID_STEPS;

    assert(n <= sizeof(lanes) / sizeof(*lanes));

    for (size_t i = 0; i < n; i++) {
        ds__part slice = ds__lane_slice(grid, i, vec->len);
        lanes[i].sum = ds__step_slice(c, vec, slice.from, slice.to);
    }
    for (size_t k = turns_of(grid, 0).n; k-- > 0; step += (unsigned)n) {
        for (size_t i = 0; i < n; i++) {
            ds__coords other =
                partner(grid, i, turns_of(grid, i).list[k], place);
            lanes[i].other = ds__grid_rank(grid, &other);
        }
        exchange(c, lanes, n, step, op);
    }
    for (size_t i = 0; i < n; i++)
        ds__whole_take(c, &all, ds__lane_slice(grid, i, vec->len).from,
                       lanes[i].sum);
    return all.vec;
}

static ds_vec *run_whole(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op)
{
    ds__grid grid;
    ds__coords place;

    if (!ds__grid_of(c, &grid, self->shape, DS__SIDES_POWER, self->name))
        return NULL;
    ds_vec *sum = ds__grid_down(c, &grid, mine, op, &place);
    if (sum != NULL && grid.num_sides > 0) {
        ds_vec *all = exchange_all(c, &grid, &place, sum, op);
        ds_vec_unref(sum);
        sum = all;
    }
    return ds__grid_up(c, &grid, sum);
}

/* A round of n, all reduced, for each power of two in a side, and two for a
 * side that is none. */
static ds_cost cost_whole(const void *self, size_t p, size_t len)
{
    const ds_allreduce *how = self;
    char why[DS__WHY];
    ds__grid grid;
    size_t rounds = 0;

    if (!ds__grid_make(&grid, how->shape, p, DS__SIDES_POWER, why, sizeof(why)))
        return ds__no_cost();
    for (size_t d = 0; d < grid.num_sides; d++)
        rounds += ds__floor_lg(grid.used[d]);
    return ds__cost_add(
        ds__grid_cost(&grid, len),
        ds__cost_times((double)rounds, ds__cost_step((double)len, true)));
}

const ds_allreduce ds_allreduce_swing_latency = {
    .name = "swing-latency",
    .idea = "exchange all with partners that are near on a torus",
    .run = run_whole,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT | DS_TRAIT_SHAPE,
    .cost = cost_whole,
};
