/* Machines on a ring elect the one of the highest name. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/election.h>
#include <distsys/fault.h>

enum { MEMBERS = 5 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static struct ds_ring_member *members[MEMBERS];
static ds_ring ring;

static const uint64_t names[MEMBERS] = { 30, 10, 50, 20, 40 };

static void candidate(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&ring.group, h);
    ds_leader leader;

    ds_set_name(h, "candidate");
    if (!ds_ring_elect(h, &ring, 1, &leader))
        return;
    printf("%.3f s: %d knows that %d leads\n", ds_now(h), (int)names[me],
           (int)names[leader.member]);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    for (size_t i = 0; i < MEMBERS; i++) {
        char name[16];
        nodes[i] = ds_node_new(loop);
        snprintf(name, sizeof(name), "%d", (int)names[i]);
        ds_node_set_name(nodes[i], name);
    }
    ring = (ds_ring){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                      .names = names,
                      .members = members };
    for (size_t i = 0; i < MEMBERS; i++) {
        ds_node_boot_daemon(nodes[i], ds_chang_roberts_serve, &ring);
        ds_node_spawn(nodes[i], candidate, NULL);
    }
    return ds_loop_finish(loop);
}
