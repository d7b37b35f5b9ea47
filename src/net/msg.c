/* Messages: sending, receiving, and the box in which one waits at its port.
 *
 * A stream carries pointers, so a message that arrives is put into a box.  The
 * function that frees a box also tells that an event is a message. */

#include <math.h>
#include <stdlib.h>

#include "net/net.h"

/* ---- Boxes ----------------------------------------------------------------*/

void ds_msg_drop(ds_msg *msg)
{
    if (msg == NULL)
        return;

    ds_msg dropped = *msg;
    *msg = (ds_msg){ 0 };
    if (dropped.free != NULL)
        dropped.free(dropped.data);
}

static void free_box(void *box)
{
    ds_msg_drop(box);
    free(box);
}

void ds__msg_post(ds_loop *loop, double seconds, ds_msg msg, const char *call)
{
    ds_timer timer;
    ds_stream *done = msg.done;
    ds_msg *box = malloc(sizeof(*box));

    if (box == NULL) {
        ds__fail_memory(loop, call);
        ds_msg_drop(&msg);
        return;
    }
    *box = msg;
    box->done = NULL;
    ds__post(loop, &msg.dest->stream, seconds, box, free_box, &timer, call);
    if (done != NULL)
        ds__post(loop, done, seconds, NULL, NULL, &timer, call);
}

bool ds_unpack(ds_event *event, ds_msg *msg)
{
    if (event == NULL || msg == NULL || event->free != free_box)
        return false;
    *msg = *(ds_msg *)event->data;
    free(event->data);
    *event = (ds_event){ 0 };
    return true;
}

/* ---- Sending --------------------------------------------------------------*/

/* What is wrong with a message, or NULL. */
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
    if (!(msg->size >= 0) || !isfinite(msg->size))
        return "has a bad size; a size is finite and at least 0";
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

static bool may_send(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n,
                     const char *call)
{
    if (!ds__enter(h, call))
        return false;

    ds_loop *loop = ds_handle_loop(h);
    if (net == NULL)
        ds__fail(loop, DS_EMISUSE, "%s: the network is NULL", call);
    else if (net->loop != loop)
        ds__fail(loop, DS_EMISUSE, "%s: the network belongs to another loop",
                 call);
    else if (msgs == NULL && n > 0)
        ds__fail(loop, DS_EMISUSE, "%s: the array of messages is NULL", call);
    else
        return check_messages(loop, msgs, n, call) && !ds__gone(h);
    return false;
}

static void send_all(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n,
                     const char *call)
{
    if (may_send(h, net, msgs, n, call)) {
        if (n == 0)
            return;
        ds__close_handle(h);
        net->state->held += (int64_t)n;
        net->ops->send(net, msgs, n);
        ds__open_handle(h);
        return;
    }
    for (size_t i = 0; msgs != NULL && i < n; i++) {
        ds_msg refused = msgs[i];
        ds_msg_drop(&refused);
    }
}

void ds_send(ds_handle *h, ds_net *net, ds_msg msg)
{
    send_all(h, net, &msg, 1, "ds_send");
}

void ds_send_all(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n)
{
    send_all(h, net, msgs, n, "ds_send_all");
}

/* ---- Receiving ------------------------------------------------------------*/

bool ds__recv(ds_handle *h, ds_port *port, double seconds, ds_msg *msg,
              const char *call)
{
    ds_event event;

    if (msg != NULL)
        *msg = (ds_msg){ 0 };
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
    if (!ds__check_seconds(loop, seconds, true, call))
        return false;

    ds_stream *stream = &port->stream;
    if (!ds__poll(h, &stream, 1, seconds, &event, call))
        return false;
    ds_unpack(&event, msg);
    return true;
}

bool ds_recv(ds_handle *h, ds_port *port, ds_msg *msg)
{
    return ds__recv(h, port, INFINITY, msg, "ds_recv");
}

bool ds_recv_timeout(ds_handle *h, ds_port *port, double seconds, ds_msg *msg)
{
    return ds__recv(h, port, seconds, msg, "ds_recv_timeout");
}
