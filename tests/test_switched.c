/* The switched network: latency, ties, misuse, and other simulators' numbers.
 */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "stage.h"
#include "traffic.h"

#include <distsys/switch.h>

static ds_greedy_switch greedy;
static ds_maxmin_switch maxmin;

/* Tests that hold for both models take the number of one. */
enum { MODELS = 2 };

static const ds_switch *model_of(int number, size_t nodes, double rate)
{
    greedy = ds_greedy_switch_uniform(nodes, rate);
    maxmin = ds_maxmin_switch_uniform(nodes, rate);
    return number == 0 ? &greedy.base : &maxmin.base;
}

/* ---- Messages -------------------------------------------------------------*/

START_TEST(a_message_takes_latency_and_size_by_rate)
{
    parcel p = { .from = 0, .to = 1, .size = 30 };

    traffic_run(
        (traffic){ .nodes = 2, .model = model_of(_i, 2, 10), .latency = 0.5 },
        &p, 1);
    ck_close(p.arrived, 3.5);
}
END_TEST

START_TEST(two_opposite_messages_share_nothing)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 30 },
        { .from = 1, .to = 0, .size = 50 },
    };

    traffic_run((traffic){ .nodes = 2, .model = model_of(_i, 2, 10) }, p, 2);
    ck_close(p[0].arrived, 3);
    ck_close(p[1].arrived, 5);
}
END_TEST

/* Two on one pair, the second one 1 s later; the other direction starts at 2
 * and takes its own time. */
START_TEST(two_messages_on_a_pair_share_it_whatever_comes_back)
{
    parcel p[] = {
        { .at = 0, .from = 0, .to = 1, .size = 20 },
        { .at = 1, .from = 0, .to = 1, .size = 20 },
        { .at = 2, .from = 1, .to = 0, .size = 10 },
    };

    traffic_run((traffic){ .nodes = 2, .model = model_of(_i, 2, 10) }, p, 3);
    ck_close(p[0].arrived, 3);
    ck_close(p[1].arrived, 4);
    ck_close(p[2].arrived, 3);
}
END_TEST

/* The first one drains from 1 on, and has half the rate until 2. */
START_TEST(a_message_that_waits_out_its_latency_takes_capacity)
{
    parcel p[] = {
        { .at = 0, .from = 0, .to = 1, .size = 20 },
        { .at = 1, .from = 0, .to = 1, .size = 0 },
    };

    traffic_run(
        (traffic){ .nodes = 2, .model = model_of(_i, 2, 10), .latency = 1 }, p,
        2);
    ck_close(p[1].arrived, 2);
    ck_close(p[0].arrived, 3.5);
}
END_TEST

START_TEST(an_idle_latency_takes_no_capacity)
{
    parcel p[] = {
        { .at = 0, .from = 0, .to = 1, .size = 20 },
        { .at = 1.5, .from = 0, .to = 1, .size = 10 },
    };

    traffic_run((traffic){ .nodes = 2,
                           .model = model_of(_i, 2, 10),
                           .latency = 1,
                           .idle_latency = true },
                p, 2);
    ck_close(p[0].arrived, 3.5);
    ck_close(p[1].arrived, 4);
}
END_TEST

START_TEST(a_message_without_bytes_arrives_after_the_latency)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 0 },
        { .from = 0, .to = 1, .size = 100 },
    };

    traffic_run(
        (traffic){ .nodes = 2, .model = model_of(_i, 2, 10), .latency = 0.25 },
        p, 2);
    ck_close(p[0].arrived, 0.25);
    ck_close(p[1].arrived, 10.25);
}
END_TEST

START_TEST(without_bytes_or_latency_it_arrives_at_once)
{
    parcel p = { .at = 3, .from = 0, .to = 1, .size = 0 };

    traffic_run((traffic){ .nodes = 2, .model = model_of(_i, 2, 10) }, &p, 1);
    ck_assert(p.arrived == 3);
}
END_TEST

START_TEST(sending_to_oneself_goes_through_the_switch)
{
    parcel p[] = {
        { .from = 0, .to = 0, .size = 30 },
        { .from = 0, .to = 1, .size = 30 },
    };

    traffic_run(
        (traffic){ .nodes = 2, .model = model_of(_i, 2, 10), .latency = 1 }, p,
        2);
    ck_close(p[0].arrived, 1 + 6);
    ck_close(p[1].arrived, 1 + 6);
}
END_TEST

START_TEST(twenty_messages_one_by_one_arrive_as_in_one_batch)
{
    parcel singly[20];
    parcel batch[20];
    traffic t = { .nodes = 5, .model = model_of(_i, 5, 10), .latency = 0.1 };

    for (size_t i = 0; i < 20; i++)
        singly[i] = batch[i] = (parcel){
            .from = i % 5,
            .to = (i * 3 + 1) % 5,
            .size = (double)(i * i),
        };
    traffic_run(t, singly, 20);
    t.one_batch = true;
    traffic_run(t, batch, 20);
    for (size_t i = 0; i < 20; i++)
        ck_assert(singly[i].arrived == batch[i].arrived);
}
END_TEST

/* Sizes at which a hundred messages end at the same time on paper. */
START_TEST(arrivals_that_differ_by_rounding_are_one_instant)
{
    parcel p[100];

    for (size_t i = 0; i < 100; i++)
        p[i] = (parcel){ .from = i / 10, .to = 10 + i % 10, .size = 0.1 };
    traffic_run((traffic){ .nodes = 20, .model = model_of(_i, 20, 3) }, p, 100);
    for (size_t i = 0; i < 100; i++)
        ck_assert(p[i].arrived == p[0].arrived);
    ck_close(p[0].arrived, 1.0 / 3);
}
END_TEST

START_TEST(a_thousand_messages_on_a_pair_arrive_by_size)
{
    enum { N = 1000 };
    static parcel p[N];
    double end = 0;

    for (size_t i = 0; i < N; i++)
        p[i] = (parcel){ .to = 1, .size = (double)((i * 7919) % N + 1) };
    traffic_run((traffic){ .nodes = 2, .model = model_of(_i, 2, 1) }, p, N);
    /* the k-th shortest has k bytes, and each byte is one of N - k + 1 */
    for (size_t k = 1; k <= N; k++) {
        end += (double)(N - k + 1);
        for (size_t i = 0; i < N; i++)
            if (p[i].size == (double)k)
                ck_close(p[i].arrived, end);
    }
}
END_TEST

/* ---- In order -------------------------------------------------------------*/

START_TEST(messages_in_order_drain_one_after_the_other)
{
    parcel p[] = {
        { .at = 3, .from = 0, .to = 1, .size = 30 },
        { .at = 3, .from = 0, .to = 1, .size = 10 },
        { .at = 4, .from = 0, .to = 1, .size = 20 },
    };

    traffic_run((traffic){ .nodes = 2,
                           .model = model_of(_i, 2, 10),
                           .latency = 1,
                           .in_order = true },
                p, 3);
    ck_close(p[0].arrived, 3 + 1 + 3);
    ck_close(p[1].arrived, 3 + 1 + 4);
    ck_close(p[2].arrived, 3 + 1 + 6);
}
END_TEST

/* The second one is sent when the first has a second to go. */
START_TEST(each_message_in_order_spends_its_latency_from_its_sending)
{
    parcel p[] = {
        { .at = 0, .from = 0, .to = 1, .size = 30 },
        { .at = 3, .from = 0, .to = 1, .size = 10 },
    };

    traffic_run((traffic){ .nodes = 2,
                           .model = model_of(_i, 2, 10),
                           .latency = 1,
                           .in_order = true },
                p, 2);
    ck_close(p[0].arrived, 4);
    ck_close(p[1].arrived, 3 + 1 + 1);
}
END_TEST

START_TEST(a_message_in_order_without_bytes_waits_for_those_ahead)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 0 },
        { .from = 0, .to = 1, .size = 30 },
        { .from = 0, .to = 1, .size = 0 },
        { .from = 1, .to = 0, .size = 0 },
    };

    traffic_run((traffic){ .nodes = 2,
                           .model = model_of(_i, 2, 10),
                           .latency = 1,
                           .in_order = true },
                p, 4);
    ck_close(p[0].arrived, 1);
    ck_close(p[1].arrived, 4);
    ck_assert(p[2].arrived == p[1].arrived);
    ck_close(p[3].arrived, 1);
}
END_TEST

/* Three messages from 0 to 2, and one from 1 to 2, with half of 60 each. */
START_TEST(a_pair_in_order_counts_as_one_flow)
{
    parcel p[] = {
        { .from = 0, .to = 2, .size = 30 },
        { .from = 0, .to = 2, .size = 30 },
        { .from = 0, .to = 2, .size = 30 },
        { .from = 1, .to = 2, .size = 90 },
    };

    traffic_run(
        (traffic){ .nodes = 3, .model = model_of(_i, 3, 60), .in_order = true },
        p, 4);
    for (int i = 0; i < 3; i++)
        ck_close(p[i].arrived, i + 1);
    ck_close(p[3].arrived, 3);
}
END_TEST

/* 0 to 2 is idle from 1 to 2, when its second message is in its latency; 1 to 2
 * has 10 bytes to go at 1, and all of the port until it is through. */
START_TEST(a_pair_in_order_takes_no_capacity_in_an_idle_latency)
{
    parcel p[] = {
        { .at = 0, .from = 1, .to = 2, .size = 10 },
        { .at = 0, .from = 0, .to = 2, .size = 5 },
        { .at = 1.5, .from = 0, .to = 2, .size = 10 },
    };

    traffic_run((traffic){ .nodes = 3,
                           .model = model_of(_i, 3, 10),
                           .latency = 1,
                           .idle_latency = true,
                           .in_order = true },
                p, 3);
    ck_close(p[1].arrived, 2);
    ck_close(p[0].arrived, 2.5);
    ck_close(p[2].arrived, 3.5);
}
END_TEST

/* Whatever the ties; those of other pairs come in between. */
START_TEST(messages_in_order_arrive_in_order_also_at_one_instant)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        parcel p[40];
        for (size_t i = 0; i < 40; i++)
            p[i] = (parcel){
                .at = 1e6, .from = i % 3, .to = 3, .size = i < 20 ? 0 : 1e-300
            };
        traffic_run((traffic){ .nodes = 4,
                               .model = model_of(_i, 4, 10),
                               .latency = seed % 2 == 0 ? 0 : 0.25,
                               .in_order = true,
                               .seed = seed },
                    p, 40);
        for (size_t i = 0; i < 40; i++)
            ck_assert(p[i].arrived == p[0].arrived);
        for (size_t i = 3; i < 40; i++)
            ck_assert_uint_gt(p[i].place, p[i - 3].place);
    }
}
END_TEST

/* ---- Late in a long run ---------------------------------------------------*/

static const double begins[] = { 0, 3600, 1e6, 1e7 };
enum { BEGINS = sizeof(begins) / sizeof(*begins) };

/* Eight units in the last place, and what a double shows of the rest. */
static void ck_close_at(double time, double got, double want)
{
    double slack = 8 * DBL_EPSILON * time + 1e-9 * fabs(want);

    ck_assert_msg(fabs(got - want) <= slack, "at %g: %.17g is not %.17g", time,
                  got, want);
}

/* A message of 1 us latency and 1 us of bytes, while something happens on other
 * ports all the time. */
START_TEST(a_short_message_takes_its_time_however_late_it_is)
{
    for (int k = 0; k < BEGINS; k++) {
        parcel p[100];
        for (size_t i = 0; i < 100; i++)
            p[i] = (parcel){ .at = begins[k] + (double)i * 1e-7,
                             .from = 2,
                             .to = 3 };
        p[10].from = 0;
        p[10].to = 1;
        p[10].size = 1000;
        traffic_run((traffic){ .nodes = 4,
                               .model = model_of(_i, 4, 1e9),
                               .latency = 1e-6 },
                    p, 100);
        ck_close_at(begins[k], p[10].arrived - p[10].at, 2e-6);
    }
}
END_TEST

/* The first message has been draining for long when short ones come, one of
 * them on its own pair. */
START_TEST(short_messages_are_exact_on_a_port_that_has_been_busy_for_long)
{
    for (int k = 0; k < BEGINS; k++) {
        parcel p[] = {
            { .at = 0, .from = 0, .to = 2, .size = 1e12 * (begins[k] + 1) },
            { .at = begins[k], .from = 1, .to = 2, .size = 1e3 },
            { .at = begins[k] + 0.5, .from = 0, .to = 2, .size = 1e3 },
        };
        traffic_run((traffic){ .nodes = 3, .model = model_of(_i, 3, 1e12) }, p,
                    3);
        ck_close_at(p[1].at, p[1].arrived - p[1].at, 2e-9);
        ck_close_at(p[2].at, p[2].arrived - p[2].at, 2e-9);
        ck_close(p[0].arrived, begins[k] + 1 + 2e-9);
    }
}
END_TEST

/* What would be at 1 s and at 1 + 1e-10 s is not one instant. */
START_TEST(what_no_rounding_can_bring_about_is_another_instant)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 1 },
        { .from = 1, .to = 2, .size = 1 + 1e-10 },
        { .at = 1e6, .from = 0, .to = 1, .size = 1 },
        { .at = 1e6, .from = 1, .to = 2, .size = 1 + 1e-8 },
    };

    traffic_run((traffic){ .nodes = 3, .model = model_of(_i, 3, 1) }, p, 4);
    ck_assert(p[0].arrived < p[1].arrived);
    ck_assert(p[2].arrived < p[3].arrived);
}
END_TEST

/* ---- Numbers of other simulators ------------------------------------------*/

/* htsim, sim/datacenter/validate.txt: flows of 2,000,000 bytes at 100 Gb/s.
 * It counts packets, with headers and queues, so ours lie under its targets:
 * 180, 190, 2500 and 210 us. */
#define GBIT  (1e9 / 8)
#define BYTES 2e6

START_TEST(htsim_one_flow)
{
    parcel p = { .from = 0, .to = 1, .size = BYTES };
    traffic t = { .nodes = 16, .model = model_of(_i, 16, 100 * GBIT) };

    ck_close(traffic_run(t, &p, 1), 160e-6);
}
END_TEST

START_TEST(htsim_two_opposite_flows)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = BYTES },
        { .from = 1, .to = 0, .size = BYTES },
    };
    traffic t = { .nodes = 16, .model = model_of(_i, 16, 100 * GBIT) };

    ck_close(traffic_run(t, p, 2), 160e-6);
}
END_TEST

START_TEST(htsim_incast_of_fifteen)
{
    parcel p[15];
    traffic t = { .nodes = 16, .model = model_of(_i, 16, 100 * GBIT) };

    for (size_t i = 0; i < 15; i++)
        p[i] = (parcel){ .from = i + 1, .to = 0, .size = BYTES };
    ck_close(traffic_run(t, p, 15), 2400e-6);
}
END_TEST

START_TEST(htsim_permutation_of_sixteen)
{
    parcel p[16];
    traffic t = { .nodes = 16, .model = model_of(_i, 16, 100 * GBIT) };

    for (size_t i = 0; i < 16; i++)
        p[i] = (parcel){ .from = i, .to = (5 * i + 3) % 16, .size = BYTES };
    ck_close(traffic_run(t, p, 16), 160e-6);
}
END_TEST

/* SimGrid, examples/cpp/comm-pingpong with the raw model: 1 byte there, and
 * when it has arrived 1e9 bytes back; printed with six decimals. */
START_TEST(simgrid_pingpong)
{
    traffic t = {
        .nodes = 2,
        .model = model_of(_i, 2, 7.20975e6),
        .latency = 1.461517e-3,
        .idle_latency = true,
    };
    parcel p[2] = { { .from = 0, .to = 1, .size = 1 } };

    traffic_run(t, p, 1);
    ck_assert(fabs(p[0].arrived - 0.001462) < 0.5e-6);
    p[1] = (parcel){ .at = p[0].arrived, .from = 1, .to = 0, .size = 1e9 };
    traffic_run(t, p, 2);
    ck_assert(fabs(p[1].arrived - 138.703988) < 0.5e-6);
}
END_TEST

/* DSLab, crates/dslab-network/tests/tests.rs: a full-duplex link of 100 B/s,
 * x messages of 1000 bytes one way and y the other way: all are through after
 * 10 max(x, y) seconds. */
START_TEST(dslab_full_duplex)
{
    for (size_t x = 1; x <= 5; x++) {
        for (size_t y = 1; y <= 5; y++) {
            parcel p[10];
            for (size_t i = 0; i < x + y; i++)
                p[i] = (parcel){ .from = i >= x, .to = i < x, .size = 1000 };
            traffic t = { .nodes = 2, .model = model_of(_i, 2, 100) };
            ck_close(traffic_run(t, p, x + y),
                     x > y ? 10. * (double)x : 10. * (double)y);
        }
    }
}
END_TEST

/* ---- Order ----------------------------------------------------------------*/

static ds_net *net;
static ds_node *nodes[4];
static ds_port *ports[4];

static ds_net *build_net(ds_loop *loop, const ds_switch *model, double latency,
                         bool in_order)
{
    for (int i = 0; i < 4; i++) {
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
    }
    net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                        .nodes = nodes,
                                        .num_nodes = 3,
                                        .model = model,
                                        .latency = latency,
                                        .in_order = in_order,
                                    });
    return net;
}

static ds_net *build(ds_loop *loop, const ds_switch *model, double latency)
{
    return build_net(loop, model, latency, false);
}

static void send_descending(ds_handle *h, void *arg)
{
    for (int i = 0; i < 9; i++)
        ds_send(h, net,
                (ds_msg){ .source = ports[2 - i % 3],
                          .dest = ports[0],
                          .data = &freed[i],
                          .size = 1 });
}

static void receive_nine(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 9 && ds_recv(h, ports[0], &msg); i++)
        note("%d ", (int)((int *)msg.data - freed));
}

static void send_one_by_one(ds_handle *h, void *arg)
{
    ds_stream *done = arg;

    for (int i = 0; i < 9; i++)
        ds_send(h, net,
                (ds_msg){ .source = ports[2],
                          .dest = ports[0],
                          .data = &freed[i],
                          .done = done });
    for (int i = 0; i < 9; i++) {
        ds_event event;
        ds_poll(h, done, &event);
    }
    note("done ");
}

START_TEST(done_in_order_comes_nine_times)
{
    ds_loop *loop = loop_seeded(9);

    build_net(loop, model_of(_i, 3, 10), 1, true);
    ds_spawn(loop, receive_nine, NULL);
    ds_spawn(loop, send_one_by_one, ds_stream_new(loop));
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0 1 2 3 4 5 6 7 8 done ");
}
END_TEST

START_TEST(messages_of_one_instant_arrive_in_the_order_of_sending)
{
    ds_loop *loop = loop_fifo();

    build(loop, model_of(_i, 3, 10), 1);
    ds_spawn(loop, receive_nine, NULL);
    ds_spawn(loop, send_descending, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0 1 2 3 4 5 6 7 8 ");
}
END_TEST

/* The engine and its definition draw the same ties. */
START_TEST(an_engine_and_its_definition_have_one_digest)
{
    const ds_switch *model = model_of(_i, 3, 8);
    definition defined = definition_of(model);
    uint64_t digest[2];

    for (int k = 0; k < 2; k++) {
        ds_loop *loop = loop_seeded(7);
        build(loop, k == 0 ? model : &defined.base, 0.5);
        ds_spawn(loop, receive_nine, NULL);
        ds_spawn(loop, send_descending, NULL);
        ck_run(loop, DS_OK, NULL);
        digest[k] = ds_loop_digest(loop);
        ds_loop_free(loop);
    }
    ck_assert_uint_eq(digest[0], digest[1]);
}
END_TEST

static void await_done(ds_handle *h, void *arg)
{
    ds_stream *done = arg;
    ds_event event;
    ds_msg msg = {
        .source = ports[0], .dest = ports[1], .size = 20, .done = done
    };

    ds_send(h, net, msg);
    if (ds_poll(h, done, &event))
        note("%g", ds_now(h));
}

START_TEST(done_comes_when_the_message_arrives)
{
    ds_loop *loop = loop_fifo();

    build(loop, model_of(_i, 3, 10), 1);
    ds_spawn(loop, await_done, ds_stream_new(loop));
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("3");
}
END_TEST

static void send_and_leave(ds_handle *h, void *arg)
{
    for (int i = 0; i < 6; i++) {
        ds_send(h, net,
                (ds_msg){ .source = ports[i % 3],
                          .dest = ports[1],
                          .data = &freed[i],
                          .free = count_free,
                          .size = i < 3 ? 100 : 0 });
        if (i % 2 == 1)
            ds_sleep(h, 0.7);
    }
}

START_TEST(what_is_in_flight_goes_with_the_loop)
{
    ds_loop *loop = loop_fifo();

    build(loop, model_of(_i, 3, 10), 1);
    ds_spawn(loop, send_and_leave, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_int_eq(freed[0], 0);
    ds_loop_free(loop);
    ck_each_freed_once(6);
}
END_TEST

START_TEST(what_is_in_flight_in_order_goes_with_the_loop)
{
    ds_loop *loop = loop_fifo();

    build_net(loop, model_of(_i, 3, 10), 1, true);
    ds_spawn(loop, send_and_leave, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_int_eq(freed[0], 0);
    ds_loop_free(loop);
    ck_each_freed_once(6);
}
END_TEST

/* A matrix of this many nodes squared would take 20 GB. */
START_TEST(memory_follows_the_messages_and_not_the_pairs_of_nodes)
{
    enum { N = 50000 };
    ds_loop *loop = loop_fifo();
    ds_node **all = calloc(N, sizeof(ds_node *));

    for (int i = 0; i < N; i++)
        all[i] = ds_node_new(loop);
    for (int i = 0; i < 4; i++)
        ports[i] = ds_port_new(all[i * 10000]);
    net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                        .nodes = all,
                                        .num_nodes = N,
                                        .model = model_of(_i, N, 10),
                                    });
    ds_spawn(loop, receive_nine, NULL);
    ds_spawn(loop, send_descending, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0 1 2 3 4 5 6 7 8 ");
    free(all);
}
END_TEST

/* ---- A model of one's own -------------------------------------------------*/

static int asked;
static double given; /* what each pair gets */

static void own_rates(const ds_switch *self, const ds_connmat *count,
                      ds_connmat *rate)
{
    asked++;
    for (size_t i = 0; i < count->num_nodes * count->num_nodes; i++)
        if (rate->rates[i] > 0)
            rate->rates[i] = given;
}

static const ds_switch own = { .rates = own_rates };

START_TEST(a_model_of_ones_own_is_asked_once_an_instant)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 10 }, { .from = 1, .to = 0, .size = 10 },
        { .from = 2, .to = 1, .size = 10 }, { .from = 0, .to = 1, .size = 10 },
        { .from = 2, .to = 0, .size = 30 },
    };

    asked = 0;
    given = 10;
    traffic_run((traffic){ .nodes = 3, .model = &own }, p, 5);
    /* all are sent at 0; they arrive at 1, 2 and 3, and then there are none */
    ck_close(p[0].arrived, 2);
    ck_close(p[2].arrived, 1);
    ck_close(p[4].arrived, 3);
    ck_assert_int_eq(asked, 3);
}
END_TEST

/* As one would write it: 0 / 0 if there were nothing in flight. */
static void fair_rates(const ds_switch *self, const ds_connmat *count,
                       ds_connmat *rate)
{
    double active = 0;

    for (size_t i = 0; i < count->num_nodes * count->num_nodes; i++)
        active += rate->rates[i];
    for (size_t i = 0; i < count->num_nodes * count->num_nodes; i++)
        rate->rates[i] = rate->rates[i] * (20 / active) + 0 / active;
}

static const ds_switch fair = { .rates = fair_rates };

START_TEST(a_model_is_not_asked_about_nothing_in_flight)
{
    parcel p[] = {
        { .from = 0, .to = 1, .size = 10 },
        { .from = 1, .to = 0, .size = 20, .at = 5 },
    };

    traffic_run((traffic){ .nodes = 2, .model = &fair }, p, 2);
    ck_close(p[0].arrived, 0.5);
    ck_close(p[1].arrived, 6);
}
END_TEST

START_TEST(a_pair_left_at_zero_stands_still)
{
    ds_loop *loop = loop_fifo();

    given = 0;
    build(loop, &own, 0);
    ds_spawn(loop, receive_nine, NULL);
    ds_spawn(loop, send_descending, NULL);
    ck_run_once(loop, DS_DEADLOCK,
                "\n  network 0 \"switched\" has neither delivered nor lost");
}
END_TEST

START_TEST(an_impossible_rate_is_misuse)
{
    static const double bad[] = { -1, NAN, INFINITY };
    ds_loop *loop = loop_fifo();

    given = bad[_i];
    build(loop, &own, 0);
    ds_spawn(loop, receive_nine, NULL);
    ds_spawn(loop, send_descending, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "ds_switch.rates: the rate from port 0 to port 0 is ");
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static const double bad_rates[] = { 1, 2, -3, 4 };
static ds_node *strangers[4];

static const struct {
    ds_switched_net_config config;
    double rate;
    const double *send_rates;
    const double *recv_rates;
    size_t model_nodes;
    int node; /* which one is not as it should be; 0: none */
    ds_node **instead;
    const char *text;
} misuses[] = {
    { .config = { .latency = -1 },
      .text = "config->latency is -1; it must be finite and at least 0" },
    { .config = { .latency = NAN }, .text = "config->latency is " },
    { .config = { .latency = INFINITY }, .text = "config->latency is inf" },
    { .rate = -2, .text = "ds_greedy_switch.rate is -2" },
    { .rate = INFINITY, .text = "ds_greedy_switch.rate is inf" },
    { .rate = NAN, .text = "ds_greedy_switch.rate is " },
    { .rate = 1e308,
      .text = "ds_greedy_switch.rate: the rates of all ports add up to inf; "
              "their sum is finite" },
    { .send_rates = bad_rates,
      .text = "ds_greedy_switch.send_rates[2] is -3; a rate is finite and "
              "greater than 0" },
    { .recv_rates = bad_rates, .text = "ds_greedy_switch.recv_rates[2] is -3" },
    { .model_nodes = 5,
      .text = "ds_greedy_switch.num_nodes is 5, but config->num_nodes is 4; "
              "they must be equal" },
    { .node = 2, .text = "config->nodes[2] is NULL" },
    { .node = 2,
      .instead = &strangers[0],
      .text = "config->nodes[2] belongs to another loop" },
    { .node = 3,
      .instead = &nodes[1],
      .text = "config->nodes[3] is the node of port 1 already; a node has one "
              "port" },
};
enum { MISUSES = sizeof(misuses) / sizeof(*misuses) };

START_TEST(a_bad_configuration_is_misuse)
{
    ds_loop *loop = loop_fifo();
    ds_loop *other = loop_fifo();
    ds_switched_net_config config = misuses[_i].config;
    ds_node *list[4];
    char text[200];

    strangers[0] = ds_node_new(other);
    for (int i = 0; i < 4; i++)
        list[i] = nodes[i] = ds_node_new(loop);
    if (misuses[_i].node != 0)
        list[misuses[_i].node] =
            misuses[_i].instead == NULL ? NULL : *misuses[_i].instead;
    model_of(0, misuses[_i].model_nodes == 0 ? 4 : misuses[_i].model_nodes,
             misuses[_i].rate == 0 ? 1 : misuses[_i].rate);
    greedy.send_rates = misuses[_i].send_rates;
    greedy.recv_rates = misuses[_i].recv_rates;
    config.nodes = list;
    config.num_nodes = 4;
    config.model = &greedy.base;
    ck_assert_ptr_null(ds_switched_net_new(loop, &config));
    snprintf(text, sizeof(text), "ds_switched_net_new: %s", misuses[_i].text);
    ck_run_once(loop, DS_EMISUSE, text);
    ds_loop_free(other);
}
END_TEST

START_TEST(null_arguments_are_misuse)
{
    static const ds_switch empty;
    ds_node *list[1];
    const struct {
        const ds_switched_net_config *config;
        const char *text;
    } cases[] = {
        { NULL, "config is NULL" },
        { &(ds_switched_net_config){ .nodes = list, .num_nodes = 1 },
          "config->model is NULL" },
        { &(ds_switched_net_config){ .num_nodes = 1, .model = &own },
          "config->nodes is NULL" },
        { &(ds_switched_net_config){
              .nodes = list, .num_nodes = 1, .model = &empty },
          "config->model->rates is NULL" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        ds_loop *loop = loop_fifo();
        list[0] = ds_node_new(loop);
        ck_assert_ptr_null(ds_switched_net_new(loop, cases[i].config));
        ck_run_once(loop, DS_EMISUSE, cases[i].text);
    }
    ck_assert_ptr_null(ds_switched_net_new(NULL, cases[1].config));
}
END_TEST

/* What ends when no double can say is refused by whoever notices it first; by
 * number of model, the definitions after the engines. */
static const struct {
    double at;
    double size;
    double rate;
    double latency;
    const char *text; /* NULL: it arrives */
} far[] = {
    { 0, DBL_MAX, 1, 0, NULL },
    { 0, DBL_MAX, 10, 1, NULL },
    { 1e300, 1e300, 1, 1e300, NULL },
    { 0, DBL_MAX, 0.5, 0,
      "ds_send: a message of 1.79769e+308 bytes from port "
      "1 to port 0 would arrive beyond the last time" },
    { 0, 1, DBL_TRUE_MIN, 0, "ds_send: a message of 1 bytes" },
    { 1e308, 1e308, 1, 0, "ds_send: a message of 1e+308 bytes" },
    { 1e308, 1, 1, 1e308, "ds_send: a latency of 1e+308 s ends beyond" },
    { 0, 1e308, 1, 1e308, "ds_send: a message of 1e+308 bytes" },
};
enum { FAR = sizeof(far) / sizeof(*far) };

static void send_far(ds_handle *h, void *arg)
{
    const int *i = arg;
    ds_msg msg;

    ds_sleep(h, far[*i].at);
    ds_send(h, net,
            (ds_msg){ .source = ports[1],
                      .dest = ports[0],
                      .data = &freed[0],
                      .free = count_free,
                      .size = far[*i].size });
    if (ds_recv(h, ports[0], &msg))
        ds_msg_drop(&msg);
}

START_TEST(what_leads_beyond_the_last_double_is_misuse)
{
    const int i = _i / 4;
    const ds_switch *model = model_of(_i % 2, 3, far[i].rate);
    definition defined = definition_of(model);
    ds_loop *loop = loop_fifo();

    build(loop, _i % 4 < 2 ? model : &defined.base, far[i].latency);
    ds_spawn(loop, send_far, (void *)&i);
    ck_run(loop, far[i].text == NULL ? DS_OK : DS_EMISUSE, far[i].text);
    ds_loop_free(loop);
    ck_each_freed_once(1);
}
END_TEST

/* A batch of three, of which one node is not plugged in. */
static void send_astray(ds_handle *h, void *arg)
{
    const int *bad = arg;
    ds_msg msgs[3];

    for (int i = 0; i < 3; i++)
        msgs[i] = (ds_msg){ .source = ports[*bad == 0 && i == 1 ? 3 : 0],
                            .dest = ports[*bad == 1 && i == 1 ? 3 : 1],
                            .data = &freed[i],
                            .free = count_free };
    ds_send_all(h, net, msgs, 3);
}

START_TEST(a_node_that_is_not_plugged_in_refuses_the_whole_batch)
{
    ds_loop *loop = loop_fifo();

    build(loop, model_of(0, 3, 10), 0);
    ds_spawn(loop, send_astray, &_i);
    ck_run(loop, DS_EMISUSE,
           _i == 0 ? "ds_send: the source node of message 1 is not plugged in"
                   : "the destination node of message 1 is not plugged in");
    ck_each_freed_once(3);
    ds_loop_free(loop);
}
END_TEST

static void add(TCase *tc)
{
#define both(test) tcase_add_loop_test(tc, test, 0, MODELS)
    both(a_message_takes_latency_and_size_by_rate);
    both(two_opposite_messages_share_nothing);
    both(two_messages_on_a_pair_share_it_whatever_comes_back);
    both(a_message_that_waits_out_its_latency_takes_capacity);
    both(an_idle_latency_takes_no_capacity);
    both(a_message_without_bytes_arrives_after_the_latency);
    both(without_bytes_or_latency_it_arrives_at_once);
    both(sending_to_oneself_goes_through_the_switch);
    both(twenty_messages_one_by_one_arrive_as_in_one_batch);
    both(arrivals_that_differ_by_rounding_are_one_instant);
    both(a_thousand_messages_on_a_pair_arrive_by_size);
    both(messages_in_order_drain_one_after_the_other);
    both(each_message_in_order_spends_its_latency_from_its_sending);
    both(a_message_in_order_without_bytes_waits_for_those_ahead);
    both(a_pair_in_order_counts_as_one_flow);
    both(a_pair_in_order_takes_no_capacity_in_an_idle_latency);
    both(messages_in_order_arrive_in_order_also_at_one_instant);
    both(done_in_order_comes_nine_times);
    both(what_is_in_flight_in_order_goes_with_the_loop);
    both(a_short_message_takes_its_time_however_late_it_is);
    both(short_messages_are_exact_on_a_port_that_has_been_busy_for_long);
    both(what_no_rounding_can_bring_about_is_another_instant);
    both(htsim_one_flow);
    both(htsim_two_opposite_flows);
    both(htsim_incast_of_fifteen);
    both(htsim_permutation_of_sixteen);
    both(simgrid_pingpong);
    both(dslab_full_duplex);
    both(messages_of_one_instant_arrive_in_the_order_of_sending);
    both(an_engine_and_its_definition_have_one_digest);
    both(done_comes_when_the_message_arrives);
    both(what_is_in_flight_goes_with_the_loop);
    both(memory_follows_the_messages_and_not_the_pairs_of_nodes);
    tcase_add_test(tc, a_model_of_ones_own_is_asked_once_an_instant);
    tcase_add_test(tc, a_model_is_not_asked_about_nothing_in_flight);
    tcase_add_test(tc, a_pair_left_at_zero_stands_still);
    tcase_add_loop_test(tc, an_impossible_rate_is_misuse, 0, 3);
    tcase_add_loop_test(tc, a_bad_configuration_is_misuse, 0, MISUSES);
    tcase_add_test(tc, null_arguments_are_misuse);
    tcase_add_loop_test(tc, what_leads_beyond_the_last_double_is_misuse, 0,
                        FAR * 4);
    tcase_add_loop_test(
        tc, a_node_that_is_not_plugged_in_refuses_the_whole_batch, 0, 2);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("switched", add);
}
