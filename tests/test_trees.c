/* What is known of fat-trees on paper, by simulating it: how much longer equal
 * messages take than one alone, and that on a tree as wide above as below what
 * uses one port at a time takes what it takes on a switch. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <distsys.h>
#include <distsys/topology.h>

#include "harness.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

/* Links between switches have no latency, so that all ways have the same. */
#define RATE    2e9
#define LATENCY 70e-6
#define LINKS   ",rate=2G,latency=35us,inner-latency=0"

/* ---- Runs -----------------------------------------------------------------*/

typedef struct world {
    ds_topology *topology;
    size_t n; /* hosts, all of which have a node */
    ds_loop *loop;
    ds_node **nodes;
    ds_net *net;
} world;

static ds_topology *tree_of(const char *shape)
{
    char text[200];

    snprintf(text, sizeof(text), "%s" LINKS, shape);
    ds_topology *topology = ds_topology_parse(text);
    ck_assert_str_eq(ds_topology_error(topology), "");
    return topology;
}

/* On a topology, or else on a switch with ports of the same rate. */
static world begin(ds_topology *topology, size_t n, ds_switch *model,
                   ds_exec exec)
{
    world w = {
        .topology = topology,
        .n = n,
        .loop = ds_loop_new(&(ds_loop_config){ .exec = exec }),
        .nodes = calloc(n, sizeof(*w.nodes)),
    };

    for (size_t i = 0; i < n; i++)
        w.nodes[i] = ds_node_new(w.loop);
    if (topology != NULL)
        w.net = ds_routed_net_new(w.loop, &(ds_routed_net_config){
                                              .nodes = w.nodes,
                                              .num_nodes = n,
                                              .topology = topology,
                                          });
    else
        w.net = ds_switched_net_new(w.loop, &(ds_switched_net_config){
                                                .nodes = w.nodes,
                                                .num_nodes = n,
                                                .model = model,
                                                .latency = LATENCY,
                                            });
    return w;
}

static double end(world *w)
{
    ck_assert_msg(ds_loop_run(w->loop) == DS_OK, "%s", ds_loop_error(w->loop));
    const double time = ds_loop_now(w->loop);
    ds_loop_free(w->loop);
    free(w->nodes);
    return time;
}

/* ---- Patterns -------------------------------------------------------------*/

enum { BYTES = 3000000, BEGIN = 1000 };

/* Everyone sends to one other at a time. */
typedef struct pattern {
    world *w;
    bool is_shift; /* to the one so far on, or else to the number xor it */
    size_t by;
    ds_port **ports;
} pattern;

static size_t partner_of(const pattern *p, size_t i)
{
    return p->is_shift ? (i + p->by) % p->w->n : i ^ p->by;
}

static void send_pattern(ds_handle *h, void *arg)
{
    const pattern *p = arg;
    ds_msg msg;

    ds_sleep(h, BEGIN);
    for (size_t i = 0; i < p->w->n; i++)
        ds_send(h, p->w->net,
                (ds_msg){ .source = p->ports[i],
                          .dest = p->ports[partner_of(p, i)],
                          .size = BYTES });
    for (size_t i = 0; i < p->w->n; i++)
        ds_recv(h, p->ports[i], &msg);
}

/* How many times as long they take as one alone. */
static double factor_of(ds_topology *topology, bool is_shift, size_t by)
{
    const size_t n = ds_topology_num_hosts(topology);
    world w = begin(topology, n, NULL, DS_FIBERS);
    pattern p = { &w, is_shift, by, calloc(n, sizeof(ds_port *)) };

    for (size_t i = 0; i < n; i++)
        p.ports[i] = ds_port_new(w.nodes[i]);
    ds_spawn(w.loop, send_pattern, &p);
    double time = end(&w) - BEGIN;
    free(p.ports);
    return (time - LATENCY) / (BYTES / RATE);
}

/* How many shifts take how many times as long, and how many times as long it
 * takes to send to the number xor 1, 2, 4, and so on; 0: there are no more. */
static const struct {
    const char *shape;
    size_t shifts[5];
    size_t partners[8];
} trees[] = {
    { "fattree:2;4,4;1,4;1,1", { 0, 15 }, { 1, 1, 1, 1 } },
    { "fattree:3;4,4,8;1,4,4;1,1,1", { 0, 127 }, { 1, 1, 1, 1, 1, 1, 1 } },
    { "fattree:2;4,4;1,2;1,1", { 0, 4, 11 }, { 1, 1, 2, 2 } },
    { "fattree:3;4,4,4;1,2,2;1,1,1",
      { 0, 4, 12, 8, 39 },
      { 1, 1, 2, 2, 4, 4 } },
    { "fattree:2;6,4;1,3;1,2", { 0, 23 }, { 0 } },
    { "tree:1,16", { 0, 15 }, { 1, 1, 1, 1 } },
};

static size_t whole(double factor)
{
    const double near = round(factor);

    ck_assert_msg(fabs(factor - near) < 1e-6, "%.17g times", factor);
    return (size_t)near;
}

START_TEST(shifts_take_what_their_hottest_link_takes)
{
    ds_topology *topology = tree_of(trees[_i].shape);
    const size_t n = ds_topology_num_hosts(topology);
    const size_t step = harness_slowness() > 1 && n > 64 ? 9 : 1;
    size_t found[5] = { 0 };

    for (size_t s = 1; s < n; s += step) {
        size_t factor = whole(factor_of(topology, true, s));
        ck_assert_uint_lt(factor, ARRAY_SIZE(found));
        found[factor]++;
    }
    for (size_t i = 0; i < ARRAY_SIZE(found); i++)
        if (step == 1)
            ck_assert_uint_eq(found[i], trees[_i].shifts[i]);
        else
            ck_assert_uint_eq(found[i] > 0, trees[_i].shifts[i] > 0);
    ds_topology_free(topology);
}
END_TEST

START_TEST(partners_take_what_their_hottest_link_takes)
{
    ds_topology *topology = tree_of(trees[_i].shape);

    for (size_t i = 0; trees[_i].partners[i] > 0; i++)
        ck_assert_uint_eq(whole(factor_of(topology, false, (size_t)1 << i)),
                          trees[_i].partners[i]);
    ds_topology_free(topology);
}
END_TEST

/* ---- Allreduces -----------------------------------------------------------*/

typedef struct job {
    const ds_allreduce *algorithm;
    size_t len;
} job;

static void member(ds_comm *c, void *arg)
{
    const job *j = arg;
    ds_vec *mine = ds_vec_phantom(j->len);

    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ds_vec_unref(ds_allreduce_run(j->algorithm, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

static double time_of(const ds_allreduce *algorithm, size_t len,
                      ds_topology *topology, size_t n, ds_exec exec)
{
    ds_maxmin_switch model = ds_maxmin_switch_uniform(n, RATE);
    world w = begin(topology, n, &model.base, exec);
    job j = { algorithm, len };

    ds_comm_spawn(w.loop, w.net, w.nodes, n, member, &j);
    return end(&w);
}

static const char *const full_trees[] = {
    "fattree:2;4,4;1,4;1,1",
    "fattree:3;4,4,8;1,4,4;1,1,1",
};

START_TEST(what_has_one_port_takes_on_a_full_tree_what_it_takes_on_a_switch)
{
    ds_topology *topology = tree_of(full_trees[_i]);
    const size_t n = ds_topology_num_hosts(topology);
    size_t num_all;
    const ds_allreduce *const *all = ds_allreduce_all(&num_all);
    size_t compared = 0;

    for (size_t i = 0; i < num_all; i++) {
        if ((all[i]->traits & DS_TRAIT_ONE_PORT) == 0)
            continue;
        for (size_t len = 1337; len <= 1337000; len *= 1000) {
            double there = time_of(all[i], len, topology, n, DS_FIBERS);
            double here = time_of(all[i], len, NULL, n, DS_FIBERS);
            if (fabs(there - here) > 1e-9 * here)
                ck_abort_msg("%s of %zu elements takes %.17g, and %.17g on a "
                             "switch",
                             all[i]->name, len, there, here);
            compared++;
        }
    }
    ck_assert_uint_ge(compared, 10);
    ds_topology_free(topology);
}
END_TEST

/* Step k sends to the number xor 2^k, in recursive doubling the whole vector,
 * in halving and doubling the 2^(k+1)-th part of it, there and back. */
START_TEST(steps_of_halving_and_doubling_take_1_1_2_2_4_4_times_as_long)
{
    static const double factors[] = { 1, 1, 2, 2, 4, 4 };
    const size_t len = 6400000;
    const double vector = 8 * (double)len / RATE;
    ds_topology *topology = tree_of("fattree:3;4,4,4;1,2,2;1,1,1");
    double doubling = 6 * LATENCY + 12 * (double)len * DS_FLOP_TIME;
    double halving = 12 * LATENCY;

    for (int k = 0; k < 6; k++) {
        doubling += factors[k] * vector;
        halving += 2 * factors[k] * ldexp(vector, -k - 1) +
                   2 * ldexp((double)len, -k - 1) * DS_FLOP_TIME;
    }
    for (int exec = 0; exec < 2; exec++) {
        ds_exec how = exec == 0 ? DS_THREADS : DS_FIBERS;
        double got =
            time_of(&ds_allreduce_recursive_doubling, len, topology, 64, how);
        ck_assert_double_eq_tol(got, doubling, 1e-9 * doubling);
        got = time_of(&ds_allreduce_rabenseifner, len, topology, 64, how);
        ck_assert_double_eq_tol(got, halving, 1e-9 * halving);
    }
    ds_topology_free(topology);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, shifts_take_what_their_hottest_link_takes, 0,
                        ARRAY_SIZE(trees));
    tcase_add_loop_test(tc, partners_take_what_their_hottest_link_takes, 0,
                        ARRAY_SIZE(trees));
    tcase_add_loop_test(
        tc, what_has_one_port_takes_on_a_full_tree_what_it_takes_on_a_switch, 0,
        ARRAY_SIZE(full_trees));
    tcase_add_test(
        tc, steps_of_halving_and_doubling_take_1_1_2_2_4_4_times_as_long);
}

int main(void)
{
    return harness_main("trees", add);
}
