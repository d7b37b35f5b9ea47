/* The highest machine that lives leads: it crashes, and comes back. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/election.h>
#include <distsys/fault.h>

enum { MEMBERS = 4 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static ds_leader leader[MEMBERS];
static ds_bully bully;

static void print_leaders(ds_handle *h, double seconds)
{
    ds_sleep(h, seconds);
    printf("%.1f s: they follow", ds_now(h));
    for (size_t i = 0; i < MEMBERS; i++)
        if (!ds_node_is_up(nodes[i]))
            printf(" -");
        else if (leader[i].member == DS_NOBODY)
            printf(" nobody");
        else
            printf(" %d", (int)leader[i].member);
    printf("\n");
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    print_leaders(h, 0.5);
    ds_node_crash(nodes[MEMBERS - 1]);
    print_leaders(h, 1);
    print_leaders(h, 0.5);
    ds_node_restart(nodes[MEMBERS - 1]);
    print_leaders(h, 0.5);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    for (size_t i = 0; i < MEMBERS; i++)
        nodes[i] = ds_node_new(loop);
    bully = (ds_bully){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                        .patience = 0.3,
                        .leader = leader };
    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "bully 0";
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
        ds_node_boot_daemon(nodes[i], ds_bully_serve, &bully);
    }
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
