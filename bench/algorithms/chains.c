/* A write down a chain. */
#include <math.h>

#include <distsys/chain.h>

#include "bench/algorithms/rows.h"

/* The first write finds out who is there, and the second is counted. */
static void write_twice(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_chain_client c = ds_chain_client_of(h, s->own, scene_client_port(s));

    if (!ds_chain_write(h, &c, 0, 1))
        return;
    ds_sleep(h, 2 * s->setting.latency * (double)s->setting.members);
    scene_begin(h, s);
    if (ds_chain_write(h, &c, 0, 2))
        scene_decide(h, s);
}

static void start_chain(scene *s)
{
    /* A write goes down the chain and up again before anybody is impatient. */
    double way = s->setting.latency * fmax(50, (double)s->setting.members);
    ds_chain *chain = scene_own(s, sizeof(*chain));

    *chain = (ds_chain){ .group = s->group,
                         .master = scene_others(s, 0, 1),
                         .lease = 20 * way,
                         .period = 8 * way,
                         .again = 4 * way,
                         .patience = 8 * way };
    scene_serve(s, ds_chain_serve, chain);
    ds_node_boot_daemon(s->nodes[s->setting.members], ds_chain_master, chain);
    scene_ask(s, write_twice);
}

const algorithm algorithm_chain = {
    .name = "chain",
    .decision = "a client writes a register of a chain",
    .least = 1,
    .clients = 2,
    .start = start_chain,
};
