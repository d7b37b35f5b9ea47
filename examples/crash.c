/* A server that counts on its disk, crashes before an answer, and counts on. */

#include <stdio.h>

#include <distsys.h>

struct lan {
    ds_net *net;
    ds_node *machine;
    ds_port *server;
    ds_port *client;
};

static void server(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    ds_msg msg;
    int count = 0;

    ds_disk_get(h, "count", 0, &count, sizeof(count), NULL);
    printf("%4.1f  the server is up and has counted %d\n", ds_now(h), count);
    while (ds_recv(h, lan->server, &msg)) {
        ds_msg_drop(&msg);
        count++;
        if (ds_disk_put(h, "count", &count, sizeof(count)) && ds_disk_sync(h))
            ds_send_bytes(h, lan->net, lan->server, lan->client, &count,
                          sizeof(count));
    }
}

static void client(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    ds_msg msg;

    for (int i = 0; i < 4; i++) {
        ds_send_bytes(h, lan->net, lan->client, lan->server, "one more", 9);
        if (!ds_recv_timeout(h, lan->client, 2, &msg))
            return;
        if (msg.dest == NULL)
            printf("%4.1f  no answer\n", ds_now(h));
        else
            printf("%4.1f  %d\n", ds_now(h), *(int *)msg.data);
        ds_msg_drop(&msg);
        ds_sleep(h, 1);
    }
}

/* Somebody who looks after the machine. */
static void caretaker(ds_handle *h, void *arg)
{
    struct lan *lan = arg;

    while (ds_sleep(h, 3.5))
        if (!ds_node_is_up(lan->machine))
            ds_node_restart(lan->machine);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };
    ds_greedy_switch ports = ds_greedy_switch_uniform(2, 1e6);
    ds_switched_net_config config = {
        .nodes = nodes,
        .num_nodes = 2,
        .model = &ports.base,
        .latency = 0.1,
    };
    struct lan lan = {
        .net = ds_switched_net_new(loop, &config),
        .machine = nodes[0],
        .server = ds_port_new(nodes[0]),
        .client = ds_port_new(nodes[1]),
    };

    ds_node_boot_daemon(lan.machine, server, &lan);
    ds_node_crash_at(lan.machine, DS_AT_SEND, 2); /* of its answers */
    ds_spawn(loop, client, &lan);
    ds_spawn_daemon(loop, caretaker, &lan);

    ds_status status = ds_loop_run(loop);
    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
    return status;
}
