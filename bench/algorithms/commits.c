/* A transaction that all members agree to is committed. */
#include <distsys/commit.h>

#include "bench/algorithms/rows.h"

typedef struct commits {
    ds_commit commit;
    ds_port *acceptors[]; /* a port of each member */
} commits;

static void run_transaction(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_commit_client c = ds_commit_client_of(h, s->own, scene_client_port(s));
    uint64_t transaction;
    bool committed;

    if (!ds_commit_begin(h, &c, &transaction))
        return;
    ds_sleep(h, 2 * s->setting.latency);
    scene_begin(h, s);
    if (ds_commit_end(h, &c, transaction, &committed) && committed)
        scene_decide(h, s);
}

/* Members are acceptors too, at ports of their own. */
static void accept_and_take_part(ds_handle *h, void *arg)
{
    commits *own = arg;

    ds_node_spawn_daemon(ds_handle_node(h), ds_paxos_accept,
                         &own->commit.paxos);
    ds_commit_take_part(h, &own->commit);
}

static void start(scene *s, ds_commit_way way)
{
    size_t n = s->setting.members;
    double latency = s->setting.latency;
    commits *own = scene_own(s, sizeof(*own) + n * sizeof(*own->acceptors));

    own->commit = (ds_commit){ .way = way,
                               .coordinator = scene_others(s, 0, 1),
                               .participants = s->group,
                               .patience = 50 * latency,
                               .again = 200 * latency };
    if (way == DS_PAXOS_COMMIT) {
        own->commit.paxos = (ds_paxos){
            .group = ds_group_of(s->net, s->nodes, own->acceptors, n),
            .patience = 20 * latency,
            .pause = 20 * latency,
            .limit = 200 * latency,
        };
        scene_serve(s, accept_and_take_part, own);
    } else {
        scene_serve(s, ds_commit_take_part, &own->commit);
    }
    ds_node_boot_daemon(s->nodes[n], ds_commit_coordinate, &own->commit);
    scene_ask(s, run_transaction);
}

static void start_2pc(scene *s)
{
    start(s, DS_TWO_PHASES);
}

static void start_3pc(scene *s)
{
    start(s, DS_THREE_PHASES);
}

static void start_paxos_commit(scene *s)
{
    start(s, DS_PAXOS_COMMIT);
}

const algorithm algorithm_2pc = {
    .name = "2pc",
    .decision = "a client knows that all members have committed",
    .least = 1,
    .clients = 2,
    .start = start_2pc,
};

const algorithm algorithm_3pc = {
    .name = "3pc",
    .decision = "a client knows that all members have committed",
    .least = 1,
    .clients = 2,
    .start = start_3pc,
};

const algorithm algorithm_paxos_commit = {
    .name = "paxos-commit",
    .decision = "a client knows that all have committed; members are acceptors",
    .least = 1,
    .clients = 2,
    .start = start_paxos_commit,
};
