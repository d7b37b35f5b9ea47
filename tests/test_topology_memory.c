/* Each allocation of a topology fails once: what cannot be made is not there,
 * what cannot be found says why, and nothing is lost.
 *
 * The linker sends the library's calls here (--wrap). */

#include "harness.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "topology/topology.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static long calls;       /* since it was set to 0 */
static long refused;     /* the number of the one that fails; 0: none */
static long outstanding; /* what has not been given back */

static bool refuse(void)
{
    return ++calls == refused;
}

static void *given(void *p)
{
    outstanding += p != NULL;
    return p;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void __real_free(void *p);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : given(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refuse() ? NULL : given(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (refuse())
        return NULL;
    return p == NULL ? given(__real_realloc(p, size)) : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    if (refuse())
        return NULL;
    return p == NULL ? given(__real_reallocarray(p, n, size))
                     : __real_reallocarray(p, n, size);
}

void __wrap_free(void *p)
{
    outstanding -= p != NULL;
    __real_free(p);
}

/* ---- Texts and files ------------------------------------------------------*/

static const char *const texts[] = {
    "star:5",
    "tree:2,3,sharing=half",
    "fattree:2;4,4;1,2;1,2",
    "fattree:2;4,4;1,2;1,2,routing=ecmp-pair",
    "torus:3x4",
    "full:6,routing=shortest",
    "dragonfly:3,1;2,1;3,1;2,routing=ugal",
    "distsys topology 1\nhosts 3\nswitches 1\ncable h0 s0 1G 0\n"
    "cable h1 s0 1G 0\ncable h2 s0 1G 0\nroute h0 h1 h0-s0 s0-h1\n",
    "4 1 3\n3\n0 3 1Gbps 0 0\n1 3 1Gbps 0 0\n2 3 1Gbps 0 0\n",
    "Nodes 4\nTiers 2\nTier 0\nDownlink_speed_Gbps 1\nRadix_Down 2\n"
    "Radix_Up 2\nDownlink_Latency_ns 1\nTier 1\nDownlink_speed_Gbps 1\n"
    "Radix_Down 2\nDownlink_Latency_ns 1\n",
    "topology: [ Ring, Switch ]\nnpus_count: [ 3, 2 ]\nbandwidth: [ 1, 1 ]\n"
    "latency: [ 0, 0 ]\n",
    "Switch 2 \"S\"\n[1] \"A\"[1] # 4xEDR\n[2] \"B\"[1] # 4xEDR\n"
    "Ca 1 \"A\"\n[1] \"S\"[1] # 4xEDR\nCa 1 \"B\"\n[1] \"S\"[2] # 4xEDR\n",
};

/* A text itself, or that of a file with it, which is open as long. */
static const char *text_of(const char *text, FILE **file, char *name,
                           size_t size)
{
    *file = NULL;
    if (strchr(text, '\n') == NULL)
        return text;
    *file = tmpfile();
    ck_assert_ptr_nonnull(*file);
    fputs(text, *file);
    fflush(*file);
    snprintf(name, size, "file:/dev/fd/%d", fileno(*file));
    return name;
}

/* What came of a try, which is looked at when it is over: Check takes memory,
 * too. */
typedef struct outcome {
    bool made;
    bool refused; /* there were as many calls */
    char error[200];
    long lost;
} outcome;

static void begin(outcome *o, long number)
{
    *o = (outcome){ .lost = outstanding };
    calls = 0;
    refused = number;
}

static void end(outcome *o, ds_topology *topology)
{
    o->refused = calls >= refused;
    refused = 0;
    o->made = topology != NULL;
    if (topology != NULL)
        strncat(o->error, ds_topology_error(topology), sizeof(o->error) - 1);
    ds_topology_free(topology);
    o->lost = outstanding - o->lost;
}

START_TEST(a_network_is_there_or_no_memory_was)
{
    char name[100];
    FILE *file;
    const char *text = text_of(texts[_i], &file, name, sizeof(name));
    outcome o;
    long number = 0;

    do {
        begin(&o, ++number);
        end(&o, ds_topology_parse(text));
        ck_assert_int_eq(o.lost, 0);
        ck_assert_str_eq(o.error, "");
        ck_assert(o.made != o.refused);
    } while (o.refused);
    ck_assert_int_gt(number, 4);
    if (file != NULL)
        fclose(file);
}
END_TEST

START_TEST(a_way_is_found_or_no_memory_is_said)
{
    outcome o;
    long number = 0;

    do {
        ds_topology *topology =
            ds_topology_parse("mesh:3x3,routing=ecmp-message");

        begin(&o, ++number);
        size_t n = ds_topology_route(topology, 0, 8, 0, NULL, 0);
        end(&o, topology);
        ck_assert_uint_eq(n, o.refused ? SIZE_MAX : 4);
        ck_assert_str_eq(o.error,
                         o.refused ? "ds_topology_route: out of memory" : "");
        ck_assert_int_lt(o.lost, 0); /* it was made before */
    } while (o.refused);
    ck_assert_int_gt(number, 6);
}
END_TEST

START_TEST(what_is_built_by_hand_says_which_call_had_none)
{
    static const size_t links[] = { 0, 1 };
    static const char *const said[] = {
        "ds_topology_add_link: out of memory",
        "ds_topology_add_cable: out of memory",
        "ds_topology_set_route: out of memory",
    };
    size_t times[ARRAY_SIZE(said)] = { 0 };
    outcome o;
    long number = 0;

    do {
        begin(&o, ++number);
        ds_topology *topology = ds_topology_new(2);
        if (topology != NULL) {
            ds_topology_add_cable(topology, 0, 1, (ds_link){ .rate = 1 });
            ds_topology_set_route(topology, 0, 1, links, 2);
        }
        end(&o, topology);
        ck_assert_int_eq(o.lost, 0);
        ck_assert(!o.refused || !o.made || o.error[0] != '\0');
        for (size_t i = 0; i < ARRAY_SIZE(said); i++)
            times[i] += strcmp(o.error, said[i]) == 0;
    } while (o.refused);
    for (size_t i = 0; i < ARRAY_SIZE(said); i++)
        ck_assert_uint_gt(times[i], 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_network_is_there_or_no_memory_was, 0,
                        ARRAY_SIZE(texts));
    tcase_add_test(tc, a_way_is_found_or_no_memory_is_said);
    tcase_add_test(tc, what_is_built_by_hand_says_which_call_had_none);
}

int main(void)
{
    return harness_main("topology_memory", add);
}
