/* Topologies in place of the switch: which of them are a switch to so many
 * ranks, and who is on which host. */

#include "harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "bench/common/fabric.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static fabric open_with(const char *text, const char *map, uint64_t seed)
{
    const fabric_options o = { .topology = text, .map = map };
    fabric f;
    failure why = fabric_open(&f, &o, seed);

    ck_assert_msg(why.status == 0, "%s", why.text);
    return f;
}

/* ---- Switches -------------------------------------------------------------*/

/* latency < 0: it is none. */
static const struct {
    const char *text;
    size_t ranks;
    double latency;
} texts[] = {
    { "star:8,latency=3us", 8, 6e-6 },
    { "star:8,latency=3us", 2, 6e-6 },
    { "star:8", 1, -1 },
    { "star:8,sharing=half", 8, -1 },
    { "tree:1,8,latency=3us", 8, 6e-6 },     /* all in one rack */
    { "tree:2,4", 4, 2e-6 },                 /* and so are these */
    { "tree:2,4", 5, -1 },                   /* other latencies */
    { "tree:2,4,inner-latency=0", 5, 2e-6 }, /* one alone in its rack */
    { "tree:2,4,inner-latency=0", 6, -1 },   /* a cable for two */
    { "tree:4,1,latency=1us,inner-latency=2us", 4, 6e-6 },
    { "tree:4,1,inner-rate=500M", 4, -1 }, /* its ports are not the narrowest */
    { "fattree:2;4,4;1,4;1,1,inner-latency=0", 16, -1 },
    { "fattree:2;1,4;1,4;1,1", 4, 4e-6 }, /* a leaf for each */
    { "fattree:2;1,4;1,4;1,1,routing=ecmp-message", 4, 4e-6 },
    { "fattree:2;4,4;1,4;1,1,routing=ecmp-message,inner-latency=0", 16, -1 },
    { "fattree:2;4,4;1,4;1,1,routing=ecmp-message,inner-latency=0", 3, 2e-6 },
    { "fattree:2;2,4;1,4;1,1,routing=ecmp-message,inner-latency=0", 3, 2e-6 },
    { "fattree:2;2,4;1,4;1,1,routing=ecmp-message,inner-latency=0", 4, -1 },
    { "full:4", 4, -1 }, /* better than one */
    { "ring:3", 3, -1 },
    { "torus:4x4", 16, -1 },
    { "dragonfly:4,1;2,1;2,1;1", 16, -1 },
};

START_TEST(a_switch_is_what_ranks_cannot_tell_from_one)
{
    fabric f = open_with(texts[_i].text, NULL, 0);
    double latency, rate;
    bool is = fabric_is_switch(&f, texts[_i].ranks, &latency, &rate);

    ck_assert_msg(is == (texts[_i].latency >= 0), "%s, %zu ranks",
                  texts[_i].text, texts[_i].ranks);
    if (is) {
        ck_assert_double_eq_tol(latency, texts[_i].latency, 1e-15);
        ck_assert_double_eq(rate, 1e9);
    }
    fabric_close(&f);
}
END_TEST

START_TEST(ranks_of_one_host_are_on_no_switch)
{
    char name[] = "/tmp/fabric-XXXXXX";
    int file = mkstemp(name);
    double latency, rate;

    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, "3\n 1 # one\n\n3\n", 14), 14);
    close(file);
    fabric f = open_with("star:4", name, 0);
    unlink(name);
    ck_assert_uint_eq(f.most, 3);
    ck_assert_uint_eq(f.hosts[0], 3);
    ck_assert_uint_eq(f.hosts[1], 1);
    ck_assert_uint_eq(f.hosts[2], 3);
    for (int i = 0; i < 2; i++) {
        ck_assert(fabric_is_switch(&f, 2, &latency, &rate));
        ck_assert(!fabric_is_switch(&f, 3, &latency, &rate));
        ck_assert(!fabric_is_switch(&f, 3, &latency, &rate));
    }
    fabric_close(&f);
}
END_TEST

/* ---- Maps -----------------------------------------------------------------*/

/* Each host has one rank, whichever the seed is, and all are likely. */
START_TEST(a_map_that_is_drawn_is_an_order_of_all_hosts)
{
    size_t first[5] = { 0 };

    for (uint64_t seed = 0; seed < 200; seed++) {
        fabric f = open_with("star:5", "random", seed);
        bool seen[5] = { false };

        ck_assert_uint_eq(f.most, 5);
        for (size_t i = 0; i < 5; i++) {
            ck_assert_uint_lt(f.hosts[i], 5);
            ck_assert(!seen[f.hosts[i]]);
            seen[f.hosts[i]] = true;
        }
        first[f.hosts[0]]++;
        fabric_close(&f);
    }
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_gt(first[i], 15);
}
END_TEST

START_TEST(the_port_of_a_topology_is_the_slowest)
{
    fabric f = open_with("fattree:1;4;1;1,rate=3G", NULL, 0);

    ck_assert_double_eq(fabric_port_rate(&f, 4), 3e9);
    fabric_close(&f);
    f = open_with("torus:4x4,rate=5M", NULL, 0);
    ck_assert_double_eq(fabric_port_rate(&f, 16), 5e6);
    fabric_close(&f);
}
END_TEST

START_TEST(nothing_is_open_if_nothing_was_said)
{
    const fabric_options o = { 0 };
    fabric f;

    ck_assert_int_eq(fabric_open(&f, &o, 0).status, 0);
    ck_assert(!fabric_is_open(&f));
    ck_assert(!fabric_is_open(NULL));
    ck_assert_int_eq(fabric_check(&f, "--nodes", 1e6).status, 0);
    fabric_close(&f);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_switch_is_what_ranks_cannot_tell_from_one, 0,
                        ARRAY_SIZE(texts));
    tcase_add_test(tc, ranks_of_one_host_are_on_no_switch);
    tcase_add_test(tc, a_map_that_is_drawn_is_an_order_of_all_hosts);
    tcase_add_test(tc, the_port_of_a_topology_is_the_slowest);
    tcase_add_test(tc, nothing_is_open_if_nothing_was_said);
}

int main(void)
{
    return harness_main("fabric", add);
}
