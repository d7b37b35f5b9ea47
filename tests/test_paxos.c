/* Paxos: one value for each instance, and what it costs to agree. */

#include "counted.h"

#include <distsys.h>
#include <distsys/paxos.h>

static party all;
static ds_paxos paxos;

static void with_acceptors(size_t n, ds_thread_fn *one, ds_thread_fn *other,
                           ds_status status)
{
    party_new(&all, 5, n, 2, 1);
    paxos.group = all.group;
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_paxos_accept, &paxos);
    ds_node_spawn(all.nodes[n], one, NULL);
    if (other != NULL)
        ds_node_spawn(all.nodes[n + 1], other, NULL);
    ck_run_once(all.loop, status, NULL);
}

static ds_paxos_proposer proposer_of(ds_handle *h, size_t which)
{
    return ds_paxos_proposer_of(h, &paxos, all.ports[all.group.n + which]);
}

static int64_t propose(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                       int64_t value)
{
    int64_t chosen;

    ck_assert(ds_paxos_propose(h, p, instance, value, &chosen));
    return chosen;
}

/* ---- What it costs --------------------------------------------------------*/

/* Disks take a quarter of a second, once in each phase. */
static void propose_alone(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 0);

    ck_assert(ds_sleep(h, 1000));
    for (int64_t i = 0; i < 5; i++) {
        size_t asked = paxos.thrifty ? all.group.n / 2 + 1 : all.group.n;
        size_t sent = all.wire.messages;
        double began = ds_now(h), bytes = all.wire.bytes;
        ck_assert_int_eq(propose(h, &p, (uint64_t)i, 10 + i), 10 + i);
        ck_party_took(ds_now(h) - began, 4.5, all.wire.bytes - bytes);
        ck_assert(ds_sleep(h, 5));
        ck_assert_uint_eq(all.wire.messages - sent, 4 * asked);
    }
}

START_TEST(a_proposer_alone_takes_two_round_trips_and_4_n_messages)
{
    paxos = (ds_paxos){ .patience = 100, .pause = 1 };
    EACH_WAY
    with_acceptors((size_t)_i, propose_alone, NULL, DS_OK);
}
END_TEST

START_TEST(a_thrifty_one_takes_4_messages_for_each_of_a_majority)
{
    paxos = (ds_paxos){ .patience = 100, .pause = 1, .thrifty = true };
    EACH_WAY
    with_acceptors((size_t)_i, propose_alone, NULL, DS_OK);
}
END_TEST

/* ---- What is chosen -------------------------------------------------------*/

static int64_t decided[2][10];

static void propose_first(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 0);

    for (uint64_t i = 0; i < 10; i++)
        decided[0][i] = propose(h, &p, i, 100);
}

static void propose_second(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 1);

    for (uint64_t i = 0; i < 10; i++)
        decided[1][i] = propose(h, &p, i, 200);
}

START_TEST(rivals_agree_about_each_instance)
{
    paxos = (ds_paxos){ .patience = 10, .pause = 1 };
    with_acceptors(5, propose_first, propose_second, DS_OK);
    for (size_t i = 0; i < 10; i++) {
        ck_assert(decided[0][i] == 100 || decided[0][i] == 200);
        ck_assert_int_eq(decided[0][i], decided[1][i]);
    }
}
END_TEST

static void propose_late(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 1);

    ck_assert(ds_sleep(h, 1000));
    for (uint64_t i = 0; i < 10; i++)
        ck_assert_int_eq(propose(h, &p, i, 200), 100);
}

START_TEST(who_comes_late_learns_what_was_chosen)
{
    paxos = (ds_paxos){ .patience = 10, .pause = 1 };
    with_acceptors(4, propose_first, propose_late, DS_OK);
}
END_TEST

static void propose_and_crash_all(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 0), q = proposer_of(h, 1);

    for (int64_t i = 0; i < 5; i++) {
        ck_assert_int_eq(propose(h, &p, (uint64_t)i, i), i);
        for (size_t k = 0; k < all.group.n; k++)
            ds_node_crash(all.nodes[k]);
        for (size_t k = 0; k < all.group.n; k++)
            ds_node_restart(all.nodes[k]);
        ck_assert_int_eq(propose(h, &q, (uint64_t)i, 99), i);
    }
}

START_TEST(what_is_chosen_survives_a_crash_of_all)
{
    paxos = (ds_paxos){ .patience = 10, .pause = 1 };
    with_acceptors(3, propose_and_crash_all, NULL, DS_OK);
}
END_TEST

/* Two of four are as good as none: a majority of an even number is more than
 * half. */
static void propose_to_half(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 0);
    int64_t chosen;

    ds_node_crash(all.nodes[0]);
    ds_node_crash(all.nodes[1]);
    ck_assert(!ds_paxos_propose(h, &p, 0, 7, &chosen));
    ck_assert_double_ge(ds_now(h), 100);
    ds_node_restart(all.nodes[0]);
    ck_assert_int_eq(propose(h, &p, 0, 8), 8);
}

START_TEST(half_of_the_acceptors_are_not_enough)
{
    paxos = (ds_paxos){ .patience = 10, .pause = 1, .limit = 100 };
    with_acceptors(4, propose_to_half, NULL, DS_OK);
}
END_TEST

static void propose_in_vain(ds_handle *h, void *arg)
{
    ds_paxos_proposer p = proposer_of(h, 0);
    int64_t chosen;

    for (size_t k = 0; k < all.group.n; k++)
        ds_node_crash(all.nodes[k]);
    ck_assert(!ds_paxos_propose(h, &p, 0, 7, &chosen));
}

START_TEST(a_proposal_ends_with_the_simulation)
{
    paxos = (ds_paxos){ .patience = 0, .pause = 0 };
    with_acceptors(3, propose_in_vain, NULL, DS_DEADLOCK);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, a_proposer_alone_takes_two_round_trips_and_4_n_messages, 1, 8);
    tcase_add_loop_test(
        tc, a_thrifty_one_takes_4_messages_for_each_of_a_majority, 1, 8);
    tcase_add_test(tc, rivals_agree_about_each_instance);
    tcase_add_test(tc, who_comes_late_learns_what_was_chosen);
    tcase_add_test(tc, what_is_chosen_survives_a_crash_of_all);
    tcase_add_test(tc, half_of_the_acceptors_are_not_enough);
    tcase_add_test(tc, a_proposal_ends_with_the_simulation);
}

int main(void)
{
    return harness_main("paxos", add);
}
