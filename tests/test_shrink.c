/* Making failures small, held against failures of which the smallest plan is
 * known: whether a guess fails is said by a rule of a few lines. */

#include <stdlib.h>

#include "base/rng.h"
#include "explore/shrink/shrink.h"
#include "harness.h"

/* ---- Rules ----------------------------------------------------------------*/

typedef struct rule rule;
struct rule {
    ds__oracle oracle; /* first */
    bool (*fails)(rule *self, const ds__guess *guess);
    size_t asked;
    size_t most;   /* that it answers; 0: all */
    double share;  /* of the draws that fail, if the guess does */
    double over;   /* when what fails is over; 0: late */
    double latest; /* as the last guess had it */
};

/* Of a plan and its reseed, uniform in [0, 1). */
static double luck(const ds_plan *plan)
{
    char *text = ds_plan_print(plan);
    uint64_t sum = 0;

    for (const char *c = text; *c != '\0'; c++)
        sum = ds__mix(sum + (unsigned char)*c);
    free(text);
    return ds__rng_uniform(sum);
}

static ds__reply ask(ds__oracle *oracle, const ds__guess *guess)
{
    rule *r = (rule *)oracle;

    ds__plan_check(guess->plan);
    if (r->asked == r->most && r->most > 0)
        return DS__ENOUGH;
    r->asked++;
    r->oracle.time = r->over > 0 ? r->over : 1e9;
    r->latest = guess->latest;
    if (!r->fails(r, guess) || (r->share < 1 && luck(guess->plan) >= r->share))
        return DS__FAILS_OTHERWISE;
    return DS__FAILS_ALIKE;
}

static rule rule_of(bool (*fails)(rule *, const ds__guess *))
{
    return (rule){ .oracle = { .ask = ask }, .fails = fails, .share = 1 };
}

/* Finds a line of a kind about a node; NULL: there is none. */
static const ds__plan_line *find(const ds__guess *guess, ds__plan_kind kind,
                                 uint32_t node)
{
    for (size_t i = 0; i < guess->plan->count; i++)
        if (guess->plan->lines[i].kind == kind &&
            guess->plan->lines[i].node == node)
            return &guess->plan->lines[i];
    return NULL;
}

static bool always(rule *self, const ds__guess *guess)
{
    return true;
}

static bool never(rule *self, const ds__guess *guess)
{
    return false;
}

static bool pause_before_crash(rule *self, const ds__guess *guess)
{
    const ds__plan_line *a = find(guess, DS__PLAN_PAUSE, 3);
    const ds__plan_line *b = find(guess, DS__PLAN_CRASH, 1);

    return a != NULL && b != NULL && a->time < b->time;
}

static bool long_pause(rule *self, const ds__guess *guess)
{
    const ds__plan_line *l = find(guess, DS__PLAN_PAUSE, 3);

    return l != NULL && l->until - l->time > 0.25;
}

static bool long_outage(rule *self, const ds__guess *guess)
{
    for (size_t i = 0; i < guess->plan->count; i++) {
        const ds__plan_line *l = &guess->plan->lines[i];
        if (l->kind == DS__PLAN_OFF && l->until - l->time > 0.25)
            return strcmp(l->name, "h3-s0") == 0;
    }
    return false;
}

/* Some messages of 2 to 4 are lost, whoever else's are. */
static bool one_link(rule *self, const ds__guess *guess)
{
    for (size_t i = 0; i < guess->plan->count; i++) {
        const ds__plan_line *l = &guess->plan->lines[i];
        uint32_t side[5] = { 10, 11, 12, 13, 14 };
        for (size_t j = 0; j < l->num_members; j++)
            side[l->members[j].node] = l->members[j].side;
        if (l->kind == DS__PLAN_PARTITION && side[2] != side[4])
            return true;
        if (l->kind != DS__PLAN_CUT)
            continue;
        bool there = (l->node == 2 || l->node == DS__PLAN_EVERY) &&
                     (l->to == 4 || l->to == DS__PLAN_EVERY);
        bool back = (l->node == 4 || l->node == DS__PLAN_EVERY) &&
                    (l->to == 2 || l->to == DS__PLAN_EVERY);
        if (there || (back && l->both))
            return true;
    }
    return false;
}

static bool late_send(rule *self, const ds__guess *guess)
{
    const ds__plan_line *l = find(guess, DS__PLAN_CRASH, 1);

    return l != NULL && l->point == DS__PLAN_AT_SEND && l->number >= 3;
}

static bool some_drops(rule *self, const ds__guess *guess)
{
    for (size_t i = 0; i < guess->plan->count; i++)
        if (guess->plan->lines[i].kind == DS__PLAN_FAULTS &&
            guess->plan->lines[i].value[0] >= 0.1)
            return true;
    return false;
}

/* The third operation of the second of three clients with four each. */
enum { CLIENTS = 3, EACH = 4, NEEDED = EACH + 2 };

static bool one_operation(rule *self, const ds__guess *guess)
{
    return !guess->without[NEEDED];
}

/* Either both crashes or neither: one by one they cannot go. */
static bool both_or_neither(rule *self, const ds__guess *guess)
{
    return long_pause(self, guess) &&
           (find(guess, DS__PLAN_CRASH, 1) != NULL) ==
               (find(guess, DS__PLAN_CRASH, 2) != NULL);
}

static bool not_in_order(rule *self, const ds__guess *guess)
{
    return !guess->fifo;
}

static size_t count_faults(const ds_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->count; i++)
        n += plan->lines[i].kind != DS__PLAN_RESEED;
    return n;
}

/* Without a reseed, with enough faults; and, if much is lost, one draw of a
 * hundred. */
static bool by_luck(rule *self, const ds__guess *guess)
{
    const ds__plan_line *l = guess->plan->lines;

    if (guess->plan->count == 0 || l[0].kind != DS__PLAN_RESEED)
        return count_faults(guess->plan) >= 7;
    return guess->plan->count == 2 && l[1].kind == DS__PLAN_FAULTS &&
           l[1].value[0] > 0.4 && l[0].number % 100 == 17;
}

/* ---- Plans ----------------------------------------------------------------*/

/* Much of everything, and what the rules need. */
static const char *const rich =
    "0.01 faults * > * drop 0.3123 duplicate 0.1 late 2 jitter 0.2 until 5\n"
    "0.1271 crash 2 until 0.2\n"
    "0.2 cut 0 > 3 until 2.5\n"
    "0.4127 pause 3 until 1.91234567\n"
    "0.6 partition 0,1 | 2,3 until 0.663\n"
    "0.9 hold 3 > * until 1.9\n"
    "1.0291 crash 1 at-send 7 until 1.0713\n"
    "1.1 crash 4 at-send 3 until 1.4\n"
    "1.2 clock 1 step -0.3 drift 0.07 until 2.4\n"
    "1.5 speed 1 0.5 until 9\n"
    "1.6 disk 2 lost-sync 0.5 until 3\n"
    "1.8 cut 1 - 3 until 2.5\n"
    "2.2321 link h3-s0 off until 2.9\n"
    "2.5 wipe 2\n"
    "2.8106 reseed 17\n"
    "3 pause 0 until 4\n"
    "4 crash 0\n";

static const size_t clients[CLIENTS * EACH] = { 0, 0, 0, 0, 1, 1,
                                                1, 1, 2, 2, 2, 2 };

static ds_plan *plan_of(const char *text)
{
    char why[200];
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_msg(plan != NULL, "%s", why);
    return plan;
}

/* Shrinks the rich plan by a rule, if some hazards are allowed. */
static ds__shrunk shrink_if(unsigned hazards, rule *r)
{
    ds_plan *plan = plan_of(rich);
    const ds__original original = {
        .plan = plan,
        .time = 3.5,
        .slack = 0.25,
        .bounds = { 5, 0.01 },
        .hazards = hazards,
        .num_operations = CLIENTS * EACH,
        .clients = clients,
    };
    ds__shrunk shrunk;

    ck_assert(ds__shrink(&original, &r->oracle, &shrunk));
    ds_plan_free(plan);
    ds__plan_check(shrunk.plan);
    ck_assert_uint_eq(shrunk.runs, r->asked);
    ck_assert_uint_le(shrunk.fails, shrunk.draws);
    return shrunk;
}

static ds__shrunk shrink(rule *r)
{
    return shrink_if(0, r);
}

static char *text_of(const ds__shrunk *shrunk)
{
    char *text = ds_plan_print(shrunk->plan);

    ck_assert_ptr_nonnull(text);
    return text;
}

/* ---- The smallest plan ----------------------------------------------------*/

typedef struct known {
    bool (*fails)(rule *self, const ds__guess *guess);
    const char *smallest;
} known;

static const known all_known[] = {
    { always, "" },
    { one_operation, "" },
    { pause_before_crash, "0.4 pause 3 until 0.42\n"
                          "1 crash 1 until 1.02\n" },
    { long_pause, "0.4 pause 3 until 0.8\n" },
    { long_outage, "2 link h3-s0 off until 2.5\n" },
    { one_link, "0.6 cut 2 > 4 until 0.62\n" },
    { late_send, "1 crash 1 at-send 3 until 1.02\n" },
    { some_drops, "0.01 faults 0 > 1 drop 0.2 until 0.03\n" },
    { both_or_neither, "0.4 pause 3 until 0.8\n" },
};
enum { KNOWN = sizeof(all_known) / sizeof(*all_known) };

START_TEST(what_is_left_is_the_smallest_plan)
{
    const known *k = &all_known[_i];
    rule r = rule_of(k->fails);
    ds__shrunk shrunk = shrink(&r);
    char *text = text_of(&shrunk);

    ck_assert(shrunk.failed && shrunk.whole);
    ck_assert_str_eq(text, k->smallest);
    free(text);
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(only_the_operation_that_matters_is_left)
{
    rule r = rule_of(one_operation);
    ds__shrunk shrunk = shrink(&r);

    ck_assert_uint_eq(shrunk.num_without, CLIENTS * EACH - 1);
    for (size_t i = 0; i < CLIENTS * EACH; i++)
        ck_assert_int_eq(shrunk.without[i], i != NEEDED);
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(ties_are_in_order_unless_that_matters)
{
    rule r = rule_of(_i == 0 ? always : not_in_order);
    ds__shrunk shrunk = shrink(&r);

    ck_assert_int_eq(shrunk.fifo, _i == 0);
    ds__shrunk_free(&shrunk);
}
END_TEST

/* ---- In order of time -----------------------------------------------------*/

static bool both_orders(rule *self, const ds__guess *guess)
{
    const ds__plan_line *a = find(guess, DS__PLAN_PAUSE, 3);
    const ds__plan_line *b = find(guess, DS__PLAN_CRASH, 1);

    return a != NULL && b != NULL && a->until > 0.42 && b->time > 0.1;
}

START_TEST(lines_are_in_order_of_time)
{
    ds_plan *plan = plan_of("3 speed 1 0.5 until 4\n"
                            "0.1271 crash 1 until 0.9\n"
                            "0.1201 pause 3 until 0.5\n");
    const ds__original original = { .plan = plan,
                                    .time = 5,
                                    .bounds = { 5, 0.01 } };
    rule r = rule_of(both_orders);
    ds__shrunk shrunk;

    ck_assert(ds__shrink(&original, &r.oracle, &shrunk));
    ck_assert_uint_eq(ds_plan_size(shrunk.plan), 2);
    ck_assert_double_le(shrunk.plan->lines[0].time, shrunk.plan->lines[1].time);
    ds__shrunk_free(&shrunk);
    ds_plan_free(plan);
}
END_TEST

START_TEST(what_cannot_be_drawn_anew_is_tried_once)
{
    ds_plan *plan = plan_of("");
    const ds__original original = { .plan = plan,
                                    .time = 5,
                                    .num_operations = CLIENTS * EACH,
                                    .clients = clients,
                                    .fixed = true };
    rule r = rule_of(one_operation);
    ds__shrunk shrunk;

    ck_assert(ds__shrink(&original, &r.oracle, &shrunk));
    ck_assert_uint_eq(shrunk.num_without, CLIENTS * EACH - 1);
    ck_assert_uint_eq(shrunk.draws, 0);
    ck_assert_uint_lt(shrunk.runs, 60);
    ds__shrunk_free(&shrunk);
    ds_plan_free(plan);
}
END_TEST

/* ---- Luck -----------------------------------------------------------------*/

static const double chances[] = { 0.9, 0.5, 0.2 };

START_TEST(a_failure_by_luck_becomes_as_small)
{
    rule r = rule_of(pause_before_crash);
    ds__shrunk shrunk;

    r.share = chances[_i];
    shrunk = shrink(&r);
    if (shrunk.failed) {
        ck_assert_uint_eq(count_faults(shrunk.plan), 2);
        ck_assert_uint_eq(shrunk.draws, DS__DRAWS);
        ck_assert_double_gt((double)shrunk.fails, DS__DRAWS * r.share / 3);
        ck_assert_double_lt((double)shrunk.fails, DS__DRAWS * r.share * 2);
    }
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(a_reseed_that_is_needed_stays_and_repeats)
{
    rule r = rule_of(long_pause);
    ds__shrunk shrunk;

    r.share = 0.3;
    shrunk = shrink(&r);
    if (shrunk.failed) {
        const ds__guess guess = { .plan = shrunk.plan,
                                  .without = shrunk.without,
                                  .fifo = shrunk.fifo };
        ck_assert_int_eq(ask(&r.oracle, &guess), DS__FAILS_ALIKE);
    }
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(what_always_fails_is_said_to)
{
    rule r = rule_of(long_pause);
    ds__shrunk shrunk = shrink(&r);

    ck_assert_uint_eq(shrunk.draws, DS__DRAWS);
    ck_assert_uint_eq(shrunk.fails, DS__DRAWS);
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(what_fails_by_luck_alone_becomes_one_blunt_line)
{
    rule r = rule_of(by_luck);
    ds__shrunk shrunk = shrink_if(DS_HAZARD_DROP | DS_HAZARD_CRASH, &r);

    ck_assert(shrunk.failed && shrunk.whole);
    ck_assert_uint_eq(ds_plan_size(shrunk.plan), 2);
    ck_assert_int_eq(shrunk.plan->lines[1].kind, DS__PLAN_FAULTS);
    ck_assert_uint_lt(shrunk.runs, 1000);
    ds__shrunk_free(&shrunk);
}
END_TEST

START_TEST(luck_stays_where_nothing_may_be_lost)
{
    rule r = rule_of(by_luck);
    ds__shrunk shrunk = shrink_if(DS_HAZARD_CRASH, &r);

    ck_assert(shrunk.failed && shrunk.whole);
    ck_assert_uint_eq(ds_plan_size(shrunk.plan), 7);
    ck_assert_uint_eq(count_faults(shrunk.plan), 7);
    ds__shrunk_free(&shrunk);
}
END_TEST

/* ---- Ends -----------------------------------------------------------------*/

START_TEST(what_does_not_fail_again_is_said_not_to)
{
    rule r = rule_of(never);
    ds__shrunk shrunk = shrink(&r);

    ck_assert(!shrunk.failed && !shrunk.whole);
    ck_assert_uint_eq(shrunk.runs, 1);
    ds__shrunk_free(&shrunk);
}
END_TEST

/* Wherever it is cut short, what is there fails. */
START_TEST(the_best_so_far_is_given_if_there_is_no_time)
{
    for (size_t most = 1; most < 400; most += most < 100 ? 1 : 17) {
        rule r = rule_of(pause_before_crash);
        r.most = most;
        ds__shrunk shrunk = shrink(&r);
        const ds__guess guess = { .plan = shrunk.plan,
                                  .without = shrunk.without,
                                  .fifo = shrunk.fifo };
        ck_assert(shrunk.failed);
        ck_assert(!shrunk.whole || shrunk.draws < DS__DRAWS || most > 100);
        ck_assert(r.fails(&r, &guess));
        ds__shrunk_free(&shrunk);
    }
}
END_TEST

START_TEST(the_same_answers_lead_to_the_same_end)
{
    rule r[] = { rule_of(pause_before_crash), rule_of(pause_before_crash) };
    char *texts[2];

    for (int i = 0; i < 2; i++) {
        r[i].share = 0.7;
        ds__shrunk shrunk = shrink(&r[i]);
        texts[i] = text_of(&shrunk);
        ds__shrunk_free(&shrunk);
    }
    ck_assert_str_eq(texts[0], texts[1]);
    ck_assert_uint_eq(r[0].asked, r[1].asked);
    free(texts[0]);
    free(texts[1]);
}
END_TEST

START_TEST(an_empty_plan_without_operations_stays_empty)
{
    ds_plan *plan = plan_of("");
    const ds__original original = { .plan = plan, .time = 1 };
    rule r = rule_of(always);
    ds__shrunk shrunk;

    ck_assert(ds__shrink(&original, &r.oracle, &shrunk));
    ck_assert(shrunk.failed && shrunk.whole);
    ck_assert_uint_eq(ds_plan_size(shrunk.plan), 0);
    ds__shrunk_free(&shrunk);
    ds_plan_free(plan);
}
END_TEST

/* A hundred lines of which three are needed: not many runs more than it takes
 * to try each in vain with all draws. */
START_TEST(a_long_plan_takes_some_hundred_runs)
{
    char text[8192] = "";
    ds__text lines;
    ds__text_init(&lines, text, sizeof(text));
    for (int i = 0; i < 100; i++)
        ds__text_add(&lines, "%d.5 %s %d until %d.75\n", i,
                     i == 40 || i == 77 ? "pause" : "crash",
                     i == 40   ? 3
                     : i == 93 ? 1
                     : i == 1  ? 4
                               : 2,
                     i);
    ds_plan *plan = plan_of(text);
    const ds__original original = { .plan = plan,
                                    .time = 99,
                                    .bounds = { 5, 0 } };
    rule r = rule_of(pause_before_crash);
    ds__shrunk shrunk;

    ck_assert(ds__shrink(&original, &r.oracle, &shrunk));
    ck_assert_uint_eq(ds_plan_size(shrunk.plan), 2);
    ck_assert_uint_lt(shrunk.runs, 1500);
    ds__shrunk_free(&shrunk);
    ds_plan_free(plan);
}
END_TEST

START_TEST(nobody_waits_for_a_failure_that_comes_much_later)
{
    rule r = rule_of(pause_before_crash);
    ds__shrunk shrunk;

    r.over = 1.5;
    shrunk = shrink(&r);
    ck_assert_double_eq_tol(r.latest, 1.5 + 0.25, 1e-12);
    ds__shrunk_free(&shrunk);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_is_left_is_the_smallest_plan, 0, KNOWN);
    tcase_add_test(tc, only_the_operation_that_matters_is_left);
    tcase_add_loop_test(tc, ties_are_in_order_unless_that_matters, 0, 2);
    tcase_add_test(tc, lines_are_in_order_of_time);
    tcase_add_test(tc, what_cannot_be_drawn_anew_is_tried_once);
    tcase_add_loop_test(tc, a_failure_by_luck_becomes_as_small, 0,
                        sizeof(chances) / sizeof(*chances));
    tcase_add_test(tc, a_reseed_that_is_needed_stays_and_repeats);
    tcase_add_test(tc, what_always_fails_is_said_to);
    tcase_add_test(tc, what_fails_by_luck_alone_becomes_one_blunt_line);
    tcase_add_test(tc, luck_stays_where_nothing_may_be_lost);
    tcase_add_test(tc, nobody_waits_for_a_failure_that_comes_much_later);
    tcase_add_test(tc, what_does_not_fail_again_is_said_not_to);
    tcase_add_test(tc, the_best_so_far_is_given_if_there_is_no_time);
    tcase_add_test(tc, the_same_answers_lead_to_the_same_end);
    tcase_add_test(tc, an_empty_plan_without_operations_stays_empty);
    tcase_add_test(tc, a_long_plan_takes_some_hundred_runs);
}

int main(void)
{
    return harness_main("shrink", add);
}
