/* What every network has: its place on the loop, an alarm, and the ways in
 * which a message leaves it. */

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "net/net.h"

static void ring(ds__alarm *alarm)
{
    ds_net *net = ds__container(alarm, ds__net_state, alarm)->net;

    net->ops->alarm(net);
}

static bool is_known(const ds__annex *annex, const ds_net *net)
{
    const ds_net *known = annex->nets;

    while (known != NULL && known != net)
        known = known->next;
    return known != NULL;
}

ds_net *ds_net_init(ds_net *net, ds_loop *loop, const ds_net_ops *ops)
{
    if (!ds__may_build(loop, "ds_net_init"))
        return NULL;
    if (net == NULL) {
        ds__fail_memory(loop, "ds_net_init");
        return NULL;
    }
    if (ops == NULL || ops->send == NULL) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_net_init: the operations have no send function");
        return NULL;
    }

    ds__annex *annex = ds__annex_of(loop, "ds_net_init");
    if (annex == NULL)
        return NULL;
    if (is_known(annex, net)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_net_init: the network is on this loop already");
        return NULL;
    }
    ds__net_state *state = malloc(sizeof(*state));
    if (state == NULL)
        goto no_memory;
    *state = (ds__net_state){ .net = net, .number = annex->num_nets };
    if (!ds__alarm_init(&state->alarm, loop, state->number, ring))
        goto no_memory;
    annex->num_nets++;
    *net = (ds_net){
        .ops = ops,
        .loop = loop,
        .next = annex->nets,
        .state = state,
    };
    annex->nets = net;
    return net;

no_memory:
    free(state);
    ds__fail_memory(loop, "ds_net_init");
    return NULL;
}

double ds_net_now(const ds_net *net)
{
    return net == NULL ? 0 : ds_loop_now(net->loop);
}

double ds_net_random(ds_net *net)
{
    if (net == NULL)
        return 0;
    return ds__loop_random(net->loop, DS__RNG_NET, net->state->number,
                           net->state->draws++);
}

/* A network of somebody's own may have changed what it was given. */
static bool done_is_sound(const ds_net *net, const ds_msg *msg,
                          const char *call)
{
    if (msg->done == NULL || msg->done->loop == net->loop)
        return true;
    ds__fail(net->loop, DS_EMISUSE,
             "%s: the message has a done stream of another loop", call);
    return false;
}

static bool may_deliver(const ds_net *net, double seconds, const ds_msg *msg)
{
    if (net == NULL)
        return false;
    if (msg->dest != NULL && msg->dest->stream.loop == net->loop)
        return done_is_sound(net, msg, "ds_net_deliver") &&
               ds__check_seconds(net->loop, seconds, false, "ds_net_deliver");
    ds__fail(net->loop, DS_EMISUSE,
             "ds_net_deliver: the message has no destination port on this "
             "loop");
    return false;
}

void ds_net_deliver(ds_net *net, double seconds, ds_msg msg)
{
    if (net != NULL)
        net->state->held--;
    if (may_deliver(net, seconds, &msg))
        ds__msg_post(net->loop, seconds, msg, "ds_net_deliver");
    else
        ds_msg_drop(&msg);
}

void ds_net_lose(ds_net *net, ds_msg msg)
{
    ds_timer timer;
    ds_stream *done = NULL;

    if (net != NULL)
        net->state->held--;
    if (net != NULL && done_is_sound(net, &msg, "ds_net_lose"))
        done = msg.done;
    ds_msg_drop(&msg);
    if (done != NULL)
        ds__post(net->loop, done, 0, NULL, NULL, &timer, "ds_net_lose");
}

void ds_net_set_alarm(ds_net *net, double seconds)
{
    if (net == NULL ||
        !ds__check_seconds(net->loop, seconds, true, "ds_net_set_alarm"))
        return;
    if (net->ops->alarm == NULL && seconds < INFINITY) {
        ds__fail(net->loop, DS_EMISUSE,
                 "ds_net_set_alarm: the network has no alarm function");
        return;
    }
    ds__alarm_set(net->loop, &net->state->alarm, seconds);
}

void ds_net_fail(ds_net *net, ds_status status, const char *format, ...)
{
    va_list args;

    if (net == NULL)
        return;
    if (status <= DS_OK || status > DS_EMISUSE) {
        ds__fail(net->loop, DS_EMISUSE,
                 "ds_net_fail: the status is %s, which is no failure",
                 status == DS_OK ? "DS_OK" : "none of ds_status");
        return;
    }
    if (format == NULL) {
        ds__fail(net->loop, DS_EMISUSE, "ds_net_fail: the format is NULL");
        return;
    }
    va_start(args, format);
    ds__vfail(net->loop, status, format, args);
    va_end(args);
}
