/* The routed network: messages over the links of a topology; see the header. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/text.h"
#include "net/net.h"
#include "net/routed.h"

const ds_flow_model ds_flow_cm02 = {
    .weigh_latency = true,
    .tcp_gamma = 4194304,
    .cross_traffic = 0.05,
    .early_failure = true,
};

const ds_flow_model ds_flow_lv08 = {
    .latency_factor = 13.01,
    .bandwidth_factor = 0.97,
    .weight_s = 20537,
    .tcp_gamma = 4194304,
    .cross_traffic = 0.05,
    .early_failure = true,
};

static ds__routed_flow *routed_of(ds__flow *flow)
{
    return (ds__routed_flow *)flow;
}

static bool waits_less(const ds__heap_node *a, const ds__heap_node *b)
{
    return ds__container(a, ds__routed_flow, in_waiting)->placed.flow.number <
           ds__container(b, ds__routed_flow, in_waiting)->placed.flow.number;
}

static void lose_all(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_lose(net, msgs[i]);
}

/* ---- Sending --------------------------------------------------------------*/

static bool find_place(const ds__routed *self, const ds_port *at,
                       uint32_t *place)
{
    return ds__places_find(&self->places, ds_port_node(at), place);
}

static void release(ds__routed *self, ds__routed_flow *flow)
{
    free(flow->crossing);
    flow->placed.flow.msg.dest = NULL;
    ds__slab_give(&self->flows, flow);
}

static void leave_path(ds__routed *self, ds__routed_flow *flow)
{
    if (flow->path != NULL)
        ds__path_leave(self->engine, flow->path);
    flow->path = NULL;
}

static bool ends_in_time(ds__routed *self, const ds__routed_flow *flow)
{
    if (isfinite(flow->placed.flow.ready))
        return true;
    ds_net_fail(&self->base, DS_EMISUSE,
                "ds_send: a latency of %g s ends beyond the last time that a "
                "double holds",
                flow->latency);
    return false;
}

/* Appends a flow of message i of those sent. */
static bool queue_message(ds__routed *self, const ds_msg *msg, size_t i,
                          ds__flow_queue *flows)
{
    uint32_t src;
    uint32_t dst;
    bool sent = find_place(self, msg->source, &src);

    if (!sent || !find_place(self, msg->dest, &dst)) {
        ds_net_fail(&self->base, DS_EMISUSE,
                    "ds_send: the %s node of message %zu is not on a host of "
                    "this network; list it in ds_routed_net_config.nodes",
                    sent ? "destination" : "source", i);
        return false;
    }
    ds__routed_flow *flow = ds__slab_take(&self->flows);
    if (flow == NULL) {
        ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
        return false;
    }
    *flow = (ds__routed_flow){
        .placed.flow = { .msg = *msg,
                         .number = self->sent++,
                         .src = src,
                         .dst = dst },
    };
    if (!ds__routed_find_way(self, flow)) {
        release(self, flow);
        return false;
    }
    flow->placed.flow.ready = ds_net_now(&self->base) + flow->latency;
    ds__flow_queue_append(flows, &flow->placed.flow);
    return ends_in_time(self, flow);
}

/* Queues all of them or, with a text, none. */
static bool queue_all(ds__routed *self, const ds_msg *msgs, size_t n)
{
    ds__flow_queue flows;
    ds__flow *flow;

    ds__flow_queue_clear(&flows);
    for (size_t i = 0; i < n; i++) {
        if (queue_message(self, &msgs[i], i, &flows))
            continue;
        while ((flow = ds__flow_queue_shift(&flows)) != NULL) {
            leave_path(self, routed_of(flow));
            release(self, routed_of(flow));
        }
        return false;
    }
    ds__flow_queue_append_all(&self->fresh, &flows);
    return true;
}

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    ds__routed *self = (ds__routed *)net;

    if (self->profile_heap.count > 0)
        ds__routed_catch_up(self);
    if (self->engine != NULL && queue_all(self, msgs, n))
        ds_net_set_alarm(net, 0);
    else
        lose_all(net, msgs, n);
}

/* ---- Losing ---------------------------------------------------------------*/

/* Lets the message of a flow go, which stays in line if it is in one. */
static void lose(ds__routed *self, ds__routed_flow *flow)
{
    flow->is_lost = true;
    leave_path(self, flow);
    ds_net_lose(&self->base, flow->placed.flow.msg);
    free(flow->crossing);
    flow->crossing = NULL;
    flow->placed.flow.msg.dest = NULL;
}

/* ---- Draining -------------------------------------------------------------*/

static bool no_memory(ds__routed *self, ds__routed_flow *flow)
{
    ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
    lose(self, flow);
    return false;
}

/* Gives a flow the weight that the links of its way make now. */
static bool weigh(ds__routed *self, ds__routed_flow *flow)
{
    ds__course course;
    ds__path *path;

    if (!self->reweighs || !ds__routed_weigh(self, flow->path, &course))
        return true;
    path = ds__path_use(self->engine, &course);
    if (path == NULL)
        return no_memory(self, flow);
    ds__path_leave(self->engine, flow->path);
    flow->path = path;
    return true;
}

static void tell_begin(ds__routed *self, const ds__routed_flow *flow)
{
    if (!ds__net_is_watched(self->base.state))
        return;
    const ds__course way = ds__path_course(flow->path);
    ds__routed_tell_begin(self, flow, &way);
}

/* Lets a flow drain on a path with the least rate that it has now. */
static bool drain(ds__routed *self, ds__routed_flow *flow)
{
    ds__flow *f = &flow->placed.flow;

    if (!weigh(self, flow))
        return false;
    ds__path *path = ds__path_know_least(self->engine, flow->path,
                                         ds__routed_least(self, flow->path));

    if (path == NULL)
        return no_memory(self, flow);
    flow->path = path;
    if (!ds__routed_cross_begin(self, flow) ||
        !ds__flows_open(self->engine, f, path))
        return no_memory(self, flow);
    f->is_open = true;
    tell_begin(self, flow);
    ds__flows_begin(self->engine, f);
    return true;
}

/* Does what a flow may whose latency has passed.  Returns whether it is at its
 * end: there, or lost. */
static bool finish_latency(ds__routed *self, ds__routed_flow *flow)
{
    if (flow->is_lost)
        return true;
    if (flow->path == NULL)
        return true;
    if (ds__routed_is_cut(self, flow->path) && !self->stall) {
        lose(self, flow);
        return true;
    }
    if (flow->placed.flow.msg.size > 0)
        return !drain(self, flow);
    tell_begin(self, flow);
    ds__use_pass(self->engine, flow->path, true);
    leave_path(self, flow);
    return true;
}

/* ---- In order -------------------------------------------------------------*/

/* Lets the first of a connection do what it may, and those behind it as soon as
 * it is at its end. */
static void go_on(ds__routed *self, ds__connection *connection,
                  ds__flow_queue *ended)
{
    while (connection->line != NULL) {
        ds__flow *flow = connection->line;
        if (!ds__placed_of(flow)->is_ready || flow->is_open ||
            !finish_latency(self, routed_of(flow)))
            return;
        ds__connection_advance(connection);
        ds__flow_queue_append(ended, flow);
    }
}

/* The next ones go on in the same instant, so that to the engine nothing has
 * changed. */
static void leave_line(ds__routed *self, ds__flow *flow, ds__flow_queue *ended)
{
    ds__connection *connection = ds__placed_of(flow)->connection;

    assert(ds__placed_is_first(flow));
    ds__connection_advance(connection);
    ds__flow_queue_append(ended, flow);
    go_on(self, connection, ended);
}

/* ---- All flows ------------------------------------------------------------*/

static void end_latency(ds__routed *self, ds__flow *flow, ds__flow_queue *ended)
{
    if (!self->in_order) {
        if (finish_latency(self, routed_of(flow)))
            ds__flow_queue_append(ended, flow);
        return;
    }
    ds__placed_of(flow)->is_ready = true;
    if (ds__placed_is_first(flow))
        go_on(self, ds__placed_of(flow)->connection, ended);
}

/* What is through has left its path. */
static void end_draining(ds__routed *self, ds__flow *list,
                         ds__flow_queue *ended)
{
    while (list != NULL) {
        ds__flow *flow = list;
        list = flow->next;
        flow->is_open = false;
        routed_of(flow)->path = NULL;
        ds__routed_cross_end(self, routed_of(flow));
        if (self->in_order)
            leave_line(self, flow, ended);
        else
            ds__flow_queue_append(ended, flow);
    }
}

/* Loses one that drained, or that waited out its latency. */
static void end_lost(ds__routed *self, ds__flow *flow, ds__flow_queue *ended)
{
    ds__routed_flow *routed = routed_of(flow);
    const bool was_open = flow->is_open;

    if (ds__heap_contains(&routed->in_waiting))
        ds__heap_remove(&self->waiting, &routed->in_waiting, waits_less);
    flow->is_open = false;
    lose(self, routed);
    if (was_open && self->in_order)
        leave_line(self, flow, ended);
    else if (was_open)
        ds__flow_queue_append(ended, flow);
    else
        end_latency(self, flow, ended);
}

static void change_links(ds__routed *self, ds__flow_queue *ended)
{
    ds__flow_queue lost;

    ds__flow_queue_clear(&lost);
    ds__routed_change_links(self, &lost);
    for (ds__flow *flow = ds__flow_queue_sort(lost.first); flow != NULL;) {
        ds__flow *next = flow->next;
        end_lost(self, flow, ended);
        flow = next;
    }
}

static void end_waiting(ds__routed *self, double now, ds__flow_queue *ended)
{
    while (self->waiting.count > 0) {
        ds__heap_node *node = self->waiting.entries[0].node;
        ds__routed_flow *flow =
            ds__container(node, ds__routed_flow, in_waiting);
        if (!ds__is_now(now, flow->placed.flow.ready - now, flow->latency))
            return;
        ds__heap_remove(&self->waiting, node, waits_less);
        end_latency(self, &flow->placed.flow, ended);
    }
}

/* Has a flow wait out its latency.  false: there is none. */
static bool wait(ds__routed *self, ds__routed_flow *flow)
{
    if (flow->latency == 0 || flow->is_lost)
        return false;
    if (!ds__heap_reserve(&self->waiting, 1))
        return no_memory(self, flow);
    ds__heap_push(&self->waiting, flow->placed.flow.ready, &flow->in_waiting,
                  waits_less);
    return true;
}

static void start(ds__routed *self, ds__flow *flow, ds__flow_queue *ended)
{
    ds__routed_flow *routed = routed_of(flow);

    if (self->in_order && !ds__connections_join(&self->connections, flow)) {
        no_memory(self, routed);
        release(self, routed);
        return;
    }
    if (self->model.early_failure && !self->stall &&
        ds__routed_is_cut(self, routed->path))
        lose(self, routed);
    if (!wait(self, routed))
        end_latency(self, flow, ended);
}

static void deliver(ds__routed *self, ds__flow *list)
{
    if (self->in_order)
        list = ds__connections_hold_back(&self->connections, list);
    while (list != NULL) {
        ds__flow *flow = list;
        list = flow->next;
        if (!routed_of(flow)->is_lost) {
            ds__routed_cross_tell(self, routed_of(flow));
            ds_net_deliver(&self->base, 0, flow->msg);
        }
        release(self, routed_of(flow));
    }
}

/* ---- Time -----------------------------------------------------------------*/

/* Asserts everything that should be so after an instant. */
static void walk(const ds__routed *self, double now)
{
    assert(self->fresh.first == NULL && self->num_changed == 0);
    assert(self->engine->now <= now);
    for (size_t i = 0; i < self->waiting.count; i++) {
        const ds__routed_flow *flow = ds__container(
            self->waiting.entries[i].node, ds__routed_flow, in_waiting);
        assert(flow->placed.flow.ready >= now && !flow->is_lost);
        assert(flow->placed.flow.number < self->sent);
        (void)flow;
    }
    ds__heap_check(&self->waiting);
    ds__heap_check(&self->profile_heap);
    ds__connections_check(&self->connections);
    ds__flows_check(self->engine);
}

static void settle(ds__routed *self, double now)
{
    ds__why why;

    if (!ds__flows_settle(self->engine, &why))
        ds_net_fail(&self->base, DS_EMISUSE, "%s", why.text);
    else if (ds__checking())
        walk(self, now);

    double next = ds__flows_next(self->engine);
    if (self->waiting.count > 0)
        next = fmin(next, self->waiting.entries[0].key);
    if (self->engine->num_draining > 0 || self->waiting.count > 0)
        next = fmin(next, ds__routed_next_change(self));
    if (self->in_order && ds__connections_waiting(&self->connections))
        next = now;
    ds_net_set_alarm(&self->base, next > now ? next - now : 0);
}

static void alarm(ds_net *net)
{
    ds__routed *self = (ds__routed *)net;
    const double now = ds_net_now(net);
    ds__flow_queue ended;
    ds__flow *flow;

    if (self->engine == NULL)
        return;
    ds__flow_queue_clear(&ended);
    end_draining(self, ds__flows_advance(self->engine, now), &ended);
    ds__routed_catch_up(self);
    change_links(self, &ended);
    end_waiting(self, now, &ended);
    while ((flow = ds__flow_queue_shift(&self->fresh)) != NULL)
        start(self, flow, &ended);
    deliver(self, ds__flow_queue_sort(ended.first));
    settle(self, now);
}

/* ---- Making and unmaking --------------------------------------------------*/

static void drop_flows(ds__routed *self)
{
    for (ds__slab_block *b = self->flows.blocks; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->count; i++) {
            ds__routed_flow *flow = ds__slab_at(&self->flows, b, i);
            if (flow->placed.flow.msg.dest == NULL)
                continue;
            ds_msg_drop(&flow->placed.flow.msg);
            free(flow->crossing);
        }
    }
    ds__slab_free(&self->flows);
    ds__connections_free(&self->connections);
}

static void free_net(ds_net *net)
{
    ds__routed *self = (ds__routed *)net;

    drop_flows(self);
    if (self->engine != NULL)
        ds__flows_free(self->engine);
    ds__heap_free(&self->waiting);
    ds__places_free(&self->places);
    free(self->hosts);
    ds__routed_free_profiles(self);
    free(self->links);
    free(self->changed);
    free(self->route);
    free(self->hops);
    ds__routed_told_free(self->told);
    free(self);
}

const ds_net_ops ds__routed_ops = {
    .name = "routed",
    .send = send,
    .alarm = alarm,
    .free = free_net,
};

/* ---- Checking -------------------------------------------------------------*/

static bool fits(ds_net *net, bool sound, const char *what)
{
    if (!sound)
        ds_net_fail(net, DS_EMISUSE, "ds_routed_net_new: %s", what);
    return sound;
}

static bool check_number(ds_net *net, const char *name, double value)
{
    if (value >= 0 && isfinite(value))
        return true;
    ds_net_fail(net, DS_EMISUSE,
                "ds_routed_net_new: config->model.%s is %g; it must be finite "
                "and at least 0",
                name, value);
    return false;
}

static bool check_model(ds_net *net, const ds_flow_model *model)
{
    return check_number(net, "latency_factor", model->latency_factor) &&
           check_number(net, "bandwidth_factor", model->bandwidth_factor) &&
           check_number(net, "weight_s", model->weight_s) &&
           check_number(net, "tcp_gamma", model->tcp_gamma) &&
           check_number(net, "cross_traffic", model->cross_traffic);
}

static bool check_topology(ds_net *net, const ds_topology *topology)
{
    if (!fits(net, topology != NULL, "config->topology is NULL"))
        return false;

    const char *error = ds_topology_error(topology);
    if (*error == '\0')
        return fits(net, ds_topology_num_links(topology) < UINT32_MAX / 2,
                    "config->topology has too many links");
    ds_net_fail(net, DS_EMISUSE, "ds_routed_net_new: config->topology: %s",
                error);
    return false;
}

static bool check_config(ds_net *net, const ds_routed_net_config *config)
{
    return fits(net, config != NULL, "config is NULL") &&
           fits(net, config->nodes != NULL || config->num_nodes == 0,
                "config->nodes is NULL; it must be an array of num_nodes") &&
           fits(net, config->num_nodes < UINT32_MAX / 2,
                "config->num_nodes is too large") &&
           check_topology(net, config->topology) &&
           check_model(net, &config->model);
}

static bool check_host(ds_net *net, const ds_routed_net_config *config,
                       size_t i, size_t host)
{
    const size_t num_hosts = ds_topology_num_hosts(config->topology);

    if (host < num_hosts)
        return true;
    ds_net_fail(net, DS_EMISUSE,
                "ds_routed_net_new: config->nodes[%zu] is on host %zu; the "
                "topology has %zu, from 0",
                i, host, num_hosts);
    return false;
}

/* ---- Making it ------------------------------------------------------------*/

static bool no_memory_to_make(ds__routed *self)
{
    ds_net_fail(&self->base, DS_ENOMEM, "ds_routed_net_new: out of memory");
    return false;
}

/* Makes the tables from nodes to indices, and from there to hosts. */
static bool place_nodes(ds__routed *self, const ds_routed_net_config *config)
{
    ds_net *net = &self->base;
    const size_t n = config->num_nodes;

    if (!ds__places_init(&self->places, net, "ds_routed_net_new", config->nodes,
                         n))
        return false;
    self->hosts = calloc(n + 1, sizeof(*self->hosts));
    if (self->hosts == NULL)
        return no_memory_to_make(self);
    for (size_t i = 0; i < n; i++) {
        self->hosts[i] = config->hosts == NULL ? i : config->hosts[i];
        if (!check_host(net, config, i, self->hosts[i]))
            return false;
        size_t before = ds__places_put(&self->places, config->nodes[i], i);
        if (before == DS__UNPLACED)
            continue;
        ds_net_fail(net, DS_EMISUSE,
                    "ds_routed_net_new: config->nodes[%zu] is the same "
                    "node as config->nodes[%zu]; a node is on one host",
                    i, before);
        return false;
    }
    return true;
}

static bool make_engine(ds__routed *self)
{
    const size_t n = self->num_links;
    double *rates = malloc((n + 1) * sizeof(*rates));
    bool *fat = malloc((n + 1) * sizeof(*fat));

    for (size_t l = 0; rates != NULL && fat != NULL && l < n; l++) {
        rates[l] = self->links[l].rate;
        fat[l] = self->links[l].fat;
    }
    if (rates != NULL && fat != NULL)
        self->engine = ds__flows_new(n, rates, fat, true);
    free(rates);
    free(fat);
    return self->engine != NULL || no_memory_to_make(self);
}

static bool lay_links(ds__routed *self, const ds_topology *topology)
{
    self->num_links = ds_topology_num_links(topology);
    self->links = calloc(self->num_links + 1, sizeof(*self->links));
    self->changed = calloc(self->num_links + 1, sizeof(*self->changed));
    if (self->links == NULL || self->changed == NULL)
        return no_memory_to_make(self);
    for (size_t l = 0; l < self->num_links; l++) {
        const ds_link *link = ds_topology_link(topology, l);
        self->links[l] = (ds__routed_link){
            .rate = link->rate,
            .latency = link->latency,
            .fat = link->sharing == DS_FATPIPE,
            .up = true,
        };
    }
    self->topology = topology;
    return make_engine(self) &&
           (ds__routed_watch(self) || no_memory_to_make(self));
}

/* Says what it is, for a trace. */
static void describe(ds__routed *self)
{
    char model[64];

    ds__format(model, sizeof(model), "maxmin over routes%s%s",
               self->in_order ? ", in order" : "",
               self->stall ? ", stalling" : "");
    ds_net_set_model(&self->base, model, NAN);
}

/* From here on the loop frees the network, whatever becomes of it. */
ds_net *ds_routed_net_new(ds_loop *loop, const ds_routed_net_config *config)
{
    ds__routed *self = loop == NULL ? NULL : calloc(1, sizeof(*self));
    ds_net *net = ds_net_init((ds_net *)self, loop, &ds__routed_ops);

    if (net == NULL) {
        free(self);
        return NULL;
    }
    ds__flow_queue_clear(&self->fresh);
    self->flows.size = sizeof(ds__routed_flow);
    ds__connections_init(&self->connections);
    if (!check_config(net, config) || !place_nodes(self, config) ||
        !lay_links(self, config->topology))
        return NULL;
    self->model = config->model;
    self->in_order = config->in_order;
    self->stall = config->stall;
    ds__routed_ask(self, config->crossed, config->arg);
    describe(self);
    return ds__routed_give_profiles(self) ? net : NULL;
}
