/* New levels from nothing, by progressive filling: the level rises for all
 * flows until some pipe is full, those in it keep what they have, and the
 * others go on.  It is for when much changes at once, and ends whatever the
 * roundings. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

static bool is_decided(const ds__flows *self, const ds__path *path)
{
    return path->round == self->round;
}

/* A fat pipe is full when the greediest of those that are not decided is. */
static double share_of_fat(const ds__flows *self, const ds__pipe *pipe)
{
    double greed = 0;

    for (size_t i = 0; i < pipe->num_lanes; i++) {
        const ds__path *path = pipe->lanes[i].path;
        if (!is_decided(self, path))
            greed = fmax(greed, path->hops[pipe->lanes[i].slot].unit);
    }
    return pipe->capacity / greed;
}

static double share_of(const ds__flows *self, uint32_t l)
{
    const ds__rest *rest = &self->rests[l];

    if (rest->lanes == 0)
        return INFINITY;
    if (self->pipes[l].fat)
        return share_of_fat(self, &self->pipes[l]);
    return fmax(ds__sum_value(rest->capacity), 0) / ds__sum_value(rest->coefs);
}

static void start(ds__flows *self, uint32_t l)
{
    ds__pipe *pipe = ds__pipe_wind(self, l);
    ds__rest *rest = &self->rests[l];

    self->places[l] = DS__NOWHERE;
    if (pipe->num_lanes == 0) {
        ds__pipe_idle(self, l);
        return;
    }
    *rest = (ds__rest){
        .capacity = { pipe->capacity, 0 },
        .lanes = pipe->num_lanes,
    };
    for (size_t i = 0; i < pipe->num_lanes; i++)
        ds__sum_add(&rest->coefs, pipe->coefs[i], 0);
    ds__heap_push(&self->dirty, share_of(self, l), &pipe->in_heap,
                  ds__pipe_before);
}

/* Takes what a path gets off what is left of its pipes. */
static void decide(ds__flows *self, ds__path *path, uint32_t slot, double level)
{
    path->round = self->round;
    for (uint32_t i = 0; i < path->num_hops; i++) {
        const ds__hop *hop = &path->hops[i];
        ds__rest *rest = &self->rests[hop->link];
        double coef = self->pipes[hop->link].coefs[hop->at];
        ds__sum_add(&rest->capacity, -coef * level, 0);
        ds__sum_add(&rest->coefs, -coef, 0);
        rest->lanes--;
    }
    if (path->hold != slot)
        ds__path_hold(self, path, slot);
}

/* Makes a pipe full at this level.  Of its lanes those held come first, and one
 * that it takes changes places with one that has been looked at. */
static void fill_up(ds__flows *self, uint32_t l, double level)
{
    ds__pipe *pipe = &self->pipes[l];

    self->levels[l] = self->granted[l] = level;
    pipe->quiet = false;
    ds__pipe_fill(self, l);
    for (size_t i = 0; i < pipe->num_lanes; i++)
        if (!is_decided(self, pipe->lanes[i].path))
            decide(self, pipe->lanes[i].path, pipe->lanes[i].slot, level);
    assert(self->rests[l].lanes == 0);
}

/* A share only grows while others are decided, so the least is looked at again
 * before it is believed. */
static void fill_least(ds__flows *self)
{
    ds__heap_entry *first = &self->dirty.entries[0];
    const ds__pipe *pipe = ds__container(first->node, ds__pipe, in_heap);
    const uint32_t l = (uint32_t)(pipe - self->pipes);
    const double share = share_of(self, l);

    if (share > first->key) {
        ds__heap_raise(&self->dirty, share, first->node, ds__pipe_before);
        return;
    }
    ds__heap_remove(&self->dirty, first->node, ds__pipe_before);
    ds__pipe_put(self, self->num_order++, l);
    if (share < INFINITY)
        fill_up(self, l, share);
    else
        self->levels[l] = INFINITY;
}

void ds__flows_fill(ds__flows *self)
{
    assert(self->dirty.count == 0);
    self->round++;
    self->num_order = 0;
    for (uint32_t l = 0; l < self->num_pipes; l++)
        start(self, l);
    while (self->dirty.count > 0)
        fill_least(self);
    for (size_t i = 0; i < self->num_order; i++) {
        uint32_t l = self->order[i];
        if (self->levels[l] == INFINITY)
            ds__pipe_rest_plain(self, l, ds__pipe_pull(self, l).others);
    }
    self->is_sorted = true;
    ds__flows_find_arrivals(self, 0, self->num_order);
}
