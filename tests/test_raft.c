/* Raft: whatever crashes, at whichever call, observers find nothing and clients
 * see a register; and what it costs. */

#include "counted.h"

#include <distsys.h>
#include <distsys/history.h>
#include <distsys/observe.h>
#include <distsys/raft.h>

/* ---- A cluster and what happens to it -------------------------------------*/

typedef struct play play;

/* What a client does. */
typedef void act_fn(ds_handle *h, play *p, ds_session *s);

enum { CLIENTS = 3, MOST = 10 };

struct play {
    ds_raft raft; /* first: the arg of members */
    ds_loop *loop;
    ds_net *net;
    ds_node *nodes[MOST]; /* members first */
    ds_port *ports[MOST];
    ds_history *history;
    act_fn *act;
    int answered;
    size_t members[2]; /* who answered, at some times */
};

static bool call(ds_handle *h, play *p, ds_session *s, int op, int64_t arg0,
                 int64_t arg1, double ticks)
{
    const ds_command c = { .op = op, .arg = { arg0, arg1 } };
    size_t number = ds_history_begin(p->history, ds_now(h), s->asker.identity,
                                     op, 0, arg0, arg1);
    int64_t result;

    s->patience = ticks * p->raft.tick;
    if (op == DS_READ ? !ds_session_look(h, s, &c, &result)
                      : !ds_session_do(h, s, &c, &result))
        return false;
    ds_history_end(p->history, ds_now(h), number, result);
    p->answered++;
    return true;
}

static bool wait_ticks(ds_handle *h, const play *p, double ticks)
{
    return ds_sleep(h, ticks * p->raft.tick);
}

static ds_session session_of(ds_handle *h, const play *p)
{
    size_t me = ds_node_number(ds_handle_node(h));

    return ds_session_of(h, &p->raft.group, p->ports[me], 2 * p->raft.tick, 0);
}

static void client_body(ds_handle *h, void *arg)
{
    play *p = arg;
    ds_session s = session_of(h, p);

    p->act(h, p, &s);
}

/* Packets take at most a fifth of a tick, and disks a fiftieth. */
static void begin(play *p, const ds_loop_config *config, const ds_raft *raft,
                  size_t n, size_t clients, act_fn *act)
{
    /* It does not know how many are a quorum if that changes. */
    const ds_observer_config observer = {
        .checks = raft->voters > 0 ? DS_CHECK_USUAL & ~DS_CHECK_DURABILITY
                                   : DS_CHECK_USUAL,
        .members = n,
        .stop = true,
    };
    const ds_disk_config disk = { .sync_time = raft->tick / 50 };

    *p = (play){ .raft = *raft, .act = act };
    p->loop = ds_loop_new(config);
    p->history = ds_history_new();
    p->net = ds_random_net_new(p->loop, raft->tick / 5);
    for (size_t i = 0; i < n + clients; i++)
        p->nodes[i] = ds_node_new(p->loop);
    p->raft.group = ds_group_of(p->net, p->nodes, p->ports, n);
    p->raft.machine = &ds_register_machine;
    for (size_t i = 0; i < n; i++) {
        ds_node_set_disk(p->nodes[i], &disk);
        ds_node_boot_daemon(p->nodes[i], ds_raft_serve, &p->raft);
    }
    for (size_t i = n; i < n + clients; i++) {
        p->ports[i] = ds_port_new(p->nodes[i]);
        ds_node_spawn(p->nodes[i], client_body, p);
    }
    ds_observer_new(p->loop, &observer);
}

/* Runs it, and holds what clients saw against the model. */
static void end(play *p)
{
    char why[4000];

    if (ds_loop_run(p->loop) != DS_OK)
        ck_abort_msg("%s", ds_loop_error(p->loop));
    if (ds_history_check(p->history, &ds_register_model, 0, why, sizeof(why)) !=
        DS_LINEARIZABLE)
        ck_abort_msg("%s", why);
    ds_history_free(p->history);
    ds_loop_free(p->loop);
}

static ds_loop_config seeded(int seed)
{
    return (ds_loop_config){ .seed = (uint64_t)seed + 1, .exec = DS_FIBERS };
}

/* All kinds of it: one entry in a packet, or many; with snapshots, or none. */
static const ds_raft kinds[] = {
    { .tick = 0.1, .patience = 1.5, .batch = 1 },
    { .tick = 0.1, .patience = 1.5, .batch = 1, .pre_vote = true },
    { .tick = 10, .patience = 1.5, .compact = 3 },
    { .tick = 1e-3, .pre_vote = true, .steady = true, .compact = 1 },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* ---- Without faults -------------------------------------------------------*/

enum { REQUESTS = 12 };

/* Begins late, when a leader has been there for a while. */
static void ask_for_all(ds_handle *h, play *p, ds_session *s)
{
    int64_t base = 100 * (int64_t)ds_node_number(ds_handle_node(h));

    wait_ticks(h, p, 40);
    for (int i = 0; i < REQUESTS / 3; i++) {
        call(h, p, s, DS_WRITE, base + i, 0, 0);
        call(h, p, s, DS_CAS, base + i, base + 50 + i, 0);
        call(h, p, s, DS_READ, 0, 0, 0);
    }
}

START_TEST(clients_see_a_register)
{
    for (int n = 1; n <= 6; n++) {
        const ds_loop_config config = seeded(n);
        play p;
        begin(&p, &config, &kinds[_i], (size_t)n, CLIENTS, ask_for_all);
        end(&p);
        ck_assert_int_eq(p.answered, CLIENTS * REQUESTS);
    }
}
END_TEST

static uint64_t sent_before, sent_after;

static void count_heartbeats(ds_handle *h, play *p, ds_session *s)
{
    wait_ticks(h, p, 50);
    sent_before = ds_net_get_stats(p->net).sent;
    wait_ticks(h, p, 100);
    sent_after = ds_net_get_stats(p->net).sent;
}

START_TEST(an_idle_leader_is_answered_by_each_every_tick)
{
    for (size_t n = 2; n <= 7; n++) {
        const ds_loop_config config = seeded(0);
        play p;
        begin(&p, &config, &kinds[0], n, 1, count_heartbeats);
        end(&p);
        ck_assert_uint_ge(sent_after - sent_before, 99 * 2 * (n - 1));
        ck_assert_uint_le(sent_after - sent_before, 101 * 2 * (n - 1));
    }
}
END_TEST

static uint64_t digest_on(ds_exec exec)
{
    const ds_loop_config config = { .seed = 5, .exec = exec };
    play p;

    begin(&p, &config, &kinds[2], 3, 2, ask_for_all);
    ck_assert_int_eq(ds_loop_run(p.loop), DS_OK);
    const uint64_t digest = ds_loop_digest(p.loop);
    ds_history_free(p.history);
    ds_loop_free(p.loop);
    return digest;
}

START_TEST(threads_and_fibers_run_it_alike)
{
    ck_assert_uint_eq(digest_on(DS_THREADS), digest_on(DS_FIBERS));
}
END_TEST

/* ---- What it costs --------------------------------------------------------*/

static party all;
static ds_raft raft;

/* Nobody is impatient for 300 seconds, or longer among so many that two would
 * be so at a time; a heartbeat comes every 100.  A message takes a second, and
 * a disk a quarter of one. */
static void with_members(size_t n, bool pre_vote, ds_thread_fn *client)
{
    party_new(&all, 11, n, 1, 1);
    raft = (ds_raft){ .group = all.group,
                      .machine = &ds_counter_machine,
                      .tick = 100,
                      .patience = n < 10 ? 3 : 3 * (double)n,
                      .pre_vote = pre_vote };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_raft_serve, &raft);
    ds_node_spawn(all.nodes[n], client, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}

static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 64, 65, 99, 128 };
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

static void count_election(ds_handle *h, void *arg)
{
    const size_t others = all.group.n - 1;

    party_wait_for_leader(&all, h, raft.patience * raft.tick);
    ck_assert_uint_eq(all.wire.messages, (raft.pre_vote ? 6 : 4) * others);
}

START_TEST(an_election_takes_2_messages_for_each_other_and_2_tell_of_it)
{
    with_members(sizes[_i], false, count_election);
}
END_TEST

START_TEST(one_that_is_asked_for_early_takes_2_more)
{
    with_members(sizes[_i], true, count_election);
}
END_TEST

/* Waits for a heartbeat to be over first. */
static void count_call(ds_handle *h, ds_session *s, bool looks, double seconds,
                       size_t messages)
{
    const ds_command c = { .op = DS_COUNTER_ADD, .arg = { 1 } };
    size_t sent = all.wire.messages;
    int64_t sum;

    while (all.group.n > 1 && all.wire.messages == sent)
        ck_assert(ds_sleep(h, 1));
    ck_assert(ds_sleep(h, 10));
    sent = all.wire.messages;
    double began = ds_now(h), bytes = all.wire.bytes;
    ck_assert(looks ? ds_session_look(h, s, &c, &sum)
                    : ds_session_do(h, s, &c, &sum));
    ck_party_took(ds_now(h) - began, seconds, all.wire.bytes - bytes);
    ck_assert(ds_sleep(h, 10));
    ck_assert_uint_eq(all.wire.messages - sent, messages);
}

static void count_calls(ds_handle *h, void *arg)
{
    const size_t n = all.group.n;
    const ds_command c = { .op = DS_COUNTER_ADD, .arg = { 1 } };
    ds_session s = ds_session_of(h, &all.group, all.ports[n], 50, 0);
    int64_t sum;

    party_wait_for_leader(&all, h, raft.patience * raft.tick);
    ck_assert(ds_session_do(h, &s, &c, &sum)); /* knows who leads now */
    for (int i = 0; i < 5; i++) {
        count_call(h, &s, false, n == 1 ? 2.25 : 4.5, 2 * n);
        count_call(h, &s, true, n == 1 ? 2 : 4, 2 * n);
    }
    ck_assert(ds_session_look(h, &s, &c, &sum));
    ck_assert_int_eq(sum, 6);
}

START_TEST(a_command_takes_2_n_messages_and_so_does_a_look)
{
    EACH_WAY
    with_members((size_t)_i, false, count_calls);
}
END_TEST

START_TEST(so_it_does_among_many)
{
    with_members(sizes[_i], false, count_calls);
}
END_TEST

/* ---- Crashes --------------------------------------------------------------*/

/* Switches on again what is down, ten ticks later. */
static void mend(ds_handle *h, void *arg)
{
    const play *p = arg;

    while (wait_ticks(h, p, 10))
        for (size_t i = 0; i < p->raft.group.n; i++)
            if (!ds_node_is_up(p->nodes[i]))
                ds_node_restart(p->nodes[i]);
}

/* Members take turns, at each call that they make until the clients are done;
 * to try all of them takes a sanitizer of threads a minute. */
START_TEST(a_crash_at_any_call_loses_nothing)
{
    const uint64_t most = harness_full() ? 400 : 60;

    for (uint64_t k = 1; k <= most; k++) {
        for (uint64_t who = 0; who < 3; who++) {
            if (!harness_full() && who != k % 3)
                continue;
            const ds_loop_config config = seeded((int)k);
            play p;
            begin(&p, &config, &kinds[_i], 3, 2, ask_for_all);
            ds_node_crash_at(p.nodes[who], DS_AT_CALL, k);
            ds_spawn_daemon(p.loop, mend, &p);
            end(&p);
            ck_assert_int_eq(p.answered, 2 * REQUESTS);
        }
    }
}
END_TEST

/* Has all lose their power when the first does. */
static void cut_power(ds_handle *h, void *arg)
{
    play *p = arg;

    while (ds_node_is_up(p->nodes[0]))
        if (!wait_ticks(h, p, 0.01))
            return;
    for (size_t i = 1; i < p->raft.group.n; i++)
        ds_node_crash(p->nodes[i]);
}

START_TEST(a_power_failure_of_all_loses_nothing)
{
    for (int k = 1; k <= 40; k++) {
        const ds_loop_config config = seeded(k);
        play p;
        begin(&p, &config, &kinds[_i], 3, 2, ask_for_all);
        ds_node_crash_at(p.nodes[0], DS_AT_SYNC, (uint64_t)k);
        ds_spawn_daemon(p.loop, cut_power, &p);
        ds_spawn_daemon(p.loop, mend, &p);
        end(&p);
        ck_assert_int_eq(p.answered, 2 * REQUESTS);
    }
}
END_TEST

/* A client asks while most are down, and when they are back. */
static void ask_a_minority(ds_handle *h, play *p, ds_session *s)
{
    const size_t n = p->raft.group.n;

    wait_ticks(h, p, 40);
    ck_assert(call(h, p, s, DS_WRITE, 7, 0, 100));
    for (size_t i = 0; i < n / 2 + n % 2; i++)
        ds_node_crash(p->nodes[(s->member + i) % n]);
    ck_assert(!call(h, p, s, DS_WRITE, 8, 0, 100));
    ck_assert(!call(h, p, s, DS_READ, 0, 0, 100));
    for (size_t i = 0; i < n; i++)
        if (!ds_node_is_up(p->nodes[i]))
            ds_node_restart(p->nodes[i]);
    ck_assert(call(h, p, s, DS_READ, 0, 0, 100));
}

START_TEST(half_of_them_answer_nobody)
{
    const ds_loop_config config = seeded(_i);
    play p;

    begin(&p, &config, &kinds[0], 2 + (size_t)_i % 4, 1, ask_a_minority);
    end(&p);
    ck_assert_int_eq(p.answered, 2);
}
END_TEST

/* ---- Snapshots ------------------------------------------------------------*/

/* What lies on the disk of a member, and how far its snapshot goes. */
static size_t kept_log;
static unsigned long long snapshots;

static void look_at_disk(ds_handle *h, void *arg)
{
    char name[40];

    kept_log = 0;
    for (unsigned long long i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "snapshot.%llu", i);
        if (ds_disk_size(h, name) > 0)
            snapshots = i;
        snprintf(name, sizeof(name), "log.%llu", i);
        kept_log += ds_disk_size(h, name);
    }
}

static void leave_one_behind(ds_handle *h, play *p, ds_session *s)
{
    wait_ticks(h, p, 40);
    ck_assert(call(h, p, s, DS_WRITE, 1, 0, 0));
    size_t away = (s->member + 1) % 3, other = (s->member + 2) % 3;
    ds_node_crash(p->nodes[away]);
    for (int i = 2; i <= 50; i++)
        ck_assert(call(h, p, s, DS_WRITE, i, 0, 0));
    ds_node_restart(p->nodes[away]);
    wait_ticks(h, p, 20);
    ds_node_spawn(p->nodes[away], look_at_disk, NULL);
    ds_node_crash(p->nodes[other]);
    ck_assert(call(h, p, s, DS_WRITE, 51, 0, 0));
    ck_assert(call(h, p, s, DS_READ, 0, 0, 0));
}

START_TEST(who_was_away_for_long_is_sent_a_snapshot)
{
    const ds_loop_config config = seeded(_i);
    ds_raft with = kinds[0];
    play p;

    with.compact = 8;
    snapshots = 0;
    begin(&p, &config, &with, 3, 1, leave_one_behind);
    end(&p);
    ck_assert_int_eq(p.answered, 52);
    ck_assert_uint_ge(snapshots, 1);
    ck_assert_uint_le(snapshots, 3);
    ck_assert_uint_le(kept_log, 10 * 64);
}
END_TEST

/* ---- Who votes ------------------------------------------------------------*/

/* Has two others vote, and does without the only one that did at first. */
static void replace_the_first(ds_handle *h, play *p, ds_session *s)
{
    wait_ticks(h, p, 40);
    ck_assert(call(h, p, s, DS_WRITE, 7, 0, 100));
    s->patience = 0;
    ck_assert(ds_raft_change(h, s, 1, true));
    ck_assert(ds_raft_change(h, s, 2, true));
    p->members[0] = s->member;
    if (p->raft.pre_vote)
        ds_node_crash(p->nodes[0]);
    else
        ck_assert(ds_raft_change(h, s, 0, false));
    ck_assert(call(h, p, s, DS_READ, 0, 0, 100));
    p->members[1] = s->member;
}

START_TEST(who_is_made_a_voter_takes_over)
{
    const ds_loop_config config = seeded(_i);
    ds_raft with = kinds[_i % KINDS];
    play p;

    with.voters = 1;
    begin(&p, &config, &with, 3, 1, replace_the_first);
    end(&p);
    ck_assert_int_eq(p.answered, 2);
    ck_assert_uint_eq(p.members[0], 0);
    ck_assert_uint_ne(p.members[1], 0);
}
END_TEST

/* Goes from one voter to two others, of many, each of which has to be there. */
static void go_to_the_last(ds_handle *h, void *arg)
{
    const size_t n = all.group.n;
    const ds_command c = { .op = DS_COUNTER_ADD, .arg = { 1 } };
    ds_session s = ds_session_of(h, &all.group, all.ports[n], 50, 0);
    int64_t sum;

    party_wait_for_leader(&all, h, raft.patience * raft.tick);
    ck_assert(ds_session_do(h, &s, &c, &sum));
    ck_assert(ds_raft_change(h, &s, n - 1, true));
    ck_assert(ds_raft_change(h, &s, n - 2, true));
    ck_assert(ds_raft_change(h, &s, 0, false));
    ck_assert(ds_session_do(h, &s, &c, &sum));
    for (size_t who = n - 2; who < n; who++) {
        ds_node_crash(all.nodes[who]);
        s.patience = 10000;
        ck_assert(!ds_session_do(h, &s, &c, &sum));
        ds_node_restart(all.nodes[who]);
        s.patience = 0;
        ck_assert(ds_session_look(h, &s, &c, &sum));
        ck_assert_uint_ge(s.member, n - 2);
    }
    ck_assert_int_ge(sum, 2);
}

START_TEST(who_votes_outlives_snapshots_and_crashes)
{
    party_new(&all, 11, sizes[_i], 1, 1);
    raft = (ds_raft){ .group = all.group,
                      .machine = &ds_counter_machine,
                      .tick = 100,
                      .patience = 3,
                      .voters = 1,
                      .compact = 2 };
    for (size_t i = 0; i < sizes[_i]; i++)
        ds_node_boot_daemon(all.nodes[i], ds_raft_serve, &raft);
    ds_node_spawn(all.nodes[sizes[_i]], go_to_the_last, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

START_TEST(more_voters_than_members_are_refused)
{
    party_new(&all, 11, 3, 0, 1);
    raft = (ds_raft){ .group = all.group,
                      .machine = &ds_counter_machine,
                      .tick = 100,
                      .voters = 4 };
    ds_node_boot(all.nodes[0], ds_raft_serve, &raft);
    ck_run_once(all.loop, DS_FAILED,
                "ds_raft_serve: voters is 4, of 3 members");
}
END_TEST

/* A change that would leave fewer than that has no effect. */
static void take_out_too_many(ds_handle *h, play *p, ds_session *s)
{
    ck_assert(ds_raft_change(h, s, 0, false));
    s->patience = 40 * p->raft.tick;
    ck_assert(!ds_raft_change(h, s, 1, false));
    ck_assert(ds_raft_change(h, s, 1, true));
}

START_TEST(a_change_leaves_enough_voters)
{
    const ds_loop_config config = seeded(1);
    ds_raft with = kinds[0];
    play p;

    with.voters = 3;
    with.least = 2;
    begin(&p, &config, &with, 3, 1, take_out_too_many);
    end(&p);
}
END_TEST

static void change_nobody(ds_handle *h, play *p, ds_session *s)
{
    ds_raft_change(h, s, 3, true);
}

START_TEST(who_is_no_member_cannot_vote)
{
    const ds_loop_config config = seeded(1);
    play p;

    begin(&p, &config, &kinds[0], 3, 1, change_nobody);
    ck_run(p.loop, DS_FAILED,
           "ds_raft_change: there is no member 3, but 0 to "
           "2");
    ds_history_free(p.history);
    ds_loop_free(p.loop);
}
END_TEST

/* ---- Links ----------------------------------------------------------------*/

/* Cuts one off that does not lead, for long, and looks who leads afterwards. */
static void cut_a_follower_off(ds_handle *h, play *p, ds_session *s)
{
    wait_ticks(h, p, 40);
    call(h, p, s, DS_READ, 0, 0, 0);
    p->members[0] = s->member;
    ds_node *other = p->nodes[(s->member + 1) % 3];
    ds_net_partition(p->net, &other, 1);
    wait_ticks(h, p, 40);
    ds_net_heal(p->net);
    wait_ticks(h, p, 40);
    call(h, p, s, DS_READ, 0, 0, 0);
    p->members[1] = s->member;
}

/* How often, of so many times, another one leads. */
static int count_changes(bool pre_vote, bool steady, int times)
{
    ds_raft with = kinds[0];
    int changes = 0;

    with.pre_vote = pre_vote;
    with.steady = steady;
    for (int i = 0; i < times; i++) {
        const ds_loop_config config = seeded(i);
        play p;
        begin(&p, &config, &with, 3, 1, cut_a_follower_off);
        end(&p);
        changes += p.members[0] != p.members[1];
    }
    return changes;
}

START_TEST(who_comes_back_deposes_nobody_who_is_steady)
{
    ck_assert_int_gt(count_changes(false, false, 20), 0);
    ck_assert_int_gt(count_changes(false, true, 20), 0);
    ck_assert_int_eq(count_changes(true, true, 20), 0);
}
END_TEST

/* Whom others hear, but who does not hear them. */
static void make_the_leader_deaf(ds_handle *h, play *p, ds_session *s)
{
    wait_ticks(h, p, 40);
    call(h, p, s, DS_WRITE, 1, 0, 0);
    ds_net_cut(p->net, NULL, p->nodes[s->member]);
    call(h, p, s, DS_WRITE, 2, 0, 100);
}

static int answered_by_deaf(bool steady)
{
    const ds_loop_config config = seeded(3);
    ds_raft with = kinds[1];
    play p;

    with.steady = steady;
    begin(&p, &config, &with, 3, 1, make_the_leader_deaf);
    end(&p);
    return p.answered;
}

START_TEST(a_deaf_leader_gives_up_if_it_is_to_be_steady)
{
    ck_assert_int_eq(answered_by_deaf(false), 1);
    ck_assert_int_eq(answered_by_deaf(true), 2);
}
END_TEST

/* Loses, doubles and delays, cuts everyone off in turn, and then lets it be. */
static void disturb(ds_handle *h, void *arg)
{
    play *p = arg;
    const double tick = p->raft.tick;

    ds_net_set_faults(
        p->net, NULL, NULL,
        (ds_link_faults){
            .drop = 0.1, .duplicate = 0.2, .late = 10 * tick, .jitter = tick });
    for (int i = 0; i < 40; i++) {
        size_t who = (size_t)(ds_random(h) * (double)p->raft.group.n);
        ds_net_partition(p->net, &p->nodes[who], 1);
        if (!wait_ticks(h, p, 8 * ds_random(h)))
            return;
        ds_net_heal(p->net);
        ds_node_restart(p->nodes[who]);
        if (!wait_ticks(h, p, 2 * ds_random(h)))
            return;
    }
    ds_net_set_faults(p->net, NULL, NULL, (ds_link_faults){ 0 });
}

START_TEST(bad_links_and_crashes_are_survived)
{
    const int seeds = harness_full() ? 400 : 30;

    for (int i = 0; i < seeds; i++) {
        const ds_loop_config config = seeded(i);
        play p;
        begin(&p, &config, &kinds[_i], 3 + (size_t)i % 3, CLIENTS, ask_for_all);
        ds_spawn_daemon(p.loop, disturb, &p);
        end(&p);
        ck_assert_int_eq(p.answered, CLIENTS * REQUESTS);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, clients_see_a_register, 0, KINDS);
    tcase_add_test(tc, an_idle_leader_is_answered_by_each_every_tick);
    tcase_add_test(tc, threads_and_fibers_run_it_alike);
    tcase_add_loop_test(
        tc, an_election_takes_2_messages_for_each_other_and_2_tell_of_it, 0,
        SIZES);
    tcase_add_loop_test(tc, one_that_is_asked_for_early_takes_2_more, 0, SIZES);
    tcase_add_loop_test(tc, a_command_takes_2_n_messages_and_so_does_a_look, 1,
                        8);
    tcase_add_loop_test(tc, so_it_does_among_many, 7, SIZES);
    tcase_add_loop_test(tc, a_crash_at_any_call_loses_nothing, 0, KINDS);
    tcase_add_loop_test(tc, a_power_failure_of_all_loses_nothing, 0, KINDS);
    tcase_add_loop_test(tc, half_of_them_answer_nobody, 0, 12);
    tcase_add_loop_test(tc, who_was_away_for_long_is_sent_a_snapshot, 0, 5);
    tcase_add_loop_test(tc, who_is_made_a_voter_takes_over, 0, 12);
    tcase_add_loop_test(tc, who_votes_outlives_snapshots_and_crashes, 2, SIZES);
    tcase_add_test(tc, more_voters_than_members_are_refused);
    tcase_add_test(tc, a_change_leaves_enough_voters);
    tcase_add_test(tc, who_is_no_member_cannot_vote);
    tcase_add_test(tc, who_comes_back_deposes_nobody_who_is_steady);
    tcase_add_test(tc, a_deaf_leader_gives_up_if_it_is_to_be_steady);
    tcase_add_loop_test(tc, bad_links_and_crashes_are_survived, 0, KINDS);
}

int main(void)
{
    return harness_main("raft", add);
}
