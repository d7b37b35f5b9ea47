/* The benchmark of planted bugs: what is right is not blamed, and mistakes are
 * still found that were found before. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/planted/planted.h"
#include "harness.h"

/* ---- The rows -------------------------------------------------------------*/

static const planted_row *row_of(const char *name)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    ck_abort_msg("there is no row %s", name);
    return NULL;
}

START_TEST(every_row_has_a_name_of_its_own)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++)
        ck_assert_ptr_eq(row, row_of(row->name));
}
END_TEST

START_TEST(every_row_says_what_and_where_from)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++) {
        ck_assert_uint_gt(strlen(row->title), 20);
        ck_assert_uint_gt(strlen(row->source), 5);
        ck_assert(row->end == PLANTED_WRONG || row->end == PLANTED_STUCK);
    }
}
END_TEST

/* Both versions may be exposed to the same, or what is found is no fault of the
 * mistake. */
START_TEST(a_planted_version_is_tried_like_the_correct_one)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++) {
        const ds_test *a = row->correct, *b = row->planted;
        ck_assert_str_eq(b->name, row->name);
        ck_assert_str_ne(a->name, b->name);
        ck_assert_uint_eq(a->hazards, b->hazards);
        ck_assert_uint_eq(a->operations, b->operations);
        ck_assert_double_eq(a->calm_after, b->calm_after);
        ck_assert_double_eq(a->time_limit, b->time_limit);
        ck_assert_ptr_eq(a->model, b->model);
    }
}
END_TEST

static bool is_noted(const planted_row *row, const char *note)
{
    return row->note != NULL && strcmp(row->note, note) == 0;
}

/* The algorithms of the library, by the correct version of each. */
static const char *const shelf[] = {
    "2pc",
    "3pc",
    "abd",
    "best-effort",
    "bounded-loads",
    "bully",
    "causal",
    "chain",
    "chang-roberts",
    "craq",
    "dijkstra-scholten",
    "dotted-versions",
    "fifo",
    "heartbeat",
    "hirschberg-sinclair",
    "hybrid-clock",
    "jump-hashing",
    "lamport",
    "lamport-clock",
    "lease",
    "maekawa",
    "multi-paxos",
    "paxos",
    "paxos-commit",
    "phi-accrual",
    "quorum",
    "raft",
    "raymond",
    "reliable",
    "replicas",
    "rendezvous-hashing",
    "ricart-agrawala",
    "ring-hashing",
    "safra",
    "snapshot",
    "swim",
    "token-ring",
    "total-order",
    "vector-clock",
};
enum { SHELF = sizeof(shelf) / sizeof(*shelf) };

START_TEST(an_algorithm_of_the_library_has_three_mistakes_that_are_found)
{
    const planted_row *row;
    int found = 0;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++)
        found += strcmp(row->correct->name, shelf[_i]) == 0 &&
                 !is_noted(row, "equivalent") && !is_noted(row, "moonshot");
    ck_assert_msg(found >= 3, "%s has %d", shelf[_i], found);
}
END_TEST

/* ---- Trials ---------------------------------------------------------------*/

/* What the seeds from first to last come to. */
static int try(const ds_test *test, unsigned first, unsigned last)
{
    char seeds[40], jobs[] = "--jobs=1", recheck[] = "--recheck=0";
    char no_shrink[] = "--no-shrink", name[] = "test_planted";
    char *argv[] = { name, seeds, jobs, recheck, no_shrink, NULL };

    snprintf(seeds, sizeof(seeds), "--seeds=%u-%u", first, last);
    return ds_test_main(5, argv, &test, 1);
}

START_TEST(what_is_right_is_not_blamed)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++)
        if (i == 0 || row->correct != planted_row_at(i - 1)->correct)
            ck_assert_int_eq(try(row->correct, 1, 100), 0);
}
END_TEST

/* Those that need nothing but another order of what happens. */
static const char *const needs_no_faults[] = { "R15-seen", "R22", "X5", "X7",
                                               "X8",       "X18", "X19" };
enum { NO_FAULTS = sizeof(needs_no_faults) / sizeof(*needs_no_faults) };

START_TEST(a_mistake_that_needs_no_faults_is_found)
{
    const planted_row *row = row_of(needs_no_faults[_i]);

    ck_assert_int_eq(try(row->planted, 1, 60), (int)row->end);
}
END_TEST

START_TEST(what_changes_nothing_is_not_blamed_either)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++)
        if (is_noted(row, "equivalent"))
            ck_assert_int_eq(try(row->planted, 1, 300), 0);
}
END_TEST

/* What fails with less than 1 seed in 1,000 takes too long here. */
static bool is_quickly_found(const planted_row *row)
{
    static const char *const rare[] = { "R4", "R7", "R7-5", "R21" };

    for (size_t i = 0; i < sizeof(rare) / sizeof(*rare); i++)
        if (strcmp(row->name, rare[i]) == 0)
            return false;
    return row->note == NULL;
}

/* Some end now this way and now that, see planted_end. */
START_TEST(a_mistake_is_still_found)
{
    const planted_row *row;

    for (size_t i = 0; (row = planted_row_at(i)) != NULL; i++) {
        if (!is_quickly_found(row))
            continue;
        int status = try(row->planted, 1, 1000);
        ck_assert_msg(status == PLANTED_WRONG || status == PLANTED_STUCK,
                      "%s ends with %d", row->name, status);
    }
}
END_TEST

/* ---- What is hardly ever found --------------------------------------------*/

/* Plans by which a mistake shows that the generator hardly ever meets, with the
 * first seed for which it does: so it is one, and can be seen. */
static const struct {
    const char *row;
    unsigned seed;
    const char *plan;
} moonshots[] = {
    /* 0 leads with 1 alone, which answers twice; 2 leads without them, and cuts
     * off what they have; 0 leads again, without 1, and the second answers
     * come.  What it takes for committed then, others do without. */
    { "R10", 5084,
      "0.6 faults 1 > 0 duplicate 1 late 3 until 1.6\n"
      "0.7 partition 0,1,5,6 | 2,3,4,7 until 1.5\n"
      "1.5 partition 0,1,2,3,4 | 5,6,7 until 1.8\n"
      "1.8 partition 0,3,4,5,6,7 | 1,2 until 3.2\n"
      "2.4 cut 0 > 4 until 3.9\n"
      "3.2 partition 0,3 | 1,2,4 until 3.9\n" },
    /* The lease of 0 lasts longer than the patience of the others. */
    { "R12", 109,
      "1.3 clock 0 drift -0.33 until 4\n"
      "1.5 partition 0,3 | 1,2,4,5 until 3.9\n" },
    /* 0 stops in a sync, and others lead before it reads. */
    { "R19", 1603,
      "1.5 partition 0,3 | 1,2,4,5 until 3.9\n"
      "1.6 pause 0 until 2.6\n" },
};
enum { MOONSHOTS = sizeof(moonshots) / sizeof(*moonshots) };

static void write_plan(const char *plan, char path[])
{
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(plan, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static int try_plan(const ds_test *test, unsigned seed, const char *path)
{
    char one[40], plan[80], recheck[] = "--recheck=0";
    char no_shrink[] = "--no-shrink", name[] = "test_planted";
    char *argv[] = { name, one, plan, recheck, no_shrink, NULL };

    snprintf(one, sizeof(one), "--seed=%u", seed);
    snprintf(plan, sizeof(plan), "--plan=%s", path);
    return ds_test_main(5, argv, &test, 1);
}

START_TEST(a_mistake_that_is_hardly_ever_found_is_one)
{
    const planted_row *row = row_of(moonshots[_i].row);
    const unsigned seed = moonshots[_i].seed;
    char path[] = "/tmp/planted-XXXXXX";

    write_plan(moonshots[_i].plan, path);
    ck_assert_int_eq(try_plan(row->correct, seed, path), 0);
    ck_assert_int_eq(try_plan(row->planted, seed, path), (int)row->end);
    unlink(path);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_row_has_a_name_of_its_own);
    tcase_add_test(tc, every_row_says_what_and_where_from);
    tcase_add_test(tc, a_planted_version_is_tried_like_the_correct_one);
    tcase_add_loop_test(
        tc, an_algorithm_of_the_library_has_three_mistakes_that_are_found, 0,
        SHELF);
    tcase_add_test(tc, what_is_right_is_not_blamed);
    tcase_add_test(tc, what_changes_nothing_is_not_blamed_either);
    tcase_add_test(tc, a_mistake_is_still_found);
    tcase_add_loop_test(tc, a_mistake_that_is_hardly_ever_found_is_one, 0,
                        MOONSHOTS);
    tcase_add_loop_test(tc, a_mistake_that_needs_no_faults_is_found, 0,
                        NO_FAULTS);
}

int main(void)
{
    return harness_main("planted", add);
}
