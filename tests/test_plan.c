/* Plans as texts: what they may say, what is said of those that may not, and
 * that they survive being printed and anything that is thrown at them. */

#include <stdlib.h>
#include <string.h>

#include "explore/plan/plan.h"
#include "harness.h"
#include "random_history.h"
#include "stage.h"

static char why[512];

static ds_plan *plan_of(const char *text)
{
    why[0] = '\0';
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));
    ck_assert_msg(plan != NULL, "%.200s: %s", text, why);
    ck_assert_str_eq(why, "");
    ds__plan_check(plan);
    return plan;
}

/* ---- What a plan may say --------------------------------------------------*/

/* Each is printed as it stands here. */
static const char *const lines[] = {
    "0 faults * > * drop 0.1 duplicate 0.01 late 2 jitter 0.2 until 5",
    "0 faults 0 - 1 damage 1",
    "2 faults 4294967294 > * drop 0",
    "0.4127 partition 0,1 | 2,3,4 until 0.663",
    "3 partition 7 | 0",
    "3 partition 2",
    "1.2 cut 0 > 3 until 2.5",
    "1.2 cut 0 - *",
    "1.2 hold 3 > * until 1.9",
    "1e+20 hold * - * until 1e+308",
    "1.0291 crash 2 until 1.0713",
    "1.0291 crash 2",
    "1.1 crash 2 at-send 3 until 1.4",
    "1.1 crash 2 at-call 1",
    "1.1 pause 2 at-call 17 until 3",
    "1.1 crash 2 at-sync 18446744073709551615",
    "1.4 pause 3 until 1.912",
    "1.5 clock 1 step -0.3 drift 0.07 until 2.4",
    "1.5 clock 1 drift -0.9999999999999999",
    "1.5 clock 1 step 1e-300",
    "2 speed 1 0.5 until 9",
    "2 speed 1 5e-324",
    "2 disk 2 lost-sync 0.5 until 3",
    "2 disk 2 write-rate 1e+06 read-rate 2000 sync-time 0.01 rot 1",
    "2.5 wipe 2",
    "2.8106 reseed 17",
    "2.9 link h3-s0 off until 3",
    "2.9 link 7 off",
    "2.9 link off off",
    "0.30000000000000004 reseed 18446744073709551615",
};
enum { num_lines = sizeof(lines) / sizeof(*lines) };

START_TEST(a_line_is_printed_as_it_was_read)
{
    char want[256];

    snprintf(want, sizeof(want), "%s\n", lines[_i]);
    ds_plan *plan = plan_of(lines[_i]);
    char *text = ds_plan_print(plan);
    ck_assert_uint_eq(ds_plan_size(plan), 1);
    ck_assert_str_eq(text, want);
    free(text);
    ds_plan_free(plan);
}
END_TEST

/* Each means what the one beside it does. */
static const char *const alike[][2] = {
    { "", "# nothing\n\n  \t\r\n#" },
    { "1 crash 2 until 3", "\t 1.0   crash\t02 until 3e0 # and back\r\n" },
    { "1 cut 0 > 3", "1 cut 0>3#" },
    { "1 cut * > 3", "1 cut *>3" },
    { "1 partition 0,1 | 2", "1 partition 0 , 1|2" },
    { "0 pause 0 until 1", "-0 pause 0 until 1" },
    { "0 faults 0 > 1 drop 1 late 2", "0 faults 0 > 1 late 2 drop 1" },
    { "0 disk 0 rot 0.5 until 1", "0 disk 0 rot .5 until 1." },
};

START_TEST(there_are_several_ways_to_write_one_plan)
{
    ds_plan *a = plan_of(alike[_i][0]);
    ds_plan *b = plan_of(alike[_i][1]);

    ck_assert_uint_eq(ds_plan_size(a), ds_plan_size(b));
    for (size_t i = 0; i < ds_plan_size(a); i++)
        ck_assert(ds__plan_same_line(&a->lines[i], &b->lines[i]));
    ds_plan_free(a);
    ds_plan_free(b);
}
END_TEST

START_TEST(lines_that_say_another_thing_are_not_the_same)
{
    for (int i = 0; i < num_lines; i++) {
        for (int j = 0; j < num_lines; j++) {
            ds_plan *a = plan_of(lines[i]);
            ds_plan *b = plan_of(lines[j]);
            ck_assert(ds__plan_same_line(&a->lines[0], &b->lines[0]) ==
                      (i == j));
            ds_plan_free(a);
            ds_plan_free(b);
        }
    }
}
END_TEST

/* ---- What is wrong --------------------------------------------------------*/

static const struct {
    const char *text;
    const char *why;
} wrongs[] = {
    { "\n\n1 burn 2",
      "line 3: 'burn' where there must be one of faults, partition, cut, hold, "
      "crash, pause, clock, speed, disk, wipe, reseed, link" },
    { "1", "line 1: the line ends where there must be one of faults," },
    { "now crash 2", "line 1: the time is 'now'; it must be a number, finite "
                     "and at least 0" },
    { "-1 crash 2", "line 1: the time is '-1'; it must be a number" },
    { "inf crash 2", "line 1: the time is 'inf'; it must be a number" },
    { "0x1 crash 2", "line 1: the time is '0x1'; it must be a number" },
    { "+1 crash 2", "line 1: the time is '+1'; it must be a number" },
    { "1e crash 2", "line 1: the time is '1e'; it must be a number" },
    { ". crash 2", "line 1: the time is '.'; it must be a number" },
    { "1e999 crash 2", "line 1: the time is '1e999'; it must be a number, "
                       "finite and at least 0" },
    { "1 crash", "line 1: the line ends where there must be the number of a "
                 "node" },
    { "1 crash x", "line 1: 'x' where there must be the number of a node" },
    { "1 crash -2", "line 1: '-2' where there must be the number of a node" },
    { "1 crash 4294967295", "line 1: '4294967295' is too large for the number "
                            "of a node" },
    { "1 crash *", "line 1: '*' where there must be the number of a node" },
    { "1 crash 2 3", "line 1: '3' where there may be until, a comment, or the "
                     "end of the line" },
    { "1 crash 2 at-send",
      "line 1: the line ends where there must be which one, from 1" },
    { "1 crash 2 at-send 0", "line 1: '0' where there must be which one" },
    { "1 crash 2 at-send 18446744073709551616", "is too large for which one" },
    { "1 pause 2 at-send 1", "line 1: 'at-send' where there may be until" },
    { "1 crash 2 until", "line 1: the line ends where until must be a number" },
    { "1 crash 2 until 1",
      "line 1: it ends at '1', which must be later than it begins" },
    { "1 crash 2 until 0.5", "line 1: it ends at '0.5'" },
    { "1 crash 2 until 2 until 3", "line 1: 'until' where there may be a "
                                   "comment, or the end of the line" },
    { "1 cut 0", "line 1: the line ends where there must be > or -" },
    { "1 cut 0-3", "line 1: '0-3' where there must be the number of a node, or "
                   "*" },
    { "1 cut 0 > 0", "line 1: the link leads from node 0 to itself" },
    { "1 cut 0 > 1 drop 1", "line 1: 'drop' where there may be until" },
    { "1 faults 0 > 1",
      "line 1: faults says nothing; it must have one of drop, duplicate, late, "
      "damage, jitter" },
    { "1 faults 0 > 1 drop 1.5",
      "line 1: drop is '1.5'; it must be a number, between 0 and 1" },
    { "1 faults 0 > 1 drop -0.1", "line 1: drop is '-0.1'; it must be" },
    { "1 faults 0 > 1 drop nan", "line 1: drop is 'nan'; it must be" },
    { "1 faults 0 > 1 drop", "line 1: the line ends where drop must be a "
                             "number, between 0 and 1" },
    { "1 faults 0 > 1 late -1", "line 1: late is '-1'; it must be a number, "
                                "finite and at least 0" },
    { "1 faults 0 > 1 drop 1 drop 1", "line 1: drop is said twice" },
    { "1 faults 0 > 1 drop 1 rot 1",
      "line 1: 'rot' where there may be drop, duplicate, late, damage, jitter, "
      "until, a comment, or the end of the line" },
    { "1 partition", "line 1: the line ends where there must be the number of "
                     "a node" },
    { "1 partition 0 |", "line 1: the line ends where there must be the" },
    { "1 partition 0,,1", "line 1: ',' where there must be the number of a" },
    { "1 partition 0 1", "line 1: '1' where there may be until" },
    { "1 partition 0,1 | 2,0", "line 1: node 0 is named twice" },
    { "1 clock 1", "line 1: clock says nothing; it must have one of step, "
                   "drift" },
    { "1 clock 1 drift -1", "line 1: drift is '-1'; it must be a number, "
                            "finite and greater than -1" },
    { "1 clock 1 step 1e400", "line 1: step is '1e400'; it must be a number, "
                              "finite" },
    { "1 speed 1", "line 1: the line ends where speed must be a number, "
                   "finite and greater than 0" },
    { "1 speed 1 0", "line 1: speed is '0'; it must be a number, finite and "
                     "greater than 0" },
    { "1 wipe 1 until 2", "line 1: 'until' where there may be a comment, or "
                          "the end of the line" },
    { "1 reseed 1 until 2", "line 1: 'until' where there may be a comment" },
    { "1 link", "line 1: the line ends where there must be the name of a "
                "link" },
    { "1 link , off", "line 1: ',' where there must be the name of a link" },
    { "1 link a", "line 1: the line ends where there must be off" },
    { "1 link a on", "line 1: 'on' where there must be off" },
    { "1 link a off 3", "line 1: '3' where there may be until, a comment, or "
                        "the end of the line" },
    { "1 reseed -1", "line 1: '-1' where there must be a whole number" },
    { "1 \x01\xff"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1",
      "line 1: '?\?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' where there must be" },
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    ck_assert_ptr_null(ds_plan_parse(wrongs[_i].text, why, sizeof(why)));
    ck_contains(why, wrongs[_i].why);
}
END_TEST

START_TEST(a_line_before_a_wrong_one_does_not_count)
{
    ck_assert_ptr_null(
        ds_plan_parse("1 wipe 0\n2 wipe 1\n3 crash", why, sizeof(why)));
    ck_contains(why, "line 3: ");
}
END_TEST

START_TEST(why_may_be_short_or_nowhere)
{
    char little[8];

    ck_assert_ptr_null(ds_plan_parse("1 burn 2", NULL, 0));
    ck_assert_ptr_null(ds_plan_parse("1 burn 2", NULL, 100));
    ck_assert_ptr_null(ds_plan_parse("1 burn 2", little, sizeof(little)));
    ck_assert_str_eq(little, "line 1:");
    ck_assert_ptr_null(ds_plan_parse(NULL, why, sizeof(why)));
    ck_assert_str_eq(why, "the text is NULL");
}
END_TEST

START_TEST(no_plan_has_no_lines)
{
    char *text = ds_plan_print(NULL);

    ck_assert_uint_eq(ds_plan_size(NULL), 0);
    ck_assert_str_eq(text, "");
    free(text);
    ds_plan_free(NULL);
}
END_TEST

/* ---- Anything -------------------------------------------------------------*/

/* All lines there are, in an order of their own, with times that take all
 * digits. */
static char *random_plan(uint64_t *state)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    for (uint64_t n = random_below(state, 20); n > 0; n--) {
        const char *line = lines[random_below(state, num_lines)];
        const char *rest = strchr(line, ' ');
        const char *until = strstr(line, " until ");
        double time = (double)random_below(state, UINT64_MAX) * 0x1p-60;
        int length = until == NULL ? (int)strlen(rest) : (int)(until - rest);
        fprintf(file, "%.17g%.*s", time, length, rest);
        if (until != NULL)
            fprintf(file, " until %.17g", time + 1e-3);
        fputc('\n', file);
    }
    fclose(file);
    return text;
}

/* Prints a plan and reads it again: it must say the same. */
static void ck_survives(const ds_plan *plan)
{
    char *text = ds_plan_print(plan);
    ds_plan *again = plan_of(text);

    ck_assert_uint_eq(ds_plan_size(plan), ds_plan_size(again));
    for (size_t i = 0; i < ds_plan_size(plan); i++)
        ck_assert_msg(ds__plan_same_line(&plan->lines[i], &again->lines[i]),
                      "line %zu of %s", i + 1, text);
    free(text);
    ds_plan_free(again);
}

START_TEST(what_is_printed_reads_as_the_same_plan)
{
    uint64_t state = 4711;

    for (int i = 0; i < 500; i++) {
        char *text = random_plan(&state);
        ds_plan *plan = plan_of(text);
        ck_survives(plan);
        ds_plan_free(plan);
        free(text);
    }
}
END_TEST

START_TEST(any_of_its_lines_make_a_plan)
{
    uint64_t state = 4712;

    for (int i = 0; i < 200; i++) {
        char *text = random_plan(&state);
        ds_plan *plan = plan_of(text);
        bool keep[20];
        size_t kept = 0;
        for (size_t k = 0; k < ds_plan_size(plan); k++)
            kept += keep[k] = random_below(&state, 2) == 1;
        ds_plan *some = ds__plan_pick(plan, keep);
        ds_plan *all = ds__plan_pick(plan, NULL);
        ck_assert_uint_eq(ds_plan_size(some), kept);
        ck_assert_uint_eq(ds_plan_size(all), ds_plan_size(plan));
        ds_plan_free(plan);
        ds__plan_check(some);
        ck_survives(some);
        ck_survives(all);
        ds_plan_free(some);
        ds_plan_free(all);
        free(text);
    }
}
END_TEST

/* Reads what may be no plan; returns whether it is one. */
static bool try(const char *text)
{
    why[0] = '\0';
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));
    if (plan == NULL) {
        ck_assert(strncmp(why, "line ", 5) == 0);
        return false;
    }
    ds__plan_check(plan);
    ck_survives(plan);
    ds_plan_free(plan);
    return true;
}

START_TEST(a_plan_that_is_cut_off_is_one_or_is_refused)
{
    uint64_t state = 4713;
    char *text = random_plan(&state);
    int plans = 0;

    for (size_t n = strlen(text); n > 0; text[--n] = '\0')
        plans += try(text);
    ck_assert_int_gt(plans, 10);
    free(text);
}
END_TEST

/* Characters that plans are made of, and a few others. */
static char random_character(uint64_t *state)
{
    static const char some[] = "0123456789.eE+-*,|># \t\r\nuntilcrash\x7f\xff";

    return some[random_below(state, sizeof(some))]; /* also the NUL */
}

static void mutate(char *text, uint64_t *state)
{
    size_t length = strlen(text);
    size_t at = (size_t)random_below(state, length + 1);
    size_t other = (size_t)random_below(state, length + 1);

    if (length == 0)
        return;
    switch (random_below(state, 3)) {
    case 0:
        if (at < length)
            text[at] = random_character(state);
        return;
    case 1: /* cuts a piece out */
        if (at < other)
            memmove(text + at, text + other, length - other + 1);
        return;
    default: /* writes one piece over another: words come twice */
        memmove(text + at, text + other, length - (at > other ? at : other));
    }
}

START_TEST(a_plan_that_is_spoiled_is_one_or_is_refused)
{
    uint64_t state = 4714;
    int plans = 0;
    int rounds = harness_full() ? 200000 : 10000;

    for (int i = 0; i < rounds; i++) {
        char *text = random_plan(&state);
        for (uint64_t n = random_below(&state, 4) + 1; n > 0; n--)
            mutate(text, &state);
        plans += try(text);
        free(text);
    }
    ck_assert_int_gt(plans, rounds / 10);
    ck_assert_int_lt(plans, rounds * 9 / 10);
}
END_TEST

/* A text of about a megabyte, which repeats something. */
static char *long_text(const char *begin, const char *piece, const char *end)
{
    size_t times = (1 << 20) / strlen(piece);
    char *text = malloc((2 << 20) + strlen(begin) + strlen(end));
    char *at = stpcpy(text, begin);

    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, piece);
    strcpy(at, end);
    return text;
}

static const struct {
    const char *begin;
    const char *piece;
    const char *end;
    const char *why; /* NULL: it is a plan */
} long_lines[] = {
    { "1 wipe 0", " ", "", NULL },
    { "1 wipe 0 #", "#", "", NULL },
    { "", "\n", "1 wipe 0", NULL },
    { "", "9", " wipe 0", "the time is '99999999999999999999999999999999...'" },
    { "0.", "1", " wipe 0", "the time is '0.1" },
    { "1 wipe ", "9", "", "is too large for the number of a node" },
    { "1 ", "wipe", "", "where there must be one of" },
    { "1 partition 0", ",1", "", "node 1 is named twice" },
    { "1 faults 0 > 1", " drop 1", "", "drop is said twice" },
};

START_TEST(a_line_may_be_a_megabyte_long)
{
    char *text = long_text(long_lines[_i].begin, long_lines[_i].piece,
                           long_lines[_i].end);

    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));
    if (long_lines[_i].why == NULL)
        ck_assert_uint_eq(ds_plan_size(plan), 1);
    else
        ck_contains(why, long_lines[_i].why);
    ck_assert((plan == NULL) == (long_lines[_i].why != NULL));
    ds_plan_free(plan);
    free(text);
}
END_TEST

START_TEST(a_partition_may_have_thousands_of_nodes)
{
    char *text = malloc(1 << 20);
    char *at = stpcpy(text, "1 partition 0");

    for (int i = 1; i < 50000; i++)
        at += sprintf(at, "%s%d", i % 3 == 0 ? "," : "|", i);
    ds_plan *plan = plan_of(text);
    ck_assert_uint_eq(plan->lines[0].num_members, 50000);
    ck_survives(plan);
    ds_plan_free(plan);
    free(text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_line_is_printed_as_it_was_read, 0, num_lines);
    tcase_add_loop_test(tc, there_are_several_ways_to_write_one_plan, 0,
                        sizeof(alike) / sizeof(*alike));
    tcase_add_test(tc, lines_that_say_another_thing_are_not_the_same);
    tcase_add_loop_test(tc, what_is_wrong_is_said_with_its_line, 0,
                        sizeof(wrongs) / sizeof(*wrongs));
    tcase_add_test(tc, a_line_before_a_wrong_one_does_not_count);
    tcase_add_test(tc, why_may_be_short_or_nowhere);
    tcase_add_test(tc, no_plan_has_no_lines);
    tcase_add_test(tc, what_is_printed_reads_as_the_same_plan);
    tcase_add_test(tc, any_of_its_lines_make_a_plan);
    tcase_add_test(tc, a_plan_that_is_cut_off_is_one_or_is_refused);
    tcase_add_test(tc, a_plan_that_is_spoiled_is_one_or_is_refused);
    tcase_add_loop_test(tc, a_line_may_be_a_megabyte_long, 0,
                        sizeof(long_lines) / sizeof(*long_lines));
    tcase_add_test(tc, a_partition_may_have_thousands_of_nodes);
}

int main(void)
{
    return harness_main("plan", add);
}
