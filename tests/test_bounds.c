/* What no collective beats; the allreduces are in test_cost.c. */

#include "harness.h"
#include "sim.h"

enum { MOST = 40 };

/* Latency against rate: between, short and fast, long and slow; and so fast
 * that only latencies and reductions count. */
static const struct {
    double latency;
    double rate;
} settings[] = { { 1e-3, 1e6 }, { 1e-4, 1e9 }, { 1, 1e4 }, { 1e-9, 1e15 } };
enum { NUM_SETTINGS = sizeof(settings) / sizeof(*settings) };

typedef struct job {
    const ds_collective *how;
    ds_comm_mode mode;
    size_t len;
    size_t root;
} job;

static void body(ds_comm *c, void *arg)
{
    job *j = arg;
    ds_vec *mine = ds_vec_phantom(j->len);

    ds_comm_set_mode(c, j->mode);
    ds_vec_unref(ds_collective_run(j->how, c, mine, &ds_sum, j->root));
    ds_vec_unref(mine);
}

/* The bound that binds, of len elements at the full side. */
static double bound_of(const job *j, size_t p, size_t len, size_t setting)
{
    double latency = settings[setting].latency;
    double rate = settings[setting].rate;

    if (j->mode == DS_COMM_RENDEZVOUS && (j->how->traits & DS_TRAIT_ONE_PORT))
        return ds_collective_one_port_bound(j->how->kind, p, len, latency,
                                            rate);
    return ds_collective_lower_bound(j->how->kind, p, len, latency, rate);
}

/* The number of elements at the full side. */
static size_t full_len(const job *j, size_t p)
{
    bool gathers = j->how->kind == DS_GATHER || j->how->kind == DS_ALLGATHER;

    return gathers ? p * j->len : j->len;
}

static double time_of(job *j, size_t p, size_t setting)
{
    return sim_time(
        (sim_config){
            .nodes = p,
            .latency = settings[setting].latency,
            .rate = settings[setting].rate,
            .loop = { .exec = DS_FIBERS },
        },
        body, j);
}

static void expect_not_beaten(job *j, size_t p, size_t setting)
{
    double bound = bound_of(j, p, full_len(j, p), setting);
    double time = time_of(j, p, setting);

    if (time < bound * (1 - 1e-9))
        ck_abort_msg("%s, %zu nodes, %zu elements, root %zu, mode %d, setting "
                     "%zu: %g beats %g",
                     j->how->name, p, j->len, j->root, (int)j->mode, setting,
                     time, bound);
}

static void sweep(const ds_collective *how, size_t p)
{
    const size_t lens[] = { 0, 1, p - 1, p + 1, 60 * p };

    for (size_t i = 0; i < 5 * 2 * NUM_SETTINGS; i++) {
        job j = {
            .how = how,
            .mode = i % 2 ? DS_COMM_RENDEZVOUS : DS_COMM_ASYNC,
            .len = lens[i / 2 % 5],
            .root = i * 7 % p,
        };
        expect_not_beaten(&j, p, i / 10);
    }
}

START_TEST(nothing_beats_the_bounds)
{
    const ds_collective *how = ds_collective_all(NULL)[_i];
    bool power = (how->traits & DS_TRAIT_POWER) != 0;
    size_t p = 1;

    while (p <= harness_nodes(MOST)) {
        sweep(how, p);
        if (power)
            p *= 2;
        else
            p += harness_full() ? 1 : 1 + p / 5;
    }
}
END_TEST

/* Five nodes and 12 elements, in blocks of two and three; 1000 bytes a second,
 * so that reductions take no time beside; then a rate beside which bytes take
 * none: what is moved, and what is read, in elements. */
static const struct {
    ds_collective_kind kind;
    double moved;
    double read;
    double pairwise;
} bounds[] = {
    { DS_BCAST, 12, 0, 0 },
    { DS_REDUCE, 12, 12, 2 * 4 * 12 / 5.0 },
    { DS_GATHER, 4 * 12 / 5.0, 0, 0 },
    { DS_SCATTER, 12 - 3, 0, 0 },
    { DS_ALLGATHER, 4 * 12 / 5.0, 0, 0 },
    { DS_REDUCE_SCATTER, 12 - 2, 12, 2 * 4 * 12 / 5.0 },
    { DS_ALLTOALL, 4 * 3, 0, 0 },
    { DS_BARRIER, 0, 0, 0 },
    { DS_SCAN, 12, 12, 2 * 4 * 12 / 5.0 },
    { DS_EXSCAN, 12, 4 * 12 / 5.0, 2 * 3 * 12 / 5.0 },
    { DS_ALLREDUCE, 2 * 4 * 12 / 5.0, 12, 2 * 4 * 12 / 5.0 },
};
enum { NUM_BOUNDS = sizeof(bounds) / sizeof(*bounds) };

START_TEST(the_bounds_are_what_the_busiest_node_must_do)
{
    ds_collective_kind kind = bounds[_i].kind;
    double moved = bounds[_i].moved;

    ck_assert_double_eq_tol(ds_collective_lower_bound(kind, 5, 12, 0.5, 1e3),
                            0.5 + 8 * moved / 1e3, 1e-12);
    ck_assert_double_eq_tol(ds_collective_lower_bound(kind, 5, 12, 0, 1e99),
                            bounds[_i].read * 1e-9, 1e-18);
    ck_assert_double_eq_tol(
        ds_collective_one_port_bound(kind, 5, 12, 0.5, 1e3),
        3 * 0.5 + 8 * moved / 1e3 + bounds[_i].pairwise * 1e-9, 1e-12);
    ck_assert_double_eq_tol(ds_collective_one_port_bound(kind, 5, 12, 0, 1e99),
                            bounds[_i].pairwise * 1e-9, 1e-18);
}
END_TEST

START_TEST(they_are_0_for_one_node)
{
    ds_collective_kind kind = bounds[_i].kind;

    ck_assert_double_eq(ds_collective_lower_bound(kind, 1, 12, 0.5, 1e3), 0);
    ck_assert_double_eq(ds_collective_one_port_bound(kind, 1, 12, 0.5, 1e3), 0);
}
END_TEST

START_TEST(without_elements_only_a_barrier_takes_time)
{
    ds_collective_kind kind = bounds[_i].kind;
    double once = kind == DS_BARRIER ? 0.5 : 0;

    ck_assert_double_eq(ds_collective_lower_bound(kind, 5, 0, 0.5, 1e3), once);
    ck_assert_double_eq(ds_collective_one_port_bound(kind, 5, 0, 0.5, 1e3),
                        3 * once);
}
END_TEST

/* One of two passes its vector on, and nobody reduces. */
START_TEST(an_exclusive_scan_of_two_reduces_nothing)
{
    ck_assert_double_eq(ds_collective_lower_bound(DS_EXSCAN, 2, 12, 0, 1e99),
                        ds_collective_lower_bound(DS_BCAST, 2, 12, 0, 1e99));
    ck_assert_double_eq(
        ds_collective_one_port_bound(DS_EXSCAN, 2, 12, 0.5, 1e3),
        ds_collective_one_port_bound(DS_BCAST, 2, 12, 0.5, 1e3));
}
END_TEST

static void add(TCase *tc)
{
    size_t n;

    ds_collective_all(&n);
    tcase_set_timeout(tc, harness_full() ? 600 : 60);
    tcase_add_loop_test(tc, nothing_beats_the_bounds, 0, (int)n);
    tcase_add_loop_test(tc, the_bounds_are_what_the_busiest_node_must_do, 0,
                        NUM_BOUNDS);
    tcase_add_loop_test(tc, they_are_0_for_one_node, 0, NUM_BOUNDS);
    tcase_add_loop_test(tc, without_elements_only_a_barrier_takes_time, 0,
                        NUM_BOUNDS);
    tcase_add_test(tc, an_exclusive_scan_of_two_reduces_nothing);
}

int main(void)
{
    return harness_main("bounds", add);
}
