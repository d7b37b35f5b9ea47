/* A cluster to be hurt; see the header. */

#include "cluster.h"

void cluster_serve(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0.05))
        continue;
}

static void request(ds_handle *h, void *arg)
{
    cluster *c = arg;
    size_t me = ds_node_number(ds_handle_node(h)) - SERVERS;

    for (size_t i; ds_next(h, &i);)
        c->done[me][i] = true;
}

static void look(cluster *c, int i, double now)
{
    if (ds_node_is_up(c->nodes[i])) {
        c->since[i] = 0;
        return;
    }
    if (c->down[i] == 0)
        c->down[i] = now;
    if (c->since[i] == 0)
        c->since[i] = now;
    if (now - c->since[i] > c->lasted[i])
        c->lasted[i] = now - c->since[i];
}

static void watch(ds_handle *h, void *arg)
{
    cluster *c = arg;
    ds_loop *loop = ds_handle_loop(h);

    for (int step = 0; step < 300 && ds_sleep(h, 0.01); step++) {
        for (int i = 0; i < SERVERS; i++)
            look(c, i, ds_loop_now(loop));
        c->rule(h, c);
    }
}

void cluster_build(ds_trial *t, void *arg)
{
    cluster *c = ds_trial_alloc(t, sizeof(*c));
    ds_loop *loop = ds_trial_loop(t);

    c->rule = *(rule_fn **)arg;
    for (int i = 0; i < SERVERS + CLIENTS; i++) {
        c->nodes[i] = ds_node_new(loop);
        if (i < SERVERS)
            ds_node_boot_daemon(c->nodes[i], cluster_serve, c);
        else
            ds_node_boot(c->nodes[i], request, c);
    }
    ds_spawn(loop, watch, c);
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), c->nodes, SERVERS,
                    c->nodes + SERVERS, CLIENTS);
}

bool cluster_in_order(const cluster *c)
{
    return c->down[2] > 0 && c->down[0] > c->down[2];
}
