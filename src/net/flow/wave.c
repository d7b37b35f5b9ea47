/* New levels by a wave: each pipe that may have changed is looked at, the
 * lowest first, and passes on what that changes.  It ends where levels do not
 * change, and so it is for traffic that leaves most of a network alone.
 *
 * Where it ends, levels are right, whatever the order in which pipes have been
 * looked at: whatever a pipe's level depends on has had it looked at again
 * after it changed. */

#include <math.h>

#include "net/flow/flow.h"

/* How many flows a pipe holds before it is worth asking for a grant. */
#define WORTH_GRANTING 16

static uint32_t take_dirty(ds__flows *self)
{
    ds__heap_node *node = self->dirty.entries[0].node;

    ds__heap_remove(&self->dirty, node, ds__pipe_before);
    return (uint32_t)(ds__container(node, ds__pipe, in_heap) - self->pipes);
}

/* ---- Passing on -----------------------------------------------------------*/

/* What a pipe tells those that its flows cross. */
typedef struct news {
    double more;  /* than they know of, at least 0 */
    double room;  /* by how much it may rise before the next time */
    bool is_loud; /* one of them wants to know of everything */
} news;

static double coef_at(const ds__path *path, const ds__hop *hop)
{
    return hop->unit * (double)path->base.open;
}

/* Tells one of them.  One that is full needs a look at once, one that is not
 * only when it may have become so. */
static void tell(ds__flows *self, uint32_t l, double coef, news *n)
{
    ds__pipe *pipe = &self->pipes[l];

    if (self->levels[l] < INFINITY || pipe->slack < 0) {
        n->is_loud = true;
        ds__pipe_dirty(self, l);
        return;
    }
    pipe->slack -= coef * n->more;
    if (pipe->slack < 0) {
        n->is_loud = true;
        ds__pipe_dirty(self, l);
        return;
    }
    double room = pipe->slack / pipe->total;
    if (room < n->room)
        n->room = room;
}

static void tell_path(ds__flows *self, ds__lane lane, news *n)
{
    const ds__path *path = lane.path;

    for (uint32_t i = 0; i < path->num_hops; i++)
        if (i != lane.slot)
            tell(self, path->hops[i].link, coef_at(path, &path->hops[i]), n);
}

static void tell_all(ds__flows *self, const ds__pipe *pipe, news *n)
{
    for (size_t i = 0; i < pipe->num_held; i++) {
        ds__lane lane = pipe->lanes[i];
        if (lane.other != DS__NOWHERE)
            tell(self, lane.other, pipe->coefs[i], n);
        else
            tell_path(self, lane, n);
    }
}

/* Takes what a pipe may rise off the slack of those that its flows cross. */
static void grant(ds__flows *self, const ds__pipe *pipe, double rise)
{
    for (size_t i = 0; i < pipe->num_held; i++) {
        ds__lane lane = pipe->lanes[i];
        const ds__path *path = lane.path;
        for (uint32_t k = 0; k < path->num_hops; k++) {
            const ds__hop *hop = &path->hops[k];
            if (k != lane.slot)
                self->pipes[hop->link].slack -= rise * coef_at(path, hop);
        }
    }
}

static void pass_on(ds__flows *self, uint32_t l, double level)
{
    ds__pipe *pipe = &self->pipes[l];
    const double more = level - self->granted[l];
    news n = { .more = more > 0 ? more : 0, .room = INFINITY };

    if (pipe->quiet && n.more == 0)
        return;
    tell_all(self, pipe, &n);
    self->granted[l] = level;
    pipe->quiet = !n.is_loud && pipe->num_held >= WORTH_GRANTING;
    if (!pipe->quiet)
        return;
    if (isinf(n.room))
        n.room = 0;
    grant(self, pipe, n.room / 2);
    self->granted[l] = level + n.room / 2;
}

/* ---- One pipe -------------------------------------------------------------*/

/* One that has become full wants to know of everything. */
static void be_full(ds__flows *self, uint32_t l)
{
    ds__pipe *pipe = &self->pipes[l];

    ds__pipe_fill(self, l);
    for (size_t i = pipe->num_held; i < pipe->num_lanes; i++)
        self->pipes[pipe->holders[i]].quiet = false;
}

static bool is_noise(const ds__pipe *pipe, double old, double level)
{
    return fabs(level - old) * pipe->held <= pipe->capacity * DS__LEVEL_NOISE;
}

static void look_at(ds__flows *self, uint32_t l)
{
    const ds__pipe *pipe = ds__pipe_wind(self, l);
    const double old = self->levels[l];
    bool took = false;

    if (ds__pipe_rests(pipe))
        return;
    ds__pipe_note(self, l);
    if (pipe->num_lanes == 0) {
        ds__pipe_idle(self, l);
        return;
    }
    ds__pull pull = ds__pipe_pull(self, l);
    double level = ds__pipe_fit(self, l, &pull, &took);
    if (level == INFINITY) {
        ds__pipe_rest(self, l, pull.others);
        return;
    }
    if (!took && pipe->is_full && is_noise(pipe, old, level))
        return;
    self->levels[l] = level;
    if (!pipe->is_full)
        be_full(self, l);
    else if (level == old && !took)
        return;
    pass_on(self, l, level);
}

bool ds__flows_wave(ds__flows *self, size_t budget)
{
    bool ends = true;

    self->waving = true;
    for (size_t i = 0; i < self->num_changed; i++)
        ds__pipe_dirty(self, self->changed[i]);
    while (self->dirty.count > 0) {
        uint32_t l = take_dirty(self);
        ends = ends && budget-- > 0;
        if (ends)
            look_at(self, l);
        else
            self->pipes[l].slack = -1;
    }
    self->waving = false;
    self->is_sorted = false;
    return ends;
}
