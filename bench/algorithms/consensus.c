/* Agreement on a value, by one who proposes. */
#include <distsys/paxos.h>

#include "bench/algorithms/rows.h"

static void propose(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_paxos_proposer proposer =
        ds_paxos_proposer_of(h, s->own, scene_client_port(s));
    int64_t chosen;

    if (ds_paxos_propose(h, &proposer, 0, 1, &chosen))
        scene_decide(h, s);
}

static void start_paxos(scene *s)
{
    ds_paxos *paxos = scene_own(s, sizeof(*paxos));

    *paxos = (ds_paxos){ .group = s->group,
                         .patience = 20 * s->setting.latency,
                         .pause = 20 * s->setting.latency };
    scene_serve(s, ds_paxos_accept, paxos);
    scene_ask(s, propose);
}

const algorithm algorithm_paxos = {
    .name = "paxos",
    .decision = "a client's value is chosen, in two phases",
    .least = 1,
    .clients = 1,
    .start = start_paxos,
};
