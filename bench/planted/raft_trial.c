/* A Raft and its clients as a test. */

#include "bench/planted/raft_trial.h"

#include <math.h>

#include <distsys/disk.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/observe.h>

/* ---- Clients --------------------------------------------------------------*/

/* Asks for one thing and notes it down; what it has seen is what it compares
 * with next time.  False: nobody knows whether it is done. */
static bool operate(ds_handle *h, raft_client *client, int op, int64_t value,
                    double seconds, int64_t *seen)
{
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    ds_loop *loop = ds_handle_loop(h);
    int64_t first = op == DS_CAS ? *seen : value, result;
    size_t call = ds_history_begin(history, ds_loop_now(loop),
                                   (uint64_t)client->me, op, 0, first, value);

    if (!raft_call(h, client, op, first, value, seconds, &result))
        return false;
    ds_history_end(history, ds_loop_now(loop), call, result);
    if (op == DS_READ)
        *seen = result;
    else if (op == DS_WRITE || result == 1)
        *seen = value;
    return true;
}

/* Reads, writes, compares and sets; gives up after a while, but not on the last
 * read, which is to see what has become of all. */
static void live(ds_handle *h, void *cluster)
{
    static const int ops[] = { DS_READ, DS_WRITE, DS_CAS };
    const raft_cluster *c = cluster;
    int me = (int)ds_node_number(ds_handle_node(h)) - c->setup.servers;
    raft_client client = { .cluster = c, .me = me, .server = 0 };
    int64_t seen = 0;

    for (size_t i; ds_next(h, &i);)
        operate(h, &client, ops[(int)(3 * ds_random(h))],
                100 * (me + 1) + (int64_t)i, 10 * c->setup.tick, &seen);
    operate(h, &client, DS_READ, 0, INFINITY, &seen);
}

/* Asks whoever leads, or thinks so, for a server more or less that votes. */
static void change(ds_handle *h, void *cluster)
{
    const raft_cluster *c = cluster;
    size_t me = ds_node_number(ds_handle_node(h));

    for (size_t i; ds_next(h, &i);) {
        int servers = c->setup.servers;
        const raft_packet p = {
            .kind = RAFT_CHANGE,
            .result = (int)(servers * ds_random(h)),
        };
        for (int k = 0; k < servers; k++)
            ds_send_bytes(h, c->net, c->ports[me], c->ports[k], &p,
                          offsetof(raft_packet, entries));
    }
}

/* Asks until these vote and nobody else does. */
static bool want(ds_handle *h, const raft_cluster *c, int me, int64_t number,
                 unsigned voters)
{
    ds_port *port = c->ports[c->setup.servers + me];
    const raft_packet p = {
        .kind = RAFT_WANT,
        .command = { .client = me, .number = number },
        .result = voters,
    };
    bool done = false;

    while (!done) {
        double end = ds_now(h) + c->setup.tick;
        ds_msg m;
        for (int i = 0; i < c->setup.servers; i++)
            ds_send_bytes(h, c->net, port, c->ports[i], &p,
                          offsetof(raft_packet, entries));
        do {
            if (!ds_recv_timeout(h, port, fmax(end - ds_now(h), 0), &m))
                return false;
            const raft_packet *answer = m.data;
            done = done || (m.dest != NULL && answer->command.number == number);
            ds_msg_drop(&m);
        } while (!done && ds_now(h) < end);
    }
    return true;
}

/* Takes a server out, and puts a new machine with an empty disk into its place.
 * Each once: one that was out before may still be so for who led then. */
static void replace(ds_handle *h, void *cluster)
{
    const raft_cluster *c = cluster;
    const int me = (int)ds_node_number(ds_handle_node(h)) - c->setup.servers;
    const unsigned all = (1u << c->setup.servers) - 1;
    int64_t asked = 0;

    for (size_t i; ds_next(h, &i);) {
        const int server = (int)i / 3;
        if (i % 3 != 0 || server >= c->setup.servers)
            continue;
        if (!want(h, c, me, ++asked, all & ~(1u << server)))
            return;
        ds_node_crash(c->nodes[server]);
        ds_node_wipe_disk(c->nodes[server]);
        ds_node_restart(c->nodes[server]);
        if (!want(h, c, me, ++asked, all))
            return;
    }
}

/* ---- Trials ---------------------------------------------------------------*/

static void make_deaf(ds_handle *h, void *cluster)
{
    raft_cluster *c = cluster;
    int who = (int)(ds_random(h) * c->setup.servers);

    if (ds_sleep(h, (10 + 10 * ds_random(h)) * c->setup.tick))
        ds_net_cut(c->net, NULL, c->nodes[who]);
}

void raft_trial_build(ds_trial *t, void *trial)
{
    const raft_trial *r = trial;
    ds_loop *loop = ds_trial_loop(t);
    raft_cluster *c = ds_trial_alloc(t, sizeof(*c));
    const size_t servers = (size_t)r->setup.servers;
    const ds_observer_config observer = {
        .checks = r->checks,
        .members = servers,
        .stop = true,
    };

    raft_build(c, loop, &r->setup);
    for (int i = 0; i < r->setup.clients; i++) {
        ds_thread_fn *act = r->changes ? change : replace;
        bool operates = i == 0 && (r->changes || r->replaces);
        ds_node_boot(c->nodes[servers + (size_t)i], operates ? act : live, c);
    }
    ds_observer_new(loop, &observer);
    if (r->goes_deaf)
        ds_spawn(loop, make_deaf, c);
    else
        ds_trial_expose(t, c->net, c->nodes, servers, c->nodes + servers,
                        (size_t)r->setup.clients);
}
