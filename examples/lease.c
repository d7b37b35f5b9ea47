/* A worker stops for longer than its lease lasts, just before it writes;
 * another one has written meanwhile, and the store refuses the first. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/mutex.h>

enum { SERVER, ANN, BOB, NODES };

static ds_node *nodes[NODES];
static ds_port *ports[NODES];
static ds_lease lease;
static ds_fence fence; /* of the store, which is no machine here */

static void worker(ds_handle *h, void *arg)
{
    const char *name = arg;
    size_t me = ds_node_number(ds_handle_node(h));
    ds_lease_client c = ds_lease_client_of(h, &lease, ports[me]);

    ds_set_name(h, name);
    ds_sleep(h, me == ANN ? 1 : 1.3);
    if (!ds_lease_acquire(h, &c))
        return;
    printf("%.3f s: %s has the lease until %.3f s, with token %d\n", ds_now(h),
           name, c.until, (int)c.token);
    ds_sleep(h, 0.3);
    printf("%.3f s: %s writes, and is %s\n", ds_now(h), name,
           ds_fence_admits(&fence, c.token) ? "admitted" : "refused");
    ds_lease_release(h, &c);
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    ds_sleep(h, 1.2);
    ds_node_pause(nodes[ANN]);
    ds_sleep(h, 2);
    ds_node_resume(nodes[ANN]);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);
    const char *const names[] = { "server", "Ann's", "Bob's" };

    for (size_t i = 0; i < NODES; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_set_name(nodes[i], names[i]);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
    }
    lease = (ds_lease){ .group = ds_group_of(net, nodes, ports, 1),
                        .seconds = 0.8,
                        .again = 0.3 };
    ports[ANN] = ds_port_new(nodes[ANN]);
    ports[BOB] = ds_port_new(nodes[BOB]);
    ds_node_boot_daemon(nodes[SERVER], ds_lease_serve, &lease);
    ds_node_spawn(nodes[ANN], worker, "Ann");
    ds_node_spawn(nodes[BOB], worker, "Bob");
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
