/* A network of one's own: a wire that carries one message at a time.
 *
 * Messages queue for the wire in the order they were sent.  One that is too
 * long for it is lost; whoever gave it a done stream learns that it is gone,
 * though not why. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <distsys.h>

struct wire {
    ds_net base;    /* first, so that a ds_net * is a struct wire * */
    double rate;    /* bytes per second */
    double longest; /* bytes */
    double free_at; /* when it will have carried all it has now */
};

/* The loop has checked the messages and now they are ours: each must be
 * delivered or lost. */
static void wire_send(ds_net *net, const ds_msg *msgs, size_t n)
{
    struct wire *wire = (struct wire *)net;
    double now = ds_net_now(net);

    for (size_t i = 0; i < n; i++) {
        if (msgs[i].size > wire->longest) {
            ds_net_lose(net, msgs[i]);
            continue;
        }
        wire->free_at = fmax(wire->free_at, now) + msgs[i].size / wire->rate;
        ds_net_deliver(net, wire->free_at - now, msgs[i]);
    }
}

static void wire_free(ds_net *net)
{
    free(net);
}

static const ds_net_ops wire_ops = {
    .name = "wire",
    .send = wire_send,
    .free = wire_free,
};

static ds_net *wire_new(ds_loop *loop, double rate, double longest)
{
    struct wire *wire = malloc(sizeof(*wire));

    if (wire != NULL)
        *wire = (struct wire){ .rate = rate, .longest = longest };
    /* Now the loop owns it; given NULL, it knows that memory ran out. */
    if (ds_net_init((ds_net *)wire, loop, &wire_ops) == NULL) {
        free(wire);
        return NULL;
    }
    return &wire->base;
}

/* ---- Two nodes on a wire --------------------------------------------------*/

struct lan {
    ds_net *net;
    ds_port *here;
    ds_port *there;
    ds_stream *done;
};

static void talker(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    static const double sizes[] = { 100, 5000, 50 };
    ds_event event;

    for (size_t i = 0; i < 3; i++)
        ds_send(h, lan->net,
                (ds_msg){
                    .source = lan->here,
                    .dest = lan->there,
                    .size = sizes[i],
                    .done = i == 1 ? lan->done : NULL,
                });
    if (ds_poll(h, lan->done, &event))
        printf("5000 bytes are gone at %g\n", ds_now(h));
}

static void listener(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    ds_msg msg;

    /* The long one will not come. */
    for (int i = 0; i < 2; i++)
        if (ds_recv(h, lan->there, &msg))
            printf("%g bytes arrive at %g\n", msg.size, ds_now(h));
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    struct lan lan = {
        .net = wire_new(loop, 100, 1500),
        .here = ds_port_new(ds_node_new(loop)),
        .there = ds_port_new(ds_node_new(loop)),
        .done = ds_stream_new(loop),
    };

    ds_spawn(loop, talker, &lan);
    ds_spawn(loop, listener, &lan);

    return ds_loop_finish(loop);
}
