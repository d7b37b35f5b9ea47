/* A Raft and its clients as a test. */
#include "bench/planted/raft_trial.h"

#include <distsys/disk.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/observe.h>

#include "bench/planted/clients.h"
#include "bench/planted/kit.h"

enum { CLIENTS = 3 };

/* What all of a trial know. */
typedef struct setting {
    ds_raft raft;
    const raft_trial *trial;
} setting;

static void server(ds_handle *h, void *arg)
{
    const group *g = arg;
    const setting *s = g->shared;

    if (!s->trial->lacks_one || group_me(h) < g->servers - 1)
        ds__raft_serve(h, &s->raft, g->rules);
}

/* ---- Clients --------------------------------------------------------------*/

/* Has a server vote that did not, as far as it knows, or the other way round.
 */
static void change(ds_handle *h, const group *g, const ds_raft *raft)
{
    ds_session s = ds_session_of(h, &raft->group, g->ports[group_me(h)],
                                 raft->tick, 4 * raft->tick);
    uint64_t voters = UINT64_MAX >> (64 - raft->voters);

    for (size_t i; ds_next(h, &i);) {
        const int who = group_random(h, g->servers);
        voters ^= (uint64_t)1 << who;
        ds_raft_change(h, &s, (size_t)who, (voters >> who & 1) != 0);
    }
}

/* Takes a server out, and puts a new machine with an empty disk into its place.
 * Each once: one that was out before may still be so for who led then. */
static void replace(ds_handle *h, const group *g, const ds_raft *raft)
{
    ds_session s =
        ds_session_of(h, &raft->group, g->ports[group_me(h)], raft->tick, 0);

    for (size_t i; ds_next(h, &i);) {
        const size_t who = i / 3;
        if (i % 3 != 0 || who >= (size_t)g->servers)
            continue;
        if (!ds_raft_change(h, &s, who, false))
            return;
        ds_node_crash(g->nodes[who]);
        ds_node_wipe_disk(g->nodes[who]);
        ds_node_restart(g->nodes[who]);
        if (!ds_raft_change(h, &s, who, true))
            return;
    }
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    const setting *s = g->shared;
    const bool first = group_me(h) == g->servers;

    if (first && s->trial->changes)
        change(h, g, &s->raft);
    else if (first && s->trial->replaces)
        replace(h, g, &s->raft);
    else
        clients_live(h, g, &s->raft.group, s->raft.tick);
}

/* ---- Trials ---------------------------------------------------------------*/

static void make_deaf(ds_handle *h, void *arg)
{
    const group *g = arg;
    const double tick = ((const setting *)g->shared)->raft.tick;
    const int who = group_random(h, g->servers);

    if (ds_sleep(h, (10 + 10 * ds_random(h)) * tick))
        ds_net_cut(g->net, NULL, g->nodes[who]);
}

void raft_trial_build(ds_trial *t, void *trial)
{
    const raft_trial *r = trial;
    const group_plan plan = {
        .rules = &ds__raft_right,
        .rules_size = sizeof(ds__raft_right),
        .servers = r->servers,
        .clients = CLIENTS,
        .server = server,
        .client = client,
        .latency = r->tick / 5,
        .sync_time = r->tick * (r->sync_time > 0 ? r->sync_time : 0.02),
        .shared = sizeof(setting),
        .spared = r->goes_deaf,
    };
    const ds_observer_config observer = {
        .checks = r->checks,
        .members = (size_t)r->servers,
        .stop = true,
    };
    group *g = group_new(t, r->mistake, &plan);

    *(setting *)g->shared = (setting){
        .raft = { .group = { .net = g->net,
                             .ports = g->ports,
                             .n = (size_t)r->servers },
                  .machine = &ds_register_machine,
                  .tick = r->tick,
                  .patience = r->patience > 0 ? r->patience : 1.5,
                  .voters = r->voters,
                  .least = (size_t)r->servers / 2 + 1,
                  /* More would come together that can be apart, as in figure 8
                   * of the paper. */
                  .batch = 1,
                  .compact = r->compact,
                  .pre_vote = r->pre_vote,
                  .steady = r->steady },
        .trial = r,
    };
    ds_observer_new(ds_trial_loop(t), &observer);
    if (r->goes_deaf)
        ds_spawn(ds_trial_loop(t), make_deaf, g);
}
