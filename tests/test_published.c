/* What other simulators publish: small networks, messages, and the times that
 * their tests, examples and manuals say these take.  Each case is simulated
 * here, on threads and on fibers.
 *
 *     S   SimGrid: the file of its sources that has the numbers is named
 *     D   DSLab: crates/dslab-network/tests/tests.rs
 *     H   htsim: sim/datacenter/validate.txt, of packets; what flows take must
 *         lie below
 *
 * Where a solver is asked for shares, each message has as many bytes as its
 * share is, and they all end together after a second. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "harness.h"

enum { MOST_LINKS = 10, MOST_HOPS = 8, MOST_FLOWS = 1024 };

#define START 1000.0

/* ---- Messages, whatever carries them --------------------------------------*/

/* A message from one node to another.  It begins so many seconds after the
 * start, or after the one before it in the list has ended. */
typedef struct flow {
    double at;
    const char *way;  /* letters of links, 'a' is the first */
    const char *back; /* likewise; NULL: nobody asks */
    double bytes;
    double rate; /* at most; 0: any */
    double ends; /* what is published; 0: the list ends here */
    bool after;
    bool lost;
    size_t from;
    size_t to;
    double ended; /* what comes out */
    bool was_lost;
    uint64_t name;
} flow;

typedef enum deed { NOTHING, RATE, LATENCY, OFF } deed;

typedef struct act {
    deed deed;
    double at;
    size_t link;
    double value;
} act;

typedef struct world {
    ds_loop *loop;
    ds_net *net;
    ds_node **nodes;
    ds_port **ports;
    size_t num_nodes;
    flow *flows;
    size_t num_flows;
    act act;
    ds_stream *done[MOST_FLOWS];
} world;

/* What a thread, or a payload, is about. */
typedef struct ticket {
    world *world;
    flow *flow;
} ticket;

static ticket tickets[MOST_FLOWS];

static double since_start(const world *w)
{
    return ds_loop_now(w->loop) - START;
}

static void wait_until(ds_handle *h, double at)
{
    if (START + at > ds_now(h))
        ds_sleep(h, START + at - ds_now(h));
}

static void lose(void *data)
{
    ticket *t = data;

    t->flow->was_lost = true;
    t->flow->ended = since_start(t->world);
}

/* Sends one and waits for its end. */
static void send_one(ds_handle *h, world *w, size_t i)
{
    flow *f = &w->flows[i];
    ds_event event;

    ds_send(h, w->net,
            (ds_msg){ .source = w->ports[f->from],
                      .dest = w->ports[f->to],
                      .data = &tickets[i],
                      .free = lose,
                      .size = f->bytes,
                      .rate = f->rate,
                      .done = w->done[i] });
    ds_poll(h, w->done[i], &event);
}

/* Sends one, and those that come after it. */
static void send_all(ds_handle *h, void *arg)
{
    const ticket *t = arg;
    world *w = t->world;
    size_t i = (size_t)(t->flow - w->flows);

    wait_until(h, t->flow->at);
    do
        send_one(h, w, i++);
    while (i < w->num_flows && w->flows[i].after);
    ds_sleep(h, 1);
}

static void receive_one(ds_handle *h, void *arg)
{
    ds_stream *stream = arg;
    ds_event event;
    ds_msg msg;

    while (ds_poll(h, stream, &event)) {
        ck_assert(ds_unpack(&event, &msg));
        ticket *t = msg.data;
        t->flow->ended = since_start(t->world);
        t->flow->name = msg.id;
    }
}

static void change(ds_handle *h, void *arg)
{
    const world *w = arg;
    const act *a = &w->act;

    wait_until(h, a->at);
    if (a->deed == RATE)
        ds_link_set_rate(w->net, a->link, a->value);
    else if (a->deed == LATENCY)
        ds_link_set_latency(w->net, a->link, a->value);
    else
        ds_link_set_up(w->net, a->link, false);
}

static void begin(world *w, ds_exec exec, size_t num_nodes)
{
    w->loop = ds_loop_new(&(ds_loop_config){ .exec = exec });
    w->num_nodes = num_nodes;
    w->nodes = calloc(num_nodes, sizeof(*w->nodes));
    w->ports = calloc(num_nodes, sizeof(*w->ports));
    ck_assert(w->nodes != NULL && w->ports != NULL);
    for (size_t i = 0; i < num_nodes; i++) {
        w->nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(w->nodes[i]);
    }
}

static void end(world *w)
{
    ds_status status = ds_loop_run(w->loop);

    ck_assert_msg(status == DS_OK, "%s", ds_loop_error(w->loop));
    ds_loop_free(w->loop);
    free(w->nodes);
    free(w->ports);
}

/* Runs the messages of w, whose network has been made. */
static void run(world *w)
{
    ck_assert_ptr_nonnull(w->net);
    for (size_t i = 0; i < w->num_flows; i++) {
        tickets[i] = (ticket){ w, &w->flows[i] };
        w->flows[i].ended = NAN;
        w->flows[i].was_lost = false;
        w->done[i] = ds_stream_new(w->loop);
        if (!w->flows[i].after)
            ds_spawn(w->loop, send_all, &tickets[i]);
    }
    for (size_t i = 0; i < w->num_nodes; i++)
        ds_spawn_daemon(w->loop, receive_one, ds_port_stream(w->ports[i]));
    if (w->act.deed != NOTHING)
        ds_spawn(w->loop, change, w);
    end(w);
}

static ds_exec exec_of(int i)
{
    return i % 2 == 0 ? DS_THREADS : DS_FIBERS;
}

static void ck_near(const char *id, double got, double want, double tolerance)
{
    ck_assert_msg(fabs(got - want) <= tolerance, "%s: %.12g instead of %.12g",
                  id, got, want);
}

/* ---- By links and ways ----------------------------------------------------*/

typedef struct row {
    const char *id;
    const char *source;
    double digit; /* the last one that is printed */
    const ds_flow_model *model;
    ds_link links[MOST_LINKS];
    act act;
    flow flows[12];
} row;

/* Plain fairness, and models of SimGrid with some of their settings changed. */
static const ds_flow_model raw = { .latency_factor = 0 };
static const ds_flow_model cm02 = { .weigh_latency = true,
                                    .tcp_gamma = 4194304 };
static const ds_flow_model cm02_weighted = { .weight_s = 20537,
                                             .tcp_gamma = 4194304 };
static const ds_flow_model by_latency = { .weigh_latency = true };

#define LINK(r, l)                                                             \
    {                                                                          \
        .rate = (r), .latency = (l)                                            \
    }
#define FAT(r, l)                                                              \
    {                                                                          \
        .rate = (r), .latency = (l), .sharing = DS_FATPIPE                     \
    }

/* 7.20975 MB/s and 1.461517 ms; a byte there and 1 GB back. */
#define PING_PONG(there, whole)                                                \
    .links = { LINK(7.20975e6, 1.461517e-3) },                                 \
    .flows = { { .way = "a", .back = "a", .bytes = 1, .ends = (there) },       \
               { .way = "a",                                                   \
                 .back = "a",                                                  \
                 .bytes = 1e9,                                                 \
                 .ends = (whole),                                              \
                 .after = true } }

/* One message over one link, one way. */
#define ONE(rate, latency, when, size, end)                                    \
    .links = { LINK(rate, latency) },                                          \
    .flows = { { .at = (when), .way = "a", .bytes = (size), .ends = (end) } }

/* Two senders and two receivers, and link a between them. */
#define DOG_BONE                                                               \
    .links = { LINK(1e3, 0), LINK(1e9, 1e-9), LINK(1e9, 1e-9),                 \
               LINK(1e9, 1e-9), LINK(1e9, 1e-9) }

static const row rows[] = {
    { "S1", "examples/cpp/comm-pingpong", 1e-6, &raw,
      PING_PONG(0.001462, 138.703988) },
    { "S2", "examples/cpp/comm-pingpong", 1e-6, &ds_flow_cm02,
      PING_PONG(0.001462, 145.639041) },
    { "S3", "examples/cpp/comm-pingpong", 1e-6, &ds_flow_lv08,
      PING_PONG(0.019014, 150.178356) },
    { "S4, no latency", "teshsuite/models/cm02-tcpgamma", 1e-6, &cm02,
      ONE(1e10, 0, 0, 1e10, 1.0) },
    { "S4, 10 us", "teshsuite/models/cm02-tcpgamma", 1e-6, &cm02,
      ONE(1e10, 1e-5, 0, 1e10, 1.00001) },
    { "S4, 1 ms", "teshsuite/models/cm02-tcpgamma", 1e-6, &cm02,
      ONE(1e10, 1e-3, 0, 1e10, 4.769372) },
    { "S4, 100 ms", "teshsuite/models/cm02-tcpgamma", 1e-6, &cm02,
      ONE(1e10, 0.1, 0, 1e10, 476.937158) },
    { "S4, without a window", "teshsuite/models/cm02-tcpgamma", 1e-6,
      &by_latency, ONE(1e10, 1e-3, 0, 1e10, 1.001) },
    { "S5", "teshsuite/models/cm02-set-lat-bw", 1e-6, &raw, DOG_BONE,
      .flows = { { .way = "bac", .bytes = 1e3, .ends = 2 },
                 { .way = "dae", .bytes = 1e3, .ends = 2 } } },
    { "S6", "teshsuite/models/cm02-set-lat-bw", 1e-6, &cm02_weighted, DOG_BONE,
      .act = { LATENCY, 1, 4, 20 },
      .flows = { { .way = "bac", .bytes = 1e3, .ends = 1.753312 },
                 { .way = "dae", .bytes = 1e3, .ends = 2 } } },
    { "S7", "teshsuite/models/cm02-set-lat-bw", 1e-6, &cm02_weighted, DOG_BONE,
      .act = { RATE, 1, 4, 1e3 },
      .flows = { { .way = "bac", .bytes = 1e3, .ends = 1.75 },
                 { .way = "dae", .bytes = 1e3, .ends = 2 } } },
    { "S9, short", "examples/cpp/energy-link", 1e-6, &cm02,
      ONE(1e5, 0, 10, 25000, 10.25) },
    { "S9, long", "examples/cpp/energy-link", 1e-6, &cm02,
      ONE(1e5, 0, 10, 5e7, 510) },
    { "S10", "teshsuite/s4u/io-stream", 1e-6, &cm02,
      ONE(2e6, 50e-6, 0, 4e6, 2.00005) },
    /* Up a and down c, over a backbone; d and e are the way back. */
    { "S11", "examples/cpp/comm-throttling", 1e-6, &ds_flow_lv08,
      .links = { LINK(125e6, 50e-6), LINK(2.25e9, 500e-6), LINK(125e6, 50e-6),
                 LINK(125e6, 50e-6), LINK(125e6, 50e-6) },
      .flows = { { .way = "abc",
                   .back = "dbe",
                   .bytes = 2.5e8,
                   .ends = 2.069662 },
                 { .way = "abc",
                   .back = "dbe",
                   .bytes = 2.5e8,
                   .rate = 62.5e6,
                   .ends = 6.077468,
                   .after = true } } },
    { "S12", "examples/cpp/comm-failure", 1e-6, &ds_flow_lv08,
      .links = { LINK(0.125, 0), LINK(0.125, 0) }, .act = { OFF, 10, 0, 0 },
      .flows = { { .way = "a",
                   .back = "a",
                   .bytes = 5,
                   .ends = 10,
                   .lost = true },
                 { .way = "b", .back = "b", .bytes = 2, .ends = 17.319588 } } },
    { "S13", "teshsuite/models/lmm_usage, test 1", 1e-9, &raw,
      .links = { LINK(1, 0), LINK(10, 0), LINK(1, 0) },
      .flows = { { .way = "abc", .bytes = 0.5, .ends = 1 },
                 { .way = "a", .bytes = 0.5, .ends = 1 },
                 { .way = "b", .bytes = 9.5, .ends = 1 },
                 { .way = "c", .bytes = 0.5, .ends = 1 } } },
    { "S14", "teshsuite/models/lmm_usage, test 3", 1e-9, &raw,
      .links = { LINK(10, 0), LINK(10, 0), LINK(10, 0), LINK(10, 0),
                 LINK(10, 0), LINK(10, 0), LINK(10, 0), LINK(10, 0),
                 LINK(10, 0), LINK(10, 0) },
      .flows = { { .way = "efg", .bytes = 3, .ends = 1 },
                 { .way = "abc", .bytes = 10 / 3.0, .ends = 1 },
                 { .way = "hi", .bytes = 2, .ends = 1 },
                 { .way = "ef", .bytes = 3, .ends = 1 },
                 { .way = "fgh", .bytes = 2, .ends = 1 },
                 { .way = "j", .bytes = 6, .ends = 1 },
                 { .way = "hj", .bytes = 2, .ends = 1 },
                 { .way = "ab", .bytes = 10 / 3.0, .ends = 1 },
                 { .way = "bcd", .bytes = 10 / 3.0, .ends = 1 },
                 { .way = "efghj", .bytes = 2, .ends = 1 },
                 { .way = "ghi", .bytes = 2, .ends = 1 } } },
    /* Penalties are latencies, which pass by 2; a weight of 2 is a link that is
     * crossed twice. */
    { "S15", "src/kernel/lmm/maxmin_test.cpp", 1e-9, &by_latency,
      .links = { LINK(3, 0), FAT(1e3, 1), FAT(1e3, 2) },
      .flows = { { .at = 1, .way = "ab", .bytes = 2, .ends = 3 },
                 { .at = 0, .way = "ac", .bytes = 1, .ends = 3 } } },
    { "S16", "src/kernel/lmm/maxmin_test.cpp", 1e-9, &by_latency,
      .links = { LINK(20, 0), LINK(60, 0), FAT(1e3, 1), FAT(1e3, 2) },
      .flows = { { .at = 1, .way = "abbc", .bytes = 10, .ends = 3 },
                 { .at = 0, .way = "aad", .bytes = 5, .ends = 3 },
                 { .at = 1, .way = "bc", .bytes = 40, .ends = 3 } } },
    { "S17", "src/kernel/lmm/maxmin_test.cpp", 1e-9, &by_latency,
      .links = { FAT(10, 0), FAT(1e3, 1), FAT(1e3, 2) },
      .flows = { { .at = 1, .way = "ab", .bytes = 10, .ends = 3 },
                 { .at = 0, .way = "ac", .bytes = 5, .ends = 3 } } },
    { "S18", "docs/source/Models.rst", 1e-6, &ds_flow_lv08,
      .links = { LINK(125e3, 0.01) },
      .flows = { { .way = "a",
                   .back = "a",
                   .bytes = 1e5,
                   .ends = 0.996079 } } },
    /* A star of 1 MB/s and 1 ms, a to e up and f to j down: 4 MB from host 3
     * to 2 and from 4 to 1, and a second later 1 MB from 0 to 1 and to 2.  By
     * default SimGrid 3.32 says 4.149731 of the second one, since two flows
     * that share their first link begin at one instant and it forgets the rest
     * of the links of one of them.  With network/optim:Full and
     * network/maxmin-selective-update:no it says this. */
    { "five hosts", "SimGrid 3.32, with its full solver", 1e-9, &ds_flow_lv08,
      .links = { LINK(1e6, 1e-3), LINK(1e6, 1e-3), LINK(1e6, 1e-3),
                 LINK(1e6, 1e-3), LINK(1e6, 1e-3), LINK(1e6, 1e-3),
                 LINK(1e6, 1e-3), LINK(1e6, 1e-3), LINK(1e6, 1e-3),
                 LINK(1e6, 1e-3) },
      .flows = { { .way = "dh",
                   .back = "ci",
                   .bytes = 4e6,
                   .ends = 5.180659175 },
                 { .way = "eg",
                   .back = "bj",
                   .bytes = 4e6,
                   .ends = 5.180659175 },
                 { .at = 1,
                   .way = "ag",
                   .back = "bf",
                   .bytes = 1e6,
                   .ends = 3.087875670 },
                 { .at = 1,
                   .way = "ah",
                   .back = "cf",
                   .bytes = 1e6,
                   .ends = 3.087875670 } } },
    { "D4", "three links round, each message over two", 1e-9, &raw,
      .links = { LINK(100, 0.1), LINK(100, 0.1), LINK(100, 0.1) },
      .flows = { { .way = "ab", .bytes = 1000, .ends = 20.2 },
                 { .way = "bc", .bytes = 1000, .ends = 20.2 },
                 { .way = "ca", .bytes = 1000, .ends = 20.2 } } },
};

enum { NUM_ROWS = sizeof(rows) / sizeof(*rows) };

static void set_way(ds_topology *t, size_t from, size_t to, const char *way)
{
    size_t links[MOST_HOPS];
    size_t n = 0;

    for (; way != NULL && way[n] != '\0'; n++) {
        ck_assert_uint_lt(n, MOST_HOPS);
        links[n] = (size_t)(way[n] - 'a');
    }
    if (n > 0)
        ds_topology_set_route(t, from, to, links, n);
}

/* Each message has two hosts of its own. */
static ds_topology *lay(const ds_link *links, size_t num_links, flow *flows,
                        size_t num_flows)
{
    ds_topology *t = ds_topology_new(2 * num_flows);

    for (size_t l = 0; l < num_links; l++)
        ds_topology_add_link(t, links[l]);
    for (size_t i = 0; i < num_flows; i++) {
        flows[i].from = 2 * i;
        flows[i].to = 2 * i + 1;
        set_way(t, 2 * i, 2 * i + 1, flows[i].way);
        set_way(t, 2 * i + 1, 2 * i, flows[i].back);
    }
    ck_assert_str_eq(ds_topology_error(t), "");
    return t;
}

static ds_net *routed(const world *w, const ds_topology *t,
                      const ds_flow_model *model)
{
    return ds_routed_net_new(w->loop, &(ds_routed_net_config){
                                          .nodes = w->nodes,
                                          .num_nodes = w->num_nodes,
                                          .topology = t,
                                          .model = *model,
                                      });
}

static void run_over(ds_exec exec, ds_topology *t, const ds_flow_model *model,
                     flow *flows, size_t n, act what)
{
    world w = { .flows = flows, .num_flows = n, .act = what };

    begin(&w, exec, ds_topology_num_hosts(t));
    w.net = routed(&w, t, model);
    run(&w);
    ds_topology_free(t);
}

START_TEST(messages_take_what_is_published)
{
    const row *r = &rows[_i / 2];
    flow flows[12];
    size_t num_links = 0;
    size_t n = 0;

    memcpy(flows, r->flows, sizeof(flows));
    while (num_links < MOST_LINKS && r->links[num_links].rate > 0)
        num_links++;
    while (n < 12 && flows[n].ends > 0)
        n++;
    run_over(exec_of(_i), lay(r->links, num_links, flows, n), r->model, flows,
             n, r->act);
    for (size_t i = 0; i < n; i++) {
        ck_near(r->id, flows[i].ended, flows[i].ends, 0.51 * r->digit + 1e-9);
        ck_assert_msg(flows[i].was_lost == flows[i].lost, "%s: lost", r->id);
    }
}
END_TEST

/* ---- D1 to D3: so many each way -------------------------------------------*/

typedef enum cable { HALF_DUPLEX, FULL_DUPLEX, FAT_PIPE } cable;

/* When one of x messages there, or of y back, ends. */
static double end_on(cable kind, int x, int y, bool there)
{
    if (kind == FAT_PIPE)
        return 10;
    if (kind == HALF_DUPLEX)
        return 10 * (x + y);
    return 10 * (there ? x : y);
}

START_TEST(both_ways_share_a_cable_or_do_not)
{
    const cable kind = (cable)(_i / 2 % 3);
    const int x = 1 + _i / 6 % 5;
    const int y = 1 + _i / 30 % 5;
    const ds_link links[] = { LINK(100, 0), LINK(100, 0), FAT(100, 0) };
    const char *const there[] = { "a", "a", "c" };
    const char *const back[] = { "a", "b", "c" };
    flow flows[10];

    for (int k = 0; k < x + y; k++)
        flows[k] =
            (flow){ .way = k < x ? there[kind] : back[kind], .bytes = 1000 };
    run_over(exec_of(_i), lay(links, 3, flows, (size_t)(x + y)), &raw, flows,
             (size_t)(x + y), (act){ 0 });
    for (int k = 0; k < x + y; k++)
        ck_near("D1 to D3", flows[k].ended, end_on(kind, x, y, k < x), 1e-9);
}
END_TEST

/* Two ways of two links: the narrow one is there first. */
START_TEST(of_two_short_ways_the_first_is_taken)
{
    ds_topology *t = ds_topology_new(4);
    flow one = { .from = 0, .to = 3, .bytes = 1000 };

    ds_topology_add_cable(t, 0, 1, (ds_link)LINK(100, 0.1));
    ds_topology_add_cable(t, 1, 3, (ds_link)LINK(100, 0.1));
    ds_topology_add_cable(t, 0, 2, (ds_link)LINK(1000, 1));
    ds_topology_add_cable(t, 2, 3, (ds_link)LINK(1000, 0.1));
    run_over(exec_of(_i), t, &raw, &one, 1, (act){ 0 });
    ck_near("D5", one.ended, 10.2, 1e-9);
}
END_TEST

/* ---- H: a data centre of 100 Gbit/s ---------------------------------------*/

enum { SWITCH, STAR, FAT_TREE, NUM_CARRIERS };

#define GBIT 125e6
#define SIZE 2e6
#define US   1e-6

/* Messages of 2 MB: of each of some senders to some receivers. */
typedef struct matrix {
    const char *id;
    size_t num_flows;
    void (*fill)(flow *flows);
    double tail;   /* us, of flows */
    double target; /* us, of packets */
} matrix;

static void fill_one(flow *flows)
{
    flows[0].to = 1;
}

static void fill_two_ways(flow *flows)
{
    flows[0].to = 1;
    flows[1].from = 1;
}

static void fill_incast(flow *flows)
{
    for (size_t i = 0; i < 15; i++)
        flows[i] = (flow){ .from = i, .to = 15 };
}

static void fill_large_incast(flow *flows)
{
    for (size_t i = 0; i < 127; i++)
        flows[i] = (flow){ .from = i, .to = 127 };
}

/* 1 to 0; 2 and 3 each to 0 and to nine more. */
static void fill_outcast(flow *flows)
{
    flows[0].from = 1;
    for (size_t i = 0; i < 20; i++) {
        flows[1 + i].from = 2 + i / 10;
        flows[1 + i].to = i % 10 == 0 ? 0 : 3 + i - i / 10;
    }
}

static const size_t sixteen[16] = { 13, 3,  10, 14, 0,  11, 7, 5,
                                    9,  12, 6,  4,  15, 2,  8, 1 };

static void fill_permutation(flow *flows)
{
    for (size_t i = 0; i < 16; i++)
        flows[i] = (flow){ .from = i, .to = sixteen[i] };
}

/* Of 1,024 hosts: any odd factor gives a permutation. */
static void fill_large_permutation(flow *flows)
{
    for (size_t i = 0; i < 1024; i++)
        flows[i] = (flow){ .from = i, .to = (i * 389 + 17) % 1024 };
}

static const matrix matrices[] = {
    { "H1", 1, fill_one, 160, 180 },
    { "H2", 2, fill_two_ways, 160, 190 },
    { "H3", 15, fill_incast, 2400, 2500 },
    { "H4", 127, fill_large_incast, 20320, 23000 },
    { "H5", 21, fill_outcast, 1600, 2500 },
    { "H6", 16, fill_permutation, 160, 210 },
    { "H6, 1024", 1024, fill_large_permutation, 160, 220 },
};

enum { NUM_MATRICES = sizeof(matrices) / sizeof(*matrices) };

static double tail_of(const flow *flows, size_t n)
{
    double tail = 0;

    for (size_t i = 0; i < n; i++)
        tail = fmax(tail, flows[i].ended);
    return tail;
}

/* Threads by the thousand take a sanitizer long, and fibers tell the same. */
static bool takes_too_long(ds_exec exec, size_t hosts)
{
    return hosts > 128 && exec == DS_THREADS && harness_slowness() > 1;
}

/* Carries messages over a switch, or over links, of that many hosts. */
static void carry(ds_exec exec, int carrier, size_t hosts, flow *flows,
                  size_t n)
{
    const ds_maxmin_switch model = ds_maxmin_switch_uniform(hosts, 100 * GBIT);
    world w = { .flows = flows, .num_flows = n };
    char star[64];

    snprintf(star, sizeof(star), "star:%zu,rate=100Gbit,latency=0", hosts);
    ds_topology *t = ds_topology_parse(
        carrier == STAR ? star
                        : "fattree:3;4,4,8;1,4,4;1,1,1,rate=100Gbit,latency=0");

    for (size_t i = 0; i < n; i++)
        flows[i].bytes = SIZE;
    begin(&w, exec, hosts);
    if (carrier != SWITCH)
        w.net = routed(&w, t, &raw);
    else
        w.net = ds_switched_net_new(w.loop, &(ds_switched_net_config){
                                                .nodes = w.nodes,
                                                .num_nodes = hosts,
                                                .model = &model.base,
                                            });
    run(&w);
    ds_topology_free(t);
}

/* Permutations go over fat-trees with collisions; see below. */
START_TEST(flows_lie_below_what_packets_may_take)
{
    const matrix *m = &matrices[_i / 2 / NUM_CARRIERS];
    const int carrier = _i / 2 % NUM_CARRIERS;
    const bool permutes =
        m->fill == fill_permutation || m->fill == fill_large_permutation;
    const size_t hosts = m->num_flows > 128 ? 1024 : 128;
    static flow flows[MOST_FLOWS];

    if ((carrier == FAT_TREE && permutes) || takes_too_long(exec_of(_i), hosts))
        return;
    memset(flows, 0, sizeof(flows));
    m->fill(flows);
    carry(exec_of(_i), carrier, hosts, flows, m->num_flows);
    ck_near(m->id, tail_of(flows, m->num_flows), m->tail * US, 1e-12);
    ck_assert_double_lt(m->tail, m->target);
    if (m->fill == fill_outcast)
        ck_near("H5, 1 to 0", flows[0].ended, 200 * US, 1e-12);
}
END_TEST

/* ---- H7: each message on one way ------------------------------------------*/

/* Returns how many messages the link had that had most. */
static size_t hottest(const ds_topology *t, const flow *flows, size_t n)
{
    size_t *load = calloc(ds_topology_num_links(t), sizeof(*load));
    size_t most = 0;

    ck_assert_ptr_nonnull(load);
    for (size_t i = 0; i < n; i++) {
        size_t links[MOST_HOPS];
        size_t hops = ds_topology_route(t, flows[i].from, flows[i].to,
                                        flows[i].name, links, MOST_HOPS);
        ck_assert_uint_le(hops, MOST_HOPS);
        for (size_t k = 0; k < hops; k++)
            if (++load[links[k]] > most)
                most = load[links[k]];
    }
    free(load);
    return most;
}

/* A full fat-tree, of 4 or of 16 ports a switch. */
typedef struct full_tree {
    size_t hosts;
    const char *text;
    void (*fill)(flow *flows);
    int seeds;
} full_tree;

static const full_tree trees[] = {
    { 16, "fattree:3;2,2,4;1,2,2;1,1,1", fill_permutation, 10 },
    { 1024, "fattree:3;8,8,16;1,8,8;1,1,1", fill_large_permutation, 1 },
};

enum { NUM_TREES = sizeof(trees) / sizeof(*trees) };

/* No message gets less than its part of the hottest link, and those on that one
 * get no more: so the tail is known as soon as the ways are.  Returns how many
 * collided. */
static size_t collide(ds_exec exec, const full_tree *tree, int seed,
                      const char *routing)
{
    char text[128];
    static flow flows[MOST_FLOWS];
    world w = { .flows = flows, .num_flows = tree->hosts };

    snprintf(text, sizeof(text), "%s,rate=100Gbit,latency=0,routing=%s,seed=%d",
             tree->text, routing, seed);
    ds_topology *t = ds_topology_parse(text);
    memset(flows, 0, sizeof(flows));
    tree->fill(flows);
    for (size_t i = 0; i < tree->hosts; i++)
        flows[i].bytes = SIZE;
    begin(&w, exec, tree->hosts);
    w.net = routed(&w, t, &raw);
    run(&w);
    const size_t most = hottest(t, flows, tree->hosts);
    ds_topology_free(t);
    ck_near("H7", tail_of(flows, tree->hosts), 160 * US * (double)most, 1e-12);
    return most;
}

START_TEST(messages_collide_on_single_ways)
{
    const full_tree *tree = &trees[_i / 4];
    size_t worst = 0;

    if (takes_too_long(exec_of(_i), tree->hosts))
        return;
    for (int seed = 0; seed < tree->seeds; seed++) {
        size_t most = collide(exec_of(_i), tree, seed,
                              _i / 2 % 2 == 0 ? "ecmp-message" : "ecmp-pair");
        worst = most > worst ? most : worst;
    }
    ck_assert_uint_gt(worst, 1);
    ck_assert_double_lt(160 * (double)worst, 1300);
}
END_TEST

/* ---- H8: in and out, of 10 Gbit/s -----------------------------------------*/

/* A, which is 0, sends to B to E, and F, which is 5, to E.  Max-min fairness
 * gives A's messages 2.5 each and F's 7.5, where packets were seen to get 2.51,
 * 2.51, 2.50, 2.38 and 7.55; greedy-drop drops a fifth of what comes to E. */
START_TEST(in_and_out_tells_two_switches_apart)
{
    const bool greedy = _i / 2 == 1;
    const double to_e = greedy ? 2 : 2.5;
    const ds_maxmin_switch maxmin = ds_maxmin_switch_uniform(6, 10 * GBIT);
    const ds_greedy_switch drop = ds_greedy_switch_uniform(6, 10 * GBIT);
    flow flows[5] = { { .to = 1, .bytes = 2.5 * GBIT },
                      { .to = 2, .bytes = 2.5 * GBIT },
                      { .to = 3, .bytes = 2.5 * GBIT },
                      { .to = 4, .bytes = to_e * GBIT },
                      { .from = 5, .to = 4, .bytes = (10 - to_e) * GBIT } };
    world w = { .flows = flows, .num_flows = 5 };

    begin(&w, exec_of(_i), 6);
    w.net = ds_switched_net_new(w.loop,
                                &(ds_switched_net_config){
                                    .nodes = w.nodes,
                                    .num_nodes = 6,
                                    .model = greedy ? &drop.base : &maxmin.base,
                                });
    run(&w);
    for (size_t i = 0; i < 5; i++)
        ck_near("H8", flows[i].ended, 1, 1e-9);
}
END_TEST

/* ---- A chain of peers -----------------------------------------------------*/

/* SimGrid's examples/cpp/app-chainsend: over a cluster with a backbone, node 0
 * tells each of 8 peers who comes before and after it, and then sends 256
 * pieces to the first, and each peer sends what it has got to the next. */
enum { PEERS = 8, PIECES = 256 };

typedef struct chain {
    world w;
    double ended[PEERS + 1];
} chain;

typedef struct peer {
    chain *chain;
    size_t rank;
} peer;

static void hand_on(ds_handle *h, const peer *p, ds_stream *done, double bytes,
                    size_t to)
{
    ds_event event;

    ds_send(h, p->chain->w.net,
            (ds_msg){ .source = p->chain->w.ports[p->rank],
                      .dest = p->chain->w.ports[to],
                      .size = bytes,
                      .done = done });
    ds_poll(h, done, &event);
}

static void lead(ds_handle *h, void *arg)
{
    const peer *p = arg;
    ds_stream *done = ds_stream_new(p->chain->w.loop);

    wait_until(h, 0);
    for (size_t i = 1; i <= PEERS; i++)
        hand_on(h, p, done, 40, i);
    for (size_t i = 0; i < PIECES; i++)
        hand_on(h, p, done, 65537, 1);
}

static void follow(ds_handle *h, void *arg)
{
    const peer *p = arg;
    ds_stream *done = ds_stream_new(p->chain->w.loop);
    ds_stream *port = ds_port_stream(p->chain->w.ports[p->rank]);
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < 1 + PIECES && ds_poll(h, port, &event); i++) {
        ck_assert(ds_unpack(&event, &msg));
        if (i > 0 && p->rank < PEERS)
            hand_on(h, p, done, 65537, p->rank + 1);
    }
    p->chain->ended[p->rank] = since_start(&p->chain->w);
}

/* Links up 0 to 8, down 9 to 17, and the backbone. */
static ds_topology *cluster(size_t n)
{
    ds_topology *t = ds_topology_new(n);

    for (size_t i = 0; i < 2 * n; i++)
        ds_topology_add_link(t, (ds_link)LINK(125e6, 50e-6));
    size_t backbone = ds_topology_add_link(t, (ds_link)LINK(2.25e9, 500e-6));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j)
                ds_topology_set_route(t, i, j, (size_t[]){ i, backbone, n + j },
                                      3);
    return t;
}

START_TEST(a_chain_of_peers_takes_what_is_published)
{
    const double want[] = { 0,        2.214423, 2.222796, 2.231170, 2.239543,
                            2.247917, 2.256290, 2.264637, 2.264637 };
    ds_topology *t = cluster(PEERS + 1);
    chain c = { .w = { .num_flows = 0 } };
    peer peers[PEERS + 1];

    begin(&c.w, exec_of(_i), PEERS + 1);
    c.w.net = routed(&c.w, t, &ds_flow_lv08);
    for (size_t i = 0; i <= PEERS; i++) {
        peers[i] = (peer){ &c, i };
        ds_spawn(c.w.loop, i == 0 ? lead : follow, &peers[i]);
    }
    end(&c.w);
    ds_topology_free(t);
    for (size_t i = 1; i <= PEERS; i++)
        ck_near("chain", c.ended[i], want[i], 0.51e-6);
}
END_TEST

/* ---- A token --------------------------------------------------------------*/

/* SimGrid's examples/cpp/app-token-ring on routing_cluster.xml: two clusters of
 * three hosts, the first two of which have a link up and one down, and the
 * third one link for both; each has a backbone, and a link joins them.  1 MB
 * goes round.  Links 0 to 4 and 5 to 9 are of the hosts, 10 and 11 the
 * backbones, 12 is between them. */
static ds_topology *two_clusters(void)
{
    const size_t up[] = { 0, 2, 4, 5, 7, 9 };
    const size_t down[] = { 1, 3, 4, 6, 8, 9 };
    ds_topology *t = ds_topology_new(6);

    for (size_t i = 0; i < 10; i++)
        ds_topology_add_link(t, (ds_link)LINK(125e6, 100e-6));
    for (size_t i = 0; i < 3; i++)
        ds_topology_add_link(t, (ds_link)LINK(2.25e9, 500e-6));
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++) {
            const size_t b = 10 + i / 3;
            if (i != j && i / 3 == j / 3)
                ds_topology_set_route(t, i, j, (size_t[]){ up[i], b, down[j] },
                                      3);
            else if (i != j)
                ds_topology_set_route(
                    t, i, j, (size_t[]){ up[i], b, 12, 21 - b, down[j] }, 5);
        }
    return t;
}

START_TEST(a_token_takes_what_is_published)
{
    flow flows[6] = { { .ends = 0.017354 }, { .ends = 0.035121 },
                      { .ends = 0.065898 }, { .ends = 0.083252 },
                      { .ends = 0.101019 }, { .ends = 0.131796 } };

    for (size_t i = 0; i < 6; i++) {
        flows[i].from = i;
        flows[i].to = (i + 1) % 6;
        flows[i].bytes = 1e6;
        flows[i].after = i > 0;
    }
    run_over(exec_of(_i), two_clusters(), &ds_flow_lv08, flows, 6, (act){ 0 });
    for (size_t i = 0; i < 6; i++)
        ck_near("token", flows[i].ended, flows[i].ends, 0.51e-6);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, messages_take_what_is_published, 0, 2 * NUM_ROWS);
    tcase_add_loop_test(tc, both_ways_share_a_cable_or_do_not, 0, 150);
    tcase_add_loop_test(tc, of_two_short_ways_the_first_is_taken, 0, 2);
    tcase_add_loop_test(tc, flows_lie_below_what_packets_may_take, 0,
                        2 * NUM_CARRIERS * NUM_MATRICES);
    tcase_add_loop_test(tc, messages_collide_on_single_ways, 0, 4 * NUM_TREES);
    tcase_add_loop_test(tc, in_and_out_tells_two_switches_apart, 0, 4);
    tcase_add_loop_test(tc, a_chain_of_peers_takes_what_is_published, 0, 2);
    tcase_add_loop_test(tc, a_token_takes_what_is_published, 0, 2);
}

int main(void)
{
    return harness_main("published", add);
}
