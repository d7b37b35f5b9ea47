/* Pipes: their lanes, their clocks, and what each holds. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/flow/flow.h"

/* ---- Room -----------------------------------------------------------------*/

/* Returns a longer array, or the old one, and then it is not ok. */
static void *grow(void *array, size_t bytes, bool *ok)
{
    void *longer = realloc(array, bytes);

    *ok = *ok && longer != NULL;
    return longer == NULL ? array : longer;
}

#define GROW(array, room, ok)                                                  \
    ((array) = grow((array), sizeof(*(array)) * (room), (ok)))

/* Moves the pipes to where there is room for more.  false: no memory. */
static bool move_pipes(ds__flows *self, size_t room)
{
    ds__pipe *pipes = NULL;

    if (room <= SIZE_MAX / sizeof(*pipes))
        pipes = ds__new_lines(room * sizeof(*pipes));
    if (pipes == NULL)
        return false;
    if (self->num_pipes > 0)
        memcpy(pipes, self->pipes, self->num_pipes * sizeof(*pipes));
    free(self->pipes);
    self->pipes = pipes;
    return true;
}

/* The heap of dirty pipes is empty while pipes may move. */
static bool grow_arrays(ds__flows *self, size_t room)
{
    bool ok = ds__heap_reserve(&self->dirty, room) && move_pipes(self, room);

    GROW(self->levels, room, &ok);
    GROW(self->granted, room, &ok);
    GROW(self->slacks, room, &ok);
    GROW(self->floors, room, &ok);
    GROW(self->totals, room, &ok);
    GROW(self->order, room, &ok);
    GROW(self->places, room, &ok);
    GROW(self->changed, room, &ok);
    GROW(self->noted, room, &ok);
    GROW(self->rests, room, &ok);
    GROW(self->risen, room, &ok);
    return ok;
}

/* Makes a tree of the arrivals for more pipes. */
static bool grow_arrivals(ds__flows *self, size_t room)
{
    ds__mintree tree;

    if (!ds__mintree_init(&tree, room))
        return false;
    for (size_t l = 0; l < self->num_pipes; l++)
        ds__mintree_put(&tree, l,
                        self->arrivals.keys[self->arrivals.inner + l]);
    ds__mintree_rebuild(&tree);
    ds__mintree_free(&self->arrivals);
    self->arrivals = tree;
    return true;
}

void ds__pipe_clear(ds__flows *self, uint32_t l)
{
    ds__pipe *pipe = &self->pipes[l];

    self->levels[l] = self->granted[l] = INFINITY;
    self->slacks[l] = -1;
    pipe->is_full = false;
    pipe->quiet = false;
}

/* Adds one that is fat, without lanes, and unused. */
static void add_pipe(ds__flows *self)
{
    const uint32_t l = (uint32_t)self->num_pipes++;

    self->pipes[l] = (ds__pipe){
        .first = INFINITY,
        .next = self->unused,
        .fat = true,
    };
    self->places[l] = DS__NOWHERE;
    self->floors[l] = self->totals[l] = 0;
    ds__pipe_clear(self, l);
    self->unused = l;
}

bool ds__pipes_reserve(ds__flows *self, size_t num_pipes)
{
    size_t room = self->room == 0 ? num_pipes : self->room;

    if (num_pipes >= DS__NOWHERE)
        return false;
    while (room < num_pipes)
        room *= 2;
    if (room != self->room) {
        assert(self->dirty.count == 0);
        if (!grow_arrays(self, room) || !grow_arrivals(self, room))
            return false;
        self->room = room;
    }
    while (self->num_pipes < num_pipes)
        add_pipe(self);
    return true;
}

bool ds__pipe_reserve(ds__pipe *pipe)
{
    if (!ds__heap_reserve(&pipe->heap, pipe->num_lanes + 1 - pipe->heap.count))
        return false;
    if (pipe->num_lanes < pipe->room)
        return true;

    const uint32_t room = pipe->room == 0 ? 2 : pipe->room * 2;
    bool ok = room > pipe->room;
    if (!ok)
        return false;
    GROW(pipe->holders, room, &ok);
    GROW(pipe->coefs, room, &ok);
    GROW(pipe->lanes, room, &ok);
    if (ok)
        pipe->room = room;
    return ok;
}

/* ---- Lanes ----------------------------------------------------------------*/

/* Counts a coefficient into what is known of all, or takes it off. */
static void count_coef(ds__flows *self, uint32_t l, double coef, bool more)
{
    ds__pipe *pipe = &self->pipes[l];
    const uint32_t one = more ? 1 : (uint32_t)-1;

    if (coef != 1)
        pipe->num_scaled += one;
    if (ds__coef_is_broken(coef))
        pipe->num_broken += one;
    self->totals[l] += more ? coef : -coef;
}

void ds__pipe_set_coef(ds__flows *self, uint32_t l, uint32_t at, double coef)
{
    ds__pipe *pipe = &self->pipes[l];
    double old = pipe->coefs[at];

    count_coef(self, l, old, false);
    count_coef(self, l, coef, true);
    if (at < pipe->num_held)
        pipe->held += coef - old;
    pipe->coefs[at] = coef;
}

/* Returns whether a message takes the same of all pipes of a path, and lanes
 * have room for all of its others. */
static bool can_be_listed(const ds__path *path)
{
    if (path->num_hops > DS__MOST_OTHERS + 1)
        return false;
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (path->hops[i].unit != path->hops[0].unit ||
            path->hops[i].link > UINT16_MAX)
            return false;
    return true;
}

static void list_others(ds__lane *lane)
{
    const ds__path *path = lane->path;

    lane->num_others = DS__UNLISTED;
    if (!can_be_listed(path))
        return;
    lane->num_others = 0;
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (i != lane->slot)
            lane->others[lane->num_others++] = (uint16_t)path->hops[i].link;
    assert(lane->num_others == path->num_hops - 1);
}

void ds__pipes_unlist(ds__flows *self, const ds__path *path)
{
    assert(path->base.open > 0);
    for (uint32_t i = 0; i < path->num_hops; i++) {
        const ds__hop *hop = &path->hops[i];
        self->pipes[hop->link].lanes[hop->at].num_others = DS__UNLISTED;
    }
}

void ds__pipe_add_lane(ds__flows *self, uint32_t l, ds__path *path,
                       uint32_t slot)
{
    ds__pipe *pipe = &self->pipes[l];

    assert(pipe->num_lanes < pipe->room);
    self->num_active += pipe->num_lanes == 0;
    path->hops[slot].at = pipe->num_lanes;
    pipe->holders[pipe->num_lanes] = ds__path_holder(path);
    pipe->coefs[pipe->num_lanes] = 0;
    count_coef(self, l, 0, true);
    ds__lane *lane = &pipe->lanes[pipe->num_lanes++];
    lane->path = path;
    lane->slot = slot;
    list_others(lane);
}

static void put_lane(ds__pipe *pipe, uint32_t at, uint32_t holder, double coef,
                     ds__lane lane)
{
    pipe->holders[at] = holder;
    pipe->coefs[at] = coef;
    pipe->lanes[at] = lane;
    lane.path->hops[lane.slot].at = at;
}

static void swap_lanes(ds__pipe *pipe, uint32_t a, uint32_t b)
{
    const uint32_t holder = pipe->holders[a];
    const double coef = pipe->coefs[a];
    const ds__lane lane = pipe->lanes[a];

    put_lane(pipe, a, pipe->holders[b], pipe->coefs[b], pipe->lanes[b]);
    put_lane(pipe, b, holder, coef, lane);
}

void ds__pipe_remove_lane(ds__flows *self, uint32_t l, uint32_t at)
{
    ds__pipe *pipe = &self->pipes[l];

    assert(at >= pipe->num_held && at < pipe->num_lanes);
    count_coef(self, l, pipe->coefs[at], false);
    const uint32_t last = --pipe->num_lanes;
    if (at < last)
        put_lane(pipe, at, pipe->holders[last], pipe->coefs[last],
                 pipe->lanes[last]);
    if (last == 0) {
        self->totals[l] = 0;
        self->slacks[l] = -1;
        self->num_active--;
    }
}

void ds__pipe_begin_hold(ds__flows *self, uint32_t l, uint32_t at)
{
    ds__pipe *pipe = &self->pipes[l];

    assert(at >= pipe->num_held);
    pipe->held += pipe->coefs[at];
    swap_lanes(pipe, at, pipe->num_held++);
}

void ds__pipe_end_hold(ds__flows *self, uint32_t l, uint32_t at)
{
    ds__pipe *pipe = &self->pipes[l];

    assert(at < pipe->num_held);
    pipe->held -= pipe->coefs[at];
    swap_lanes(pipe, at, --pipe->num_held);
    if (pipe->num_held == 0)
        pipe->held = 0;
}

/* ---- Clocks ---------------------------------------------------------------*/

ds__pipe *ds__pipe_wind(ds__flows *self, uint32_t l)
{
    ds__pipe *pipe = &self->pipes[l];

    if (!(pipe->first < INFINITY))
        pipe->clock = 0;
    else if (self->levels[l] < INFINITY)
        pipe->clock += self->levels[l] * (self->now - pipe->seen);
    pipe->seen = self->now;
    return pipe;
}

static bool path_before(const ds__heap_node *a, const ds__heap_node *b)
{
    return ds__container(a, ds__path, base.in_heap)->serial <
           ds__container(b, ds__path, base.in_heap)->serial;
}

static double key_of(const ds__pipe *pipe, const ds__path *path)
{
    return pipe->heap.entries[path->base.in_heap.at - 1].key;
}

static void find_first(ds__pipe *pipe)
{
    pipe->first = pipe->heap.count > 0 ? pipe->heap.entries[0].key : INFINITY;
}

/* Lets a clock begin again from 0.  Only differences are measured on it, and
 * those to the ends ahead lose nothing that they need. */
static void restart_clock(ds__pipe *pipe)
{
    for (size_t i = 0; i < pipe->heap.count; i++)
        pipe->heap.entries[i].key -= pipe->clock;
    pipe->clock = 0;
}

/* Returns whether a clock is too coarse for the first flow of a path.  It is
 * not for one that has enough to go still, and then nobody waits for the flow
 * to come from memory. */
static bool is_coarse_for(const ds__pipe *pipe, const ds__path *path,
                          double togo)
{
    return ds__is_coarse(pipe->clock, togo / 2) &&
           ds__is_coarse(pipe->clock, path->base.first->msg.size / path->speed);
}

/* Returns where the first flow of a path ends on the clock of a pipe, if it has
 * so much to go. */
static double end_on(ds__flows *self, ds__pipe *pipe, const ds__path *path,
                     double togo)
{
    if (is_coarse_for(pipe, path, togo))
        restart_clock(pipe);

    double end = pipe->clock + togo;
    if (isinf(end))
        self->beyond = path->base.first;
    return end;
}

double ds__pipe_drained(const ds__pipe *holder, const ds__path *path)
{
    if (path->base.first == NULL)
        return 0;
    return path->base.first->key - (key_of(holder, path) - holder->clock);
}

void ds__pipe_insert(ds__flows *self, uint32_t l, ds__path *path, double togo)
{
    ds__pipe *pipe = &self->pipes[l];

    ds__heap_push(&pipe->heap, end_on(self, pipe, path, togo),
                  &path->base.in_heap, path_before);
    find_first(pipe);
}

double ds__pipe_extract(ds__flows *self, uint32_t l, ds__path *path)
{
    ds__pipe *pipe = &self->pipes[l];
    double togo = key_of(pipe, path) - pipe->clock;

    ds__heap_remove(&pipe->heap, &path->base.in_heap, path_before);
    find_first(pipe);
    return togo;
}

void ds__pipe_place(ds__flows *self, ds__path *path, double done)
{
    const uint32_t l = ds__path_holder(path);
    ds__pipe *holder = &self->pipes[l];
    ds__heap_node *node = &path->base.in_heap;

    if (path->base.first == NULL) {
        ds__heap_remove(&holder->heap, node, path_before);
    } else {
        double end = end_on(self, holder, path, path->base.first->key - done);
        if (ds__heap_contains(node))
            ds__heap_change(&holder->heap, end, node, path_before);
        else
            ds__heap_push(&holder->heap, end, node, path_before);
    }
    find_first(holder);
    ds__mintree_set(&self->arrivals, l, ds__pipe_next(holder, self->levels[l]));
}

/* ---- What is to be looked at ----------------------------------------------*/

void ds__pipe_touch(ds__flows *self, uint32_t l)
{
    if (self->pipes[l].changed)
        return;
    self->pipes[l].changed = true;
    self->changed[self->num_changed++] = l;
}

void ds__pipe_note(ds__flows *self, uint32_t l)
{
    if (self->pipes[l].noted)
        return;
    self->pipes[l].noted = true;
    self->noted[self->num_noted++] = l;
}

void ds__pipes_find_noted(ds__flows *self)
{
    for (size_t i = 0; i < self->num_noted; i++) {
        uint32_t l = self->noted[i];
        self->pipes[l].noted = false;
        ds__mintree_set(&self->arrivals, l,
                        ds__pipe_next(&self->pipes[l], self->levels[l]));
    }
    self->num_noted = 0;
}

void ds__pipe_dirty(ds__flows *self, uint32_t l)
{
    ds__heap_node *node = &self->pipes[l].in_heap;

    if (!ds__heap_contains(node))
        ds__heap_push(&self->dirty, self->levels[l], node, ds__pipe_before);
    self->floors[l] = -INFINITY;
}
