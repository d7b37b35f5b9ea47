/* The order of sending, however messages come. */

#include "match/sequence.h"

#include <stdlib.h>

#include "harness.h"

enum { many = 50 };

static ds__sequences all;
static ds__early early[many + 1];

static void set_up(void)
{
    ds__sequences_init(&all);
}

static int given_back;

static void count_back(ds__early *one)
{
    ck_assert(one >= early && one <= early + many);
    given_back++;
}

static ds__table_key from(uint64_t source)
{
    return (ds__table_key){ .a = 9, .b = source };
}

static ds__sequence_place come(uint64_t source, uint64_t number)
{
    return ds__sequence_come(&all, from(source), &early[number], number);
}

START_TEST(numbers_count_from_1_for_each_destination)
{
    for (uint64_t n = 1; n < 4; n++)
        for (uint64_t to = 0; to < 100; to++)
            ck_assert_uint_eq(ds__sequence_draw(&all, from(to)), n);
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(what_comes_in_order_is_in_turn)
{
    for (uint64_t n = 1; n <= many; n++) {
        ck_assert_int_eq(come(3, n), DS__IN_TURN);
        ck_assert_ptr_null(ds__sequence_next(&all, from(3)));
    }
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(what_comes_early_is_kept_for_its_turn)
{
    ck_assert_int_eq(come(3, 3), DS__EARLY);
    ck_assert_int_eq(come(3, 2), DS__EARLY);
    ck_assert_int_eq(come(3, 5), DS__EARLY);
    ck_assert_ptr_null(ds__sequence_next(&all, from(3)));
    ck_assert_int_eq(come(3, 1), DS__IN_TURN);
    ck_assert_ptr_eq(ds__sequence_next(&all, from(3)), &early[2]);
    ck_assert_ptr_eq(ds__sequence_next(&all, from(3)), &early[3]);
    ck_assert_ptr_null(ds__sequence_next(&all, from(3)));
    ck_assert_int_eq(come(3, 4), DS__IN_TURN);
    ck_assert_ptr_eq(ds__sequence_next(&all, from(3)), &early[5]);
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(one_source_does_not_wait_for_another)
{
    ck_assert_int_eq(come(3, 2), DS__EARLY);
    ck_assert_int_eq(come(4, 1), DS__IN_TURN);
    ck_assert_ptr_null(ds__sequence_next(&all, from(4)));
    ck_assert_ptr_null(ds__sequence_next(&all, from(5)));
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(what_comes_twice_is_noticed)
{
    ds__early again;

    ck_assert_int_eq(come(3, 3), DS__EARLY);
    ck_assert_int_eq(ds__sequence_come(&all, from(3), &again, 3), DS__TWICE);
    ck_assert_int_eq(come(3, 1), DS__IN_TURN);
    ck_assert_int_eq(ds__sequence_come(&all, from(3), &again, 1), DS__TWICE);
    ck_assert_int_eq(come(3, 2), DS__IN_TURN);
    ck_assert_int_eq(ds__sequence_come(&all, from(3), &again, 3), DS__TWICE);
    ck_assert_ptr_eq(ds__sequence_next(&all, from(3)), &early[3]);
    ck_assert_int_eq(ds__sequence_come(&all, from(3), &again, 3), DS__TWICE);
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(the_end_gives_back_what_is_kept)
{
    ck_assert_int_eq(come(3, 2), DS__EARLY);
    ck_assert_int_eq(come(3, 4), DS__EARLY);
    ck_assert_int_eq(come(8, 6), DS__EARLY);
    given_back = 0;
    ds__sequences_free(&all, count_back);
    ck_assert_int_eq(given_back, 3);
}
END_TEST

/* An order drawn from i. */
static void shuffle(int order[many], unsigned i)
{
    unsigned state = i * 2654435761u + 1;

    for (int n = 0; n < many; n++)
        order[n] = n + 1;
    for (int n = many - 1; n > 0; n--) {
        state = state * 1664525 + 1013904223;
        const int k = (int)((state >> 8) % (unsigned)(n + 1));
        const int other = order[n];
        order[n] = order[k];
        order[k] = other;
    }
}

START_TEST(whatever_order_they_come_in_they_leave_in_that_of_sending)
{
    int order[many];
    uint64_t left = 0;
    const ds__early *next;

    shuffle(order, (unsigned)_i);
    for (int n = 0; n < many; n++) {
        if (come(3, (uint64_t)order[n]) != DS__IN_TURN)
            continue;
        ck_assert_uint_eq(++left, (uint64_t)order[n]);
        while ((next = ds__sequence_next(&all, from(3))) != NULL)
            ck_assert_uint_eq(++left, next->number);
    }
    ck_assert_uint_eq(left, many);
    ds__sequences_free(&all, NULL);
}
END_TEST

START_TEST(many_that_come_early_are_kept_for_their_turn)
{
    enum { n = 100000 };
    ds__early *messages = calloc(n + 1, sizeof(*messages));

    ck_assert_ptr_nonnull(messages);
    for (uint64_t i = n; i > 0; i--)
        ck_assert_int_eq(ds__sequence_come(&all, from(3), &messages[i], i),
                         i > 1 ? DS__EARLY : DS__IN_TURN);
    for (int i = 2; i <= n; i++)
        ck_assert_ptr_eq(ds__sequence_next(&all, from(3)), &messages[i]);
    ck_assert_ptr_null(ds__sequence_next(&all, from(3)));
    ds__sequences_free(&all, NULL);
    free(messages);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, many_that_come_early_are_kept_for_their_turn);
    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, numbers_count_from_1_for_each_destination);
    tcase_add_test(tc, what_comes_in_order_is_in_turn);
    tcase_add_test(tc, what_comes_early_is_kept_for_its_turn);
    tcase_add_test(tc, one_source_does_not_wait_for_another);
    tcase_add_test(tc, what_comes_twice_is_noticed);
    tcase_add_test(tc, the_end_gives_back_what_is_kept);
    tcase_add_loop_test(
        tc, whatever_order_they_come_in_they_leave_in_that_of_sending, 0, 20);
}

int main(void)
{
    return harness_main("sequence", add);
}
