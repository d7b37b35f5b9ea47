/* What observers have found is asked after a trial, by the runner: nobody can
 * forget it. */

#include <string.h>

#include <distsys/observe.h>

#include "explore/runner/trial.h"
#include "harness.h"

enum { MOST_TOLD = 8, MOST_OBSERVERS = 2 };

typedef struct fact {
    uint64_t who; /* 0: no more facts */
    ds_fact fact;
    int64_t a, b;
} fact;

/* Facts are told one a second from time 1 on, by a thread that stays for so
 * long, and heard by observers with these checks. */
typedef struct story {
    unsigned checks[MOST_OBSERVERS]; /* 0: no more observers */
    const char *plan;                /* NULL: none */
    const char *why;                 /* begins so; NULL: all is well */
    bool exposed;                    /* the calm is at 50 */
    bool early;                      /* and too late to wait for */
    double stays;
    fact told[MOST_TOLD];
} story;

static ds__result result;

/* ---- Running a story ------------------------------------------------------*/

static void tell(ds_handle *h, void *arg)
{
    const story *s = arg;

    for (int i = 0; i < MOST_TOLD && s->told[i].who != 0; i++) {
        const fact *f = &s->told[i];
        ds_sleep(h, 1);
        ds_observe_as(h, f->who, f->fact, f->a, f->b);
    }
    ds_sleep(h, s->stays);
}

static void serve(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 1)) {
    }
}

static void build(ds_trial *t, void *arg)
{
    const story *s = arg;
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[3];

    for (int i = 0; i < MOST_OBSERVERS && s->checks[i] != 0; i++)
        ds_observer_new(loop, &(ds_observer_config){ .checks = s->checks[i] });
    for (int i = 0; i < 3; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_boot_daemon(nodes[i], serve, NULL);
    }
    ds_spawn(loop, tell, arg);
    if (s->exposed)
        ds_trial_expose(t, ds_random_net_new(loop, 0.02), nodes, 3, NULL, 0);
}

static const ds_test *test_of(const story *s, void (*check)(ds_trial *, void *))
{
    static ds_test test;

    test = (ds_test){ .name = "story",
                      .build = build,
                      .check = check,
                      .arg = (void *)s,
                      .calm_after = 50,
                      .time_limit = 1000 };
    return &test;
}

static void run(const story *s, void (*check)(ds_trial *, void *))
{
    char why[200];
    ds_plan *plan = ds_plan_parse(s->plan == NULL ? "" : s->plan, why, 200);
    const ds__trial_order order = { .seed = 38,
                                    .exec = DS_FIBERS,
                                    .plan = s->plan == NULL ? NULL : plan };

    ck_assert_ptr_nonnull(plan);
    ds__trial_run(test_of(s, check), &order, &result);
    ds_plan_free(plan);
}

/* ---- Stories --------------------------------------------------------------*/

#define S     DS_FACT_SEND
#define D     DS_FACT_DELIVER
#define STATE DS_FACT_STATE

#define ONCE   DS_CHECK_AT_LEAST_ONCE
#define ORDER  DS_CHECK_TOTAL_ORDER
#define EQUAL  DS_CHECK_CONVERGENCE
#define ELECTS DS_CHECK_ELECTION

/* Member 2 delivers what member 1 has sent, in another order, or not. */
#define SWAPPED                                                                \
    {                                                                          \
        { 1, S, 7, DS_TO_ALL }, { 1, S, 8, DS_TO_ALL }, { 1, D, 7, 0 },        \
            { 1, D, 8, 0 }, { 2, D, 8, 0 }, { 2, D, 7, 0 },                    \
    }
#define MISSED                                                                 \
    {                                                                          \
        { 1, S, 7, DS_TO_ALL }, { 1, D, 7, 0 }, { 2, S, 8, 1 },                \
            { 1, D, 8, 0 },                                                    \
    }
#define DELIVERED                                                              \
    {                                                                          \
        { 1, S, 7, DS_TO_ALL }, { 1, D, 7, 0 }, { 2, D, 7, 0 },                \
            { 1, STATE, 5, 0 }, { 2, STATE, 5, 0 },                            \
    }
#define APART                                                                  \
    {                                                                          \
        { 1, STATE, 5, 0 }, { 2, STATE, 6, 0 }, { 1, STATE, 7, 0 },            \
    }
#define TWO_LEADERS                                                            \
    {                                                                          \
        { 1, DS_FACT_LEAD, 3, 0 }, { 2, DS_FACT_LEAD, 3, 0 },                  \
    }

#define HURTS_TOO_MUCH "1 crash 0 until 20\n2 crash 1 until 20"
#define HURTS          "1 crash 0 until 20\n25 crash 1 until 30"

static const story stories[] = {
    { .checks = { ONCE | ORDER | EQUAL }, .told = DELIVERED },
    { .checks = { ORDER }, .told = SWAPPED, .why = "total order: " },
    { .checks = { ONCE }, .told = SWAPPED },
    { .checks = { ONCE },
      .told = MISSED,
      .why = "at least once: member 2 has never delivered message 7" },
    { .checks = { ORDER }, .told = MISSED },
    { .checks = { EQUAL },
      .told = APART,
      .why = "convergence: in the end the state of member 1 is 7" },
    { .checks = { ELECTS }, .told = TWO_LEADERS, .why = "election safety: " },
    { .told = TWO_LEADERS },

    /* Either of two may have it to say. */
    { .checks = { EQUAL, ORDER }, .told = APART, .why = "convergence: " },
    { .checks = { ORDER, EQUAL }, .told = APART, .why = "convergence: " },
    { .checks = { ORDER, ONCE }, .told = APART },

    /* What has to happen some day is not due if more is hurt than may be; what
     * may never happen is wrong whatever is hurt. */
    { .checks = { ONCE },
      .told = MISSED,
      .exposed = true,
      .stays = 100,
      .plan = HURTS_TOO_MUCH },
    { .checks = { EQUAL },
      .told = APART,
      .exposed = true,
      .stays = 100,
      .plan = HURTS_TOO_MUCH },
    { .checks = { ORDER },
      .told = SWAPPED,
      .exposed = true,
      .stays = 100,
      .plan = HURTS_TOO_MUCH,
      .why = "total order: " },
    { .checks = { ELECTS },
      .told = TWO_LEADERS,
      .exposed = true,
      .stays = 100,
      .plan = HURTS_TOO_MUCH,
      .why = "election safety: " },
    { .checks = { ONCE },
      .told = MISSED,
      .exposed = true,
      .stays = 100,
      .plan = HURTS,
      .why = "at least once: " },

    /* Who did not wait for the calm is told so. */
    { .checks = { ONCE },
      .told = MISSED,
      .exposed = true,
      .stays = 3,
      .early = true,
      .why = "at least once: " },
    { .checks = { ORDER },
      .told = SWAPPED,
      .exposed = true,
      .stays = 3,
      .why = "total order: " },
};
enum { STORIES = sizeof(stories) / sizeof(*stories) };

START_TEST(every_observer_is_asked_after_a_trial)
{
    const story *s = &stories[_i];

    run(s, NULL);
    if (s->why == NULL) {
        ck_assert_msg(result.fate == DS__WELL, "%s", result.why);
        ck_assert_str_eq(result.why, "");
        return;
    }
    ck_assert_int_eq(result.fate, DS__WRONG);
    ck_assert_int_eq(result.judge, DS__BY_OBSERVER);
    ck_assert_msg(strncmp(result.why, s->why, strlen(s->why)) == 0, "%s",
                  result.why);
    ck_assert_int_eq(strstr(result.why, "before the calm") != NULL, s->early);
}
END_TEST

static void check_and_fail(ds_trial *t, void *arg)
{
    ds_trial_fail(t, "checked");
}

START_TEST(an_observer_is_asked_before_the_check)
{
    const story wrong = { .checks = { EQUAL }, .told = APART };
    const story right = { .checks = { EQUAL }, .told = DELIVERED };

    run(&wrong, check_and_fail);
    ck_assert_int_eq(result.judge, DS__BY_OBSERVER);
    run(&right, check_and_fail);
    ck_assert_int_eq(result.judge, DS__BY_TEST);
    ck_assert_str_eq(result.why, "checked");
}
END_TEST

/* To ask changes nothing of what has happened. */
START_TEST(an_observer_that_is_asked_leaves_the_digest_alone)
{
    const story unwatched = { .told = APART, .exposed = true, .stays = 60 };
    story watched = unwatched;

    run(&unwatched, NULL);
    const uint64_t digest = result.digest, events = result.events;
    watched.checks[0] = ORDER | ONCE | EQUAL;
    run(&watched, NULL);
    ck_assert_int_eq(result.fate, DS__WRONG);
    ck_assert_uint_eq(result.digest, digest);
    ck_assert_uint_eq(result.events, events);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, every_observer_is_asked_after_a_trial, 0, STORIES);
    tcase_add_test(tc, an_observer_is_asked_before_the_check);
    tcase_add_test(tc, an_observer_that_is_asked_leaves_the_digest_alone);
}

int main(void)
{
    return harness_main("verdict", add);
}
