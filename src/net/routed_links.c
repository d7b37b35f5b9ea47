/* The links of a routed network: how a program changes them while it runs, and
 * asks what they were used for. */

#include <assert.h>
#include <math.h>

#include "loop/loop.h"
#include "net/routed.h"
#include "net/wires.h"

/* ---- Changing them --------------------------------------------------------*/

/* Returns the network if the call is sound, and reports it if not. */
static ds__routed *sound(ds_net *net, size_t l, const char *call)
{
    ds__routed *self = (ds__routed *)net;

    if (net == NULL)
        return NULL;
    if (!ds__may_touch(net->loop)) {
        ds_net_fail(net, DS_EMISUSE, "%s: not a thread of the loop", call);
        return NULL;
    }
    if (net->ops != &ds__routed_ops) {
        ds_net_fail(net, DS_EMISUSE,
                    "%s: the network is not one of ds_routed_net_new()", call);
        return NULL;
    }
    if (self->engine == NULL)
        return NULL;
    if (l < self->num_links)
        return self;
    ds_net_fail(net, DS_EMISUSE,
                "%s: there is no link %zu; the topology has %zu, from 0", call,
                l, self->num_links);
    return NULL;
}

/* Has a change settled with all that happens at this instant. */
static void note(ds__routed *self, size_t l)
{
    if (!self->links[l].changed)
        self->changed[self->num_changed++] = (uint32_t)l;
    self->links[l].changed = true;
    ds_net_set_alarm(&self->base, 0);
}

void ds_link_set_rate(ds_net *net, size_t link, double rate)
{
    ds__routed *self = sound(net, link, "ds_link_set_rate");

    if (self == NULL)
        return;
    if (!(rate > 0) || !isfinite(rate)) {
        ds_net_fail(
            net, DS_EMISUSE,
            "ds_link_set_rate: rate is %g; a rate is finite and greater "
            "than 0",
            rate);
        return;
    }
    self->links[link].rate = rate;
    self->links[link].weighed |= ds__routed_weighs_rate(self);
    note(self, link);
}

void ds_link_set_latency(ds_net *net, size_t link, double latency)
{
    ds__routed *self = sound(net, link, "ds_link_set_latency");

    if (self == NULL)
        return;
    if (!(latency >= 0) || !isfinite(latency)) {
        ds_net_fail(net, DS_EMISUSE,
                    "ds_link_set_latency: latency is %g; it must be finite and "
                    "at least 0",
                    latency);
        return;
    }
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

void ds_link_set_up(ds_net *net, size_t link, bool up)
{
    ds__routed *self = sound(net, link, "ds_link_set_up");

    if (self == NULL || self->links[link].taken == !up)
        return;
    self->links[link].taken = !up;
    ds__tell_wire(net, link, !up, 0, ds__wire_name(net, link));
    look_at(self, link);
}

/* ---- By others than the program -------------------------------------------*/

static const ds__routed *routed_of(const ds_net *net)
{
    const ds__routed *self = (const ds__routed *)net;

    return net->ops == &ds__routed_ops && self->engine != NULL ? self : NULL;
}

size_t ds__num_wires(const ds_net *net)
{
    const ds__routed *self = routed_of(net);

    return self == NULL ? 0 : self->num_links;
}

const char *ds__wire_name(const ds_net *net, size_t link)
{
    return ds_topology_link(routed_of(net)->topology, link)->name;
}

void ds__wire_set_off(ds_net *net, size_t link, bool off)
{
    ds__routed *self = (ds__routed *)net;

    assert(link < ds__num_wires(net) && (off || self->links[link].off > 0));
    self->links[link].off += off ? 1 : (uint32_t)-1;
    look_at(self, link);
}

void ds__wires_mend(ds_net *net)
{
    for (size_t l = 0; l < ds__num_wires(net); l++) {
        ds__routed *self = (ds__routed *)net;
        if (!self->links[l].taken)
            continue;
        self->links[l].taken = false;
        ds__tell_wire(net, l, false, 0, ds__wire_name(net, l));
        look_at(self, l);
    }
}

uint64_t ds__wire_hits(const ds_net *net, size_t link)
{
    return routed_of(net)->links[link].hits;
}

size_t ds__wires_between(const ds_net *net, const ds_node *from,
                         const ds_node *to, size_t *links, size_t max)
{
    const ds__routed *self = routed_of(net);
    uint32_t a;
    uint32_t b;
    size_t n;

    if (self == NULL || !ds__places_find(&self->places, from, &a) ||
        !ds__places_find(&self->places, to, &b))
        return 0;
    n = ds_topology_route(self->topology, self->hosts[a], self->hosts[b], 0,
                          links, max);
    return n == SIZE_MAX ? 0 : n;
}

/* ---- What they were used for ----------------------------------------------*/

ds_link_use ds_link_get_use(const ds_net *net, size_t link)
{
    const ds__routed *self = (const ds__routed *)net;

    if (net == NULL || net->ops != &ds__routed_ops || self->engine == NULL ||
        link >= self->num_links)
        return (ds_link_use){ 0 };

    const ds__use use =
        ds__use_of(self->engine, (uint32_t)link, ds_net_now(net));
    return (ds_link_use){
        .bytes = use.bytes,
        .busy = use.busy,
        .full = use.full,
        .held = use.held,
        .messages = use.messages,
        .most = use.most,
    };
}
