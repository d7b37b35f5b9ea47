/* The random network: every message takes its own random time, and overtakes
 * others as it likes.  It finds assumptions about order. */

#include <math.h>
#include <stdlib.h>

#include <distsys/net.h>

typedef struct random_net {
    ds_net base;
    double max; /* seconds */
} random_net;

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    const random_net *self = (const random_net *)net;

    for (size_t i = 0; i < n; i++)
        ds_net_deliver(net, ds_net_random(net) * self->max, msgs[i]);
}

static void free_net(ds_net *net)
{
    free(net);
}

static const ds_net_ops ops = {
    .name = "random",
    .send = send,
    .free = free_net,
};

ds_net *ds_random_net_new(ds_loop *loop, double max)
{
    random_net *self = loop == NULL ? NULL : calloc(1, sizeof(*self));
    ds_net *net = ds_net_init((ds_net *)self, loop, &ops);

    if (net == NULL) {
        free(self);
        return NULL;
    }
    self->max = max;
    ds_net_set_model(net, "random", max);
    if (max >= 0 && isfinite(max))
        return net;
    ds_net_fail(net, DS_EMISUSE,
                "ds_random_net_new: max is %g; it must be finite and at least "
                "0",
                max);
    return NULL;
}
