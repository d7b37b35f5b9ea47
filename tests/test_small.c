/* Failures of trials are made small: tests of which the smallest plan is known,
 * also some that die, hang, or fail by luck. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "explore/runner/kind.h"
#include "explore/runner/lab.h"
#include "explore/runner/small.h"
#include "harness.h"

/* ---- Rules ----------------------------------------------------------------*/

static void two_in_order(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        ds_fail(h, "0 is down after 2, at %.17g", c->down[0]);
}

/* But most of them for another reason. */
static void two_in_order_or_another(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        ds_fail(h, "0 is down after 2, at %.17g", c->down[0]);
    if (c->down[1] > 0.3)
        ds_fail(h, "1 is down");
}

static void long_absence(ds_handle *h, cluster *c)
{
    if (c->lasted[1] > 0.2)
        ds_fail(h, "1 is gone for too long");
}

static void operation_three(ds_handle *h, cluster *c)
{
    if (c->done[1][3])
        ds_fail(h, "operation 3 of client 1");
}

static void by_luck(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c) && ds_random(h) < 0.01)
        ds_fail(h, "bad luck");
}

static void dies(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        raise(SIGKILL);
}

static void leaves(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        _exit(3);
}

/* Some guesses die of something else. */
static void dies_or_fails(ds_handle *h, cluster *c)
{
    if (c->down[1] > 0.3)
        abort();
    if (cluster_in_order(c))
        ds_fail(h, "0 is down after 2");
}

static void hangs(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        for (;;)
            pause();
}

static void hangs_or_fails(ds_handle *h, cluster *c)
{
    if (c->down[1] > 0.3)
        for (;;)
            pause();
    if (cluster_in_order(c))
        ds_fail(h, "0 is down after 2");
}

static void prints(ds_handle *h, cluster *c)
{
    puts("this is not for anybody to see");
    two_in_order(h, c);
}

static void is_well(ds_handle *h, cluster *c)
{
}

/* ---- Making them small ----------------------------------------------------*/

static const char *const long_plan =
    "0 faults * > * drop 0.1 duplicate 0.1 late 0.2 until 2\n"
    "0.05 crash 1 until 0.11\n"
    "0.1 cut 3 - *\n"
    "0.11 pause 1 until 0.13\n"
    "0.3 clock 1 step 0.1 drift 0.1 until 0.4\n"
    "0.4127 crash 1 until 0.81234\n"
    "0.5 partition 0,1 | 2,3 until 0.6\n"
    "0.61234 crash 2 until 0.87654\n"
    "0.7 speed 2 0.5 until 1\n"
    "0.9 hold 3 > * until 1.9\n"
    "1.0291 crash 2 at-call 2 until 1.0713\n"
    "1.2 crash 0 until 1.7\n"
    "1.3 crash 1 until 1.4\n"
    "1.4 crash 2 until 1.6\n"
    "1.8 pause 0 until 2\n"
    "2.5 crash 0\n";

/* Real time is nothing that these tests look at. */
static const ds__small_config quick = { .most_seconds = 300, .hang = 5 };

static ds_test test_of(rule_fn **rule)
{
    const ds_test test = { .name = "small",
                           .build = cluster_build,
                           .arg = rule,
                           .operations = 10,
                           .calm_after = 2.5,
                           .time_limit = 20 };
    return ds__test_whole(&test);
}

static ds_plan *plan_of(const char *text)
{
    char why[200];
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_msg(plan != NULL, "%s", why);
    return plan;
}

/* The plan is the small one's to keep. */
static ds__small make(rule_fn *rule, const char *text,
                      const ds__small_config *config)
{
    ds_plan *plan = plan_of(text);
    const ds__trial_order order = { .seed = 38, .plan = plan };
    const ds_test test = test_of(&rule);
    ds__small small;

    ck_assert_msg(ds__small_make(&small, &test, &order, config), "%s",
                  small.why);
    ds_plan_free(plan);
    return small;
}

static char *text_of(const ds__small *small)
{
    char *text = ds_plan_print(small->plan);

    ck_assert_ptr_nonnull(text);
    return text;
}

static const struct {
    rule_fn *rule;
    const char *smallest;
    ds__fate fate;
    size_t operations;
} known[] = {
    { two_in_order, "0.6 crash 2 until 0.61\n1 crash 0 until 1.02\n", DS__WRONG,
      0 },
    { long_absence, "0.4 crash 1 until 0.61\n", DS__WRONG, 0 },
    { operation_three, "", DS__WRONG, 1 },
    { dies, "0.6 crash 2 until 0.61\n1 crash 0 until 1.02\n", DS__DIED, 0 },
    { leaves, "0.6 crash 2 until 0.61\n1 crash 0 until 1.02\n", DS__DIED, 0 },
    { dies_or_fails, "0.6 crash 2 until 0.61\n1 crash 0 until 1.02\n",
      DS__WRONG, 0 },
};

/* Each guess that dies costs a fork, and those take long with
 * ThreadSanitizer. */
#ifdef __SANITIZE_THREAD__
enum { NUM_KNOWN = 3 };
#else
enum { NUM_KNOWN = sizeof(known) / sizeof(*known) };
#endif

START_TEST(what_is_left_is_the_smallest_plan)
{
    ds__small small = make(known[_i].rule, long_plan, &quick);
    char *text = text_of(&small);

    ck_assert(small.failed && small.whole && !small.late);
    ck_assert_str_eq(text, known[_i].smallest);
    ck_assert_uint_eq(small.operations, known[_i].operations);
    ck_assert_int_eq(small.result.fate, known[_i].fate);
    ck_assert_uint_eq(ds_plan_size(small.before), 16);
    ck_assert_uint_eq(small.draws, DS__DRAWS);
    ck_assert_uint_eq(small.fails, DS__DRAWS);
    free(text);
    ds__small_free(&small);
}
END_TEST

/* ---- Kinds ----------------------------------------------------------------*/

START_TEST(another_failure_does_not_count)
{
    ds__small small = make(two_in_order_or_another, long_plan, &quick);
    char *text = text_of(&small);

    ck_assert(small.failed);
    ck_assert_ptr_nonnull(strstr(small.result.why, "0 is down after 2"));
    ck_assert_str_eq(text, known[0].smallest);
    free(text);
    ds__small_free(&small);
}
END_TEST

START_TEST(what_does_not_fail_is_not_made_small)
{
    ds__small small = make(is_well, long_plan, &quick);

    ck_assert(!small.failed);
    ck_assert_int_eq(small.result.fate, DS__WELL);
    ck_assert_ptr_null(small.plan);
    ds__small_free(&small);
}
END_TEST

/* ---- Without machines -----------------------------------------------------*/

static void fails_after_three(ds_handle *h, void *arg)
{
    for (size_t i; ds_next(h, &i);)
        if (i == 3)
            ds_fail(h, "3 is one too many");
}

static void build_alone(ds_trial *t, void *arg)
{
    ds_spawn(ds_trial_loop(t), fails_after_three, NULL);
}

START_TEST(where_nothing_is_exposed_operations_become_fewer)
{
    const ds_test alone = { .name = "alone", .build = build_alone };
    const ds_test test = ds__test_whole(&alone);
    const ds__trial_order order = { .seed = 38 };
    ds__small small;

    ck_assert(ds__small_make(&small, &test, &order, &quick));
    ck_assert(small.failed && small.whole);
    ck_assert_ptr_null(small.before);
    ck_assert_uint_eq(ds_plan_size(small.plan), 0);
    ck_assert_uint_eq(small.operations_before, 4);
    ck_assert_uint_eq(small.operations, 1);
    ck_assert_uint_eq(small.draws, 0);
    ds__small_free(&small);
}
END_TEST

/* ---- Hangs ----------------------------------------------------------------*/

/* Each attempt takes the time after which it is known. */
START_TEST(what_hangs_is_made_small_as_far_as_there_is_time)
{
    const ds__small_config short_time = { .hang = 0.05 };
    ds__small small = make(hangs, long_plan, &short_time);

    ck_assert(small.failed && !small.whole && !small.late);
    ck_assert_int_eq(small.result.fate, DS__ENDLESS);
    ck_assert_int_eq(small.result.judge, DS__BY_SYSTEM);
    ck_assert_uint_lt(ds_plan_size(small.plan), 10);
    ds__small_free(&small);
}
END_TEST

START_TEST(guesses_that_hang_are_given_up)
{
    ds__small small =
        make(hangs_or_fails, long_plan, &(ds__small_config){ .hang = 0.05 });
    char *text = text_of(&small);

    ck_assert(small.failed);
    ck_assert_uint_lt(ds_plan_size(small.plan), 5);
    free(text);
    ds__small_free(&small);
}
END_TEST

START_TEST(real_time_ends_it_too_and_that_is_said)
{
    const ds__small_config no_time = { .most_seconds = 1e-9 };
    ds__small small = make(two_in_order, long_plan, &no_time);

    ck_assert(small.late && !small.whole && !small.failed);
    ds__small_free(&small);
}
END_TEST

/* ---- The same again -------------------------------------------------------*/

START_TEST(a_failure_by_luck_is_repeated_by_what_is_left)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        rule_fn *rule = by_luck;
        const ds_test test = test_of(&rule);
        ds_plan *plan = plan_of(long_plan);
        const ds__trial_order order = { .seed = seed, .plan = plan };
        ds__small small;
        ds__result result;

        ck_assert(ds__small_make(&small, &test, &order, &quick));
        if (small.failed) {
            ds__trial_order again = ds__small_order(&small, &order);
            again.exec = DS_FIBERS;
            ds__trial_run(&test, &again, &result);
            ck_assert(ds__kind_same(&result, &small.result));
            ck_assert_uint_le(ds_plan_size(small.plan), 3);
        }
        ds__small_free(&small);
        ds_plan_free(plan);
    }
}
END_TEST

START_TEST(the_same_failure_becomes_the_same_small_one)
{
    rule_fn *const rules[] = { two_in_order, by_luck, dies, long_absence };
    ds__small a = make(rules[_i], long_plan, &quick);
    ds__small b = make(rules[_i], long_plan, &quick);

    ck_assert(a.failed == b.failed);
    if (a.failed) {
        char *one = text_of(&a);
        char *other = text_of(&b);
        ck_assert_str_eq(one, other);
        ck_assert(a.runs == b.runs && a.fails == b.fails);
        ck_assert(a.num_left_out == b.num_left_out);
        free(one);
        free(other);
    }
    ds__small_free(&a);
    ds__small_free(&b);
}
END_TEST

START_TEST(what_is_small_stays_so)
{
    ds__small small = make(two_in_order, known[0].smallest, &quick);

    ck_assert(small.failed && small.whole);
    ck_assert_uint_eq(ds_plan_size(small.plan), 2);
    ck_assert_uint_lt(small.runs, 500);
    ds__small_free(&small);
}
END_TEST

START_TEST(what_guesses_print_is_not_seen)
{
    int ends[2];
    int before = dup(STDOUT_FILENO);
    char byte;

    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    dup2(ends[1], STDOUT_FILENO);
    ds__small small = make(prints, long_plan, &quick);
    fflush(NULL);
    dup2(before, STDOUT_FILENO);
    close(ends[1]);
    ck_assert(small.failed);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0);
    ds__small_free(&small);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_is_left_is_the_smallest_plan, 0, NUM_KNOWN);
    tcase_add_test(tc, another_failure_does_not_count);
    tcase_add_test(tc, what_does_not_fail_is_not_made_small);
    tcase_add_test(tc, where_nothing_is_exposed_operations_become_fewer);
    tcase_add_test(tc, what_hangs_is_made_small_as_far_as_there_is_time);
    tcase_add_test(tc, guesses_that_hang_are_given_up);
    tcase_add_test(tc, real_time_ends_it_too_and_that_is_said);
    tcase_add_test(tc, a_failure_by_luck_is_repeated_by_what_is_left);
    tcase_add_loop_test(tc, the_same_failure_becomes_the_same_small_one, 0, 4);
    tcase_add_test(tc, what_is_small_stays_so);
    tcase_add_test(tc, what_guesses_print_is_not_seen);
}

int main(void)
{
    return harness_main("small", add);
}
