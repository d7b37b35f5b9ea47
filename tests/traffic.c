/* Running a table of messages: one thread sends, one receives. */

#include "traffic.h"

#include <math.h>
#include <stdlib.h>

#include "harness.h"

typedef struct road {
    traffic t;
    parcel *parcels;
    size_t n;
    ds_net *net;
    ds_port *ports[TRAFFIC_MOST_NODES];
    ds_msg *msgs;
} road;

static size_t batch_from(const road *r, size_t i)
{
    size_t n = 1;

    while (r->t.one_batch && i + n < r->n &&
           r->parcels[i + n].at <= r->parcels[i].at)
        n++;
    return n;
}

static void send_parcels(ds_handle *h, void *arg)
{
    road *r = arg;
    size_t n;

    for (size_t i = 0; i < r->n; i += n) {
        double wait = r->parcels[i].at - ds_now(h);
        if (wait > 0)
            ds_sleep(h, wait);
        n = batch_from(r, i);
        ds_send_all(h, r->net, r->msgs + i, n);
    }
}

static void receive_parcels(ds_handle *h, void *arg)
{
    road *r = arg;
    ds_stream *streams[TRAFFIC_MOST_NODES];
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < r->t.nodes; i++)
        streams[i] = ds_port_stream(r->ports[i]);
    for (size_t i = 0; i < r->n; i++) {
        if (!ds_poll_any(h, streams, r->t.nodes, &event) ||
            !ds_unpack(&event, &msg))
            return;
        parcel *p = msg.data;
        ck_assert(isnan(p->arrived));
        ck_assert(msg.source == r->ports[p->from]);
        ck_assert(msg.dest == r->ports[p->to]);
        ck_assert(msg.size == p->size);
        p->arrived = ds_now(h);
        p->place = i;
    }
}

static void write_msgs(road *r)
{
    r->msgs = calloc(r->n, sizeof(*r->msgs));
    ck_assert_ptr_nonnull(r->msgs);
    for (size_t i = 0; i < r->n; i++) {
        parcel *p = &r->parcels[i];
        p->arrived = NAN;
        r->msgs[i] = (ds_msg){
            .source = r->ports[p->from],
            .dest = r->ports[p->to],
            .data = p,
            .size = p->size,
        };
    }
}

static void build(road *r, ds_loop *loop)
{
    ds_node *nodes[TRAFFIC_MOST_NODES];

    ck_assert_uint_le(r->t.nodes, TRAFFIC_MOST_NODES);
    for (size_t i = 0; i < r->t.nodes; i++) {
        nodes[i] = ds_node_new(loop);
        r->ports[i] = ds_port_new(nodes[i]);
    }
    r->net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                           .nodes = nodes,
                                           .num_nodes = r->t.nodes,
                                           .model = r->t.model,
                                           .latency = r->t.latency,
                                           .idle_latency = r->t.idle_latency,
                                           .in_order = r->t.in_order,
                                       });
    write_msgs(r);
}

double traffic_run(traffic t, parcel *parcels, size_t n)
{
    ds_loop *loop =
        ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS, .seed = t.seed });
    road r = { .t = t, .parcels = parcels, .n = n };

    build(&r, loop);
    ds_spawn(loop, receive_parcels, &r);
    ds_spawn(loop, send_parcels, &r);
    ds_status status = ds_loop_run(loop);
    ck_assert_msg(status == DS_OK, "seed %llu: %s", (unsigned long long)t.seed,
                  ds_loop_error(loop));
    double end = ds_loop_now(loop);
    ds_loop_free(loop);
    free(r.msgs);
    return end;
}

static void rates_of_other(const ds_switch *self, const ds_connmat *count,
                           ds_connmat *rate)
{
    const ds_switch *of = ((const definition *)self)->of;

    of->rates(of, count, rate);
}

definition definition_of(const ds_switch *model)
{
    return (definition){ .base.rates = rates_of_other, .of = model };
}

void ck_close(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want), "%.17g is not %.17g",
                  got, want);
}
