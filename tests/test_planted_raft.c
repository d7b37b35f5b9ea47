/* The Raft into which bugs are planted is right: whatever crashes, at whichever
 * call, observers find nothing and clients see a register. */

#include <math.h>

#include <distsys/fault.h>
#include <distsys/history.h>
#include <distsys/observe.h>

#include "bench/planted/raft.h"
#include "bench/planted/raft_rules.h"

#include "harness.h"

static const raft_rules as_it_is = { .quorum = NULL };

/* ---- A cluster and what happens to it -------------------------------------*/

typedef struct play play;

/* What a client does. */
typedef void act_fn(ds_handle *h, play *p, raft_client *client);

struct play {
    raft_cluster cluster;
    ds_loop *loop;
    ds_history *history;
    act_fn *act;
    int answered;
    int servers[4]; /* who answered, at some times */
};

static bool call(ds_handle *h, play *p, raft_client *client, int op,
                 int64_t arg0, int64_t arg1, double ticks)
{
    size_t number = ds_history_begin(p->history, ds_now(h),
                                     (uint64_t)client->me, op, 0, arg0, arg1);
    int64_t result;

    if (!raft_call(h, client, op, arg0, arg1, ticks * p->cluster.setup.tick,
                   &result))
        return false;
    ds_history_end(p->history, ds_now(h), number, result);
    p->answered++;
    return true;
}

static bool wait_ticks(ds_handle *h, const play *p, double ticks)
{
    return ds_sleep(h, ticks * p->cluster.setup.tick);
}

static void client_body(ds_handle *h, void *arg)
{
    play *p = arg;
    int me = (int)ds_node_number(ds_handle_node(h)) - p->cluster.setup.servers;
    raft_client client = { .cluster = &p->cluster, .me = me };

    p->act(h, p, &client);
}

static void begin(play *p, const ds_loop_config *config,
                  const raft_setup *setup, act_fn *act)
{
    /* It does not know how many are a quorum if that changes. */
    const ds_observer_config observer = {
        .checks = setup->voters > 0 ? DS_CHECK_USUAL & ~DS_CHECK_DURABILITY
                                    : DS_CHECK_USUAL,
        .members = (size_t)setup->servers,
        .stop = true,
    };

    *p = (play){ .act = act };
    p->loop = ds_loop_new(config);
    p->history = ds_history_new();
    raft_build(&p->cluster, p->loop, setup);
    for (int i = 0; i < setup->clients; i++)
        ds_node_spawn(p->cluster.nodes[setup->servers + i], client_body, p);
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

static raft_setup cluster_of(int servers, int clients, double tick)
{
    return (raft_setup){
        .rules = &as_it_is,
        .servers = servers,
        .clients = clients,
        .tick = tick,
    };
}

static ds_loop_config seeded(uint64_t seed)
{
    return (ds_loop_config){ .seed = seed + 1, .exec = DS_FIBERS };
}

/* ---- Without faults -------------------------------------------------------*/

enum { requests = 12 };

/* Begins late, when a leader has been there for a while. */
static void ask_for_all(ds_handle *h, play *p, raft_client *client)
{
    int64_t base = 100 * (client->me + 1);

    wait_ticks(h, p, 40);
    for (int i = 0; i < requests / 3; i++) {
        call(h, p, client, DS_WRITE, base + i, 0, INFINITY);
        call(h, p, client, DS_CAS, base + i, base + 50 + i, INFINITY);
        call(h, p, client, DS_READ, 0, 0, INFINITY);
    }
}

static const double ticks[] = { 1e-3, 0.1, 10 };

START_TEST(clients_see_a_register)
{
    for (int servers = 1; servers <= 5; servers++) {
        const ds_loop_config config = seeded((uint64_t)servers);
        const raft_setup setup = cluster_of(servers, 3, ticks[_i]);
        play p;
        begin(&p, &config, &setup, ask_for_all);
        end(&p);
        ck_assert_int_eq(p.answered, 3 * requests);
    }
}
END_TEST

static uint64_t sent_before, sent_after;

static void count_heartbeats(ds_handle *h, play *p, raft_client *client)
{
    wait_ticks(h, p, 50);
    sent_before = ds_net_get_stats(p->cluster.net).sent;
    wait_ticks(h, p, 100);
    sent_after = ds_net_get_stats(p->cluster.net).sent;
}

START_TEST(an_idle_leader_is_answered_by_each_every_tick)
{
    for (int servers = 2; servers <= 7; servers++) {
        const ds_loop_config config = seeded(0);
        const raft_setup setup = cluster_of(servers, 1, 0.1);
        play p;
        begin(&p, &config, &setup, count_heartbeats);
        end(&p);
        uint64_t others = (uint64_t)servers - 1;
        ck_assert_uint_ge(sent_after - sent_before, 99 * 2 * others);
        ck_assert_uint_le(sent_after - sent_before, 101 * 2 * others);
    }
}
END_TEST

static uint64_t digest_on(ds_exec exec)
{
    const ds_loop_config config = { .seed = 5, .exec = exec };
    const raft_setup setup = cluster_of(3, 2, 0.1);
    play p;

    begin(&p, &config, &setup, ask_for_all);
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

/* ---- Crashes --------------------------------------------------------------*/

/* Switches on again what is down, ten ticks later. */
static void mend(ds_handle *h, void *arg)
{
    const play *p = arg;

    while (wait_ticks(h, p, 10))
        for (int i = 0; i < p->cluster.setup.servers; i++)
            if (!ds_node_is_up(p->cluster.nodes[i]))
                ds_node_restart(p->cluster.nodes[i]);
}

static const unsigned kinds[] = { 0, RAFT_PRE_VOTE,
                                  RAFT_PRE_VOTE | RAFT_STEADY };

/* Each server, at each call that it makes until the clients are done. */
START_TEST(a_crash_at_any_call_loses_nothing)
{
    const uint64_t most = harness_full() ? 400 : 60;

    for (uint64_t k = 1; k <= most; k++) {
        for (int who = 0; who < 3; who++) {
            const ds_loop_config config = seeded(k);
            raft_setup setup = cluster_of(3, 2, 0.1);
            setup.options = kinds[_i];
            play p;
            begin(&p, &config, &setup, ask_for_all);
            ds_node_crash_at(p.cluster.nodes[who], DS_AT_CALL, k);
            ds_spawn_daemon(p.loop, mend, &p);
            end(&p);
            ck_assert_int_eq(p.answered, 2 * requests);
        }
    }
}
END_TEST

/* Has all lose their power when the first does. */
static void cut_power(ds_handle *h, void *arg)
{
    play *p = arg;

    while (ds_node_is_up(p->cluster.nodes[0]))
        if (!wait_ticks(h, p, 0.01))
            return;
    for (int i = 1; i < p->cluster.setup.servers; i++)
        ds_node_crash(p->cluster.nodes[i]);
}

START_TEST(a_power_failure_of_all_loses_nothing)
{
    for (uint64_t k = 1; k <= 40; k++) {
        const ds_loop_config config = seeded(k);
        const raft_setup setup = cluster_of(3, 2, 0.1);
        play p;
        begin(&p, &config, &setup, ask_for_all);
        ds_node_crash_at(p.cluster.nodes[0], DS_AT_SYNC, k);
        ds_spawn_daemon(p.loop, cut_power, &p);
        ds_spawn_daemon(p.loop, mend, &p);
        end(&p);
        ck_assert_int_eq(p.answered, 2 * requests);
    }
}
END_TEST

/* A client asks while most are down, and when they are back. */
static void ask_a_minority(ds_handle *h, play *p, raft_client *client)
{
    wait_ticks(h, p, 40);
    ck_assert(call(h, p, client, DS_WRITE, 7, 0, 100));
    ds_node_crash(p->cluster.nodes[client->server]);
    ds_node_crash(p->cluster.nodes[(client->server + 1) % 3]);
    ck_assert(!call(h, p, client, DS_WRITE, 8, 0, 100));
    ck_assert(!call(h, p, client, DS_READ, 0, 0, 100));
    for (int i = 0; i < 3; i++)
        if (!ds_node_is_up(p->cluster.nodes[i]))
            ds_node_restart(p->cluster.nodes[i]);
    ck_assert(call(h, p, client, DS_READ, 0, 0, 100));
}

START_TEST(a_minority_answers_nobody)
{
    const ds_loop_config config = seeded((uint64_t)_i);
    const raft_setup setup = cluster_of(3, 1, 0.1);
    play p;

    begin(&p, &config, &setup, ask_a_minority);
    end(&p);
    ck_assert_int_eq(p.answered, 2);
}
END_TEST

/* ---- Who votes ------------------------------------------------------------*/

static void change_voters(ds_handle *h, const play *p, int server)
{
    const raft_cluster *c = &p->cluster;
    const raft_packet change = { .kind = RAFT_CHANGE, .result = server };

    for (int i = 0; i < c->setup.servers; i++)
        ds_send_bytes(h, c->net, c->ports[c->setup.servers], c->ports[i],
                      &change, sizeof(change));
}

/* Has two others vote, and does without the only one that did at first. */
static void replace_the_first(ds_handle *h, play *p, raft_client *client)
{
    wait_ticks(h, p, 40);
    ck_assert(call(h, p, client, DS_WRITE, 7, 0, 100));
    for (int i = 1; i <= 2; i++) {
        change_voters(h, p, i);
        wait_ticks(h, p, 20);
    }
    p->servers[0] = client->server;
    ds_node_crash(p->cluster.nodes[0]);
    call(h, p, client, DS_READ, 0, 0, 100);
    p->servers[1] = client->server;
}

START_TEST(who_is_made_a_voter_takes_over)
{
    const ds_loop_config config = seeded((uint64_t)_i);
    raft_setup setup = cluster_of(3, 1, 0.1);
    play p;

    setup.voters = 1;
    begin(&p, &config, &setup, replace_the_first);
    end(&p);
    ck_assert_int_eq(p.answered, 2);
    ck_assert_int_eq(p.servers[0], 0);
    ck_assert_int_ne(p.servers[1], 0);
}
END_TEST

/* ---- Links ----------------------------------------------------------------*/

/* Cuts one off that does not lead, for long, and looks who leads afterwards. */
static void cut_a_follower_off(ds_handle *h, play *p, raft_client *client)
{
    wait_ticks(h, p, 40);
    call(h, p, client, DS_READ, 0, 0, INFINITY);
    p->servers[0] = client->server;
    ds_node *other = p->cluster.nodes[(client->server + 1) % 3];
    ds_net_partition(p->cluster.net, &other, 1);
    wait_ticks(h, p, 40);
    ds_net_heal(p->cluster.net);
    wait_ticks(h, p, 40);
    call(h, p, client, DS_READ, 0, 0, INFINITY);
    p->servers[1] = client->server;
}

/* How often, of so many times, another one leads. */
static int count_changes(unsigned options, int times)
{
    int changes = 0;

    for (int i = 0; i < times; i++) {
        const ds_loop_config config = seeded((uint64_t)i);
        raft_setup setup = cluster_of(3, 1, 0.1);
        setup.options = options;
        play p;
        begin(&p, &config, &setup, cut_a_follower_off);
        end(&p);
        changes += p.servers[0] != p.servers[1];
    }
    return changes;
}

START_TEST(who_comes_back_deposes_nobody_who_is_steady)
{
    ck_assert_int_gt(count_changes(0, 20), 0);
    ck_assert_int_gt(count_changes(RAFT_STEADY, 20), 0);
    ck_assert_int_eq(count_changes(RAFT_PRE_VOTE | RAFT_STEADY, 20), 0);
}
END_TEST

/* Whom others hear, but who does not hear them. */
static void make_the_leader_deaf(ds_handle *h, play *p, raft_client *client)
{
    wait_ticks(h, p, 40);
    call(h, p, client, DS_WRITE, 1, 0, INFINITY);
    ds_net_cut(p->cluster.net, NULL, p->cluster.nodes[client->server]);
    call(h, p, client, DS_WRITE, 2, 0, 100);
}

static int answered_by_deaf(unsigned options)
{
    const ds_loop_config config = seeded(3);
    raft_setup setup = cluster_of(3, 1, 0.1);
    play p;

    setup.options = options;
    begin(&p, &config, &setup, make_the_leader_deaf);
    end(&p);
    return p.answered;
}

START_TEST(a_deaf_leader_gives_up_if_it_is_to_be_steady)
{
    ck_assert_int_eq(answered_by_deaf(RAFT_PRE_VOTE), 1);
    ck_assert_int_eq(answered_by_deaf(RAFT_PRE_VOTE | RAFT_STEADY), 2);
}
END_TEST

/* Loses, doubles and delays, cuts everyone off in turn, and then lets it be. */
static void disturb(ds_handle *h, void *arg)
{
    play *p = arg;
    ds_net *net = p->cluster.net;

    ds_net_set_faults(net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.1,
                                        .duplicate = 0.2,
                                        .late = 10 * p->cluster.setup.tick,
                                        .jitter = p->cluster.setup.tick });
    for (int i = 0; i < 40; i++) {
        size_t who = (size_t)(ds_random(h) * p->cluster.setup.servers);
        ds_net_partition(net, &p->cluster.nodes[who], 1);
        if (!wait_ticks(h, p, 8 * ds_random(h)))
            return;
        ds_net_heal(net);
        ds_node_restart(p->cluster.nodes[who]);
        if (!wait_ticks(h, p, 2 * ds_random(h)))
            return;
    }
    ds_net_set_faults(net, NULL, NULL, (ds_link_faults){ 0 });
}

START_TEST(bad_links_and_crashes_are_survived)
{
    const int seeds = harness_full() ? 400 : 40;
    const unsigned options = kinds[_i % 3];

    for (int i = 0; i < seeds; i++) {
        const ds_loop_config config = seeded((uint64_t)i);
        raft_setup setup = cluster_of(3 + _i / 3, 3, ticks[i % 3]);
        setup.options = options;
        play p;
        begin(&p, &config, &setup, ask_for_all);
        ds_spawn_daemon(p.loop, disturb, &p);
        end(&p);
        ck_assert_int_eq(p.answered, 3 * requests);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, clients_see_a_register, 0, 3);
    tcase_add_test(tc, an_idle_leader_is_answered_by_each_every_tick);
    tcase_add_test(tc, threads_and_fibers_run_it_alike);
    tcase_add_loop_test(tc, a_crash_at_any_call_loses_nothing, 0, 3);
    tcase_add_test(tc, a_power_failure_of_all_loses_nothing);
    tcase_add_loop_test(tc, a_minority_answers_nobody, 0, 10);
    tcase_add_loop_test(tc, who_is_made_a_voter_takes_over, 0, 10);
    tcase_add_test(tc, who_comes_back_deposes_nobody_who_is_steady);
    tcase_add_test(tc, a_deaf_leader_gives_up_if_it_is_to_be_steady);
    tcase_add_loop_test(tc, bad_links_and_crashes_are_survived, 0, 9);
}

int main(void)
{
    return harness_main("planted_raft", add);
}
