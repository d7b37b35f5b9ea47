/* Machines that a group runs: what sessions promise, whatever the log is agreed
 * on by. */

#include "counted.h"
#include "proto/machine.h"

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/observe.h>
#include <distsys/paxos_log.h>
#include <distsys/raft.h>

/* ---- Machines -------------------------------------------------------------*/

static const struct {
    const ds_machine *machine;
    int64_t op, arg[2], result, state;
} steps[] = {
    { &ds_register_machine, DS_WRITE, { 7, 0 }, 0, 7 },
    { &ds_register_machine, DS_READ, { 0, 0 }, 5, 5 },
    { &ds_register_machine, DS_CAS, { 5, 9 }, 1, 9 },
    { &ds_register_machine, DS_CAS, { 4, 9 }, 0, 5 },
    { &ds_counter_machine, DS_COUNTER_READ, { 3, 0 }, 5, 5 },
    { &ds_counter_machine, DS_COUNTER_ADD, { 3, 0 }, 0, 8 },
    { &ds_counter_machine, DS_COUNTER_ADD_AND_READ, { 3, 0 }, 8, 8 },
};
enum { STEPS = sizeof(steps) / sizeof(*steps) };

START_TEST(a_machine_does_what_its_model_says)
{
    const ds_command c = { .op = steps[_i].op,
                           .arg = { steps[_i].arg[0], steps[_i].arg[1] } };
    int64_t state = 5;

    ck_assert_uint_eq(steps[_i].machine->size, sizeof(state));
    ck_assert_int_eq(steps[_i].machine->look(&state, &c), 5);
    ck_assert_int_eq(steps[_i].machine->apply(&state, &c), steps[_i].result);
    ck_assert_int_eq(state, steps[_i].state);
}
END_TEST

/* ---- Replicas -------------------------------------------------------------*/

/* Clients come in an order that is none. */
static ds__request request_of(uint64_t i)
{
    return (ds__request){ .client = 1 + i * 37 % 101,
                          .number = (int64_t)i + 1,
                          .command = { .op = DS_COUNTER_ADD_AND_READ,
                                       .arg = { 1 } } };
}

START_TEST(a_replica_remembers_what_each_client_did_last)
{
    ds__replica r;

    ck_assert(ds__replica_open(NULL, &r, &ds_counter_machine));
    for (uint64_t i = 0; i < 202; i++) {
        const ds__request request = request_of(i);
        const ds__done *done = ds__replica_done(&r, request.client);
        ck_assert_int_eq(done->number, i < 101 ? 0 : (int64_t)i - 100);
        ck_assert(!ds__was_done(done, &request));
        done = ds__replica_do(NULL, &r, &request);
        ck_assert_ptr_eq(done, ds__replica_done(&r, request.client));
        ck_assert(ds__was_done(done, &request));
        ck_assert_int_eq(done->result, (int64_t)i + 1);
    }
    ck_assert_uint_eq(r.n, 101);
    ds__replica_close(&r);
}
END_TEST

START_TEST(a_snapshot_has_the_state_and_the_sessions)
{
    ds__replica a, b;

    ck_assert(ds__replica_open(NULL, &a, &ds_counter_machine));
    ck_assert(ds__replica_open(NULL, &b, &ds_counter_machine));
    for (uint64_t i = 0; i < 50; i++)
        ds__replica_do(NULL, &a, &(ds__request){ .client = 1000 + i });
    for (uint64_t i = 0; i < 7; i++) {
        const ds__request request = request_of(i);
        ds__replica_do(NULL, &b, &request);
    }
    size_t size = ds__replica_size(&b);
    unsigned char *snapshot = malloc(size), *again = malloc(size);
    ds__replica_save(&b, snapshot);
    ds__replica_load(NULL, &a, snapshot, size);
    ck_assert_uint_eq(ds__replica_size(&a), size);
    ck_assert_uint_eq(size, sizeof(int64_t) + 7 * 24);
    ds__replica_save(&a, again);
    ck_assert_mem_eq(snapshot, again, size);
    free(snapshot);
    free(again);
    ds__replica_close(&a);
    ds__replica_close(&b);
}
END_TEST

/* ---- Engines --------------------------------------------------------------*/

static party all;
static ds_raft raft;
static ds_paxos_log paxos;

static void boot_raft(size_t n)
{
    raft = (ds_raft){ .group = all.group,
                      .machine = &ds_counter_machine,
                      .tick = 20,
                      .compact = 10 };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_raft_serve, &raft);
}

static void boot_paxos(size_t n)
{
    paxos = (ds_paxos_log){ .group = all.group,
                            .machine = &ds_counter_machine,
                            .tick = 20,
                            .compact = 10 };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_paxos_log_serve, &paxos);
}

/* A tick is 20 seconds, a message takes one. */
static void (*const engines[])(size_t n) = { boot_raft, boot_paxos };
enum { ENGINES = sizeof(engines) / sizeof(*engines) };

static const ds_command add_one = { .op = DS_COUNTER_ADD_AND_READ,
                                    .arg = { 1 } };

/* A group of the engine, with clients; nothing has run yet. */
static void gather(int engine, uint64_t seed, size_t n, size_t clients,
                   ds_thread_fn *client)
{
    party_new(&all, seed, n, clients, 1);
    engines[engine](n);
    for (size_t i = 0; i < clients; i++)
        ds_node_spawn(all.nodes[n + i], client, NULL);
    ds_observer_new(all.loop, &(ds_observer_config){
                                  .members = n,
                                  .stop = true,
                              });
}

static void with_clients(int engine, size_t n, size_t clients,
                         ds_thread_fn *client, ds_thread_fn *fate,
                         ds_status status)
{
    gather(engine, 3, n, clients, client);
    if (fate != NULL)
        ds_spawn(all.loop, fate, NULL);
    ck_run_once(all.loop, status, NULL);
}

static ds_session session_of(ds_handle *h, double patience)
{
    size_t me = ds_node_number(ds_handle_node(h));

    return ds_session_of(h, &all.group, all.ports[me], 30, patience);
}

enum { ADDS = 20 };
static int64_t sums, highest;

static void add_often(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 0);
    int64_t sum, seen;

    ck_assert(ds_sleep(h, 1000));
    for (int i = 0; i < ADDS; i++) {
        ck_assert(ds_session_do(h, &s, &add_one, &sum));
        ck_assert(ds_session_look(h, &s, &add_one, &seen));
        ck_assert_int_ge(seen, sum);
        sums += sum;
        if (sum > highest)
            highest = sum;
    }
}

/* Whatever is lost: that is what it sums up to if each has another result. */
static void ck_added_once(int64_t clients)
{
    const int64_t n = clients * ADDS;

    ck_assert_int_eq(highest, n);
    ck_assert_int_eq(sums, n * (n + 1) / 2);
}

START_TEST(many_clients_are_served_at_a_time)
{
    sums = highest = 0;
    with_clients(_i, 5, 40, add_often, NULL, DS_OK);
    ck_added_once(40);
}
END_TEST

static void lose_and_crash(ds_handle *h, void *arg)
{
    ds_net_set_faults(all.wire.net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.2, .jitter = 10 });
    for (int i = 0; i < 60; i++) {
        size_t who = (size_t)(ds_random(h) * (double)all.group.n);
        ck_assert(ds_sleep(h, 200 * ds_random(h)));
        ds_node_crash(all.nodes[who]);
        ck_assert(ds_sleep(h, 50 * ds_random(h)));
        ds_node_restart(all.nodes[who]);
    }
    ds_net_set_faults(all.wire.net, NULL, NULL, (ds_link_faults){ 0 });
}

START_TEST(a_command_that_is_asked_for_again_is_done_once)
{
    sums = highest = 0;
    with_clients(_i, 3, 4, add_often, lose_and_crash, DS_OK);
    ck_added_once(4);
}
END_TEST

/* Each member is asked first once, in a time without heartbeats. */
static void ask_each(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 0);
    int64_t sum;
    size_t own = 0;

    ck_assert(ds_sleep(h, 1000));
    ck_assert(ds_session_do(h, &s, &add_one, &sum));
    size_t leader = s.member;
    for (size_t i = 0; i < all.group.n; i++) {
        size_t heard = all.wire.messages;
        while (heard == all.wire.messages)
            ck_assert(ds_sleep(h, 1));
        ck_assert(ds_sleep(h, 4));
        heard = all.wire.messages;
        s.member = i;
        double began = ds_now(h);
        ck_assert(ds_session_look(h, &s, &add_one, &sum));
        ck_assert_uint_eq(all.wire.messages - heard,
                          2 * all.group.n + (i == leader ? 0 : 2));
        ck_assert_double_eq(ds_now(h) - began, i == leader ? 4 : 6);
        ck_assert_uint_eq(s.member, leader);
        own += i == leader;
    }
    ck_assert_uint_eq(own, 1);
}

START_TEST(who_does_not_lead_says_who_does)
{
    with_clients(_i, 4, 1, ask_each, NULL, DS_OK);
}
END_TEST

/* ---- Crashes --------------------------------------------------------------*/

/* Calls, and what they have come to, as a counter is to be. */
static ds_history *history;

static void note_all(ds_handle *h, void *arg)
{
    static const int ops[] = { DS_COUNTER_ADD, DS_COUNTER_READ,
                               DS_COUNTER_ADD_AND_READ };
    ds_session s = session_of(h, 0);

    ck_assert(ds_sleep(h, 100));
    for (int i = 0; i < 12; i++) {
        const int op = ops[(int)(3 * ds_random(h))];
        const ds_command c = { .op = op, .arg = { i + 1 } };
        int64_t result;
        size_t call = ds_history_begin(history, ds_now(h), s.asker.identity, op,
                                       0, i + 1, 0);
        ck_assert(op == DS_COUNTER_READ ? ds_session_look(h, &s, &c, &result)
                                        : ds_session_do(h, &s, &c, &result));
        ds_history_end(history, ds_now(h), call, result);
    }
}

/* Switches on again what is down, for a while later. */
static void mend(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 150))
        for (size_t i = 0; i < all.group.n; i++)
            if (!ds_node_is_up(all.nodes[i]))
                ds_node_restart(all.nodes[i]);
}

static void ck_linearizable(void)
{
    char why[4000];

    ds_spawn_daemon(all.loop, mend, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    if (ds_history_check(history, &ds_counter_model, 0, why, sizeof(why)) !=
        DS_LINEARIZABLE)
        ck_abort_msg("%s", why);
    ds_history_free(history);
}

/* Members take turns, at each call that they make; some lose all that was not
 * safe, and some a part. */
START_TEST(a_crash_at_any_call_is_linearizable)
{
    const uint64_t most = harness_full() ? 400 : 100;

    for (uint64_t k = 1; k <= most; k++) {
        history = ds_history_new();
        gather(_i, k, 3, 2, note_all);
        ds_node_crash_at(all.nodes[k % 3], DS_AT_CALL, k);
        ck_linearizable();
    }
}
END_TEST

static void lose_power(ds_handle *h, void *arg)
{
    while (ds_node_is_up(all.nodes[0]))
        if (!ds_sleep(h, 0.125))
            return;
    for (size_t i = 1; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
}

START_TEST(a_power_failure_of_all_is_linearizable)
{
    for (uint64_t k = 1; k <= 40; k++) {
        history = ds_history_new();
        gather(_i, k, 2 + (size_t)k % 4, 2, note_all);
        ds_node_crash_at(all.nodes[0], DS_AT_SYNC, k);
        ds_spawn_daemon(all.loop, lose_power, NULL);
        ck_linearizable();
    }
}
END_TEST

/* Bad links all the time, and one machine after the other. */
static void hurt(ds_handle *h, void *arg)
{
    ds_net_set_faults(
        all.wire.net, NULL, NULL,
        (ds_link_faults){ .drop = 0.1, .duplicate = 0.1, .jitter = 5 });
    for (int i = 0; i < 8; i++) {
        size_t who = (size_t)(ds_random(h) * (double)all.group.n);
        if (!ds_sleep(h, 300 * ds_random(h)))
            return;
        if (i % 2 == 0)
            ds_node_crash(all.nodes[who]);
        else
            ds_net_partition(all.wire.net, &all.nodes[who], 1);
        if (!ds_sleep(h, 200 * ds_random(h)))
            return;
        ds_net_heal(all.wire.net);
    }
    ds_net_set_faults(all.wire.net, NULL, NULL, (ds_link_faults){ 0 });
}

START_TEST(bad_links_and_crashes_are_linearizable)
{
    for (uint64_t k = 1; k <= (harness_full() ? 400 : 60); k++) {
        history = ds_history_new();
        gather(_i, k, 3 + (size_t)k % 3, 3, note_all);
        ds_spawn_daemon(all.loop, hurt, NULL);
        ck_linearizable();
    }
}
END_TEST

/* ---- Snapshots ------------------------------------------------------------*/

/* One is away while others do more than any log holds; then it is needed. */
static void leave_one_behind(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 0);
    int64_t sum, before;

    ck_assert(ds_sleep(h, 1000));
    ck_assert(ds_session_do(h, &s, &add_one, &sum));
    size_t away = (s.member + 1) % 3, other = (s.member + 2) % 3;
    ds_node_crash(all.nodes[away]);
    for (int i = 0; i < 50; i++)
        ck_assert(ds_session_do(h, &s, &add_one, &before));
    ds_session late = s;
    ds_node_restart(all.nodes[away]);
    ck_assert(ds_sleep(h, 200));
    ds_node_crash(all.nodes[s.member]);
    ds_node_crash(all.nodes[other]);
    ck_assert(ds_sleep(h, 10));
    ds_node_restart(all.nodes[other]);
    ck_assert(ds_session_do(h, &s, &add_one, &sum));
    ck_assert_int_eq(sum, before + 1);
    /* What had been done is not done again, whoever leads now. */
    late.number--;
    late.patience = 500;
    late.member = s.member;
    ck_assert(!ds_session_do(h, &late, &add_one, &sum));
    ck_assert(ds_session_look(h, &s, &add_one, &sum));
    ck_assert_int_eq(sum, before + 1);
}

START_TEST(who_was_away_for_long_has_state_and_sessions)
{
    with_clients(_i, 3, 1, leave_one_behind, NULL, DS_OK);
}
END_TEST

/* Its new life does not know what was done under a leader before this one. */
static void need_who_was_away(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 0);
    int64_t sum;

    ck_assert(ds_sleep(h, 1000));
    for (int i = 0; i < 5; i++)
        ck_assert(ds_session_do(h, &s, &add_one, &sum));
    const size_t first = s.member;
    ds_node_crash(all.nodes[first]);
    ck_assert(ds_session_do(h, &s, &add_one, &sum));
    const size_t second = s.member, third = 3 - first - second;
    ds_node_restart(all.nodes[first]);
    ck_assert(ds_sleep(h, 100));
    ds_node_crash(all.nodes[third]);
    ck_assert(ds_sleep(h, 1));
    ds_node_restart(all.nodes[third]);
    ds_node_crash(all.nodes[first]);
    ck_assert(ds_session_do(h, &s, &add_one, &sum));
    ck_assert_int_eq(sum, 7);
    ck_assert_uint_eq(s.member, second);
}

START_TEST(who_has_just_come_back_is_of_use)
{
    with_clients(_i, 3, 1, need_who_was_away, NULL, DS_OK);
}
END_TEST

/* ---- The end --------------------------------------------------------------*/

static void ask_the_dead(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 100);
    int64_t sum;

    for (size_t i = 0; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
    ck_assert(ds_sleep(h, 1000));
    ck_assert(!ds_session_do(h, &s, &add_one, &sum));
    ck_assert_double_eq(ds_now(h), 1100);
    ck_assert(!ds_session_look(h, &s, &add_one, &sum));
    ck_assert_double_eq(ds_now(h), 1200);
}

START_TEST(a_session_gives_up_after_its_patience)
{
    with_clients(_i, 3, 1, ask_the_dead, NULL, DS_OK);
}
END_TEST

static void ask_for_ever(ds_handle *h, void *arg)
{
    ds_session s = session_of(h, 0);
    int64_t sum;

    for (size_t i = 0; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
    ck_assert(!ds_session_do(h, &s, &add_one, &sum));
}

static void stop_late(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 5000));
    ds_stop(h);
}

START_TEST(a_session_ends_with_the_simulation)
{
    with_clients(_i, 3, 1, ask_for_ever, stop_late, DS_STOPPED);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_machine_does_what_its_model_says, 0, STEPS);
    tcase_add_test(tc, a_replica_remembers_what_each_client_did_last);
    tcase_add_test(tc, a_snapshot_has_the_state_and_the_sessions);
    tcase_add_loop_test(tc, many_clients_are_served_at_a_time, 0, ENGINES);
    tcase_add_loop_test(tc, a_command_that_is_asked_for_again_is_done_once, 0,
                        ENGINES);
    tcase_add_loop_test(tc, who_does_not_lead_says_who_does, 0, ENGINES);
    tcase_add_loop_test(tc, a_crash_at_any_call_is_linearizable, 0, ENGINES);
    tcase_add_loop_test(tc, a_power_failure_of_all_is_linearizable, 0, ENGINES);
    tcase_add_loop_test(tc, bad_links_and_crashes_are_linearizable, 0, ENGINES);
    tcase_add_loop_test(tc, who_was_away_for_long_has_state_and_sessions, 0,
                        ENGINES);
    tcase_add_loop_test(tc, who_has_just_come_back_is_of_use, 0, ENGINES);
    tcase_add_loop_test(tc, a_session_gives_up_after_its_patience, 0, ENGINES);
    tcase_add_loop_test(tc, a_session_ends_with_the_simulation, 0, ENGINES);
}

int main(void)
{
    return harness_main("machine", add);
}
