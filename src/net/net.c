/* What every network has: its place on the loop, an alarm, and the ways in
 * which a message leaves it. */

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "net/gate.h"

/* ---- Who may call ---------------------------------------------------------*/

/* Refuses a call of a thread of the program's own, which would meet one of the
 * loop's in the middle of something. */
static void refuse_outsider(const ds_net *net, const char *call)
{
    ds__fail(net->loop, DS_EMISUSE,
             "%s: the loop is running, and only its networks and the bodies of "
             "its threads may call this now; ds_stream_post() is the way in "
             "from outside",
             call);
}

static bool may_touch(const ds_net *net, const char *call)
{
    bool may = ds__may_touch(net->loop);

    if (!may)
        refuse_outsider(net, call);
    return may;
}

static bool touch(const ds_net *net, const char *call)
{
    bool may = ds__touch_begin(net->loop);

    if (!may)
        refuse_outsider(net, call);
    return may;
}

/* ---- Making one -----------------------------------------------------------*/

static void tell(const ds_net *net, ds__record record)
{
    record.a = (uint32_t)net->state->number;
    ds__tell_probe(net->loop, record);
}

static void ring(ds__alarm *alarm)
{
    ds_net *net = ds__container(alarm, ds__net_state, alarm)->net;
    const ds_loop *before = ds__operation_begin(net->loop);

    net->ops->alarm(net);
    ds__operation_end(before);
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
    *state = (ds__net_state){
        .net = net,
        .annex = annex,
        .probe = ds__loop_probe(loop),
        .number = annex->num_nets,
    };
    if (!ds__alarm_init(&state->alarm, loop, state->number, ring))
        goto no_memory;
    if (annex->num_nets++ == 0) {
        ds__loop_set_names(loop, ds__box_name);
        if (annex->gate == NULL)
            ds__loop_set_gate(loop, ds__gate_arrive, annex->handled);
    }
    *net = (ds_net){
        .ops = ops,
        .loop = loop,
        .next = annex->nets,
        .state = state,
    };
    annex->nets = net;
    if (ds__net_is_watched(state))
        tell(net, (ds__record){ .kind = DS__TELL_NET,
                                .text = ops->name == NULL ? "" : ops->name });
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
    if (net == NULL || !may_touch(net, "ds_net_random"))
        return 0;
    return ds__loop_random(net->loop, DS__RNG_NET, net->state->number,
                           net->state->draws++);
}

/* ---- Letting messages go --------------------------------------------------*/

static void name_it(const ds_net *net, ds__text *text)
{
    ds__text_add(text, "network %llu \"%s\"",
                 (unsigned long long)net->state->number,
                 net->ops->name == NULL ? "" : net->ops->name);
}

/* Refuses to let a message leave a second time, and forgets its payload, which
 * is somebody else's by now. */
static void refuse_again(const ds_net *net, ds_msg *msg, const char *call)
{
    char buf[128];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    name_it(net, &text);
    ds__fail(net->loop, DS_EMISUSE,
             "%s: message %llu leaves %s twice: it has been delivered or lost "
             "before; each leaves once, and a copy has the id 0",
             call, (unsigned long long)msg->id, buf);
    *msg = (ds_msg){ 0 };
}

static void refuse_unknown(const ds_net *net, const ds_msg *msg,
                           const char *call)
{
    char buf[128];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    name_it(net, &text);
    ds__fail(net->loop, DS_EMISUSE,
             "%s: message %llu leaves %s, which was never given it; no message "
             "of this id has been sent",
             call, (unsigned long long)msg->id, buf);
}

static bool leave_slowly(const ds_net *net, ds_msg *msg, const char *call)
{
    ds__net_state *state = net->state;

    switch (ds__ledger_leave(&state->annex->ledger, &state->account, msg->id)) {
    case DS__LEFT:
        refuse_again(net, msg, call);
        return false;
    case DS__NO_SUCH:
        refuse_unknown(net, msg, call);
        return false;
    case DS__UNRECORDED:
        ds__fail_memory(net->loop, call);
        break;
    case DS__LEAVES:
        break;
    }
    return true;
}

/* Notes that a message leaves the network.  false: it may not. */
static bool leave(const ds_net *net, ds_msg *msg, const char *call)
{
    ds__net_state *state = net->state;

    return ds__ledger_leave_fast(&state->annex->ledger, &state->account,
                                 msg->id) ||
           leave_slowly(net, msg, call);
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

static bool is_deliverable(const ds_net *net, double seconds, const ds_msg *msg)
{
    if (msg->dest != NULL && msg->dest->stream.loop == net->loop)
        return done_is_sound(net, msg, "ds_net_deliver") &&
               ds__check_seconds(net->loop, seconds, false, "ds_net_deliver");
    ds__fail(net->loop, DS_EMISUSE,
             "ds_net_deliver: the message has no destination port on this "
             "loop");
    return false;
}

static void deliver(ds_net *net, double seconds, ds_msg *msg, ds__done receipt)
{
    if (net == NULL || !touch(net, "ds_net_deliver")) {
        ds_msg_drop(msg);
        return;
    }
    if (leave(net, msg, "ds_net_deliver") && is_deliverable(net, seconds, msg))
        ds__box_post(net->state, seconds, msg, receipt, "ds_net_deliver");
    else
        ds_msg_drop(msg);
    ds__touch_end(net->loop);
}

void ds_net_deliver(ds_net *net, double seconds, ds_msg msg)
{
    deliver(net, seconds, &msg, (ds__done){ 0 });
}

void ds__turn_deliver(ds_net *net, ds_msg msg)
{
    const ds__done receipt = ds__done_of(&msg);

    ds__forget_done(&msg);
    deliver(net, 0, &msg, receipt);
}

static void lose(const ds_net *net, ds_msg *msg, ds__loss_reason why)
{
    ds__done done = { 0 };

    if (leave(net, msg, "ds_net_lose")) {
        net->state->stats.lost++;
        if (ds__net_is_watched(net->state))
            ds__tell_loss(why, net, msg);
        if (done_is_sound(net, msg, "ds_net_lose"))
            done = ds__done_of(msg);
    }
    ds_msg_drop(msg);
    ds__signal(net->loop, done, 0, "ds_net_lose");
}

void ds__net_lose(ds_net *net, ds_msg msg, ds__loss_reason why)
{
    if (net == NULL || !touch(net, "ds_net_lose")) {
        ds_msg_drop(&msg);
        return;
    }
    lose(net, &msg, why);
    ds__touch_end(net->loop);
}

void ds_net_lose(ds_net *net, ds_msg msg)
{
    ds__net_lose(net, msg, DS__LOST_BY_NET);
}

/* ---- For traces -----------------------------------------------------------*/

void ds_net_begins(ds_net *net, const ds_msg *msg)
{
    if (net == NULL || !ds__net_is_watched(net->state))
        return;
    if (may_touch(net, "ds_net_begins") && msg != NULL)
        ds__tell_msg(DS__TELL_BEGIN, net, msg);
}

void ds_net_set_model(ds_net *net, const char *model, double latency)
{
    if (net == NULL || !ds__net_is_watched(net->state))
        return;
    if (may_touch(net, "ds_net_set_model"))
        tell(net, (ds__record){ .kind = DS__TELL_MODEL,
                                .x = latency,
                                .text = model == NULL ? "" : model });
}

void ds_net_set_rates(ds_net *net, const ds_node *node, double send,
                      double receive)
{
    if (net == NULL || node == NULL || !ds__net_is_watched(net->state) ||
        !may_touch(net, "ds_net_set_rates"))
        return;
    for (unsigned in = 0; in < 2; in++)
        tell(net, (ds__record){ .kind = DS__TELL_RATES,
                                .flag = in,
                                .b = (uint32_t)node->number + 1,
                                .x = in ? receive : send });
}

/* ---- Alarms and failures --------------------------------------------------*/

static void set_alarm(ds_net *net, double seconds)
{
    if (!ds__check_seconds(net->loop, seconds, true, "ds_net_set_alarm"))
        return;
    if (net->ops->alarm == NULL && seconds < INFINITY) {
        ds__fail(net->loop, DS_EMISUSE,
                 "ds_net_set_alarm: the network has no alarm function");
        return;
    }
    ds__alarm_set(net->loop, &net->state->alarm, seconds);
}

void ds_net_set_alarm(ds_net *net, double seconds)
{
    if (net == NULL || !touch(net, "ds_net_set_alarm"))
        return;
    set_alarm(net, seconds);
    ds__touch_end(net->loop);
}

void ds_net_fail(ds_net *net, ds_status status, const char *format, ...)
{
    va_list args;

    if (net == NULL || !may_touch(net, "ds_net_fail"))
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
