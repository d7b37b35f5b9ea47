/* The engines against the definition: random scenarios run once with the
 * engine of a model and once with nothing but its rates(), and every message
 * must arrive at the same time.
 *
 * Both runs share the switched network, so there is a second witness that
 * shares nothing: with the arrivals that came out, rates() is added up over
 * time, and every message must have got as many bytes as it has. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "base/rng.h"
#include "harness.h"
#include "traffic.h"

enum {
    MOST_NODES = 40,
    LONG_RUN = 20000,
    SEEDS_PER_TEST = 25,
};

#define TOLERANCE  1e-9
#define CLOCK_ULPS 8

/* ---- Scenarios ------------------------------------------------------------*/

/* What is unusual about some scenarios. */
typedef struct regime {
    const char *name;
    size_t nodes;    /* at most */
    size_t messages; /* at most */
    double start;    /* of the first message, in seconds */
    double stretch;  /* of sizes, and of the time between bursts */
    double rates;    /* decades that the rates of ports differ by, at most */
    double sizes;    /* decades that sizes differ by, at most */
    double latency;  /* seconds; 0: as it comes */
    bool alike;      /* sizes and moments are drawn from very few */
    bool lopsided;   /* most messages have one port in common */
} regime;

static const regime regimes[] = {
    { .name = "plain", .nodes = 40, .messages = 400, .rates = 2, .sizes = 12 },
    { .name = "far from zero",
      .nodes = 8,
      .messages = 200,
      .start = 3e9,
      .stretch = 1e12,
      .rates = 2,
      .sizes = 6 },
    { .name = "steep", .nodes = 12, .messages = 200, .rates = 6, .sizes = 15 },
    { .name = "crowded", .nodes = 3, .messages = 2000, .rates = 1, .sizes = 6 },
    { .name = "alike",
      .nodes = 12,
      .messages = 400,
      .sizes = 1,
      .alike = true },
    { .name = "patient",
      .nodes = 8,
      .messages = 200,
      .rates = 2,
      .sizes = 12,
      .latency = 1e7 },
    { .name = "lopsided",
      .nodes = 40,
      .messages = 400,
      .rates = 3,
      .sizes = 6,
      .lopsided = true },
    { .name = "late", .nodes = 8, .messages = 300, .start = 1e6, .sizes = 7 },
    { .name = "very late",
      .nodes = 8,
      .messages = 300,
      .start = 1e7,
      .rates = 3,
      .sizes = 9 },
    { .name = "twelve decades",
      .nodes = 8,
      .messages = 300,
      .rates = 12,
      .sizes = 12 },
    { .name = "twelve decades, late",
      .nodes = 8,
      .messages = 300,
      .start = 1e6,
      .rates = 12,
      .sizes = 12 },
};
enum { PLAIN, REGIMES = sizeof(regimes) / sizeof(*regimes) };

typedef struct scenario {
    uint64_t seed;
    uint64_t draws;
    traffic t;
    double rate;
    bool uneven;
    double send_rates[MOST_NODES];
    double recv_rates[MOST_NODES];
    size_t n;
    parcel parcels[LONG_RUN];
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

static double draw_size(scenario *s, const regime *r)
{
    const double stretch = r->stretch > 0 ? r->stretch : 1;

    switch (r->alike ? 5 : draw_below(s, 6)) {
    case 0:
        return 0;
    case 1:
        return 1e6 * stretch;
    case 2:
        return floor(1e7 * draw(s)) * stretch;
    case 3:
        return pow(10, r->sizes * draw(s)) * stretch;
    case 4:
        return draw(s) * stretch;
    default:
        return 1e5 * (double)(1 + draw_below(s, 5)) * stretch;
    }
}

static void draw_ports(scenario *s, const regime *r)
{
    s->t.nodes =
        2 + draw_below(
                s, (draw_below(s, 3) == 0 || r->nodes < 8 ? r->nodes : 8) - 1);
    s->rate = pow(10, 6 + 4 * draw(s));
    s->uneven = r->rates > 0 && draw_below(s, 2) == 0;
    for (size_t i = 0; i < s->t.nodes; i++) {
        s->send_rates[i] = s->rate * pow(10, r->rates * (draw(s) - 0.5));
        s->recv_rates[i] = s->rate * pow(10, r->rates * (draw(s) - 0.5));
    }
    s->t.latency = draw_below(s, 4) == 0 ? 0
                   : r->latency > 0      ? r->latency
                                         : pow(10, -6 + 4 * draw(s));
    s->t.idle_latency = draw_below(s, 2) == 0;
}

static void draw_parcel(scenario *s, const regime *r, parcel *p, double now)
{
    *p = (parcel){
        .at = now,
        .size = draw_size(s, r),
        .from = draw_below(s, s->t.nodes),
        .to = draw_below(s, s->t.nodes),
    };
    if (draw_below(s, 4) == 0) /* several on one pair */
        p->from = p->to = 0;
    if (draw_below(s, 8) == 0)
        p->to = 1;
    if (r->lopsided && draw_below(s, 8) != 0)
        p->to = 0;
    else if (r->lopsided && draw_below(s, 2) == 0)
        p->from = 1;
}

/* Bursts, some of them at moments when messages of the one before are under
 * way. */
static void draw_scenario(scenario *s, const regime *r, uint64_t seed)
{
    const double stretch = r->stretch > 0 ? r->stretch : 1;
    double now = r->start;
    size_t burst = 0;

    *s = (scenario){ .seed = seed };
    draw_ports(s, r);
    s->n = 1 + draw_below(s, draw_below(s, 4) == 0 ? r->messages
                                                   : r->messages / 7 + 1);
    for (size_t i = 0; i < s->n; i++) {
        if (burst-- == 0) {
            double gap = r->alike ? (double)draw_below(s, 4) / 10 : draw(s);
            now += gap * 1e7 * stretch / s->rate;
            burst = draw_below(s, draw_below(s, 3) == 0 ? 60 : 4);
        }
        draw_parcel(s, r, &s->parcels[i], now);
    }
}

/* ---- The second witness ---------------------------------------------------*/

static double begin_of(const scenario *s, const parcel *p)
{
    return p->at + s->t.latency;
}

/* From when to when it takes up capacity. */
static double open_of(const scenario *s, const parcel *p)
{
    return s->t.idle_latency ? begin_of(s, p) : p->at;
}

static int by_time(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The moments at which something changes; returns how many. */
static size_t list_moments(const scenario *s, double *moments)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        moments[n++] = open_of(s, &s->parcels[i]);
        moments[n++] = begin_of(s, &s->parcels[i]);
        moments[n++] = s->parcels[i].arrived;
    }
    qsort(moments, n, sizeof(*moments), by_time);
    return n;
}

/* Whether messages of the same pair, in order, are still ahead of one. */
static bool is_behind(const scenario *s, const parcel *p, double now)
{
    for (const parcel *q = s->parcels; s->t.in_order && q < p; q++)
        if (q->from == p->from && q->to == p->to && now < q->arrived)
            return true;
    return false;
}

static void count_open(const scenario *s, double now, ds_connmat *count,
                       ds_connmat *rate)
{
    const size_t n = s->t.nodes;

    memset(count->rates, 0, n * n * sizeof(double));
    for (size_t i = 0; i < s->n; i++) {
        const parcel *p = &s->parcels[i];
        if (open_of(s, p) <= now && now < p->arrived && !is_behind(s, p, now))
            count->rates[p->from * n + p->to]++;
    }
    for (size_t i = 0; i < n * n; i++)
        rate->rates[i] = count->rates[i] > 0;
}

/* By how much a message may be late or early at a time: its part of the time
 * it takes, and the roundings of the clock, which are what counts late in a
 * long run. */
static double slack_at(const parcel *p, double time)
{
    return TOLERANCE * (time - p->at) + CLOCK_ULPS * DBL_EPSILON * time;
}

static void check_drained(const scenario *s, const parcel *p, double drained)
{
    double send = s->uneven ? s->send_rates[p->from] : s->rate;
    double recv = s->uneven ? s->recv_rates[p->to] : s->rate;
    double slack = fmin(send, recv) * slack_at(p, p->arrived);

    ck_assert_msg(fabs(drained - p->size) <= TOLERANCE * p->size + slack,
                  "seed %llu, message %td of %zu, size %.17g, sent at %.17g: "
                  "arrived at %.17g, but had got %.17g bytes",
                  (unsigned long long)s->seed, p - s->parcels, s->n, p->size,
                  p->at, p->arrived, drained);
}

static void check_bytes(const scenario *s)
{
    ds_connmat *count = ds_connmat_new(s->t.nodes);
    ds_connmat *rate = ds_connmat_new(s->t.nodes);
    double *drained = calloc(s->n, sizeof(*drained));
    double *moments = calloc(3 * s->n, sizeof(*moments));
    size_t num_moments = list_moments(s, moments);

    for (size_t m = 0; m + 1 < num_moments; m++) {
        double now = moments[m];
        if (moments[m + 1] == now)
            continue;
        count_open(s, now, count, rate);
        s->t.model->rates(s->t.model, count, rate);
        for (size_t i = 0; i < s->n; i++) {
            const parcel *p = &s->parcels[i];
            if (begin_of(s, p) <= now && now < p->arrived &&
                !is_behind(s, p, now))
                drained[i] += ds_connmat_get(rate, p->from, p->to) /
                              ds_connmat_get(count, p->from, p->to) *
                              (moments[m + 1] - now);
        }
    }
    for (size_t i = 0; i < s->n; i++)
        check_drained(s, &s->parcels[i], drained[i]);
    free(moments);
    free(drained);
    ds_connmat_free(count);
    ds_connmat_free(rate);
}

/* ---- Running them ---------------------------------------------------------*/

static scenario engine;
static scenario oracle;

static void compare(void)
{
    for (size_t i = 0; i < oracle.n; i++) {
        const parcel *p = &oracle.parcels[i];
        double want = p->arrived;
        double got = engine.parcels[i].arrived;
        ck_assert_msg(fabs(got - want) <= slack_at(p, want),
                      "seed %llu, message %zu of %zu, size %g, sent at %.17g: "
                      "arrived at %.17g, the definition says %.17g",
                      (unsigned long long)oracle.seed, i, oracle.n, p->size,
                      p->at, got, want);
    }
}

enum kind { GREEDY, MAXMIN };

static ds_greedy_switch greedy;
static ds_maxmin_switch maxmin;

static const ds_switch *model_of(enum kind kind, const scenario *s)
{
    greedy = ds_greedy_switch_uniform(s->t.nodes, s->rate);
    maxmin = ds_maxmin_switch_uniform(s->t.nodes, s->rate);
    if (s->uneven) {
        greedy.send_rates = maxmin.send_rates = s->send_rates;
        greedy.recv_rates = maxmin.recv_rates = s->recv_rates;
    }
    return kind == GREEDY ? &greedy.base : &maxmin.base;
}

/* What is sent in order is received in order. */
static void check_order(const scenario *s)
{
    size_t last[MOST_NODES][MOST_NODES] = { { 0 } };

    for (size_t i = 0; s->t.in_order && i < s->n; i++) {
        const parcel *p = &s->parcels[i];
        size_t *place = &last[p->from][p->to];
        ck_assert_msg(p->place >= *place, "seed %llu, message %zu overtakes",
                      (unsigned long long)s->seed, i);
        *place = p->place + 1;
    }
}

static void check_scenario(enum kind kind)
{
    const ds_switch *model = model_of(kind, &engine);
    definition defined = definition_of(model);

    engine.t.seed = engine.seed;
    engine.t.model = model;
    oracle = engine;
    oracle.t.model = &defined.base;
    traffic_run(engine.t, engine.parcels, engine.n);
    traffic_run(oracle.t, oracle.parcels, oracle.n);
    compare();
    check_order(&engine);
    check_order(&oracle);
}

static void check_seeds(enum kind kind, const regime *r, bool in_order,
                        int first)
{
    for (int i = 0; i < SEEDS_PER_TEST; i++) {
        draw_scenario(&engine, r, (uint64_t)(first * SEEDS_PER_TEST + i));
        engine.t.in_order = in_order;
        check_scenario(kind);
        check_bytes(&engine);
    }
}

/* A few ports that are never idle, with a dozen messages under way at any
 * moment, so that whatever drifts has a long way to go. */
static void draw_long_run(scenario *s)
{
    double now = 0;

    *s = (scenario){ .seed = 1, .t.nodes = 6, .rate = 1e6 / 3, .uneven = true };
    for (size_t i = 0; i < s->t.nodes; i++) {
        s->send_rates[i] = s->rate * (1 + draw(s));
        s->recv_rates[i] = s->rate * (1 + draw(s));
    }
    s->t.latency = 1e-3;
    s->n = LONG_RUN;
    for (size_t i = 0; i < s->n; i++) {
        now += 2 * draw(s) * 1e6 / s->rate / 7;
        s->parcels[i] = (parcel){
            .at = now,
            .size = 2e6 * draw(s),
            .from = draw_below(s, s->t.nodes),
            .to = draw_below(s, s->t.nodes),
        };
    }
}

START_TEST(engines_do_not_drift_in_a_long_run)
{
    draw_long_run(&engine);
    check_scenario((enum kind)_i);
}
END_TEST

START_TEST(greedy_engine_agrees_with_the_definition)
{
    check_seeds(GREEDY, &regimes[PLAIN], false, _i);
}
END_TEST

START_TEST(maxmin_engine_agrees_with_the_definition)
{
    check_seeds(MAXMIN, &regimes[PLAIN], false, _i);
}
END_TEST

START_TEST(greedy_engine_agrees_in_unusual_regimes)
{
    check_seeds(GREEDY, &regimes[1 + _i % (REGIMES - 1)], false, _i);
}
END_TEST

START_TEST(maxmin_engine_agrees_in_unusual_regimes)
{
    check_seeds(MAXMIN, &regimes[1 + _i % (REGIMES - 1)], false, _i);
}
END_TEST

START_TEST(greedy_engine_agrees_about_messages_in_order)
{
    check_seeds(GREEDY, &regimes[_i % REGIMES], true, _i);
}
END_TEST

START_TEST(maxmin_engine_agrees_about_messages_in_order)
{
    check_seeds(MAXMIN, &regimes[_i % REGIMES], true, _i);
}
END_TEST

static void add(TCase *tc)
{
    const int sweep = harness_full() ? 400 : 40 / harness_slowness();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, greedy_engine_agrees_with_the_definition, 0, sweep);
    tcase_add_loop_test(tc, maxmin_engine_agrees_with_the_definition, 0, sweep);
    tcase_add_loop_test(tc, greedy_engine_agrees_in_unusual_regimes, 0, sweep);
    tcase_add_loop_test(tc, maxmin_engine_agrees_in_unusual_regimes, 0, sweep);
    tcase_add_loop_test(tc, greedy_engine_agrees_about_messages_in_order, 0,
                        sweep);
    tcase_add_loop_test(tc, maxmin_engine_agrees_about_messages_in_order, 0,
                        sweep);
    tcase_add_loop_test(tc, engines_do_not_drift_in_a_long_run, 0, 2);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("oracle", add);
}
