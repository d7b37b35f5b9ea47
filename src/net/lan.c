/* Machines at one switch. */

#include <distsys/lan.h>

#include <math.h>
#include <stdlib.h>

#include <distsys/fault.h>
#include <distsys/switch.h>

#include "net/net.h"

/* It goes after the network, which asks the model as long as it is there. */
typedef struct whole {
    ds__resident resident; /* first */
    ds_lan lan;
    ds_maxmin_switch model;
    ds_node **nodes;
    ds_port **ports;
} whole;

static void free_whole(ds__resident *self)
{
    whole *w = (whole *)self;

    free(w->nodes);
    free(w->ports);
    free(w);
}

static whole *new_whole(ds_loop *loop, size_t n)
{
    whole *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return NULL;
    w->resident.free = free_whole;
    w->nodes = calloc(n, sizeof(*w->nodes));
    w->ports = calloc(n, sizeof(*w->ports));
    ds__loop_keep_longest(loop, &w->resident);
    return w->nodes == NULL || w->ports == NULL ? NULL : w;
}

static bool fill(whole *w, ds_loop *loop, size_t n, double latency, double rate)
{
    w->model = ds_maxmin_switch_uniform(n, rate);
    for (size_t i = 0; i < n; i++) {
        w->nodes[i] = ds_node_new(loop);
        w->ports[i] = w->nodes[i] == NULL ? NULL : ds_port_new(w->nodes[i]);
        if (w->ports[i] == NULL)
            return false;
    }
    w->lan = (ds_lan){ .n = n, .nodes = w->nodes, .ports = w->ports };
    w->lan.net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                               .nodes = w->nodes,
                                               .num_nodes = n,
                                               .model = &w->model.base,
                                               .latency = latency,
                                               .in_order = true,
                                           });
    return w->lan.net != NULL;
}

const ds_lan *ds_lan_new(ds_loop *loop, size_t n, double latency, double rate)
{
    if (!ds__may_build(loop, "ds_lan_new"))
        return NULL;
    if (n == 0) {
        ds__fail(loop, DS_EMISUSE, "ds_lan_new: n is 0; it must be at least 1");
        return NULL;
    }
    whole *w = new_whole(loop, n);
    if (w == NULL) {
        ds__fail_memory(loop, "ds_lan_new");
        return NULL;
    }
    return fill(w, loop, n, latency, rate) ? &w->lan : NULL;
}

void ds_lan_spawn(const ds_lan *lan, ds_thread_fn *fn, void *arg)
{
    for (size_t i = 0; lan != NULL && i < lan->n; i++)
        ds_node_spawn(lan->nodes[i], fn, arg);
}

/* The machines were made one after the other, so that it is found at once. */
static size_t place_of(const ds_lan *lan, const ds_node *node)
{
    const size_t i = node == NULL ? 0 : node->number - lan->nodes[0]->number;

    return i < lan->n && lan->nodes[i] == node ? i : lan->n;
}

size_t ds_lan_me(const ds_lan *lan, const ds_handle *h)
{
    return lan == NULL ? 0 : place_of(lan, ds_handle_node(h));
}

/* The port of the caller's machine; NULL, and misuse: it has none here. */
static ds_port *port_of(ds_handle *h, const ds_lan *lan, const char *call)
{
    if (lan == NULL)
        return NULL;
    const size_t me = ds_lan_me(lan, h);
    if (me < lan->n)
        return lan->ports[me];
    if (ds__enter(h, call))
        ds__fail(ds_handle_loop(h), DS_EMISUSE,
                 "%s: the caller is on none of the %zu machines of the network",
                 call, lan->n);
    return NULL;
}

void ds_lan_send(ds_handle *h, const ds_lan *lan, size_t to, const void *bytes,
                 size_t size)
{
    ds_port *from = port_of(h, lan, "ds_lan_send");

    if (from == NULL)
        return;
    if (to < lan->n) {
        ds_send_bytes(h, lan->net, from, lan->ports[to], bytes, size);
        return;
    }
    ds__fail(ds_handle_loop(h), DS_EMISUSE,
             "ds_lan_send: there is no machine %zu, but 0 to %zu", to,
             lan->n - 1);
}

bool ds_lan_recv(ds_handle *h, const ds_lan *lan, ds_msg *msg, size_t *from)
{
    ds_port *port = port_of(h, lan, "ds_lan_recv");

    if (port == NULL && msg != NULL)
        *msg = (ds_msg){ 0 };
    if (port == NULL || !ds__recv(h, port, INFINITY, msg, "ds_lan_recv"))
        return false;
    if (from != NULL)
        *from = msg->source == NULL ? lan->n : place_of(lan, msg->source->node);
    return true;
}
