/* Messages: sending them and receiving them. */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "net/faults.h"

#define BATCH_KEPT 4096 /* a larger batch is not kept for the next one */

/* ---- Sending --------------------------------------------------------------*/

/* Says what is wrong with a message, or NULL. */
static const char *fault_of(const ds_loop *loop, const ds_msg *msg)
{
    if (msg->source == NULL)
        return "has no source port";
    if (msg->dest == NULL)
        return "has no destination port";
    if (msg->source->stream.loop != loop)
        return "has a source port of another loop";
    if (msg->dest->stream.loop != loop)
        return "has a destination port of another loop";
    if (!(msg->size >= 0 && msg->size <= DBL_MAX))
        return "has a bad size; a size is finite and at least 0";
    if (!(msg->rate >= 0 && msg->rate <= DBL_MAX))
        return "has a bad rate; a rate is finite, and 0 for no limit";
    if (msg->done != NULL && msg->done->loop != loop)
        return "has a done stream of another loop";
    if (msg->done != NULL && msg->done->reserved)
        return "has a port's stream as its done stream";
    return NULL;
}

static bool check_messages(ds_loop *loop, const ds_msg *msgs, size_t n,
                           const char *call)
{
    for (size_t i = 0; i < n; i++) {
        const char *fault = fault_of(loop, &msgs[i]);
        if (fault == NULL)
            continue;
        if (n == 1)
            ds__fail(loop, DS_EMISUSE, "%s: the message (of size %g) %s", call,
                     msgs[i].size, fault);
        else
            ds__fail(loop, DS_EMISUSE, "%s: message %zu of %zu (of size %g) %s",
                     call, i, n, msgs[i].size, fault);
        return false;
    }
    return true;
}

static inline bool is_sendable(ds_loop *loop, const ds_net *net,
                               const ds_msg *msgs, size_t n, const char *call)
{
    if (net == NULL)
        ds__fail(loop, DS_EMISUSE, "%s: the network is NULL", call);
    else if (net->loop != loop)
        ds__fail(loop, DS_EMISUSE, "%s: the network belongs to another loop",
                 call);
    else if (msgs == NULL && n > 0)
        ds__fail(loop, DS_EMISUSE, "%s: the array of messages is NULL", call);
    else
        return check_messages(loop, msgs, n, call);
    return false;
}

static bool may_send(ds_handle *h, const ds_net *net, const ds_msg *msgs,
                     size_t n, const char *call)
{
    return ds__enter(h, call) &&
           is_sendable(ds_handle_loop(h), net, msgs, n, call) && !ds__gone(h);
}

static ds_msg *reserve_batch(ds__annex *annex, size_t n)
{
    if (n <= annex->max_batch)
        return annex->batch;
    if (n > SIZE_MAX / sizeof(ds_msg))
        return NULL;

    ds_msg *batch = realloc(annex->batch, n * sizeof(*batch));
    if (batch != NULL) {
        annex->batch = batch;
        annex->max_batch = n;
    }
    return batch;
}

static void keep_batch_small(ds__annex *annex)
{
    if (annex->max_batch <= BATCH_KEPT)
        return;
    free(annex->batch);
    annex->batch = NULL;
    annex->max_batch = 0;
}

/* Loses those whose link is cut, and returns how many are left, in their
 * order. */
static size_t lose_cut(ds_net *net, ds_msg *msgs, size_t n)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        if (ds__faults_cut(net, &msgs[i]))
            ds__net_lose(net, msgs[i], DS__LOST_CUT);
        else
            msgs[left++] = msgs[i];
    }
    return left;
}

/* The caller's array is not ours to write names into. */
bool ds__net_take(ds_net *net, const ds_msg *msgs, size_t n, const char *call)
{
    ds__net_state *state = net->state;
    ds_msg one;
    ds_msg *batch = n == 1 ? &one : reserve_batch(state->annex, n);

    if (batch == NULL) {
        ds__fail_memory(net->loop, call);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        batch[i] = msgs[i];
        batch[i].damaged = false;
        batch[i].id = ds__ledger_enter(&state->annex->ledger, &state->account);
        state->stats.bytes_sent += batch[i].size;
        if (ds__net_is_watched(state))
            ds__tell_send(net, &batch[i]);
    }
    const ds_loop *before = ds__operation_begin(net->loop);
    if (ds__faults_may_cut(state))
        n = lose_cut(net, batch, n);
    if (n > 0)
        net->ops->send(net, batch, n);
    ds__operation_end(before);
    keep_batch_small(state->annex);
    return true;
}

/* Whether what a machine sends is counted at all; nobody's (NULL) is not. */
static inline bool counts_sends(const ds_node *node)
{
    return node != NULL && node->life.points != NULL;
}

/* How many of the messages the network has taken: all or none, unless the
 * machine crashes in the middle. */
static size_t send_checked(ds_handle *h, ds_net *net, const ds_msg *msgs,
                           size_t n, const char *call)
{
    if (!may_send(h, net, msgs, n, call) ||
        (net->state->turn != NULL && !net->state->turn->begin(net, call)))
        return 0;

    ds_node *node = ds__node_of(h);
    const size_t sent = counts_sends(node) ? ds__life_count_sends(node, n) : n;
    bool taken = true;
    if (sent > 0) {
        ds__close_handle(h);
        taken = ds__net_take(net, msgs, sent, call);
        ds__open_handle(h);
    }
    if (sent < n)
        ds__life_strike(node);
    return taken ? sent : 0;
}

static void send_all(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n,
                     const char *call)
{
    size_t taken = send_checked(h, net, msgs, n, call);

    for (size_t i = taken; msgs != NULL && i < n; i++) {
        ds_msg refused = msgs[i];
        ds_msg_drop(&refused);
    }
    if (taken > 0 && net->state->turn != NULL)
        net->state->turn->wait(net, h, call);
}

void ds__send(ds_handle *h, ds_net *net, const ds_msg *msg, const char *call)
{
    send_all(h, net, msg, 1, call);
}

void ds_send(ds_handle *h, ds_net *net, ds_msg msg)
{
    send_all(h, net, &msg, 1, "ds_send");
}

void ds_send_all(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n)
{
    send_all(h, net, msgs, n, "ds_send_all");
}

void ds__send_ahead(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n)
{
    net->state->ahead = true;
    send_all(h, net, msgs, n, "ds_send");
    net->state->ahead = false;
}

/* ---- Sending from handlers ------------------------------------------------*/

static bool may_send_from(const ds_port *port, const ds_net *net,
                          const ds_msg *msg, const char *call)
{
    if (!ds__handler_may(port, call) ||
        !is_sendable(port->stream.loop, net, msg, 1, call))
        return false;
    if (net->state->turn == NULL)
        return !port->node->life.down;
    ds__fail(port->stream.loop, DS_EMISUSE,
             "%s: on network %llu \"%s\" sending takes time, which a handler "
             "has not; send from a thread",
             call, (unsigned long long)net->state->number,
             net->ops->name == NULL ? "" : net->ops->name);
    return false;
}

/* Whether the message leaves before its machine crashes, which is done then. */
static bool outlives(ds_node *node)
{
    if (!counts_sends(node) || ds__life_count_sends(node, 1) == 1)
        return true;
    ds__life_strike(node);
    return false;
}

void ds_port_send(ds_port *port, ds_net *net, ds_msg msg)
{
    static const char call[] = "ds_port_send";

    msg.source = port;
    if (port == NULL || !may_send_from(port, net, &msg, call) ||
        !outlives(port->node) || !ds__net_take(net, &msg, 1, call))
        ds_msg_drop(&msg);
}

/* ---- Networks on which sending takes time ---------------------------------*/

void ds__net_set_turn(ds_net *net, const ds__turn *turn)
{
    net->state->turn = turn;
}

bool ds__turn_enter(ds_handle *h, const ds_net *net, const char *call)
{
    if (!ds__enter(h, call))
        return false;
    if (net != NULL && net->loop == ds_handle_loop(h))
        return !ds__gone(h);
    ds__fail(ds_handle_loop(h), DS_EMISUSE, "%s: the network %s", call,
             net == NULL ? "is NULL" : "belongs to another loop");
    return false;
}

bool ds__turn_poll(ds_handle *h, ds_stream *stream, const char *call)
{
    ds_event event;

    return ds__poll(h, &stream, 1, INFINITY, &event, call);
}

void ds__turn_signal(ds_net *net, ds_stream *stream)
{
    ds__signal(net->loop, (ds__done){ .stream = stream }, 0, "ds_send");
}

void ds__turn_signal_done(ds_net *net, ds_msg *msg)
{
    ds__signal(net->loop, ds__done_of(msg), 0, "ds_send");
    ds__forget_done(msg);
}

bool ds__turn_may_signal(const ds_net *net, const ds_stream *stream)
{
    return stream->loop == net->loop && !stream->reserved;
}

bool ds__turn_is_awaited(const ds_port *port)
{
    return ds__handler_is_set(port) || (port->stream.num_places > 0 &&
                                        ds__queue_empty(&port->stream.queue));
}

bool ds__turn_is_ahead(ds_net *net)
{
    const bool ahead = net->state->ahead;

    net->state->ahead = false;
    return ahead;
}

/* ---- Receiving ------------------------------------------------------------*/

/* Whoever has not the baton leaves the boxes for reuse alone. */
bool ds_unpack(ds_event *event, ds_msg *msg)
{
    if (event == NULL || msg == NULL || event->stream == NULL ||
        !event->stream->reserved)
        return false;

    ds__box *box = event->data;
    if (box->event.payload.data != box) {
        ds__fail(event->stream->loop, DS_EMISUSE,
                 "ds_unpack: the message of this event has been unpacked "
                 "before");
        return false;
    }
    if (ds__may_touch(event->stream->loop))
        ds__box_empty(box, msg);
    else
        ds__box_give_up(box, msg);
    *event = (ds_event){ 0 };
    return true;
}

static bool may_recv(ds_handle *h, const ds_port *port, double seconds,
                     const ds_msg *msg, const char *call)
{
    if (!ds__enter(h, call))
        return false;

    ds_loop *loop = ds_handle_loop(h);
    if (msg == NULL) {
        ds__fail(loop, DS_EMISUSE, "%s: the message is NULL", call);
        return false;
    }
    if (port == NULL || port->stream.loop != loop) {
        ds__fail(loop, DS_EMISUSE, "%s: the port %s", call,
                 port == NULL ? "is NULL" : "belongs to another loop");
        return false;
    }
    return ds__check_seconds(loop, seconds, true, call);
}

/* A message that has come is written over msg, which else has none. */
bool ds__recv(ds_handle *h, ds_port *port, double seconds, ds_msg *msg,
              const char *call)
{
    ds_event event;
    bool goes_on = may_recv(h, port, seconds, msg, call);

    if (goes_on) {
        ds_stream *stream = &port->stream;
        goes_on = ds__poll(h, &stream, 1, seconds, &event, call);
    }
    if (goes_on && event.stream != NULL)
        ds__box_empty(event.data, msg);
    else if (msg != NULL)
        *msg = (ds_msg){ 0 };
    return goes_on;
}

bool ds_recv(ds_handle *h, ds_port *port, ds_msg *msg)
{
    return ds__recv(h, port, INFINITY, msg, "ds_recv");
}

bool ds_recv_timeout(ds_handle *h, ds_port *port, double seconds, ds_msg *msg)
{
    return ds__recv(h, port, seconds, msg, "ds_recv_timeout");
}

bool ds_recv_until(ds_handle *h, ds_port *port, double time, ds_msg *msg)
{
    double seconds;

    if (msg != NULL)
        *msg = (ds_msg){ 0 };
    return ds__seconds_until(h, time, true, "ds_recv_until", &seconds) &&
           ds__recv(h, port, seconds, msg, "ds_recv_until");
}
