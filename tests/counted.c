/* A network that counts. */
#include "counted.h"

#include <distsys/disk.h>

typedef struct counting {
    ds_net base;
    counted *count;
    double latency;
    ds_net *other; /* or NULL */
} counting;

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    counting *c = (counting *)net;

    for (size_t i = 0; i < n; i++) {
        c->count->messages++;
        c->count->bytes += msgs[i].size;
        if (c->other == NULL)
            ds_net_deliver(net, c->latency, msgs[i]);
    }
    if (c->other != NULL)
        c->other->ops->send(c->other, msgs, n);
}

static void release(ds_net *net)
{
    free(net);
}

static const ds_net_ops ops = { .name = "counting",
                                .send = send,
                                .free = release };

void counted_new(counted *c, ds_loop *loop, double latency, ds_net *other)
{
    counting *made = malloc(sizeof(*made));

    ck_assert_ptr_nonnull(made);
    *made = (counting){ .count = c, .latency = latency, .other = other };
    *c = (counted){ .net = ds_net_init(&made->base, loop, &ops) };
    ck_assert_ptr_nonnull(c->net);
}

/* ---- Parties --------------------------------------------------------------*/

static double switch_rate;

void party_use_switch(double rate)
{
    switch_rate = rate;
}

static ds_net *switch_of(party *p, size_t n, double latency)
{
    p->model = ds_maxmin_switch_uniform(n, switch_rate);
    return ds_switched_net_new(
        p->loop, &(ds_switched_net_config){ .nodes = p->nodes,
                                            .num_nodes = n,
                                            .model = &p->model.base,
                                            .latency = latency });
}

double party_drain(double bytes)
{
    return switch_rate == 0 ? 0 : bytes / switch_rate;
}

void ck_party_took(double took, double seconds, double bytes)
{
    if (switch_rate == 0)
        ck_assert_double_eq(took, seconds);
    else
        ck_assert_double_eq_tol(took, seconds + party_drain(bytes), 1e-6);
}

void party_new(party *p, uint64_t seed, size_t members, size_t others,
               double latency)
{
    ck_assert_uint_le(members + others, PARTY_MOST);
    setenv("DISTSYS_CHECK", "1", 1);
    p->loop = loop_seeded(seed);
    for (size_t i = 0; i < members + others; i++) {
        p->nodes[i] = ds_node_new(p->loop);
        ds_node_set_disk(p->nodes[i], &(ds_disk_config){ .sync_time = 0.25 });
    }
    ds_net *shared =
        switch_rate == 0 ? NULL : switch_of(p, members + others, latency);
    counted_new(&p->wire, p->loop, latency, shared);
    p->group = ds_group_of(p->wire.net, p->nodes, p->ports, members);
    for (size_t i = members; i < members + others; i++)
        p->ports[i] = ds_port_new(p->nodes[i]);
}

void party_wait_for_leader(const party *p, ds_handle *h, double patience)
{
    ck_assert(ds_sleep(h, patience - 1));
    ck_assert_uint_eq(p->wire.messages, 0);
    while (p->wire.messages == 0 && ds_now(h) < 2 * patience + 1)
        ck_assert(ds_sleep(h, 1));
    ck_assert(ds_sleep(h, 20));
}
