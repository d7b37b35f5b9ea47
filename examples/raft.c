/* Ann and Bob add to a number that five machines keep.  Whoever leads crashes
 * in the middle, and another one takes over: nothing is lost or added twice. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/raft.h>

enum { MEMBERS = 5, NODES = MEMBERS + 2 };

static ds_node *nodes[NODES];
static ds_port *ports[NODES];
static ds_raft raft;
static size_t leader; /* who has answered last */

static void client(ds_handle *h, void *arg)
{
    const char *name = arg;
    const ds_command add = { .op = DS_COUNTER_ADD_AND_READ, .arg = { 1 } };
    size_t me = ds_node_number(ds_handle_node(h));
    ds_session s = ds_session_of(h, &raft.group, ports[me], 0.2, 0);
    int64_t sum;

    ds_set_name(h, name);
    for (int i = 0; i < 3; i++) {
        ds_sleep(h, 0.5);
        double began = ds_now(h);
        if (ds_session_do(h, &s, &add, &sum))
            printf("%.3f s: %s makes it %d, in %.3f s, by member %zu\n",
                   ds_now(h), name, (int)sum, ds_now(h) - began, s.member);
        leader = s.member;
    }
    if (ds_session_look(h, &s, &add, &sum))
        printf("%.3f s: %s sees %d\n", ds_now(h), name, (int)sum);
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    ds_sleep(h, 1);
    printf("%.3f s: member %zu crashes\n", ds_now(h), leader);
    ds_node_crash(nodes[leader]);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.02);

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    raft = (ds_raft){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                      .machine = &ds_counter_machine,
                      .tick = 0.1,
                      .patience = 1.5,
                      .pre_vote = true };
    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "member 0";
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.002 });
        ds_node_boot_daemon(nodes[i], ds_raft_serve, &raft);
    }
    for (size_t i = MEMBERS; i < NODES; i++) {
        ports[i] = ds_port_new(nodes[i]);
        ds_node_spawn(nodes[i], client, i == MEMBERS ? "Ann" : "Bob");
    }
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
