/* An entry of one member spreads to all. */
#include <distsys/gossip.h>

#include "bench/algorithms/rows.h"

typedef struct gossips {
    ds_gossip gossip;
    struct ds_gossip_member *members[];
} gossips;

/* Nobody tells who waits, and so it looks every now and then: at the members
 * one after the other, as long as they know it. */
static void spread(ds_handle *h, void *arg)
{
    scene *s = arg;
    const ds_gossip *g = &((const gossips *)s->own)->gossip;
    size_t know = 0;

    if (!ds_gossip_add(h, g, &(ds_entry){ .value = 1 }))
        return;
    while (know < s->setting.members) {
        const ds_entries *known = ds_gossip_known(g, know);
        if (known != NULL && ds_entries_at(known, 0) != NULL)
            know++;
        else if (!ds_sleep(h, s->setting.latency / 16))
            return;
    }
    scene_decide(h, s);
}

/* A period takes longer than a packet and its answer, and an entry is hot for
 * longer than it takes, but for a chance of one in a billion or so. */
static void start(scene *s, unsigned ways)
{
    size_t n = s->setting.members;
    gossips *own = scene_own(s, sizeof(*own) + n * sizeof(*own->members));

    own->gossip = (ds_gossip){ .group = s->group,
                               .ways = ways,
                               .period = 4 * s->setting.latency,
                               .fanout = 1,
                               .hot = 64,
                               .members = own->members };
    scene_serve(s, ds_gossip_serve, &own->gossip);
    ds_node_spawn(s->nodes[n - 1], spread, s);
}

#define WAYS(row, called, ways)                                                \
    static void start_##row(scene *s)                                          \
    {                                                                          \
        start(s, ways);                                                        \
    }                                                                          \
    const algorithm algorithm_gossip_##row = {                                 \
        .name = called,                                                        \
        .decision = "all members know an entry of the last one, in periods "   \
                    "of four latencies",                                       \
        .least = 1,                                                            \
        .start = start_##row,                                                  \
    }

WAYS(push, "gossip-push", DS_GOSSIP_PUSH);
WAYS(pull, "gossip-pull", DS_GOSSIP_PULL);
WAYS(push_pull, "gossip-push-pull", DS_GOSSIP_PUSH_PULL);
WAYS(anti_entropy, "gossip-anti-entropy", DS_GOSSIP_ANTI_ENTROPY);
