/* The engine's operations: what flows do, and when.  flow.h tells its idea. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "net/flow/flow.h"

/* A wave may look at this part of the pipes before a sweep is cheaper, and
 * after one that was stopped so many sweeps follow: twice as many if the one
 * before was stopped too. */
#define WAVE_PART    4
#define WAVE_LEAST   16
#define LEAST_SWEEPS 32
#define MOST_SWEEPS  512
#define FILL_PART    2
#define FILL_LEAST   8

/* ---- Making and unmaking --------------------------------------------------*/

void ds__flows_free(ds__flows *self)
{
    for (size_t l = 0; l < self->num_pipes; l++) {
        free(self->pipes[l].holders);
        free(self->pipes[l].coefs);
        free(self->pipes[l].lanes);
        ds__heap_free(&self->pipes[l].heap);
    }
    for (size_t i = 0; i < sizeof(self->slabs) / sizeof(*self->slabs); i++)
        ds__slab_free(&self->slabs[i]);
    free(self->levels);
    free(self->granted);
    free(self->slacks);
    free(self->floors);
    free(self->totals);
    free(self->pipes);
    free(self->uses);
    free(self->bound);
    free(self->order);
    free(self->places);
    free(self->changed);
    free(self->noted);
    free(self->rests);
    free(self->risen);
    free(self->buckets);
    ds__heap_free(&self->dirty);
    ds__mintree_free(&self->arrivals);
    free(self);
}

ds__flows *ds__flows_new(size_t num_links, const double *capacities,
                         const bool *is_fat, bool count_uses)
{
    const size_t room = num_links > 0 ? num_links : 1;
    ds__flows *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->unused = DS__NOWHERE;
    self->patience = LEAST_SWEEPS;
    if (count_uses)
        self->uses = calloc(room, sizeof(*self->uses));
    if ((count_uses && self->uses == NULL) || !ds__pipes_reserve(self, room)) {
        ds__flows_free(self);
        return NULL;
    }
    for (size_t l = 0; l < num_links; l++) {
        self->pipes[l].capacity = capacities[l];
        self->pipes[l].fat = is_fat != NULL && is_fat[l];
    }
    self->num_links = num_links;
    self->unused = num_links > 0 ? DS__NOWHERE : 0;
    return self;
}

bool ds__flows_count_bound(ds__flows *self)
{
    assert(self->num_paths == 0 && self->bound == NULL);
    self->bound = calloc(self->num_links + 1, sizeof(*self->bound));
    return self->bound != NULL;
}

/* ---- Flows ----------------------------------------------------------------*/

bool ds__flows_open(ds__flows *self, ds__flow *flow, ds__path *path)
{
    assert(path->base.open < path->users);
    if (!ds__path_grow(self, path))
        return false;
    flow->pair = &path->base;
    return true;
}

/* Lets a flow drain that has so much to go, of all its size. */
static void begin(ds__flows *self, ds__flow *flow, double togo, double size)
{
    ds__path *path = (ds__path *)flow->pair;
    ds__pipe *holder = ds__pipe_wind(self, ds__path_holder(path));
    double done = ds__pipe_drained(holder, path);

    ds__delay_note(self, path);
    ds__delay_join(self, path, flow);
    if (ds__is_coarse(done, togo)) {
        ds__pair_restart(&path->base, done);
        ds__delay_restart(self, path);
        path->begun -= (double)path->num_draining * done;
        done = 0;
    }
    flow->key = done + togo;
    self->num_draining++;
    path->num_draining++;
    path->begun += done + (togo - size);
    ds__pair_push(&path->base, flow);
    if (path->base.first == flow)
        ds__pipe_place(self, path, done);
}

void ds__flows_begin(ds__flows *self, ds__flow *flow)
{
    const double size = flow->msg.size / ((ds__path *)flow->pair)->speed;

    assert(flow->msg.size > 0);
    begin(self, flow, size, size);
}

void ds__flows_close(ds__flows *self, ds__flow *flow)
{
    ds__path *path = (ds__path *)flow->pair;

    ds__path_shrink(self, path);
    ds__path_leave(self, path);
}

/* Takes the first flow of a path.  The holder's clock is at now. */
static ds__flow *take_first(ds__flows *self, ds__path *path)
{
    ds__pipe *holder = &self->pipes[ds__path_holder(path)];
    double done = ds__pipe_drained(holder, path);

    ds__delay_note(self, path);
    ds__flow *flow = ds__pair_pop(&path->base);
    ds__delay_leave(self, path, flow);

    assert(self->num_draining > 0 && path->num_draining > 0);
    self->num_draining--;
    path->num_draining--;
    path->begun -= flow->key - flow->msg.size / path->speed;
    if (path->num_draining == 0)
        path->begun = 0;
    ds__pipe_place(self, path, done);
    return flow;
}

/* ---- Time -----------------------------------------------------------------*/

static ds__flow *take(ds__flows *self, uint32_t l)
{
    ds__path *path = ds__pipe_first(ds__pipe_wind(self, l));
    ds__flow *flow = take_first(self, path);

    ds__use_bytes(self, path, flow->msg.size);
    ds__flows_close(self, flow);
    return flow;
}

/* Returns whether a flow that a pipe holds is through at this instant.  What is
 * ahead on the clock of the loop by roundings alone may be through on the clock
 * of the pipe, so that is asked too. */
static bool is_due(const ds__flows *self, size_t l, double arrival)
{
    const ds__pipe *pipe = &self->pipes[l];
    const double level = self->levels[l];

    if (arrival <= self->now)
        return true;
    const ds__path *path = ds__pipe_first(pipe);
    double span = path->base.first->msg.size / path->speed / level;
    double clock = pipe->clock + level * (self->now - pipe->seen);
    double end = pipe->heap.entries[0].key;
    return ds__is_now(self->now, arrival - self->now, span) ||
           ds__is_gone(end - clock, end);
}

ds__flow *ds__flows_advance(ds__flows *self, double now)
{
    ds__flow *through = NULL;
    ds__flow **last = &through;

    assert(now >= self->now);
    self->now = now;
    while (ds__mintree_least(&self->arrivals) < INFINITY) {
        size_t l = ds__mintree_first(&self->arrivals);
        if (!is_due(self, l, ds__mintree_least(&self->arrivals)))
            break;
        *last = take(self, (uint32_t)l);
        last = &(*last)->next;
    }
    *last = NULL;
    return through;
}

double ds__flows_next(const ds__flows *self)
{
    return fmax(ds__mintree_least(&self->arrivals), self->now);
}

/* ---- Changes of pipes -----------------------------------------------------*/

/* Returns the least capacity of the pipes that a path's messages cross. */
static double least_of(const ds__flows *self, const ds__path *path)
{
    double least = INFINITY;

    for (uint32_t i = 0; i < path->num_route; i++)
        if (path->hops[i].times > 0)
            least = fmin(least, self->pipes[path->hops[i].link].capacity);
    return least;
}

/* Binds what began with less than its pipes have now.  A path that is bound
 * gets a lane in a pipe of its own, and none here. */
static bool bind(ds__flows *self, uint32_t l)
{
    for (uint32_t i = 0; i < self->pipes[l].num_lanes; i++) {
        ds__path *path = self->pipes[l].lanes[i].path;
        if (path->least < least_of(self, path) && !ds__path_bind(self, path))
            return false;
    }
    return true;
}

bool ds__flows_resize(ds__flows *self, uint32_t l, double capacity)
{
    const double old = self->pipes[l].capacity;

    for (uint32_t i = 0; self->losses != NULL && i < self->pipes[l].num_lanes;
         i++)
        ds__delay_note(self, self->pipes[l].lanes[i].path);
    self->pipes[l].capacity = capacity;
    self->slacks[l] = -1;
    ds__pipe_touch(self, l);
    return capacity <= old || bind(self, l);
}

/* Takes a flow that drains still, and counts what has crossed. */
static ds__flow *cut_first(ds__flows *self, ds__path *path)
{
    ds__pipe *holder = ds__pipe_wind(self, ds__path_holder(path));
    double togo = path->base.first->key - ds__pipe_drained(holder, path);
    ds__flow *flow = take_first(self, path);

    ds__use_bytes(self, path, flow->msg.size - togo * path->speed);
    ds__flows_close(self, flow);
    return flow;
}

ds__flow *ds__flows_cut(ds__flows *self, uint32_t l)
{
    const ds__pipe *pipe = &self->pipes[l];
    ds__flow *list = NULL;

    while (pipe->num_lanes > 0) {
        ds__path *path = pipe->lanes[pipe->num_lanes - 1].path;
        ds__flow *flow = cut_first(self, path);
        flow->next = list;
        list = flow;
    }
    return list;
}

/* ---- Other paths ----------------------------------------------------------*/

/* Has the first flow of a path go on draining on another one, which has room
 * for it. */
static void move_first(ds__flows *self, ds__path *from, ds__path *to)
{
    ds__pipe *holder = ds__pipe_wind(self, ds__path_holder(from));
    double drained = ds__pipe_drained(holder, from);
    double bytes = (from->base.first->key - drained) * from->speed;
    ds__flow *flow = take_first(self, from);

    ds__use_pass(self, from, false);
    ds__flows_close(self, flow);
    bool grown = ds__path_grow(self, to);
    assert(grown);
    (void)grown;
    flow->pair = &to->base;
    begin(self, flow, bytes / to->speed, flow->msg.size / to->speed);
}

bool ds__flows_move(ds__flows *self, ds__path *from, const ds__course *course)
{
    for (size_t n = from->num_draining; n > 0; n--) {
        ds__path *to = ds__path_use(self, course);
        if (to == NULL)
            return false;
        if (!ds__path_reserve(self, to)) {
            ds__path_leave(self, to);
            return false;
        }
        move_first(self, from, to);
        if (to->least < least_of(self, to) && !ds__path_bind(self, to))
            return false;
    }
    return true;
}

/* ---- Settling -------------------------------------------------------------*/

static const ds__flow *any_flow(const ds__flows *self)
{
    const ds__pipe *pipe = self->pipes;

    while (pipe->heap.count == 0)
        pipe++;
    return ds__pipe_first(pipe)->base.first;
}

/* A pipe that is off lets nothing through, and that is not misuse. */
static bool stands_still(const ds__flows *self)
{
    for (size_t l = 0; l < self->num_links; l++)
        if (self->levels[l] == 0)
            return true;
    return false;
}

static bool is_within_time(ds__flows *self, ds__why *why)
{
    if (self->beyond == NULL && self->num_draining > 0 &&
        isinf(ds__mintree_least(&self->arrivals)) && !stands_still(self))
        self->beyond = any_flow(self);
    if (self->beyond == NULL)
        return true;
    ds__say_beyond(why, self->beyond);
    self->beyond = NULL;
    return false;
}

static void sweep(ds__flows *self)
{
    if (!ds__flows_sweep(self))
        ds__flows_fill(self);
}

static void find_levels(ds__flows *self)
{
    if (self->num_changed > FILL_LEAST + self->num_active / FILL_PART) {
        ds__flows_fill(self);
        return;
    }
    if (self->sweeps > 0) {
        self->sweeps--;
        sweep(self);
        return;
    }
    if (ds__flows_wave(self, WAVE_LEAST + self->num_active / WAVE_PART)) {
        self->patience = LEAST_SWEEPS;
        return;
    }
    self->sweeps = self->patience;
    if (self->patience < MOST_SWEEPS)
        self->patience *= 2;
    sweep(self);
}

bool ds__flows_settle(ds__flows *self, ds__why *why)
{
    if (self->num_changed > 0) {
        find_levels(self);
        ds__pipes_find_noted(self);
        for (size_t i = 0; i < self->num_changed; i++)
            self->pipes[self->changed[i]].changed = false;
        self->num_changed = 0;
    }
    return is_within_time(self, why);
}
