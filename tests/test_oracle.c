/* The engines against the definition: random scenarios run once with the
 * engine of a model and once with nothing but its rates(), and every message
 * must arrive at the same time. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <distsys.h>

#include "base/rng.h"
#include "harness.h"
#include "traffic.h"

enum {
    MOST_NODES = 40,
    MOST_MESSAGES = 400,
    LONG_RUN = 20000,
    SEEDS_PER_TEST = 50
};

#define TOLERANCE 1e-9

/* ---- Scenarios ------------------------------------------------------------*/

typedef struct message {
    double sent;
    double size;
    size_t source;
    size_t dest;
    double arrived; /* NAN: not yet */
} message;

typedef struct scenario {
    uint64_t seed;
    uint64_t draws;
    size_t num_nodes;
    double rate;
    bool uneven;
    double send_rates[MOST_NODES];
    double recv_rates[MOST_NODES];
    double latency;
    bool idle_latency;
    size_t num_messages;
    message messages[LONG_RUN];

    ds_net *net;
    ds_port *ports[MOST_NODES];
    size_t strays; /* arrivals that are nobody's, or a second time */
} scenario;

static double draw(scenario *s)
{
    return ds__rng_uniform(
        ds__rng_bits(s->seed, DS__RNG_THREAD, 7, s->draws++));
}

static size_t draw_below(scenario *s, size_t n)
{
    return (size_t)(draw(s) * (double)n);
}

static double draw_size(scenario *s)
{
    switch (draw_below(s, 6)) {
    case 0:
        return 0;
    case 1:
        return 1e6;
    case 2:
        return floor(1e7 * draw(s));
    case 3:
        return pow(10, 12 * draw(s));
    case 4:
        return draw(s);
    default:
        return 1e5 * (double)(1 + draw_below(s, 5));
    }
}

static void draw_ports(scenario *s)
{
    s->num_nodes = 2 + draw_below(s, draw_below(s, 3) == 0 ? 39 : 7);
    s->rate = pow(10, 6 + 4 * draw(s));
    s->uneven = draw_below(s, 2) == 0;
    for (size_t i = 0; i < s->num_nodes; i++) {
        s->send_rates[i] = s->rate * pow(10, 2 * draw(s) - 1);
        s->recv_rates[i] = s->rate * pow(10, 2 * draw(s) - 1);
    }
    s->latency = draw_below(s, 4) == 0 ? 0 : pow(10, -6 + 4 * draw(s));
    s->idle_latency = draw_below(s, 2) == 0;
}

static void draw_message(scenario *s, message *m, double now)
{
    *m = (message){
        .sent = now,
        .size = draw_size(s),
        .source = draw_below(s, s->num_nodes),
        .dest = draw_below(s, s->num_nodes),
        .arrived = NAN,
    };
    if (draw_below(s, 4) == 0) /* several on one pair */
        m->source = m->dest = 0;
    if (draw_below(s, 8) == 0)
        m->dest = 1;
}

/* Bursts, some of them at moments when messages of the one before are under
 * way. */
static void draw_scenario(scenario *s, uint64_t seed)
{
    double now = 0;
    size_t burst = 0;

    *s = (scenario){ .seed = seed };
    draw_ports(s);
    s->num_messages =
        1 + draw_below(s, draw_below(s, 4) == 0 ? MOST_MESSAGES : 60);
    for (size_t i = 0; i < s->num_messages; i++) {
        if (burst-- == 0) {
            now += draw(s) * 1e7 / s->rate;
            burst = draw_below(s, draw_below(s, 3) == 0 ? 60 : 4);
        }
        draw_message(s, &s->messages[i], now);
    }
}

/* ---- Running them ---------------------------------------------------------*/

static void send_one(ds_handle *h, scenario *s, message *m)
{
    m->arrived = NAN;
    ds_send(h, s->net,
            (ds_msg){
                .source = s->ports[m->source],
                .dest = s->ports[m->dest],
                .data = m,
                .size = m->size,
            });
}

static void sender(ds_handle *h, void *arg)
{
    scenario *s = arg;

    for (size_t i = 0; i < s->num_messages; i++) {
        message *m = &s->messages[i];
        if (m->sent > ds_now(h))
            ds_sleep(h, m->sent - ds_now(h));
        send_one(h, s, m);
    }
}

static void receiver(ds_handle *h, void *arg)
{
    scenario *s = arg;
    ds_stream *streams[MOST_NODES];
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < s->num_nodes; i++)
        streams[i] = ds_port_stream(s->ports[i]);
    for (size_t i = 0; i < s->num_messages; i++) {
        if (!ds_poll_any(h, streams, s->num_nodes, &event) ||
            !ds_unpack(&event, &msg))
            return;
        message *m = msg.data;
        if (!isnan(m->arrived) || msg.dest != s->ports[m->dest])
            s->strays++;
        m->arrived = ds_now(h);
    }
}

static void run(scenario *s, const ds_switch *model)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    ds_node *nodes[MOST_NODES];

    for (size_t i = 0; i < s->num_nodes; i++) {
        nodes[i] = ds_node_new(loop);
        s->ports[i] = ds_port_new(nodes[i]);
    }
    s->net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                           .nodes = nodes,
                                           .num_nodes = s->num_nodes,
                                           .model = model,
                                           .latency = s->latency,
                                           .idle_latency = s->idle_latency,
                                       });
    s->strays = 0;
    ds_spawn(loop, receiver, s);
    ds_spawn(loop, sender, s);
    ck_assert_msg(ds_loop_run(loop) == DS_OK, "seed %llu: %s",
                  (unsigned long long)s->seed, ds_loop_error(loop));
    ck_assert_uint_eq(s->strays, 0);
    ds_loop_free(loop);
}

static scenario engine;
static scenario oracle;

static void compare(void)
{
    for (size_t i = 0; i < oracle.num_messages; i++) {
        double want = oracle.messages[i].arrived;
        double got = engine.messages[i].arrived;
        ck_assert_msg(fabs(got - want) <= TOLERANCE * want,
                      "seed %llu, message %zu of %zu, size %g, sent at %.17g: "
                      "arrived at %.17g, the definition says %.17g",
                      (unsigned long long)oracle.seed, i, oracle.num_messages,
                      oracle.messages[i].size, oracle.messages[i].sent, got,
                      want);
    }
}

/* No port has passed more bytes than its rate allows in the time between the
 * first message sent and the last one arrived. */
static void check_bytes(const scenario *s)
{
    for (size_t p = 0; p < s->num_nodes; p++) {
        double in = 0;
        double out = 0;
        double first = INFINITY;
        double last = 0;
        for (size_t i = 0; i < s->num_messages; i++) {
            const message *m = &s->messages[i];
            if (m->source != p && m->dest != p)
                continue;
            in += m->dest == p ? m->size : 0;
            out += m->source == p ? m->size : 0;
            first = fmin(first, m->sent);
            last = fmax(last, m->arrived);
        }
        double send = s->uneven ? s->send_rates[p] : s->rate;
        double recv = s->uneven ? s->recv_rates[p] : s->rate;
        double span = (last - first) + TOLERANCE * last;
        ck_assert(in == 0 || in <= recv * span);
        ck_assert(out == 0 || out <= send * span);
    }
}

enum kind { GREEDY, MAXMIN };

static void check_scenarios(enum kind kind)
{
    ds_greedy_switch greedy =
        ds_greedy_switch_uniform(engine.num_nodes, engine.rate);
    ds_maxmin_switch maxmin =
        ds_maxmin_switch_uniform(engine.num_nodes, engine.rate);
    if (engine.uneven) {
        greedy.send_rates = maxmin.send_rates = engine.send_rates;
        greedy.recv_rates = maxmin.recv_rates = engine.recv_rates;
    }
    const ds_switch *model = kind == GREEDY ? &greedy.base : &maxmin.base;
    definition defined = definition_of(model);

    run(&engine, model);
    run(&oracle, &defined.base);
    compare();
    check_bytes(&engine);
}

static void check_seed(enum kind kind, uint64_t seed)
{
    draw_scenario(&engine, seed);
    draw_scenario(&oracle, seed);
    check_scenarios(kind);
}

/* A few ports that are never idle, with a dozen messages under way at any
 * moment, so that whatever drifts has a long way to go. */
static void draw_long_run(scenario *s)
{
    double now = 0;

    *s = (scenario){
        .seed = 1, .num_nodes = 6, .rate = 1e6 / 3, .uneven = true
    };
    for (size_t i = 0; i < s->num_nodes; i++) {
        s->send_rates[i] = s->rate * (1 + draw(s));
        s->recv_rates[i] = s->rate * (1 + draw(s));
    }
    s->latency = 1e-3;
    s->num_messages = LONG_RUN;
    for (size_t i = 0; i < s->num_messages; i++) {
        now += 2 * draw(s) * 1e6 / s->rate / 7;
        s->messages[i] = (message){
            .sent = now,
            .size = 2e6 * draw(s),
            .source = draw_below(s, s->num_nodes),
            .dest = draw_below(s, s->num_nodes),
        };
    }
}

START_TEST(engines_do_not_drift_in_a_long_run)
{
    draw_long_run(&engine);
    draw_long_run(&oracle);
    check_scenarios((enum kind)_i);
}
END_TEST

START_TEST(greedy_engine_agrees_with_the_definition)
{
    for (int i = 0; i < SEEDS_PER_TEST; i++)
        check_seed(GREEDY, (uint64_t)_i * SEEDS_PER_TEST + (uint64_t)i);
}
END_TEST

START_TEST(maxmin_engine_agrees_with_the_definition)
{
    for (int i = 0; i < SEEDS_PER_TEST; i++)
        check_seed(MAXMIN, (uint64_t)_i * SEEDS_PER_TEST + (uint64_t)i);
}
END_TEST

static void add(TCase *tc)
{
    const int sweep = harness_full() ? 200 : 40;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, greedy_engine_agrees_with_the_definition, 0, sweep);
    tcase_add_loop_test(tc, maxmin_engine_agrees_with_the_definition, 0, sweep);
    tcase_add_loop_test(tc, engines_do_not_drift_in_a_long_run, 0, 2);
}

int main(void)
{
    return harness_main("oracle", add);
}
