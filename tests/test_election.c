/* Elections: who leads, and how many messages it takes to know. */

#include "counted.h"

#include <distsys.h>
#include <distsys/election.h>
#include <distsys/fault.h>

static party all;

/* ---- On a ring ------------------------------------------------------------*/

static ds_ring ring_of;
static struct ds_ring_member *members[PARTY_MOST];
static uint64_t names[PARTY_MOST];
static size_t known[PARTY_MOST]; /* the leader, to each who stood */
static double took[PARTY_MOST];

/* All that stand do so at one instant. */
static void stand(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h);
    ds_leader leader;

    ck_assert(ds_sleep(h, 1e6));
    for (int64_t round = 1; round <= 3; round++) {
        double began = ds_now(h);
        ck_assert(ds_ring_elect(h, &ring_of, round, &leader));
        ck_assert_int_eq(leader.epoch, round);
        known[me] = leader.member;
        took[me] = ds_now(h) - began;
        ck_assert(ds_sleep(h, 1000 * (double)round - (ds_now(h) - 1e6)));
    }
}

static size_t highest(size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (names[i] > names[best])
            best = i;
    return best;
}

/* The messages of a round, of which there are three alike; of n members the
 * first so many stand. */
static size_t elect(ds_thread_fn *serve, size_t n, size_t standing)
{
    party_new(&all, 3, n, 0, 1);
    ring_of =
        (ds_ring){ .group = all.group, .names = names, .members = members };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], serve, &ring_of);
    for (size_t i = 0; i < standing; i++)
        ds_node_spawn(all.nodes[i], stand, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    for (size_t i = 0; i < standing; i++)
        ck_assert_uint_eq(known[i], highest(n));
    ck_assert_uint_eq(all.wire.messages % 3, 0);
    return all.wire.messages / 3;
}

/* So many messages, one after the other, all of one size. */
static void ck_steps_took(double seconds, size_t steps)
{
    double each = all.wire.bytes / (double)all.wire.messages;

    ck_party_took(seconds, (double)steps, (double)steps * each);
}

START_TEST(names_that_go_up_take_2_n_less_1_messages_and_n_tell_who_leads)
{
    size_t n = (size_t)_i;

    for (size_t i = 0; i < n; i++)
        names[i] = i;
    EACH_WAY
    {
        ck_assert_uint_eq(elect(ds_chang_roberts_serve, n, n), 3 * n - 1);
        ck_steps_took(took[n - 1], n);
        for (size_t i = 0; i + 1 < n; i++)
            ck_steps_took(took[i], n + i + 1);
    }
}
END_TEST

START_TEST(names_that_go_down_take_all_messages_there_can_be)
{
    size_t n = (size_t)_i;

    for (size_t i = 0; i < n; i++)
        names[i] = n - i;
    ck_assert_uint_eq(elect(ds_chang_roberts_serve, n, n), n * (n + 1) / 2 + n);
}
END_TEST

/* The name of the one goes to the highest, whose own goes around. */
START_TEST(one_who_stands_alone_wakes_the_highest)
{
    size_t n = (size_t)_i;

    for (size_t i = 0; i < n; i++)
        names[i] = n - (i + 1) % n;
    ck_assert_uint_eq(elect(ds_chang_roberts_serve, n, 1), 3 * n - 1);
}
END_TEST

/* ---- All orders -----------------------------------------------------------*/

/* The next one of names, as numbers; false: there is none. */
static bool permute(size_t n)
{
    size_t i = n - 1, k = n - 1;

    while (i > 0 && names[i - 1] > names[i])
        i--;
    if (i == 0)
        return false;
    while (names[k] < names[i - 1])
        k--;
    uint64_t swapped = names[k];
    names[k] = names[i - 1];
    names[i - 1] = swapped;
    for (k = n - 1; i < k; i++, k--) {
        swapped = names[i];
        names[i] = names[k];
        names[k] = swapped;
    }
    return true;
}

/* 5! times 5 (1 + 1/2 + 1/3 + 1/4 + 1/5), and 5 each to tell. */
START_TEST(on_average_of_all_orders_names_take_n_times_a_harmonic_number)
{
    size_t sum = 0;

    for (size_t i = 0; i < 5; i++)
        names[i] = i;
    do {
        sum += elect(ds_chang_roberts_serve, 5, 5);
    } while (permute(5));
    ck_assert_uint_eq(sum, 1370 + 120 * 5);
}
END_TEST

/* How many hops a name makes to one side until it is stopped, or far. */
static size_t hops(size_t n, size_t from, size_t step, size_t far)
{
    for (size_t k = 1; k <= far; k++)
        if (names[(from + k * step) % n] > names[from] || k == n)
            return k;
    return far;
}

static bool is_highest_up_to(size_t n, size_t from, size_t step, size_t far)
{
    for (size_t k = 1; k <= far; k++)
        if (names[(from + k * step) % n] >= names[from])
            return false;
    return true;
}

/* By the names alone: probes on both sides, answers, and so on while there are
 * two. */
static size_t probes_of(size_t n, size_t from)
{
    size_t messages = 0;
    bool goes_on = true;

    for (size_t far = 1; goes_on; far *= 2) {
        const size_t steps[] = { 1, n - 1 };
        goes_on = true;
        for (int side = 0; side < 2; side++) {
            bool answered = is_highest_up_to(n, from, steps[side], far);
            messages += hops(n, from, steps[side], far) + answered * far;
            goes_on = goes_on && answered;
        }
    }
    return messages;
}

/* A probe and an answer may meet at a port, so that on a switch each message on
 * the way to the leader needs as long as one does, or as all do. */
static void ck_ways_took(size_t n)
{
    static double without;
    double bytes = all.wire.bytes / 3, seconds = took[highest(n)];

    if (party_drain(1) == 0)
        without = seconds;
    ck_assert_double_ge(
        seconds,
        without * (1 + party_drain(bytes / (double)(all.wire.messages / 3))) -
            1e-6);
    ck_assert_double_le(seconds, without + party_drain(bytes) + 1e-6);
}

static void ck_probes(size_t n)
{
    size_t messages = n, doublings = 0;

    for (size_t i = 0; i < n; i++)
        messages += probes_of(n, i);
    while ((size_t)1 << doublings < n)
        doublings++;
    EACH_WAY
    {
        ck_assert_uint_eq(elect(ds_hirschberg_sinclair_serve, n, n), messages);
        ck_ways_took(n);
    }
    ck_assert_uint_le(messages - n, 8 * n * (1 + doublings));
}

START_TEST(probes_take_as_many_messages_as_the_order_of_names_says)
{
    for (size_t i = 0; i < 5; i++)
        names[i] = i;
    do {
        ck_probes(5);
    } while (permute(5));
}
END_TEST

START_TEST(probes_take_n_log_n_messages_in_the_worst_order_of_the_other)
{
    for (size_t n = 1; n <= 64; n += n < 10 ? 1 : 9) {
        for (size_t i = 0; i < n; i++)
            names[i] = n - i;
        ck_probes(n);
    }
}
END_TEST

/* ---- What can go wrong ----------------------------------------------------*/

static void stand_nowhere(ds_handle *h, void *arg)
{
    ds_leader leader;

    ck_assert(!ds_ring_elect(h, &ring_of, 1, &leader));
}

START_TEST(who_is_no_member_cannot_stand)
{
    party_new(&all, 3, 2, 1, 1);
    ring_of = (ds_ring){ .group = all.group, .members = members };
    ds_node_spawn(all.nodes[2], stand_nowhere, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_ring_elect: no member of the ring serves on");
}
END_TEST

static void stand_in_round_0(ds_handle *h, void *arg)
{
    ds_leader leader;

    ck_assert(ds_sleep(h, 1));
    ck_assert(!ds_ring_elect(h, &ring_of, 0, &leader));
}

START_TEST(there_is_no_round_0)
{
    party_new(&all, 3, 1, 0, 1);
    ring_of = (ds_ring){ .group = all.group, .members = members };
    ds_node_boot_daemon(all.nodes[0], ds_chang_roberts_serve, &ring_of);
    ds_node_spawn(all.nodes[0], stand_in_round_0, NULL);
    ck_run_once(all.loop, DS_FAILED, "ds_ring_elect: rounds count from 1");
}
END_TEST

static void stand_in_vain(ds_handle *h, void *arg)
{
    ds_leader leader;

    ck_assert(ds_sleep(h, 1));
    ck_assert(!ds_ring_elect(h, &ring_of, 1, &leader));
}

START_TEST(a_ring_that_is_broken_elects_nobody)
{
    party_new(&all, 3, 3, 0, 1);
    ring_of = (ds_ring){ .group = all.group, .members = members };
    for (size_t i = 0; i < 3; i++)
        ds_node_boot_daemon(all.nodes[i], ds_chang_roberts_serve, &ring_of);
    ds_node_spawn(all.nodes[0], stand_in_vain, NULL);
    ds_net_cut(all.wire.net, all.nodes[1], all.nodes[2]);
    ck_run_once(all.loop, DS_DEADLOCK, NULL);
}
END_TEST

/* With receipts it is only late. */
START_TEST(what_is_lost_is_sent_again)
{
    party_new(&all, 3, 3, 0, 1);
    ring_of = (ds_ring){ .group = all.group, .again = 10, .members = members };
    for (size_t i = 0; i < 3; i++) {
        names[i] = i;
        ds_node_boot_daemon(all.nodes[i], ds_chang_roberts_serve, &ring_of);
        ds_node_spawn(all.nodes[i], stand, NULL);
    }
    ds_net_set_faults(all.wire.net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.5, .duplicate = 0.5 });
    ck_run_once(all.loop, DS_OK, NULL);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(known[i], 2);
}
END_TEST

/* ---- Bullies --------------------------------------------------------------*/

static ds_bully bully;
static ds_leader view[PARTY_MOST];

static void ck_all_follow(size_t leader, size_t first, size_t n)
{
    for (size_t i = first; i < n; i++) {
        ck_assert_uint_eq(view[i].member, leader);
        ck_assert_int_eq(view[i].epoch, view[leader].epoch);
    }
}

/* Who comes back as the highest writes down its epoch, which takes a quarter of
 * a second, and tells all others at once. */
static void ck_told(ds_handle *h, size_t n)
{
    double each = all.wire.bytes / (double)all.wire.messages;
    double seconds = 1.25 + party_drain((double)(n - 1) * each);

    ck_assert(ds_sleep(h, seconds - 0.0001));
    for (size_t i = 0; i + 1 < n; i++)
        ck_assert_uint_eq(view[i].member, n - 2);
    ck_assert(ds_sleep(h, 0.0002));
    ck_all_follow(n - 1, 0, n);
}

/* A leader repeats itself every 5 seconds; until they ask, who has missed it
 * has waited for 15. */
static void crash_the_leader(ds_handle *h, void *arg)
{
    size_t n = all.group.n;

    ck_assert(ds_sleep(h, 4));
    ck_all_follow(n - 1, 0, n);
    ck_assert_uint_eq(all.wire.messages, n * n - 1);
    ck_assert(ds_sleep(h, 5));
    ck_assert_uint_eq(all.wire.messages, n * n - 1 + n - 1);
    ds_node_crash(all.nodes[n - 1]);
    size_t sent = all.wire.messages;
    ck_assert(ds_sleep(h, 20));
    ck_all_follow(n - 2, 0, n - 1);
    ck_assert_uint_eq(all.wire.messages - sent, n * n - n - 1);
    ds_node_restart(all.nodes[n - 1]);
    ck_told(h, n);
    ck_assert(ds_sleep(h, 4));
    ck_all_follow(n - 1, 0, n);
}

START_TEST(bullies_take_n_times_n_less_1_messages_and_fewer_the_next_time)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        party_new(&all, 3, n, 0, 1);
        bully = (ds_bully){ .group = all.group, .patience = 5, .leader = view };
        for (size_t i = 0; i < n; i++)
            ds_node_boot_daemon(all.nodes[i], ds_bully_serve, &bully);
        ds_spawn(all.loop, crash_the_leader, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
    }
}
END_TEST

/* Whatever is known of epochs is on the other side of the cut. */
static void cut_in_two(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 100));
    ck_all_follow(3, 0, 4);
    for (size_t i = 0; i < 4; i++) {
        ds_net_cut(all.wire.net, all.nodes[i % 2], all.nodes[2 + i / 2]);
        ds_net_cut(all.wire.net, all.nodes[2 + i / 2], all.nodes[i % 2]);
    }
    ck_assert(ds_sleep(h, 100));
    ck_all_follow(3, 2, 4);
    ck_all_follow(1, 0, 2);
    ck_assert_int_ne(view[1].epoch, view[3].epoch);
    ds_net_mend(all.wire.net, NULL, NULL);
    ck_assert(ds_sleep(h, 100));
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(view[i].member, 3);
}

START_TEST(two_sides_of_a_cut_have_leaders_of_different_epochs)
{
    party_new(&all, 3, 4, 0, 1);
    bully = (ds_bully){ .group = all.group, .patience = 5, .leader = view };
    for (size_t i = 0; i < 4; i++)
        ds_node_boot_daemon(all.nodes[i], ds_bully_serve, &bully);
    ds_spawn(all.loop, cut_in_two, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, names_that_go_up_take_2_n_less_1_messages_and_n_tell_who_leads, 1,
        9);
    tcase_add_loop_test(tc, names_that_go_down_take_all_messages_there_can_be,
                        1, 9);
    tcase_add_loop_test(tc, one_who_stands_alone_wakes_the_highest, 2, 9);
    tcase_add_test(
        tc, on_average_of_all_orders_names_take_n_times_a_harmonic_number);
    tcase_add_test(tc, probes_take_as_many_messages_as_the_order_of_names_says);
    tcase_add_test(
        tc, probes_take_n_log_n_messages_in_the_worst_order_of_the_other);
    tcase_add_test(tc, who_is_no_member_cannot_stand);
    tcase_add_test(tc, there_is_no_round_0);
    tcase_add_test(tc, a_ring_that_is_broken_elects_nobody);
    tcase_add_test(tc, what_is_lost_is_sent_again);
    tcase_add_loop_test(
        tc, bullies_take_n_times_n_less_1_messages_and_fewer_the_next_time, 2,
        9);
    tcase_add_test(tc, two_sides_of_a_cut_have_leaders_of_different_epochs);
}

int main(void)
{
    return harness_main("election", add);
}
