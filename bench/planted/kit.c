/* Groups of machines with a port each. */
#include "bench/planted/kit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <distsys/fault.h>

/* ---- Making one -----------------------------------------------------------*/

static void start(group *g, const group_plan *plan, int i)
{
    bool is_server = i < plan->servers;

    if (is_server && plan->server != NULL)
        ds_node_boot_daemon(g->nodes[i], plan->server, g);
    if (is_server && plan->clients == 0 && plan->client != NULL)
        ds_node_spawn(g->nodes[i], plan->client, g);
    if (!is_server)
        ds_node_boot(g->nodes[i], plan->client, g);
}

typedef void rule(void);

const void *group_rules(ds_trial *t, const void *mistake, const void *right,
                        size_t size)
{
    rule **merged = ds_trial_alloc(t, size);
    rule *other;

    assert(size % sizeof(rule *) == 0);
    memcpy(merged, right, size);
    for (size_t at = 0; mistake != NULL && at < size; at += sizeof(other)) {
        memcpy(&other, (const char *)mistake + at, sizeof(other));
        if (other != NULL)
            merged[at / sizeof(other)] = other;
    }
    return merged;
}

group *group_new(ds_trial *t, const void *mistake, const group_plan *plan)
{
    ds_loop *loop = ds_trial_loop(t);
    group *g = ds_trial_alloc(t, sizeof(*g));
    const ds_disk_config disk = {
        .sync_time = plan->sync_time > 0 ? plan->sync_time : 0.002,
    };

    g->rules = group_rules(t, mistake, plan->rules, plan->rules_size);
    g->servers = plan->servers;
    g->size = plan->servers + plan->clients;
    assert(g->size <= GROUP_MAX);
    if (plan->shared > 0)
        g->shared = ds_trial_alloc(t, plan->shared);
    g->net = ds_random_net_new(loop, plan->latency > 0 ? plan->latency : 0.02);
    for (int i = 0; i < g->size; i++) {
        g->nodes[i] = ds_node_new(loop);
        g->ports[i] = ds_port_new(g->nodes[i]);
        ds_node_set_disk(g->nodes[i], &disk);
    }
    for (int i = 0; i < g->size; i++)
        start(g, plan, i);
    if (!plan->spared)
        ds_trial_expose(t, g->net, g->nodes, (size_t)g->servers,
                        g->nodes + g->servers, (size_t)plan->clients);
    return g;
}

void group_watch(ds_trial *t, unsigned checks)
{
    const ds_observer_config config = { .checks = checks, .stop = true };

    ds_observer_new(ds_trial_loop(t), &config);
}

/* ---- Packets --------------------------------------------------------------*/

int group_me(const ds_handle *h)
{
    return (int)ds_node_number(ds_handle_node(h));
}

double group_time(const ds_handle *h)
{
    return ds_loop_now(ds_handle_loop(h));
}

void group_send(ds_handle *h, const group *g, int to, const void *packet,
                size_t size)
{
    ds_send_bytes(h, g->net, g->ports[group_me(h)], g->ports[to], packet, size);
}

void group_send_all(ds_handle *h, const group *g, const void *packet,
                    size_t size)
{
    for (int i = 0; i < g->servers; i++)
        group_send(h, g, i, packet, size);
}

bool group_recv(ds_handle *h, const group *g, double seconds, void *packet,
                size_t size, int *from)
{
    ds_port *port = g->ports[group_me(h)];
    ds_msg m;

    *from = NOBODY;
    if (isinf(seconds) ? !ds_recv(h, port, &m)
                       : !ds_recv_timeout(h, port, fmax(seconds, 0), &m))
        return false;
    if (m.dest == NULL)
        return true;
    assert(m.size == (double)size);
    memcpy(packet, m.data, size);
    *from = (int)ds_node_number(ds_port_node(m.source));
    ds_msg_drop(&m);
    return true;
}

bool group_ask(ds_handle *h, const group *g, const void *request, size_t size,
               double seconds, int wanted, void *answers, int *got)
{
    double end = ds_now(h) + seconds;
    bool answered[GROUP_MAX] = { false };
    int start = group_random(h, g->servers), from;

    assert(wanted <= g->servers);
    *got = 0;
    for (int i = 0; i < wanted; i++)
        group_send(h, g, (start + i) % g->servers, request, size);
    while (*got < wanted) {
        char *answer = (char *)answers + (size_t)*got * size;
        if (!group_recv(h, g, end - ds_now(h), answer, size, &from))
            return false;
        if (from == NOBODY)
            return true;
        if (memcmp(answer, request, sizeof(int64_t)) == 0 && !answered[from]) {
            answered[from] = true;
            ++*got;
        }
    }
    return true;
}

/* ---- Disks ----------------------------------------------------------------*/

bool group_note(ds_handle *h, const char *name, const void *data, size_t size)
{
    assert(size <= 512);
    return ds_disk_append(h, name, data, size);
}

bool group_save(ds_handle *h, const char *name, const void *data, size_t size)
{
    return group_note(h, name, data, size) && ds_disk_sync(h);
}

bool group_load(ds_handle *h, const char *name, void *data, size_t size)
{
    size_t there = ds_disk_size(h, name);

    assert(there % size == 0);
    return ds_disk_get(h, name, there < size ? 0 : there - size, data, size,
                       NULL);
}

/* ---- Chance ---------------------------------------------------------------*/

int group_random(ds_handle *h, int n)
{
    return (int)(ds_random(h) * n);
}
