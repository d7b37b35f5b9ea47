/* The links of a routed network: how a program changes them while it runs, and
 * asks what they were used for. */

#include <math.h>

#include "loop/loop.h"
#include "net/routed.h"

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

void ds_link_set_up(ds_net *net, size_t link, bool up)
{
    ds__routed *self = sound(net, link, "ds_link_set_up");

    if (self == NULL || self->links[link].up == up)
        return;
    self->links[link].up = up;
    self->links[link].fell |= !up;
    note(self, link);
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
