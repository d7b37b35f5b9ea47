/* What is true of every allreduce, over sizes, lengths, networks and seeds. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "sim.h"

static size_t num_algorithms(void)
{
    size_t n;

    ds_allreduce_all(&n);
    return n;
}

static const ds_allreduce *algorithm_at(size_t i)
{
    return ds_allreduce_all(NULL)[i % num_algorithms()];
}

static const size_t node_counts[] = { 1, 2, 5, 15, 16, 17 };
static const size_t lengths[] = { 0, 1, 16, 1337 };
enum {
    NUM_COUNTS = sizeof(node_counts) / sizeof(*node_counts),
    NUM_LENGTHS = sizeof(lengths) / sizeof(*lengths),
};

enum { MAX_NODES = 40, MAX_CALLS = 3 };

/* Some allreduces one after another on one comm. */
typedef struct job {
    const ds_allreduce *algorithm[MAX_CALLS];
    size_t len[MAX_CALLS];
    size_t calls;
    bool phantom;
    ds_comm_mode mode;
    ds_vec *results[MAX_CALLS][MAX_NODES];
    double end[MAX_NODES];
    ds_comm *members[MAX_NODES];
    uint64_t digest;
} job;

/* Integers, so that the sum is exact in any order. */
static double element(size_t rank, size_t i, size_t call)
{
    return (double)((rank + 1) * (i % 101 + 1) + 1000 * call);
}

static double sum_of(size_t size, size_t i, size_t call)
{
    double sum = 0;

    for (size_t rank = 0; rank < size; rank++)
        sum += element(rank, i, call);
    return sum;
}

static void body(ds_comm *c, void *arg)
{
    job *j = arg;
    size_t rank = ds_comm_rank(c);

    /* The eager limit is between a block and the whole. */
    j->members[rank] = c;
    ds_comm_set_mode(c, j->mode);
    ds_comm_set_eager(c, 3.0 * (double)j->len[0]);
    for (size_t k = 0; k < j->calls; k++) {
        ds_vec *mine =
            j->phantom ? ds_vec_phantom(j->len[k]) : ds_vec_new(j->len[k]);
        for (size_t i = 0; !j->phantom && i < mine->len; i++)
            mine->data[i] = element(rank, i, k);
        j->results[k][rank] =
            ds_allreduce_run(j->algorithm[k], c, mine, &ds_sum);
        ds_vec_unref(mine);
    }
    j->end[rank] = ds_now(ds_comm_handle(c));
}

static void run(job *j, sim_config config)
{
    sim *s = sim_new(config);
    ds_status status = sim_run(s, body, j);

    if (status != DS_OK)
        ck_abort_msg("%s", ds_loop_error(s->loop));
    j->digest = ds_loop_digest(s->loop);
    sim_free(s);
}

/* Check writes a note to a file for every assertion: one for each vector. */
static bool is_sum(const ds_vec *vec, const double *sum, size_t len)
{
    return vec->len == len && memcmp(vec->data, sum, len * sizeof(double)) == 0;
}

static void check_sums(const job *j, size_t nodes)
{
    for (size_t k = 0; k < j->calls; k++) {
        double *sum = calloc(j->len[k] + 1, sizeof(*sum));
        for (size_t i = 0; i < j->len[k]; i++)
            sum[i] = sum_of(nodes, i, k);
        for (size_t r = 0; r < nodes; r++)
            if (!is_sum(j->results[k][r], sum, j->len[k]))
                ck_abort_msg("%s, %zu nodes, call %zu of %zu elements, mode "
                             "%d: rank %zu has a wrong sum",
                             j->algorithm[k]->name, nodes, k, j->len[k],
                             (int)j->mode, r);
        free(sum);
    }
}

static void free_results(job *j)
{
    for (size_t k = 0; k < j->calls; k++)
        for (size_t r = 0; r < MAX_NODES; r++) {
            ds_vec_unref(j->results[k][r]);
            j->results[k][r] = NULL;
        }
}

static sim_config config_of(sim_kind kind, size_t nodes, uint64_t seed)
{
    return (sim_config){
        .kind = kind,
        .nodes = nodes,
        .latency = 1e-3,
        .rate = 1e6,
        .loop = { .seed = seed, .exec = DS_FIBERS },
    };
}

/* How many seeds: few, and more of them in full runs. */
static uint64_t seeds(uint64_t few)
{
    return harness_full() ? 10 * few : few;
}

/* ---- Single calls ---------------------------------------------------------*/

/* The case of loop index i. */
static job pick(int i, size_t length, size_t *nodes)
{
    job j = { .calls = 1, .len = { lengths[length] } };

    *nodes = harness_nodes(node_counts[i % NUM_COUNTS]);
    j.algorithm[0] = algorithm_at((size_t)i / NUM_COUNTS);
    return j;
}

START_TEST(every_rank_has_the_exact_sum)
{
    for (sim_kind kind = SIM_SWITCHED; kind <= SIM_RANDOM; kind++)
        for (uint64_t seed = 1; seed <= seeds(2); seed++)
            for (size_t l = 0; l < NUM_LENGTHS; l++) {
                size_t nodes;
                job j = pick(_i, l, &nodes);
                run(&j, config_of(kind, nodes, seed));
                check_sums(&j, nodes);
                free_results(&j);
            }
}
END_TEST

START_TEST(equal_runs_have_equal_digests)
{
    for (sim_kind kind = SIM_SWITCHED; kind <= SIM_RANDOM; kind++) {
        size_t nodes;
        job a = pick(_i, 2, &nodes);
        job b = a;
        run(&a, config_of(kind, nodes, 7));
        run(&b, config_of(kind, nodes, 7));
        ck_assert_uint_eq(a.digest, b.digest);
        free_results(&a);
        free_results(&b);
    }
}
END_TEST

START_TEST(the_order_of_ties_changes_no_time_on_the_switched_network)
{
    for (size_t l = 0; l < NUM_LENGTHS; l++) {
        size_t nodes;
        job a = pick(_i, l, &nodes);
        a.phantom = true;
        run(&a, config_of(SIM_SWITCHED, nodes, 1));
        for (uint64_t seed = 2; seed < 2 + seeds(1); seed++) {
            job b = pick(_i, l, &nodes);
            b.phantom = true;
            run(&b, config_of(SIM_SWITCHED, nodes, seed));
            for (size_t r = 0; r < nodes; r++)
                ck_assert_double_eq_tol(a.end[r], b.end[r],
                                        1e-15 + 1e-9 * a.end[r]);
            free_results(&b);
        }
        free_results(&a);
    }
}
END_TEST

START_TEST(phantoms_take_the_same_time)
{
    for (size_t l = 0; l < NUM_LENGTHS; l++) {
        size_t nodes;
        job real = pick(_i, l, &nodes);
        job phantom = real;
        phantom.phantom = true;
        run(&real, config_of(SIM_SWITCHED, nodes, 3));
        run(&phantom, config_of(SIM_SWITCHED, nodes, 3));
        for (size_t r = 0; r < nodes; r++) {
            ck_assert_double_eq(real.end[r], phantom.end[r]);
            ck_assert_uint_eq(phantom.results[0][r]->len, real.len[0]);
            ck_assert_ptr_null(phantom.results[0][r]->data);
        }
        free_results(&real);
        free_results(&phantom);
    }
}
END_TEST

/* ---- Bits -----------------------------------------------------------------*/

/* Sums of these depend on the order they are added in. */
static void awkward(ds_comm *c, void *arg)
{
    job *j = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(j->len[0]);

    for (size_t i = 0; i < mine->len; i++)
        mine->data[i] = 1.0 / (double)(3 * i + 7 * rank + 1);
    j->results[0][rank] = ds_allreduce_run(j->algorithm[0], c, mine, &ds_sum);
    ds_vec_unref(mine);
}

START_TEST(all_ranks_have_the_same_bits_whatever_arrives_first)
{
    size_t nodes;
    job first = pick(_i, 2, &nodes);

    sim_time(config_of(SIM_RANDOM, nodes, 1), awkward, &first);
    for (uint64_t seed = 1; seed <= seeds(3); seed++) {
        job j = pick(_i, 2, &nodes);
        sim_time(config_of(SIM_RANDOM, nodes, seed), awkward, &j);
        for (size_t r = 0; r < nodes; r++)
            ck_assert_mem_eq(j.results[0][r]->data, first.results[0][0]->data,
                             j.len[0] * sizeof(double));
        free_results(&j);
    }
    free_results(&first);
}
END_TEST

/* ---- Every number of nodes, both modes ------------------------------------*/

static bool runs_in(const ds_allreduce *algorithm, ds_comm_mode mode)
{
    return mode == DS_COMM_ASYNC ||
           (algorithm->traits & DS_TRAIT_ASYNC_ONLY) == 0;
}

/* Runs j and waits for stragglers; nothing may be left but what stream does
 * not wait for. */
static void run_to_the_last_packet(job *j, sim_config config)
{
    sim *s = sim_new(config);

    sim_linger(s);
    ck_assert_msg(sim_run(s, body, j) == DS_OK, "%s", ds_loop_error(s->loop));
    for (size_t r = 0; r < config.nodes; r++)
        if (j->algorithm[0] != &ds_allreduce_stream &&
            sim_leftovers(j->members[r]) != 0)
            ck_abort_msg("%s leaves %zu packets at rank %zu of %zu",
                         j->algorithm[0]->name, sim_leftovers(j->members[r]), r,
                         config.nodes);
    sim_free(s);
}

/* The lengths where something may go wrong. */
static void sweep(const ds_allreduce *algorithm, size_t p, sim_kind kind,
                  uint64_t seed)
{
    const size_t lens[] = { p - 1, p + 1, 0, 1, p, 1337 };
    size_t n = kind == SIM_SWITCHED || harness_full() ? 6 : 2;

    for (size_t i = 0; i < n; i++)
        for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_EAGER; mode++) {
            if (!runs_in(algorithm, mode))
                continue;
            job j = { .calls = 1, .mode = mode };
            j.algorithm[0] = algorithm;
            j.len[0] = lens[i];
            run_to_the_last_packet(&j, config_of(kind, p, seed));
            check_sums(&j, p);
            free_results(&j);
        }
}

START_TEST(every_number_of_nodes_and_elements_is_served_in_all_modes)
{
    size_t p = (size_t)_i;

    for (size_t a = 0; sim_sweeps(p) && a < num_algorithms(); a++) {
        for (uint64_t seed = 1; seed <= seeds(1); seed++)
            sweep(algorithm_at(a), p, SIM_SWITCHED, seed);
        for (uint64_t seed = 1; seed <= (harness_full() ? 100 : 3); seed++)
            sweep(algorithm_at(a), p, SIM_RANDOM, seed);
    }
}
END_TEST

START_TEST(threads_and_fibers_do_the_same)
{
    for (size_t p = 1; p <= harness_nodes(17); p += 4) {
        job a = { .calls = 1,
                  .len = { 100 },
                  .algorithm = { algorithm_at((size_t)_i) } };
        job b = a;
        sim_config config = config_of(SIM_SWITCHED, p, 3);
        run(&a, config);
        config.loop.exec = DS_THREADS;
        run(&b, config);
        ck_assert_uint_eq(a.digest, b.digest);
        free_results(&a);
        free_results(&b);
    }
}
END_TEST

/* ---- Several calls on one comm --------------------------------------------*/

START_TEST(calls_may_follow_each_other_in_any_mix)
{
    for (sim_kind kind = SIM_SWITCHED; kind <= SIM_RANDOM; kind++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            job j = { .calls = 3 };
            size_t nodes = harness_nodes(node_counts[_i % NUM_COUNTS]);
            for (size_t k = 0; k < 3; k++) {
                size_t turn = (size_t)_i / NUM_COUNTS + k * (1 + _i % 2);
                j.algorithm[k] = algorithm_at(turn);
                j.len[k] = lengths[(turn + k) % NUM_LENGTHS];
            }
            run(&j, config_of(kind, nodes, seed));
            check_sums(&j, nodes);
            free_results(&j);
        }
}
END_TEST

/* ---- Runs that end anywhere -----------------------------------------------*/

START_TEST(a_run_cut_off_anywhere_leaves_nothing)
{
    for (uint64_t limit = 1; limit < 400; limit += 1 + limit / 8) {
        job j = { .calls = 2, .len = { 16, 5 } };
        j.algorithm[0] = algorithm_at((size_t)_i);
        j.algorithm[1] = algorithm_at((size_t)_i + 1);
        sim_config config = config_of(SIM_SWITCHED, 5, 1);
        config.loop.event_limit = limit;
        sim *s = sim_new(config);
        ds_status status = sim_run(s, body, &j);
        ck_assert(status == DS_LIMIT || status == DS_OK);
        sim_free(s);
        free_results(&j);
    }
}
END_TEST

/* ---- Operators and modes that do not fit ----------------------------------*/

static void compose_ranks(ds_comm *c, void *arg)
{
    job *j = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(j->len[0]);

    for (size_t i = 0; i < mine->len; i++)
        mine->data[i] = (double)(101 * (2 + (rank + i) % 97) + rank + 1);
    j->results[0][rank] =
        ds_allreduce_run(j->algorithm[0], c, mine, &sim_composition);
    ds_vec_unref(mine);
}

static double composed(size_t p, size_t i)
{
    double value = 0;

    for (size_t rank = 0; rank < p; rank++) {
        double mine = (double)(101 * (2 + (rank + i) % 97) + rank + 1);
        value = rank == 0 ? mine : sim_compose(value, mine);
    }
    return value;
}

START_TEST(what_does_not_commute_is_kept_in_rank_order_or_refused)
{
    const ds_allreduce *algorithm = algorithm_at((size_t)_i);
    bool refuses = (algorithm->traits & DS_TRAIT_COMMUTATIVE) != 0;

    for (size_t p = 1; p <= 17; p += 1 + p / 4) {
        job j = { .calls = 1, .algorithm = { algorithm }, .len = { 50 } };
        if (refuses) {
            sim_misuse(config_of(SIM_RANDOM, p, p), compose_ranks, &j,
                       "operator composition needs");
            continue;
        }
        sim_time(config_of(SIM_RANDOM, p, p), compose_ranks, &j);
        for (size_t r = 0; r < p; r++)
            for (size_t i = 0; i < j.len[0]; i++)
                if (j.results[0][r]->data[i] != composed(p, i))
                    ck_abort_msg("%s, %zu nodes: rank %zu", algorithm->name, p,
                                 r);
        free_results(&j);
    }
}
END_TEST

START_TEST(an_algorithm_that_cannot_wait_refuses_rendezvous)
{
    job j = { .calls = 1, .mode = DS_COMM_RENDEZVOUS };

    j.algorithm[0] = &ds_allreduce_stream;
    sim_misuse(config_of(SIM_SWITCHED, 3, 1), body, &j,
               "ds_allreduce_run: stream does not run in rendezvous mode");
}
END_TEST

static void mixed_modes(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) == 1)
        ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ds_vec *mine = ds_vec_new(1);
    ds_vec_unref(ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

START_TEST(members_agree_on_the_mode)
{
    sim_misuse(config_of(SIM_SWITCHED, 2, 1), mixed_modes, NULL,
               "the mode is rendezvous on rank 1 and asynchronous on rank 0");
}
END_TEST

START_TEST(groups_that_do_not_divide_are_refused)
{
    ds_allreduce fives = ds_allreduce_hierarchical;
    job j = { .calls = 1, .len = { 7 } };

    fives.group = 5;
    j.algorithm[0] = &fives;
    sim_misuse(config_of(SIM_SWITCHED, 16, 1), body, &j,
               "hierarchical: groups of 5 do not divide 16 ranks");
}
END_TEST

static void too_long(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(SIZE_MAX / 4 + 1);

    ck_assert_ptr_null(
        ds_allreduce_run(&ds_allreduce_allgather_reduce, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

START_TEST(vectors_too_long_to_be_gathered_are_refused)
{
    sim_misuse(
        config_of(SIM_SWITCHED, 4, 1), too_long, NULL,
        "ds_allreduce_run: 4 vectors of 4611686018427387904 elements are "
        "too many for one; at most 4611686018427387903 each");
}
END_TEST

START_TEST(every_group_that_divides_will_do)
{
    for (size_t g = 1; g <= 24; g++) {
        if (24 % g != 0)
            continue;
        ds_allreduce grouped = ds_allreduce_hierarchical;
        job j = { .calls = 1, .len = { 101 } };
        grouped.group = g;
        j.algorithm[0] = &grouped;
        run(&j, config_of(SIM_SWITCHED, 24, 1));
        check_sums(&j, 24);
        free_results(&j);
    }
}
END_TEST

START_TEST(pipelines_work_in_chunks_of_any_size)
{
    const ds_allreduce *pipelines[] = { &ds_allreduce_double_tree,
                                        &ds_allreduce_segmented_ring };

    for (size_t p = 1; p <= 17; p += 1 + p / 4)
        for (size_t chunk = 1; chunk < 300; chunk = chunk * 3 + 1) {
            ds_allreduce piped = *pipelines[_i / 2];
            job j = { .calls = 1, .len = { 101 } };
            piped.chunk = chunk;
            j.algorithm[0] = &piped;
            j.mode = (ds_comm_mode)(_i % 3);
            run_to_the_last_packet(&j, config_of(SIM_RANDOM, p, p));
            check_sums(&j, p);
            free_results(&j);
        }
}
END_TEST

/* ---- Names ----------------------------------------------------------------*/

START_TEST(every_algorithm_is_found_by_its_name)
{
    size_t n;
    const ds_allreduce *const *all = ds_allreduce_all(&n);

    for (size_t i = 0; i < n; i++) {
        ck_assert_ptr_eq(ds_allreduce_find(all[i]->name), all[i]);
        ck_assert_ptr_nonnull(all[i]->idea);
    }
    ck_assert_ptr_null(ds_allreduce_find("none"));
    ck_assert_ptr_null(ds_allreduce_find(NULL));
}
END_TEST

static void add(TCase *tc)
{
    const int algorithms = (int)num_algorithms();
    const int cases = algorithms * NUM_COUNTS;

    tcase_set_timeout(tc, harness_full() ? 600 : 60);
    tcase_add_loop_test(tc, every_rank_has_the_exact_sum, 0, cases);
    tcase_add_loop_test(tc, equal_runs_have_equal_digests, 0, cases);
    tcase_add_loop_test(
        tc, the_order_of_ties_changes_no_time_on_the_switched_network, 0,
        cases);
    tcase_add_loop_test(tc, phantoms_take_the_same_time, 0, cases);
    tcase_add_loop_test(tc, all_ranks_have_the_same_bits_whatever_arrives_first,
                        0, cases);
    tcase_add_loop_test(
        tc, every_number_of_nodes_and_elements_is_served_in_all_modes, 1, 41);
    tcase_add_loop_test(tc, threads_and_fibers_do_the_same, 0, algorithms);
    tcase_add_loop_test(tc,
                        what_does_not_commute_is_kept_in_rank_order_or_refused,
                        0, algorithms);
    tcase_add_test(tc, an_algorithm_that_cannot_wait_refuses_rendezvous);
    tcase_add_test(tc, members_agree_on_the_mode);
    tcase_add_test(tc, groups_that_do_not_divide_are_refused);
    tcase_add_test(tc, vectors_too_long_to_be_gathered_are_refused);
    tcase_add_test(tc, every_group_that_divides_will_do);
    tcase_add_loop_test(tc, pipelines_work_in_chunks_of_any_size, 0, 4);
    tcase_add_test(tc, every_algorithm_is_found_by_its_name);
    tcase_add_loop_test(tc, calls_may_follow_each_other_in_any_mix, 0, cases);
    tcase_add_loop_test(tc, a_run_cut_off_anywhere_leaves_nothing, 0,
                        algorithms);
}

int main(void)
{
    return harness_main("allreduce", add);
}
