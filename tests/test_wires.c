/* Links of a routed network under plans: they go off and come back, whoever
 * else says so; what that did is told; and seeds make such plans. */

#include "tracing.h"

#include <distsys.h>
#include <distsys/explore.h>

#include "bench/trace/model.h"
#include "explore/plan/bites.h"
#include "explore/plan/generate.h"
#include "explore/plan/script.h"
#include "explore/plan/toll.h"
#include "net/wires.h"

enum { NODES = 5 };

#define TICK 0.25
#define CALM 10.0

static ds_loop *loop;
static ds_node *node[NODES];
static ds_port *port[NODES];
static ds_net *net;
static ds_topology *topology;

/* Hosts on a switch, with cables of 100 bytes a second and a quarter of a
 * second. */
static void build_on(ds_exec exec, uint64_t seed, bool stall, const char *trace)
{
    ck_assert_int_eq(unsetenv("DISTSYS_EXEC"), 0);
    note_clear();
    topology = ds_topology_parse("star:5,rate=100,latency=0.25");
    loop = ds_loop_new(&(ds_loop_config){
        .seed = seed, .exec = exec, .stack_size = 65536, .trace = trace });
    for (size_t i = 0; i < NODES; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_routed_net_new(loop, &(ds_routed_net_config){
                                      .nodes = node,
                                      .num_nodes = NODES,
                                      .topology = topology,
                                      .stall = stall,
                                  });
    ck_assert_ptr_nonnull(net);
}

static void apply(const char *text)
{
    char why[200] = "";
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_str_eq(why, "");
    ds_plan_apply(plan, loop, net, node, NODES);
    ds_plan_free(plan);
}

static void lose(void *data)
{
    note("%g lost;", ds_loop_now(loop));
}

/* 50 bytes from node 0 to node 1 at each full second: half a second of latency,
 * and half a second that they take. */
static void send_six(ds_handle *h, void *arg)
{
    for (int i = 1; i <= 6; i++) {
        ds_sleep(h, i - ds_loop_now(loop));
        ds_send(h, net,
                (ds_msg){ .source = port[0],
                          .dest = port[1],
                          .data = "",
                          .free = lose,
                          .size = 50 });
    }
    ds_sleep(h, 10);
}

static void receive(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg))
        note("%g;", ds_loop_now(loop));
}

static void take_off_and_on(ds_handle *h, void *arg)
{
    ds_sleep(h, 3.25);
    ds_link_set_up(net, 0, false);
    ds_sleep(h, 1.5);
    ds_link_set_up(net, 0, true);
}

static void spawn_all(bool by_program)
{
    ds_spawn(loop, send_six, NULL);
    ds_spawn_daemon(loop, receive, NULL);
    if (by_program)
        ds_spawn(loop, take_off_and_on, NULL);
}

static void end(void)
{
    ck_run_once(loop, DS_OK, NULL);
    ds_topology_free(topology);
}

/* ---- What becomes of messages ---------------------------------------------*/

static const struct {
    const char *plan;
    bool stall;
    bool program;
    const char *noted;
} stories[] = {
    { "", false, false, "2;3;4;5;6;7;" },
    /* One that drains is lost at once, one whose latency ends meanwhile then.
     */
    { "3.75 link h0-s0 off until 5.25", false, false,
      "2;3;3.75 lost;4.5 lost;6;7;" },
    { "3.75 link s0-h1 off until 5.25", false, false,
      "2;3;3.75 lost;4.5 lost;6;7;" },
    { "3.75 link s0-h2 off", false, false, "2;3;4;5;6;7;" },
    { "3.75 link h0-s0 off", false, false,
      "2;3;3.75 lost;4.5 lost;5.5 lost;6.5 lost;" },
    /* Half of the third is through; it shares what comes with the fourth,
     * and that with the fifth. */
    { "3.75 link h0-s0 off until 5", true, false, "2;3;5.5;6;6.25;7;" },
    /* By its number, which no link has as its name. */
    { "3.75 link 0 off until 5.25", false, false,
      "2;3;3.75 lost;4.5 lost;6;7;" },
    /* Off as long as any says so, and the program. */
    { "3.75 link h0-s0 off until 4.25\n4 link h0-s0 off until 5.25", false,
      false, "2;3;3.75 lost;4.5 lost;6;7;" },
    { "3.75 link h0-s0 off until 4.25\n4.25 link h0-s0 off until 5.25", false,
      false, "2;3;3.75 lost;4.5 lost;6;7;" },
    { "3.75 link h0-s0 off until 4.25", false, true,
      "2;3;3.5 lost;4.5 lost;6;7;" },
    { "4 link h0-s0 off until 5.625", false, true,
      "2;3;3.5 lost;4.5 lost;5.5 lost;7;" },
};

START_TEST(a_link_is_off_as_long_as_anybody_says_so)
{
    const size_t i = (size_t)_i / 2;

    build_on(_i % 2 == 0 ? DS_THREADS : DS_FIBERS, 1, stories[i].stall, NULL);
    spawn_all(stories[i].program);
    apply(stories[i].plan);
    end();
    ck_noted(stories[i].noted);
}
END_TEST

START_TEST(a_name_of_two_links_means_both)
{
    topology = ds_topology_new(2);
    ds_topology_add_cable(topology, 0, 1,
                          (ds_link){ .name = "wire", .rate = 100 });
    loop = loop_seeded(1);
    for (size_t i = 0; i < 2; i++)
        node[i] = ds_node_new(loop);
    net = ds_routed_net_new(loop, &(ds_routed_net_config){
                                      .nodes = node,
                                      .num_nodes = 2,
                                      .topology = topology,
                                  });
    ds_plan *plan = ds_plan_parse("0 link wire off", NULL, 0);
    ds_plan_apply(plan, loop, net, node, 2);
    ds_plan_free(plan);
    for (size_t i = 0; i < 2; i++) {
        port[i] = ds_port_new(node[i]);
        ds_net_deliver(net, 0, (ds_msg){ .dest = port[i] });
    }
    ck_assert(ds__wire_is(net, "wire", 0) && ds__wire_is(net, "wire", 1));
    end();
}
END_TEST

/* ---- What is refused ------------------------------------------------------*/

static const struct {
    bool routed;
    const char *plan;
    const char *why;
} refused[] = {
    { true, "1 crash 0\n2 link nowhere off",
      "ds_plan_apply: line 2, \"2 link nowhere off\", names a link; the "
      "topology has none of that name" },
    { true, "2 link 10 off until 3", "the topology has none of that name" },
    { true, "2 link 00 off", "the topology has none of that name" },
    { false, "2 link h0-s0 off",
      "line 1, \"2 link h0-s0 off\", names a link; the network has none; one "
      "of ds_routed_net_new() has" },
};

START_TEST(a_link_that_there_is_not_is_refused_by_name)
{
    build_on(DS_FIBERS, 1, false, NULL);
    if (!refused[_i].routed)
        net = ds_random_net_new(loop, 0.1);
    apply(refused[_i].plan);
    ck_run_once(loop, DS_EMISUSE, refused[_i].why);
    ds_topology_free(topology);
}
END_TEST

/* ---- What bites -----------------------------------------------------------*/

static const struct {
    const char *line;
    bool stall;
    bool bites;
} bites[] = {
    { "3.75 link h0-s0 off until 5.25", false, true },
    { "4.25 link h0-s0 off until 4.75", false, true }, /* a latency ends */
    { "4.125 link h0-s0 off until 4.25", false, false },
    { "4.25 link h0-s0 off until 4.75", true, true },
    { "3.75 link h0-s0 off until 3.875", true, true },
    { "4.125 link h0-s0 off until 4.25", true, false },
    { "3.75 link h4-s0 off until 5.25", false, false },
};

START_TEST(a_link_bites_if_a_message_is_lost_or_kept)
{
    build_on(DS_FIBERS, 1, bites[_i].stall, NULL);
    ds__bites_count(loop);
    spawn_all(false);
    apply(bites[_i].line);
    ck_run(loop, DS_OK, NULL);
    const ds__bites b = ds__bites_of(loop);
    ck_assert_uint_eq(b.planned[10], 1);
    ck_assert_uint_eq(b.happened[10], 1);
    ck_assert_uint_eq(b.bit[10], bites[_i].bites);
    ds_loop_free(loop);
    ds_topology_free(topology);
}
END_TEST

/* ---- What is told ---------------------------------------------------------*/

static void note_faults(const char *file)
{
    char words[TRACE_FAULT_MAX];
    trace_model m;

    ck_assert_int_eq(trace_model_read(&m, file).status, 0);
    for (size_t i = 0; i < m.num_faults; i++) {
        const trace_fault *f = &m.faults[i];
        note("%g-%g %s link %u: %s;", f->time, f->until,
             trace_fault_name(f->what), f->link - 1,
             trace_fault_words(&m, f, words));
    }
    trace_model_free(&m);
}

START_TEST(a_trace_has_what_plans_and_programs_take_off)
{
    const char *file = tracing_file();

    build_on(DS_FIBERS, 1, false, file);
    ds_spawn(loop, take_off_and_on, NULL);
    apply("1 link s0-h2 off until 4");
    end();
    note_faults(file);
    ck_noted("1-4 off link 5: 1 link s0-h2 off until 4;"
             "3.25-4.75 off link 0: link h0-s0 is off;"
             "4-4 on link 5: over: 1 link s0-h2 off until 4;"
             "4.75-4.75 on link 0: link h0-s0 is on again;");
}
END_TEST

/* ---- Seeds ----------------------------------------------------------------*/

/* Everybody talks to everybody. */
static void chat(ds_handle *h, void *arg)
{
    const size_t me = (size_t)arg;
    ds_msg msg;

    while (ds_loop_now(loop) < CALM * 1.25) {
        ds_send_bytes(h, net, port[me], port[(size_t)(ds_random(h) * NODES)],
                      "q", 1);
        if (ds_recv_timeout(h, port[me], TICK * ds_random(h), &msg) &&
            msg.dest != NULL)
            ds_msg_drop(&msg);
    }
}

static ds__exposure exposed(void)
{
    return (ds__exposure){
        .loop = loop,
        .net = net,
        .servers = node,
        .num_servers = NODES,
    };
}

/* Runs a seed with its faults, or with those of a plan; returns its digest. */
static uint64_t run_seed(ds_exec exec, uint64_t seed, ds_plan **plan,
                         bool generate)
{
    const ds__hazards what = { .allowed = DS_HAZARD_LINK,
                               .tick = TICK,
                               .calm_after = CALM };
    const ds__generator *g = NULL;

    build_on(exec, seed, false, NULL);
    for (size_t i = 0; i < NODES; i++)
        ds_node_boot(node[i], chat, (void *)i);
    const ds__exposure who = exposed();
    if (generate)
        g = ds__generate(&who, &what, seed);
    ck_assert(ds__calm(&who, CALM));
    if (!generate)
        ds_plan_apply(*plan, loop, net, node, NODES);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    if (generate)
        *plan = ds__plan_pick(ds__generated(g), NULL);
    for (size_t l = 0; l < ds__num_wires(net); l++)
        ds__wire_set_off(net, l, true); /* asserts nothing is off by now */
    ds_loop_free(loop);
    ds_topology_free(topology);
    return digest;
}

static size_t hurt_by(const ds_plan *plan, ds_exec exec)
{
    build_on(exec, 1, false, NULL);
    const size_t most = ds__toll_most(plan, NODES, net, node);
    ds_loop_free(loop);
    ds_topology_free(topology);
    return most;
}

/* One node that is off the switch is hurt, and no more than two may be. */
START_TEST(a_seed_takes_links_off_as_its_plan_does)
{
    size_t lines = 0;
    size_t most = 0;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        ds_plan *plan;
        const uint64_t digest = run_seed(DS_FIBERS, seed, &plan, true);
        char *text = ds_plan_print(plan);
        ds_plan *again = ds_plan_parse(text, NULL, 0);
        ck_assert_ptr_nonnull(again);
        ck_assert_uint_eq(run_seed(DS_THREADS, seed, &again, false), digest);
        const size_t hurt = hurt_by(plan, DS_FIBERS);
        ck_assert_uint_le(hurt, 2);
        most = hurt > most ? hurt : most;
        lines += ds_plan_size(plan);
        for (size_t i = 0; i < plan->count; i++)
            ck_assert_int_eq(plan->lines[i].kind, DS__PLAN_OFF);
        free(text);
        ds_plan_free(plan);
        ds_plan_free(again);
    }
    ck_assert_uint_gt(lines, 20);
    ck_assert_uint_eq(most, 2);
}
END_TEST

static void note_if_up(ds_handle *h, void *arg)
{
    ds_link_set_up(net, 0, false);
    ds_sleep(h, 2);
    ds_send(h, net,
            (ds_msg){ .source = port[0],
                      .dest = port[1],
                      .data = "",
                      .free = lose,
                      .size = 50 });
    ds_sleep(h, 2);
}

START_TEST(with_the_calm_all_links_are_on)
{
    build_on(DS_FIBERS, 1, false, NULL);
    const ds__exposure who = exposed();
    ck_assert(ds__calm(&who, 1));
    apply("0.5 link s0-h1 off until 5");
    ds_spawn(loop, note_if_up, NULL);
    ds_spawn_daemon(loop, receive, NULL);
    end();
    ck_noted("3;");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_link_is_off_as_long_as_anybody_says_so, 0,
                        2 * sizeof(stories) / sizeof(*stories));
    tcase_add_test(tc, a_name_of_two_links_means_both);
    tcase_add_loop_test(tc, a_link_that_there_is_not_is_refused_by_name, 0,
                        sizeof(refused) / sizeof(*refused));
    tcase_add_loop_test(tc, a_link_bites_if_a_message_is_lost_or_kept, 0,
                        sizeof(bites) / sizeof(*bites));
    tcase_add_test(tc, a_trace_has_what_plans_and_programs_take_off);
    tcase_add_test(tc, a_seed_takes_links_off_as_its_plan_does);
    tcase_add_test(tc, with_the_calm_all_links_are_on);
}

int main(void)
{
    return harness_main("wires", add);
}
