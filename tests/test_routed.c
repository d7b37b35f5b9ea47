/* The routed network, by hand: when messages arrive over links that one can
 * reckon, what becomes of them when links change, and what the links were used
 * for. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "harness.h"

enum { MOST = 8, START = 1000 };

/* A message, sent so many seconds after the start. */
typedef struct job {
    double at;
    size_t from; /* node */
    size_t to;
    double bytes;
    double rate;
    double ends; /* seconds after the start, when it arrived or was lost */
    bool lost;
} job;

typedef enum deed { NOTHING, RATE, LATENCY, OFF, ON } deed;

/* What is done to a link. */
typedef struct act {
    deed deed;
    double at;
    size_t link;
    double value;
} act;

typedef struct world {
    ds_topology *topology;
    ds_flow_model model;
    bool in_order;
    bool stall;
    size_t nodes;
    const size_t *hosts;
    job jobs[MOST];
    act acts[MOST];
    double last; /* when uses are read; 0: when all has arrived */
    ds_link_use uses[MOST];
    ds_loop *loop;
    ds_net *net;
    ds_port *ports[MOST];
    ds_stream *done;
    size_t num_done;
} world;

/* What a payload leads back to. */
typedef struct ticket {
    world *world;
    job *job;
} ticket;

static ticket tickets[MOST];

static double since_start(const world *w)
{
    return ds_loop_now(w->loop) - START;
}

static void lose(void *data)
{
    ticket *t = data;

    t->job->lost = true;
    t->job->ends = since_start(t->world);
}

static void wait_until(ds_handle *h, double at)
{
    if (START + at > ds_now(h))
        ds_sleep(h, START + at - ds_now(h));
}

static void send_jobs(ds_handle *h, void *arg)
{
    world *w = arg;

    for (size_t i = 0; i < MOST && w->jobs[i].bytes > 0; i++) {
        job *j = &w->jobs[i];
        tickets[i] = (ticket){ w, j };
        wait_until(h, j->at);
        ds_send(h, w->net,
                (ds_msg){ .source = w->ports[j->from],
                          .dest = w->ports[j->to],
                          .data = &tickets[i],
                          .free = lose,
                          .size = j->bytes,
                          .rate = j->rate,
                          .done = w->done });
    }
}

static void receive_jobs(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_stream *streams[MOST];
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < w->nodes; i++)
        streams[i] = ds_port_stream(w->ports[i]);
    while (ds_poll_any(h, streams, w->nodes, &event)) {
        ck_assert(ds_unpack(&event, &msg));
        ((ticket *)msg.data)->job->ends = since_start(w);
    }
}

/* Until all have ended, and been received. */
static void count_done(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_event event;
    size_t n = 0;

    while (n < MOST && w->jobs[n].bytes > 0)
        n++;
    for (; w->num_done < n; w->num_done++)
        if (!ds_poll(h, w->done, &event))
            return;
    ds_sleep(h, 1);
}

static void act_on_links(ds_handle *h, void *arg)
{
    world *w = arg;

    for (size_t i = 0; i < MOST && w->acts[i].deed != NOTHING; i++) {
        const act *a = &w->acts[i];
        wait_until(h, a->at);
        if (a->deed == RATE)
            ds_link_set_rate(w->net, a->link, a->value);
        else if (a->deed == LATENCY)
            ds_link_set_latency(w->net, a->link, a->value);
        else
            ds_link_set_up(w->net, a->link, a->deed == ON);
    }
}

static void read_uses(ds_handle *h, void *arg)
{
    world *w = arg;

    wait_until(h, w->last);
    for (size_t l = 0; l < ds_topology_num_links(w->topology); l++)
        w->uses[l] = ds_link_get_use(w->net, l);
}

static void build(world *w)
{
    ds_node *nodes[MOST];

    for (size_t i = 0; i < w->nodes; i++) {
        nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(nodes[i]);
    }
    w->done = ds_stream_new(w->loop);
    w->net = ds_routed_net_new(w->loop, &(ds_routed_net_config){
                                            .nodes = nodes,
                                            .num_nodes = w->nodes,
                                            .hosts = w->hosts,
                                            .topology = w->topology,
                                            .model = w->model,
                                            .in_order = w->in_order,
                                            .stall = w->stall,
                                        });
    ck_assert_ptr_nonnull(w->net);
}

/* Runs it to a good end, in which each message has been told of as done. */
static void run(world *w)
{
    w->loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    build(w);
    for (size_t i = 0; i < MOST; i++)
        w->jobs[i].ends = NAN;
    ds_spawn(w->loop, send_jobs, w);
    ds_spawn(w->loop, act_on_links, w);
    ds_spawn(w->loop, count_done, w);
    ds_spawn_daemon(w->loop, receive_jobs, w);
    ds_spawn(w->loop, read_uses, w);
    ds_status status = ds_loop_run(w->loop);
    ck_assert_msg(status == DS_OK, "%s", ds_loop_error(w->loop));
    ds_loop_free(w->loop);
    ds_topology_free(w->topology);
}

static void ck_near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fmax(1, fabs(want)),
                  "%.17g instead of %.17g", got, want);
}

/* Asserts when messages end, in the order of jobs. */
static void ck_ends(const world *w, const double *ends, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_near(w->jobs[i].ends, ends[i]);
}

#define CK_ENDS(w, ...)                                                        \
    ck_ends((w), (const double[]){ __VA_ARGS__ },                              \
            sizeof((double[]){ __VA_ARGS__ }) / sizeof(double))

/* Hosts 0, 1, 2 with links 0, 1, 2 that lead from them and 3 that leads to host
 * 3; 100 bytes a second and half a second each, but for the last one. */
static ds_topology *funnel(double rate, double latency, ds_sharing sharing)
{
    ds_topology *t = ds_topology_new(4);

    for (int i = 0; i < 3; i++)
        ds_topology_add_link(t, (ds_link){ .rate = 100, .latency = 0.5 });
    ds_topology_add_link(
        t, (ds_link){ .rate = rate, .latency = latency, .sharing = sharing });
    for (size_t i = 0; i < 3; i++)
        ds_topology_set_route(t, i, 3, (size_t[]){ i, 3 }, 2);
    ck_assert_str_eq(ds_topology_error(t), "");
    return t;
}

/* ---- Arriving -------------------------------------------------------------*/

START_TEST(latency_passes_first_and_then_it_drains)
{
    world w = { .topology = funnel(100, 0.25, DS_SHARED),
                .nodes = 4,
                .jobs = { { 2, 0, 3, 50, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 3.25);
}
END_TEST

/* The second one waits from 0.5 to 1.25, and then both get 50 each. */
START_TEST(latency_takes_no_capacity)
{
    world w = { .topology = funnel(100, 0.25, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 75, 0, 0, false },
                          { 0.5, 1, 3, 100, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 1.75, 2.5);
}
END_TEST

START_TEST(a_link_is_shared_and_a_fat_pipe_is_not)
{
    const bool fat = _i == 1;
    world w = { .topology = funnel(60, 0, fat ? DS_FATPIPE : DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 60, 0, 0, false },
                          { 0, 1, 3, 60, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, fat ? 1.5 : 2.5, fat ? 1.5 : 2.5);
}
END_TEST

START_TEST(a_message_has_a_rate_of_its_own_at_most)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 20, 10, 0, false },
                          { 0, 1, 3, 90, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 2.5, 1.5);
}
END_TEST

START_TEST(a_message_to_oneself_takes_no_time_without_a_route)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 3, 1, 1, 1e9, 0, 0, false },
                          { 3, 1, 1, 20, 10, 0, false } } };

    run(&w);
    CK_ENDS(&w, 3, 5);
}
END_TEST

START_TEST(a_message_to_oneself_takes_its_route_if_there_is_one)
{
    ds_topology *t = funnel(100, 0, DS_SHARED);
    world w = { .topology = t,
                .nodes = 4,
                .jobs = { { 0, 1, 1, 100, 0, 0, false } } };

    ds_topology_set_route(t, 1, 1, (size_t[]){ 1 }, 1);
    run(&w);
    CK_ENDS(&w, 1.5);
}
END_TEST

/* Nodes 0 and 1 are both on host 0, and so share link 0. */
START_TEST(nodes_of_one_host_share_its_links)
{
    world w = { .topology = funnel(1000, 0, DS_SHARED),
                .nodes = 4,
                .hosts = (size_t[]){ 0, 0, 1, 3 },
                .jobs = { { 0, 0, 3, 100, 0, 0, false },
                          { 0, 1, 3, 100, 0, 0, false },
                          { 0, 2, 3, 100, 0, 0, false },
                          { 0, 1, 0, 100, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 2.5, 2.5, 1.5, 0);
}
END_TEST

START_TEST(in_order_the_second_waits_for_the_first)
{
    const bool in_order = _i == 1;
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .in_order = in_order,
                .jobs = { { 0, 0, 3, 100, 0, 0, false },
                          { 0, 0, 3, 50, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, in_order ? 1.5 : 2, in_order ? 2 : 1.5);
}
END_TEST

/* ---- Models ---------------------------------------------------------------*/

/* 13.01 x 0.5 s of latency; then 97 % of 100 bytes a second. */
START_TEST(a_model_corrects_latency_and_bandwidth)
{
    world w = { .topology = funnel(1000, 0, DS_SHARED),
                .nodes = 4,
                .model = { .latency_factor = 13.01, .bandwidth_factor = 0.97 },
                .jobs = { { 0, 0, 3, 97, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 7.505);
}
END_TEST

/* The route of host 0 has 0.5 s of latency, that of host 1 1.5 s: by latency
 * they get 75 and 25 of 100; both drain from 1.5 on. */
START_TEST(shares_may_be_weighed_by_latency)
{
    ds_topology *t = ds_topology_new(3);
    world w = { .topology = t,
                .nodes = 3,
                .model = { .weigh_latency = true },
                .jobs = { { 0, 1, 2, 50, 0, 0, false },
                          { 1, 0, 2, 75, 0, 0, false } } };

    ds_topology_add_link(t, (ds_link){ .rate = 1000, .latency = 0.5 });
    ds_topology_add_link(t, (ds_link){ .rate = 1000, .latency = 1.5 });
    ds_topology_add_link(t, (ds_link){ .rate = 100 });
    ds_topology_set_route(t, 0, 2, (size_t[]){ 0, 2 }, 2);
    ds_topology_set_route(t, 1, 2, (size_t[]){ 1, 2 }, 2);
    run(&w);
    CK_ENDS(&w, 2.75, 2.5);
}
END_TEST

/* The same; but the latency of host 0 grows to that of host 1, while both drain
 * or while both still wait. */
START_TEST(shares_follow_the_links_that_weigh_them)
{
    const bool waits = _i == 1;
    ds_topology *t = ds_topology_new(3);
    world w = { .topology = t,
                .nodes = 3,
                .model = { .weigh_latency = true },
                .jobs = { { 0, 1, 2, 50, 0, 0, false },
                          { 1, 0, 2, 75, 0, 0, false } },
                .acts = { { LATENCY, waits ? 1.25 : 2, 0, 1.5 } },
                .last = 4 };

    ds_topology_add_link(t, (ds_link){ .rate = 1000, .latency = 0.5 });
    ds_topology_add_link(t, (ds_link){ .rate = 1000, .latency = 1.5 });
    ds_topology_add_link(t, (ds_link){ .rate = 100 });
    ds_topology_set_route(t, 0, 2, (size_t[]){ 0, 2 }, 2);
    ds_topology_set_route(t, 1, 2, (size_t[]){ 1, 2 }, 2);
    run(&w);
    CK_ENDS(&w, waits ? 2.5 : 2.75, 2.75);
    ck_near(w.uses[0].bytes, 75);
    ck_near(w.uses[2].bytes, 125);
    ck_near(w.uses[2].held, waits ? 2.25 : 2.5);
    ck_assert_uint_eq(w.uses[2].messages, 2);
    ck_assert_uint_eq(w.uses[2].most, 2);
}
END_TEST

/* A window of 20 bytes and 0.5 s of latency: 20 bytes a second. */
START_TEST(a_window_limits_what_a_message_gets)
{
    world w = { .topology = funnel(1000, 0, DS_SHARED),
                .nodes = 4,
                .model = { .tcp_gamma = 20 },
                .jobs = { { 0, 0, 3, 40, 0, 0, false } } };

    run(&w);
    CK_ENDS(&w, 2.5);
}
END_TEST

/* Both ways over one link, each with half of the other one as well: 1.5 x is
 * 75. */
START_TEST(a_message_takes_some_of_the_way_back)
{
    ds_topology *t = ds_topology_new(2);
    world w = { .topology = t,
                .nodes = 2,
                .model = { .cross_traffic = 0.5 },
                .jobs = { { 0, 0, 1, 50, 0, 0, false },
                          { 0, 1, 0, 50, 0, 0, false } } };

    ds_topology_add_link(t, (ds_link){ .rate = 75 });
    ds_topology_add_link(t, (ds_link){ .rate = 75 });
    ds_topology_set_route(t, 0, 1, (size_t[]){ 0 }, 1);
    ds_topology_set_route(t, 1, 0, (size_t[]){ 1 }, 1);
    run(&w);
    CK_ENDS(&w, 1, 1);
}
END_TEST

/* ---- Links that change ----------------------------------------------------*/

/* From 1.5 on it drains, 50 bytes a second from 2 on. */
START_TEST(a_slower_link_slows_what_drains)
{
    world w = { .topology = funnel(100, 1, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 100, 0, 0, false } },
                .acts = { { RATE, 2, 3, 50 } } };

    run(&w);
    CK_ENDS(&w, 3);
}
END_TEST

/* The first one never gets more than the 50 that it began with, the second one
 * what is left of 100 in its own link. */
START_TEST(a_faster_link_is_for_those_that_begin_later)
{
    world w = { .topology = funnel(50, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 100, 0, 0, false },
                          { 1, 0, 3, 50, 0, 0, false } },
                .acts = { { RATE, 1, 3, 1000 } } };

    run(&w);
    CK_ENDS(&w, 2.5, 2.5);
}
END_TEST

START_TEST(a_latency_is_that_of_what_is_sent_from_then_on)
{
    world w = { .topology = funnel(100, 0.5, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 100, 0, 0, false },
                          { 2, 0, 3, 100, 0, 0, false } },
                .acts = { { LATENCY, 0.5, 3, 2.5 } } };

    run(&w);
    CK_ENDS(&w, 2, 6);
}
END_TEST

/* The first drains over it, the second finds it off when its latency ends, the
 * third finds it on. */
START_TEST(messages_over_a_link_that_is_off_are_lost)
{
    world w = { .topology = funnel(100, 0.5, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 1000, 0, 0, false },
                          { 2, 1, 3, 100, 0, 0, false },
                          { 3, 2, 3, 100, 0, 0, false } },
                .acts = { { OFF, 2, 3, 0 }, { ON, 3.5, 3, 0 } } };

    run(&w);
    CK_ENDS(&w, 2, 3, 5);
    ck_assert(w.jobs[0].lost && w.jobs[1].lost && !w.jobs[2].lost);
}
END_TEST

/* One waits when it goes off, one is sent while it is. */
START_TEST(early_failure_loses_what_waits_out_its_latency)
{
    world w = { .topology = funnel(100, 0.5, DS_SHARED),
                .nodes = 4,
                .model = { .early_failure = true },
                .jobs = { { 1, 0, 3, 100, 0, 0, false },
                          { 1.6, 1, 3, 100, 0, 0, false },
                          { 2, 2, 3, 100, 0, 0, false } },
                .acts = { { OFF, 1.5, 3, 0 }, { ON, 1.75, 3, 0 } } };

    run(&w);
    CK_ENDS(&w, 1.5, 1.6, 4);
    ck_assert(w.jobs[0].lost && w.jobs[1].lost && !w.jobs[2].lost);
}
END_TEST

START_TEST(off_and_on_at_one_instant_loses_what_drains)
{
    world w = { .topology = funnel(100, 0.5, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 1000, 0, 0, false },
                          { 2, 1, 3, 100, 0, 0, false } },
                .acts = { { OFF, 2, 3, 0 }, { ON, 2, 3, 0 } } };

    run(&w);
    CK_ENDS(&w, 2, 4);
    ck_assert(w.jobs[0].lost && !w.jobs[1].lost);
}
END_TEST

START_TEST(stalled_messages_end_later_by_the_time_off)
{
    world w = { .topology = funnel(100, 0.5, DS_SHARED),
                .nodes = 4,
                .stall = true,
                .jobs = { { 0, 0, 3, 300, 0, 0, false } },
                .acts = { { OFF, 2, 3, 0 }, { ON, 9, 3, 0 } } };

    run(&w);
    CK_ENDS(&w, 11);
}
END_TEST

/* The first is lost at 2, and the second has all there is from then on. */
START_TEST(one_that_is_lost_lets_the_next_in_order_go_on)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .in_order = true,
                .jobs = { { 0, 0, 3, 1000, 0, 0, false },
                          { 1, 0, 3, 100, 0, 0, false },
                          { 1.75, 0, 3, 100, 0, 0, false } },
                .acts = { { OFF, 2, 3, 0 }, { ON, 2.125, 3, 0 } } };

    run(&w);
    CK_ENDS(&w, 2, 2, 3.25);
    ck_assert(w.jobs[0].lost && w.jobs[1].lost && !w.jobs[2].lost);
}
END_TEST

/* ---- What links were used for ---------------------------------------------*/

/* From 0.5 on 150 and 50 bytes share link 3, which holds both; from 1.5 on the
 * first one alone is held by it or by its own, which came first, until 2.5. */
START_TEST(a_link_tells_what_it_was_used_for)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 150, 0, 0, false },
                          { 0, 1, 3, 50, 0, 0, false } },
                .last = 4 };

    run(&w);
    CK_ENDS(&w, 2.5, 1.5);
    ck_near(w.uses[0].bytes, 150);
    ck_near(w.uses[1].bytes, 50);
    ck_near(w.uses[2].bytes, 0);
    ck_near(w.uses[3].bytes, 200);
    ck_near(w.uses[0].busy, 2);
    ck_near(w.uses[1].busy, 1);
    ck_near(w.uses[3].busy, 2);
    ck_near(w.uses[3].full, 2);
    ck_near(w.uses[1].full, 0);
    ck_near(w.uses[0].held + w.uses[1].held + w.uses[3].held, 3);
    ck_assert(w.uses[3].held >= 2 - 1e-9);
    ck_assert_uint_eq(w.uses[3].messages, 2);
    ck_assert_uint_eq(w.uses[3].most, 2);
    ck_assert_uint_eq(w.uses[0].messages, 1);
}
END_TEST

/* At 1 half a second has drained, at 50 each. */
START_TEST(what_drains_still_counts_as_far_as_it_has_come)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 150, 0, 0, false },
                          { 0, 1, 3, 60, 0, 0, false } },
                .last = 1 };

    run(&w);
    ck_near(w.uses[0].bytes, 25);
    ck_near(w.uses[3].bytes, 50);
    ck_near(w.uses[3].held, 1);
}
END_TEST

/* Of the first 150 bytes have crossed when the link goes off. */
START_TEST(what_was_lost_counts_as_far_as_it_came)
{
    world w = { .topology = funnel(100, 0, DS_SHARED),
                .nodes = 4,
                .jobs = { { 0, 0, 3, 1000, 0, 0, false } },
                .acts = { { OFF, 2, 3, 0 } },
                .last = 4 };

    run(&w);
    ck_near(w.uses[0].bytes, 150);
    ck_near(w.uses[3].busy, 1.5);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static ds_net *make(ds_loop *loop, ds_node **node, ds_topology *t,
                    ds_routed_net_config config)
{
    *node = ds_node_new(loop);
    config.topology = t;
    if (config.num_nodes == 0) {
        config.nodes = node;
        config.num_nodes = 1;
    }
    return ds_routed_net_new(loop, &config);
}

static void wrong_link(ds_loop *loop, ds_node **node, ds_topology *t)
{
    ds_link_set_up(make(loop, node, t, (ds_routed_net_config){ 0 }), 4, true);
}

static void wrong_rate(ds_loop *loop, ds_node **node, ds_topology *t)
{
    ds_link_set_rate(make(loop, node, t, (ds_routed_net_config){ 0 }), 0, 0);
}

static void wrong_latency(ds_loop *loop, ds_node **node, ds_topology *t)
{
    ds_link_set_latency(make(loop, node, t, (ds_routed_net_config){ 0 }), 0,
                        -1);
}

static void wrong_net(ds_loop *loop, ds_node **node, ds_topology *t)
{
    (void)node;
    (void)t;
    ds_link_set_up(ds_random_net_new(loop, 1), 0, true);
}

static void no_topology(ds_loop *loop, ds_node **node, ds_topology *t)
{
    (void)t;
    make(loop, node, NULL, (ds_routed_net_config){ 0 });
}

static void wrong_topology(ds_loop *loop, ds_node **node, ds_topology *t)
{
    ds_topology_set_route(t, 0, 1, (size_t[]){ 77 }, 1);
    make(loop, node, t, (ds_routed_net_config){ 0 });
}

static void no_node(ds_loop *loop, ds_node **node, ds_topology *t)
{
    ds_node *none = NULL;

    make(loop, node, t,
         (ds_routed_net_config){ .nodes = &none, .num_nodes = 1 });
}

static void wrong_host(ds_loop *loop, ds_node **node, ds_topology *t)
{
    make(loop, node, t, (ds_routed_net_config){ .hosts = (size_t[]){ 4 } });
}

static void one_node_twice(ds_loop *loop, ds_node **node, ds_topology *t)
{
    *node = ds_node_new(loop);
    ds_node *both[] = { *node, *node };

    ds_routed_net_new(loop, &(ds_routed_net_config){
                                .nodes = both, .num_nodes = 2, .topology = t });
}

static void wrong_model(ds_loop *loop, ds_node **node, ds_topology *t)
{
    make(loop, node, t,
         (ds_routed_net_config){ .model = { .tcp_gamma = NAN } });
}

static const struct misuse {
    void (*make)(ds_loop *loop, ds_node **node, ds_topology *t);
    const char *text;
} misuses[] = {
    { wrong_link, "ds_link_set_up: there is no link 4; the topology has 4" },
    { wrong_rate, "ds_link_set_rate: rate is 0; a rate is finite" },
    { wrong_latency, "ds_link_set_latency: latency is -1; it must be finite" },
    { wrong_net, "ds_link_set_up: the network is not one of ds_routed_net" },
    { no_topology, "ds_routed_net_new: config->topology is NULL" },
    { wrong_topology, "ds_routed_net_new: config->topology: " },
    { no_node, "ds_routed_net_new: config->nodes[0] is NULL" },
    { wrong_host, "ds_routed_net_new: config->nodes[0] is on host 4; the "
                  "topology has 4, from 0" },
    { one_node_twice, "ds_routed_net_new: config->nodes[1] is the same node as "
                      "config->nodes[0]" },
    { wrong_model, "ds_routed_net_new: config->model.tcp_gamma is nan" },
};

START_TEST(misuse_is_told)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_topology *t = funnel(100, 0, DS_SHARED);
    ds_node *node = NULL;

    misuses[_i].make(loop, &node, t);
    ck_assert_int_eq(ds_loop_run(loop), DS_EMISUSE);
    ck_assert_msg(strstr(ds_loop_error(loop), misuses[_i].text) != NULL, "%s",
                  ds_loop_error(loop));
    ds_loop_free(loop);
    ds_topology_free(t);
}
END_TEST

/* ---- Misuse in sending ----------------------------------------------------*/

static job bad_job;

static void send_bad_job(ds_handle *h, void *arg)
{
    world *w = arg;

    ds_send(h, w->net,
            (ds_msg){ .source = w->ports[bad_job.from],
                      .dest = w->ports[bad_job.to],
                      .size = bad_job.bytes,
                      .rate = bad_job.rate });
}

static void ck_refused(job j, const char *text)
{
    world w = { .topology = funnel(100, 0, DS_SHARED), .nodes = 4 };

    bad_job = j;
    w.loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    build(&w);
    ds_spawn(w.loop, send_bad_job, &w);
    ck_assert_int_eq(ds_loop_run(w.loop), DS_EMISUSE);
    ck_assert_msg(strstr(ds_loop_error(w.loop), text) != NULL, "%s",
                  ds_loop_error(w.loop));
    ds_loop_free(w.loop);
    ds_topology_free(w.topology);
}

START_TEST(a_message_that_no_way_leads_for_is_refused)
{
    ck_refused((job){ .from = 3, .to = 0, .bytes = 1 },
               "ds_send: no way leads from host 3 to host 0");
}
END_TEST

START_TEST(a_message_with_a_bad_rate_is_refused)
{
    ck_refused((job){ .from = 0, .to = 3, .bytes = 1, .rate = -1 },
               "has a bad rate");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, latency_passes_first_and_then_it_drains);
    tcase_add_test(tc, latency_takes_no_capacity);
    tcase_add_loop_test(tc, a_link_is_shared_and_a_fat_pipe_is_not, 0, 2);
    tcase_add_test(tc, a_message_has_a_rate_of_its_own_at_most);
    tcase_add_test(tc, a_message_to_oneself_takes_no_time_without_a_route);
    tcase_add_test(tc, a_message_to_oneself_takes_its_route_if_there_is_one);
    tcase_add_test(tc, nodes_of_one_host_share_its_links);
    tcase_add_loop_test(tc, in_order_the_second_waits_for_the_first, 0, 2);
    tcase_add_test(tc, a_model_corrects_latency_and_bandwidth);
    tcase_add_test(tc, shares_may_be_weighed_by_latency);
    tcase_add_loop_test(tc, shares_follow_the_links_that_weigh_them, 0, 2);
    tcase_add_test(tc, a_window_limits_what_a_message_gets);
    tcase_add_test(tc, a_message_takes_some_of_the_way_back);
    tcase_add_test(tc, a_slower_link_slows_what_drains);
    tcase_add_test(tc, a_faster_link_is_for_those_that_begin_later);
    tcase_add_test(tc, a_latency_is_that_of_what_is_sent_from_then_on);
    tcase_add_test(tc, messages_over_a_link_that_is_off_are_lost);
    tcase_add_test(tc, early_failure_loses_what_waits_out_its_latency);
    tcase_add_test(tc, off_and_on_at_one_instant_loses_what_drains);
    tcase_add_test(tc, stalled_messages_end_later_by_the_time_off);
    tcase_add_test(tc, one_that_is_lost_lets_the_next_in_order_go_on);
    tcase_add_test(tc, a_link_tells_what_it_was_used_for);
    tcase_add_test(tc, what_drains_still_counts_as_far_as_it_has_come);
    tcase_add_test(tc, what_was_lost_counts_as_far_as_it_came);
    tcase_add_loop_test(tc, misuse_is_told, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_test(tc, a_message_that_no_way_leads_for_is_refused);
    tcase_add_test(tc, a_message_with_a_bad_rate_is_refused);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("routed", add);
}
