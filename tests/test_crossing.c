/* What a routed network tells of each message: how long it took, and which link
 * held it back for how long. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>
#include <distsys/topology.h>

#include "base/rng.h"
#include "harness.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

enum { MOST_JOBS = 400, MOST_LINKS = 400, START = 1000 };

/* A message; what is told of it is by link. */
typedef struct job {
    double at; /* seconds after the start */
    size_t from, to;
    double bytes;
    double ends;
    bool told;
    ds_crossing crossing;
    double held[MOST_LINKS];
} job;

typedef struct act {
    double at;
    size_t link;
    double rate; /* 0: it goes off; INFINITY: on */
} act;

typedef struct world {
    const char *text;
    ds_topology *topology;
    bool in_order;
    bool stall;
    bool silent;
    ds_flow_model model;
    ds_exec exec;
    job *jobs;
    size_t num_jobs;
    size_t lost; /* of them */
    act acts[4];
    size_t num_acts;
    size_t nodes;
    ds_loop *loop;
    ds_net *net;
    ds_port **ports;
    uint64_t digest;
} world;

/* Messages have the names 1, 2, ... in the order of jobs. */
static void note(void *arg, const ds_crossing *crossing)
{
    world *w = arg;
    job *j = &w->jobs[crossing->message - 1];

    ck_assert_uint_ge(crossing->message, 1);
    ck_assert_uint_le(crossing->message, w->num_jobs);
    ck_assert(!j->told);
    j->told = true;
    j->crossing = *crossing;
    for (size_t i = 0; i < crossing->num_links; i++) {
        ck_assert_uint_lt(crossing->links[i], MOST_LINKS);
        ck_assert_double_ge(crossing->held[i], 0);
        j->held[crossing->links[i]] = crossing->held[i];
    }
}

static void wait_until(ds_handle *h, double at)
{
    if (START + at > ds_now(h))
        ds_sleep(h, START + at - ds_now(h));
}

static void send_jobs(ds_handle *h, void *arg)
{
    world *w = arg;

    for (size_t i = 0; i < w->num_jobs; i++) {
        job *j = &w->jobs[i];
        wait_until(h, j->at);
        ds_send(h, w->net,
                (ds_msg){ .source = w->ports[j->from],
                          .dest = w->ports[j->to],
                          .data = j,
                          .size = j->bytes });
    }
}

/* What is told has been told when a message arrives. */
static void receive_jobs(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_stream **streams = calloc(w->nodes, sizeof(*streams));
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < w->nodes; i++)
        streams[i] = ds_port_stream(w->ports[i]);
    for (size_t n = w->lost; n < w->num_jobs; n++) {
        ck_assert(ds_poll_any(h, streams, w->nodes, &event));
        ck_assert(ds_unpack(&event, &msg));
        job *j = msg.data;
        ck_assert(j->told != w->silent);
        j->ends = ds_now(h) - START;
    }
    free(streams);
}

static void act_on_links(ds_handle *h, void *arg)
{
    world *w = arg;

    for (size_t i = 0; i < w->num_acts; i++) {
        const act *a = &w->acts[i];
        wait_until(h, a->at);
        if (a->rate == 0 || isinf(a->rate))
            ds_link_set_up(w->net, a->link, a->rate > 0);
        else
            ds_link_set_rate(w->net, a->link, a->rate);
    }
}

static void build(world *w)
{
    ds_node **nodes = calloc(w->nodes, sizeof(*nodes));

    w->ports = calloc(w->nodes, sizeof(*w->ports));
    for (size_t i = 0; i < w->nodes; i++) {
        nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(nodes[i]);
    }
    w->net = ds_routed_net_new(w->loop, &(ds_routed_net_config){
                                            .nodes = nodes,
                                            .num_nodes = w->nodes,
                                            .topology = w->topology,
                                            .model = w->model,
                                            .in_order = w->in_order,
                                            .stall = w->stall,
                                            .crossed = w->silent ? NULL : note,
                                            .arg = w,
                                        });
    free(nodes);
}

static void run(world *w)
{
    w->topology = ds_topology_parse(w->text);
    ck_assert_str_eq(ds_topology_error(w->topology), "");
    w->nodes = ds_topology_num_hosts(w->topology);
    w->loop = ds_loop_new(&(ds_loop_config){ .exec = w->exec });
    build(w);
    ds_spawn(w->loop, send_jobs, w);
    ds_spawn(w->loop, act_on_links, w);
    ds_spawn(w->loop, receive_jobs, w);
    ck_assert_msg(ds_loop_run(w->loop) == DS_OK, "%s", ds_loop_error(w->loop));
    w->digest = ds_loop_digest(w->loop);
    ds_loop_free(w->loop);
    ds_topology_free(w->topology);
    free(w->ports);
}

static void ck_near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fmax(1, fabs(want)),
                  "%.17g instead of %.17g", got, want);
}

static double held_of(const job *j)
{
    double sum = 0;

    for (size_t i = 0; i < MOST_LINKS; i++)
        sum += j->held[i];
    return sum;
}

/* ---- By hand --------------------------------------------------------------*/

/* Links of a star of three: h0-s0 is 0, s0-h0 1, h1-s0 2, and so on.  A byte
 * takes a second. */
#define SLOW_STAR "star:3,rate=1,latency=2s"

START_TEST(a_message_that_is_alone_is_held_by_nothing)
{
    job jobs[] = { { .at = 3, .from = 0, .to = 1, .bytes = 5 } };
    world w = { .text = SLOW_STAR, .jobs = jobs, .num_jobs = 1 };

    run(&w);
    ck_near(jobs[0].ends, 3 + 4 + 5);
    ck_near(jobs[0].crossing.latency, 4);
    ck_near(jobs[0].crossing.waiting, 0);
    ck_near(jobs[0].crossing.draining, 5);
    ck_assert_uint_eq(jobs[0].crossing.num_links, 2);
    ck_near(held_of(&jobs[0]), 0);
}
END_TEST

/* The second comes when 3 of 5 bytes of the first are gone; the other 2 take 4
 * seconds, in which the second gets 2 of its 7. */
START_TEST(the_link_that_is_shared_holds_for_as_long_as_it_is)
{
    job jobs[] = {
        { .at = 0, .from = 0, .to = 2, .bytes = 5 },
        { .at = 3, .from = 1, .to = 2, .bytes = 7 },
    };
    world w = { .text = SLOW_STAR, .jobs = jobs, .num_jobs = 2 };

    run(&w);
    ck_near(jobs[0].ends, 4 + 7);
    ck_near(jobs[0].held[5], 2);
    ck_near(held_of(&jobs[0]), 2);
    ck_near(jobs[0].crossing.draining, 5);
    ck_near(jobs[1].ends, 3 + 4 + 4 + 5);
    ck_near(jobs[1].held[5], 2);
    ck_near(held_of(&jobs[1]), 2);
    ck_near(jobs[1].crossing.draining, 7);
}
END_TEST

/* First two share the way out of host 0, then two the way into host 2; what is
 * lost at each of them is told apart. */
START_TEST(each_link_holds_in_its_time)
{
    job jobs[] = {
        { .at = 0, .from = 0, .to = 2, .bytes = 5 }, /* 1 of 2 s, 1 of 2 s */
        { .at = 0, .from = 0, .to = 1, .bytes = 1 },
        { .at = 2, .from = 1, .to = 2, .bytes = 1 },
    };
    world w = { .text = SLOW_STAR, .jobs = jobs, .num_jobs = 3 };

    run(&w);
    ck_near(jobs[0].ends, 4 + 7);
    ck_near(jobs[0].held[0], 1);
    ck_near(jobs[0].held[5], 1);
    ck_near(held_of(&jobs[0]), 2);
    ck_near(jobs[1].held[0], 1);
    ck_near(jobs[2].held[5], 1);
}
END_TEST

START_TEST(in_order_a_message_waits_for_those_before)
{
    job jobs[] = {
        { .at = 0, .from = 0, .to = 1, .bytes = 5 },
        { .at = 1, .from = 0, .to = 1, .bytes = 3 },
    };
    world w = {
        .text = SLOW_STAR, .in_order = true, .jobs = jobs, .num_jobs = 2
    };

    run(&w);
    ck_near(jobs[0].crossing.waiting, 0);
    ck_near(jobs[1].ends, 4 + 5 + 3);
    ck_near(jobs[1].crossing.waiting, 4);
    ck_near(jobs[1].crossing.draining, 3);
    ck_near(held_of(&jobs[1]), 0);
}
END_TEST

START_TEST(a_message_without_bytes_has_latency_alone)
{
    job jobs[] = {
        { .at = 1, .from = 0, .to = 1, .bytes = 0 },
        { .at = 1, .from = 0, .to = 0, .bytes = 9 },
    };
    world w = { .text = SLOW_STAR, .jobs = jobs, .num_jobs = 2 };

    run(&w);
    ck_near(jobs[0].crossing.latency, 4);
    ck_near(jobs[0].crossing.draining, 0);
    ck_near(jobs[1].ends, 1);
    ck_near(jobs[1].crossing.latency, 0);
    ck_assert_uint_eq(jobs[1].crossing.num_links, 0);
}
END_TEST

/* From 4 + 2 on a byte takes 2 seconds, also for who is alone. */
START_TEST(a_link_that_is_slow_is_no_link_that_is_shared)
{
    job jobs[] = { { .at = 0, .from = 0, .to = 1, .bytes = 5 } };
    world w = {
        .text = SLOW_STAR,
        .jobs = jobs,
        .num_jobs = 1,
        .acts = { { 6, 0, 0.5 } },
        .num_acts = 1,
    };

    run(&w);
    ck_near(jobs[0].ends, 4 + 2 + 6);
    ck_near(jobs[0].crossing.draining, 8);
    ck_near(held_of(&jobs[0]), 0);
}
END_TEST

START_TEST(a_link_that_is_off_holds_what_waits_for_it)
{
    job jobs[] = { { .at = 0, .from = 0, .to = 1, .bytes = 5 } };
    world w = {
        .text = SLOW_STAR,
        .stall = true,
        .jobs = jobs,
        .num_jobs = 1,
        .acts = { { 6, 3, 0 }, { 16, 3, INFINITY } },
        .num_acts = 2,
    };

    run(&w);
    ck_near(jobs[0].ends, 4 + 5 + 10);
    ck_near(jobs[0].crossing.draining, 5);
    ck_near(jobs[0].held[3], 10);
    ck_near(held_of(&jobs[0]), 10);
}
END_TEST

START_TEST(nothing_is_told_of_what_is_lost)
{
    job jobs[] = {
        { .at = 0, .from = 0, .to = 1, .bytes = 5 },
        { .at = 0, .from = 1, .to = 2, .bytes = 5 },
    };
    world w = {
        .text = SLOW_STAR,
        .jobs = jobs,
        .num_jobs = 2,
        .lost = 1,
        .acts = { { 6, 0, 0 } },
        .num_acts = 1,
    };

    run(&w);
    ck_assert(!jobs[0].told);
    ck_assert(jobs[1].told);
}
END_TEST

/* ---- Any traffic ----------------------------------------------------------*/

static const struct {
    const char *text;
    bool in_order;
    const ds_flow_model *model;
} places[] = {
    { "star:6", false, NULL },
    { "star:6,sharing=half", true, NULL },
    { "fattree:2;4,4;1,2;1,1,inner-rate=1.5G", false, NULL },
    { "fattree:2;4,4;1,2;1,1,routing=ecmp-message", true, NULL },
    { "torus:3x3,rate=3M,latency=1ms", false, NULL },
    { "dragonfly:4,1;2,1;2,1;1,routing=valiant", true, NULL },
    { "tree:2,4,inner-rate=1M", false, &ds_flow_cm02 },
    { "torus:4x4", true, &ds_flow_lv08 },
};

/* Sizes that differ by decades, in bursts. */
static void draw(world *w, uint64_t seed)
{
    ds_topology *topology = ds_topology_parse(w->text);
    const size_t n = ds_topology_num_hosts(topology);
    double now = 0;

    for (size_t i = 0; i < w->num_jobs; i++) {
        const uint64_t r = ds__mix(seed * 1000003 + i);
        now += r % 3 == 0 ? 1e-4 * (double)(r >> 8 & 0xff) : 0;
        w->jobs[i] = (job){
            .at = now,
            .from = (r >> 16) % n,
            .to = (r >> 32) % n,
            .bytes = pow(10, 2 + (double)(r >> 48 & 0x3f) / 16),
        };
    }
    ds_topology_free(topology);
}

static world traffic(int place, uint64_t seed)
{
    world w = {
        .text = places[place].text,
        .in_order = places[place].in_order,
        .num_jobs = (size_t)(MOST_JOBS / harness_slowness()),
        .exec = DS_FIBERS,
    };

    if (places[place].model != NULL)
        w.model = *places[place].model;
    w.jobs = calloc(MOST_JOBS, sizeof(*w.jobs));
    draw(&w, seed);
    return w;
}

START_TEST(what_is_told_adds_up_to_the_time)
{
    world w = traffic(_i, 7);
    double most = 0;

    run(&w);
    for (size_t i = 0; i < w.num_jobs; i++) {
        const job *j = &w.jobs[i];
        const ds_crossing *c = &j->crossing;
        const double told = c->latency + c->waiting + c->draining + held_of(j);

        ck_assert(j->told);
        ck_assert_msg(fabs(told - (j->ends - j->at)) <= 1e-9 + 1e-9 * told,
                      "message %zu: %.17g instead of %.17g", i, told,
                      j->ends - j->at);
        most = fmax(most, held_of(j) / (c->draining + 1e-300));
    }
    ck_assert_double_gt(most, 0.1);
    free(w.jobs);
}
END_TEST

/* As each would on an idle network, but for the roundings of sums. */
START_TEST(what_drains_alone_is_the_same_beside_others)
{
    world w = traffic(_i, 11);

    run(&w);
    for (size_t i = 0; i < w.num_jobs; i += 20) {
        job own = w.jobs[i];
        world alone = w;

        own.told = false;
        memset(own.held, 0, sizeof(own.held));
        alone.jobs = &own;
        alone.num_jobs = 1;
        /* Another name may go another way; those are as long. */
        run(&alone);
        ck_near(own.crossing.draining,
                own.ends - own.at - own.crossing.latency);
        if (fabs(own.crossing.draining - w.jobs[i].crossing.draining) >
            1e-9 * own.crossing.draining + 1e-11)
            ck_abort_msg("message %zu: %.17g beside others, %.17g alone", i,
                         w.jobs[i].crossing.draining, own.crossing.draining);
    }
    free(w.jobs);
}
END_TEST

START_TEST(to_ask_changes_nothing)
{
    world asked = traffic(_i, 3);
    world silent = traffic(_i, 3);
    world threads = traffic(_i, 3);

    silent.silent = true;
    threads.exec = DS_THREADS;
    run(&asked);
    run(&silent);
    run(&threads);
    ck_assert_uint_eq(asked.digest, silent.digest);
    ck_assert_uint_eq(asked.digest, threads.digest);
    for (size_t i = 0; i < asked.num_jobs; i++) {
        ck_assert(asked.jobs[i].ends == silent.jobs[i].ends);
        ck_assert(held_of(&asked.jobs[i]) == held_of(&threads.jobs[i]));
    }
    free(asked.jobs);
    free(silent.jobs);
    free(threads.jobs);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_message_that_is_alone_is_held_by_nothing);
    tcase_add_test(tc, the_link_that_is_shared_holds_for_as_long_as_it_is);
    tcase_add_test(tc, each_link_holds_in_its_time);
    tcase_add_test(tc, in_order_a_message_waits_for_those_before);
    tcase_add_test(tc, a_message_without_bytes_has_latency_alone);
    tcase_add_test(tc, a_link_that_is_slow_is_no_link_that_is_shared);
    tcase_add_test(tc, a_link_that_is_off_holds_what_waits_for_it);
    tcase_add_test(tc, nothing_is_told_of_what_is_lost);
    tcase_add_loop_test(tc, what_is_told_adds_up_to_the_time, 0,
                        ARRAY_SIZE(places));
    tcase_add_loop_test(tc, what_drains_alone_is_the_same_beside_others, 0,
                        ARRAY_SIZE(places));
    tcase_add_loop_test(tc, to_ask_changes_nothing, 0, ARRAY_SIZE(places));
}

int main(void)
{
    return harness_main("crossing", add);
}
