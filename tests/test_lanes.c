/* What collectives load the links of a torus with: the bytes on the hottest
 * link of each round, summed up, are the time at a latency of 0.
 *
 * The numbers are in vectors, for a link that takes one in a second.  The bound
 * is what leaves a place by all its ports, 2 (p-1)/p of the vector, which
 * buckets reach. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "coll/bucket.h"
#include "coll/swing.h"
#include "harness.h"

enum { MOST_WAY = 64 };

/* A torus, an allreduce on it, and how its places are left. */
typedef struct world {
    ds_topology *topology;
    size_t sides[3];
    size_t num_sides;
    size_t p;
    ds__grid grid;
    double *load; /* of each link, in a round */
} world;

static void world_init(world *w, const char *sides, size_t ports,
                       const char *options)
{
    char text[80];
    char why[DS__WHY];
    ds_shape shape = { .sides = w->sides, .ports = ports };

    *w = (world){ .p = 1 };
    for (const char *at = sides; at != NULL; at = strchr(at, 'x')) {
        at += *at == 'x';
        w->sides[w->num_sides] = strtoul(at, NULL, 10);
        w->p *= w->sides[w->num_sides++];
    }
    snprintf(text, sizeof(text), "torus:%s,ties=even%s", sides, options);
    w->topology = ds_topology_parse(text);
    ck_assert_str_eq(ds_topology_error(w->topology), "");
    ck_assert_uint_eq(ds_topology_num_hosts(w->topology), w->p);
    shape.num_sides = w->num_sides;
    ck_assert(
        ds__grid_make(&w->grid, &shape, w->p, DS__SIDES_ANY, why, sizeof(why)));
    w->load = calloc(ds_topology_num_links(w->topology), sizeof(double));
}

static void world_end(world *w)
{
    free(w->load);
    ds_topology_free(w->topology);
}

/* ---- Counting -------------------------------------------------------------*/

static void put_on_way(world *w, size_t from, size_t to, double bytes)
{
    size_t links[MOST_WAY];
    size_t n = ds_topology_route(w->topology, from, to, 0, links, MOST_WAY);

    if (n > MOST_WAY)
        ck_abort_msg("%zu links from %zu to %zu", n, from, to);
    for (size_t i = 0; i < n; i++)
        w->load[links[i]] += bytes;
}

/* Returns the hottest load, and begins anew. */
static double cool_down(world *w)
{
    double most = 0;

    for (size_t i = 0; i < ds_topology_num_links(w->topology); i++) {
        most = fmax(most, w->load[i]);
        w->load[i] = 0;
    }
    return most;
}

static ds__coords coords_of(const world *w, size_t host)
{
    ds__coords place = { { 0 } };

    for (size_t d = 0; d < w->grid.num_sides; d++) {
        place.at[d] = host % w->grid.used[d];
        host /= w->grid.used[d];
    }
    return place;
}

/* What a schedule sends in one round of one half. */
static void put_round(world *w, const ds__schedule *s, size_t round,
                      bool gathers)
{
    ds__part *parts = calloc(2 * s->most, sizeof(*parts));
    ds__move move = { .given = parts, .taken = parts + s->most };

    for (size_t host = 0; host < w->p; host++) {
        ds__coords place = coords_of(w, host);
        if (gathers)
            s->gather(s, &place, round, &move);
        else
            s->scatter(s, &place, round, &move);
        put_on_way(w, host, ds__grid_rank(&w->grid, &move.to),
                   (double)ds__parts_len(move.given, move.num_given));
    }
    free(parts);
}

/* Elements that divide into all slices and blocks. */
static size_t even_length(const world *w)
{
    return w->grid.lanes * w->p;
}

static double hottest(world *w, ds__schedule_fn *make)
{
    size_t len = even_length(w);
    ds__schedule *lanes[6] = { NULL };
    double sum = 0;

    ck_assert(w->grid.lanes >= 1 && w->grid.lanes <= 6);

    for (size_t i = 0; i < w->grid.lanes; i++)
        lanes[i] = make(&w->grid, i, len / w->grid.lanes);
    for (size_t k = 0; k < 2 * lanes[0]->rounds; k++) {
        bool gathers = k >= lanes[0]->rounds;
        for (size_t i = 0; i < w->grid.lanes; i++)
            put_round(w, lanes[i], k % lanes[0]->rounds, gathers);
        sum += cool_down(w);
    }
    for (size_t i = 0; i < w->grid.lanes; i++)
        free(lanes[i]);
    return sum / (double)len;
}

/* Recursive halving with partners that are 1, 2, 4, ... places away, along the
 * sides in turn.  The allgather is as much again. */
static double hottest_of_halving(world *w)
{
    size_t lanes = w->grid.lanes;
    double sum = 0;
    double size = 1.0 / (double)lanes;
    unsigned steps = 0;

    while ((size_t)1 << steps < w->sides[0])
        steps++;
    for (unsigned k = 0; k < steps * w->num_sides; k++) {
        size /= 2;
        for (size_t i = 0; i < lanes * w->p; i++) {
            size_t d = (i / w->p / 2 + k) % w->num_sides;
            ds__coords place = coords_of(w, i % w->p);
            place.at[d] ^= (size_t)1 << k / w->num_sides;
            put_on_way(w, i % w->p, ds__grid_rank(&w->grid, &place), size);
        }
        sum += cool_down(w);
    }
    return 2 * sum;
}

/* ---- The table ------------------------------------------------------------*/

static const struct {
    const char *sides;
    size_t ports; /* 0: all */
    double bucket;
    double swing;
    double halving;
    double ratio; /* of Swing to the bound; 0: not said */
} table[] = {
    { "16", 0, 0.937500, 1.437500, 3.500000, 1.5333 },
    { "64", 0, 0.984375, 2.109375, 5.500000, 2.1429 },
    { "4x4", 0, 0.468750, 0.468750, 0.937500, 1 },
    { "8x8", 0, 0.492188, 0.539062, 1.218750, 1.0952 },
    { "16x16", 0, 0.498047, 0.568359, 1.359375, 1.1412 },
    { "64x64", 0, 0.499878, 0.592163, 1.464844, 1.1846 },
    { "8x8x8", 0, 0.332682, 0.341797, 0.747396, 1.0274 },
    { "16x16x16", 0, 0.333252, 0.344645, 0.770182, 1.0342 },
    { "8", 1, 1.750000, 2.000000, 2.500000, 0 },
    { "16", 1, 1.875000, 2.375000, 3.500000, 0 },
    { "8x8", 1, 1.968750, 2.062500, 2.437500, 0 },
    { "8x8x8", 1, 1.996094, 2.023438, 2.242188, 0 },
};
enum { ROWS = sizeof(table) / sizeof(*table), PRINTED = 1000000 };

/* To all the digits there are. */
static void expect_printed(double is, double printed)
{
    ck_assert_double_eq_tol(is, printed, 0.5000001 / PRINTED);
}

START_TEST(the_hottest_links_have_what_the_table_says)
{
    world w;

    world_init(&w, table[_i].sides, table[_i].ports, "");
    if (w.p <= 1024 || harness_slowness() == 1) {
        double p = (double)w.p;
        double bound = 2 * (p - 1) / p / (double)w.grid.lanes;
        double bucket = hottest(&w, ds__bucket_schedule);
        double swing = hottest(&w, ds__swing_schedule);
        ck_assert_double_eq_tol(bucket, bound, 1e-12);
        expect_printed(bucket, table[_i].bucket);
        expect_printed(swing, table[_i].swing);
        if (table[_i].ratio > 0)
            ck_assert_double_eq_tol(swing / bound, table[_i].ratio, 0.00005);
        expect_printed(hottest_of_halving(&w), table[_i].halving);
    }
    world_end(&w);
}
END_TEST

/* ---- The same by running it -----------------------------------------------*/

/* So that reductions take no time. */
static ds_vec *take_first(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                          size_t n)
{
    return ds_vec_ref(vecs[0]);
}

static const ds_op no_work = {
    .name = "no work",
    .reduce = take_first,
    .commutative = true,
};

typedef struct job {
    const ds_allreduce *algorithm;
    size_t len;
} job;

static void body(ds_comm *c, void *arg)
{
    const job *j = arg;
    ds_vec *mine = ds_vec_phantom(j->len);

    ds_sleep(ds_comm_handle(c), 1000);
    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ds_vec_unref(ds_allreduce_run(j->algorithm, c, mine, &no_work));
    ds_vec_unref(mine);
}

static double simulated(const world *w, const ds_allreduce *algorithm,
                        size_t len)
{
    const ds_shape shape = { .sides = w->sides,
                             .num_sides = w->num_sides,
                             .ports = w->grid.lanes };
    ds_allreduce own = *algorithm;
    job j = { .algorithm = &own, .len = len };
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });
    ds_node **nodes = calloc(w->p, sizeof(*nodes));

    own.shape = &shape;
    for (size_t i = 0; i < w->p; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = ds_routed_net_new(loop, &(ds_routed_net_config){
                                              .nodes = nodes,
                                              .num_nodes = w->p,
                                              .topology = w->topology,
                                          });
    ds_comm_spawn(loop, net, nodes, w->p, body, &j);
    ck_assert_msg(ds_loop_run(loop) == DS_OK, "%s", ds_loop_error(loop));
    double end = ds_loop_now(loop) - 1000;
    ds_loop_free(loop);
    free(nodes);
    return end;
}

START_TEST(a_run_takes_what_was_counted)
{
    size_t most = harness_max_threads() < 1000 ? 8
                  : harness_slowness() > 1     ? 64
                                               : 512;
    world w;

    world_init(&w, table[_i].sides, table[_i].ports, ",latency=0,rate=1000");
    if (w.p > most) {
        world_end(&w);
        return;
    }
    double vectors = 8 * (double)even_length(&w) / 1000;
    double swing = vectors * hottest(&w, ds__swing_schedule);
    double bucket = vectors * hottest(&w, ds__bucket_schedule);
    ck_assert_double_eq_tol(simulated(&w, &ds_allreduce_swing, even_length(&w)),
                            swing, 1e-9 * swing);
    ck_assert_double_eq_tol(simulated(&w, &ds_allreduce_torus, even_length(&w)),
                            bucket, 1e-9 * bucket);
    world_end(&w);
}
END_TEST

/* ---- Where one overtakes the other ----------------------------------------*/

/* 25600 elements on 8x8. */
static void compare(const char *latency, double *swing, double *bucket)
{
    char options[40];
    world w;

    snprintf(options, sizeof(options), ",rate=8M,latency=%s", latency);
    world_init(&w, "8x8", 0, options);
    size_t len = even_length(&w) * 100;
    *swing = simulated(&w, &ds_allreduce_swing, len);
    *bucket = simulated(&w, &ds_allreduce_torus, len);
    world_end(&w);
}

/* The vector takes 0.0256 s.  With 28 rounds of one link
 * against 12 over 20 links, Swing is ahead as long as that is below
 * 8 / (0.5390625 - 0.4921875) = 170.67 latencies. */
START_TEST(if_a_link_costs_swing_is_ahead_below_171_latencies)
{
    double swing, bucket;

    compare("151us", &swing, &bucket);
    ck_assert_double_lt(swing, bucket);
    compare("149us", &swing, &bucket);
    ck_assert_double_gt(swing, bucket);
    compare("150us", &swing, &bucket);
    ck_assert_double_eq_tol(swing, bucket, 1e-9 * bucket);
    ck_assert_double_eq_tol(bucket, 28 * 150e-6 + 0.4921875 * 0.0256, 1e-10);
}
END_TEST

/* With a latency for a message, however long its way, it is 12 rounds against
 * 28, and 16 / (0.5390625 - 0.4921875) = 341.33 latencies. */
START_TEST(if_a_message_costs_swing_is_ahead_below_342_latencies)
{
    const size_t sides[] = { 8, 8 };
    const ds_shape shape = { .sides = sides, .num_sides = 2 };
    ds_allreduce swing = ds_allreduce_swing;
    ds_allreduce bucket = ds_allreduce_torus;
    double time[2];

    swing.shape = bucket.shape = &shape;
    compare("0", &time[0], &time[1]);
    double rounds[] = { swing.cost(&swing, 64, 25600).rounds,
                        bucket.cost(&bucket, 64, 25600).rounds };
    ck_assert_double_eq(rounds[0], 12);
    ck_assert_double_eq(rounds[1], 28);
    /* The latency at which both take as long, in that of the vector. */
    double latency = (time[0] - time[1]) / (rounds[1] - rounds[0]);
    ck_assert_double_eq_tol(0.0256 / latency, 1024 / 3.0, 1e-6);
}
END_TEST

/* ---- Schedules ------------------------------------------------------------*/

/* Of every element, each place gives a partial sum away once, and in the end it
 * is whole at one place: here each starts as 1, and is what it was added up to.
 */
static void follow_scatter(const world *w, ds__schedule_fn *make, size_t lane,
                           size_t len)
{
    ds__schedule *s = make(&w->grid, lane, len);
    double *sum = calloc(w->p * len, sizeof(*sum));
    double *next = calloc(w->p * len, sizeof(*next));
    ds__part *parts = calloc(2 * s->most, sizeof(*parts));
    ds__move move = { .given = parts, .taken = parts + s->most };
    size_t whole = 0;

    for (size_t i = 0; i < w->p * len; i++)
        sum[i] = 1;
    for (size_t k = 0; k < s->rounds; k++) {
        memcpy(next, sum, w->p * len * sizeof(*sum));
        for (size_t r = 0; r < w->p; r++) {
            ds__coords place = coords_of(w, r);
            s->scatter(s, &place, k, &move);
            size_t to = ds__grid_rank(&w->grid, &move.to);
            for (size_t i = 0; i < move.num_given; i++)
                for (size_t e = parts[i].from; e < parts[i].to; e++) {
                    next[to * len + e] += sum[r * len + e];
                    next[r * len + e] -= sum[r * len + e];
                }
        }
        memcpy(sum, next, w->p * len * sizeof(*sum));
    }
    for (size_t i = 0; i < w->p * len; i++) {
        if (sum[i] != 0 && sum[i] != (double)w->p)
            ck_abort_msg("%zu places, lane %zu: %g", w->p, lane, sum[i]);
        whole += sum[i] > 0;
    }
    ck_assert_uint_eq(whole, len);
    free(s);
    free(sum);
    free(next);
    free(parts);
}

START_TEST(every_even_ring_is_swung_around)
{
    for (size_t p = 2; p <= (harness_slowness() > 1 ? 40 : 130); p += 2) {
        char sides[24];
        world w;
        snprintf(sides, sizeof(sides), "%zu", p);
        world_init(&w, sides, 0, "");
        follow_scatter(&w, ds__swing_schedule, p / 2 % 2, p);
        world_end(&w);
    }
}
END_TEST

START_TEST(every_lane_of_a_torus_leaves_each_element_whole_once)
{
    static const char *const tori[] = { "4x8", "6x4", "2x6x2", "10x6",
                                        "4x4x4" };

    for (size_t t = 0; t < sizeof(tori) / sizeof(*tori); t++) {
        world w;
        world_init(&w, tori[t], 0, "");
        for (size_t lane = 0; lane < w.grid.lanes; lane++) {
            follow_scatter(&w, ds__swing_schedule, lane, w.p + 3);
            follow_scatter(&w, ds__bucket_schedule, lane, w.p + 3);
        }
        world_end(&w);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_hottest_links_have_what_the_table_says, 0,
                        ROWS);
    tcase_add_loop_test(tc, a_run_takes_what_was_counted, 0, ROWS);
    tcase_add_test(tc, if_a_link_costs_swing_is_ahead_below_171_latencies);
    tcase_add_test(tc, if_a_message_costs_swing_is_ahead_below_342_latencies);
    tcase_add_test(tc, every_even_ring_is_swung_around);
    tcase_add_test(tc, every_lane_of_a_torus_leaves_each_element_whole_once);
}

int main(void)
{
    return harness_main("lanes", add);
}
