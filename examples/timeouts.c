/* A busy server, and clients that wait only so long.
 *
 * The server is a daemon: nobody tells it to go home.  The simulation is over
 * when the clients are done, and then ds_recv() returns false. */
#include <stdio.h>
#include <distsys.h>

enum { CLIENTS = 3 };

struct lan {
    ds_net *net;
    ds_port *server;
};

struct client {
    struct lan *lan;
    ds_port *port;
    int number;
    double start;    /* when it asks */
    double patience; /* how long it then waits */
};

static void server(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    int answered = 0;
    ds_msg msg;

    while (ds_recv(h, lan->server, &msg)) {
        /* Thinking takes a second; questions wait at the port meanwhile. */
        if (!ds_sleep(h, 1))
            break;
        msg.dest = msg.source;
        msg.source = lan->server;
        ds_send(h, lan->net, msg);
        answered++;
    }
    printf("the server leaves at %g; it answered %d\n", ds_now(h), answered);
}

static void client(ds_handle *h, void *arg)
{
    struct client *self = arg;
    ds_msg msg;

    ds_sleep(h, self->start);
    ds_send(h, self->lan->net,
            (ds_msg){
                .source = self->port,
                .dest = self->lan->server,
            });
    if (!ds_recv_timeout(h, self->port, self->patience, &msg))
        return; /* the simulation is over */
    if (msg.dest == NULL)
        printf("client %d gives up at %g\n", self->number, ds_now(h));
    else
        printf("client %d has its answer at %g\n", self->number, ds_now(h));
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[1 + CLIENTS];

    for (int i = 0; i <= CLIENTS; i++)
        nodes[i] = ds_node_new(loop);

    ds_greedy_switch ports = ds_greedy_switch_uniform(1 + CLIENTS, 1e6);
    struct lan lan = {
        .net = ds_switched_net_new(loop,
                                   &(ds_switched_net_config){
                                       .nodes = nodes,
                                       .num_nodes = 1 + CLIENTS,
                                       .model = &ports.base,
                                       .latency = 0.05,
                                   }),
        .server = ds_port_new(nodes[0]),
    };
    ds_spawn_daemon(loop, server, &lan);

    static const double start[CLIENTS] = { 0, 0.25, 0.5 };
    static const double patience[CLIENTS] = { 3, 3, 1 };
    struct client clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){
            .lan = &lan,
            .port = ds_port_new(nodes[1 + i]),
            .number = i + 1,
            .start = start[i],
            .patience = patience[i],
        };
        ds_spawn(loop, client, &clients[i]);
    }

    return ds_loop_finish(loop);
}
