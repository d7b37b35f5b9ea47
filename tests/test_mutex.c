/* Mutual exclusion: one is inside at a time, and what that costs. */

#include "counted.h"

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/observe.h>

#include "proto/mutex_rules.h"

static party all;
static ds_mutex mutex;
static struct ds_mutex_member *members[PARTY_MOST];
static ds_observer *observer;

static void with_members(const ds_mutex_kind *kind, size_t n)
{
    party_new(&all, 7, n, 1, 1);
    observer = ds_observer_new(
        all.loop, &(ds_observer_config){ .checks = DS_CHECK_EXCLUSION });
    mutex = (ds_mutex){
        .group = all.group, .kind = kind, .members = members, .lock = 5
    };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_mutex_serve, &mutex);
}

static void run(ds_status status)
{
    ck_run(all.loop, status, NULL);
    ck_assert_int_eq(ds_observer_verdict(observer, NULL, 0), DS_SOUND);
    ds_loop_free(all.loop);
}

/* ---- What it costs --------------------------------------------------------*/

static size_t three_to_each(size_t n)
{
    return 3 * (n - 1);
}

static size_t two_to_each(size_t n)
{
    return 2 * (n - 1);
}

/* Nothing but what the header says of K. */
static size_t quorum(size_t n)
{
    size_t least = n;

    for (size_t k = 1; k <= n; k++) {
        size_t size = k + (n / 2 + k - 1) / k;
        least = size < least ? size : least;
    }
    return least;
}

static size_t three_to_a_quorum(size_t n)
{
    return 3 * (quorum(n) - 1);
}

static const struct {
    const ds_mutex_kind *kind;
    size_t (*messages)(size_t n);
} permissions[] = {
    { &ds_mutex_lamport, three_to_each },
    { &ds_mutex_ricart_agrawala, two_to_each },
    { &ds_mutex_maekawa, three_to_a_quorum },
};
enum { PERMISSIONS = sizeof(permissions) / sizeof(*permissions) };
static size_t expected;

static void enter_alone(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1e6));
    for (int i = 0; i < 3; i++) {
        size_t sent = all.wire.messages;
        double began = ds_now(h), bytes = all.wire.bytes;
        ck_assert(ds_mutex_lock(h, &mutex));
        ck_party_took(ds_now(h) - began, all.group.n > 1 ? 2 : 0,
                      all.wire.bytes - bytes);
        ds_mutex_unlock(h, &mutex);
        ck_assert(ds_sleep(h, 500));
        ck_assert_uint_eq(all.wire.messages - sent, expected);
    }
}

START_TEST(who_enters_alone_takes_a_round_trip_and_the_messages_of_the_book)
{
    EACH_WAY
    for (size_t n = 1; n <= 30; n++) {
        with_members(permissions[_i].kind, n);
        expected = permissions[_i].messages(n);
        ds_node_spawn(all.nodes[n / 2], enter_alone, NULL);
        run(DS_OK);
    }
}
END_TEST

enum { VISITS = 4 };
static size_t visits;

/* Time passes inside. */
static void enter_often(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 50));
    for (int i = 0; i < VISITS; i++) {
        ck_assert(ds_mutex_lock(h, &mutex));
        ck_assert(ds_sleep(h, 0.5));
        visits++;
        ds_mutex_unlock(h, &mutex);
    }
}

static size_t all_enter(const ds_mutex_kind *kind, size_t n)
{
    visits = 0;
    with_members(kind, n);
    for (size_t i = 0; i < n; i++)
        ds_node_spawn(all.nodes[i], enter_often, NULL);
    run(DS_OK);
    ck_assert_uint_eq(visits, VISITS * n);
    return all.wire.messages;
}

START_TEST(where_all_are_asked_it_costs_the_same_if_all_want_to_enter)
{
    for (size_t n = 1; n < 10; n++) {
        ck_assert_uint_eq(all_enter(&ds_mutex_lamport, n),
                          VISITS * n * three_to_each(n));
        ck_assert_uint_eq(all_enter(&ds_mutex_ricart_agrawala, n),
                          VISITS * n * two_to_each(n));
    }
}
END_TEST

START_TEST(a_quorum_takes_up_to_twice_as_many_if_all_want_to_enter)
{
    for (size_t n = 1; n < 20; n++) {
        size_t least = VISITS * n * three_to_a_quorum(n);
        size_t messages = all_enter(&ds_mutex_maekawa, n);
        ck_assert_uint_ge(messages, least);
        ck_assert_uint_le(messages, 2 * least);
    }
}
END_TEST

START_TEST(any_two_quorums_share_a_member_and_all_have_the_same_size)
{
    for (size_t n = 1; n <= 100; n++) {
        size_t k = ds__quorum_stride(n), size = 0;
        for (size_t i = 0; i < n; i++)
            size += ds__in_quorum(n, k, 0, i);
        ck_assert_uint_eq(size, quorum(n));
        ck_assert_uint_eq(ds__quorum_size(n, k), size);
        for (size_t a = 1; a < n; a++) {
            size_t shared = 0;
            for (size_t i = 0; i < n; i++)
                shared +=
                    ds__in_quorum(n, k, 0, i) && ds__in_quorum(n, k, a, i);
            ck_assert_uint_gt(shared, 0);
        }
    }
}
END_TEST

/* ---- Tokens ---------------------------------------------------------------*/

static size_t sent_before; /* ... the last visit */
static double bytes_before, left_at;

static void count_steps(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 50));
    for (int i = 0; i < VISITS; i++) {
        ck_assert(ds_mutex_lock(h, &mutex));
        if (visits++ > 0) {
            ck_assert_uint_eq(all.wire.messages - sent_before, expected);
            ck_party_took(ds_now(h) - left_at, (double)expected,
                          all.wire.bytes - bytes_before);
        }
        sent_before = all.wire.messages;
        bytes_before = all.wire.bytes;
        left_at = ds_now(h);
        ds_mutex_unlock(h, &mutex);
    }
}

static void with_steps(size_t n, size_t who, size_t steps)
{
    visits = 0;
    expected = steps;
    with_members(&ds_mutex_token_ring, n);
    for (size_t i = 0; i < who; i++)
        ds_node_spawn(all.nodes[i], count_steps, NULL);
    run(DS_OK);
    ck_assert_uint_eq(visits, VISITS * who);
}

START_TEST(a_token_takes_a_message_if_all_want_it_and_n_if_one_does)
{
    EACH_WAY
    for (size_t n = 2; n < 10; n++) {
        with_steps(n, n, 1);
        with_steps(n, 1, n);
    }
    with_steps(1, 1, 0);
}
END_TEST

/* The way up to the root from both, until it is the same. */
static size_t distance(size_t a, size_t b)
{
    size_t edges = 0;

    for (; a != b; edges++)
        if (a > b)
            a = (a - 1) / 2;
        else
            b = (b - 1) / 2;
    return edges;
}

static void enter_in_turn(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h), n = all.group.n, before = 0;

    for (size_t i = 0; i < 40; i++) {
        size_t who = (i * i + 3 * i + 1) % n;
        size_t edges = distance(who, before);
        if (who == me) {
            size_t sent = all.wire.messages;
            double began = ds_now(h), bytes = all.wire.bytes;
            ck_assert(ds_mutex_lock(h, &mutex));
            ck_assert_uint_eq(all.wire.messages - sent, 2 * edges);
            ck_party_took(ds_now(h) - began, (double)(2 * edges),
                          all.wire.bytes - bytes);
            ds_mutex_unlock(h, &mutex);
        }
        before = who;
        ck_assert(ds_sleep(h, 1000 * (double)(i + 1) - ds_now(h)));
    }
}

START_TEST(a_token_on_a_tree_takes_two_messages_for_each_edge)
{
    EACH_WAY
    for (size_t n = 1; n < 24; n++) {
        with_members(&ds_mutex_raymond, n);
        for (size_t i = 0; i < n; i++)
            ds_node_spawn(all.nodes[i], enter_in_turn, NULL);
        run(DS_OK);
    }
}
END_TEST

/* ---- Whatever the kind ----------------------------------------------------*/

static const ds_mutex_kind *const kinds[] = {
    &ds_mutex_lamport,    &ds_mutex_ricart_agrawala, &ds_mutex_maekawa,
    &ds_mutex_token_ring, &ds_mutex_raymond,
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

START_TEST(all_who_want_to_enter_do_so_one_at_a_time)
{
    for (size_t n = 1; n < 12; n++)
        all_enter(kinds[_i], n);
}
END_TEST

/* Three threads of each of two machines. */
START_TEST(threads_of_one_machine_take_turns)
{
    visits = 0;
    with_members(kinds[_i], 3);
    for (int i = 0; i < 6; i++)
        ds_node_spawn(all.nodes[1 + i % 2], enter_often, NULL);
    run(DS_OK);
    ck_assert_uint_eq(visits, 6 * VISITS);
}
END_TEST

START_TEST(messages_that_are_lost_are_sent_again)
{
    visits = 0;
    with_members(kinds[_i], 4);
    mutex.again = 5;
    ds_net_set_faults(
        all.wire.net, NULL, NULL,
        (ds_link_faults){ .drop = 0.3, .duplicate = 0.3, .jitter = 4 });
    for (size_t i = 0; i < 4; i++)
        ds_node_spawn(all.nodes[i], enter_often, NULL);
    run(DS_OK);
    ck_assert_uint_eq(visits, 4 * VISITS);
}
END_TEST

static void enter_in_vain(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ck_assert(!ds_mutex_lock(h, &mutex));
}

/* Member 0 has the token, or what it would say is missed. */
START_TEST(a_member_that_is_down_keeps_all_others_out)
{
    if (kinds[_i] == &ds_mutex_token_ring)
        return; /* the token is lost with it or is not, as it comes */
    with_members(kinds[_i], 3);
    ds_node_spawn(all.nodes[2], enter_in_vain, NULL);
    ds_node_crash(all.nodes[0]);
    run(DS_DEADLOCK);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void leave_from_outside(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ds_mutex_unlock(h, &mutex);
}

START_TEST(who_is_not_inside_cannot_leave)
{
    with_members(&ds_mutex_lamport, 2);
    ds_node_spawn(all.nodes[1], leave_from_outside, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_mutex_unlock: the caller's machine is not inside");
}
END_TEST

START_TEST(who_is_no_member_cannot_enter)
{
    with_members(&ds_mutex_lamport, 2);
    ds_node_spawn(all.nodes[2], enter_in_vain, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_mutex_lock: no member serves on the caller's machine");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, who_enters_alone_takes_a_round_trip_and_the_messages_of_the_book, 0,
        PERMISSIONS);
    tcase_add_test(tc,
                   where_all_are_asked_it_costs_the_same_if_all_want_to_enter);
    tcase_add_test(tc, a_quorum_takes_up_to_twice_as_many_if_all_want_to_enter);
    tcase_add_test(tc,
                   any_two_quorums_share_a_member_and_all_have_the_same_size);
    tcase_add_test(tc,
                   a_token_takes_a_message_if_all_want_it_and_n_if_one_does);
    tcase_add_test(tc, a_token_on_a_tree_takes_two_messages_for_each_edge);
    tcase_add_loop_test(tc, all_who_want_to_enter_do_so_one_at_a_time, 0,
                        KINDS);
    tcase_add_loop_test(tc, threads_of_one_machine_take_turns, 0, KINDS);
    tcase_add_loop_test(tc, messages_that_are_lost_are_sent_again, 0, KINDS);
    tcase_add_loop_test(tc, a_member_that_is_down_keeps_all_others_out, 0,
                        KINDS);
    tcase_add_test(tc, who_is_not_inside_cannot_leave);
    tcase_add_test(tc, who_is_no_member_cannot_enter);
}

int main(void)
{
    return harness_main("mutex", add);
}
