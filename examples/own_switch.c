/* A switch of one's own: a hub, whose ports share one cable.
 *
 * A model is one function.  It is told between which nodes messages are in
 * flight, and says how fast each of those pairs goes. */
#include <stdio.h>
#include <distsys.h>

struct hub {
    ds_switch base;
    double rate; /* bytes per second, of all pairs together */
};

/* rate comes in with a 1 where something is in flight, and a 0 elsewhere. */
static void hub_rates(const ds_switch *model, const ds_connmat *count,
                      ds_connmat *rate)
{
    const struct hub *hub = (const struct hub *)model;
    double pairs = 0;

    for (size_t i = 0; i < count->num_nodes; i++)
        pairs += ds_connmat_sum_source(rate, i);
    for (size_t i = 0; i < count->num_nodes; i++)
        for (size_t j = 0; j < count->num_nodes; j++)
            if (ds_connmat_get(rate, i, j) > 0)
                ds_connmat_set(rate, i, j, hub->rate / pairs);
}

/* ---- Three nodes that send to a fourth ------------------------------------*/

enum { SENDERS = 3 };

struct lan {
    ds_net *net;
    ds_port *ports[SENDERS + 1]; /* the last one listens */
};

static void senders(ds_handle *h, void *arg)
{
    struct lan *lan = arg;

    for (size_t i = 0; i < SENDERS; i++)
        ds_send(h, lan->net,
                (ds_msg){
                    .source = lan->ports[i],
                    .dest = lan->ports[SENDERS],
                    .size = 100.0 * (double)(i + 1),
                });
}

static void listener(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    ds_msg msg;

    for (int i = 0; i < SENDERS; i++)
        if (ds_recv(h, lan->ports[SENDERS], &msg))
            printf("%g bytes have arrived at %g\n", msg.size, ds_now(h));
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[SENDERS + 1];
    struct lan lan;

    for (size_t i = 0; i <= SENDERS; i++) {
        nodes[i] = ds_node_new(loop);
        lan.ports[i] = ds_port_new(nodes[i]);
    }

    /* It must outlive the loop. */
    struct hub hub = { .base.rates = hub_rates, .rate = 60 };
    lan.net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                            .nodes = nodes,
                                            .num_nodes = SENDERS + 1,
                                            .model = &hub.base,
                                        });

    ds_spawn(loop, senders, &lan);
    ds_spawn(loop, listener, &lan);

    return ds_loop_finish(loop);
}
