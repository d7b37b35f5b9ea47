/* The agenda: what comes first, what comes after it, and places that are kept
 * for alarms.  Orders at one instant are in test_order.c. */

#include "base/rng.h"
#include "harness.h"
#include "loop/agenda.h"

enum { MANY = 300 };

static ds__agenda agenda;
static ds__due dues[MANY];

static void fill(size_t n, uint64_t seed)
{
    ds__agenda_init(&agenda, seed, false);
    for (size_t i = 0; i < n; i++) {
        dues[i] = (ds__due){ .kind = DS__DUE_EVENT };
        double time = (double)ds__rng_below(ds__rng_bits(seed, 0, 0, i), 50);
        ck_assert(ds__agenda_add(&agenda, &dues[i], time));
    }
}

START_TEST(what_is_early_comes_first)
{
    double last = 0;

    fill(MANY, 7);
    for (size_t i = 0; i < MANY; i++) {
        double time = ds__agenda_time(&agenda);
        ck_assert_double_ge(time, last);
        last = time;
        ds__agenda_take(&agenda);
    }
    ck_assert_uint_eq(agenda.count, 0);
    ds__agenda_free(&agenda);
}
END_TEST

/* Whatever is taken away and put in between. */
START_TEST(the_second_is_what_is_first_after_the_first)
{
    fill(MANY, (uint64_t)_i);
    for (size_t i = 0; i < MANY / 4; i++)
        ds__agenda_remove(&agenda, &dues[i * 4]);
    while (agenda.count > 1) {
        ds__due *second = ds__agenda_second(&agenda);
        ds__agenda_take(&agenda);
        ck_assert_ptr_eq(ds__agenda_take(&agenda), second);
    }
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(one_alone_has_no_second)
{
    fill(0, 1);
    ck_assert_ptr_null(ds__agenda_second(&agenda));
    ds__agenda_free(&agenda);
    fill(1, 1);
    ck_assert_ptr_null(ds__agenda_second(&agenda));
    ds__agenda_free(&agenda);
    fill(2, 1);
    ck_assert_ptr_nonnull(ds__agenda_second(&agenda));
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(what_is_removed_does_not_happen)
{
    fill(MANY, 3);
    for (size_t i = 0; i < MANY; i += 2)
        ds__agenda_remove(&agenda, &dues[i]);
    ds__agenda_remove(&agenda, &dues[0]); /* which is not in any more */
    ck_assert_uint_eq(agenda.count, MANY / 2);
    while (agenda.count > 0)
        ck_assert_uint_eq((ds__agenda_take(&agenda) - dues) % 2, 1);
    ds__agenda_free(&agenda);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_is_early_comes_first);
    tcase_add_loop_test(tc, the_second_is_what_is_first_after_the_first, 0, 20);
    tcase_add_test(tc, one_alone_has_no_second);
    tcase_add_test(tc, what_is_removed_does_not_happen);
}

int main(void)
{
    return harness_main("agenda", add);
}
