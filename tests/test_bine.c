/* Bine trees: how far partners are, and what crosses the borders of groups of
 * hosts that lie side by side, against binomial trees. */

#include <stdio.h>
#include <string.h>

#include <distsys.h>

#include "coll/swing.h"
#include "harness.h"

/* ---- Distances ------------------------------------------------------------*/

static size_t around(size_t ring, size_t a, size_t b)
{
    size_t ahead = (b + ring - a) % ring;

    return ahead < ring - ahead ? ahead : ring - ahead;
}

/* 1, 1, 3, 5, 11, 21, ...: a third of the next power of two, up or down. */
START_TEST(partners_are_a_third_of_a_power_of_two_away)
{
    const size_t ring = 4096;

    for (unsigned s = 0; s < 11; s++) {
        size_t third = (((size_t)2 << s) + (s % 2 == 0 ? 1 : -1)) / 3;
        for (size_t at = 0; at < ring; at++) {
            size_t there = ds__swing_partner(ring, at, s);
            if (around(ring, at, there) != third ||
                ds__swing_partner(ring, there, s) != at)
                ck_abort_msg("step %u: from %zu to %zu", s, at, there);
        }
    }
}
END_TEST

/* ---- What crosses borders -------------------------------------------------*/

enum { LEN = 1024, MOST_NODES = 256 };

typedef struct world {
    const ds_collective *how;
    ds_topology *topology;
    size_t p;
    size_t group;
    size_t first; /* host of rank 0; the others follow */
} world;

static void body(ds_comm *c, void *arg)
{
    const world *w = arg;
    ds_vec *mine = ds_vec_phantom(LEN);

    ds_sleep(ds_comm_handle(c), 10);
    ds_vec_unref(ds_collective_run(w->how, c, mine, &ds_sum, 0));
    ds_vec_unref(mine);
}

/* Whether a link leads from a group to another: switches have four hosts. */
static bool leaves_group(const world *w, const ds_link *link)
{
    size_t from, to;

    return sscanf(link->name, "s%zu-s%zu", &from, &to) == 2 &&
           from * 4 / w->group != to * 4 / w->group;
}

/* Returns how many vectors cross borders. */
static double crossing(const world *w)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    ds_node *nodes[MOST_NODES];
    size_t hosts[MOST_NODES];
    double bytes = 0;

    for (size_t i = 0; i < w->p; i++) {
        nodes[i] = ds_node_new(loop);
        hosts[i] = w->first + i;
    }
    ds_net *net = ds_routed_net_new(loop, &(ds_routed_net_config){
                                              .nodes = nodes,
                                              .num_nodes = w->p,
                                              .hosts = hosts,
                                              .topology = w->topology,
                                          });
    ds_comm_spawn(loop, net, nodes, w->p, body, (void *)w);
    ck_assert_msg(ds_loop_run(loop) == DS_OK, "%s", ds_loop_error(loop));
    for (size_t i = 0; i < ds_topology_num_links(w->topology); i++)
        if (leaves_group(w, ds_topology_link(w->topology, i)))
            bytes += ds_link_get_use(net, i).bytes;
    ds_loop_free(loop);
    return bytes / (8 * LEN);
}

/* Nine groups, and ranks that fill eight, wherever they begin. */
static world world_of(size_t group)
{
    char text[64];
    world w = { .p = 8 * group, .group = group };

    snprintf(text, sizeof(text), "dragonfly:9,1;1,1;%zu,1;4", group / 4);
    w.topology = ds_topology_parse(text);
    ck_assert_str_eq(ds_topology_error(w.topology), "");
    ck_assert_uint_eq(ds_topology_num_hosts(w.topology), 9 * group);
    return w;
}

static const ds_collective *named(const char *name)
{
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    ck_abort_msg("there is no %s", name);
    return NULL;
}

/* Vectors over borders, on average over all places in a group where rank 0 may
 * be, and with rank 0 at the first.  A message to a rank d away crosses a
 * border in d of as many cases as a group has hosts, so binomial trees have the
 * sum of 2^(c-1-i) min(1, 2^i / g) over i < c = lg p, and butterflies that of
 * 2 p / 2^(i+1) min(1, 2^i / g).  Those of Bine were counted by another
 * program, as what goes on around the end is in none of these formulas. */
static const struct {
    size_t group;
    const char *name;
    double average;
    double aligned;
} rows[] = {
    { 16, "bcast-binomial", 23, 7 },  { 16, "bcast-bine", 18.875, 19 },
    { 16, "reduce-binomial", 23, 7 }, { 16, "reduce-bine", 18.875, 19 },
    { 16, "rabenseifner", 46, 14 },   { 16, "bine", 36.5546875, 29 },
    { 32, "bcast-binomial", 27, 7 },  { 32, "bcast-bine", 22.03125, 23 },
    { 32, "reduce-binomial", 27, 7 }, { 32, "reduce-bine", 22.03125, 23 },
    { 32, "rabenseifner", 54, 14 },   { 32, "bine", 42.451171875, 34.5 },
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

START_TEST(so_much_crosses_the_borders_of_groups)
{
    if (harness_max_threads() < 1000 && rows[_i].group > 16)
        return;
    world w = world_of(rows[_i].group);
    double sum = 0;
    size_t step = harness_slowness() > 1 ? w.group : 1;

    w.how = named(rows[_i].name);
    for (w.first = 0; w.first < w.group; w.first += step) {
        double now = crossing(&w);
        if (w.first == 0)
            ck_assert_double_eq_tol(now, rows[_i].aligned, 1e-9);
        sum += now;
    }
    if (step == 1)
        ck_assert_double_eq_tol(sum / (double)w.group, rows[_i].average, 1e-9);
    ds_topology_free(w.topology);
}
END_TEST

/* A fifth less wherever the ranks begin; but where groups are powers of two and
 * rank 0 is the first of one, nothing has less than binomial trees. */
START_TEST(it_is_a_fifth_less_than_with_binomial_trees_unless_they_fit)
{
    ck_assert_double_lt(rows[_i + 1].average, 0.83 * rows[_i].average);
    ck_assert_double_gt(rows[_i + 1].average, 0.667 * rows[_i].average);
    ck_assert_double_gt(rows[_i + 1].aligned, rows[_i].aligned);
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, partners_are_a_third_of_a_power_of_two_away);
    tcase_add_loop_test(tc, so_much_crosses_the_borders_of_groups, 0, ROWS);
    for (int i = 0; i < ROWS; i += 2)
        tcase_add_loop_test(
            tc, it_is_a_fifth_less_than_with_binomial_trees_unless_they_fit, i,
            i + 1);
}

int main(void)
{
    return harness_main("bine", add);
}
