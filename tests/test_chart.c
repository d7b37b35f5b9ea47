/* The chart of a failure finds the moment at which it was decided, and tells
 * what happened then. */

#include <stdio.h>
#include <string.h>

#include "explore/plan/plan.h"
#include "explore/runner/chart.h"
#include "explore/runner/small.h"
#include "harness.h"

/* A client asks at a time that it has drawn; one answer in ten is bad, and that
 * shows much later. */
typedef struct pair {
    ds_net *net;
    ds_node *nodes[3];
    ds_port *ports[3];
    double asked; /* 0: there is none */
} pair;

static void client(ds_handle *h, void *arg)
{
    pair *p = arg;

    if (p->asked > 0 && ds_sleep(h, p->asked))
        ds_send(
            h, p->net,
            (ds_msg){ .source = p->ports[0], .dest = p->ports[1], .size = 8 });
}

static void server(ds_handle *h, void *arg)
{
    pair *p = arg;
    ds_msg msg;
    bool bad;

    if (!ds_recv(h, p->ports[1], &msg))
        return;
    bad = ds_random(h) < 0.1;
    ds_sleep(h, 3);
    if (bad)
        ds_fail(h, "the answer was bad");
}

static void idle(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
}

static void build(ds_trial *t, void *arg)
{
    ds_thread_fn *const bodies[] = { client, server, idle };
    pair *p = ds_trial_alloc(t, sizeof(*p));
    ds_loop *loop = ds_trial_loop(t);

    p->asked = *(double *)arg;
    p->net = ds_random_net_new(loop, 0.0001);
    for (int i = 0; i < 3; i++) {
        p->nodes[i] = ds_node_new(loop);
        p->ports[i] = ds_port_new(p->nodes[i]);
        ds_node_boot(p->nodes[i], bodies[i], p);
    }
    ds_trial_expose(t, p->net, p->nodes, 3, NULL, 0);
}

static ds_plan *plan_of(const char *text)
{
    char why[200];
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_msg(plan != NULL, "%s", why);
    return plan;
}

/* Draws the chart of the first seed that fails. */
static ds__chart chart_of(double *asked, const char *text)
{
    const ds_test test = { .name = "pair", .build = build, .arg = asked };
    const ds_test whole = ds__test_whole(&test);
    ds_plan *plan = plan_of(text);
    ds__trial_order order = { .exec = DS_FIBERS, .plan = plan };
    ds__result result;
    ds__chart chart;

    do {
        order.seed++;
        ds__trial_run(&whole, &order, &result);
    } while (result.fate == DS__WELL);
    ck_assert(ds__chart_draw(&chart, &whole, &order, &result, false, 5));
    ds_plan_free(plan);
    return chart;
}

static double times[] = { 0.3, 1.00005, 2.7 };

START_TEST(the_moment_that_decided_is_found)
{
    double asked = times[_i];
    ds__chart chart = chart_of(&asked, "0.1 crash 2 until 0.2");

    ck_assert_msg(chart.whole, "%s", chart.why);
    ck_assert(chart.before.time <= asked + 0.0001);
    ck_assert(chart.after.time >= asked);
    ck_assert(chart.after.time - chart.before.time <= 0.0005);
    ck_assert_uint_lt(chart.before.fails, DS__CHART_DRAWS / 3);
    ck_assert_uint_eq(chart.after.fails, DS__CHART_DRAWS);
    ck_assert_uint_lt(chart.runs, 1500);
    ck_assert_ptr_nonnull(
        strstr(chart.told.text, "node 1 receives a message from node 0"));
}
END_TEST

START_TEST(the_chart_rises_where_it_was_decided)
{
    double asked = 1;
    ds__chart chart = chart_of(&asked, "0.1 crash 2 until 0.2");

    for (size_t i = 0; i < DS__CHART_POINTS; i++) {
        if (i > 0)
            ck_assert(chart.points[i].time > chart.points[i - 1].time);
        if (chart.points[i].time < 1)
            ck_assert_uint_lt(chart.points[i].fails, DS__CHART_DRAWS / 3);
        if (chart.points[i].time > 1.1)
            ck_assert_uint_eq(chart.points[i].fails, DS__CHART_DRAWS);
    }
}
END_TEST

START_TEST(faults_of_the_moment_are_told)
{
    double asked = 1;
    ds__chart chart = chart_of(&asked, "1 crash 2 until 1.0002\n"
                                       "1.00005 cut 2 > 0");
    char buf[8192];
    ds__text text;

    ck_assert_ptr_nonnull(strstr(chart.told.text, "node 1 receives"));
    ds__text_init(&text, buf, sizeof(buf));
    ds__chart_write(&chart, &text);
    ck_assert_ptr_nonnull(strstr(buf, "likely from "));
    ck_assert_ptr_nonnull(strstr(buf, "-> 100 %):"));
    ck_assert_ptr_nonnull(strstr(buf, "100 % |####"));
}
END_TEST

static void always(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_fail(h, "the answer was bad");
}

static void build_always(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    ds_node *node = ds_node_new(loop);

    ds_node_boot(node, always, NULL);
    ds_trial_expose(t, ds_random_net_new(loop, 0.0001), &node, 1, NULL, 0);
}

START_TEST(what_always_fails_was_decided_by_no_moment)
{
    const ds_test test = { .name = "always", .build = build_always };
    const ds_test whole = ds__test_whole(&test);
    ds_plan *plan = plan_of("");
    const ds__trial_order order = { .seed = 1,
                                    .exec = DS_FIBERS,
                                    .plan = plan };
    char buf[8192];
    ds__text text;
    ds__result result;
    ds__chart chart;

    ds__trial_run(&whole, &order, &result);
    ck_assert(ds__chart_draw(&chart, &whole, &order, &result, false, 5));
    ck_assert(chart.whole && !chart.stepped);
    ck_assert_uint_eq(chart.points[0].fails, DS__CHART_DRAWS);
    ds__text_init(&text, buf, sizeof(buf));
    ds__chart_write(&chart, &text);
    ck_assert_ptr_nonnull(strstr(buf, "no moment decides it"));
    ds_plan_free(plan);
}
END_TEST

START_TEST(what_is_sent_in_the_moment_is_told)
{
    double asked = 1;
    const ds_test test = { .name = "pair", .build = build, .arg = &asked };
    const ds_test whole = ds__test_whole(&test);
    ds_plan *plan = plan_of("");
    const ds__trial_order order = { .seed = 1,
                                    .exec = DS_FIBERS,
                                    .plan = plan };
    ds__moment_told told;

    ck_assert(ds__moment_tell(&told, &whole, &order, 1, 1.0002, 5));
    ck_assert_uint_eq(told.count, 3);
    ck_assert_ptr_nonnull(strstr(told.text, "1  node 0 has waited long enough\n"
                                            "1  node 0 sends a message to node "
                                            "1\n"));
    ck_assert(ds__moment_tell(&told, &whole, &order, 1.5, 1.6, 5));
    ck_assert_uint_eq(told.count, 0);
    ds_plan_free(plan);
}
END_TEST

/* ---- Messages that are not there yet --------------------------------------*/

static const struct {
    const char *plan;
    const char *said;
} holds[] = {
    { "0.2 hold 0 > 1 until 1", "; it is held" },
    { "0 faults 0 > 1 jitter 0.4 until 3", "; it is put off for a while" },
    { "0 faults 0 > 1 duplicate 1 late 0.4 until 3",
      "; it comes a second time" },
};

START_TEST(a_message_that_is_put_off_is_told)
{
    double asked = 0.3;
    const ds_test test = { .name = "pair", .build = build, .arg = &asked };
    const ds_test whole = ds__test_whole(&test);
    ds_plan *plan = plan_of(holds[_i].plan);
    const ds__trial_order order = { .seed = 3,
                                    .exec = DS_FIBERS,
                                    .plan = plan };
    ds__moment_told told;
    char said[200];

    snprintf(said, sizeof(said),
             "node 1 is about to receive a message from node 0%s",
             holds[_i].said);
    ck_assert(ds__moment_tell(&told, &whole, &order, 0.25, 0.31, 5));
    ck_assert_msg(strstr(told.text, said) != NULL, "%s", told.text);
    ds_plan_free(plan);
}
END_TEST

/* ---- Faults that are drawn ------------------------------------------------*/

/* It fails if node 0 is down at a time that is the same in all trials. */
static void looks_at_one(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 2) && !ds_node_is_up(arg))
        ds_fail(h, "it is down");
}

static void build_down(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[3];

    for (int i = 0; i < 3; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_boot_daemon(nodes[i], idle, NULL);
    }
    ds_spawn(loop, looks_at_one, nodes[0]);
    ds_trial_expose(t, ds_random_net_new(loop, 0.01), nodes, 3, NULL, 0);
}

static ds__chart chart_of_down(bool generated)
{
    const ds_test test = { .name = "down",
                           .build = build_down,
                           .hazards = DS_HAZARD_CRASH };
    const ds_test whole = ds__test_whole(&test);
    ds__trial_order order = { .exec = DS_FIBERS };
    ds__result result;
    ds__chart chart;
    ds_trial *t = NULL;

    do {
        order.seed++;
        ds__trial_free(t);
        t = ds__trial_new(&whole, &order, &result);
    } while (result.fate == DS__WELL);
    ds_plan *plan = ds__plan_pick(ds__trial_plan(t), NULL);
    order.plan = plan;
    ck_assert(ds__chart_draw(&chart, &whole, &order, &result, generated, 5));
    ds__trial_free(t);
    ds_plan_free(plan);
    return chart;
}

START_TEST(faults_of_a_plan_stay)
{
    ds__chart chart = chart_of_down(false);

    ck_assert_uint_eq(chart.points[0].fails, DS__CHART_DRAWS);
    ck_assert(!chart.stepped);
}
END_TEST

START_TEST(faults_of_a_seed_are_drawn_anew)
{
    ds__chart chart = chart_of_down(true);

    ck_assert_msg(chart.whole, "%s", chart.why);
    ck_assert_uint_lt(chart.points[0].fails, DS__CHART_DRAWS / 2);
    ck_assert_uint_eq(chart.points[DS__CHART_POINTS - 1].fails,
                      DS__CHART_DRAWS);
    ck_assert(chart.stepped);
    ck_assert_msg(strstr(chart.told.text, "node 0 crashes") != NULL, "%s",
                  chart.told.text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, the_moment_that_decided_is_found, 0, 3);
    tcase_add_test(tc, the_chart_rises_where_it_was_decided);
    tcase_add_test(tc, faults_of_the_moment_are_told);
    tcase_add_test(tc, what_is_sent_in_the_moment_is_told);
    tcase_add_test(tc, what_always_fails_was_decided_by_no_moment);
    tcase_add_loop_test(tc, a_message_that_is_put_off_is_told, 0,
                        sizeof(holds) / sizeof(*holds));
    tcase_add_test(tc, faults_of_a_plan_stay);
    tcase_add_test(tc, faults_of_a_seed_are_drawn_anew);
}

int main(void)
{
    return harness_main("chart", add);
}
