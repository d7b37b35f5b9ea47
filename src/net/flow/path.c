/* Paths: the flows of one course, their place among others, and who holds
 * them. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "net/flow/flow.h"

/* ---- The table ------------------------------------------------------------*/

static ds__pair **bucket_of(const ds__flows *self, uint32_t src, uint32_t dst)
{
    uint64_t hash = ds__mix((uint64_t)src << 32 | dst);

    return &self->buckets[hash & (self->num_buckets - 1)];
}

static bool has_same_hops(const ds__path *path, const ds__course *course)
{
    if (path->num_route != course->num_hops)
        return false;
    for (size_t i = 0; i < course->num_hops; i++) {
        const ds__hop *a = &path->hops[i];
        const ds__hop *b = &course->hops[i];
        if (a->link != b->link || a->unit != b->unit || a->times != b->times)
            return false;
    }
    return true;
}

static bool has_same_least(const ds__path *path, const ds__course *course)
{
    return path->least == course->least || isnan(course->least) ||
           isnan(path->least);
}

static bool is_of(const ds__path *path, const ds__course *course)
{
    return path->base.src == course->src && path->base.dst == course->dst &&
           path->weight == course->weight && path->factor == course->factor &&
           path->limit == course->limit && has_same_least(path, course) &&
           has_same_hops(path, course);
}

static ds__path *find(const ds__flows *self, const ds__course *course)
{
    if (self->num_paths == 0)
        return NULL;

    ds__pair *pair = *bucket_of(self, course->src, course->dst);
    while (pair != NULL && !is_of((ds__path *)pair, course))
        pair = pair->chain;
    return (ds__path *)pair;
}

static void link_path(ds__flows *self, ds__pair *pair)
{
    ds__pair **bucket = bucket_of(self, pair->src, pair->dst);

    pair->chain = *bucket;
    *bucket = pair;
}

static bool grow_table(ds__flows *self)
{
    const size_t num_old = self->num_buckets;
    ds__pair **old = self->buckets;
    size_t n = num_old == 0 ? 64 : num_old * 2;
    ds__pair **buckets = calloc(n, sizeof(*buckets));

    if (buckets == NULL)
        return false;
    self->buckets = buckets;
    self->num_buckets = n;
    for (size_t i = 0; i < num_old; i++) {
        while (old[i] != NULL) {
            ds__pair *pair = old[i];
            old[i] = pair->chain;
            link_path(self, pair);
        }
    }
    free(old);
    return true;
}

static void unlink_path(ds__flows *self, ds__path *path)
{
    ds__pair **link = bucket_of(self, path->base.src, path->base.dst);

    while (*link != &path->base)
        link = &(*link)->chain;
    *link = path->base.chain;
    self->num_paths--;
}

/* ---- Limits ---------------------------------------------------------------*/

/* Adds a pipe of its own in which no message gets more than this. */
static void add_limit(ds__flows *self, ds__path *path, double limit)
{
    uint32_t l = self->unused;
    ds__pipe *pipe = &self->pipes[l];

    assert(l != DS__NOWHERE && pipe->fat && pipe->num_lanes == 0);
    self->unused = pipe->next;
    ds__pipe_clear(self, l);
    pipe->capacity = limit;
    path->hops[path->num_hops++] = (ds__hop){
        .link = l,
        .unit = path->weight,
    };
}

static void free_limits(ds__flows *self, const ds__path *path)
{
    for (size_t i = path->num_route; i < path->num_hops; i++) {
        ds__pipe *pipe = &self->pipes[path->hops[i].link];
        pipe->next = self->unused;
        self->unused = path->hops[i].link;
    }
}

static bool reserve_limit(ds__flows *self)
{
    return self->unused != DS__NOWHERE ||
           ds__pipes_reserve(self, self->num_pipes + 1);
}

/* ---- Making and unmaking --------------------------------------------------*/

/* Returns the class of paths with room for so many hops and two limits. */
static uint32_t class_of(size_t num_hops)
{
    uint32_t class = 0;

    while (((size_t)DS__LEAST_HOPS << class) < num_hops + 2)
        class ++;
    return class;
}

static ds__path *take(ds__flows *self, uint32_t class)
{
    const size_t hops = (size_t)DS__LEAST_HOPS << class;

    if (class >= sizeof(self->slabs) / sizeof(*self->slabs))
        return NULL;
    self->slabs[class].size =
        sizeof(ds__path) + hops * sizeof(ds__hop) + ds__delay_size(self, hops);
    return ds__slab_take(&self->slabs[class]);
}

static ds__path *make(ds__flows *self, const ds__course *course)
{
    const bool limited = course->limit < INFINITY;
    const uint32_t class = class_of(course->num_hops);

    assert(course->num_hops > 0 || limited);
    if ((limited && !reserve_limit(self)) ||
        (self->num_paths == self->num_buckets && !grow_table(self)))
        return NULL;
    ds__path *path = take(self, class);
    if (path == NULL)
        return NULL;
    *path = (ds__path){
        .base = { .src = course->src, .dst = course->dst },
        .serial = self->serial++,
        .weight = course->weight,
        .factor = course->factor,
        .speed = course->weight * course->factor,
        .limit = course->limit,
        .least = course->least,
        .num_route = (uint32_t)course->num_hops,
        .num_hops = (uint32_t)course->num_hops,
        .size = class,
    };
    if (course->num_hops > 0)
        memcpy(path->hops, course->hops,
               course->num_hops * sizeof(*path->hops));
    if (limited)
        add_limit(self, path, course->limit);
    ds__delay_begin(self, path);
    link_path(self, &path->base);
    self->num_paths++;
    return path;
}

static void count_bound(ds__flows *self, const ds__path *path, bool more)
{
    for (uint32_t i = 0; self->bound != NULL && i < path->num_route; i++)
        if (path->hops[i].times > 0)
            self->bound[path->hops[i].link] += more ? 1 : (size_t)-1;
}

ds__path *ds__path_use(ds__flows *self, const ds__course *course)
{
    ds__path *path = find(self, course);

    if (path == NULL)
        path = make(self, course);
    if (path == NULL)
        return NULL;
    if (isnan(path->least))
        path->least = course->least;
    path->users++;
    count_bound(self, path, true);
    return path;
}

void ds__path_leave(ds__flows *self, ds__path *path)
{
    assert(path->users > path->base.open);
    count_bound(self, path, false);
    if (--path->users > 0)
        return;
    unlink_path(self, path);
    free_limits(self, path);
    ds__slab_give(&self->slabs[path->size], path);
}

ds__course ds__path_course(const ds__path *path)
{
    return (ds__course){
        .src = path->base.src,
        .dst = path->base.dst,
        .hops = path->hops,
        .num_hops = path->num_route,
        .weight = path->weight,
        .factor = path->factor,
        .limit = path->limit,
        .least = path->least,
    };
}

ds__path *ds__path_know_least(ds__flows *self, ds__path *path, double least)
{
    if (path->base.open == 0 && !path->is_bound)
        path->least = least;
    if (path->least == least)
        return path;

    ds__course course = ds__path_course(path);
    course.least = least;
    ds__path *other = ds__path_use(self, &course);
    if (other != NULL)
        ds__path_leave(self, path);
    return other;
}

/* ---- Lanes ----------------------------------------------------------------*/

/* Returns the hop whose pipe is the lowest; one that is not full counts as one
 * that would be, with this path alone. */
static uint32_t lowest_hop(const ds__flows *self, const ds__path *path)
{
    uint32_t lowest = 0;

    for (uint32_t i = 1; i < path->num_hops; i++)
        if (self->levels[path->hops[i].link] <
            self->levels[path->hops[lowest].link])
            lowest = i;
    return lowest;
}

static bool is_quiet_with(const ds__flows *self, const ds__path *path)
{
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (i != path->hold && self->levels[path->hops[i].link] < INFINITY)
            return false;
    return true;
}

/* Says who holds a new path until it is settled. */
static void hold_first(ds__flows *self, ds__path *path)
{
    path->hold = lowest_hop(self, path);

    const ds__hop *hop = &path->hops[path->hold];
    ds__pipe *pipe = ds__pipe_wind(self, hop->link);
    if (self->levels[hop->link] == INFINITY) {
        self->levels[hop->link] = pipe->capacity / hop->unit;
        self->granted[hop->link] = 0;
    }
    if (!is_quiet_with(self, path))
        pipe->quiet = false;
    for (uint32_t i = 0; i < path->num_hops; i++)
        ds__pipe_add_lane(self, path->hops[i].link, path, i);
    ds__pipe_begin_hold(self, hop->link, hop->at);
}

bool ds__path_reserve(ds__flows *self, const ds__path *path)
{
    if (path->base.open > 0)
        return true;
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (!ds__pipe_reserve(&self->pipes[path->hops[i].link]))
            return false;
    return true;
}

/* Takes another message of a path off what is left of a pipe: all there is, if
 * its level is not known.  With one less there is more left, and that is found
 * out when it matters; but a total that is not exact may be too little then. */
static void count_in_slack(ds__flows *self, uint32_t l, double unit,
                           double level, bool more)
{
    if (more)
        self->slacks[l] -= unit * level;
    else if (self->pipes[l].num_broken > 0)
        self->slacks[l] = -1;
}

static void count(ds__flows *self, ds__path *path, bool more)
{
    const uint32_t holder = ds__path_holder(path);
    const double level =
        self->pipes[holder].is_full ? self->granted[holder] : INFINITY;

    ds__use_hold(self, holder, path->base.open, false);
    path->base.open += more ? 1 : (size_t)-1;
    ds__use_hold(self, holder, path->base.open, true);
    ds__use_open(self, path, more);
    for (uint32_t i = 0; i < path->num_hops; i++) {
        const ds__hop *hop = &path->hops[i];
        ds__pipe_set_coef(self, hop->link, hop->at, ds__path_coef(path, i));
        count_in_slack(self, hop->link, hop->unit, level, more);
        ds__pipe_touch(self, hop->link);
    }
}

bool ds__path_grow(ds__flows *self, ds__path *path)
{
    if (!ds__path_reserve(self, path))
        return false;
    if (path->base.open == 0)
        hold_first(self, path);
    count(self, path, true);
    return true;
}

void ds__path_shrink(ds__flows *self, ds__path *path)
{
    assert(path->base.open > 0);
    count(self, path, false);
    if (path->base.open > 0)
        return;

    const ds__hop *hop = &path->hops[path->hold];
    assert(path->base.first == NULL);
    ds__pipe_end_hold(self, hop->link, hop->at);
    for (uint32_t i = 0; i < path->num_hops; i++)
        ds__pipe_remove_lane(self, path->hops[i].link, path->hops[i].at);
}

/* ---- Who holds it ---------------------------------------------------------*/

/* Has the others of a path looked at. */
static void dirty_others(ds__flows *self, const ds__path *path, uint32_t l)
{
    for (uint32_t i = 0; i < path->num_hops; i++) {
        uint32_t other = path->hops[i].link;
        if (other == l)
            continue;
        self->slacks[other] = -1;
        ds__pipe_dirty(self, other);
    }
}

void ds__path_hold(ds__flows *self, ds__path *path, uint32_t slot)
{
    const ds__hop *from = &path->hops[path->hold];
    const ds__hop *to = &path->hops[slot];

    assert(path->base.open > 0 && slot != path->hold);
    ds__use_hold(self, from->link, path->base.open, false);
    ds__use_hold(self, to->link, path->base.open, true);
    ds__delay_note(self, path);
    ds__pipe_wind(self, from->link);
    ds__pipe_wind(self, to->link)->quiet = false;
    if (path->base.first != NULL) {
        double togo = ds__pipe_extract(self, from->link, path);
        ds__pipe_insert(self, to->link, path, togo);
        ds__pipe_note(self, from->link);
        ds__pipe_note(self, to->link);
    }
    ds__pipe_end_hold(self, from->link, from->at);
    ds__pipe_begin_hold(self, to->link, to->at);
    path->hold = slot;
    for (uint32_t i = 0; i < path->num_hops; i++) {
        const ds__hop *hop = &path->hops[i];
        self->pipes[hop->link].holders[hop->at] = to->link;
    }
    if (self->waving)
        dirty_others(self, path, to->link);
}

/* ---- What it began with ---------------------------------------------------*/

bool ds__path_bind(ds__flows *self, ds__path *path)
{
    if (path->is_bound || !(path->least < path->limit) || path->base.open == 0)
        return true;
    if (!reserve_limit(self) || !ds__pipe_reserve(&self->pipes[self->unused]))
        return false;

    const uint32_t slot = path->num_hops;
    ds__pipes_unlist(self, path);
    add_limit(self, path, path->least);
    path->is_bound = true;
    const ds__hop *hop = &path->hops[slot];
    ds__pipe_add_lane(self, hop->link, path, slot);
    ds__pipe_set_coef(self, hop->link, hop->at, ds__path_coef(path, slot));
    ds__pipe_touch(self, hop->link);
    return true;
}
