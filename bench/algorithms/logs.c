/* A command on a machine that is replicated by a log. */
#include <distsys/history.h>
#include <distsys/paxos_log.h>
#include <distsys/raft.h>

#include "bench/algorithms/rows.h"

static const ds_command add = { .op = DS_COUNTER_ADD_AND_READ, .arg = { 1 } };

/* The first command finds out who leads, and the second is counted. */
static void command(ds_handle *h, void *arg)
{
    scene *s = arg;
    double latency = s->setting.latency;
    ds_session session =
        ds_session_of(h, &s->group, scene_client_port(s), 40 * latency, 0);
    int64_t sum;

    if (!ds_session_do(h, &session, &add, &sum))
        return;
    ds_sleep(h, 4 * latency);
    scene_begin(h, s);
    if (ds_session_do(h, &session, &add, &sum))
        scene_decide(h, s);
}

static void start_raft(scene *s)
{
    ds_raft *raft = scene_own(s, sizeof(*raft));

    *raft = (ds_raft){ .group = s->group,
                       .machine = &ds_counter_machine,
                       .tick = 100 * s->setting.latency,
                       .pre_vote = true,
                       .steady = true };
    scene_serve(s, ds_raft_serve, raft);
    scene_ask(s, command);
}

const algorithm algorithm_raft = {
    .name = "raft",
    .decision = "a command of a client is committed and done",
    .least = 1,
    .clients = 1,
    .start = start_raft,
};

static void start_multi_paxos(scene *s)
{
    ds_paxos_log *paxos = scene_own(s, sizeof(*paxos));

    *paxos = (ds_paxos_log){ .group = s->group,
                             .machine = &ds_counter_machine,
                             .tick = 100 * s->setting.latency };
    scene_serve(s, ds_paxos_log_serve, paxos);
    scene_ask(s, command);
}

const algorithm algorithm_multi_paxos = {
    .name = "multi-paxos",
    .decision = "a command of a client is chosen and done",
    .least = 1,
    .clients = 1,
    .start = start_multi_paxos,
};
