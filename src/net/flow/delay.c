/* What links cost a message: how much longer it took to drain than it would
 * have alone, by which link.
 *
 * While one link holds a path, its flows fall behind a message that is alone by
 * the seconds that pass, without those that it would have needed for what they
 * get.  So this is added up only when the holder changes, or the flows do, and
 * once for all flows of a path: a flow was there from one moment to another, so
 * what it lost is a difference.  Nothing here winds a clock: to ask changes no
 * bit of the run. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

void ds__flows_count_delays(ds__flows *self, ds__delays_fn *losses)
{
    assert(self->num_paths == 0 && self->serial == 0);
    self->losses = losses;
}

size_t ds__delay_size(const ds__flows *self, size_t hops)
{
    if (self->losses == NULL)
        return 0;
    return sizeof(ds__delays) + hops * sizeof(double);
}

/* Returns the delays of a path, behind its hops. */
static ds__delays *delays_of(const ds__path *path)
{
    const size_t hops = (size_t)DS__LEAST_HOPS << path->size;

    return (ds__delays *)(uintptr_t)(path->hops + hops);
}

/* Returns the level of a message that is alone on a path. */
static double level_alone(const ds__flows *self, const ds__path *path)
{
    double level = INFINITY;

    for (uint32_t i = 0; i < path->num_hops; i++)
        if (path->hops[i].unit > 0)
            level = fmin(level, self->pipes[path->hops[i].link].capacity /
                                    path->hops[i].unit);
    return level;
}

/* Returns what each flow of a path has drained up to now. */
static double drained_now(const ds__flows *self, const ds__path *path)
{
    const uint32_t l = ds__path_holder(path);
    ds__pipe holder = self->pipes[l];

    if (path->base.first == NULL)
        return 0;
    if (self->now > holder.seen)
        holder.clock += self->levels[l] * (self->now - holder.seen);
    return ds__pipe_drained(&holder, path);
}

void ds__delay_begin(ds__flows *self, const ds__path *path)
{
    if (self->losses == NULL)
        return;

    ds__delays *delays = delays_of(path);
    *delays = (ds__delays){ .seen = self->now };
    for (size_t i = 0; i < (size_t)DS__LEAST_HOPS << path->size; i++)
        delays->lost[i] = 0;
}

void ds__delay_add_up(ds__flows *self, const ds__path *path)
{
    ds__delays *delays = delays_of(path);
    const double drained = drained_now(self, path);
    const double span = self->now - delays->seen;
    const double alone = level_alone(self, path);

    if (path->base.first != NULL && alone > 0)
        delays->lost[path->hold] +=
            fmax(0, span - (drained - delays->drained) / alone);
    else if (path->base.first != NULL)
        delays->lost[path->hold] += span;
    delays->seen = self->now;
    delays->drained = drained;
}

void ds__delay_restart(ds__flows *self, const ds__path *path)
{
    if (self->losses != NULL)
        delays_of(path)->drained = 0;
}

void ds__delay_add(ds__flows *self, const ds__path *path, ds__flow *flow,
                   double sign)
{
    double *losses = self->losses(flow);

    for (uint32_t i = 0; losses != NULL && i < path->num_route; i++)
        losses[i] += sign * delays_of(path)->lost[i];
}
