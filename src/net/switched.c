/* The switched network: messages in flight share the capacity of a switch.
 *
 * A message is a flow, which first waits out the latency and then drains at
 * the rate that the model gives it.  The latency is the same for all, so those
 * that wait are a queue, in the order of sending.  How fast the others drain
 * is an engine's business (net/fluid).
 *
 * Sending only queues: everything that happens at one instant is settled
 * together, once, when the alarm rings at its end.  Then what has arrived is
 * delivered in the order of sending, whatever the engine, so that every engine
 * draws the same ties.
 *
 * If in_order is asked for, an engine is given one flow of a pair of ports at a
 * time (connection.h). */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/slab.h"
#include "base/text.h"
#include "net/connection.h"
#include "net/fluid/engine.h"
#include "net/fluid/flow_queue.h"
#include "net/places.h"

/* A flow is in fresh until the instant of its sending is settled, then in
 * waiting until its latency has passed, and then with the engine. */
typedef struct switched {
    ds_net base;
    ds__fluid *fluid; /* NULL only if the network could not be made */
    ds__places ports; /* that nodes are plugged into */
    double latency;
    bool idle_latency;
    bool in_order;
    uint64_t sent;
    ds__flow_queue fresh;
    ds__flow_queue waiting;
    ds__slab flows; /* msg.dest is NULL in those that are not in use */
    ds__connections connections; /* if in_order */
} switched;

/* ---- Sending --------------------------------------------------------------*/

static bool find_port(const switched *self, const ds_port *at, uint32_t *port)
{
    return ds__places_find(&self->ports, ds_port_node(at), port);
}

static void lose_all(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_lose(net, msgs[i]);
}

static void release(switched *self, ds__flow *flow)
{
    flow->msg.dest = NULL;
    ds__slab_give(&self->flows, flow);
}

/* Appends a flow of message i of those sent. */
static bool queue_message(switched *self, const ds_msg *msg, size_t i,
                          ds__flow_queue *flows)
{
    uint32_t src;
    uint32_t dst;
    bool sent = find_port(self, msg->source, &src);

    if (!sent || !find_port(self, msg->dest, &dst)) {
        ds_net_fail(&self->base, DS_EMISUSE,
                    "ds_send: the %s node of message %zu is not plugged into "
                    "this network; list it in ds_switched_net_config.nodes",
                    sent ? "destination" : "source", i);
        return false;
    }
    ds__flow *flow = ds__slab_take(&self->flows);
    if (flow == NULL) {
        ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
        return false;
    }
    *flow = (ds__flow){
        .msg = *msg,
        .number = self->sent++,
        .ready = ds_net_now(&self->base) + self->latency,
        .src = src,
        .dst = dst,
    };
    ds__flow_queue_append(flows, flow);
    return true;
}

/* Queues all of them or, with a text, none. */
static bool queue_all(switched *self, const ds_msg *msgs, size_t n)
{
    ds__flow_queue flows;
    ds__flow *flow;

    ds__flow_queue_clear(&flows);
    for (size_t i = 0; i < n; i++) {
        if (queue_message(self, &msgs[i], i, &flows))
            continue;
        while ((flow = ds__flow_queue_shift(&flows)) != NULL)
            release(self, flow);
        return false;
    }
    ds__flow_queue_append_all(&self->fresh, &flows);
    return true;
}

static bool ends_in_time(switched *self)
{
    if (isfinite(ds_net_now(&self->base) + self->latency))
        return true;
    ds_net_fail(&self->base, DS_EMISUSE,
                "ds_send: a latency of %g s ends beyond the last time that a "
                "double holds",
                self->latency);
    return false;
}

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    switched *self = (switched *)net;

    if (self->fluid != NULL && ends_in_time(self) && queue_all(self, msgs, n))
        ds_net_set_alarm(net, 0);
    else
        lose_all(net, msgs, n);
}

/* ---- Flows ----------------------------------------------------------------*/

static bool take_up_capacity(switched *self, ds__flow *flow)
{
    flow->is_open = self->fluid->engine->open(self->fluid, flow);
    return flow->is_open;
}

static void begin(switched *self, ds__flow *flow)
{
    ds_net_begins(&self->base, &flow->msg);
    self->fluid->engine->begin(self->fluid, flow);
}

static void lose(switched *self, ds__flow *flow)
{
    ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
    ds_net_lose(&self->base, flow->msg);
    release(self, flow);
}

/* Lets a flow drain whose latency has passed, or arrive if it has no bytes. */
static void finish_latency(switched *self, ds__flow *flow,
                           ds__flow_queue *arrived)
{
    const ds_switch_engine *engine = self->fluid->engine;

    if (flow->msg.size > 0) {
        if (flow->is_open || take_up_capacity(self, flow))
            begin(self, flow);
        else
            lose(self, flow);
        return;
    }
    if (flow->is_open)
        engine->close(self->fluid, flow);
    ds__flow_queue_append(arrived, flow);
}

static void start_latency(switched *self, ds__flow *flow)
{
    if (self->idle_latency || take_up_capacity(self, flow))
        ds__flow_queue_append(&self->waiting, flow);
    else
        lose(self, flow);
}

/* ---- Flows in order -------------------------------------------------------*/

/* Lets the first of a connection do what it may, and those behind it as soon as
 * it has arrived. */
static void go_on(switched *self, ds__connection *connection,
                  ds__flow_queue *arrived)
{
    while (connection->line != NULL) {
        ds__flow *flow = connection->line;
        bool is_ready = ds__placed_of(flow)->is_ready;
        bool counts = is_ready ? flow->msg.size > 0 : !self->idle_latency;
        if (counts && !flow->is_open && !take_up_capacity(self, flow)) {
            ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
            return;
        }
        if (!is_ready)
            return;
        if (flow->msg.size > 0) {
            begin(self, flow);
            return;
        }
        if (flow->is_open)
            self->fluid->engine->close(self->fluid, flow);
        ds__connection_advance(connection);
        ds__flow_queue_append(arrived, flow);
    }
}

/* Marks a flow whose latency has passed, and lets it go on if it is the first
 * of its connection. */
static void be_ready(switched *self, ds__flow *flow, ds__flow_queue *arrived)
{
    ds__placed_of(flow)->is_ready = true;
    if (ds__placed_is_first(flow))
        go_on(self, ds__placed_of(flow)->connection, arrived);
}

static void start_in_order(switched *self, ds__flow *flow,
                           ds__flow_queue *arrived)
{
    if (!ds__connections_join(&self->connections, flow)) {
        lose(self, flow);
        return;
    }
    if (self->latency == 0) {
        be_ready(self, flow, arrived);
        return;
    }
    ds__flow_queue_append(&self->waiting, flow);
    if (ds__placed_is_first(flow))
        go_on(self, ds__placed_of(flow)->connection, arrived);
}

/* Takes those whose bytes are gone out of their lines, and lets the next ones
 * go on: in the same instant, so that to the engine nothing has changed. */
static void finish_in_order(switched *self, ds__flow *list,
                            ds__flow_queue *arrived)
{
    while (list != NULL) {
        ds__flow *flow = list;
        ds__connection *connection = ds__placed_of(flow)->connection;
        list = flow->next;
        assert(ds__placed_is_first(flow));
        ds__connection_advance(connection);
        ds__flow_queue_append(arrived, flow);
        go_on(self, connection, arrived);
    }
}

/* ---- All flows ------------------------------------------------------------*/

static void start_fresh(switched *self, ds__flow_queue *arrived)
{
    ds__flow *flow;

    while ((flow = ds__flow_queue_shift(&self->fresh)) != NULL) {
        if (self->in_order)
            start_in_order(self, flow, arrived);
        else if (self->latency > 0)
            start_latency(self, flow);
        else
            finish_latency(self, flow, arrived);
    }
}

static void end_latency(switched *self, ds__flow *flow, ds__flow_queue *arrived)
{
    if (self->in_order)
        be_ready(self, flow, arrived);
    else
        finish_latency(self, flow, arrived);
}

static void end_waiting(switched *self, double now, ds__flow_queue *arrived)
{
    while (self->waiting.first != NULL &&
           ds__is_now(now, self->waiting.first->ready - now, self->latency))
        end_latency(self, ds__flow_queue_shift(&self->waiting), arrived);
}

static void deliver(switched *self, ds__flow *list)
{
    if (self->in_order)
        list = ds__connections_hold_back(&self->connections, list);
    while (list != NULL) {
        ds__flow *flow = list;
        list = flow->next;
        ds_net_deliver(&self->base, 0, flow->msg);
        release(self, flow);
    }
}

/* ---- Time -----------------------------------------------------------------*/

/* Asserts everything that should be so after an instant. */
static void walk(const switched *self, double now)
{
    const ds__flow *last = NULL;

    assert(self->fresh.first == NULL && self->fluid->now <= now);
    for (const ds__flow *f = self->waiting.first; f != NULL; f = f->next) {
        assert(f->number < self->sent && f->ready >= now);
        assert(last == NULL || last->number < f->number);
        assert(last == NULL || last->ready <= f->ready);
        last = f;
    }
    (void)last;
    ds__connections_check(&self->connections);
    self->fluid->engine->walk(self->fluid);
}

static void settle(switched *self, double now)
{
    ds__fluid *fluid = self->fluid;
    ds__why why;

    if (!fluid->engine->settle(fluid, &why))
        ds_net_fail(&self->base, DS_EMISUSE, "%s", why.text);
    else if (ds__checking())
        walk(self, now);

    double next = fluid->engine->next(fluid);
    if (self->waiting.first != NULL && self->waiting.first->ready < next)
        next = self->waiting.first->ready;
    if (self->in_order && ds__connections_waiting(&self->connections))
        next = now;
    ds_net_set_alarm(&self->base, next > now ? next - now : 0);
}

static void alarm(ds_net *net)
{
    switched *self = (switched *)net;
    const double now = ds_net_now(net);
    ds__flow_queue arrived;

    ds__flow_queue_clear(&arrived);
    ds__flow *through = self->fluid->engine->advance(self->fluid, now);
    if (self->in_order)
        finish_in_order(self, through, &arrived);
    end_waiting(self, now, &arrived);
    start_fresh(self, &arrived);
    if (!self->in_order)
        *arrived.end = through;
    deliver(self, ds__flow_queue_sort(arrived.first));
    settle(self, now);
}

/* ---- Making and unmaking --------------------------------------------------*/

static void drop_flows(switched *self)
{
    for (ds__slab_block *b = self->flows.blocks; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->count; i++) {
            ds__flow *flow = ds__slab_at(&self->flows, b, i);
            if (flow->msg.dest != NULL)
                ds_msg_drop(&flow->msg);
        }
    }
    ds__slab_free(&self->flows);
    ds__connections_free(&self->connections);
}

static void free_net(ds_net *net)
{
    switched *self = (switched *)net;

    drop_flows(self);
    if (self->fluid != NULL)
        self->fluid->engine->destroy(self->fluid);
    ds__places_free(&self->ports);
    free(self);
}

static const ds_net_ops ops = {
    .name = "switched",
    .send = send,
    .alarm = alarm,
    .free = free_net,
};

static bool fits(ds_net *net, bool sound, const char *what)
{
    if (!sound)
        ds_net_fail(net, DS_EMISUSE, "ds_switched_net_new: %s", what);
    return sound;
}

static const ds_switch_engine *engine_of(const ds_switch *model)
{
    return model->engine != NULL ? model->engine : &ds__dense_engine;
}

static bool check_model(ds_net *net, const ds_switched_net_config *config)
{
    const ds_switch *model = config->model;
    ds__why why;

    if (!fits(net, model != NULL, "config->model is NULL; it needs a model") ||
        !fits(net, model->rates != NULL,
              "config->model->rates is NULL; it must be a function"))
        return false;
    return engine_of(model)->check == NULL ||
           fits(net, engine_of(model)->check(model, config->num_nodes, &why),
                why.text);
}

static bool check_config(ds_net *net, const ds_switched_net_config *config)
{
    if (!fits(net, config != NULL, "config is NULL") ||
        !fits(net, config->nodes != NULL || config->num_nodes == 0,
              "config->nodes is NULL; it must be an array of num_nodes") ||
        !fits(net, config->num_nodes < UINT32_MAX / 2,
              "config->num_nodes is too large") ||
        !check_model(net, config))
        return false;
    if (config->latency >= 0 && isfinite(config->latency))
        return true;
    ds_net_fail(net, DS_EMISUSE,
                "ds_switched_net_new: config->latency is %g; it must be "
                "finite and at least 0",
                config->latency);
    return false;
}

static bool plug_in(switched *self, const ds_switched_net_config *config)
{
    ds_net *net = &self->base;

    if (!ds__places_init(&self->ports, net, "ds_switched_net_new",
                         config->nodes, config->num_nodes))
        return false;
    for (size_t i = 0; i < config->num_nodes; i++) {
        size_t before = ds__places_put(&self->ports, config->nodes[i], i);
        if (before == DS__UNPLACED)
            continue;
        ds_net_fail(net, DS_EMISUSE,
                    "ds_switched_net_new: config->nodes[%zu] is the node of "
                    "port %zu already; a node has one port",
                    i, before);
        return false;
    }
    return true;
}

/* Says what it is, for a trace. */
static void describe(switched *self, const ds_switched_net_config *config)
{
    const ds_switch_engine *engine = engine_of(config->model);
    char model[64];

    ds__format(model, sizeof(model), "%s%s%s",
               config->model->engine == NULL ? "own" : engine->name,
               self->idle_latency ? ", idle latency" : "",
               self->in_order ? ", in order" : "");
    ds_net_set_model(&self->base, model, self->latency);
    if (engine->ports == NULL)
        return;
    const ds__ports ports = engine->ports(config->model);
    for (size_t i = 0; i < config->num_nodes; i++)
        ds_net_set_rates(&self->base, config->nodes[i],
                         ds__send_rate(&ports, i), ds__recv_rate(&ports, i));
}

/* From here on the loop frees the network, whatever becomes of it. */
ds_net *ds_switched_net_new(ds_loop *loop, const ds_switched_net_config *config)
{
    switched *self = loop == NULL ? NULL : calloc(1, sizeof(*self));
    ds_net *net = ds_net_init((ds_net *)self, loop, &ops);

    if (net == NULL) {
        free(self);
        return NULL;
    }
    ds__flow_queue_clear(&self->fresh);
    ds__flow_queue_clear(&self->waiting);
    self->flows.size = sizeof(ds__flow);
    ds__connections_init(&self->connections);
    if (!check_config(net, config) || !plug_in(self, config))
        return NULL;
    self->latency = config->latency;
    self->idle_latency = config->idle_latency;
    self->in_order = config->in_order;
    if (self->in_order)
        self->flows.size = sizeof(ds__placed);
    self->fluid =
        engine_of(config->model)->create(config->model, config->num_nodes);
    if (self->fluid == NULL) {
        ds_net_fail(net, DS_ENOMEM, "ds_switched_net_new: out of memory");
        return NULL;
    }
    describe(self, config);
    return net;
}
