/* Whether an engine is as it should be, and its levels those of the
 * definition. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

#define NEAR 1e-9

/* What has been added up over the lanes of a pipe. */
typedef struct sums {
    double held;
    double taken;  /* by all, at their levels */
    double grants; /* by all, at what is granted to their holders */
    double greed;  /* the greatest unit of those held */
    size_t scaled;
    size_t broken;
    bool is_quiet;
} sums;

/* Asserts that a lane lists the others of its path, of which a message takes
 * the same, if it lists any. */
static void check_others(const ds__lane *lane)
{
    const ds__path *path = lane->path;
    uint32_t n = 0;

    if (lane->num_others == DS__UNLISTED)
        return;
    for (uint32_t i = 0; i < path->num_hops; i++) {
        assert(path->hops[i].unit == path->hops[0].unit);
        if (i == lane->slot)
            continue;
        assert(n < lane->num_others);
        assert(lane->others[n] == path->hops[i].link);
        n++;
    }
    assert(n == lane->num_others);
}

static void check_path(const ds__flows *self, const ds__path *path)
{
    assert(path->hold < path->num_hops && path->num_route <= path->num_hops);
    assert(path->base.open > 0 && path->base.open <= path->users);
    assert(path->speed == path->weight * path->factor);
    assert(path->round <= self->round);
    assert(ds__heap_contains(&path->base.in_heap) ==
           (path->base.first != NULL));
    for (const ds__flow *f = path->base.first == NULL ? NULL
                                                      : path->base.first->child;
         f != NULL; f = f->next)
        assert(f->key >= path->base.first->key);
}

/* Returns whether all others of a path are not full. */
static bool is_apart(const ds__flows *self, const ds__path *path)
{
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (i != path->hold && self->levels[path->hops[i].link] < INFINITY)
            return false;
    return true;
}

static void check_lane(const ds__flows *self, uint32_t l, uint32_t i, sums *s)
{
    const ds__pipe *pipe = &self->pipes[l];
    const ds__lane lane = pipe->lanes[i];
    const ds__path *path = lane.path;
    const ds__hop *hop = &path->hops[lane.slot];
    const uint32_t holder = ds__path_holder(path);
    const double coef = hop->unit * (double)path->base.open;

    assert(lane.slot < path->num_hops && hop->link == l && hop->at == i);
    assert(pipe->coefs[i] == coef);
    check_others(&pipe->lanes[i]);
    assert(pipe->holders[i] == holder && (holder == l) == (i < pipe->num_held));
    assert(self->levels[holder] < INFINITY);
    assert(self->levels[holder] <= self->levels[l] * (1 + NEAR));
    if (holder == l) {
        check_path(self, path);
        assert(path->base.first == NULL ||
               pipe->heap.entries[path->base.in_heap.at - 1].node ==
                   &path->base.in_heap);
        s->held += coef;
        s->greed = fmax(s->greed, hop->unit);
        s->is_quiet = s->is_quiet && is_apart(self, path);
    }
    s->taken += coef * self->levels[holder];
    s->grants += coef * self->granted[holder];
    s->scaled += coef != 1;
    s->broken += ds__coef_is_broken(coef);
}

/* Asserts the definition: a pipe is full or holds nothing. */
static void check_level(const ds__flows *self, uint32_t l, const sums *s)
{
    const ds__pipe *pipe = &self->pipes[l];
    const double level = self->levels[l];

    assert(!isnan(level) && level >= 0);
    assert((level == INFINITY) == (pipe->num_held == 0));
    if (level == INFINITY)
        assert(pipe->fat || s->taken <= pipe->capacity * (1 + NEAR));
    else if (pipe->fat)
        assert(ds__is_near(level * s->greed, pipe->capacity));
    else
        assert(ds__is_near(s->taken, pipe->capacity));
    assert(pipe->is_full == (level < INFINITY));
    assert(pipe->num_held == 0 || ds__is_near(s->held, pipe->held));
    assert(level == INFINITY || !ds__pipe_rests(self, l));
    assert(pipe->num_lanes > 0 || !ds__pipe_rests(self, l));
    assert(!ds__pipe_rests(self, l) ||
           s->grants + self->slacks[l] <= pipe->capacity * (1 + NEAR));
    assert(!pipe->quiet ||
           (s->is_quiet && level <= self->granted[l] * (1 + NEAR)));
}

static void check_pipe(const ds__flows *self, uint32_t l)
{
    const ds__pipe *pipe = &self->pipes[l];
    sums s = { .is_quiet = true };

    for (uint32_t i = 0; i < pipe->num_lanes; i++)
        check_lane(self, l, i, &s);
    check_level(self, l, &s);
    assert(pipe->num_held <= pipe->num_lanes && pipe->num_lanes <= pipe->room);
    assert(s.scaled == pipe->num_scaled && s.broken == pipe->num_broken);
    assert(!pipe->changed && !pipe->noted);
    assert(!ds__heap_contains(&pipe->in_heap));
    assert(pipe->seen <= self->now);
    assert(pipe->heap.count <= pipe->num_held);
    assert(pipe->first ==
           (pipe->heap.count > 0 ? pipe->heap.entries[0].key : INFINITY));
    assert(self->floors[l] == 0);
    assert(ds__is_near(self->arrivals.keys[self->arrivals.inner + l],
                       ds__pipe_next(pipe, self->levels[l])));
    ds__heap_check(&pipe->heap);
}

/* Asserts that the order has each pipe with lanes once, and by level. */
static void check_order(const ds__flows *self)
{
    assert(self->num_order == self->num_active);
    for (size_t i = 0; i < self->num_order; i++) {
        const uint32_t l = self->order[i];
        assert(l < self->num_pipes && self->places[l] == i);
        assert(self->pipes[l].num_lanes > 0);
        assert(i == 0 || self->levels[self->order[i - 1]] <=
                             self->levels[l] * (1 + NEAR));
    }
}

static void check_use(const ds__flows *self, uint32_t l)
{
    const ds__use *use = &self->uses[l];
    const ds__pipe *pipe = &self->pipes[l];
    size_t open = 0;
    size_t held = 0;

    for (size_t i = 0; i < pipe->num_lanes; i++) {
        const ds__lane lane = pipe->lanes[i];
        if (lane.path->hops[lane.slot].times > 0)
            open += lane.path->base.open;
        if (i < pipe->num_held)
            held += lane.path->base.open;
    }
    assert(use->open == open && use->held_open == held);
    assert(use->most >= open && use->messages >= open);
    assert(self->levels[l] == INFINITY || use->is_full);
    assert(use->seen <= self->now && use->full <= self->now);
}

static void check_paths(const ds__flows *self)
{
    size_t count = 0;

    for (size_t i = 0; i < self->num_buckets; i++) {
        for (const ds__pair *p = self->buckets[i]; p != NULL; p = p->chain) {
            assert(((const ds__path *)p)->users >= p->open);
            count++;
        }
    }
    assert(count == self->num_paths);
}

void ds__flows_check(const ds__flows *self)
{
    size_t active = 0;

    assert(self->num_changed == 0 && self->num_noted == 0);
    assert(self->dirty.count == 0 && !self->waving);
    for (uint32_t l = 0; l < self->num_pipes; l++) {
        check_pipe(self, l);
        active += self->pipes[l].num_lanes > 0;
        if (self->uses != NULL && l < self->num_links)
            check_use(self, l);
    }
    assert(active == self->num_active);
    if (self->is_sorted)
        check_order(self);
    check_paths(self);
    ds__mintree_check(&self->arrivals);
}
