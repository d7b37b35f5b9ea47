/* New levels by a wave: each pipe that may have changed is looked at, the
 * lowest first, and passes on what that changes.  It ends where levels do not
 * change, and so it is for traffic that leaves most of a network alone.
 *
 * Where it ends, levels are right, whatever the order in which pipes have been
 * looked at: whatever a pipe's level depends on has had it looked at again
 * after it changed. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

/* How many flows a pipe holds before it is worth asking for a grant. */
#define WORTH_GRANTING 16

static uint32_t take_dirty(ds__flows *self)
{
    ds__heap_node *node = self->dirty.entries[0].node;
    const uint32_t l =
        (uint32_t)(ds__container(node, ds__pipe, in_heap) - self->pipes);

    ds__heap_remove(&self->dirty, node, ds__pipe_before);
    self->floors[l] = 0;
    return l;
}

/* ---- Passing on -----------------------------------------------------------*/

/* What a pipe tells those that its flows cross. */
typedef struct news {
    double more;  /* than they know of, at least 0 */
    double room;  /* by how much it may rise before the next time */
    bool is_loud; /* all have to know of everything, and of no room */
} news;

/* Tells one of them.  One that is full needs a look at once, one that is not
 * only when it may have become so. */
static inline void tell(ds__flows *self, uint32_t l, double coef, news *n)
{
    const double slack = self->slacks[l] -= coef * n->more;

    if (slack < 0) {
        n->is_loud = true;
        ds__pipe_dirty(self, l);
        return;
    }
    if (n->is_loud)
        return;
    double room = slack / self->totals[l];
    if (room < n->room)
        n->room = room;
}

/* Tells those that the flows of a lane cross, but for the pipe itself. */
static void tell_path(ds__flows *self, uint32_t l, const ds__path *path,
                      news *n)
{
    for (uint32_t i = 0; i < path->num_hops; i++)
        if (path->hops[i].link != l)
            tell(self, path->hops[i].link, ds__path_coef(path, i), n);
}

/* Has those that a lane lists looked at if their slack is below their floor. */
static void dirty_others(ds__flows *self, const ds__lane *lane)
{
    for (uint32_t i = 0; i < lane->num_others; i++)
        if (self->slacks[lane->others[i]] < self->floors[lane->others[i]])
            ds__pipe_dirty(self, lane->others[i]);
}

/* Tells those that a lane lists, when nobody asks for room any more.  Nearly
 * all that are full are to have a look already, so there is one branch, which
 * is hardly ever taken, and no call between two of them. */
static void tell_others(ds__flows *self, const ds__lane *lane, double less)
{
    double *slacks = self->slacks;
    const double *floors = self->floors;
    bool any = false;

    for (uint32_t i = 0; i < lane->num_others; i++) {
        const uint32_t l = lane->others[i];
        const double slack = slacks[l] - less;
        slacks[l] = slack;
        if (slack < floors[l])
            any = true;
    }
    if (any)
        dirty_others(self, lane);
}

/* Tells those that a lane lists, of which each may ask for room. */
static void ask_others(ds__flows *self, const ds__lane *lane, double coef,
                       news *n)
{
    for (uint32_t i = 0; i < lane->num_others; i++)
        tell(self, lane->others[i], coef, n);
}

static void tell_all(ds__flows *self, uint32_t l, news *n)
{
    const ds__pipe *pipe = &self->pipes[l];

    assert(pipe->is_full && self->slacks[l] < 0);
    for (size_t i = 0; i < pipe->num_held; i++) {
        const ds__lane *lane = &pipe->lanes[i];
        if (lane->num_others == DS__UNLISTED)
            tell_path(self, l, lane->path, n);
        else if (n->is_loud)
            tell_others(self, lane, pipe->coefs[i] * n->more);
        else
            ask_others(self, lane, pipe->coefs[i], n);
    }
}

/* Takes what a pipe may rise off the slack of those that its flows cross. */
static void grant(ds__flows *self, const ds__pipe *pipe, double rise)
{
    for (size_t i = 0; i < pipe->num_held; i++) {
        ds__lane lane = pipe->lanes[i];
        for (uint32_t k = 0; k < lane.path->num_hops; k++)
            if (k != lane.slot)
                self->slacks[lane.path->hops[k].link] -=
                    rise * ds__path_coef(lane.path, k);
    }
}

static void pass_on(ds__flows *self, uint32_t l, double level)
{
    ds__pipe *pipe = &self->pipes[l];
    const double more = level - self->granted[l];
    news n = {
        .more = more > 0 ? more : 0,
        .room = INFINITY,
        .is_loud = pipe->num_held < WORTH_GRANTING,
    };

    if (pipe->quiet && n.more == 0)
        return;
    tell_all(self, l, &n);
    self->granted[l] = level;
    pipe->quiet = !n.is_loud;
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

    if (ds__pipe_rests(self, l))
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
            self->slacks[l] = -1;
    }
    self->waving = false;
    self->is_sorted = false;
    return ends;
}
