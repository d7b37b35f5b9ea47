/* A register that five replicas keep, of which two may be down at any time:
 * what has been written is read, by whoever reads it. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/quorum.h>

enum { REPLICAS = 5, WRITER = REPLICAS, READER, NODES };

static ds_node *nodes[NODES];
static ds_port *ports[REPLICAS], *writer_port, *reader_port;
static ds_quorum shared;

static void crash(ds_handle *h, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++)
        ds_node_crash(nodes[i]);
    printf("%g s: replicas %zu to %zu crash\n", ds_now(h), first, last);
}

static void writer(ds_handle *h, void *arg)
{
    ds_quorum_client c = ds_quorum_client_of(h, &shared, writer_port);

    ds_set_name(h, "writer");
    for (int64_t value = 1; value <= 4; value++) {
        if (value == 2)
            crash(h, 0, 1);
        if (value == 3)
            crash(h, 2, 4);
        bool done = ds_quorum_write(h, &c, value);
        printf("%g s: %d is %s\n", ds_now(h), (int)value,
               done ? "written" : "written at too few replicas, or at none");
        for (size_t i = 0; value == 3 && i < REPLICAS; i++)
            ds_node_restart(nodes[i]);
        ds_sleep(h, 1);
    }
}

static void reader(ds_handle *h, void *arg)
{
    ds_quorum_client c = ds_quorum_client_of(h, &shared, reader_port);
    int64_t value;

    ds_set_name(h, "reader");
    ds_sleep(h, 0.5);
    for (int i = 0; i < 5; i++) {
        if (ds_quorum_read(h, &c, &value))
            printf("%g s: read %d\n", ds_now(h), (int)value);
        else
            printf("%g s: nothing could be read\n", ds_now(h));
        ds_sleep(h, 1);
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    for (size_t i = 0; i < NODES; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
    }
    shared = (ds_quorum){ .group = ds_group_of(net, nodes, ports, REPLICAS),
                          .patience = 1 };
    for (size_t i = 0; i < REPLICAS; i++)
        ds_node_boot_daemon(nodes[i], ds_quorum_serve, &shared);
    writer_port = ds_port_new(nodes[WRITER]);
    reader_port = ds_port_new(nodes[READER]);
    ds_node_spawn(nodes[WRITER], writer, NULL);
    ds_node_spawn(nodes[READER], reader, NULL);

    return ds_loop_finish(loop);
}
