/* Simulated times against closed forms and bounds. */

#include <math.h>

#include "harness.h"
#include "sim.h"

enum { MOST = 40 };

/* Latency against rate: short and fast, long and slow, and between. */
static const struct {
    double latency;
    double rate;
} settings[] = { { 1e-3, 1e6 }, { 1e-4, 1e9 }, { 1, 1e4 } };
enum { NUM_SETTINGS = sizeof(settings) / sizeof(*settings) };

static const ds_allreduce *algorithm_at(int i)
{
    return ds_allreduce_all(NULL)[i];
}

static size_t power_below(size_t p)
{
    size_t q = 1;

    while (q * 2 <= p)
        q *= 2;
    return q;
}

static bool is_power(size_t p)
{
    return power_below(p) == p;
}

/* Divides into p and into q blocks, and those into as many pieces; and into
 * p - 1. */
static size_t even_length(const ds_allreduce *algorithm, size_t p)
{
    return p * power_below(p) *
           (algorithm == &ds_allreduce_swing && p % 2 == 1 ? p - 1 : 1);
}

static double simulated(const ds_allreduce *algorithm, ds_comm_mode mode,
                        size_t p, size_t len, size_t setting)
{
    return sim_allreduce(
        (sim_config){
            .nodes = p,
            .latency = settings[setting].latency,
            .rate = settings[setting].rate,
            .loop = { .exec = DS_FIBERS },
        },
        algorithm, mode, len);
}

static double predicted(const ds_allreduce *algorithm, size_t p, size_t len,
                        size_t setting)
{
    return ds_cost_seconds(algorithm->cost(algorithm, p, len),
                           settings[setting].latency, settings[setting].rate);
}

/* Blocks in which Swing must have as many elements for its closed form to be
 * exact; 1: it always is.  What goes around a ring of an even number of places
 * that is no power of two has larger blocks in places that never wait for each
 * other. */
static size_t equal_blocks(const ds_allreduce *algorithm, size_t p)
{
    size_t ring = p - p % 2;

    return algorithm != &ds_allreduce_swing || is_power(ring) ? 1 : ring;
}

static void expect_closed_form_of(const ds_allreduce *algorithm,
                                  ds_comm_mode mode, size_t p, size_t len)
{
    size_t blocks = equal_blocks(algorithm, p);

    for (size_t s = 0; s < NUM_SETTINGS; s++) {
        double time = simulated(algorithm, mode, p, len, s);
        double want = predicted(algorithm, p, len, s);
        double least = predicted(algorithm, p, len - len % blocks, s);
        if (!(time <= want + 1e-9 * want && time >= least - 1e-9 * least))
            ck_abort_msg("%s, %zu nodes, %zu elements, setting %zu: %.12g "
                         "simulated, %.12g predicted",
                         algorithm->name, p, len, s, time, want);
    }
}

static void expect_closed_form(const ds_allreduce *algorithm, ds_comm_mode mode,
                               size_t p)
{
    expect_closed_form_of(algorithm, mode, p, even_length(algorithm, p));
}

START_TEST(in_rendezvous_mode_simulation_and_closed_form_agree)
{
    const ds_allreduce *algorithm = algorithm_at(_i);

    for (size_t p = 2; p <= harness_nodes(MOST) && algorithm->cost != NULL;
         p += harness_full() ? 1 : 1 + p / 6)
        expect_closed_form(algorithm, DS_COMM_RENDEZVOUS, p);
}
END_TEST

START_TEST(they_do_so_if_the_length_does_not_divide)
{
    const ds_allreduce *algorithm = algorithm_at(_i);

    for (size_t p = 2; p <= harness_nodes(MOST) && algorithm->cost != NULL;
         p += harness_full() ? 1 : 1 + p / 6) {
        const size_t lens[] = { 0, 1, p - 1, p, p + 1, 1337 };
        for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
            expect_closed_form_of(algorithm, DS_COMM_RENDEZVOUS, p, lens[i]);
    }
}
END_TEST

/* Nobody can run ahead of the one it receives from. */
static const ds_allreduce *const in_step[] = {
    &ds_allreduce_naive,
    &ds_allreduce_linear,
    &ds_allreduce_ring,
    &ds_allreduce_circulant,
    &ds_allreduce_torus,
    &ds_allreduce_hierarchical,
    &ds_allreduce_allgather_reduce,
};

START_TEST(what_goes_in_step_keeps_it_with_asynchronous_sends)
{
    for (size_t p = 2; p <= harness_nodes(MOST);
         p += harness_full() ? 1 : 1 + p / 6)
        expect_closed_form(in_step[_i], DS_COMM_ASYNC, p);
}
END_TEST

START_TEST(what_folds_keeps_it_for_powers_of_two)
{
    for (size_t p = 2; p <= harness_nodes(MOST); p++) {
        if (!is_power(p))
            continue;
        expect_closed_form(&ds_allreduce_recursive_doubling, DS_COMM_ASYNC, p);
        expect_closed_form(&ds_allreduce_rabenseifner, DS_COMM_ASYNC, p);
        expect_closed_form(&ds_allreduce_swing, DS_COMM_ASYNC, p);
        expect_closed_form(&ds_allreduce_swing_latency, DS_COMM_ASYNC, p);
        expect_closed_form(&ds_allreduce_bine, DS_COMM_ASYNC, p);
    }
    expect_closed_form(&ds_allreduce_binomial, DS_COMM_ASYNC, 2);
}
END_TEST

START_TEST(nothing_beats_the_bounds)
{
    const ds_allreduce *algorithm = algorithm_at(_i);

    for (size_t p = 2; p <= harness_nodes(MOST);
         p += harness_full() ? 1 : 1 + p / 5)
        for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_EAGER; mode++)
            for (size_t s = 0; s < NUM_SETTINGS; s++) {
                double latency = settings[s].latency;
                double rate = settings[s].rate;
                size_t len = s == 0 ? 1 : even_length(algorithm, p);
                bool waits = mode == DS_COMM_RENDEZVOUS;
                if (mode != DS_COMM_ASYNC &&
                    (algorithm->traits & DS_TRAIT_ASYNC_ONLY) != 0)
                    continue;
                double time = simulated(algorithm, mode, p, len, s);
                double bound = ds_allreduce_lower_bound(p, len, latency, rate);
                if (waits && (algorithm->traits & DS_TRAIT_ONE_PORT))
                    bound = ds_allreduce_one_port_bound(p, len, latency, rate);
                if (time < bound * (1 - 1e-9))
                    ck_abort_msg("%s, %zu nodes, mode %d: %g beats %g",
                                 algorithm->name, p, (int)mode, time, bound);
            }
}
END_TEST

/* ---- The formulas ---------------------------------------------------------*/

/* With n = 8 bytes times len: rounds, volume in n, reduced volume in n. */
static const struct {
    const ds_allreduce *algorithm;
    size_t p;
    double rounds;
    double volume;
    double reduced;
} formulas[] = {
    { &ds_allreduce_binomial, 16, 8, 8, 4 },
    { &ds_allreduce_binomial, 17, 10, 10, 5 },
    { &ds_allreduce_recursive_doubling, 16, 4, 4, 4 },
    { &ds_allreduce_recursive_doubling, 17, 6, 6, 5 },
    { &ds_allreduce_rabenseifner, 16, 8, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_rabenseifner, 17, 10, 2 * 15 / 16.0 + 2, 15 / 16.0 + 1 },
    { &ds_allreduce_ring, 16, 30, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_ring, 17, 32, 2 * 16 / 17.0, 16 / 17.0 },
    { &ds_allreduce_circulant, 16, 8, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_circulant, 17, 10, 2 * 16 / 17.0, 16 / 17.0 },
    { &ds_allreduce_torus, 16, 12, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_torus, 12, 10, 2 * 11 / 12.0, 11 / 12.0 },
    { &ds_allreduce_torus, 17, 32, 2 * 16 / 17.0, 16 / 17.0 },
    { &ds_allreduce_hierarchical, 12, 10, 2 * 11 / 12.0, 11 / 12.0 },
    { &ds_allreduce_swing, 16, 8, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_swing, 12, 8, 2 * 11 / 12.0, 11 / 12.0 },
    { &ds_allreduce_swing, 17, 10, 2 * 15 / 16.0 + 2, 15 / 16.0 + 1 },
    { &ds_allreduce_swing_latency, 16, 4, 4, 4 },
    { &ds_allreduce_swing_latency, 17, 6, 6, 5 },
    { &ds_allreduce_bine, 16, 8, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_allreduce_bine, 17, 10, 2 * 15 / 16.0 + 2, 15 / 16.0 + 1 },
    { &ds_allreduce_naive, 16, 1, 15, 8 },
    { &ds_allreduce_allgather_reduce, 17, 5, 16, 8.5 },
    { &ds_allreduce_linear, 16, 2, 30, 8 },
    { &ds_allreduce_ring, 1, 0, 0, 0 },
    { &ds_allreduce_rabenseifner, 1, 0, 0, 0 },
    { &ds_allreduce_naive, 1, 0, 0, 0.5 },
};

START_TEST(the_formulas_are_those_of_the_literature)
{
    size_t p = formulas[_i].p;
    size_t len = 16 * 17 * 12;
    ds_cost cost = formulas[_i].algorithm->cost(formulas[_i].algorithm, p, len);

    ck_assert_double_eq_tol(cost.rounds, formulas[_i].rounds, 1e-12);
    ck_assert_double_eq_tol(cost.volume / 8 / (double)len, formulas[_i].volume,
                            1e-12);
    ck_assert_double_eq_tol(cost.reduced / 2 / (double)len,
                            formulas[_i].reduced, 1e-12);
}
END_TEST

START_TEST(the_bounds_are_those_of_the_manual)
{
    double lower = ds_allreduce_lower_bound(4, 1000, 0.1, 1e3);
    double one_port = ds_allreduce_one_port_bound(5, 1000, 0.1, 1e3);

    ck_assert_double_eq_tol(lower, 0.1 + 1.5 * 8, 1e-12);
    ck_assert_double_eq_tol(one_port, 0.3 + 1.6 * 8 + 0.8 * 2e-6, 1e-12);
    ck_assert_double_eq_tol(ds_allreduce_lower_bound(4, 1000, 0.1, 1e30),
                            0.1 + 1e-6, 1e-12);
    ck_assert_double_eq(ds_allreduce_lower_bound(1, 1000, 0.1, 1e3), 0);
    ck_assert_double_eq(ds_allreduce_lower_bound(4, 0, 0.1, 1e3), 0);
    ck_assert_double_eq(ds_allreduce_one_port_bound(1, 1000, 0.1, 1e3), 0);
    ck_assert_double_eq(ds_allreduce_one_port_bound(4, 0, 0.1, 1e3), 0);
}
END_TEST

START_TEST(seconds_are_the_sum_of_the_terms)
{
    ds_cost cost = { .rounds = 3, .volume = 500, .reduced = 7e9 };

    ck_assert_double_eq_tol(ds_cost_seconds(cost, 0.5, 100), 1.5 + 5 + 7, 1e-9);
}
END_TEST

/* ---- Where there is no closed form: golden values -------------------------*/

/* 32 nodes, 1 ms, 1 GB/s, a million elements, unless said otherwise. */
static const struct {
    const ds_allreduce *algorithm;
    ds_comm_mode mode;
    size_t p;
    size_t len;
    double seconds;
} golden[] = {
    { &ds_allreduce_tree, DS_COMM_ASYNC, 13, 10, 0.00600102 },
    { &ds_allreduce_tree, DS_COMM_ASYNC, 13, 1000000, 0.1045 },
    { &ds_allreduce_tree, DS_COMM_ASYNC, 32, 10, 0.01000127 },
    { &ds_allreduce_tree, DS_COMM_ASYNC, 32, 1000000, 0.158125 },
    { &ds_allreduce_tree, DS_COMM_RENDEZVOUS, 13, 10, 0.00600102 },
    { &ds_allreduce_tree, DS_COMM_RENDEZVOUS, 13, 1000000, 0.1045 },
    { &ds_allreduce_tree, DS_COMM_RENDEZVOUS, 32, 10, 0.01000127 },
    { &ds_allreduce_tree, DS_COMM_RENDEZVOUS, 32, 1000000, 0.158125 },
    { &ds_allreduce_stream, DS_COMM_ASYNC, 13, 10, 0.0610006302907 },
    { &ds_allreduce_stream, DS_COMM_ASYNC, 13, 1000000, 0.12268353678 },
    { &ds_allreduce_stream, DS_COMM_ASYNC, 32, 10, 0.0990010506561 },
    { &ds_allreduce_stream, DS_COMM_ASYNC, 32, 1000000, 0.235306191174 },
    { &ds_allreduce_double_tree, DS_COMM_ASYNC, 13, 10, 0.008000605 },
    { &ds_allreduce_double_tree, DS_COMM_ASYNC, 13, 1000000, 0.0452408421587 },
    { &ds_allreduce_double_tree, DS_COMM_ASYNC, 32, 10, 0.01000081 },
    { &ds_allreduce_double_tree, DS_COMM_ASYNC, 32, 1000000, 0.0464194018909 },
    { &ds_allreduce_double_tree, DS_COMM_RENDEZVOUS, 13, 10, 0.008000605 },
    { &ds_allreduce_double_tree, DS_COMM_RENDEZVOUS, 13, 1000000,
      0.0448830139367 },
    { &ds_allreduce_double_tree, DS_COMM_RENDEZVOUS, 32, 10, 0.01000081 },
    { &ds_allreduce_double_tree, DS_COMM_RENDEZVOUS, 32, 1000000,
      0.0464743184552 },
    { &ds_allreduce_segmented_ring, DS_COMM_ASYNC, 13, 10, 0.024000304 },
    { &ds_allreduce_segmented_ring, DS_COMM_ASYNC, 13, 1000000, 0.062836962 },
    { &ds_allreduce_segmented_ring, DS_COMM_ASYNC, 32, 10, 0.062000798 },
    { &ds_allreduce_segmented_ring, DS_COMM_ASYNC, 32, 1000000, 0.0794375 },
    { &ds_allreduce_segmented_ring, DS_COMM_RENDEZVOUS, 13, 10, 0.024000216 },
    { &ds_allreduce_segmented_ring, DS_COMM_RENDEZVOUS, 13, 1000000,
      0.062820692 },
    { &ds_allreduce_segmented_ring, DS_COMM_RENDEZVOUS, 32, 10, 0.062000558 },
    { &ds_allreduce_segmented_ring, DS_COMM_RENDEZVOUS, 32, 1000000,
      0.0794375 },
    { &ds_allreduce_binomial, DS_COMM_ASYNC, 13, 10, 0.00600104 },
    { &ds_allreduce_binomial, DS_COMM_ASYNC, 13, 1000000, 0.1085 },
    { &ds_allreduce_binomial, DS_COMM_ASYNC, 32, 10, 0.0100017 },
    { &ds_allreduce_binomial, DS_COMM_ASYNC, 32, 1000000, 0.18 },
    { &ds_allreduce_recursive_doubling, DS_COMM_ASYNC, 13, 10,
      0.00500089194444 },
    { &ds_allreduce_recursive_doubling, DS_COMM_ASYNC, 13, 1000000,
      0.0865925925926 },
    { &ds_allreduce_recursive_doubling, DS_COMM_ASYNC, 32, 10, 0.0050005 },
    { &ds_allreduce_recursive_doubling, DS_COMM_ASYNC, 32, 1000000, 0.055 },
    { &ds_allreduce_rabenseifner, DS_COMM_ASYNC, 13, 10, 0.00800059475 },
    { &ds_allreduce_rabenseifner, DS_COMM_ASYNC, 13, 1000000, 0.0684370067657 },
    { &ds_allreduce_rabenseifner, DS_COMM_ASYNC, 32, 10, 0.010000314 },
    { &ds_allreduce_rabenseifner, DS_COMM_ASYNC, 32, 1000000, 0.0274375 },
};

START_TEST(golden_values)
{
    double time = sim_allreduce(
        (sim_config){
            .nodes = golden[_i].p,
            .latency = 1e-3,
            .rate = 1e9,
            .loop = { .exec = DS_FIBERS },
        },
        golden[_i].algorithm, golden[_i].mode, golden[_i].len);

    if (!(fabs(time - golden[_i].seconds) <= 1e-9 * time))
        ck_abort_msg("%s, mode %d, %zu nodes, %zu elements: %.15g",
                     golden[_i].algorithm->name, (int)golden[_i].mode,
                     golden[_i].p, golden[_i].len, time);
}
END_TEST

START_TEST(the_double_tree_takes_no_less_than_its_volume)
{
    for (size_t p = 4; p <= harness_nodes(MOST); p += 3) {
        double time =
            simulated(&ds_allreduce_double_tree, DS_COMM_ASYNC, p, 200000, 0);
        if (time < 2 * 8 * 200000 / settings[0].rate * (1 - 1e-9))
            ck_abort_msg("%zu nodes: %g", p, time);
    }
}
END_TEST

START_TEST(one_segment_is_the_ring)
{
    for (size_t p = 2; p <= harness_nodes(MOST); p += 5)
        for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_RENDEZVOUS;
             mode++)
            ck_assert_double_eq_tol(
                simulated(&ds_allreduce_segmented_ring, mode, p, 100 * p, 0),
                simulated(&ds_allreduce_ring, mode, p, 100 * p, 0), 1e-9);
}
END_TEST

START_TEST(segments_hide_the_reduction_and_cost_latencies)
{
    ds_allreduce segmented = ds_allreduce_segmented_ring;
    size_t len = 16 * 10000;

    /* (s+1)(p-1) rounds, and all but the last segment are reduced while the
     * next one is on its way. */
    segmented.chunk = 1000;
    double time = simulated(&segmented, DS_COMM_RENDEZVOUS, 16, len, 1);
    ck_assert_double_eq_tol(
        time, 11 * 15 * 1e-4 + 2 * 15 * 8e4 / 1e9 + 1000 * 2e-9, 1e-9);
}
END_TEST

static void add(TCase *tc)
{
    size_t n;

    ds_allreduce_all(&n);
    tcase_set_timeout(tc, harness_full() ? 600 : 60);
    tcase_add_loop_test(tc, in_rendezvous_mode_simulation_and_closed_form_agree,
                        0, (int)n);
    tcase_add_loop_test(tc, they_do_so_if_the_length_does_not_divide, 0,
                        (int)n);
    tcase_add_loop_test(tc, what_goes_in_step_keeps_it_with_asynchronous_sends,
                        0, sizeof(in_step) / sizeof(*in_step));
    tcase_add_test(tc, what_folds_keeps_it_for_powers_of_two);
    tcase_add_loop_test(tc, nothing_beats_the_bounds, 0, (int)n);
    tcase_add_loop_test(tc, the_formulas_are_those_of_the_literature, 0,
                        sizeof(formulas) / sizeof(*formulas));
    tcase_add_test(tc, the_bounds_are_those_of_the_manual);
    tcase_add_test(tc, seconds_are_the_sum_of_the_terms);
    tcase_add_loop_test(tc, golden_values, 0, sizeof(golden) / sizeof(*golden));
    tcase_add_test(tc, the_double_tree_takes_no_less_than_its_volume);
    tcase_add_test(tc, one_segment_is_the_ring);
    tcase_add_test(tc, segments_hide_the_reduction_and_cost_latencies);
}

int main(void)
{
    return harness_main("cost", add);
}
