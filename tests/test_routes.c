/* The ways through networks that a text describes: they are SimGrid's, they
 * hold together, and what goes over the hottest link is what theory says. */

#include "harness.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/topology.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

enum { LONGEST = 4096 };

static ds_topology *parse(const char *text)
{
    ds_topology *topology = ds_topology_parse(text);

    ck_assert_ptr_nonnull(topology);
    ck_assert_str_eq(ds_topology_error(topology), "");
    ds__topology_check(topology);
    return topology;
}

/* ---- As SimGrid has them --------------------------------------------------*/

static void has_names(const ds_topology *topology, const char *text, char *line)
{
    size_t links[LONGEST];
    char *end = line;
    size_t from = strtoul(end, &end, 10);
    size_t to = strtoul(end, &end, 10);
    size_t n = ds_topology_route(topology, from, to, 0, links, LONGEST);
    size_t i = 0;

    ck_assert_uint_ne(n, SIZE_MAX);
    for (char *name = strtok(end, " \n"); name != NULL;
         name = strtok(NULL, " \n"), i++) {
        ck_assert_msg(i < n, "%s, %zu to %zu: only %zu links", text, from, to,
                      n);
        ck_assert_msg(
            strcmp(ds_topology_link(topology, links[i])->name, name) == 0,
            "%s, %zu to %zu: link %zu is %s, not %s", text, from, to, i,
            ds_topology_link(topology, links[i])->name, name);
    }
    ck_assert_uint_eq(i, n);
}

START_TEST(ways_are_those_of_simgrid)
{
    const char *srcdir = getenv("srcdir");
    ds_topology *topology = NULL;
    char line[1024], text[1024];
    size_t ways = 0;

    snprintf(line, sizeof(line), "%s/tests/routes.txt",
             srcdir == NULL ? "." : srcdir);
    FILE *file = fopen(line, "r");
    ck_assert_msg(file != NULL, "cannot open %s", line);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "topology %1000s", text) == 1) {
            ds_topology_free(topology);
            topology = parse(text);
        } else if (line[0] != '#' && line[0] != '\n') {
            has_names(topology, text, line);
            ways++;
        }
    }
    ck_assert_uint_eq(ways, 723);
    fclose(file);
    ds_topology_free(topology);
}
END_TEST

/* ---- Ways that hold together ----------------------------------------------*/

/* The place that a link leads to from one; SIZE_MAX: it does not begin there.
 * Arcs are in the order of links. */
static size_t follow(const ds_topology *topology, size_t place, size_t link)
{
    size_t per_link = topology->num_arcs / topology->num_links;

    for (size_t i = 0; i < per_link; i++) {
        const ds__arc *arc = &topology->arcs[per_link * link + i];

        ck_assert_uint_eq(arc->link, link);
        if (arc->from == place)
            return arc->to;
    }
    return SIZE_MAX;
}

static size_t length_of(const ds_topology *topology, size_t from, size_t to,
                        uint64_t message)
{
    size_t links[LONGEST];
    size_t n = ds_topology_route(topology, from, to, message, links, LONGEST);
    size_t place = from;

    ck_assert_uint_le(n, LONGEST);
    for (size_t i = 0; i < n; i++)
        place = follow(topology, place, links[i]);
    ck_assert_uint_eq(place, to);
    return n;
}

static const struct {
    const char *text;
    size_t hosts, links, longest;
    bool shortest; /* the ways have as few links as can be */
} networks[] = {
    { "star:1", 1, 2, 0, true },
    { "star:7", 7, 14, 2, true },
    { "star:7,sharing=half", 7, 7, 2, true },
    { "tree:1,3", 3, 8, 2, true },
    { "tree:3,5", 15, 36, 4, true },
    { "tree:5,3,sharing=half", 15, 20, 4, true },
    { "full:1", 1, 0, 0, true },
    { "full:8", 8, 56, 1, true },
    { "full:9,sharing=half", 9, 36, 1, true },
    { "ring:1", 1, 0, 0, true },
    { "ring:2", 2, 2, 1, true },
    { "ring:2,ties=right", 2, 2, 1, true },
    { "ring:2,ties=even,sharing=half", 2, 1, 1, true },
    { "ring:3", 3, 6, 1, true },
    { "ring:16", 16, 32, 8, true },
    { "ring:16,ties=even,sharing=half", 16, 16, 8, true },
    { "mesh:1", 1, 0, 0, true },
    { "mesh:5", 5, 8, 4, true },
    { "mesh:3x4x2", 24, 92, 6, true },
    { "torus:4x4", 16, 64, 4, true },
    { "torus:5x2x3,ties=right", 30, 150, 4, true },
    { "torus:2x1x6,ties=even", 12, 36, 4, true },
    { "torus:4x5x2,sharing=half", 40, 100, 5, true },
    { "hypercube:0", 1, 0, 0, true },
    { "hypercube:5", 32, 160, 5, true },
    { "fattree:1;6;1;1", 6, 12, 2, true },
    { "fattree:2;4,4;1,2;1,2", 16, 64, 4, true },
    { "fattree:3;3,3,4;1,3,2;1,2,1", 36, 264, 6, true },
    { "fattree:3;3,2,4;2,2,3;2,1,3,sharing=half", 24, 272, 6, true },
    { "fattree:2;4,4;1,2;1,2,routing=ecmp-pair", 16, 64, 4, true },
    { "torus:4x4,routing=ecmp-message,seed=7", 16, 64, 4, true },
    { "torus:4x4,routing=shortest", 16, 64, 4, true },
    { "dragonfly:1,1;1,1;1,1;4", 4, 8, 2, true },
    { "dragonfly:9,1;4,1;2,1;2", 144, 648, 7, false },
    { "dragonfly:3,2;2,1;4,1;2,sharing=half", 48, 99, 7, false },
    { "dragonfly:5,1;1,1;2,1;1", 10, 50, 5, false },
    { "dragonfly:5,1;3,1;4,1;1,routing=valiant", 60, 440, 13, false },
    { "dragonfly:2,1;3,1;4,1;1,routing=valiant", 24, 170, 13, false },
    { "dragonfly:5,1;3,1;4,1;1,routing=ugal", 60, 440, 13, false },
};

START_TEST(every_way_holds_together)
{
    const char *text = networks[_i].text;
    ds_topology *topology = parse(text);
    ds__graph *graph = ds__topology_graph(topology);
    size_t longest = 0;

    ck_assert_uint_eq(ds_topology_num_hosts(topology), networks[_i].hosts);
    ck_assert_uint_eq(ds_topology_num_links(topology), networks[_i].links);
    for (size_t from = 0; from < networks[_i].hosts; from++)
        for (size_t to = 0; to < networks[_i].hosts; to++) {
            size_t n = length_of(topology, from, to, from + to);

            if (networks[_i].shortest)
                ck_assert_uint_eq(n, ds__graph_field(graph, to)[from]);
            longest = n > longest ? n : longest;
        }
    if (networks[_i].shortest)
        ck_assert_uint_eq(longest, networks[_i].longest);
    else
        ck_assert_uint_le(longest, networks[_i].longest);
    ds__topology_check(topology);
    ds_topology_free(topology);
}
END_TEST

/* A tree of 10,000 hosts, and a torus with more routes than anyone keeps. */
START_TEST(large_networks_have_their_ways)
{
    static const char *const texts[] = {
        "fattree:3;10,25,40;1,10,25;1,1,1",
        "fattree:2;20,500;1,20;1,1,routing=ecmp-message",
        "torus:25x20x20",
        "dragonfly:25,1;10,1;20,1;2",
    };
    ds_topology *topology = parse(texts[_i]);

    ck_assert_uint_eq(ds_topology_num_hosts(topology), 10000);
    for (size_t i = 0; i < 10000; i++)
        length_of(topology, i, (i * 7919 + 1234) % 10000, i);
    ds_topology_free(topology);
}
END_TEST

/* ---- The hottest link -----------------------------------------------------*/

/* Counts what goes over each link. */
typedef struct load {
    ds_topology *topology;
    size_t *flows;
} load;

static load new_load(const char *text)
{
    load l = { .topology = parse(text) };

    l.flows = calloc(ds_topology_num_links(l.topology), sizeof(*l.flows));
    return l;
}

static void add_flow(load *l, size_t from, size_t to, uint64_t message)
{
    size_t links[LONGEST];
    size_t n =
        ds_topology_route(l->topology, from, to, message, links, LONGEST);

    ck_assert_uint_le(n, LONGEST);
    for (size_t i = 0; i < n; i++)
        l->flows[links[i]]++;
}

/* The flows on the hottest link, which are then forgotten. */
static size_t take_hottest(load *l)
{
    const size_t n = ds_topology_num_links(l->topology);
    size_t hottest = 0;

    for (size_t i = 0; i < n; i++)
        hottest = l->flows[i] > hottest ? l->flows[i] : hottest;
    memset(l->flows, 0, n * sizeof(*l->flows));
    return hottest;
}

static void free_load(load *l)
{
    free(l->flows);
    ds_topology_free(l->topology);
}

static size_t hottest_of_shift(load *l, size_t shift)
{
    const size_t n = ds_topology_num_hosts(l->topology);

    for (size_t i = 0; i < n; i++)
        add_flow(l, i, (i + shift) % n, 0);
    return take_hottest(l);
}

static size_t hottest_of_partners(load *l, size_t bit)
{
    const size_t n = ds_topology_num_hosts(l->topology);

    for (size_t i = 0; i < n; i++)
        add_flow(l, i, i ^ bit, 0);
    return take_hottest(l);
}

static size_t hottest_of_all(load *l)
{
    const size_t n = ds_topology_num_hosts(l->topology);

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            add_flow(l, i, j, 0);
    return take_hottest(l);
}

/* How many shifts have so many flows on their hottest link. */
typedef struct shifts {
    size_t flows, shifts;
} shifts;

static const struct {
    const char *text;
    shifts shifts[4];
    size_t partners[8]; /* for each bit; 0: there are no more */
    size_t all;
} trees[] = {
    { "fattree:2;4,4;1,4;1,1", { { 1, 15 } }, { 1, 1, 1, 1 }, 15 },
    { "fattree:3;4,4,8;1,4,4;1,1,1",
      { { 1, 127 } },
      { 1, 1, 1, 1, 1, 1, 1 },
      127 },
    { "fattree:2;4,4;1,2;1,1", { { 1, 4 }, { 2, 11 } }, { 1, 1, 2, 2 }, 24 },
    { "fattree:3;4,4,4;1,2,2;1,1,1",
      { { 1, 4 }, { 2, 12 }, { 3, 8 }, { 4, 39 } },
      { 1, 1, 2, 2, 4, 4 },
      192 },
    { "fattree:2;6,4;1,3;1,2", { { 1, 23 } }, { 0 }, 23 },
    { "star:16", { { 1, 15 } }, { 1, 1, 1, 1 }, 15 },
};

START_TEST(shifts_load_a_tree_as_they_should)
{
    load l = new_load(trees[_i].text);
    size_t found[64] = { 0 };

    for (size_t s = 1; s < ds_topology_num_hosts(l.topology); s++) {
        size_t hottest = hottest_of_shift(&l, s);

        ck_assert_uint_lt(hottest, ARRAY_SIZE(found));
        found[hottest]++;
    }
    for (size_t i = 0; i < 4 && trees[_i].shifts[i].flows > 0; i++)
        ck_assert_uint_eq(found[trees[_i].shifts[i].flows],
                          trees[_i].shifts[i].shifts);
    free_load(&l);
}
END_TEST

START_TEST(partners_load_a_tree_as_they_should)
{
    load l = new_load(trees[_i].text);

    for (size_t i = 0; trees[_i].partners[i] > 0; i++)
        ck_assert_uint_eq(hottest_of_partners(&l, (size_t)1 << i),
                          trees[_i].partners[i]);
    ck_assert_uint_eq(hottest_of_all(&l), trees[_i].all);
    free_load(&l);
}
END_TEST

/* All to all on a ring of d: the way is d/4 on average, over 2 d links.  Only
 * if ties are shared is no link above the others. */
START_TEST(ties_by_parity_load_a_ring_evenly)
{
    load even = new_load("torus:8x8,ties=even");
    load right = new_load("torus:8x8,ties=right");

    ck_assert_uint_eq(hottest_of_all(&even), 64);
    ck_assert_uint_eq(hottest_of_all(&right), 80);
    free_load(&even);
    free_load(&right);
}
END_TEST

/* ---- Ways that are drawn --------------------------------------------------*/

/* How often the first link of a way out of a rack is each of some. */
static void count_uplinks(const char *text, size_t messages, size_t *count,
                          size_t uplinks)
{
    ds_topology *topology = parse(text);
    const size_t first = 2 * 16; /* the cables of hosts are before */
    size_t links[8];

    for (size_t i = 0; i < messages; i++) {
        ck_assert_uint_eq(ds_topology_route(topology, 0, 15, i, links, 8), 4);
        ck_assert_uint_lt((links[1] - first) / 2, uplinks);
        count[(links[1] - first) / 2]++;
    }
    ds_topology_free(topology);
}

START_TEST(ecmp_by_message_uses_all_cables_alike)
{
    size_t count[8] = { 0 };

    count_uplinks("fattree:2;4,4;1,4;1,2,routing=ecmp-message", 8000, count, 8);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_uint_gt(count[i], 850);
        ck_assert_uint_lt(count[i], 1150);
    }
}
END_TEST

START_TEST(ecmp_by_pair_keeps_a_pair_together)
{
    size_t all[8] = { 0 };

    for (unsigned seed = 0; seed < 100; seed++) {
        size_t count[8] = { 0 };
        size_t used = 0;
        char text[100];

        snprintf(text, sizeof(text),
                 "fattree:2;4,4;1,4;1,2,routing=ecmp-pair,seed=%u", seed);
        count_uplinks(text, 20, count, 8);
        for (size_t i = 0; i < 8; i++) {
            used += count[i] > 0;
            all[i] += count[i];
        }
        ck_assert_uint_eq(used, 1);
    }
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_gt(all[i], 0);
}
END_TEST

/* A permutation on a full tree with 8 spines: what goes up a cable is binomial,
 * so the chance of none is (7/8)^8 = 0.344, and of one 0.393. */
START_TEST(ecmp_collides_as_often_as_it_should)
{
    size_t count[9] = { 0 };

    for (unsigned seed = 0; seed < 50; seed++) {
        char text[100];

        snprintf(text, sizeof(text),
                 "fattree:2;8,8;1,8;1,1,routing=ecmp-pair,seed=%u", seed);
        load l = new_load(text);
        for (size_t i = 0; i < 64; i++)
            add_flow(&l, i, (i + 8) % 64, 0);
        for (size_t i = 64; i < 128; i++)
            count[l.flows[2 * i]]++;
        free_load(&l);
    }
    ck_assert_uint_gt(count[0], 1020);
    ck_assert_uint_lt(count[0], 1180);
    ck_assert_uint_gt(count[1], 1180);
    ck_assert_uint_lt(count[1], 1340);
}
END_TEST

/* From the first host of group 0 to the last of group 3, there are the groups
 * 1, 2 and 4 to go by: the blue cable tells which. */
START_TEST(valiant_goes_by_every_other_group_alike)
{
    ds_topology *topology = parse("dragonfly:5,1;1,1;5,1;1,routing=valiant");
    const char *const by[] = { "s1-s5", "s2-s10", "s4-s20" };
    size_t count[3] = { 0 };

    for (uint64_t message = 0; message < 3000; message++) {
        size_t links[16];
        size_t n = ds_topology_route(topology, 0, 19, message, links, 16);
        size_t found = 0;

        ck_assert_uint_le(n, 16);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < 3; k++)
                if (strcmp(ds_topology_link(topology, links[i])->name, by[k]) ==
                    0) {
                    count[k]++;
                    found++;
                }
        ck_assert_uint_eq(found, 1);
    }
    for (size_t k = 0; k < 3; k++) {
        ck_assert_uint_gt(count[k], 900);
        ck_assert_uint_lt(count[k], 1100);
    }
    ds_topology_free(topology);
}
END_TEST

/* Traffic on one link. */
typedef struct jam {
    ds__traffic traffic;
    size_t link;
    size_t flows;
} jam;

static size_t flows_of_jam(const ds__traffic *self, size_t link)
{
    const jam *j = (const jam *)self;

    return link == j->link ? j->flows : 0;
}

/* The least way from host 0 to 19 is up, to router 3, over blue, to router 4.
 */
START_TEST(ugal_leaves_the_least_way_when_that_is_jammed)
{
    ds_topology *topology = parse("dragonfly:5,1;1,1;5,1;1,routing=ugal");
    ds_topology *least = parse("dragonfly:5,1;1,1;5,1;1");
    size_t links[16], straight[16];
    jam j = { { flows_of_jam }, 0, 0 };
    ds__question question = { 0, 19, 0, &j.traffic };

    ck_assert_uint_eq(ds_topology_route(least, 0, 19, 0, straight, 16), 5);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 19, 0, links, 16), 5);
    ck_assert_uint_eq(ds__topology_route(topology, &question, links, 16), 5);
    ck_assert_mem_eq(links, straight, 5 * sizeof(*links));
    j.link = straight[1];
    j.flows = 1;
    ck_assert_uint_gt(ds__topology_route(topology, &question, links, 16), 5);
    ck_assert_uint_ne(links[1], straight[1]);
    ds_topology_free(topology);
    ds_topology_free(least);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, ways_are_those_of_simgrid);
    tcase_add_loop_test(tc, every_way_holds_together, 0, ARRAY_SIZE(networks));
    tcase_add_loop_test(tc, large_networks_have_their_ways, 0, 4);
    tcase_add_loop_test(tc, shifts_load_a_tree_as_they_should, 0,
                        ARRAY_SIZE(trees));
    tcase_add_loop_test(tc, partners_load_a_tree_as_they_should, 0,
                        ARRAY_SIZE(trees));
    tcase_add_test(tc, ties_by_parity_load_a_ring_evenly);
    tcase_add_test(tc, ecmp_by_message_uses_all_cables_alike);
    tcase_add_test(tc, ecmp_by_pair_keeps_a_pair_together);
    tcase_add_test(tc, ecmp_collides_as_often_as_it_should);
    tcase_add_test(tc, valiant_goes_by_every_other_group_alike);
    tcase_add_test(tc, ugal_leaves_the_least_way_when_that_is_jammed);
}

int main(void)
{
    return harness_main("routes", add);
}
