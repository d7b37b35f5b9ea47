/* Allreduces that are told where their members are: on tori of all kinds of
 * sides, with one port and with all, in any order, and in groups. */

#include <math.h>

#include "harness.h"
#include "sim.h"

enum { MAX_NODES = 60, MAX_SIDES = 4, NUM_ALGORITHMS = 3, NUM_SHAPES = 14 };

static const ds_allreduce *const algorithms[NUM_ALGORITHMS] = {
    &ds_allreduce_swing,
    &ds_allreduce_swing_latency,
    &ds_allreduce_torus,
};

/* Powers of two, even and odd sides, sides of 1 and of 2. */
static const size_t shapes[NUM_SHAPES][MAX_SIDES] = {
    { 4, 4 }, { 8, 2 },    { 2, 2, 2 },    { 2, 4, 4 }, { 6, 4 },
    { 6, 6 }, { 10, 2 },   { 3, 2 },       { 3, 5 },    { 5, 4, 3 },
    { 7, 1 }, { 1, 1, 1 }, { 1, 4, 1, 3 }, { 12 },
};

typedef struct job {
    ds_allreduce algorithm;
    ds_shape shape;
    size_t sides[MAX_SIDES];
    size_t ranks[MAX_NODES];
    size_t groups[MAX_NODES];
    size_t p;
    size_t len;
    ds_comm_mode mode;
    bool is_awkward; /* sums depend on the order they are made in */
    ds_vec *results[MAX_NODES];
    ds_comm *members[MAX_NODES];
    uint64_t digest;
    double end;
} job;

/* The job must not move afterwards. */
static void on_torus(job *j, const ds_allreduce *algorithm, const size_t *sides,
                     size_t ports)
{
    *j = (job){ .algorithm = *algorithm, .p = 1, .mode = DS_COMM_RENDEZVOUS };
    for (size_t d = 0; d < MAX_SIDES && sides[d] > 0; d++) {
        j->sides[d] = sides[d];
        j->p *= sides[d];
        j->shape.num_sides++;
    }
    j->shape.sides = j->sides;
    j->shape.ports = ports;
    j->algorithm.shape = &j->shape;
}

/* As if drawn by lot: a bijection, for 7 divides none of the numbers of places
 * but 7, for which 5 will do. */
static void mix_ranks(job *j)
{
    for (size_t i = 0; i < j->p; i++)
        j->ranks[i] = (i * (j->p % 7 == 0 ? 5 : 7) + 3) % j->p;
    j->shape.ranks = j->ranks;
}

/* ---- Running one ----------------------------------------------------------*/

static double element(const job *j, size_t rank, size_t i)
{
    if (j->is_awkward)
        return 1.0 / (double)(3 * i + 7 * rank + 1);
    return (double)((rank + 1) * (i % 101 + 1));
}

static void body(ds_comm *c, void *arg)
{
    job *j = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(j->len);

    for (size_t i = 0; i < j->len; i++)
        mine->data[i] = element(j, rank, i);
    j->members[rank] = c;
    ds_comm_set_mode(c, j->mode);
    ds_comm_set_eager(c, 3.0 * (double)j->len);
    j->results[rank] = ds_allreduce_run(&j->algorithm, c, mine, &ds_sum);
    ds_vec_unref(mine);
    j->end = fmax(j->end, ds_now(ds_comm_handle(c)));
}

static sim_config config_of(const job *j, sim_kind kind, uint64_t seed)
{
    return (sim_config){
        .kind = kind,
        .nodes = j->p,
        .latency = 1e-3,
        .rate = 1e6,
        .loop = { .seed = seed, .exec = DS_FIBERS },
    };
}

static void run(job *j, sim_config config)
{
    sim *s = sim_new(config);

    sim_linger(s);
    ck_assert_msg(sim_run(s, body, j) == DS_OK, "%s", ds_loop_error(s->loop));
    for (size_t r = 0; r < j->p; r++)
        ck_assert_uint_eq(sim_leftovers(j->members[r]), 0);
    j->digest = ds_loop_digest(s->loop);
    sim_free(s);
}

static void free_results(job *j)
{
    for (size_t r = 0; r < j->p; r++)
        ds_vec_unref(j->results[r]);
}

static void check_and_free(job *j)
{
    for (size_t r = 0; r < j->p; r++)
        for (size_t i = 0; i < j->len; i++) {
            double all = (double)(j->p * (j->p + 1) / 2 * (i % 101 + 1));
            if (j->results[r]->data[i] != all)
                ck_abort_msg("%s, %zu nodes, %zu elements, mode %d: element "
                             "%zu on rank %zu is %g, not %g",
                             j->algorithm.name, j->p, j->len, (int)j->mode, i,
                             r, j->results[r]->data[i], all);
        }
    free_results(j);
}

/* ---- Sums -----------------------------------------------------------------*/

static const ds_allreduce *algorithm_at(int i)
{
    return algorithms[i / NUM_SHAPES];
}

static const size_t *shape_at(int i)
{
    return shapes[i % NUM_SHAPES];
}

/* A fifth under a sanitizer, and where threads are expensive only those of few
 * places. */
static bool is_looked_at(int i)
{
    size_t p = 1;

    for (size_t d = 0; d < MAX_SIDES && shape_at(i)[d] > 0; d++)
        p *= shape_at(i)[d];
    if (harness_max_threads() < 1000)
        return harness_nodes(p) == p;
    return harness_slowness() == 1 || i % 5 == 0;
}

static void sweep(int i, size_t ports, bool is_mixed)
{
    const size_t lens[] = { 1337, 0, 1, 7 };

    for (size_t l = 0; l < sizeof(lens) / sizeof(*lens); l++)
        for (int k = 0; k < 2 * 3; k++) {
            job j;
            on_torus(&j, algorithm_at(i), shape_at(i), ports);
            if (is_mixed)
                mix_ranks(&j);
            j.len = lens[l];
            j.mode = (ds_comm_mode)(k / 2);
            run(&j, config_of(&j, k % 2 ? SIM_RANDOM : SIM_SWITCHED, 1));
            check_and_free(&j);
        }
}

START_TEST(every_rank_has_the_exact_sum)
{
    if (!is_looked_at(_i))
        return;
    sweep(_i, 0, false);
    sweep(_i, 1, true);
}
END_TEST

START_TEST(all_ranks_have_the_same_bits_whatever_arrives_first)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        job j;
        if (!is_looked_at(_i))
            return;
        on_torus(&j, algorithm_at(_i), shape_at(_i), 0);
        mix_ranks(&j);
        j.len = 40;
        j.is_awkward = true;
        run(&j, config_of(&j, SIM_RANDOM, seed));
        for (size_t r = 1; r < j.p; r++)
            ck_assert_mem_eq(j.results[r]->data, j.results[0]->data,
                             j.len * sizeof(double));
        free_results(&j);
    }
}
END_TEST

START_TEST(threads_and_fibers_do_the_same)
{
    const size_t *sides = shapes[harness_max_threads() < 1000 ? 7 : 4];
    job a, b;

    on_torus(&a, algorithms[_i], sides, 0);
    on_torus(&b, algorithms[_i], sides, 0);
    a.len = b.len = 100;
    sim_config config = config_of(&a, SIM_SWITCHED, 3);
    run(&a, config);
    config.loop.exec = DS_THREADS;
    run(&b, config);
    ck_assert_uint_eq(a.digest, b.digest);
    check_and_free(&a);
    check_and_free(&b);
}
END_TEST

/* ---- Costs ----------------------------------------------------------------*/

/* Of all slices into all blocks, folded sides or not. */
static size_t even_length(const job *j)
{
    size_t len = 2 * j->shape.num_sides * j->p;

    for (size_t d = 0; d < j->shape.num_sides; d++)
        len *= j->sides[d] % 2 == 1 && j->sides[d] > 1 ? j->sides[d] - 1 : 1;
    return len;
}

static double predicted(const job *j, size_t len)
{
    return ds_cost_seconds(j->algorithm.cost(&j->algorithm, j->p, len), 1e-3,
                           1e6);
}

static bool is_power(size_t n)
{
    return (n & (n - 1)) == 0;
}

/* Whether there are places that sit out, whose partners begin later than
 * others. */
static bool is_folded(const job *j)
{
    bool folded = false;

    for (size_t d = 0; d < j->shape.num_sides; d++)
        folded |= j->algorithm.run == ds_allreduce_swing.run
                      ? j->sides[d] > 1 && j->sides[d] % 2 == 1
                      : !is_power(j->sides[d]);
    return folded && j->algorithm.run != ds_allreduce_torus.run;
}

static void expect_closed_form(job *j, double tolerance)
{
    run(j, config_of(j, SIM_SWITCHED, 1));
    double want = predicted(j, j->len);
    if (!(fabs(j->end - want) <= tolerance * want))
        ck_abort_msg("%s, %zu nodes, %zu ports, %zu elements: %.12g simulated, "
                     "%.12g predicted",
                     j->algorithm.name, j->p, j->shape.ports, j->len, j->end,
                     want);
    free_results(j);
}

START_TEST(simulation_and_closed_form_agree)
{
    if (!is_looked_at(_i))
        return;
    for (size_t ports = 0; ports < 2; ports++) {
        job j;
        on_torus(&j, algorithm_at(_i), shape_at(_i), ports);
        j.len = even_length(&j);
        if (ports == 1 || !is_folded(&j))
            expect_closed_form(&j, 1e-9);
    }
}
END_TEST

/* If slices and blocks are not equal, or some begin later, messages of a round
 * that share a port meet those of another. */
START_TEST(what_gets_out_of_step_stays_near_the_closed_form)
{
    job j;

    if (!is_looked_at(_i))
        return;
    on_torus(&j, algorithm_at(_i), shape_at(_i), 0);
    j.len = 1337;
    expect_closed_form(&j, is_folded(&j) ? 0.08 : 0.03);
}
END_TEST

START_TEST(a_shape_that_does_not_fit_has_no_cost)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    ck_assert(isnan(j.algorithm.cost(&j.algorithm, 17, 100).rounds));
    ck_assert_double_eq(j.algorithm.cost(&j.algorithm, 16, 100).rounds,
                        _i == 1   ? 4
                        : _i == 0 ? 8
                                  : 12);
}
END_TEST

/* ---- What is known of one is the other ------------------------------------*/

START_TEST(with_rows_and_columns_and_one_port_the_torus_is_as_without)
{
    const size_t square[MAX_SIDES] = { 4, 3 };
    job told, plain;

    on_torus(&told, &ds_allreduce_torus, square, 1);
    on_torus(&plain, &ds_allreduce_torus, square, 1);
    plain.algorithm.shape = NULL;
    told.len = plain.len = 1337;
    told.mode = plain.mode = (ds_comm_mode)_i;
    run(&told, config_of(&told, SIM_RANDOM, 5));
    run(&plain, config_of(&plain, SIM_RANDOM, 5));
    ck_assert_uint_eq(told.digest, plain.digest);
    check_and_free(&told);
    check_and_free(&plain);
}
END_TEST

static void in_groups(job *j, size_t p, size_t size, bool is_dealt)
{
    *j = (job){ .algorithm = ds_allreduce_hierarchical, .p = p, .len = 1337 };
    for (size_t r = 0; r < p; r++)
        j->groups[r] = is_dealt ? r % (p / size) : r / size;
    j->shape.groups = j->groups;
    j->algorithm.shape = &j->shape;
}

START_TEST(groups_in_a_row_are_as_groups_of_a_size)
{
    job told, plain;

    in_groups(&told, 24, 6, false);
    in_groups(&plain, 24, 6, false);
    plain.algorithm.shape = NULL;
    plain.algorithm.group = 6;
    run(&told, config_of(&told, SIM_SWITCHED, 1));
    run(&plain, config_of(&plain, SIM_SWITCHED, 1));
    ck_assert_uint_eq(told.digest, plain.digest);
    ck_assert_double_eq(predicted(&told, 1337), predicted(&plain, 1337));
    check_and_free(&told);
    check_and_free(&plain);
}
END_TEST

/* With a rank of each group in turn, a ring in a group is of every fourth. */
START_TEST(groups_may_be_anywhere)
{
    for (size_t size = 1; size <= 24; size++)
        if (24 % size == 0) {
            job j;
            in_groups(&j, 24, size, true);
            j.mode = (ds_comm_mode)(size % 3);
            run(&j, config_of(&j, SIM_RANDOM, size));
            check_and_free(&j);
        }
}
END_TEST

START_TEST(a_size_goes_before_the_shape)
{
    job told, plain;

    in_groups(&told, 12, 6, true);
    in_groups(&plain, 12, 6, true);
    told.algorithm.group = plain.algorithm.group = 4;
    plain.algorithm.shape = NULL;
    run(&told, config_of(&told, SIM_SWITCHED, 1));
    run(&plain, config_of(&plain, SIM_SWITCHED, 1));
    ck_assert_uint_eq(told.digest, plain.digest);
    check_and_free(&told);
    check_and_free(&plain);
}
END_TEST

/* ---- What is refused ------------------------------------------------------*/

START_TEST(sides_that_do_not_make_as_many_places_are_refused)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    j.p = 12;
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "a torus of 4x4 has not one place for each of 12 ranks");
}
END_TEST

START_TEST(more_ports_than_neighbours_are_refused)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 5);
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "on a torus of 4x4 a rank has at most 4 ports, not 5");
}
END_TEST

START_TEST(ranks_that_do_not_exist_are_refused)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    mix_ranks(&j);
    j.ranks[5] = 16;
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "rank 16 is at place 5, and there are 16");
}
END_TEST

START_TEST(ranks_without_a_place_are_refused)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    mix_ranks(&j);
    j.ranks[0] = j.ranks[1];
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "ds_allreduce_run: rank 3 is at no place of the shape");
}
END_TEST

START_TEST(groups_of_different_sizes_are_refused)
{
    job j;

    in_groups(&j, 12, 4, false);
    j.groups[0] = 1;
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "hierarchical: group 0 has not as many of 12 ranks as group 1, "
               "which has 5");
    in_groups(&j, 12, 4, false);
    j.groups[7] = 12;
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), body, &j,
               "hierarchical: group 12 has not as many");
}
END_TEST

/* One member has the ports of all others and one more. */
static void disagree(ds_comm *c, void *arg)
{
    const job *j = arg;
    ds_allreduce own = j->algorithm;
    ds_shape shape = j->shape;
    ds_vec *mine = ds_vec_new(16);

    shape.ports = ds_comm_rank(c) == 1 ? 2 : 1;
    own.shape = &shape;
    ds_vec_unref(ds_allreduce_run(&own, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

START_TEST(members_agree_on_the_shape)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), disagree, &j,
               "the shape is 4x4, ports 2 on rank 1 and 4x4, ports 1 on rank ");
}
END_TEST

static void only_one_knows(ds_comm *c, void *arg)
{
    const job *j = arg;
    ds_allreduce own = j->algorithm;
    ds_vec *mine = ds_vec_new(16);

    if (ds_comm_rank(c) != 1)
        own.shape = NULL;
    ds_vec_unref(ds_allreduce_run(&own, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

START_TEST(members_agree_on_whether_there_is_one)
{
    job j;

    on_torus(&j, algorithms[_i], shapes[0], 0);
    mix_ranks(&j);
    sim_misuse(config_of(&j, SIM_SWITCHED, 1), only_one_knows, &j,
               "the shape is ");
}
END_TEST

static void add(TCase *tc)
{
    const int cases = NUM_ALGORITHMS * NUM_SHAPES;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_rank_has_the_exact_sum, 0, cases);
    tcase_add_loop_test(tc, all_ranks_have_the_same_bits_whatever_arrives_first,
                        0, cases);
    tcase_add_loop_test(tc, threads_and_fibers_do_the_same, 0, NUM_ALGORITHMS);
    tcase_add_loop_test(tc, simulation_and_closed_form_agree, 0, cases);
    tcase_add_loop_test(tc, what_gets_out_of_step_stays_near_the_closed_form, 0,
                        cases);
    tcase_add_loop_test(tc, a_shape_that_does_not_fit_has_no_cost, 0,
                        NUM_ALGORITHMS);
    tcase_add_loop_test(
        tc, with_rows_and_columns_and_one_port_the_torus_is_as_without, 0, 3);
    tcase_add_test(tc, groups_in_a_row_are_as_groups_of_a_size);
    tcase_add_test(tc, groups_may_be_anywhere);
    tcase_add_test(tc, a_size_goes_before_the_shape);
    tcase_add_loop_test(tc, sides_that_do_not_make_as_many_places_are_refused,
                        0, NUM_ALGORITHMS);
    tcase_add_loop_test(tc, more_ports_than_neighbours_are_refused, 0,
                        NUM_ALGORITHMS);
    tcase_add_loop_test(tc, ranks_that_do_not_exist_are_refused, 0,
                        NUM_ALGORITHMS);
    tcase_add_loop_test(tc, ranks_without_a_place_are_refused, 0,
                        NUM_ALGORITHMS);
    tcase_add_test(tc, groups_of_different_sizes_are_refused);
    tcase_add_loop_test(tc, members_agree_on_the_shape, 0, NUM_ALGORITHMS);
    tcase_add_loop_test(tc, members_agree_on_whether_there_is_one, 0,
                        NUM_ALGORITHMS);
}

int main(void)
{
    return harness_main("grid", add);
}
