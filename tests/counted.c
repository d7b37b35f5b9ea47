/* A network that counts. */
#include "counted.h"

#include <distsys/disk.h>

typedef struct counting {
    ds_net base;
    counted *count;
    double latency;
} counting;

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    counting *c = (counting *)net;

    for (size_t i = 0; i < n; i++) {
        c->count->messages++;
        c->count->bytes += msgs[i].size;
        ds_net_deliver(net, c->latency, msgs[i]);
    }
}

static void release(ds_net *net)
{
    free(net);
}

static const ds_net_ops ops = { .name = "counting",
                                .send = send,
                                .free = release };

void counted_new(counted *c, ds_loop *loop, double latency)
{
    counting *made = malloc(sizeof(*made));

    ck_assert_ptr_nonnull(made);
    *made = (counting){ .count = c, .latency = latency };
    *c = (counted){ .net = ds_net_init(&made->base, loop, &ops) };
    ck_assert_ptr_nonnull(c->net);
}

void party_new(party *p, uint64_t seed, size_t members, size_t others,
               double latency)
{
    ck_assert_uint_le(members + others, PARTY_MOST);
    setenv("DISTSYS_CHECK", "1", 1);
    p->loop = loop_seeded(seed);
    counted_new(&p->wire, p->loop, latency);
    for (size_t i = 0; i < members + others; i++) {
        p->nodes[i] = ds_node_new(p->loop);
        ds_node_set_disk(p->nodes[i], &(ds_disk_config){ .sync_time = 0.25 });
    }
    p->group = ds_group_of(p->wire.net, p->nodes, p->ports, members);
    for (size_t i = members; i < members + others; i++)
        p->ports[i] = ds_port_new(p->nodes[i]);
}
