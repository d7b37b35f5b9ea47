/* The accounts of networks. */

#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/ledger.h"

static ds__ledger ledger;
static ds__account one, other;

static void setup(void)
{
    ds__ledger_init(&ledger);
    one = other = (ds__account){ 0 };
}

static void teardown(void)
{
    ds__ledger_free(&ledger);
}

static void enter(int n)
{
    for (int i = 0; i < n; i++)
        ds__ledger_enter(&ledger, &one);
}

/* By the fast way if that will have it, as networks do. */
static ds__leaving leave(uint64_t name)
{
    ds__leaving how = ds__ledger_leave_fast(&ledger, &one, name)
                          ? DS__LEAVES
                          : ds__ledger_leave(&ledger, &one, name);

    ds__ledger_check(&ledger);
    ds__account_check(&one);
    return how;
}

START_TEST(names_count_from_1)
{
    ck_assert_uint_eq(ds__ledger_enter(&ledger, &one), 1);
    ck_assert_uint_eq(ds__ledger_enter(&ledger, &other), 2);
}
END_TEST

START_TEST(a_message_leaves_once)
{
    enter(3);
    ck_assert_int_eq(leave(2), DS__LEAVES);
    ck_assert_int_eq(leave(2), DS__LEFT);
    ck_assert_uint_eq(ds__account_held(&one), 2);
}
END_TEST

START_TEST(a_message_that_left_long_ago_has_left)
{
    enter(1000);
    for (uint64_t name = 1; name <= 1000; name++)
        ck_assert_int_eq(leave(name), DS__LEAVES);
    ck_assert_int_eq(leave(1), DS__LEFT);
    ck_assert_int_eq(leave(1000), DS__LEFT);
    ck_assert_uint_eq(ds__account_held(&one), 0);
}
END_TEST

START_TEST(a_name_that_was_never_given_is_no_message)
{
    enter(3);
    ck_assert_int_eq(leave(4), DS__NO_SUCH);
    ck_assert_int_eq(leave(UINT64_MAX), DS__NO_SUCH);
    ck_assert_uint_eq(ds__account_held(&one), 3);
}
END_TEST

START_TEST(messages_without_a_name_are_those_that_are_held_and_then_others)
{
    enter(2);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(leave(0), DS__LEAVES);
    ck_assert_uint_eq(one.left, 2);
    ck_assert_uint_eq(one.own, 1);
}
END_TEST

/* In an order that is drawn, with as many again on their way all the time. */
START_TEST(messages_leave_in_any_order)
{
    enum { held = 5000, rounds = 40000 };
    static uint64_t names[held];
    uint64_t random = 12345;

    for (int i = 0; i < held; i++)
        names[i] = ds__ledger_enter(&ledger, &one);
    for (int i = 0; i < rounds; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        uint64_t *name = &names[(random >> 33) % held];
        ck_assert(ds__ledger_leave_fast(&ledger, &one, *name) ||
                  ds__ledger_leave(&ledger, &one, *name) == DS__LEAVES);
        ck_assert(!ds__ledger_leave_fast(&ledger, &one, *name));
        ck_assert_int_eq(ds__ledger_leave(&ledger, &one, *name), DS__LEFT);
        *name = ds__ledger_enter(&ledger, &one);
        if (i % 97 == 0)
            ds__ledger_check(&ledger);
    }
    ck_assert_uint_eq(ds__account_held(&one), held);
    ck_assert_uint_eq(ledger.gone, rounds);
}
END_TEST

START_TEST(memory_follows_the_oldest_message)
{
    enter(2);
    leave(1);
    for (int i = 0; i < 100000; i++) {
        uint64_t name = ds__ledger_enter(&ledger, &one);
        leave(name - 1);
    }
    ck_assert_uint_le(ledger.max, 4);
}
END_TEST

static void too_many_left(void)
{
    one.left = one.given + 1;
    ds__account_check(&one);
}

static void a_bit_too_many(void)
{
    ledger.words[ledger.head] |= 2;
    ds__ledger_check(&ledger);
}

static void a_bit_of_tomorrow(void)
{
    ledger.words[ledger.head] |= UINT64_C(1) << 60;
    ledger.gone++;
    ds__ledger_check(&ledger);
}

static void nothing_left_of_the_first(void)
{
    ledger.words[ledger.head] = UINT64_MAX;
    ledger.gone = 64;
    ledger.last = 64;
    ds__ledger_check(&ledger);
}

static void (*const spoils[])(void) = {
    too_many_left,
    a_bit_too_many,
    a_bit_of_tomorrow,
    nothing_left_of_the_first,
};

START_TEST(the_walk_finds_what_is_spoiled)
{
    enter(10);
    leave(5);
    fclose(stderr); /* what assert() says */
    spoils[_i]();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, names_count_from_1);
    tcase_add_test(tc, a_message_leaves_once);
    tcase_add_test(tc, a_message_that_left_long_ago_has_left);
    tcase_add_test(tc, a_name_that_was_never_given_is_no_message);
    tcase_add_test(
        tc, messages_without_a_name_are_those_that_are_held_and_then_others);
    tcase_add_test(tc, messages_leave_in_any_order);
    tcase_add_test(tc, memory_follows_the_oldest_message);
    tcase_add_loop_test_raise_signal(tc, the_walk_finds_what_is_spoiled,
                                     SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
}

int main(void)
{
    return harness_main("ledger", add);
}
