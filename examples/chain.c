/* Three machines keep a register in a chain, and the tail crashes: writes wait
 * until the master has taken it out. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/chain.h>
#include <distsys/fault.h>

enum { MEMBERS = 3, MASTER = MEMBERS, NODES = MEMBERS + 3 };

static ds_node *nodes[NODES];
static ds_port *ports[NODES];
static ds_chain chain;

static void client(ds_handle *h, void *arg)
{
    const char *name = arg;
    size_t me = ds_node_number(ds_handle_node(h));
    ds_chain_client c = ds_chain_client_of(h, &chain, ports[me]);
    int64_t value;

    ds_set_name(h, name);
    for (int i = 1; i <= 3; i++) {
        ds_sleep(h, 0.3);
        double began = ds_now(h);
        if (name[0] == 'A' && ds_chain_write(h, &c, 0, i))
            printf("%.3f s to %.3f s: %s writes %d\n", began, ds_now(h), name,
                   i);
        else if (name[0] == 'B' && ds_chain_read(h, &c, 0, &value))
            printf("%.3f s to %.3f s: %s reads %d\n", began, ds_now(h), name,
                   (int)value);
    }
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    ds_sleep(h, 0.5);
    ds_node_crash(nodes[MEMBERS - 1]);
    ds_sleep(h, 1.5);
    ds_node_restart(nodes[MEMBERS - 1]);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.05);

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    chain = (ds_chain){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                        .master =
                            ds_group_of(net, &nodes[MASTER], &ports[MASTER], 1),
                        .craq = true,
                        .lease = 0.5,
                        .period = 0.2,
                        .again = 0.2,
                        .patience = 0.5 };
    for (size_t i = 0; i < MEMBERS; i++) {
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
        ds_node_boot_daemon(nodes[i], ds_chain_serve, &chain);
    }
    ds_node_boot_daemon(nodes[MASTER], ds_chain_master, &chain);
    for (size_t i = MASTER + 1; i < NODES; i++) {
        ports[i] = ds_port_new(nodes[i]);
        ds_node_spawn(nodes[i], client, i == MASTER + 1 ? "Ann" : "Bob");
    }
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
