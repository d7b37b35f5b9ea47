/* New levels by a sweep: all pipes from the lowest that changes upwards, in the
 * order of the levels that they had.
 *
 * It is progressive filling with a good guess of what comes next.  When a
 * pipe's turn comes, what lower ones hold is known, and the rest is its own.
 * If its level is lower than that of one before it the guess was wrong: it goes
 * back to its place, takes what it shares with those that it has passed, and
 * they have their turn again if that was anything.
 *
 * Invariants: levels go up before place p, and from there on; those before p
 * are right, and none of them has a lane that is held behind it. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

/* How often all pipes may have their turn on average. */
#define MOST_TURNS 30

/* ---- The order ------------------------------------------------------------*/

static void move(ds__flows *self, size_t from, size_t to)
{
    const uint32_t l = self->order[from];

    for (; from > to; from--)
        ds__pipe_put(self, from, self->order[from - 1]);
    for (; from < to; from++)
        ds__pipe_put(self, from, self->order[from + 1]);
    ds__pipe_put(self, to, l);
}

static double level_at(const ds__flows *self, size_t place)
{
    return self->levels[self->order[place]];
}

/* Returns the first place from here on with at least this level. */
static size_t first_at(const ds__flows *self, size_t from, double level)
{
    size_t end = self->num_order;

    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (level_at(self, middle) < level)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

void ds__flows_sort(ds__flows *self)
{
    ds__heap *heap = &self->dirty;

    assert(heap->count == 0);
    for (uint32_t l = 0; l < self->num_pipes; l++) {
        self->places[l] = DS__NOWHERE;
        if (self->pipes[l].num_lanes > 0)
            ds__heap_push(heap, self->levels[l], &self->pipes[l].in_heap,
                          ds__pipe_before);
    }
    self->num_order = 0;
    while (heap->count > 0) {
        ds__heap_node *node = heap->entries[0].node;
        ds__pipe *pipe = ds__container(node, ds__pipe, in_heap);
        ds__heap_remove(heap, node, ds__pipe_before);
        ds__pipe_put(self, self->num_order++, (uint32_t)(pipe - self->pipes));
    }
    self->is_sorted = true;
}

/* ---- What has changed -----------------------------------------------------*/

/* Returns a level that is a good guess: what a pipe has if the others keep
 * theirs and it may take what is above it. */
static double guess(const ds__flows *self, uint32_t l)
{
    const ds__pipe *pipe = &self->pipes[l];
    double level = 0;

    if (pipe->fat)
        return ds__pipe_share(self, l, (ds__pull){ 0 });
    for (int round = 0; round < 3; round++) {
        double left = pipe->capacity;
        double coefs = pipe->held;
        for (size_t i = pipe->num_held; i < pipe->num_lanes; i++) {
            double other = self->levels[pipe->holders[i]];
            if (other < level)
                left -= pipe->coefs[i] * other;
            else
                coefs += pipe->coefs[i];
        }
        if (coefs <= 0)
            return INFINITY;
        level = fmax(level, left / coefs);
    }
    return level;
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void take_out(ds__flows *self, uint32_t l)
{
    if (self->places[l] == DS__NOWHERE)
        return;
    move(self, self->places[l], --self->num_order);
    self->places[l] = DS__NOWHERE;
}

/* Puts a pipe where it belongs by its guess, among others that are in order. */
static void put_in(ds__flows *self, uint32_t l)
{
    const double level = guess(self, l);
    size_t place = first_at(self, 0, level);

    if (!self->pipes[l].is_full)
        self->granted[l] = INFINITY;
    if (self->places[l] == DS__NOWHERE)
        ds__pipe_put(self, self->num_order++, l);
    else if (place > self->places[l])
        place--;
    move(self, self->places[l], place);
    self->levels[l] = level;
}

/* Returns the first place that a change at this level concerns.  One that is
 * lower by no more than a tie may have a lane that is held behind it. */
static size_t start_at(const ds__flows *self, double level)
{
    const double tie = 1 - 4 * DS__LEVEL_TIE;
    size_t start = first_at(self, 0, level * tie);

    while (start > 0 && start < self->num_order &&
           level_at(self, start - 1) >= level_at(self, start) * tie)
        start--;
    return start;
}

/* A grant is what its pipe has, from now on. */
static void forget_grants(ds__flows *self)
{
    for (size_t i = 0; i < self->num_order; i++) {
        const uint32_t l = self->order[i];
        self->granted[l] = self->levels[l];
        self->pipes[l].quiet = false;
    }
}

/* Returns whether a pipe may have a level that is not that of its place: one
 * that was not full may have been given one by its first flow. */
static bool is_misplaced(const ds__flows *self, uint32_t l)
{
    return !self->pipes[l].is_full && !ds__pipe_rests(self, l);
}

/* Finds the place of one that has changed. */
static void find_place(ds__flows *self, uint32_t l)
{
    ds__pipe_wind(self, l);
    ds__pipe_note(self, l);
    if (self->pipes[l].num_lanes > 0) {
        put_in(self, l);
        return;
    }
    take_out(self, l);
    ds__pipe_idle(self, l);
}

/* Finds the places of those that have changed, and returns the first one that
 * this concerns. */
static size_t place_changed(ds__flows *self)
{
    const bool was_sorted = self->is_sorted;
    double least = INFINITY;

    if (!was_sorted) {
        ds__flows_sort(self);
        forget_grants(self);
    }
    for (size_t i = 0; i < self->num_changed; i++) {
        const uint32_t l = self->changed[i];
        least = fmin(least, self->levels[l]);
        if (is_misplaced(self, l))
            take_out(self, l);
    }
    for (size_t i = 0; i < self->num_changed; i++) {
        const uint32_t l = self->changed[i];
        if (!ds__pipe_rests(self, l))
            find_place(self, l);
        least = fmin(least, self->levels[l]);
    }
    return was_sorted ? start_at(self, least) : 0;
}

/* ---- Turns ----------------------------------------------------------------*/

static void take(ds__flows *self, uint32_t l, uint32_t at, ds__pull *pull)
{
    ds__rises_take(self, self->pipes[l].lanes[at].path);
    ds__pipe_take(self, l, at, pull);
}

/* Takes all that is held behind a pipe's place.  What is left then is added up
 * again, as in ds__pipe_fit(). */
static void take_behind(ds__flows *self, uint32_t l, ds__pull *pull)
{
    const ds__pipe *pipe = &self->pipes[l];
    const uint32_t held = pipe->num_held;

    for (uint32_t i = held; i < pipe->num_lanes; i++)
        if (self->places[pipe->holders[i]] > self->places[l])
            take(self, l, i, pull);
    if (pipe->num_held > held)
        *pull = ds__pipe_pull(self, l);
}

/* The lane that is held last, and whether there is another one. */
typedef struct last {
    uint32_t at; /* DS__NOWHERE: there is none */
    bool more;
} last;

/* Returns that of those held from this place up to the pipe's own. */
static last last_held(const ds__flows *self, const ds__pipe *pipe, size_t from)
{
    last found = { .at = DS__NOWHERE };
    size_t most = 0;

    for (uint32_t i = pipe->num_held; i < pipe->num_lanes; i++) {
        const size_t place = self->places[pipe->holders[i]];
        if (place < from)
            continue;
        found.more = found.at != DS__NOWHERE;
        if (found.more && place <= most)
            continue;
        found.at = i;
        most = place;
    }
    return found;
}

/* Returns the first place from which all up to the pipe's own are above. */
static size_t place_below(const ds__flows *self, size_t place, double level)
{
    while (place > 0 && level_at(self, place - 1) > level)
        place--;
    return place;
}

/* Where a pipe goes back to.  Roundings must not keep it behind one that it has
 * taken something from. */
typedef struct way_back {
    double level;
    size_t most;  /* place */
    size_t place; /* it holds all from here on that others before it held */
    bool took;
} way_back;

static size_t place_of(const ds__flows *self, uint32_t l, const way_back *way)
{
    return lesser(way->most, place_below(self, self->places[l], way->level));
}

/* Takes the last that is held from the place on where the level belongs.  That
 * only goes up by this, so what is found now is all there can be.  false: there
 * is no other. */
static bool take_last(ds__flows *self, uint32_t l, ds__pull *pull,
                      way_back *way)
{
    const ds__pipe *pipe = &self->pipes[l];

    way->place = place_of(self, l, way);
    const last found = last_held(self, pipe, way->place);
    if (found.at == DS__NOWHERE)
        return false;
    way->most = lesser(way->most, self->places[pipe->holders[found.at]]);
    way->took = true;
    take(self, l, found.at, pull);
    way->level = ds__pipe_share(self, l, *pull);
    return found.more;
}

/* Takes all of those; and again, should the digits of a fresh sum say so. */
static void take_from_passed(ds__flows *self, uint32_t l, way_back *way,
                             ds__pull pull)
{
    do {
        while (take_last(self, l, &pull, way))
            continue;
        if (!way->took)
            return;
        pull = ds__pipe_pull(self, l);
        way->level = ds__pipe_share(self, l, pull);
    } while (place_of(self, l, way) < way->place);
}

/* Puts a pipe back that is lower than those before it.  Returns the next place
 * to have its turn. */
static size_t go_back(ds__flows *self, uint32_t l, double level, ds__pull pull)
{
    const size_t p = self->places[l];
    way_back way = { .level = level, .most = p };

    if (pull.most > level)
        take_from_passed(self, l, &way, pull);
    const size_t place = place_of(self, l, &way);
    self->levels[l] = way.level;
    move(self, p, place);
    return way.took ? place + 1 : p + 1;
}

/* Puts one that is not full behind all that are. */
static void go_behind(ds__flows *self, size_t p)
{
    size_t end = first_at(self, p + 1, INFINITY);

    self->levels[self->order[p]] = INFINITY;
    move(self, p, end - 1);
}

/* Returns whether a level is lower than the one before it.  One that is so by
 * no more than a tie is made the same, so that the order is one. */
static bool is_below(double *level, double before)
{
    if (*level < before * (1 - DS__LEVEL_TIE))
        return true;
    if (*level < before)
        *level = before;
    return false;
}

/* Makes a pipe full that stands at this place, or goes back from there.
 * Returns the next place to have its turn. */
static size_t be_full(ds__flows *self, size_t p, double level, ds__pull pull)
{
    const uint32_t l = self->order[p];

    if (!self->pipes[l].is_full)
        ds__pipe_fill(self, l);
    if (p > 0 && is_below(&level, level_at(self, p - 1)))
        return go_back(self, l, level, pull);
    self->levels[l] = level;
    return p + 1;
}

/* Returns the place whose turn is next. */
static size_t turn(ds__flows *self, size_t p)
{
    const uint32_t l = self->order[p];

    ds__pipe_wind(self, l);
    ds__pull pull = ds__pipe_pull(self, l);

    /* What is held behind it is not held at a lower level than the next has. */
    if (p + 1 < self->num_order && pull.most >= level_at(self, p + 1))
        take_behind(self, l, &pull);
    double level = ds__pipe_share(self, l, pull);
    if (level < INFINITY)
        return be_full(self, p, level, pull);
    go_behind(self, p);
    return p;
}

/* The same for one behind all that are full.  Those that were not full before
 * and are not now are passed; one that was not full and is has others before it
 * have their turn again. */
static size_t turn_behind(ds__flows *self, size_t p, size_t start, ds__rises *r)
{
    if (!r->known)
        ds__rises_count(self, start, p, r);
    p = ds__rises_pass(self, p, r);
    if (p == self->num_order)
        return p;

    const uint32_t l = self->order[p];
    ds__pipe_wind(self, l);
    ds__pull pull = ds__pipe_pull(self, l);
    double level = ds__pipe_share(self, l, pull);
    if (level < INFINITY) {
        ds__rises_go_on(self, start, p, r);
        return be_full(self, p, level, pull);
    }
    if (self->pipes[l].is_full)
        ds__pipe_note(self, l);
    ds__pipe_rest_plain(self, l, pull.others);
    return p + 1;
}

/* ---- All ------------------------------------------------------------------*/

void ds__flows_find_arrivals(ds__flows *self, size_t from, size_t end)
{
    ds__mintree *tree = &self->arrivals;
    const bool many = ds__mintree_many(tree, end - from);

    for (size_t i = from; i < end; i++) {
        uint32_t l = self->order[i];
        double next = ds__pipe_next(&self->pipes[l], self->levels[l]);
        if (many)
            ds__mintree_put(tree, l, next);
        else
            ds__mintree_set(tree, l, next);
    }
    if (many)
        ds__mintree_rebuild(tree);
}

bool ds__flows_sweep(ds__flows *self)
{
    size_t start = place_changed(self);
    size_t turns = MOST_TURNS * self->num_order;
    ds__rises r;

    ds__rises_begin(self, start, start, &r);
    for (size_t p = start; p < self->num_order;) {
        const uint32_t l = self->order[p];
        if (turns-- == 0)
            return false;
        if (self->levels[l] < INFINITY)
            p = turn(self, p);
        else
            p = turn_behind(self, p, start, &r);
        start = lesser(start, self->places[l]);
    }
    const size_t end = first_at(self, start, INFINITY);
    ds__rises_begin(self, start, end, &r);
    ds__flows_find_arrivals(self, start, end);
    return true;
}
