/* Topologies link by link and cable by cable: what they keep, which ways they
 * find, and what they refuse. */

#include "harness.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "topology/topology.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const ds_link plain = { NULL, 1e9, 1e-6, DS_SHARED };

static ds_topology *new_topology(size_t num_hosts)
{
    ds_topology *topology = ds_topology_new(num_hosts);

    ck_assert_ptr_nonnull(topology);
    return topology;
}

static void is_sound(const ds_topology *topology)
{
    ck_assert_str_eq(ds_topology_error(topology), "");
    ds__topology_check(topology);
}

static void is_wrong(const ds_topology *topology, const char *why)
{
    ck_assert_str_eq(ds_topology_error(topology), why);
    ds__topology_check(topology);
}

static void has_route(const ds_topology *topology, size_t from, size_t to,
                      const size_t *wanted, size_t n)
{
    size_t links[64];

    ck_assert_uint_eq(ds_topology_route(topology, from, to, 0, links, 64), n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(links[i], wanted[i]);
}

/* ---- Links ----------------------------------------------------------------*/

START_TEST(links_are_numbered_and_keep_what_they_are)
{
    ds_topology *topology = new_topology(3);
    char name[] = "up of rack 3";

    ck_assert_uint_eq(
        ds_topology_add_link(topology, (ds_link){ name, 1, 0, DS_FATPIPE }), 0);
    name[0] = '?';
    ck_assert_uint_eq(
        ds_topology_add_link(topology, (ds_link){ NULL, 1e12, 5, DS_SHARED }),
        1);
    ck_assert_uint_eq(ds_topology_num_links(topology), 2);
    ck_assert_uint_eq(ds_topology_num_hosts(topology), 3);
    ck_assert_str_eq(ds_topology_link(topology, 0)->name, "up of rack 3");
    ck_assert_int_eq(ds_topology_link(topology, 0)->sharing, DS_FATPIPE);
    ck_assert_str_eq(ds_topology_link(topology, 1)->name, "1");
    ck_assert_double_eq(ds_topology_link(topology, 1)->rate, 1e12);
    ck_assert_double_eq(ds_topology_link(topology, 1)->latency, 5);
    ck_assert_ptr_null(ds_topology_link(topology, 2));
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

START_TEST(names_of_any_length_are_kept)
{
    static const size_t lengths[] = { 0, 1, 4094, 4095, 4096, 5000, 1, 100000 };
    ds_topology *topology = new_topology(1);
    char *name = calloc(1, 100001);

    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        memset(name, 'a' + (int)i, lengths[i]);
        name[lengths[i]] = '\0';
        ds_topology_add_link(topology, (ds_link){ .name = name, .rate = 1 });
    }
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        const char *kept = ds_topology_link(topology, i)->name;

        ck_assert_uint_eq(strlen(kept), lengths[i]);
        for (size_t j = 0; j < lengths[i]; j++)
            ck_assert_int_eq(kept[j], 'a' + (int)i);
    }
    free(name);
    ds_topology_free(topology);
}
END_TEST

static const struct {
    ds_link link;
    const char *why;
} bad_links[] = {
    { { "l", 0, 0, DS_SHARED },
      "link 1 (l) has a rate of 0 bytes a second; a rate is finite and above "
      "0" },
    { { "l", -1, 0, DS_SHARED },
      "link 1 (l) has a rate of -1 bytes a second; a rate is finite and above "
      "0" },
    { { NULL, NAN, 0, DS_SHARED },
      "link 1 () has a rate of nan bytes a second; a rate is finite and above "
      "0" },
    { { "l", INFINITY, 0, DS_SHARED },
      "link 1 (l) has a rate of inf bytes a second; a rate is finite and above "
      "0" },
    { { "l", 1, -1e-9, DS_SHARED },
      "link 1 (l) has a latency of -1e-09 seconds; a latency is finite and at "
      "least 0" },
    { { "l", 1, INFINITY, DS_SHARED },
      "link 1 (l) has a latency of inf seconds; a latency is finite and at "
      "least 0" },
    { { "l", 1, 0, (ds_sharing)2 },
      "link 1 (l) has a sharing of 2; allowed: DS_SHARED, DS_FATPIPE" },
};

START_TEST(a_bad_link_is_refused)
{
    ds_topology *topology = new_topology(2);
    char why[256] = "ds_topology_add_link: ";

    ds_topology_add_link(topology, plain);
    ck_assert_uint_eq(ds_topology_add_link(topology, bad_links[_i].link),
                      SIZE_MAX);
    is_wrong(topology, strcat(why, bad_links[_i].why));
    ck_assert_uint_eq(ds_topology_num_links(topology), 1);
    ds_topology_free(topology);
}
END_TEST

START_TEST(the_first_thing_that_is_wrong_is_kept)
{
    ds_topology *topology = new_topology(2);
    const size_t link = ds_topology_add_link(topology, plain);
    const char why[] = "ds_topology_set_route: a route from host 0 to host 2; "
                       "allowed: 0 to 1";

    ds_topology_set_route(topology, 0, 2, &link, 1);
    is_wrong(topology, why);
    ck_assert_uint_eq(ds_topology_add_link(topology, plain), SIZE_MAX);
    ck_assert_uint_eq(ds_topology_add_switch(topology), SIZE_MAX);
    ck_assert_uint_eq(ds_topology_add_cable(topology, 0, 1, plain), SIZE_MAX);
    ds_topology_set_route(topology, 0, 1, &link, 1);
    is_wrong(topology, why);
    ck_assert_uint_eq(ds_topology_num_links(topology), 1);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 1, 0, NULL, 0), SIZE_MAX);
    ds_topology_free(topology);
}
END_TEST

START_TEST(there_is_at_least_one_host)
{
    ds_topology *topology = new_topology(0);

    is_wrong(topology, "ds_topology_new: 0 hosts; allowed: 1 to 4294967294");
    ds_topology_free(topology);
}
END_TEST

START_TEST(nothing_can_be_freed)
{
    ds_topology_free(NULL);
}
END_TEST

/* ---- Routes that are set --------------------------------------------------*/

START_TEST(a_route_is_what_was_set)
{
    ds_topology *topology = new_topology(3);
    static const size_t one[] = { 2, 0, 2, 1 };
    static const size_t two[] = { 1 };

    for (int i = 0; i < 3; i++)
        ds_topology_add_link(topology, plain);
    ds_topology_set_route(topology, 2, 0, one, 4);
    ds_topology_set_route(topology, 1, 1, two, 1);
    ds_topology_set_route(topology, 0, 0, NULL, 0);
    has_route(topology, 2, 0, one, 4);
    has_route(topology, 1, 1, two, 1);
    has_route(topology, 0, 0, NULL, 0);
    has_route(topology, 2, 2, NULL, 0);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 2, 0, NULL, 0), SIZE_MAX);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

START_TEST(no_more_links_are_stored_than_there_is_room_for)
{
    ds_topology *topology = new_topology(2);
    static const size_t all[] = { 1, 2, 3 };
    size_t links[4] = { 9, 9, 9, 9 };

    for (int i = 0; i < 4; i++)
        ds_topology_add_link(topology, plain);
    ds_topology_set_route(topology, 0, 1, all, 3);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 1, 0, links, 2), 3);
    ck_assert_uint_eq(links[0], 1);
    ck_assert_uint_eq(links[1], 2);
    ck_assert_uint_eq(links[2], 9);
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_route_goes_before_what_was_set_before)
{
    ds_topology *topology = new_topology(2);
    static const size_t links[] = { 0, 1, 2 };

    for (int i = 0; i < 3; i++)
        ds_topology_add_link(topology, plain);
    ds_topology_set_route(topology, 0, 1, links, 3);
    ds_topology_set_route(topology, 0, 1, links + 1, 1);
    has_route(topology, 0, 1, links + 1, 1);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

/* In no order, some of them twice. */
START_TEST(many_routes_are_all_kept)
{
    enum { HOSTS = 23, SETS = 2000 };
    static size_t last[HOSTS][HOSTS];
    ds_topology *topology = new_topology(HOSTS);

    for (int i = 0; i < SETS; i++)
        ds_topology_add_link(topology, plain);
    for (size_t i = 0; i < SETS; i++) {
        size_t from = ds__mix(i) % HOSTS;
        size_t to = ds__mix(i + SETS) % HOSTS;
        size_t links[3] = { i, from, to };

        ds_topology_set_route(topology, from, to, links, 3);
        last[from][to] = i + 1;
        ds__given_check(&topology->given);
    }
    for (size_t from = 0; from < HOSTS; from++)
        for (size_t to = 0; to < HOSTS; to++) {
            size_t links[3] = { last[from][to] - 1, from, to };

            if (last[from][to] > 0)
                has_route(topology, from, to, links, 3);
        }
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_bad_route_is_refused)
{
    static const struct {
        size_t from, to, link, n;
        const char *why;
    } cases[] = {
        { 2, 0, 0, 1, "a route from host 2 to host 0; allowed: 0 to 1" },
        { 0, SIZE_MAX, 0, 1,
          "a route from host 0 to host 18446744073709551615; allowed: 0 to "
          "1" },
        { 0, 1, 1, 1,
          "the route from host 0 to host 1 has link 1; there are 1" },
        { 1, 0, 0, 0,
          "the route from host 1 to host 0 has 0 links; allowed: 1 or more, "
          "and 0 from a host to itself" },
    };
    ds_topology *topology = new_topology(2);
    char why[256] = "ds_topology_set_route: ";

    ds_topology_add_link(topology, plain);
    ds_topology_set_route(topology, cases[_i].from, cases[_i].to,
                          &cases[_i].link, cases[_i].n);
    is_wrong(topology, strcat(why, cases[_i].why));
    ds_topology_free(topology);
}
END_TEST

/* ---- Cables ---------------------------------------------------------------*/

static void leads(const ds_topology *topology, size_t link, size_t ways,
                  size_t from, size_t to)
{
    size_t ends[2] = { 77, 77 };

    ck_assert_uint_eq(ds_topology_ends(topology, link, &ends[0], &ends[1]),
                      ways);
    ck_assert_uint_eq(ends[0], from);
    ck_assert_uint_eq(ends[1], to);
}

START_TEST(links_know_the_places_at_their_ends)
{
    ds_topology *topology = new_topology(2);
    size_t rack = ds_topology_add_switch(topology);

    ds_topology_add_link(topology, plain);
    ds_topology_add_cable(topology, 1, rack, plain);
    ds_topology_add_link(topology, plain);
    ds_topology_add_cable(topology, rack, 0, plain);
    leads(topology, 0, 0, 77, 77);
    leads(topology, 1, 1, 1, rack);
    leads(topology, 2, 1, rack, 1);
    leads(topology, 3, 0, 77, 77);
    leads(topology, 4, 1, rack, 0);
    leads(topology, 5, 1, 0, rack);
    leads(topology, 6, 0, 77, 77);
    ds_topology_free(topology);

    topology = ds_topology_parse("ring:3,sharing=half");
    leads(topology, 0, 2, 0, 1);
    leads(topology, 2, 2, 2, 0);
    leads(topology, 3, 0, 77, 77);
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_cable_is_two_links_of_one_name)
{
    ds_topology *topology = new_topology(2);
    static const size_t links[] = { 1, 2, 1 };
    size_t place = ds_topology_add_switch(topology);

    ck_assert_uint_eq(place, 2);
    ck_assert_uint_eq(ds_topology_add_link(topology, plain), 0);
    ck_assert_uint_eq(ds_topology_add_cable(topology, 0, 1,
                                            (ds_link){ "c", 7, 3, DS_FATPIPE }),
                      1);
    for (size_t i = 1; i < 3; i++) {
        ck_assert_str_eq(ds_topology_link(topology, i)->name, "c");
        ck_assert_double_eq(ds_topology_link(topology, i)->rate, 7);
    }
    has_route(topology, 0, 1, links, 1);
    has_route(topology, 1, 0, links + 1, 1);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_bad_cable_is_refused)
{
    static const size_t ends[][2] = { { 0, 0 }, { 0, 3 }, { 3, 1 } };
    ds_topology *topology = new_topology(2);
    char why[256];

    ds_topology_add_switch(topology);
    ck_assert_uint_eq(
        ds_topology_add_cable(topology, ends[_i][0], ends[_i][1], plain),
        SIZE_MAX);
    snprintf(why, sizeof(why),
             "ds_topology_add_cable: a cable from place %zu to place %zu; "
             "allowed: two different ones of 0 to 2",
             ends[_i][0], ends[_i][1]);
    is_wrong(topology, why);
    ck_assert_uint_eq(ds_topology_num_links(topology), 0);
    ds_topology_free(topology);
}
END_TEST

START_TEST(no_way_leads_where_no_cable_does)
{
    ds_topology *topology = new_topology(4);

    ds_topology_add_cable(topology, 0, 1, plain);
    ds_topology_add_cable(topology, 2, 3, plain);
    ck_assert_uint_eq(ds_topology_route(topology, 1, 2, 0, NULL, 0), SIZE_MAX);
    ck_assert_uint_eq(ds_topology_route(topology, 4, 0, 0, NULL, 0), SIZE_MAX);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 4, 0, NULL, 0), SIZE_MAX);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_route_that_was_set_goes_before_the_shortest_way)
{
    ds_topology *topology = new_topology(3);
    static const size_t detour[] = { 2, 5 };

    ds_topology_add_cable(topology, 0, 1, plain);
    ds_topology_add_cable(topology, 0, 2, plain);
    ds_topology_add_cable(topology, 1, 2, plain);
    ds_topology_set_route(topology, 0, 1, detour, 2);
    has_route(topology, 0, 1, detour, 2);
    ds_topology_free(topology);
}
END_TEST

START_TEST(what_is_added_later_counts)
{
    ds_topology *topology = new_topology(3);
    static const size_t around[] = { 0, 2 };
    static const size_t straight[] = { 4 };

    ds_topology_add_cable(topology, 0, 1, plain);
    ds_topology_add_cable(topology, 1, 2, plain);
    has_route(topology, 0, 2, around, 2);
    ds_topology_add_cable(topology, 0, 2, plain);
    has_route(topology, 0, 2, straight, 1);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

/* That of the manual. */
START_TEST(two_racks_use_the_first_of_two_cables)
{
    ds_topology *topology = new_topology(4);
    size_t rack[2] = { ds_topology_add_switch(topology),
                       ds_topology_add_switch(topology) };
    static const size_t links[] = { 0, 8, 7 };

    for (size_t i = 0; i < 4; i++)
        ds_topology_add_cable(topology, i, rack[i / 2], plain);
    ds_topology_add_cable(topology, rack[0], rack[1], plain);
    ds_topology_add_cable(topology, rack[0], rack[1], plain);
    has_route(topology, 0, 3, links, 3);
    ds_topology_free(topology);
}
END_TEST

/* ---- Shortest ways against all ways ---------------------------------------*/

enum { PLACES = 9 };

typedef struct search {
    const ds_topology *topology;
    size_t to;
    size_t way[PLACES];
    size_t best[PLACES];
    size_t best_length;
} search;

static bool goes_before(const search *s, size_t length)
{
    if (length != s->best_length)
        return length < s->best_length;
    for (size_t i = 0; i < length; i++)
        if (s->way[i] != s->best[i])
            return s->way[i] < s->best[i];
    return false;
}

/* Tries all ways up to as many links as there are places. */
static void try_from(search *s, size_t place, size_t length)
{
    if (place == s->to && goes_before(s, length)) {
        memcpy(s->best, s->way, sizeof(s->best));
        s->best_length = length;
    }
    if (place == s->to || length >= s->best_length || length == PLACES)
        return;
    for (size_t i = 0; i < s->topology->num_arcs; i++) {
        const ds__arc *arc = &s->topology->arcs[i];

        if (arc->from != place)
            continue;
        s->way[length] = arc->link;
        try_from(s, arc->to, length + 1);
    }
}

START_TEST(the_first_of_the_shortest_ways_is_found)
{
    const uint64_t seed = ds__mix((uint64_t)_i);
    const size_t num_hosts = 2 + seed % 5;
    ds_topology *topology = new_topology(num_hosts);

    while (topology->num_places < PLACES)
        ds_topology_add_switch(topology);
    for (size_t i = 0; i < 7 + seed / 8 % 9; i++) {
        size_t a = ds__mix(seed + 2 * i) % PLACES;
        size_t b = ds__mix(seed + 2 * i + 1) % PLACES;

        if (a != b)
            ds_topology_add_cable(topology, a, b, plain);
    }
    for (size_t from = 0; from < num_hosts; from++)
        for (size_t to = 0; to < num_hosts; to++) {
            search s = { .topology = topology, .to = to };

            s.best_length = SIZE_MAX;
            try_from(&s, from, 0);
            if (s.best_length != SIZE_MAX)
                has_route(topology, from, to, s.best, s.best_length);
            else
                ck_assert_uint_eq(
                    ds_topology_route(topology, from, to, 0, NULL, 0),
                    SIZE_MAX);
        }
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

/* Hosts with one cable share what their switch knows. */
START_TEST(only_switches_with_hosts_have_a_field)
{
    enum { LEAVES = 20, PER_LEAF = 50 };
    ds_topology *topology = new_topology(LEAVES * PER_LEAF);
    size_t spine = ds_topology_add_switch(topology);
    size_t fields = 0;

    for (size_t i = 0; i < LEAVES; i++) {
        size_t leaf = ds_topology_add_switch(topology);

        ds_topology_add_cable(topology, leaf, spine, plain);
        for (size_t j = 0; j < PER_LEAF; j++)
            ds_topology_add_cable(topology, PER_LEAF * i + j, leaf, plain);
    }
    for (size_t i = 0; i < LEAVES * PER_LEAF; i++)
        ck_assert_uint_eq(ds_topology_route(topology,
                                            (i + 1) % (LEAVES * PER_LEAF), i, 0,
                                            NULL, 0),
                          i % PER_LEAF == PER_LEAF - 1 ? 4 : 2);
    for (size_t i = 0; i < topology->num_places; i++)
        fields += atomic_load(&topology->graph)->fields[i] != NULL;
    ck_assert_uint_eq(fields, LEAVES);
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

enum { ASKERS = 4, GRID = 12 };

/* The sum of the lengths of all ways. */
static void *ask_all(void *topology)
{
    static const size_t n = GRID * GRID;
    size_t sum = 0;

    for (size_t from = 0; from < n; from++)
        for (size_t to = 0; to < n; to++)
            sum += ds_topology_route(topology, from, to, 0, NULL, 0);
    return (void *)(uintptr_t)sum;
}

/* On a grid of d by d the mean distance is 2/3 (d - 1/d) with oneself. */
START_TEST(threads_may_ask_at_a_time)
{
    ds_topology *topology = new_topology(GRID * GRID);
    pthread_t askers[ASKERS];

    for (size_t i = 0; i < GRID * GRID; i++) {
        if (i % GRID + 1 < GRID)
            ds_topology_add_cable(topology, i, i + 1, plain);
        if (i / GRID + 1 < GRID)
            ds_topology_add_cable(topology, i, i + GRID, plain);
    }
    for (int i = 0; i < ASKERS; i++)
        ck_assert_int_eq(pthread_create(&askers[i], NULL, ask_all, topology),
                         0);
    for (int i = 0; i < ASKERS; i++) {
        void *sum;

        ck_assert_int_eq(pthread_join(askers[i], &sum), 0);
        ck_assert_uint_eq((uintptr_t)sum,
                          2 * GRID * GRID * (GRID * GRID - 1) * GRID / 3);
    }
    is_sound(topology);
    ds_topology_free(topology);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, links_are_numbered_and_keep_what_they_are);
    tcase_add_test(tc, names_of_any_length_are_kept);
    tcase_add_loop_test(tc, a_bad_link_is_refused, 0, ARRAY_SIZE(bad_links));
    tcase_add_test(tc, the_first_thing_that_is_wrong_is_kept);
    tcase_add_test(tc, there_is_at_least_one_host);
    tcase_add_test(tc, nothing_can_be_freed);
    tcase_add_test(tc, a_route_is_what_was_set);
    tcase_add_test(tc, no_more_links_are_stored_than_there_is_room_for);
    tcase_add_test(tc, a_route_goes_before_what_was_set_before);
    tcase_add_test(tc, many_routes_are_all_kept);
    tcase_add_loop_test(tc, a_bad_route_is_refused, 0, 4);
    tcase_add_test(tc, a_cable_is_two_links_of_one_name);
    tcase_add_test(tc, links_know_the_places_at_their_ends);
    tcase_add_loop_test(tc, a_bad_cable_is_refused, 0, 3);
    tcase_add_test(tc, no_way_leads_where_no_cable_does);
    tcase_add_test(tc, a_route_that_was_set_goes_before_the_shortest_way);
    tcase_add_test(tc, what_is_added_later_counts);
    tcase_add_test(tc, two_racks_use_the_first_of_two_cables);
    tcase_add_loop_test(tc, the_first_of_the_shortest_ways_is_found, 0, 200);
    tcase_add_test(tc, threads_may_ask_at_a_time);
    tcase_add_test(tc, only_switches_with_hosts_have_a_field);
}

int main(void)
{
    return harness_main("topology", add);
}
