/* What a link was used for. */

#include <assert.h>

#include "net/flow/flow.h"

/* Returns the use of a link, up to now; NULL: nobody asks, or it is a limit. */
static ds__use *seen_now(ds__flows *self, uint32_t l)
{
    if (self->uses == NULL || l >= self->num_links)
        return NULL;

    ds__use *use = &self->uses[l];
    const double span = self->now - use->seen;
    use->busy += use->open > 0 ? span : 0;
    use->full += use->is_full ? span : 0;
    use->held += span * (double)use->held_open;
    use->seen = self->now;
    return use;
}

void ds__use_open(ds__flows *self, const ds__path *path, bool more)
{
    for (uint32_t i = 0; self->uses != NULL && i < path->num_route; i++) {
        ds__use *use = seen_now(self, path->hops[i].link);
        if (path->hops[i].times == 0)
            continue;
        use->open += more ? 1 : (size_t)-1;
        use->messages += more;
        if (use->open > use->most)
            use->most = use->open;
    }
}

void ds__use_hold(ds__flows *self, uint32_t l, size_t messages, bool more)
{
    ds__use *use = seen_now(self, l);

    if (use == NULL)
        return;
    assert(more || use->held_open >= messages);
    use->held_open += more ? messages : (size_t)0 - messages;
}

void ds__use_full(ds__flows *self, uint32_t l, bool is_full)
{
    if (self->uses == NULL || l >= self->num_links ||
        self->uses[l].is_full == is_full)
        return;
    seen_now(self, l)->is_full = is_full;
}

void ds__use_bytes(ds__flows *self, const ds__path *path, double bytes)
{
    for (uint32_t i = 0; self->uses != NULL && i < path->num_route; i++) {
        const ds__hop *hop = &path->hops[i];
        self->uses[hop->link].bytes += hop->times * bytes;
    }
}

void ds__use_pass(ds__flows *self, const ds__path *path, bool more)
{
    const uint64_t one = more ? 1 : (uint64_t)-1;

    for (uint32_t i = 0; self->uses != NULL && i < path->num_route; i++)
        if (path->hops[i].times > 0)
            self->uses[path->hops[i].link].messages += one;
}

/* ---- Of what drains still -------------------------------------------------*/

/* Returns the bytes that the flows of a path have got that drain still. */
static double got_on(const ds__flows *self, const ds__path *path, double now)
{
    const uint32_t l = ds__path_holder(path);
    ds__pipe holder = self->pipes[l];

    if (path->num_draining == 0)
        return 0;
    holder.clock += self->levels[l] * (now - holder.seen);
    double drained = ds__pipe_drained(&holder, path);
    return path->speed * ((double)path->num_draining * drained - path->begun);
}

ds__use ds__use_of(const ds__flows *self, uint32_t l, double now)
{
    const ds__pipe *pipe = &self->pipes[l];
    ds__use use = self->uses[l];
    const double span = now - use.seen;

    use.busy += use.open > 0 ? span : 0;
    use.full += use.is_full ? span : 0;
    use.held += span * (double)use.held_open;
    use.seen = now;
    for (size_t i = 0; i < pipe->num_lanes; i++) {
        const ds__lane lane = pipe->lanes[i];
        use.bytes +=
            lane.path->hops[lane.slot].times * got_on(self, lane.path, now);
    }
    return use;
}
