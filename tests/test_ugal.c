/* UGAL on the routed network: when the one cable between two groups is crowded,
 * messages go by a third group, and only then. */

#include <distsys.h>

#include "harness.h"

/* Three groups of three routers, of four hosts each. */
enum { GROUP = 12, HOSTS = 3 * GROUP, START = 1000 };

#define FLY "dragonfly:3,1;1,1;3,1;4,latency=0,rate=100"

typedef struct world {
    ds_topology *topology;
    ds_loop *loop;
    ds_net *net;
    ds_port *ports[HOSTS];
    ds_stream *done;
    size_t messages; /* from host i of the first group to i of the second */
    double apart;    /* seconds between two of them */
    double ended;    /* seconds after the start */
} world;

static void send_all(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_event event;

    ds_sleep(h, START - ds_now(h));
    for (size_t i = 0; i < w->messages; i++) {
        ds_send(h, w->net,
                (ds_msg){ .source = w->ports[i % GROUP],
                          .dest = w->ports[GROUP + i % GROUP],
                          .size = 100,
                          .done = w->done });
        ds_sleep(h, w->apart);
    }
    for (size_t i = 0; i < w->messages; i++)
        if (!ds_poll(h, w->done, &event))
            return;
    w->ended = ds_now(h) - START;
}

/* The seconds from the first that is sent to the last that arrives. */
static double time_of(const char *text, ds_exec exec, size_t messages,
                      double apart, uint64_t *digest)
{
    world w = { .topology = ds_topology_parse(text),
                .messages = messages,
                .apart = apart };
    ds_node *nodes[HOSTS];

    ck_assert_str_eq(ds_topology_error(w.topology), "");
    w.loop = ds_loop_new(&(ds_loop_config){ .exec = exec });
    for (size_t i = 0; i < HOSTS; i++) {
        nodes[i] = ds_node_new(w.loop);
        w.ports[i] = ds_port_new(nodes[i]);
    }
    w.done = ds_stream_new(w.loop);
    w.net = ds_routed_net_new(
        w.loop, &(ds_routed_net_config){ .nodes = nodes,
                                         .num_nodes = HOSTS,
                                         .topology = w.topology });
    ds_spawn(w.loop, send_all, &w);
    ck_assert_msg(ds_loop_run(w.loop) == DS_OK, "%s", ds_loop_error(w.loop));
    if (digest != NULL)
        *digest = ds_loop_digest(w.loop);
    ds_loop_free(w.loop);
    ds_topology_free(w.topology);
    return w.ended;
}

START_TEST(the_least_way_is_crowded)
{
    ck_assert_double_eq_tol(time_of(FLY, DS_FIBERS, GROUP, 0, NULL), 12, 1e-9);
}
END_TEST

/* The detour is by the only other group, so its first cable is as crowded. */
START_TEST(valiants_way_is_crowded_as_well)
{
    ck_assert_double_eq_tol(
        time_of(FLY ",routing=valiant", DS_FIBERS, GROUP, 0, NULL), 12, 1e-9);
}
END_TEST

START_TEST(ugal_shares_both)
{
    const double time = time_of(FLY ",routing=ugal", DS_FIBERS, GROUP, 0, NULL);

    ck_assert_double_ge(time, 6 - 1e-9);
    ck_assert_double_le(time, 9);
}
END_TEST

/* One at a time takes the least way, where it would take no longer by another,
 * but two links more would be in use. */
START_TEST(ugal_goes_straight_when_nothing_is_in_the_way)
{
    world w = { .topology = ds_topology_parse(FLY ",routing=ugal") };
    size_t least[16];
    const size_t n = ds_topology_route(w.topology, 0, GROUP, 0, least, 16);

    ck_assert_uint_le(n, 5);
    ds_topology_free(w.topology);
    ck_assert_double_eq_tol(
        time_of(FLY ",routing=ugal", DS_FIBERS, 2 * GROUP, 2, NULL), 48, 1e-9);
}
END_TEST

START_TEST(ugal_is_the_same_on_threads)
{
    uint64_t one, two;
    const char *text = FLY ",routing=ugal";

    ck_assert_double_eq(time_of(text, DS_FIBERS, 3 * GROUP, 0.25, &one),
                        time_of(text, DS_THREADS, 3 * GROUP, 0.25, &two));
    ck_assert_uint_eq(one, two);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_least_way_is_crowded);
    tcase_add_test(tc, valiants_way_is_crowded_as_well);
    tcase_add_test(tc, ugal_shares_both);
    tcase_add_test(tc, ugal_goes_straight_when_nothing_is_in_the_way);
    tcase_add_test(tc, ugal_is_the_same_on_threads);
}

int main(void)
{
    return harness_main("ugal", add);
}
