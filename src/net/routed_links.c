/* The links of a routed network: how a program changes them while it runs, and
 * asks what they were used for. */

#include <assert.h>
#include <math.h>

#include "loop/loop.h"
#include "net/routed.h"
#include "net/wires.h"

/* ---- Changing them --------------------------------------------------------*/

/* Returns the network if a call is sound, and reports it if not; what links are
 * by themselves has been brought up to now. */
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
    if (l < self->num_links) {
        ds__routed_catch_up(self);
        return self;
    }
    ds_net_fail(net, DS_EMISUSE,
                "%s: there is no link %zu; the topology has %zu, from 0", call,
                l, self->num_links);
    return NULL;
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
    ds__routed_set_rate(self, link, rate);
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
    ds__routed_set_latency(self, link, latency);
}

void ds_link_set_up(ds_net *net, size_t link, bool up)
{
    ds__routed *self = sound(net, link, "ds_link_set_up");

    if (self == NULL || self->links[link].taken == !up)
        return;
    ds__tell_wire(net, link, !up, 0, ds__wire_name(net, link));
    ds__routed_set_taken(self, link, !up);
}

void ds_link_set_profile(ds_net *net, size_t link, const char *text)
{
    const char *call = "ds_link_set_profile";
    ds__routed *self = sound(net, link, call);

    if (self == NULL)
        return;
    if (text == NULL) {
        ds__routed_forget_profile(self, link);
        return;
    }
    if (ds__routed_give_profile(self, link, text, call))
        ds_net_set_alarm(net, 0);
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
    assert(link < ds__num_wires(net));
    ds__routed_set_off((ds__routed *)net, link, off);
}

void ds__wires_mend(ds_net *net)
{
    for (size_t l = 0; l < ds__num_wires(net); l++) {
        ds__routed *self = (ds__routed *)net;
        if (!self->links[l].taken)
            continue;
        ds__tell_wire(net, l, false, 0, ds__wire_name(net, l));
        ds__routed_set_taken(self, l, false);
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
