/* A rumour spreads; who crashes forgets it, and is told again. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/gossip.h>

enum { MEMBERS = 9 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static struct ds_gossip_member *members[MEMBERS];
static ds_gossip gossip;

static const ds_entry rumour = { .key = { .object = 42 }, .value = 1 };

static void tell(ds_handle *h, void *arg)
{
    ds_set_name(h, "who began it");
    ds_gossip_add(h, &gossip, &rumour);
}

static void print_who_knows(ds_handle *h, int times)
{
    while (times-- > 0 && ds_sleep(h, 0.1)) {
        printf("%.2f s:", ds_now(h));
        for (size_t i = 0; i < MEMBERS; i++) {
            const ds_entries *known = ds_gossip_known(&gossip, i);
            if (known == NULL)
                printf(" down");
            else
                printf(" %s",
                       ds_entries_find(known, &rumour.key) ? "knows" : "-");
        }
        printf("\n");
    }
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    ds_sleep(h, 0.05);
    ds_node_spawn(nodes[0], tell, NULL);
    print_who_knows(h, 4);
    ds_node_crash(nodes[3]);
    print_who_knows(h, 1);
    ds_node_restart(nodes[3]);
    print_who_knows(h, 2);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.04);

    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "machine 0";
        nodes[i] = ds_node_new(loop);
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
    }
    gossip = (ds_gossip){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                          .ways = DS_GOSSIP_PUSH | DS_GOSSIP_ANTI_ENTROPY,
                          .period = 0.1,
                          .fanout = 1,
                          .hot = 3,
                          .members = members };
    for (size_t i = 0; i < MEMBERS; i++)
        ds_node_boot_daemon(nodes[i], ds_gossip_serve, &gossip);
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
