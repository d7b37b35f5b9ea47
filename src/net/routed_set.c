/* What a link is like from now on, whoever says so: it is settled with all that
 * happens at this instant. */

#include <assert.h>

#include "net/routed.h"

/* Has a change settled with all that happens at this instant. */
static void note(ds__routed *self, size_t l)
{
    if (!self->links[l].changed)
        self->changed[self->num_changed++] = (uint32_t)l;
    self->links[l].changed = true;
    ds_net_set_alarm(&self->base, 0);
}

void ds__routed_set_rate(ds__routed *self, size_t link, double rate)
{
    self->links[link].rate = rate;
    self->links[link].weighed |= ds__routed_weighs_rate(self);
    note(self, link);
}

void ds__routed_set_latency(ds__routed *self, size_t link, double latency)
{
    self->links[link].latency = latency;
    if (!ds__routed_weighs_latency(self))
        return;
    self->links[link].weighed = true;
    note(self, link);
}

/* Works out whether a link is up. */
static void look_at(ds__routed *self, size_t l)
{
    ds__routed_link *link = &self->links[l];
    const bool up = !link->taken && link->off == 0;

    if (link->up == up)
        return;
    link->up = up;
    link->fell |= !up;
    note(self, l);
}

void ds__routed_set_taken(ds__routed *self, size_t link, bool taken)
{
    self->links[link].taken = taken;
    look_at(self, link);
}

void ds__routed_set_off(ds__routed *self, size_t link, bool off)
{
    assert(off || self->links[link].off > 0);
    self->links[link].off += off ? 1 : (uint32_t)-1;
    look_at(self, link);
}
