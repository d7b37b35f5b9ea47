/* The generator of faults: that its plans are its runs, and that they keep to
 * what a test tolerates. */

#include "stage.h"

#include <distsys.h>
#include <distsys/explore.h>

#include "explore/plan/bites.h"
#include "explore/plan/generate.h"
#include "explore/plan/toll.h"

enum { MOST_SERVERS = 7, CLIENTS = 2, NODES = MOST_SERVERS + CLIENTS };
/* All that need no links of a network. */
#define LINK 10
#define ALL  ((2u * DS_HAZARD_STALL - 1) & ~(unsigned)DS_HAZARD_LINK)
#define TICK 0.25
#define CALM 10.0

static ds_loop *loop;
static ds_net *net;
static ds_node *node[NODES];
static ds_port *port[NODES];
static size_t servers;
static size_t max_down;
static unsigned hazards;
static int talkative; /* a server that says more than others, or -1 */

/* ---- A small system -------------------------------------------------------*/

/* Answers, remembers, and gossips. */
static void serve(ds_handle *h, void *arg)
{
    size_t me = (size_t)arg;
    ds_msg msg;

    while (ds_recv_timeout(h, port[me], TICK * (0.5 + ds_random(h)), &msg)) {
        size_t to = (size_t)(ds_random(h) * (double)servers);
        int times = (int)me == talkative ? 20 : 1;
        if (msg.dest != NULL) {
            ds_disk_append(h, "log", "x", 1);
            if (ds_random(h) < 0.5)
                ds_disk_sync(h);
            if (msg.data != NULL)
                ds_send(h, net,
                        (ds_msg){ .source = port[me], .dest = msg.source });
            ds_msg_drop(&msg);
            continue;
        }
        while (times-- > 0)
            ds_send(h, net, (ds_msg){ .source = port[me], .dest = port[to] });
    }
}

static void ask(ds_handle *h, void *arg)
{
    size_t me = (size_t)arg;
    ds_msg msg;

    while (ds_loop_now(loop) < CALM * 1.25 && ds_sleep(h, 0.01)) {
        size_t to = (size_t)(ds_random(h) * (double)servers);
        ds_send_bytes(h, net, port[me], port[to], "q", 1);
        if (ds_recv_timeout(h, port[me], TICK, &msg))
            ds_msg_drop(&msg);
        ds_sleep(h, TICK * ds_random(h));
    }
}

static void build(uint64_t seed, ds_exec exec, size_t num_servers)
{
    servers = num_servers;
    max_down = (servers - 1) / 2;
    loop = ds_loop_new(
        &(ds_loop_config){ .seed = seed, .exec = exec, .stack_size = 65536 });
    net = ds_random_net_new(loop, TICK / 10);
    for (size_t i = 0; i < servers + CLIENTS; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
        if (i < servers)
            ds_node_boot_daemon(node[i], serve, (void *)i);
        else
            ds_node_boot(node[i], ask, (void *)i);
    }
}

static ds__exposure exposed(void)
{
    return (ds__exposure){
        .loop = loop,
        .net = net,
        .servers = node,
        .num_servers = servers,
        .clients = node + servers,
        .num_clients = CLIENTS,
    };
}

static ds__generator *generate(uint64_t seed)
{
    ds__exposure who = exposed();
    ds__hazards what = {
        .allowed = hazards,
        .tick = TICK,
        .calm_after = CALM,
    };
    ds__generator *g = ds__generate(&who, &what, seed);

    ck_assert_ptr_nonnull(g);
    ck_assert(ds__calm(&who, CALM));
    return g;
}

static void begin_all(void)
{
    ck_assert_int_eq(unsetenv("DISTSYS_EXEC"), 0);
    ck_assert_int_eq(unsetenv("DISTSYS_SEED"), 0);
    hazards = ALL;
    talkative = -1;
}

/* The plan of a seed, with a run of it. */
static ds_plan *run_seed(uint64_t seed, ds_exec exec, size_t num_servers,
                         uint64_t *digest)
{
    build(seed, exec, num_servers);
    ds__generator *g = generate(seed);
    ck_run(loop, DS_OK, NULL);
    ds_plan *plan = ds__plan_pick(ds__generated(g), NULL);
    ds__plan_check(plan);
    *digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return plan;
}

static uint64_t run_plan(const ds_plan *plan, uint64_t seed, ds_exec exec,
                         size_t num_servers)
{
    build(seed, exec, num_servers);
    ds__exposure who = exposed();
    ds_plan_apply(plan, loop, net, node, servers + CLIENTS);
    ck_assert(ds__calm(&who, CALM));
    ck_run(loop, DS_OK, NULL);
    uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

/* ---- The plan is the run --------------------------------------------------*/

enum { BLOCK = 25, BLOCKS = 12 };

/* The plan as text, and read again. */
static ds_plan *reread(const ds_plan *plan)
{
    char *text = ds_plan_print(plan);
    ds_plan *again = ds_plan_parse(text, NULL, 0);

    ck_assert_ptr_nonnull(again);
    free(text);
    return again;
}

START_TEST(a_run_under_the_plan_that_is_printed_is_the_same_run)
{
    size_t lines = 0;

    begin_all();
    for (uint64_t seed = 1; seed <= BLOCK; seed++) {
        uint64_t s = seed + BLOCK * (uint64_t)_i;
        size_t n = 1 + s % MOST_SERVERS;
        uint64_t digest;
        ds_plan *plan = run_seed(s, DS_FIBERS, n, &digest);
        ds_plan *again = reread(plan);
        ck_assert_msg(run_plan(again, s, DS_FIBERS, n) == digest, "seed %llu",
                      (unsigned long long)s);
        lines += plan->count;
        ds_plan_free(plan);
        ds_plan_free(again);
    }
    ck_assert_uint_gt(lines, BLOCK * 5);
}
END_TEST

START_TEST(a_seed_has_one_run_on_threads_and_fibers)
{
    begin_all();
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t s = 1000 + seed + 4 * (uint64_t)_i;
        uint64_t digest;
        uint64_t other;
        ds_plan *plan = run_seed(s, DS_FIBERS, 5, &digest);
        ds_plan *same = run_seed(s, DS_THREADS, 5, &other);
        ck_assert_uint_eq(digest, other);
        ck_assert_uint_eq(plan->count, same->count);
        ck_assert_uint_eq(run_plan(plan, s, DS_THREADS, 5), digest);
        ds_plan_free(plan);
        ds_plan_free(same);
    }
}
END_TEST

START_TEST(a_seed_without_faults_is_a_run_with_an_empty_plan)
{
    uint64_t seed = 1;
    uint64_t digest;

    begin_all();
    while (!ds__seed_is_quiet(seed))
        seed++;
    ds_plan *plan = run_seed(seed, DS_FIBERS, 5, &digest);
    ck_assert_uint_eq(plan->count, 0);
    ck_assert_uint_eq(run_plan(plan, seed, DS_FIBERS, 5), digest);
    ds_plan_free(plan);
}
END_TEST

/* ---- What is tolerated ----------------------------------------------------*/

static bool is_on(const ds__plan_line *line, double time)
{
    return line->time <= time && time < line->until;
}

/* Whoever has a bad disk counts from its first line on. */
static void ck_bearable(const ds_plan *plan, double time)
{
    ds__toll toll;

    ck_assert(ds__toll_init(&toll, servers, NULL, NULL));
    for (size_t i = 0; i < plan->count; i++)
        if (plan->lines[i].kind == DS__PLAN_DISK &&
            (plan->lines[i].named & 0x18) != 0)
            toll.distrusted[plan->lines[i].node] = true;
    ds__toll_begin(&toll);
    for (size_t i = 0; i < plan->count; i++)
        if (is_on(&plan->lines[i], time))
            ds__toll_add(&toll, &plan->lines[i]);
    ck_assert_uint_le(ds__toll_count(&toll), max_down);
    ds__toll_free(&toll);
}

START_TEST(never_more_servers_are_hurt_than_may_be)
{
    begin_all();
    for (uint64_t seed = 1; seed <= BLOCK; seed++) {
        uint64_t digest;
        ds_plan *plan =
            run_seed(seed + 300, DS_FIBERS, 1 + (size_t)_i, &digest);
        for (size_t i = 0; i < plan->count; i++)
            ck_bearable(plan, plan->lines[i].time);
        ds_plan_free(plan);
    }
}
END_TEST

static size_t most_at_once;

static void watch(ds_handle *h, void *arg)
{
    while (ds_sleep(h, TICK / 16)) {
        size_t hurt = 0;
        for (size_t i = 0; i < servers; i++)
            hurt += !ds_node_is_up(node[i]);
        most_at_once = hurt > most_at_once ? hurt : most_at_once;
        ck_assert_uint_le(hurt, ds_loop_now(loop) >= CALM ? 0 : max_down);
    }
}

START_TEST(never_more_machines_are_seen_down_than_may_be)
{
    begin_all();
    hazards = DS_HAZARD_CRASH;
    most_at_once = 0;
    for (uint64_t seed = 1; seed <= BLOCK; seed++) {
        build(seed, DS_FIBERS, 5);
        ds_spawn_daemon(loop, watch, NULL);
        generate(seed);
        ck_run_once(loop, DS_OK, NULL);
    }
    ck_assert_uint_eq(most_at_once, 2);
}
END_TEST

START_TEST(clients_suffer_from_links_only_and_all_ends_before_the_calm)
{
    begin_all();
    for (uint64_t seed = 1; seed <= 2 * BLOCK; seed++) {
        uint64_t digest;
        ds_plan *plan = run_seed(seed + 500, DS_FIBERS, 3, &digest);
        for (size_t i = 0; i < plan->count; i++) {
            const ds__plan_line *line = &plan->lines[i];
            if (ds__plan_words[line->kind].shape == DS__PLAN_NODE)
                ck_assert_uint_lt(line->node, servers);
            ck_assert_double_lt(line->time, CALM);
            ck_assert_double_le(line->until, CALM);
        }
        ds_plan_free(plan);
    }
}
END_TEST

/* ---- What seeds are like --------------------------------------------------*/

START_TEST(of_ten_seeds_one_has_no_faults_and_one_no_random_order_either)
{
    int quiet = 0;
    int plain = 0;

    for (uint64_t seed = 1; seed <= 10000; seed++) {
        bool fifo = ds__seed_ties(seed) == DS_TIES_FIFO;
        quiet += ds__seed_is_quiet(seed);
        plain += fifo;
        ck_assert(!fifo || ds__seed_is_quiet(seed));
    }
    ck_assert_int_gt(quiet, 1850);
    ck_assert_int_lt(quiet, 2150);
    ck_assert_int_gt(plain, 900);
    ck_assert_int_lt(plain, 1100);
}
END_TEST

/* The drift that a line sets, or 0. */
static double drift_of(const ds__plan_line *line)
{
    return line->kind == DS__PLAN_CLOCK && (line->named & 2) != 0
               ? line->value[1]
               : 0;
}

/* Whether it is the first of three, of which two drift the other way. */
static bool leaves_others(const ds_plan *plan, size_t i)
{
    const ds__plan_line *line = &plan->lines[i];
    double drift = drift_of(line);

    return drift != 0 && i + 2 < plan->count && line[2].time == line->time &&
           drift_of(line + 1) == -drift && drift_of(line + 2) == -drift;
}

START_TEST(half_of_all_drifts_are_the_greatest_and_half_leave_all_other_clocks)
{
    size_t drifts = 0;
    size_t greatest = 0;
    size_t apart = 0;

    begin_all();
    hazards = DS_HAZARD_CLOCK;
    for (uint64_t seed = 1; seed <= 4 * BLOCK; seed++) {
        uint64_t digest;
        ds_plan *plan = run_seed(seed + 900, DS_FIBERS, 3, &digest);
        for (size_t i = 0; i < plan->count; i++) {
            double drift = fabs(drift_of(&plan->lines[i]));
            ck_assert_double_le(drift, 1.0 / 3);
            drifts += drift != 0;
            greatest += drift == 1.0 / 3;
            apart += leaves_others(plan, i);
        }
        ds_plan_free(plan);
    }
    ck_assert_uint_gt(drifts, 300);
    ck_assert_uint_gt(greatest, drifts * 2 / 5);
    ck_assert_uint_lt(greatest, drifts * 3 / 5);
    /* Three lines each, beside as many that are alone. */
    ck_assert_uint_gt(apart, drifts / 5);
    ck_assert_uint_lt(apart, drifts * 3 / 10);
}
END_TEST

START_TEST(only_what_is_allowed_happens_and_over_many_seeds_all_of_it)
{
    unsigned seen = 0;

    if (_i == LINK)
        return;
    begin_all();
    hazards = 1u << _i;
    for (uint64_t seed = 1; seed <= BLOCK; seed++) {
        uint64_t digest;
        ds_plan *plan = run_seed(seed + 700, DS_FIBERS, 3, &digest);
        for (size_t i = 0; i < plan->count; i++)
            seen |= ds__plan_families(&plan->lines[i]);
        ds_plan_free(plan);
    }
    ck_assert_uint_eq(seen, hazards);
}
END_TEST

START_TEST(every_family_bites_within_many_seeds)
{
    ds__bites sum = { 0 };

    begin_all();
    for (uint64_t seed = 1; seed <= 3 * BLOCK; seed++) {
        build(seed + 900, DS_FIBERS, 5);
        ds__bites_count(loop);
        generate(seed + 900);
        ck_run(loop, DS_OK, NULL);
        ds__bites bites = ds__bites_of(loop);
        for (int i = 0; i < DS__NUM_FAMILIES; i++) {
            ck_assert_uint_le(bites.bit[i], bites.happened[i]);
            ck_assert_uint_le(bites.happened[i], bites.planned[i]);
            sum.bit[i] += bites.bit[i];
        }
        ds_loop_free(loop);
    }
    for (int i = 0; i < DS__NUM_FAMILIES; i++)
        if (i != 8 && i != LINK) /* nobody computes here */
            ck_assert_msg(sum.bit[i] > 0, "%s", ds__family_names[i]);
}
END_TEST

START_TEST(who_says_most_is_hit_most)
{
    size_t hits[MOST_SERVERS] = { 0 };
    size_t others = 0;

    begin_all();
    hazards = DS_HAZARD_CRASH;
    talkative = 3;
    for (uint64_t seed = 1; seed <= 4 * BLOCK; seed++) {
        uint64_t digest;
        ds_plan *plan = run_seed(seed, DS_FIBERS, 7, &digest);
        for (size_t i = 0; i < plan->count; i++)
            hits[plan->lines[i].node]++;
        ds_plan_free(plan);
    }
    for (size_t i = 0; i < MOST_SERVERS; i++)
        others += (int)i == talkative ? 0 : hits[i];
    ck_assert_uint_gt(hits[3], others / 6 * 5 / 4);
}
END_TEST

/* With other faults from a time on; 0: with none. */
static ds_plan *plan_anew(uint64_t seed, double time, uint64_t anew)
{
    build(seed, DS_FIBERS, 5);
    ds__exposure who = exposed();
    ds__hazards what = { .allowed = hazards,
                         .tick = TICK,
                         .calm_after = CALM,
                         .anew_at = time,
                         .anew = anew };
    ds__generator *g = ds__generate(&who, &what, seed);

    ck_assert_ptr_nonnull(g);
    ck_run(loop, DS_OK, NULL);
    ds_plan *plan = ds__plan_pick(ds__generated(g), NULL);
    ds_loop_free(loop);
    return plan;
}

static size_t lines_before(const ds_plan *plan, double time)
{
    size_t n = 0;

    while (n < plan->count && plan->lines[n].time < time)
        n++;
    return n;
}

START_TEST(only_what_begins_later_is_drawn_anew)
{
    const double time = CALM / 2;
    size_t others = 0;

    begin_all();
    for (uint64_t seed = 1; seed <= 60; seed++) {
        ds_plan *old = plan_anew(seed, time, 0);
        ds_plan *new = plan_anew(seed, time, 1 + seed % 3);
        size_t n = lines_before(old, time);
        ck_assert_uint_eq(lines_before(new, time), n);
        for (size_t i = 0; i < n; i++)
            ck_assert(ds__plan_same_line(&old->lines[i], &new->lines[i]));
        others += old->count > n &&
                  (new->count != old->count ||
                   !ds__plan_same_line(&old->lines[n], &new->lines[n]));
        ds_plan_free(old);
        ds_plan_free(new);
    }
    ck_assert_uint_gt(others, 20);
}
END_TEST

/* Gaps between faults, over all seeds, differ by decades. */
START_TEST(time_scales_differ_by_two_decades)
{
    ds__hazards what = { .allowed = ALL, .tick = 3, .calm_after = 100 };
    int low = 0;
    int high = 0;

    for (uint64_t seed = 1; seed <= 1000; seed++) {
        ds__dice dice = { .seed = seed, .stream = 2 };
        ds__profile profile = ds__profile_draw(&dice, &what);
        ck_assert_double_ge(profile.scale, 0.3 * 0.999);
        ck_assert_double_lt(profile.scale, 30 * 1.001);
        low += profile.scale < 3 * 0.1 * 2;
        high += profile.scale > 3 * 10.0 / 2;
    }
    ck_assert_int_gt(low, 100);
    ck_assert_int_lt(low, 200);
    ck_assert_int_gt(high, 100);
    ck_assert_int_lt(high, 200);
}
END_TEST

/* ---- The calm -------------------------------------------------------------*/

static double clock_error;
static bool late_ones_arrive;

static void ask_the_time(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 1))
        clock_error = fabs(ds_clock(h) - ds_loop_now(loop));
}

static void look_after_the_calm(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_sleep(h, CALM + 2);
    for (size_t i = 0; i < servers; i++)
        ck_assert(ds_node_is_up(node[i]));
    ds_send_bytes(h, net, port[servers], port[servers + 1], "x", 1);
    late_ones_arrive =
        ds_recv_timeout(h, port[servers + 1], 1, &msg) && msg.dest != NULL;
    ds_msg_drop(&msg);
    ck_assert_uint_eq(ds_node_life(node[0]), 1);
    ck_assert_uint_eq(ds_node_life(node[1]), 1);
}

/* Lines without an end, lines to come, and what the program has done. */
START_TEST(after_the_calm_all_is_well)
{
    begin_all();
    servers = 4;
    loop = loop_seeded(3);
    net = ds_random_net_new(loop, 0.25);
    for (size_t i = 0; i < servers + CLIENTS; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
        ds_node_boot_daemon(node[i], ask_the_time, NULL);
    }
    ds_spawn(loop, look_after_the_calm, NULL);
    ds_plan *plan = ds_plan_parse("1 crash 0\n2 cut * - *\n3 pause 3\n"
                                  "4 clock 2 step 50 drift 0.25\n"
                                  "10.5 crash 2 until 20\n11 cut * - *\n"
                                  "5 crash 2 at-call 1000",
                                  NULL, 0);
    ds_plan_apply(plan, loop, net, node, servers + CLIENTS);
    ds_plan_free(plan);
    ds_net_hold(net, NULL, NULL);
    ds_node_crash(node[1]);
    ds__exposure who = exposed();
    ck_assert(ds__calm(&who, CALM));
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(late_ones_arrive);
    ck_assert_double_le(clock_error, 1e-9);
}
END_TEST

static void boot_late(ds_handle *h, void *arg)
{
    note("b%g ", ds_loop_now(loop));
}

START_TEST(the_calm_is_a_restart_that_a_run_waits_for)
{
    begin_all();
    servers = 1;
    loop = loop_seeded(3);
    net = ds_random_net_new(loop, 0.25);
    node[0] = ds_node_new(loop);
    ds_node_boot(node[0], boot_late, NULL);
    ds_node_crash(node[0]);
    ds__exposure who = {
        .loop = loop, .net = net, .servers = node, .num_servers = 1
    };
    ck_assert(ds__calm(&who, 7));
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("b7 ");
}
END_TEST

START_TEST(a_loop_that_never_runs_is_freed_whole)
{
    begin_all();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        build(seed, DS_FIBERS, 5);
        generate(seed);
        ds_loop_free(loop);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, a_run_under_the_plan_that_is_printed_is_the_same_run, 0, BLOCKS);
    tcase_add_loop_test(tc, a_seed_has_one_run_on_threads_and_fibers, 0, 10);
    tcase_add_test(tc, a_seed_without_faults_is_a_run_with_an_empty_plan);
    tcase_add_loop_test(tc, never_more_servers_are_hurt_than_may_be, 0,
                        MOST_SERVERS);
    tcase_add_test(tc, never_more_machines_are_seen_down_than_may_be);
    tcase_add_test(tc,
                   clients_suffer_from_links_only_and_all_ends_before_the_calm);
    tcase_add_test(
        tc, of_ten_seeds_one_has_no_faults_and_one_no_random_order_either);
    tcase_add_test(
        tc,
        half_of_all_drifts_are_the_greatest_and_half_leave_all_other_clocks);
    tcase_add_loop_test(
        tc, only_what_is_allowed_happens_and_over_many_seeds_all_of_it, 0,
        DS__NUM_FAMILIES);
    tcase_add_test(tc, every_family_bites_within_many_seeds);
    tcase_add_test(tc, who_says_most_is_hit_most);
    tcase_add_test(tc, only_what_begins_later_is_drawn_anew);
    tcase_add_test(tc, time_scales_differ_by_two_decades);
    tcase_add_test(tc, after_the_calm_all_is_well);
    tcase_add_test(tc, the_calm_is_a_restart_that_a_run_waits_for);
    tcase_add_test(tc, a_loop_that_never_runs_is_freed_whole);
}

int main(void)
{
    return harness_main("generate", add);
}
