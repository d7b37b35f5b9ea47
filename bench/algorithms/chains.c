/* A write down a chain. */
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
    double latency = s->setting.latency;
    ds_chain *chain = scene_own(s, sizeof(*chain));

    *chain = (ds_chain){ .group = s->group,
                         .master = scene_others(s, 0, 1),
                         .lease = 1000 * latency,
                         .period = 400 * latency,
                         .again = 200 * latency,
                         .patience = 400 * latency };
    scene_serve(s, ds_chain_serve, chain);
    ds_node_boot_daemon(s->nodes[s->setting.members], ds_chain_master, chain);
    scene_ask(s, write_twice);
}

const algorithm algorithm_chain = {
    .name = "chain",
    .decision = "a client writes a register of a chain",
    .least = 1,
    .most = DS_CHAIN_MOST,
    .clients = 2,
    .start = start_chain,
};
