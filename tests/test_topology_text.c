/* Texts of topologies: what they say about links, and that a wrong one is
 * refused with its place and what is allowed. */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "topology/number.h"
#include "topology/topology.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

/* ---- Numbers --------------------------------------------------------------*/

static const struct {
    const char *text;
    const ds__unit *units;
    double value;
} numbers[] = {
    { "0", NULL, 0 },
    { "100us", ds__unit_seconds, 1e-4 },
    { "0.1ms", ds__unit_seconds, 1e-4 },
    { "3ns", ds__unit_seconds, 3e-9 },
    { "7s", ds__unit_seconds, 7 },
    { ".5e-3", NULL, .5e-3 },
    { "5.", NULL, 5 },
    { "1E+3", NULL, 1000 },
    { "10Gbit", ds__unit_bytes, 1.25e9 },
    { "1.5k", ds__unit_bytes, 1500 },
    { "2e-3T", ds__unit_bytes, 2e9 },
    { "8Mbit", ds__unit_bytes, 1e6 },
    { "370.8G", ds__unit_bytes, 370.8e9 },
};

START_TEST(a_number_is_the_double_that_is_nearest)
{
    double value = -1;

    ck_assert(ds__number_read(numbers[_i].text, strlen(numbers[_i].text),
                              numbers[_i].units, &value));
    ck_assert_double_eq(value, numbers[_i].value);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const texts[] = {
        "",      ".",   "e3",   "-1",    "+1",    "1e",    "1e+",
        "0x10",  "inf", "nan",  "1 ",    " 1",    "1..2",  "1.2.",
        "1 us",  "1m",  "1K",   "1kB",   "1e999", "1e309", "1eus",
        "1e1.5", "1,5", "1usx", "1gbit",
    };
    double value;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        ck_assert_msg(
            !ds__number_read(texts[i], strlen(texts[i]),
                             i % 2 ? ds__unit_bytes : ds__unit_seconds, &value),
            "%s", texts[i]);
}
END_TEST

START_TEST(whole_numbers_stay_below_their_bound)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool good;
    } cases[] = {
        { "0", 0, true },
        { "1", 0, false },
        { "007", 7, true },
        { "8", 7, false },
        { "18446744073709551615", UINT64_MAX, true },
        { "18446744073709551616", UINT64_MAX, false },
        { "99999999999999999999", UINT64_MAX, false },
        { "", 9, false },
        { "1.0", 9, false },
    };
    uint64_t value;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        ck_assert_msg(ds__number_whole(cases[i].text, strlen(cases[i].text),
                                       cases[i].max, &value) == cases[i].good,
                      "%s", cases[i].text);
}
END_TEST

/* ---- What options do ------------------------------------------------------*/

static void has_link(const char *text, size_t link, const char *name,
                     double rate, double latency)
{
    ds_topology *topology = ds_topology_parse(text);

    ck_assert_str_eq(ds_topology_error(topology), "");
    ds__topology_check(topology);
    const ds_link *found = ds_topology_link(topology, link);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->name, name);
    ck_assert_double_eq(found->rate, rate);
    ck_assert_double_eq(found->latency, latency);
    ck_assert_int_eq(found->sharing, DS_SHARED);
    ds_topology_free(topology);
}

START_TEST(links_are_what_the_options_say)
{
    has_link("star:3", 4, "h2-s0", 1e9, 1e-6);
    has_link("star:3", 5, "s0-h2", 1e9, 1e-6);
    has_link("star:3,sharing=half", 2, "h2-s0", 1e9, 1e-6);
    has_link("star:3,sharing=full,rate=10Gbit,latency=0", 1, "s0-h0", 1.25e9,
             0);
    has_link("tree:2,2,rate=1k", 8, "s0-s2", 1000, 1e-6);
    has_link("tree:2,2,inner-rate=4k,latency=5us,rate=1k", 11, "s2-s1", 4000,
             5e-6);
    has_link("tree:2,2,inner-latency=7ms", 7, "s1-h3", 1e9, 1e-6);
    has_link("tree:2,2,inner-latency=7ms", 9, "s2-s0", 1e9, 7e-3);
    has_link("ring:5,rate=3", 9, "h0-h4", 3, 1e-6);
    has_link("fattree:2;4,4;1,2;1,2,inner-rate=2", 34, "s0-s4.1", 2, 1e-6);
    has_link("dragonfly:3,5;1,1;4,7;1,inner-rate=10", 24, "s0-s1", 70, 1e-6);
    has_link("dragonfly:3,5;1,1;4,7;1,inner-rate=10", 60, "s1-s4", 50, 1e-6);
}
END_TEST

/* ---- What is refused ------------------------------------------------------*/

static const struct {
    const char *text;
    size_t at;
    const char *why;
} bad[] = {
    { "", 1, "'' is no kind of network; allowed are those such as star:32, " },
    { "star", 1, "'star' is no kind" },
    { "Star:3", 1, "'Star' is no kind" },
    { "stars:3", 1, "'stars' is no kind" },
    { "star:", 6, "'' where the number of hosts must be; allowed: 1 to" },
    { "star:0", 6, "'0' where the number of hosts must be; allowed: 1 to" },
    { "star:-3", 6, "'-3' where the number of hosts must be" },
    { "star:3;4", 7, "nothing more goes after the number of hosts" },
    { "star:3 ", 6, "'3 ' where the number of hosts" },
    { "star:99999999999999999999", 6, "'99999999999999999999' where" },
    { "star:1048577", 6, "'1048577' where" },
    { "full:10000", 1, "too many cables; allowed: up to 16777216" },
    { "tree:4", 7, "there must be a ',', and the number of hosts of a rack" },
    { "tree:4,", 8, "'' is no option" },
    { "tree:4,0", 8, "'0' where the number of hosts of a rack must be" },
    { "tree:4x4", 7, "there must be a ','" },
    { "tree:4,4,4", 9, "nothing more goes after the number of hosts of a" },
    { "tree:1048576,2", 1, "too many hosts; allowed: up to 1048576" },
    { "ring:4x4", 7, "nothing more goes after the number of hosts" },
    { "torus:4,4", 8, "there must be a 'x', and the side of another" },
    { "torus:4x", 9, "'' where the side of a dimension must be" },
    { "torus:4x0x4", 9, "'0x4' where the side of a dimension must be" },
    { "torus:1024x1024x2", 1, "too many hosts" },
    { "torus:1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1", 47,
      "too many dimensions; allowed: up to 20" },
    { "hypercube:21", 11,
      "'21' where the number of dimensions must be; "
      "allowed: 0 to 20" },
    { "fattree:4", 10, "there must be a ';', and the children of a level" },
    { "fattree:0;1;1;1", 9, "'0' where the number of levels must be" },
    { "fattree:2;4;1,2;1,2", 12, "there must be a ',', and the children" },
    { "fattree:2;4,4,4;1,2;1,2", 14, "there must be a ';', and the parents" },
    { "fattree:2;4,4;1,2;1,2;1", 22, "nothing more goes after the last of" },
    { "fattree:2;4,4;1,2", 18, "there must be a ';', and the parallel" },
    { "fattree:2;4000,4000;1,2;1,1", 1, "too many hosts" },
    { "fattree:2;4,4;1048576,2;2,2", 1, "too large; allowed: 16777216 cables" },
    { "fattree:2;4,4;1,2;1000000,1000000", 1, "too many cables" },
    { "dragonfly:9", 12, "there must be a ',', and how wide their cables" },
    { "dragonfly:9,1;4,1;2,1", 22, "there must be a ';', and what they are" },
    { "dragonfly:9,0;4,1;2,1;2", 13, "'0' where how wide their cables are" },
    { "dragonfly:9,1;4,1;2,1;2;2", 24, "nothing more goes after the number" },
    { "dragonfly:4096,1;4096,1;4096,1;1000000", 1, "too many hosts" },
    { "star:3,", 8,
      "'' is no option; allowed: rate=, latency=, inner-rate=, "
      "inner-latency=, sharing=, routing=, ties=, seed=" },
    { "star:3,rate", 8, "'rate' is no option" },
    { "star:3,speed=4", 8, "'speed' is no option" },
    { "star:3,rate=", 13, "bad value ''; allowed: bytes a second above 0" },
    { "star:3,rate=0", 13, "bad value '0'; allowed: bytes a second above 0" },
    { "star:3,rate=-1", 13, "bad value '-1'" },
    { "star:3,rate=1us", 13, "bad value '1us'" },
    { "star:3,rate=1 ", 13, "bad value '1 '" },
    { "star:3,rate=1e400", 13, "bad value '1e400'" },
    { "star:3,latency=-1us", 16, "bad value '-1us'; allowed: seconds from 0" },
    { "star:3,latency=1G", 16, "bad value '1G'" },
    { "star:3,rate=1,rate=1", 15, "rate is said twice" },
    { "star:3,inner-rate=1", 8, "a star has no inner links; allowed: rate, " },
    { "mesh:3,ties=even", 8, "only a ring and a torus have ties" },
    { "ring:3,ties=odd", 13, "unknown 'odd'; allowed: simgrid, right, even" },
    { "star:3,sharing=no", 16, "unknown 'no'; allowed: full, half" },
    { "star:3,routing=ugal", 16,
      "unknown 'ugal'; allowed: shortest, "
      "ecmp-pair, ecmp-message" },
    { "fattree:1;2;1;1,routing=x", 25,
      "unknown 'x'; allowed: d-mod-k, "
      "shortest, ecmp-pair, ecmp-message" },
    { "star:3,seed=-1", 13, "bad value '-1'; allowed: a whole number" },
    { "star:3,seed=1e3", 13, "bad value '1e3'" },
    { "star:3,rate=1,", 15, "'' is no option" },
    { "star:3,rate=1;latency=2", 13, "bad value '1;latency=2'" },
};

START_TEST(a_wrong_text_is_refused_with_its_place)
{
    ds_topology *topology = ds_topology_parse(bad[_i].text);
    char wanted[512];

    snprintf(wanted, sizeof(wanted),
             "ds_topology_parse: '%s', at character %zu: %s", bad[_i].text,
             bad[_i].at, bad[_i].why);
    const char *error = ds_topology_error(topology);
    ck_assert_msg(strncmp(error, wanted, strlen(wanted)) == 0,
                  "\n%s\ninstead of\n%s", error, wanted);
    ck_assert_uint_eq(ds_topology_route(topology, 0, 0, 0, NULL, 0), SIZE_MAX);
    ds_topology_free(topology);
}
END_TEST

START_TEST(no_text_is_refused)
{
    ds_topology *topology = ds_topology_parse(NULL);

    ck_assert_str_eq(ds_topology_error(topology),
                     "ds_topology_parse: the text is NULL; allowed: such as "
                     "star:32");
    ds_topology_free(topology);
}
END_TEST

START_TEST(a_long_text_is_refused)
{
    char *text = malloc(100001);

    memset(text, '9', 100000);
    text[100000] = '\0';
    memcpy(text, "star:", 5);
    ds_topology *topology = ds_topology_parse(text);
    ck_assert_str_ne(ds_topology_error(topology), "");
    ds_topology_free(topology);
    free(text);
}
END_TEST

/* ---- Any text at all ------------------------------------------------------*/

/* Small shapes, so that what is right by chance is small as well. */
static const char *const seeds[] = {
    "star:3,rate=1G,latency=1us",
    "tree:2,3,inner-rate=4Gbit,sharing=half",
    "fattree:2;2,3;1,2;1,2,routing=ecmp-pair,seed=7",
    "ring:5,ties=even",
    "torus:2x3x4",
    "hypercube:3,routing=shortest",
    "full:4",
    "dragonfly:3,1;2,1;2,1;2,routing=ugal",
};

/* Changes, drops, doubles or swaps characters. */
static void spoil(char *text, size_t room, uint64_t random)
{
    static const char signs[] = ":;,x=.-e 0123kGmus\xff";
    const size_t length = strlen(text);
    const size_t at = random / 8 % (length + 1);
    const char sign = signs[random / 8192 % (sizeof(signs) - 1)];

    switch (random % 4) {
    case 0:
        if (at < length)
            text[at] = sign;
        break;
    case 1:
        memmove(text + at, text + at + (at < length),
                length - at + (at == length));
        break;
    case 2:
        if (length + 2 < room) {
            memmove(text + at + 1, text + at, length - at + 1);
            text[at] = sign;
        }
        break;
    default:
        text[at] = '\0';
    }
}

START_TEST(any_text_is_sound_or_refused)
{
    size_t refused = 0;
    const uint64_t texts = harness_full() ? 200000 : 20000;

    for (uint64_t i = 0; i < texts; i++) {
        uint64_t random = ds__mix(i + 1);
        char text[128];

        strcpy(text, seeds[random % ARRAY_SIZE(seeds)]);
        for (uint64_t k = 0; k <= random / 64 % 3; k++)
            spoil(text, sizeof(text), ds__mix(random + k));
        ds_topology *topology = ds_topology_parse(text);
        ck_assert_ptr_nonnull(topology);
        refused += ds_topology_error(topology)[0] != '\0';
        if (topology->num_links < 1000) {
            ds__topology_check(topology);
            ds_topology_route(topology, 0, topology->num_hosts - 1, i, NULL, 0);
        }
        ds_topology_free(topology);
    }
    ck_assert_uint_gt(refused, texts / 3);
    ck_assert_uint_lt(refused, texts);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_number_is_the_double_that_is_nearest, 0,
                        ARRAY_SIZE(numbers));
    tcase_add_test(tc, what_is_no_number_is_refused);
    tcase_add_test(tc, whole_numbers_stay_below_their_bound);
    tcase_add_test(tc, links_are_what_the_options_say);
    tcase_add_loop_test(tc, a_wrong_text_is_refused_with_its_place, 0,
                        ARRAY_SIZE(bad));
    tcase_add_test(tc, no_text_is_refused);
    tcase_add_test(tc, a_long_text_is_refused);
    tcase_add_test(tc, any_text_is_sound_or_refused);
}

int main(void)
{
    return harness_main("topology_text", add);
}
