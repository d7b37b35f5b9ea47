/* Ann adds to a number that five machines keep.  Their leader crashes when it
 * has told one of them what she wants; who leads next finishes that, and does
 * not do it again when she asks again. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/paxos_log.h>

enum { MEMBERS = 5, ANN = MEMBERS, NODES };

static ds_node *nodes[NODES];
static ds_port *ports[NODES];
static ds_paxos_log paxos;

static void ann(ds_handle *h, void *arg)
{
    const ds_command add = { .op = DS_COUNTER_ADD_AND_READ, .arg = { 1 } };
    ds_session s = ds_session_of(h, &paxos.group, ports[ANN], 0.2, 0);
    int64_t sum;

    ds_set_name(h, "Ann");
    for (int i = 0; i < 4; i++) {
        ds_sleep(h, 0.5);
        if (i == 2) {
            printf("%.3f s: member %zu will crash\n", ds_now(h), s.member);
            ds_node_crash_at(nodes[s.member], DS_AT_SEND, 2);
        }
        double began = ds_now(h);
        if (ds_session_do(h, &s, &add, &sum))
            printf("%.3f s: Ann makes it %d, in %.3f s, by member %zu\n",
                   ds_now(h), (int)sum, ds_now(h) - began, s.member);
    }
    if (ds_session_look(h, &s, &add, &sum))
        printf("%.3f s: Ann sees %d\n", ds_now(h), (int)sum);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.02);

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    paxos = (ds_paxos_log){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                            .machine = &ds_counter_machine,
                            .tick = 0.1,
                            .patience = 1.5 };
    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "member 0";
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.002 });
        ds_node_boot_daemon(nodes[i], ds_paxos_log_serve, &paxos);
    }
    ports[ANN] = ds_port_new(nodes[ANN]);
    ds_node_spawn(nodes[ANN], ann, NULL);
    return ds_loop_finish(loop);
}
