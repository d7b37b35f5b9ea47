/* A log by Paxos: what it costs, what a leader finishes and what it fills, and
 * what members keep.  What clients see of it, and of its like, is in
 * test_machine. */

#include "counted.h"
#include "proto/paxos_log.h"

#include <distsys.h>
#include <distsys/history.h>
#include <distsys/raft.h>

static party all;
static ds_paxos_log paxos;
static const ds_command add = { .op = DS_COUNTER_ADD_AND_READ, .arg = { 1 } };

/* ---- Proposals ------------------------------------------------------------*/

static ds__proposal proposal_of(int64_t ballot, int64_t index)
{
    return (ds__proposal){ .ballot = ballot,
                           .index = index,
                           .request = { .client = 1, .number = ballot } };
}

static void put(ds__slots *l, int64_t ballot, int64_t index)
{
    const ds__proposal p = proposal_of(ballot, index);

    ck_assert(ds__slots_put(NULL, l, &p));
}

START_TEST(places_may_be_empty)
{
    ds__slots l = { .base = 0 };
    ds__proposal copy[100];

    put(&l, 7, 1);
    put(&l, 7, 2);
    put(&l, 9, 90);
    put(&l, 8, 3);
    ck_assert_int_eq(l.last, 90);
    ck_assert_ptr_null(ds__slots_at(&l, 0));
    ck_assert_ptr_null(ds__slots_at(&l, 4));
    ck_assert_ptr_null(ds__slots_at(&l, 91));
    ck_assert_int_eq(ds__slots_at(&l, 90)->ballot, 9);
    ck_assert_int_eq(ds__slots_all_of(&l, 0, 7), 2);
    ck_assert_int_eq(ds__slots_all_of(&l, 2, 8), 3);
    ck_assert_int_eq(ds__slots_all_of(&l, 3, 8), 3);
    ck_assert_int_eq(ds__slots_copy(&l, 1, copy), 3);
    ck_assert_int_eq(copy[2].index, 90);
    free(l.all);
}
END_TEST

START_TEST(what_is_before_a_base_is_forgotten)
{
    ds__slots l = { .base = 0 };
    ds__proposal copy[100];

    for (int64_t i = 1; i <= 50; i++)
        put(&l, 5, i);
    ds__slots_rebase(&l, 48);
    ck_assert_ptr_null(ds__slots_at(&l, 48));
    ck_assert_int_eq(ds__slots_at(&l, 49)->index, 49);
    ck_assert_int_eq(ds__slots_copy(&l, 3, copy), 2);
    ds__slots_rebase(&l, 1000);
    ck_assert_int_eq(l.last, 1000);
    ck_assert_int_eq(ds__slots_copy(&l, 3, copy), 0);
    put(&l, 5, 1002);
    ck_assert_ptr_null(ds__slots_at(&l, 1001));
    ck_assert_int_eq(ds__slots_copy(&l, 3, copy), 1);
    free(l.all);
}
END_TEST

/* ---- What it costs --------------------------------------------------------*/

static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 64, 65, 99, 128 };
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

/* Nobody is impatient for 300 seconds, or longer among so many that two would
 * be so at a time; a leader speaks every 100.  A message takes a second, and a
 * disk a quarter of one. */
static void boot(size_t n, size_t clients, int64_t compact)
{
    party_new(&all, 11, n, clients, 1);
    paxos = (ds_paxos_log){ .group = all.group,
                            .machine = &ds_counter_machine,
                            .tick = 100,
                            .patience = n < 10 ? 3 : 3 * (double)n,
                            .compact = compact };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_paxos_log_serve, &paxos);
}

static void with(size_t n, ds_thread_fn *client)
{
    boot(n, 1, 0);
    ds_node_spawn(all.nodes[n], client, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}

static void count_election(ds_handle *h, void *arg)
{
    party_wait_for_leader(&all, h, paxos.patience * paxos.tick);
    ck_assert_uint_eq(all.wire.messages, 4 * (all.group.n - 1));
}

START_TEST(to_lead_takes_2_messages_for_each_other_and_2_tell_of_it)
{
    with(sizes[_i], count_election);
}
END_TEST

/* Waits for a leader's word to be over first. */
static void count_call(ds_handle *h, ds_session *s, bool looks, double seconds,
                       size_t messages)
{
    size_t sent = all.wire.messages;
    int64_t sum;

    while (all.group.n > 1 && all.wire.messages == sent)
        ck_assert(ds_sleep(h, 1));
    ck_assert(ds_sleep(h, 10));
    sent = all.wire.messages;
    double began = ds_now(h);
    ck_assert(looks ? ds_session_look(h, s, &add, &sum)
                    : ds_session_do(h, s, &add, &sum));
    ck_assert_double_eq(ds_now(h) - began, seconds);
    ck_assert(ds_sleep(h, 10));
    ck_assert_uint_eq(all.wire.messages - sent, messages);
}

static void count_calls(ds_handle *h, void *arg)
{
    const size_t n = all.group.n;
    ds_session s = ds_session_of(h, &all.group, all.ports[n], 50, 0);
    int64_t sum;

    party_wait_for_leader(&all, h, paxos.patience * paxos.tick);
    ck_assert(ds_session_do(h, &s, &add, &sum)); /* knows who leads now */
    for (int i = 0; i < 5; i++) {
        count_call(h, &s, false, n == 1 ? 2.25 : 4.25, 2 * n);
        count_call(h, &s, true, n == 1 ? 2 : 4, 2 * n);
    }
    ck_assert(ds_session_look(h, &s, &add, &sum));
    ck_assert_int_eq(sum, 6);
}

START_TEST(a_command_takes_2_n_messages_and_one_sync)
{
    with(sizes[_i], count_calls);
}
END_TEST

static void count_silence(ds_handle *h, void *arg)
{
    size_t sent;

    party_wait_for_leader(&all, h, paxos.patience * paxos.tick);
    ck_assert(ds_sleep(h, 30));
    sent = all.wire.messages;
    ck_assert(ds_sleep(h, 10 * paxos.tick));
    ck_assert_uint_eq(all.wire.messages - sent, 20 * (all.group.n - 1));
}

START_TEST(an_idle_leader_is_answered_by_each_every_tick)
{
    with(sizes[_i], count_silence);
}
END_TEST

/* ---- Taking over ----------------------------------------------------------*/

static int64_t results[2];
static size_t leader;

static void ask(ds_handle *h, void *arg)
{
    const size_t me = ds_node_number(ds_handle_node(h)) - all.group.n;
    ds_session s =
        ds_session_of(h, &all.group, all.ports[all.group.n + me], 300, 0);

    if (me == 0) {
        party_wait_for_leader(&all, h, paxos.patience * paxos.tick);
        ck_assert(ds_session_do(h, &s, &add, &results[0]));
        leader = s.member;
        ck_assert(ds_sleep(h, 2000 - ds_now(h)));
    } else {
        ck_assert(ds_sleep(h, 2010));
    }
    s.member = leader;
    ck_assert(ds_session_do(h, &s, &add, &results[me]));
}

/* The first of two commands gets to nobody but the leader, the second to all,
 * and then the leader crashes for good. */
static void lose_the_first(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 2000));
    for (size_t i = 0; i < all.group.n; i++)
        if (i != leader)
            ds_net_cut(all.wire.net, all.nodes[leader], all.nodes[i]);
    ck_assert(ds_sleep(h, 9));
    ds_net_heal(all.wire.net);
    ck_assert(ds_sleep(h, 3.125));
    ds_node_crash(all.nodes[leader]);
}

START_TEST(a_gap_is_filled_and_what_is_behind_it_stays)
{
    boot(3 + (size_t)_i, 2, _i % 2 == 0 ? 0 : 1);
    ds_node_spawn(all.nodes[all.group.n], ask, NULL);
    ds_node_spawn(all.nodes[all.group.n + 1], ask, NULL);
    ds_spawn(all.loop, lose_the_first, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_int_eq(results[1], 2);
    ck_assert_int_eq(results[0], 3);
}
END_TEST

/* ---- What is kept ---------------------------------------------------------*/

static size_t kept[3];

static void look_at_disk(ds_handle *h, void *arg)
{
    char name[40];
    size_t *bytes = arg;

    *bytes = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "snapshot.%d", i);
        *bytes += ds_disk_size(h, name);
        snprintf(name, sizeof(name), "log.%d", i);
        *bytes += ds_disk_size(h, name);
    }
}

static void ask_often(ds_handle *h, void *arg)
{
    ds_session s = ds_session_of(h, &all.group, all.ports[all.group.n], 50, 0);
    int64_t sum;

    for (int64_t i = 1; i <= 200; i++) {
        ck_assert(ds_session_do(h, &s, &add, &sum));
        ck_assert_int_eq(sum, i);
    }
    ck_assert(ds_sleep(h, 300));
    for (size_t i = 0; i < 3; i++)
        ds_node_spawn(all.nodes[i], look_at_disk, &kept[i]);
    ck_assert(ds_sleep(h, 10));
}

/* A snapshot has the commit, the sum and a session. */
START_TEST(disks_do_not_fill_up)
{
    boot(3, 1, 8);
    ds_node_spawn(all.nodes[3], ask_often, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_ge(kept[i], 8 + 8 + 24);
        ck_assert_uint_le(kept[i], 8 + 8 + 24 + 9 * 64);
    }
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void change(ds_handle *h, void *arg)
{
    ds_session s = ds_session_of(h, &all.group, all.ports[all.group.n], 50, 0);

    ds_raft_change(h, &s, 1, false);
}

START_TEST(its_members_do_not_change)
{
    boot(3, 1, 0);
    ds_node_spawn(all.nodes[3], change, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_raft_change: the members of a ds_paxos_log do not change; "
                "those of a ds_raft do");
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, places_may_be_empty);
    tcase_add_test(tc, what_is_before_a_base_is_forgotten);
    tcase_add_loop_test(
        tc, to_lead_takes_2_messages_for_each_other_and_2_tell_of_it, 0, SIZES);
    tcase_add_loop_test(tc, a_command_takes_2_n_messages_and_one_sync, 0,
                        SIZES);
    tcase_add_loop_test(tc, an_idle_leader_is_answered_by_each_every_tick, 0,
                        SIZES);
    tcase_add_loop_test(tc, a_gap_is_filled_and_what_is_behind_it_stays, 0, 4);
    tcase_add_test(tc, disks_do_not_fill_up);
    tcase_add_test(tc, its_members_do_not_change);
}

int main(void)
{
    return harness_main("paxos_log", add_tests);
}
