/* Handlers: functions that the loop calls when a message arrives at a port.
 *
 * The gate, which all that arrives passes, is where that happens; so a loop
 * without handlers pays nothing, and what the gate loses or puts off is not
 * handled.  A handler acts for its machine and is no thread: nobody may wait
 * where it is set, and it cannot be unwound, so that memory of a machine that
 * it crashes itself is freed when it has returned.
 *
 * What could not be handled when it came, since the machine was paused or there
 * was no handler yet, lies in the queue of the port, and an alarm has all of it
 * handled, in its order. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "net/net.h"

/* Apart from the numbers of networks, which alarms have too. */
#define FIRST_ALARM (UINT64_C(1) << 32)

struct ds__handler {
    ds__alarm alarm; /* for what lies at the port */
    ds_port *port;
    ds_port_fn *fn; /* NULL: it has been taken away */
    void *arg;
};

/* ---- Handling -------------------------------------------------------------*/

static bool is_able(const ds_port *port)
{
    const ds__life *life = &port->node->life;

    return ds__handler_is_set(port) && !life->down && !life->scope.paused &&
           !ds__over(port->stream.loop);
}

/* Around a call, in which memory of the machine is in use. */
static void begin_call(ds__life *life)
{
    assert(!life->handling && !life->doomed);
    life->handling = true;
}

static void end_call(ds__life *life)
{
    life->handling = false;
    if (life->doomed)
        life->scope.emptied(&life->scope);
    life->doomed = false;
}

static void call(ds__handler *handler, ds_msg *msg)
{
    ds_node *node = handler->port->node;
    ds_loop *loop = node->loop;
    ds__annex *annex = ds__loop_annex(loop);
    ds_handle *self = ds__acting_begin(loop);
    const ds_loop *before = ds__operation_begin(loop);

    assert(annex->handling == NULL);
    annex->handling = node;
    begin_call(&node->life);
    handler->fn(handler->port, msg, handler->arg);
    end_call(&node->life);
    annex->handling = NULL;
    ds__operation_end(before);
    ds__acting_end(self);
}

static void handle(ds_port *port, ds__box *box)
{
    ds_msg msg;

    ds__handled(port->stream.loop, &port->stream, box->msg.id);
    ds__box_empty(box, &msg);
    call(port->handler, &msg);
}

static void handle_queue(ds_port *port)
{
    ds_event event;

    while (is_able(port) && ds__queue_shift(&port->stream.queue, &event))
        handle(port, event.data);
}

bool ds__handler_take(ds__box *box)
{
    ds_port *port = box->msg.dest;

    if (!is_able(port))
        return false;
    handle_queue(port);
    if (!is_able(port))
        return false;
    handle(port, box);
    return true;
}

static void ring(ds__alarm *alarm)
{
    handle_queue(ds__container(alarm, ds__handler, alarm)->port);
}

void ds__handler_wake(ds_port *port)
{
    if (ds__handler_is_set(port) && !ds__queue_empty(&port->stream.queue))
        ds__alarm_set(port->stream.loop, &port->handler->alarm, 0);
}

/* ---- Setting one ----------------------------------------------------------*/

bool ds__handler_is_set(const ds_port *port)
{
    return port->handler != NULL && port->handler->fn != NULL;
}

static ds__handler *make(ds_port *port)
{
    ds_loop *loop = port->stream.loop;
    ds__handler *handler = calloc(1, sizeof(*handler));

    if (handler == NULL)
        return NULL;
    if (!ds__alarm_init(&handler->alarm, loop,
                        FIRST_ALARM + port->stream.number, ring)) {
        free(handler);
        return NULL;
    }
    handler->port = port;
    return handler;
}

/* From now on all that arrives passes the gate, which asks for handlers. */
static void begin(ds_loop *loop)
{
    ds__annex *annex = ds__loop_annex(loop);

    annex->handled = true;
    ds__loop_guard(loop);
}

static void set(ds_port *port, ds_port_fn *fn, void *arg)
{
    port->handler->fn = fn;
    port->handler->arg = arg;
    ds__stream_open_line(&port->stream, fn == NULL);
    ds__handler_wake(port);
}

void ds_port_set_handler(ds_port *port, ds_port_fn *fn, void *arg)
{
    static const char name[] = "ds_port_set_handler";

    if (port == NULL || !ds__may_build(port->stream.loop, name))
        return;
    if (port->stream.num_places > 0) {
        ds__fail(port->stream.loop, DS_EMISUSE,
                 "%s: a thread waits at the port; what arrives there goes to a "
                 "handler or to who receives it",
                 name);
        return;
    }
    if (port->handler == NULL && fn != NULL) {
        port->handler = make(port);
        if (port->handler == NULL) {
            ds__fail_memory(port->stream.loop, name);
            return;
        }
        begin(port->stream.loop);
    }
    if (port->handler != NULL)
        set(port, fn, arg);
}

void ds__handler_forget(ds_port *port)
{
    if (!ds__handler_is_set(port))
        return;
    set(port, NULL, NULL);
    ds__alarm_set(port->stream.loop, &port->handler->alarm, INFINITY);
}

/* ---- For handlers ---------------------------------------------------------*/

bool ds__handler_may(const ds_port *port, const char *name)
{
    ds_loop *loop = port->stream.loop;
    const ds__annex *annex = ds__loop_annex(loop);

    if (ds__acting(loop) && annex->handling == port->node)
        return true;
    ds__fail(loop, DS_EMISUSE,
             ds__acting(loop) && annex->handling != NULL
                 ? "%s: the port is of another machine than the handler"
                 : "%s: called elsewhere than in a handler of a port; bodies "
                   "call through their handles",
             name);
    return false;
}

ds_timer ds_port_schedule(ds_port *port, ds_stream *to, double seconds,
                          void *data, ds_free_fn *free_data)
{
    static const char name[] = "ds_port_schedule";

    if (port != NULL && ds__handler_may(port, name) && !port->node->life.down)
        return ds__scope_schedule(&port->node->life.scope, to, seconds, data,
                                  free_data, name);
    if (free_data != NULL)
        free_data(data);
    return (ds_timer){ 0 };
}
