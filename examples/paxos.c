/* Two machines propose different values, while one of five acceptors is down
 * and another one crashes: both are told the same value. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/paxos.h>

enum { ACCEPTORS = 5, NODES = ACCEPTORS + 2 };

static ds_node *nodes[NODES];
static ds_port *ports[NODES];
static ds_paxos paxos;

static void proposer(ds_handle *h, void *arg)
{
    const char *name = arg;
    size_t me = ds_node_number(ds_handle_node(h));
    ds_paxos_proposer p = ds_paxos_proposer_of(h, &paxos, ports[me]);
    int64_t chosen;

    ds_set_name(h, name);
    for (uint64_t instance = 0; instance < 3; instance++) {
        int64_t value = (int64_t)(100 * me + instance);
        printf("%.3f s: %s proposes %d for instance %d\n", ds_now(h), name,
               (int)value, (int)instance);
        if (ds_paxos_propose(h, &p, instance, value, &chosen))
            printf("%.3f s: %s knows that %d is chosen\n", ds_now(h), name,
                   (int)chosen);
    }
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    ds_node_crash(nodes[0]);
    ds_sleep(h, 0.4);
    ds_node_crash(nodes[1]);
    ds_sleep(h, 0.4);
    ds_node_restart(nodes[1]);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    paxos = (ds_paxos){ .group = ds_group_of(net, nodes, ports, ACCEPTORS),
                        .patience = 0.3,
                        .pause = 0.2,
                        .limit = 5 };
    for (size_t i = 0; i < ACCEPTORS; i++) {
        char name[] = "acceptor 0";
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
        ds_node_boot_daemon(nodes[i], ds_paxos_accept, &paxos);
    }
    for (size_t i = ACCEPTORS; i < NODES; i++) {
        ports[i] = ds_port_new(nodes[i]);
        ds_node_spawn(nodes[i], proposer, i == ACCEPTORS ? "Ann" : "Bob");
    }
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
