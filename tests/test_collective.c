/* The collectives that are not allreduces: what they leave on each rank, and
 * how long they take. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "harness.h"
#include "sim.h"

enum { MAX_NODES = 40 };

static size_t num_collectives(void)
{
    size_t n;

    ds_collective_all(&n);
    return n;
}

static int num_allreduces(void)
{
    size_t n;

    ds_allreduce_all(&n);
    return (int)n;
}

static const ds_collective *collective_at(int i)
{
    return ds_collective_all(NULL)[i];
}

static bool is_power(size_t p)
{
    return (p & (p - 1)) == 0;
}

static bool serves(const ds_collective *how, size_t p)
{
    return (how->traits & DS_TRAIT_POWER) == 0 || is_power(p);
}

/* ---- What is right --------------------------------------------------------*/

/* Integers, so that sums are exact in any order. */
static double element(size_t rank, size_t i)
{
    return (double)((rank + 1) * 1009 + i * (rank + 3));
}

static double sum_of(size_t first, size_t end, size_t i)
{
    double sum = 0;

    for (size_t rank = first; rank < end; rank++)
        sum += element(rank, i);
    return sum;
}

static size_t start_of(size_t len, size_t p, size_t i)
{
    return len * i / p;
}

static size_t right_length(ds_collective_kind kind, size_t p, size_t rank,
                           size_t root, size_t len)
{
    size_t width = start_of(len, p, rank + 1) - start_of(len, p, rank);

    switch (kind) {
    case DS_GATHER:
        return rank == root ? p * len : len;
    case DS_ALLGATHER:
        return p * len;
    case DS_SCATTER:
    case DS_REDUCE_SCATTER:
        return width;
    case DS_ALLTOALL:
        return p * width;
    case DS_BARRIER:
        return 0;
    default:
        return len;
    }
}

/* Element i of what rank should have. */
static double right(ds_collective_kind kind, size_t p, size_t rank, size_t root,
                    size_t len, size_t i)
{
    size_t start = start_of(len, p, rank);
    size_t width = start_of(len, p, rank + 1) - start;

    switch (kind) {
    case DS_BCAST:
        return element(root, i);
    case DS_REDUCE:
        return rank == root ? sum_of(0, p, i) : element(rank, i);
    case DS_GATHER:
        return rank == root ? element(i / len, i % len) : element(rank, i);
    case DS_ALLGATHER:
        return element(i / len, i % len);
    case DS_SCATTER:
        return element(root, start + i);
    case DS_REDUCE_SCATTER:
        return sum_of(0, p, start + i);
    case DS_ALLTOALL:
        return element(i / width, start + i % width);
    case DS_SCAN:
        return sum_of(0, rank + 1, i);
    case DS_EXSCAN:
        return rank == 0 ? element(0, i) : sum_of(0, rank, i);
    case DS_ALLREDUCE:
        return sum_of(0, p, i);
    case DS_BARRIER:
        break;
    }
    return NAN;
}

/* ---- Running one ----------------------------------------------------------*/

typedef struct job {
    const ds_collective *how;
    const ds_op *op; /* NULL: the sum */
    ds_comm_mode mode;
    bool own_limit; /* of eager mode */
    double limit;
    size_t len;
    size_t root;
    bool phantom;
    bool inverse; /* of the elements, so that sums depend on their order */
    ds_vec *results[MAX_NODES];
    ds_comm *members[MAX_NODES];
    double end; /* when the last one was done */
    uint64_t digest;
} job;

static void take_part(ds_comm *c, job *j)
{
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = j->phantom ? ds_vec_phantom(j->len) : ds_vec_new(j->len);

    for (size_t i = 0; !j->phantom && i < j->len; i++)
        mine->data[i] = j->inverse ? 1 / element(rank, i) : element(rank, i);
    j->members[rank] = c;
    ds_comm_set_mode(c, j->mode);
    /* Between a block and the whole, unless said otherwise. */
    ds_comm_set_eager(c, j->own_limit ? j->limit : 3.0 * (double)j->len);
    j->results[rank] = ds_collective_run(
        j->how, c, mine, j->op == NULL ? &ds_sum : j->op, j->root);
    ds_vec_unref(mine);
    double now = ds_now(ds_comm_handle(c));
    j->end = now > j->end ? now : j->end;
}

static void body(ds_comm *c, void *arg)
{
    take_part(c, arg);
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

static void expect_nothing_left(const job *j, size_t p)
{
    for (size_t r = 0; r < p; r++)
        if (sim_leftovers(j->members[r]) != 0)
            ck_abort_msg("%s leaves packets at rank %zu of %zu", j->how->name,
                         r, p);
}

static void run(job *j, sim_config config)
{
    sim *s = sim_new(config);

    sim_linger(s);
    if (sim_run(s, body, j) != DS_OK)
        ck_abort_msg("%s, %zu nodes, %zu elements: %s", j->how->name,
                     config.nodes, j->len, ds_loop_error(s->loop));
    expect_nothing_left(j, config.nodes);
    j->digest = ds_loop_digest(s->loop);
    sim_free(s);
}

static bool is_right(const job *j, size_t p, size_t rank)
{
    const ds_vec *vec = j->results[rank];
    size_t len = right_length(j->how->kind, p, rank, j->root, j->len);

    if (vec == NULL || vec->len != len)
        return false;
    if (rank > 0 && (j->how->kind == DS_BCAST || j->how->kind == DS_ALLGATHER))
        return memcmp(vec->data, j->results[0]->data, len * sizeof(double)) ==
               0;
    for (size_t i = 0; i < len; i++)
        if (vec->data[i] != right(j->how->kind, p, rank, j->root, j->len, i))
            return false;
    return true;
}

static void free_results(job *j)
{
    for (size_t rank = 0; rank < MAX_NODES; rank++)
        ds_vec_unref(j->results[rank]);
}

static void check_and_free(job *j, size_t p)
{
    for (size_t rank = 0; rank < p; rank++)
        if (!is_right(j, p, rank))
            ck_abort_msg("%s, %zu nodes, %zu elements, root %zu, mode %d: rank "
                         "%zu has something else",
                         j->how->name, p, j->len, j->root, (int)j->mode, rank);
    free_results(j);
}

/* ---- What they leave behind -----------------------------------------------*/

static void sweep(const ds_collective *how, size_t p, sim_kind kind,
                  uint64_t seed)
{
    const size_t lens[] = { 0, 1, p - 1, p, p + 1, 1337 };

    for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
        for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_EAGER; mode++) {
            job j = { .how = how, .mode = mode, .len = lens[i] };
            j.root = (7 * i + seed) % p;
            run(&j, config_of(kind, p, seed));
            check_and_free(&j, p);
        }
}

START_TEST(every_rank_has_what_it_should)
{
    const ds_collective *how = collective_at(_i);

    for (size_t p = 1; p <= MAX_NODES; p++) {
        if (!sim_sweeps(p) || !serves(how, p))
            continue;
        for (uint64_t seed = 1; seed <= (harness_full() ? 10 : 1); seed++)
            sweep(how, p, SIM_SWITCHED, seed);
        for (uint64_t seed = 1; seed <= (harness_full() ? 100 : 3); seed++)
            sweep(how, p, SIM_RANDOM, seed);
    }
}
END_TEST

static void expect_equal_results(const job *a, const job *b, size_t p)
{
    for (size_t r = 0; r < p; r++) {
        size_t len = a->results[r]->len;
        ck_assert_uint_eq(b->results[r]->len, len);
        if (len > 0)
            ck_assert_mem_eq(b->results[r]->data, a->results[r]->data,
                             len * sizeof(double));
    }
}

START_TEST(what_arrives_first_changes_no_bit)
{
    for (size_t p = 2; p <= harness_nodes(17); p += 1 + p / 4) {
        job a = { .how = collective_at(_i), .len = 40, .inverse = true };
        if (!serves(a.how, p))
            continue;
        a.root = p / 2;
        run(&a, config_of(SIM_SWITCHED, p, 1));
        for (uint64_t seed = 1; seed <= (harness_full() ? 100 : 3); seed++) {
            job b = { .how = a.how, .len = 40, .root = a.root };
            b.inverse = true;
            b.mode = (ds_comm_mode)(seed % 3);
            run(&b, config_of(SIM_RANDOM, p, seed));
            expect_equal_results(&a, &b, p);
            free_results(&b);
        }
        free_results(&a);
    }
}
END_TEST

START_TEST(powers_of_two_are_all_served)
{
    const ds_collective *how = collective_at(_i);

    for (size_t p = 1; p <= harness_nodes(32); p *= 2)
        sweep(how, p, SIM_RANDOM, p);
}
END_TEST

static void expect_the_same_of_a_phantom(job real, size_t p)
{
    job phantom = real;

    phantom.phantom = true;
    run(&real, config_of(SIM_SWITCHED, p, 1));
    run(&phantom, config_of(SIM_SWITCHED, p, 1));
    ck_assert_uint_eq(real.digest, phantom.digest);
    for (size_t r = 0; r < p; r++) {
        ck_assert_ptr_null(phantom.results[r]->data);
        ck_assert_uint_eq(phantom.results[r]->len, real.results[r]->len);
    }
    free_results(&real);
    free_results(&phantom);
}

/* The digest has the time of every event. */
START_TEST(phantoms_take_the_same_time)
{
    const size_t lens[] = { 1, 37, 20000 };
    const ds_collective *how = collective_at(_i);

    for (size_t p = 1; p <= harness_nodes(17); p++)
        for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
            job j = { .how = how, .len = lens[i], .root = p / 2 };
            j.mode = (ds_comm_mode)((p + i) % 3);
            if (serves(how, p))
                expect_the_same_of_a_phantom(j, p);
        }
}
END_TEST

START_TEST(threads_and_fibers_do_the_same)
{
    for (size_t p = 1; p <= harness_nodes(16); p += p < 4 ? 1 : 4) {
        job a = { .how = collective_at(_i), .len = 37, .root = p / 2 };
        job b = a;
        sim_config config = config_of(SIM_RANDOM, p, 3);
        if (!serves(a.how, p))
            continue;
        run(&a, config);
        config.loop.exec = DS_THREADS;
        run(&b, config);
        ck_assert_uint_eq(a.digest, b.digest);
        check_and_free(&a, p);
        check_and_free(&b, p);
    }
}
END_TEST

static bool has_part_of(const ds_collective *how, size_t rank, size_t root,
                        size_t other)
{
    switch (how->kind) {
    case DS_BCAST:
    case DS_SCATTER:
        return other == root;
    case DS_REDUCE:
    case DS_GATHER:
        return rank == root || other == rank;
    case DS_SCAN:
        return other <= rank;
    case DS_EXSCAN:
        return other < rank || other == 0;
    default:
        return true;
    }
}

typedef struct one_phantom {
    const ds_collective *how;
    size_t rank;
} one_phantom;

static void give_one_phantom(ds_comm *c, void *arg)
{
    const one_phantom *o = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = rank == o->rank ? ds_vec_phantom(9) : ds_vec_new(9);
    ds_vec *got = ds_collective_run(o->how, c, mine, &ds_sum, 2);

    ck_assert_int_eq(got->data == NULL, has_part_of(o->how, rank, 2, o->rank));
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

START_TEST(what_a_phantom_goes_into_is_one)
{
    for (one_phantom o = { collective_at(_i), 0 }; o.rank < 4; o.rank++)
        sim_time(config_of(SIM_SWITCHED, 4, 1), give_one_phantom, &o);
}
END_TEST

/* ---- One after another ----------------------------------------------------*/

enum { CALLS = 6 };

static uint64_t draw(uint64_t seed, size_t what)
{
    return ds__mix(1000 * seed + what);
}

static void draw_job(job *j, uint64_t seed, size_t p)
{
    size_t turn = 0;

    do
        j->how = collective_at((int)(draw(seed, turn++) % num_collectives()));
    while (!serves(j->how, p));
    j->len = draw(seed, turn++) % (3 * p);
    j->root = draw(seed, turn++) % p;
    j->mode = (ds_comm_mode)(draw(seed, turn++) % 3);
}

/* Outside of collectives.  Meanwhile what the next one sends may come. */
static void pass_on(ds_comm *c, unsigned tag)
{
    size_t p = ds_comm_size(c);
    size_t prev = (ds_comm_rank(c) + p - 1) % p;
    ds_vec *mine = ds_vec_new(1);

    mine->data[0] = (double)ds_comm_rank(c);
    ds_vec *got =
        ds_comm_sendrecv(c, mine, (ds_comm_rank(c) + 1) % p, tag, prev, tag);
    ck_assert_double_eq(got->data[0], (double)prev);
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

/* Between the calls each rests as long as it likes, so that others run ahead.
 */
static void take_part_in_all(ds_comm *c, void *arg)
{
    job *jobs = arg;

    for (size_t k = 0; k < CALLS; k++) {
        ds_sleep(ds_comm_handle(c),
                 (double)(draw(jobs[k].len, ds_comm_rank(c)) % 4));
        take_part(c, &jobs[k]);
        if (k % 2 == 1)
            pass_on(c, (unsigned)k);
    }
}

static void run_mix(sim_kind kind, uint64_t seed)
{
    size_t p = 1 + draw(seed, 999) % harness_nodes(17);
    sim *s = sim_new(config_of(kind, p, seed));
    job jobs[CALLS] = { 0 };

    for (size_t k = 0; k < CALLS; k++)
        draw_job(&jobs[k], CALLS * seed + k, p);
    sim_linger(s);
    ck_assert_msg(sim_run(s, take_part_in_all, jobs) == DS_OK, "%s",
                  ds_loop_error(s->loop));
    expect_nothing_left(&jobs[CALLS - 1], p);
    sim_free(s);
    for (size_t k = 0; k < CALLS; k++)
        check_and_free(&jobs[k], p);
}

START_TEST(they_may_follow_each_other_in_any_mix)
{
    for (uint64_t seed = 1; seed <= (harness_full() ? 5000 : 100); seed++)
        run_mix(_i == 0 ? SIM_SWITCHED : SIM_RANDOM, seed);
}
END_TEST

/* ---- How long they take ---------------------------------------------------*/

/* Latency against rate: short and fast, long and slow, and between. */
static const struct {
    double latency;
    double rate;
} settings[] = { { 1e-3, 1e6 }, { 1e-4, 1e9 }, { 1, 1e4 } };
enum { NUM_SETTINGS = sizeof(settings) / sizeof(*settings) };

static double simulated(job j, size_t p, double latency, double rate)
{
    sim_config config = config_of(SIM_SWITCHED, p, 1);

    config.latency = latency;
    config.rate = rate;
    j.phantom = true;
    run(&j, config);
    free_results(&j);
    return j.end;
}

/* The costs are given for the full side. */
static size_t full_length(const job *j, size_t p)
{
    unsigned traits = ds_collective_kind_traits(j->how->kind);

    return (traits & DS_TRAIT_GATHERS) != 0 ? p * j->len : j->len;
}

/* What has none takes as long as it takes. */
static double closed_form(const job *j, size_t p, double latency, double rate)
{
    if (j->how->cost == NULL)
        return simulated(*j, p, latency, rate);
    return ds_cost_seconds(j->how->cost(j->how, p, full_length(j, p)), latency,
                           rate);
}

static unsigned ceil_lg(size_t p)
{
    unsigned lg = 0;

    while ((size_t)1 << lg < p)
        lg++;
    return lg;
}

/* Where ds_collective(3) promises equality if the root is 0. */
static bool is_exact(const ds_collective *how, size_t p, size_t len)
{
    if (len % p == 0 || is_power(p))
        return true;
    if (how == &ds_scatter_binomial || how == &ds_bcast_scatter_allgather)
        return len + 1 >= p;
    return how != &ds_reduce_scatter_gather && how != &ds_alltoall_bruck;
}

static void expect_closed_form(const job *j, size_t p, size_t setting)
{
    double latency = settings[setting].latency;
    double rate = settings[setting].rate;
    double time = simulated(*j, p, latency, rate);
    double want = closed_form(j, p, latency, rate);
    double least = is_exact(j->how, p, j->len) ? want * (1 - 1e-9) : 0;

    if (!(time >= least && time <= want * (1 + 1e-9)))
        ck_abort_msg("%s, %zu nodes, %zu elements, setting %zu: %.12g "
                     "simulated, %.12g predicted",
                     j->how->name, p, j->len, setting, time, want);
}

static void expect_closed_forms(const ds_collective *how, size_t p)
{
    const size_t lens[] = { 0, 1, p - 1, p, p + 1, 1337, 60 * p };

    for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
        for (size_t s = 0; s < NUM_SETTINGS; s++)
            if (harness_full() || s == (i + p) % NUM_SETTINGS)
                expect_closed_form(&(job){ .how = how,
                                           .mode = DS_COMM_RENDEZVOUS,
                                           .len = lens[i] },
                                   p, s);
}

START_TEST(in_rendezvous_mode_simulation_and_closed_form_agree)
{
    const ds_collective *how = collective_at(_i);

    for (size_t p = 2; p <= harness_nodes(MAX_NODES);
         p += harness_full() ? 1 : 1 + p / 6)
        if (serves(how, p))
            expect_closed_forms(how, p);
}
END_TEST

START_TEST(for_powers_of_two_they_do_with_any_length)
{
    const ds_collective *how = collective_at(_i);

    for (size_t p = 2; p <= harness_nodes(32); p *= 2)
        for (size_t len = 0; len <= p; len++)
            expect_closed_form(
                &(job){ .how = how, .mode = DS_COMM_RENDEZVOUS, .len = len }, p,
                len % NUM_SETTINGS);
}
END_TEST

/* Everyone sends in every round, and nobody runs ahead of the one it receives
 * from. */
static const ds_collective *const in_step[] = {
    &ds_allgather_ring,
    &ds_allgather_recursive_doubling,
    &ds_allgather_bruck,
    &ds_reduce_scatter_ring,
    &ds_reduce_scatter_recursive_halving,
    &ds_reduce_scatter_circulant,
    &ds_alltoall_pairwise,
    &ds_alltoall_bruck,
    &ds_barrier_dissemination,
};

START_TEST(what_goes_in_step_keeps_it_with_asynchronous_sends)
{
    const ds_collective *how = in_step[_i];

    for (size_t p = 2; p <= harness_nodes(MAX_NODES);
         p += harness_full() ? 1 : 1 + p / 6)
        for (size_t s = 0; s < NUM_SETTINGS && serves(how, p); s++)
            expect_closed_form(&(job){ .how = how, .len = 60 * p }, p, s);
}
END_TEST

static bool has_root(const ds_collective *how)
{
    return (ds_collective_kind_traits(how->kind) & DS_TRAIT_ROOT) != 0;
}

static void expect_near_closed_form(const job *j, size_t p)
{
    double time = simulated(*j, p, 1e-3, 1e6);
    double want = closed_form(j, p, 1e-3, 1e6);
    double elements = j->len % p == 0 ? 0 : ceil_lg(p);

    if (!(fabs(time - want) <= elements * 8 / 1e6 + 1e-9 * want))
        ck_abort_msg("%s, %zu nodes, %zu elements, root %zu: %.12g simulated, "
                     "%.12g predicted",
                     j->how->name, p, j->len, j->root, time, want);
}

/* No form knows the root, which decides only whose blocks are larger. */
START_TEST(another_root_changes_at_most_an_element_a_round)
{
    const ds_collective *how = collective_at(_i);

    for (size_t p = 2; p <= harness_nodes(MAX_NODES) && has_root(how);
         p += harness_full() ? 1 : 1 + p / 6)
        for (size_t root = 1; root < p; root += 1 + p / 5) {
            const size_t lens[] = { p - 1, p, p + 1, 1337, 60 * p };
            for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++)
                expect_near_closed_form(&(job){ .how = how,
                                                .mode = DS_COMM_RENDEZVOUS,
                                                .len = lens[i],
                                                .root = root },
                                        p);
        }
}
END_TEST

/* The forms of the scans count the way with the most rounds.  33 is the first
 * number of ranks for which another one has three reductions more. */
START_TEST(a_scan_ends_elsewhere_if_reductions_outlast_messages)
{
    const ds_collective *scans[] = { &ds_scan_recursive_doubling,
                                     &ds_exscan_recursive_doubling };
    const size_t len = 1000;
    const double three = 3 * 2e-9 * (double)len;

    if (harness_nodes(33) < 33)
        return;
    for (size_t i = 0; i < 2; i++) {
        job j = { .how = scans[i], .mode = DS_COMM_RENDEZVOUS, .len = len };
        double message = three * 1.001;
        ck_assert_double_eq_tol(simulated(j, 33, message, 1e30),
                                closed_form(&j, 33, message, 1e30), 1e-12);
        message = three / 2;
        ck_assert_double_eq_tol(
            simulated(j, 33, message, 1e30),
            closed_form(&j, 33, message, 1e30) + three - message, 1e-12);
    }
}
END_TEST

START_TEST(what_does_not_commute_takes_a_round_more_to_another_root)
{
    ds_op subtle = ds_sum;

    subtle.commutative = false;
    for (size_t p = 2; p <= harness_nodes(20); p += 3)
        for (size_t root = 0; root < p; root += 2) {
            job j = { .how = &ds_reduce_binomial, .op = &subtle, .len = 50 };
            j.mode = DS_COMM_RENDEZVOUS;
            j.root = root;
            ck_assert_double_eq_tol(simulated(j, p, 1e-3, 1e6),
                                    closed_form(&j, p, 1e-3, 1e6) +
                                        (root == 0 ? 0 : 1e-3 + 400 / 1e6),
                                    1e-9);
        }
}
END_TEST

static void expect_chain(const job *j, size_t p, size_t s, size_t setting)
{
    double latency = settings[setting].latency;
    double rate = settings[setting].rate;
    size_t largest = (j->len + s - 1) / s;
    double want = (double)(p - 2 + s) * latency +
                  8 * (double)(j->len + (p - 2) * largest) / rate;

    ck_assert_double_eq_tol(simulated(*j, p, latency, rate), want, 1e-9 * want);
    ck_assert_double_eq_tol(closed_form(j, p, latency, rate), want,
                            1e-9 * want);
}

START_TEST(a_chain_of_chunks_is_exact)
{
    ds_collective chain = ds_bcast_chain;

    chain.chunk = 100;
    for (size_t p = 2; p <= harness_nodes(12); p++)
        for (size_t len = 1; len < 1200; len += 193)
            for (size_t s = 0; s < NUM_SETTINGS; s++) {
                job j = { .how = &chain, .mode = DS_COMM_ASYNC, .len = len };
                expect_chain(&j, p, (len + 99) / 100, s);
                j.mode = DS_COMM_RENDEZVOUS;
                expect_chain(&j, p, (len + 99) / 100, s);
            }
}
END_TEST

/* ---- Eager mode -----------------------------------------------------------*/

static uint64_t digest_in(const ds_collective *how, size_t p, ds_comm_mode mode,
                          double limit)
{
    job j = { .how = how, .mode = mode, .own_limit = true, .limit = limit };

    j.len = 60 * p;
    j.root = p / 2;
    j.phantom = true;
    run(&j, config_of(SIM_SWITCHED, p, 1));
    free_results(&j);
    return j.digest;
}

/* The digest has the time of every event. */
START_TEST(without_a_limit_eager_is_asynchronous)
{
    const ds_collective *how = ds_collective_catalogue(NULL)[_i];

    for (size_t p = 1; p <= harness_nodes(17); p += 1 + p / 5)
        if (serves(how, p) && (how->traits & DS_TRAIT_ASYNC_ONLY) == 0)
            ck_assert_uint_eq(digest_in(how, p, DS_COMM_EAGER, INFINITY),
                              digest_in(how, p, DS_COMM_ASYNC, 0));
}
END_TEST

/* What has no bytes leaves at once even then. */
START_TEST(with_a_limit_of_0_eager_is_rendezvous)
{
    const ds_collective *how = ds_collective_catalogue(NULL)[_i];
    bool empty = (ds_collective_kind_traits(how->kind) & DS_TRAIT_EMPTY) != 0;

    for (size_t p = 1; p <= harness_nodes(17); p += 1 + p / 5)
        if (serves(how, p) && (how->traits & DS_TRAIT_ASYNC_ONLY) == 0)
            ck_assert_uint_eq(
                digest_in(how, p, DS_COMM_EAGER, 0),
                digest_in(how, p, empty ? DS_COMM_ASYNC : DS_COMM_RENDEZVOUS,
                          0));
}
END_TEST

/* Asynchronous sends, 1 ms, 1 GB/s. */
static const struct {
    const ds_collective *how;
    size_t p;
    size_t len;
    double seconds;
} golden[] = {
    { &ds_bcast_binomial, 13, 10, 0.00300064 },
    { &ds_bcast_binomial, 13, 1000000, 0.067 },
    { &ds_bcast_binomial, 32, 1000000, 0.125 },
    { &ds_bcast_scatter_allgather, 13, 10, 0.0150004906667 },
    { &ds_bcast_scatter_allgather, 13, 1000000, 0.0473906228403 },
    { &ds_bcast_scatter_allgather, 32, 1000000, 0.0814375 },
    { &ds_scatter_binomial, 13, 10, 0.00300012 },
    { &ds_scatter_binomial, 13, 1000000, 0.013461544 },
    { &ds_scatter_binomial, 32, 1000000, 0.01925 },
    { &ds_reduce_binomial, 13, 10, 0.0030004 },
    { &ds_reduce_binomial, 13, 1000000, 0.0415 },
    { &ds_reduce_scatter_gather, 13, 10, 0.00700017 },
    { &ds_reduce_scatter_gather, 13, 1000000, 0.023615376 },
    { &ds_gather_binomial, 13, 10, 0.00300096 },
    { &ds_gather_binomial, 13, 1000000, 0.0995 },
    { &ds_scan_recursive_doubling, 13, 10, 0.00400054 },
    { &ds_scan_recursive_doubling, 13, 1000000, 0.067212962963 },
    { &ds_exscan_recursive_doubling, 13, 10, 0.00400052 },
    { &ds_exscan_recursive_doubling, 13, 1000000, 0.0662055555556 },
};

START_TEST(golden_values)
{
    job j = { .how = golden[_i].how, .len = golden[_i].len };
    double time = simulated(j, golden[_i].p, 1e-3, 1e9);

    if (!(fabs(time - golden[_i].seconds) <= 1e-9 * time))
        ck_abort_msg("%s, %zu nodes, %zu elements: %.12g", j.how->name,
                     golden[_i].p, j.len, time);
}
END_TEST

/* With n = 8 bytes times len: rounds, volume in n, reduced volume in n. */
static const struct {
    const ds_collective *how;
    size_t p;
    double rounds;
    double volume;
    double reduced;
} formulas[] = {
    { &ds_bcast_binomial, 16, 4, 4, 0 },
    { &ds_bcast_binomial, 17, 5, 5, 0 },
    { &ds_bcast_scatter_allgather, 16, 4 + 15, 2 * 15 / 16.0, 0 },
    { &ds_bcast_scatter_allgather, 17, 5 + 16, 2 * 16 / 17.0, 0 },
    { &ds_bcast_chain, 17, 16, 16, 0 },
    { &ds_reduce_binomial, 16, 4, 4, 4 },
    { &ds_reduce_binomial, 17, 5, 5, 5 },
    { &ds_reduce_scatter_gather, 16, 8, 2 * 15 / 16.0, 15 / 16.0 },
    { &ds_reduce_scatter_gather, 17, 10, 2 * 16 / 17.0, 16 / 17.0 },
    { &ds_gather_binomial, 16, 4, 15 / 16.0, 0 },
    { &ds_gather_binomial, 17, 5, 16 / 17.0, 0 },
    { &ds_scatter_binomial, 16, 4, 15 / 16.0, 0 },
    { &ds_scatter_binomial, 17, 5, 16 / 17.0, 0 },
    { &ds_allgather_ring, 17, 16, 16 / 17.0, 0 },
    { &ds_allgather_recursive_doubling, 16, 4, 15 / 16.0, 0 },
    { &ds_allgather_bruck, 16, 4, 15 / 16.0, 0 },
    { &ds_allgather_bruck, 17, 5, 16 / 17.0, 0 },
    { &ds_reduce_scatter_ring, 17, 16, 16 / 17.0, 16 / 17.0 },
    { &ds_reduce_scatter_recursive_halving, 16, 4, 15 / 16.0, 15 / 16.0 },
    { &ds_reduce_scatter_circulant, 17, 5, 16 / 17.0, 16 / 17.0 },
    { &ds_alltoall_pairwise, 16, 15, 15 / 16.0, 0 },
    { &ds_alltoall_pairwise, 17, 16, 16 / 17.0, 0 },
    { &ds_alltoall_bruck, 16, 4, 2, 0 },
    { &ds_alltoall_bruck, 17, 5, (4 * 8 + 1) / 17.0, 0 },
    { &ds_barrier_dissemination, 16, 4, 0, 0 },
    { &ds_barrier_dissemination, 17, 5, 0, 0 },
    { &ds_scan_recursive_doubling, 16, 4, 4, 8 },
    { &ds_scan_recursive_doubling, 17, 5, 5, 6 },
    { &ds_scan_recursive_doubling, 31, 5, 5, 9 },
    { &ds_exscan_recursive_doubling, 16, 4, 4, 7 },
    { &ds_exscan_recursive_doubling, 17, 5, 5, 5 },
};

START_TEST(the_formulas_are_those_of_the_literature)
{
    const ds_collective *how = formulas[_i].how;
    const double len = 16 * 17 * 31;
    ds_cost cost = how->cost(how, formulas[_i].p, (size_t)len);

    ck_assert_double_eq_tol(cost.rounds, formulas[_i].rounds, 1e-12);
    ck_assert_double_eq_tol(cost.volume / 8 / len, formulas[_i].volume, 1e-12);
    ck_assert_double_eq_tol(cost.reduced / 2 / len, formulas[_i].reduced,
                            1e-12);
}
END_TEST

START_TEST(alone_nothing_costs_anything)
{
    const ds_collective *how = collective_at(_i);
    ds_cost cost = { 0 };
    job j = { .how = how, .mode = DS_COMM_RENDEZVOUS, .len = 1000 };

    if (how->cost != NULL)
        cost = how->cost(how, 1, 1000);
    ck_assert_double_eq(cost.rounds, 0);
    ck_assert_double_eq(cost.volume, 0);
    ck_assert_double_eq(cost.reduced, 0);
    ck_assert_double_eq(simulated(j, 1, 1e-3, 1e6), 0);
}
END_TEST

/* ---- Barriers -------------------------------------------------------------*/

typedef struct meeting {
    double last_in;
    double first_out;
} meeting;

static void meet(ds_comm *c, void *arg)
{
    meeting *m = arg;
    ds_handle *h = ds_comm_handle(c);

    ds_sleep(h, (double)((ds_comm_rank(c) * 7) % 5));
    m->last_in = ds_now(h) > m->last_in ? ds_now(h) : m->last_in;
    ck_assert(ds_barrier(c));
    m->first_out = ds_now(h) < m->first_out ? ds_now(h) : m->first_out;
}

START_TEST(nobody_leaves_a_barrier_before_all_have_come)
{
    for (size_t p = 1; p <= harness_nodes(17); p++) {
        meeting m = { .first_out = INFINITY };
        sim_time(config_of(SIM_RANDOM, p, p), meet, &m);
        ck_assert_double_ge(m.first_out, m.last_in);
    }
}
END_TEST

/* ---- By the names of MPI --------------------------------------------------*/

static void by_name(ds_comm *c, void *arg)
{
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(4);
    ds_vec *got[9] = { NULL };
    size_t n = 0;

    for (size_t i = 0; i < 4; i++)
        mine->data[i] = (double)(10 * rank + i);
    got[n++] = ds_bcast(c, mine, 1);
    got[n++] = ds_reduce(c, mine, &ds_max, 0);
    got[n++] = ds_gather(c, mine, 1);
    got[n++] = ds_scatter(c, mine, 1);
    got[n++] = ds_allgather(c, mine);
    got[n++] = ds_reduce_scatter(c, mine, &ds_sum);
    got[n++] = ds_alltoall(c, mine);
    got[n++] = ds_scan(c, mine, &ds_sum);
    got[n++] = ds_exscan(c, mine, &ds_sum);

    ck_assert_double_eq(got[0]->data[3], 13);
    ck_assert_double_eq(got[1]->data[2], 12);
    ck_assert_uint_eq(got[2]->len, rank == 1 ? 8 : 4);
    ck_assert_double_eq(got[3]->data[1], rank == 1 ? 13 : 11);
    ck_assert_double_eq(got[4]->data[5], 11);
    ck_assert_double_eq(got[5]->data[0], rank == 1 ? 14 : 10);
    ck_assert_double_eq(got[6]->data[2], rank == 1 ? 12 : 10);
    ck_assert_double_eq(got[7]->data[1], rank == 1 ? 12 : 1);
    ck_assert_double_eq(got[8]->data[3], 3);
    for (size_t i = 0; i < n; i++)
        ds_vec_unref(got[i]);
    ds_vec_unref(mine);
}

START_TEST(the_names_of_mpi_do_what_they_say)
{
    sim_time((sim_config){ 0 }, by_name, NULL);
}
END_TEST

START_TEST(every_collective_is_found_by_its_name)
{
    size_t n;
    const ds_collective *const *all = ds_collective_all(&n);

    for (size_t i = 0; i < n; i++) {
        ck_assert_ptr_eq(ds_collective_find(all[i]->name), all[i]);
        ck_assert_ptr_nonnull(all[i]->idea);
    }
    ck_assert_ptr_null(ds_collective_find("ring"));
    ck_assert_ptr_null(ds_collective_find(NULL));
}
END_TEST

/* ---- The catalogue --------------------------------------------------------*/

START_TEST(the_catalogue_has_every_algorithm_once)
{
    size_t n, num_allreduces, num_others;
    const ds_collective *const *all = ds_collective_catalogue(&n);
    const ds_allreduce *const *allreduces = ds_allreduce_all(&num_allreduces);
    const ds_collective *const *others = ds_collective_all(&num_others);

    ck_assert_uint_eq(n, num_allreduces + num_others);
    ck_assert_ptr_eq(ds_collective_catalogue(NULL), all);
    for (size_t i = 0; i < num_allreduces; i++)
        ck_assert_ptr_eq(all[i]->allreduce, allreduces[i]);
    for (size_t i = 0; i < num_others; i++)
        ck_assert_ptr_eq(all[num_allreduces + i], others[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(all[i]->name, all[k]->name);
}
END_TEST

START_TEST(an_allreduce_says_the_same_of_itself_in_both_lists)
{
    const ds_allreduce *a = ds_allreduce_all(NULL)[_i];
    const ds_collective *how = ds_collective_catalogue(NULL)[_i];

    ck_assert_str_eq(how->name, a->name);
    ck_assert_str_eq(how->idea, a->idea);
    ck_assert_int_eq(how->kind, DS_ALLREDUCE);
    ck_assert_uint_eq(how->traits, a->traits);
    ck_assert_uint_eq(how->granularity, a->granularity);
    ck_assert_uint_eq(how->group, a->group);
    ck_assert_uint_eq(how->chunk, a->chunk);
    ck_assert_int_eq(how->cost == NULL, a->cost == NULL);
    for (size_t p = 1; p < 20 && a->cost != NULL; p++) {
        ds_cost same = how->cost(how, p, 1000);
        ds_cost cost = a->cost(a, p, 1000);
        ck_assert_mem_eq(&same, &cost, sizeof(cost));
    }
}
END_TEST

/* What a member makes of one call. */
typedef struct both_ways {
    const ds_collective *how;
    const ds_allreduce *allreduce; /* by ds_allreduce_run(), if not NULL */
} both_ways;

static void add_up(ds_comm *c, void *arg)
{
    const both_ways *b = arg;
    ds_vec *mine = ds_vec_new(37);

    for (size_t i = 0; i < mine->len; i++)
        mine->data[i] = element(ds_comm_rank(c), i);
    ds_vec *sum = b->allreduce != NULL
                      ? ds_allreduce_run(b->allreduce, c, mine, &ds_sum)
                      : ds_collective_run(b->how, c, mine, &ds_sum, 99);
    for (size_t i = 0; i < mine->len; i++)
        ck_assert_double_eq(sum->data[i], sum_of(0, ds_comm_size(c), i));
    ds_vec_unref(sum);
    ds_vec_unref(mine);
}

static uint64_t digest_of(both_ways b, size_t p)
{
    sim *s = sim_new(config_of(SIM_SWITCHED, p, 5));

    ck_assert_msg(sim_run(s, add_up, &b) == DS_OK, "%s",
                  ds_loop_error(s->loop));
    uint64_t digest = ds_loop_digest(s->loop);
    sim_free(s);
    return digest;
}

START_TEST(an_allreduce_is_the_same_by_either_call)
{
    const ds_collective *how = ds_collective_catalogue(NULL)[_i];

    for (size_t p = 1; p <= harness_nodes(12); p += 1 + p / 3)
        ck_assert_uint_eq(digest_of((both_ways){ .how = how }, p),
                          digest_of((both_ways){ how, how->allreduce }, p));
}
END_TEST

START_TEST(a_copy_of_an_allreduce_runs_with_its_own_parameters)
{
    static const size_t sides[] = { 2, 2, 2 };
    static const ds_shape cube = { .sides = sides, .num_sides = 3 };
    static const struct {
        const ds_allreduce *allreduce;
        unsigned granularity;
        size_t group;
        size_t chunk;
        const ds_shape *shape;
    } own[] = { { &ds_allreduce_stream, 3, 0, 0, NULL },
                { &ds_allreduce_hierarchical, 0, 4, 0, NULL },
                { &ds_allreduce_segmented_ring, 0, 0, 2, NULL },
                { &ds_allreduce_swing, 0, 0, 0, &cube } };

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        size_t at = 0;
        while (ds_allreduce_all(NULL)[at] != own[i].allreduce)
            at++;
        ds_collective how = *ds_collective_catalogue(NULL)[at];
        ds_allreduce copy = *own[i].allreduce;
        how.granularity = copy.granularity = own[i].granularity;
        how.group = copy.group = own[i].group;
        how.chunk = copy.chunk = own[i].chunk;
        how.shape = copy.shape = own[i].shape;
        uint64_t digest = digest_of((both_ways){ .how = &how }, 8);
        ck_assert_uint_eq(digest, digest_of((both_ways){ &how, &copy }, 8));
        ck_assert_uint_ne(digest,
                          digest_of((both_ways){ &how, own[i].allreduce }, 8));
    }
}
END_TEST

START_TEST(every_kind_has_a_name_and_an_algorithm)
{
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);
    ds_collective_kind kind = DS_BCAST;

    for (; ds_collective_kind_name(kind) != NULL; kind++) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found |= all[i]->kind == kind;
        ck_assert_msg(found, "%s", ds_collective_kind_name(kind));
    }
    ck_assert_int_eq(kind, DS_ALLREDUCE + 1);
    ck_assert_ptr_null(ds_collective_kind_name((ds_collective_kind)0));
    ck_assert_uint_eq(ds_collective_kind_traits(kind), 0);
}
END_TEST

/* ---- What does not commute ------------------------------------------------*/

static double map(size_t rank)
{
    return (double)(101 * (2 + rank) + 3 * rank + 1);
}

static double composed(size_t first, size_t end)
{
    double value = map(first);

    for (size_t rank = first + 1; rank < end; rank++)
        value = sim_compose(value, map(rank));
    return value;
}

static void expect_element(ds_vec *vec, double want)
{
    ck_assert_double_eq(vec->data[1], want);
    ds_vec_unref(vec);
}

static void in_order(ds_comm *c, void *arg)
{
    size_t p = ds_comm_size(c);
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(2);

    ds_comm_set_mode(c, *(ds_comm_mode *)arg);
    mine->data[1] = map(rank);
    for (size_t root = 0; root < p; root++)
        expect_element(ds_reduce(c, mine, &sim_composition, root),
                       rank == root ? composed(0, p) : map(rank));
    expect_element(ds_scan(c, mine, &sim_composition), composed(0, rank + 1));
    expect_element(ds_exscan(c, mine, &sim_composition),
                   rank == 0 ? map(0) : composed(0, rank));
    ds_vec_unref(mine);
}

START_TEST(the_order_of_ranks_is_kept)
{
    for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_EAGER; mode++)
        for (size_t p = 1; p <= harness_nodes(MAX_NODES); p += 1 + p / 9)
            sim_time(config_of(SIM_RANDOM, p, p), in_order, &mode);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static ds_vec *no_collective(const ds_collective *self, ds_comm *c,
                             ds_vec *mine, const ds_op *op, size_t root)
{
    return ds_vec_ref(mine);
}

static const ds_collective nameless = {
    .run = no_collective,
    .traits = DS_TRAIT_POWER,
};

static void do_wrong(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(4);

    switch (*(int *)arg) {
    case 0:
        ds_vec_unref(ds_bcast(c, mine, 3));
        break;
    case 1:
        ds_vec_unref(ds_bcast(c, mine, ds_comm_rank(c)));
        break;
    case 2:
        ds_vec_unref(ds_scan(c, mine, NULL));
        break;
    case 3:
        ds_vec_unref(ds_reduce_scatter(c, mine, &sim_composition));
        break;
    case 4:
        ds_vec_unref(ds_collective_run(&ds_allgather_recursive_doubling, c,
                                       mine, NULL, 0));
        break;
    case 5:
        if (ds_comm_rank(c) == 0)
            ds_barrier(c);
        else
            ds_vec_unref(ds_allgather(c, mine));
        break;
    case 6:
        ds_vec_unref(ds_collective_run(NULL, c, mine, NULL, 0));
        break;
    case 7:
        ds_vec_unref(ds_collective_run(&nameless, c, mine, NULL, 0));
        break;
    case 8:
        ds_vec_unref(mine);
        mine = ds_vec_phantom(SIZE_MAX / 3 + 1);
        ds_vec_unref(ds_allgather(c, mine));
        break;
    }
    ds_vec_unref(mine);
}

static const char *const texts[] = {
    "ds_bcast: there is no rank 3 in a comm of 3 members",
    "ds_bcast: call 1: the root is 1 on rank 1 and 0 on rank 0",
    "ds_scan: the operator is NULL",
    "ds_reduce_scatter: reduce-scatter-ring does not keep the order of ranks",
    "needs a number of ranks that is a power of two; 3 is none",
    "the function is ds_allgather on rank 1 and ds_barrier on rank 0",
    "ds_collective_run: the algorithm is NULL",
    "ds_collective_run: ? needs a number of ranks that is a power of two",
    "elements are too many for one; at most 6148914691236517205 each",
};

START_TEST(misuse_is_named)
{
    sim_misuse(config_of(SIM_SWITCHED, 3, 1), do_wrong, &_i, texts[_i]);
}
END_TEST

static void give_nothing(ds_comm *c, void *arg)
{
    ck_assert_ptr_null(ds_collective_run(arg, c, NULL, &ds_sum, 0));
}

START_TEST(no_vector_means_no_memory)
{
    const ds_collective *how = collective_at(_i);
    sim *s = sim_new(config_of(SIM_SWITCHED, 2, 1));

    if (how->kind != DS_BARRIER) {
        ck_assert_int_eq(sim_run(s, give_nothing, (void *)how), DS_ENOMEM);
        ck_assert_ptr_nonnull(strstr(ds_loop_error(s->loop),
                                     "ds_collective_run: the vector is NULL"));
    }
    sim_free(s);
}
END_TEST

static void give_a_root(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(4);
    ds_vec *got =
        ds_collective_run(arg, c, mine, &ds_sum, 99 + ds_comm_rank(c));

    ck_assert_ptr_nonnull(got);
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

START_TEST(a_root_is_ignored_where_there_is_none)
{
    const ds_collective *how = collective_at(_i);

    if (!has_root(how))
        sim_time(config_of(SIM_RANDOM, 4, 1), give_a_root, (void *)how);
}
END_TEST

static void give_no_operator(ds_comm *c, void *arg)
{
    ds_collective own = nameless;
    ds_vec *mine = ds_vec_new(4);

    own.kind = DS_ALLTOALL;
    own.traits = DS_TRAIT_COMMUTATIVE;
    ds_vec *got = ds_collective_run(&own, c, mine, NULL, 0);
    ck_assert_ptr_eq(got, mine);
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

START_TEST(what_reduces_nothing_needs_no_operator)
{
    sim_time(config_of(SIM_RANDOM, 3, 1), give_no_operator, NULL);
}
END_TEST

static void add(TCase *tc)
{
    const int n = (int)num_collectives();

    tcase_set_timeout(tc, harness_full() ? 600 : 60);
    tcase_add_loop_test(tc, every_rank_has_what_it_should, 0, n);
    tcase_add_loop_test(tc, what_arrives_first_changes_no_bit, 0, n);
    tcase_add_loop_test(tc, powers_of_two_are_all_served, 0, n);
    tcase_add_loop_test(tc, phantoms_take_the_same_time, 0, n);
    tcase_add_loop_test(tc, threads_and_fibers_do_the_same, 0, n);
    tcase_add_loop_test(tc, what_a_phantom_goes_into_is_one, 0, n);
    tcase_add_loop_test(tc, they_may_follow_each_other_in_any_mix, 0, 2);
    tcase_add_loop_test(tc, in_rendezvous_mode_simulation_and_closed_form_agree,
                        0, n);
    tcase_add_loop_test(tc, for_powers_of_two_they_do_with_any_length, 0, n);
    tcase_add_loop_test(tc, another_root_changes_at_most_an_element_a_round, 0,
                        n);
    tcase_add_test(tc, a_scan_ends_elsewhere_if_reductions_outlast_messages);
    tcase_add_test(tc,
                   what_does_not_commute_takes_a_round_more_to_another_root);
    tcase_add_test(tc, a_chain_of_chunks_is_exact);
    tcase_add_loop_test(tc, what_goes_in_step_keeps_it_with_asynchronous_sends,
                        0, sizeof(in_step) / sizeof(*in_step));
    tcase_add_loop_test(tc, without_a_limit_eager_is_asynchronous, 0,
                        n + num_allreduces());
    tcase_add_loop_test(tc, with_a_limit_of_0_eager_is_rendezvous, 0,
                        n + num_allreduces());
    tcase_add_loop_test(tc, golden_values, 0, sizeof(golden) / sizeof(*golden));
    tcase_add_loop_test(tc, the_formulas_are_those_of_the_literature, 0,
                        sizeof(formulas) / sizeof(*formulas));
    tcase_add_loop_test(tc, alone_nothing_costs_anything, 0, n);
    tcase_add_test(tc, nobody_leaves_a_barrier_before_all_have_come);
    tcase_add_test(tc, the_names_of_mpi_do_what_they_say);
    tcase_add_test(tc, every_collective_is_found_by_its_name);
    tcase_add_test(tc, the_catalogue_has_every_algorithm_once);
    tcase_add_loop_test(tc, an_allreduce_says_the_same_of_itself_in_both_lists,
                        0, num_allreduces());
    tcase_add_loop_test(tc, an_allreduce_is_the_same_by_either_call, 0,
                        num_allreduces());
    tcase_add_test(tc, a_copy_of_an_allreduce_runs_with_its_own_parameters);
    tcase_add_test(tc, every_kind_has_a_name_and_an_algorithm);
    tcase_add_test(tc, the_order_of_ranks_is_kept);
    tcase_add_loop_test(tc, misuse_is_named, 0, sizeof(texts) / sizeof(*texts));
    tcase_add_loop_test(tc, no_vector_means_no_memory, 0, n);
    tcase_add_loop_test(tc, a_root_is_ignored_where_there_is_none, 0, n);
    tcase_add_test(tc, what_reduces_nothing_needs_no_operator);
}

int main(void)
{
    return harness_main("collective", add);
}
