/* A server counts for a client.  With "crash" its machine crashes once; with
 * "patient" the client asks again if it hears nothing; with "durable" the
 * server keeps the count on its disk. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <distsys.h>

enum { SERVER, CLIENT, MACHINES };

static const ds_lan *lan;
static bool crash, patient, durable;

static void serve(ds_handle *h, void *arg)
{
    int count = 0;
    size_t from;
    ds_msg m;

    if (durable)
        ds_disk_get(h, "count", 0, &count, sizeof(count), NULL);
    while (ds_lan_recv(h, lan, &m, &from)) {
        ds_msg_drop(&m);
        count++;
        if (durable && (!ds_disk_put(h, "count", &count, sizeof(count)) ||
                        !ds_disk_sync(h)))
            return;
        ds_lan_send(h, lan, from, &count, sizeof(count));
    }
}

static void ask(ds_handle *h, void *arg)
{
    ds_port *mine = lan->ports[CLIENT];
    ds_msg m;

    for (int i = 0; i < 4; i++) {
        do {
            ds_lan_send(h, lan, SERVER, "one more", 9);
            if (!ds_recv_timeout(h, mine, patient ? 0.5 : INFINITY, &m))
                return;
        } while (m.dest == NULL);
        printf("%.3f s: %d\n", ds_now(h), *(int *)m.data);
        ds_msg_drop(&m);
        ds_sleep(h, 1);
    }
}

static void fate(ds_handle *h, void *arg)
{
    ds_sleep_until(h, 2.03);
    ds_node_crash(lan->nodes[SERVER]);
    ds_sleep_until(h, 3);
    ds_node_restart(lan->nodes[SERVER]);
}

int main(int argc, char **argv)
{
    ds_loop *loop = ds_loop_new(NULL);

    for (int i = 1; i < argc; i++) {
        crash |= strcmp(argv[i], "crash") == 0;
        patient |= strcmp(argv[i], "patient") == 0;
        durable |= strcmp(argv[i], "durable") == 0;
    }
    lan = ds_lan_new(loop, MACHINES, 0.01, 1000);
    if (lan == NULL)
        return ds_loop_finish(loop);
    ds_node_set_name(lan->nodes[SERVER], "server");
    ds_node_set_name(lan->nodes[CLIENT], "client");
    ds_node_boot_daemon(lan->nodes[SERVER], serve, NULL);
    ds_node_spawn(lan->nodes[CLIENT], ask, NULL);
    if (crash)
        ds_spawn_daemon(loop, fate, NULL);
    return ds_loop_finish(loop);
}
