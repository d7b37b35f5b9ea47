/* Collectives of parts of different lengths: who ends up with which elements.
 */

#include "harness.h"
#include "sim.h"

#include <math.h>

enum { most = 9 };

/* So many elements rank i has, or rank i gets of rank j: some none. */
static size_t count_of(size_t i, size_t j)
{
    return (i * 7 + j * 3 + i * j) % 5;
}

static void all_counts(size_t p, size_t j, size_t counts[most])
{
    for (size_t i = 0; i < p; i++)
        counts[i] = count_of(i, j);
}

static size_t sum(const size_t *counts, size_t n)
{
    size_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += counts[i];
    return total;
}

/* An element that tells where it is from, where it is to go, and its place. */
static double element(size_t from, size_t to, size_t i)
{
    return (double)(from * 10000 + to * 100 + i);
}

static ds_vec *part_vec(size_t len, size_t from, size_t to)
{
    ds_vec *vec = ds_vec_new(len);

    for (size_t i = 0; i < len; i++)
        vec->data[i] = element(from, to, i);
    return vec;
}

/* The next len elements from *at on are those of a part. */
static void ck_part(const ds_vec *vec, size_t *at, size_t len, size_t from,
                    size_t to)
{
    ck_assert_uint_le(*at + len, vec->len);
    for (size_t i = 0; i < len; i++)
        ck_assert(vec->data[(*at)++] == element(from, to, i));
}

/* ---- Each of them ---------------------------------------------------------*/

static void gather_all(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    size_t counts[most];
    size_t at = 0;

    all_counts(p, 2, counts);
    ds_vec *mine = part_vec(counts[ds_comm_rank(c)], ds_comm_rank(c), 0);
    ds_vec *all = ds_allgatherv(c, mine, counts);
    ck_assert_ptr_nonnull(all);
    ck_assert_uint_eq(all->len, sum(counts, p));
    for (size_t i = 0; i < p; i++)
        ck_part(all, &at, counts[i], i, 0);
    ds_vec_unref(mine);
    ds_vec_unref(all);
}

static void gather_at_root(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    const size_t root = p / 2;
    size_t counts[most];
    size_t at = 0;

    all_counts(p, 1, counts);
    ds_vec *mine = part_vec(counts[rank], rank, 0);
    ds_vec *all = ds_gatherv(c, mine, rank == root ? counts : NULL, root);
    ck_assert((all != NULL) == (rank == root));
    for (size_t i = 0; all != NULL && i < p; i++)
        ck_part(all, &at, counts[i], i, 0);
    ds_vec_unref(mine);
    ds_vec_unref(all);
}

static ds_vec *parts_for_all(const size_t *counts, size_t p, size_t from)
{
    ds_vec *vec = ds_vec_new(sum(counts, p));
    size_t at = 0;

    for (size_t to = 0; to < p; to++)
        for (size_t i = 0; i < counts[to]; i++)
            vec->data[at++] = element(from, to, i);
    return vec;
}

static void scatter(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    const size_t root = p - 1;
    size_t counts[most];
    size_t at = 0;
    ds_vec *whole = NULL;

    all_counts(p, 3, counts);
    if (rank == root)
        whole = parts_for_all(counts, p, root);
    ds_vec *mine = ds_scatterv(c, whole, rank == root ? counts : NULL, root);
    ck_assert_ptr_nonnull(mine);
    ck_assert_uint_eq(mine->len, counts[rank]);
    ck_part(mine, &at, mine->len, root, rank);
    ds_vec_unref(mine);
    ds_vec_unref(whole);
}

static void exchange(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    size_t sends[most];
    size_t receives[most];
    size_t at = 0;

    for (size_t i = 0; i < p; i++) {
        sends[i] = count_of(rank, i);
        receives[i] = count_of(i, rank);
    }
    ds_vec *mine = parts_for_all(sends, p, rank);
    ds_vec *got = ds_alltoallv(c, mine, sends, receives);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->len, sum(receives, p));
    for (size_t from = 0; from < p; from++)
        ck_part(got, &at, receives[from], from, rank);
    ds_vec_unref(mine);
    ds_vec_unref(got);
}

/* By an operator that does not commute. */
static void reduce_parts(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    size_t counts[most];

    all_counts(p, 4, counts);
    ds_vec *mine = ds_vec_new(sum(counts, p));
    for (size_t i = 0; i < mine->len; i++)
        mine->data[i] = (double)((rank * 31 + i * 17) % 101);
    ds_vec *got = ds_reduce_scatterv(c, mine, counts, &sim_composition);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->len, counts[rank]);
    const size_t at = sum(counts, rank);
    for (size_t i = 0; i < got->len; i++) {
        double wanted = (double)((at + i) * 17 % 101);
        for (size_t r = 1; r < p; r++)
            wanted =
                sim_compose(wanted, (double)((r * 31 + (at + i) * 17) % 101));
        ck_assert(got->data[i] == wanted);
    }
    ds_vec_unref(mine);
    ds_vec_unref(got);
}

static ds_comm_fn *const each[] = { gather_all, gather_at_root, scatter,
                                    exchange, reduce_parts };
enum { num_each = sizeof(each) / sizeof(*each) };

static ds_comm_fn *chosen;
static ds_comm_mode mode;

static void in_mode(ds_comm *c, void *arg)
{
    ds_comm_set_mode(c, mode);
    chosen(c, arg);
    chosen(c, arg);
}

START_TEST(parts_go_where_they_belong)
{
    static const ds_comm_mode modes[] = { DS_COMM_ASYNC, DS_COMM_RENDEZVOUS };

    chosen = each[_i % num_each];
    mode = modes[_i / num_each % 2];
    for (size_t p = 1; p <= most; p++)
        sim_time((sim_config){ .kind = p % 2 == 0 ? SIM_SWITCHED : SIM_RANDOM,
                               .nodes = p },
                 in_mode, NULL);
}
END_TEST

/* ---- By any algorithm -----------------------------------------------------*/

static const ds_collective *how;
static size_t root;

/* Returns algorithm i of those that can do parts; NULL: there are no more. */
static const ds_collective *with_parts(size_t i)
{
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    for (size_t j = 0; j < n; j++)
        if ((all[j]->traits & DS_TRAIT_PARTS) != 0 &&
            all[j]->kind != DS_ALLTOALL && i-- == 0)
            return all[j];
    return NULL;
}
enum { num_hows = 8 };

static bool has(const ds_collective *of, unsigned trait)
{
    return ((of->traits | ds_collective_kind_traits(of->kind)) & trait) != 0;
}

static bool fits(const ds_collective *of, size_t p)
{
    return !has(of, DS_TRAIT_POWER) || (p & (p - 1)) == 0;
}

/* What a member gives: its part, or all that is scattered or reduced. */
static ds_vec *given(const size_t *counts, size_t p, size_t rank)
{
    if (has(how, DS_TRAIT_GATHERS))
        return part_vec(counts[rank], rank, 0);
    if (how->kind == DS_SCATTER)
        return rank == root ? parts_for_all(counts, p, root) : NULL;
    ds_vec *vec = ds_vec_new(sum(counts, p));
    for (size_t i = 0; i < vec->len; i++)
        vec->data[i] = (double)(i + 1) * (double)(rank + 1);
    return vec;
}

static void ck_taken(const ds_vec *got, const size_t *counts, size_t p,
                     size_t rank)
{
    const size_t before = sum(counts, rank);
    size_t at = 0;

    if (has(how, DS_TRAIT_GATHERS)) {
        ck_assert_uint_eq(got->len, sum(counts, p));
        for (size_t i = 0; i < p; i++)
            ck_part(got, &at, counts[i], i, 0);
        return;
    }
    ck_assert_uint_eq(got->len, counts[rank]);
    if (how->kind == DS_SCATTER)
        ck_part(got, &at, got->len, root, rank);
    else
        for (size_t i = 0; i < got->len; i++)
            ck_assert(got->data[i] ==
                      (double)(before + i + 1) * (double)(p * (p + 1) / 2));
}

/* Whoever is not the root of one has its own back, and the counts are not
 * looked at. */
static void by_how(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    const bool knows = !has(how, DS_TRAIT_ROOT) || rank == root;
    const size_t nonsense[] = { SIZE_MAX, SIZE_MAX };
    size_t counts[most];

    all_counts(p, root + 1, counts);
    ds_comm_set_mode(c, mode);
    ds_sleep(ds_comm_handle(c), (double)((rank * 5 + root) % p) * 0.5);
    ds_vec *mine = given(counts, p, rank);
    ds_vec *got = ds_collective_run_parts(
        how, c, mine, knows ? counts : nonsense, &ds_sum, root);
    ck_assert_ptr_nonnull(got);
    if (knows || how->kind == DS_SCATTER)
        ck_taken(got, counts, p, rank);
    else
        ck_assert_ptr_eq(got, mine);
    ds_vec_unref(mine);
    ds_vec_unref(got);
}

START_TEST(every_algorithm_that_says_so_does_parts)
{
    static const ds_comm_mode modes[] = { DS_COMM_ASYNC, DS_COMM_RENDEZVOUS,
                                          DS_COMM_EAGER };

    how = with_parts((size_t)_i);
    mode = modes[_i % 3];
    for (size_t p = 1; p <= most; p++)
        for (root = 0; root < (has(how, DS_TRAIT_ROOT) ? p : 1); root++)
            if (fits(how, p))
                sim_time((sim_config){ .kind = p % 2 == 0 ? SIM_SWITCHED
                                                          : SIM_RANDOM,
                                       .nodes = p },
                         by_how, NULL);
}
END_TEST

START_TEST(these_are_all_of_them)
{
    ck_assert_ptr_nonnull(with_parts(num_hows - 1));
    ck_assert_ptr_null(with_parts(num_hows));
}
END_TEST

/* ---- Equal parts ----------------------------------------------------------*/

static bool by_counts;

static void gather_equal(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    size_t counts[most];

    for (size_t i = 0; i < p; i++)
        counts[i] = 12;
    ds_vec *mine = ds_vec_phantom(12);
    ds_vec *all = by_counts
                      ? ds_allgatherv(c, mine, counts)
                      : ds_collective_run(&ds_allgather_ring, c, mine, NULL, 0);
    ck_assert_uint_eq(all->len, 12 * p);
    ds_vec_unref(mine);
    ds_vec_unref(all);
}

/* The same vectors, as parts that are equal or as blocks. */
static void as_equal(ds_comm *c, void *arg)
{
    const size_t p = ds_comm_size(c);
    size_t counts[most];

    for (size_t i = 0; i < p; i++)
        counts[i] = 1000;
    ds_comm_set_mode(c, mode);
    ds_vec *mine = ds_vec_phantom(has(how, DS_TRAIT_GATHERS) ? 1000 : 1000 * p);
    ds_vec_unref(by_counts
                     ? ds_collective_run_parts(how, c, mine, counts, &ds_sum, 0)
                     : ds_collective_run(how, c, mine, &ds_sum, 0));
    ds_vec_unref(mine);
}

START_TEST(equal_parts_take_the_time_of_blocks)
{
    how = with_parts((size_t)_i);
    mode = _i % 2 == 0 ? DS_COMM_RENDEZVOUS : DS_COMM_EAGER;
    for (size_t p = 1; p <= most; p++) {
        const sim_config config = { .nodes = p, .latency = 1e-6 };
        if (!fits(how, p))
            continue;
        by_counts = false;
        const double blocks = sim_time(config, as_equal, NULL);
        by_counts = true;
        ck_assert(sim_time(config, as_equal, NULL) == blocks);
        ck_assert(p == 1 || blocks > 0);
    }
}
END_TEST

START_TEST(equal_parts_take_the_time_of_a_ring)
{
    const sim_config config = { .nodes = (size_t)_i + 1, .latency = 0.125 };

    by_counts = false;
    const double ring = sim_time(config, gather_equal, NULL);
    by_counts = true;
    ck_assert(fabs(sim_time(config, gather_equal, NULL) - ring) < 1e-9);
}
END_TEST

/* ---- What is wrong --------------------------------------------------------*/

static void too_short(ds_comm *c, void *arg)
{
    const size_t counts[] = { 3, 3 };
    ds_vec *mine = ds_vec_phantom(ds_comm_rank(c) == 0 ? 3 : 2);

    ds_vec_unref(ds_allgatherv(c, mine, counts));
    ds_vec_unref(mine);
}

static void not_as_expected(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);
    const size_t counts[] = { 2, rank == 0 ? 3 : 4 };
    ds_vec *mine = ds_vec_phantom(counts[rank]);

    ds_vec_unref(ds_gatherv(c, mine, counts, 0));
    ds_vec_unref(mine);
}

static void no_counts(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(1);

    ds_vec_unref(ds_alltoallv(c, mine, NULL, NULL));
    ds_vec_unref(mine);
}

static void too_many(ds_comm *c, void *arg)
{
    const size_t counts[] = { SIZE_MAX, 2 };
    ds_vec *mine = ds_vec_phantom(1);

    ds_vec_unref(ds_allgatherv(c, mine, counts));
    ds_vec_unref(mine);
}

static void no_operator(ds_comm *c, void *arg)
{
    const size_t counts[] = { 1, 1 };
    ds_vec *mine = ds_vec_phantom(2);

    ds_vec_unref(ds_reduce_scatterv(c, mine, counts, NULL));
    ds_vec_unref(mine);
}

static void no_root(ds_comm *c, void *arg)
{
    const size_t counts[] = { 1, 1 };
    ds_vec *mine = ds_vec_phantom(2);

    ds_vec_unref(ds_scatterv(c, mine, counts, 2));
    ds_vec_unref(mine);
}

static void run_with(ds_comm *c, const ds_collective *with, size_t len,
                     size_t first, size_t second)
{
    const size_t counts[] = { first, second };
    ds_vec *mine = ds_vec_phantom(len);

    ds_vec_unref(ds_collective_run_parts(with, c, mine, counts, &ds_sum, 0));
    ds_vec_unref(mine);
}

static void not_for_parts(ds_comm *c, void *arg)
{
    run_with(c, &ds_bcast_binomial, 2, 1, 1);
}

static void both_ways(ds_comm *c, void *arg)
{
    run_with(c, &ds_alltoall_pairwise, 2, 1, 1);
}

static void other_counts(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);

    run_with(c, &ds_reduce_scatter_ring, 5, 2 + rank, 3 - rank);
}

/* The root comes first, or last. */
static void other_than_root_says(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);
    const bool root_first = arg != NULL;

    if ((rank == 0) != root_first)
        ds_sleep(ds_comm_handle(c), 1);
    run_with(c, &ds_gather_binomial, rank == 0 ? 2 : 4, 2, 3);
}

static void root_comes_first(ds_comm *c, void *arg)
{
    other_than_root_says(c, &root);
}

static void root_comes_last(ds_comm *c, void *arg)
{
    other_than_root_says(c, NULL);
}

static void short_at_root(ds_comm *c, void *arg)
{
    run_with(c, &ds_scatter_binomial, 4, 2, 3);
}

static const struct {
    ds_comm_fn *fn;
    const char *text;
} wrong[] = {
    { too_short, "ds_allgatherv: the vector of rank 1 has 2 elements; by the "
                 "counts it has 3" },
    { not_as_expected, "ds_gatherv: rank 1 has sent 4 elements to rank 0, "
                       "which by its counts expects 3" },
    { no_counts, "ds_alltoallv: the array of counts is NULL" },
    { too_many, "ds_allgatherv: the parts have more elements together" },
    { no_operator, "ds_reduce_scatterv: the operator is NULL" },
    { no_root, "ds_scatterv: there is no rank 2" },
    { not_for_parts, "ds_collective_run_parts: bcast-binomial does not know "
                     "how to do parts of different lengths" },
    { both_ways, "ds_collective_run_parts: alltoall-pairwise has parts that "
                 "are given and others that are taken; ds_alltoallv()" },
    { other_counts, "the length of part 0 is 3 on rank 1 and 2 on rank 0" },
    { root_comes_first, "the vector of rank 1 has 4 elements; by the counts "
                        "of the root it has 3" },
    { root_comes_last, "the vector of rank 1 has 4 elements; by the counts of "
                       "the root it has 3" },
    { short_at_root, "ds_collective_run_parts: the vector of rank 0 has 4 "
                     "elements; by the counts it has 5" },
};

START_TEST(what_is_wrong_is_named)
{
    sim_misuse((sim_config){ .nodes = 2 }, wrong[_i].fn, NULL, wrong[_i].text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, parts_go_where_they_belong, 0, 2 * num_each);
    tcase_add_test(tc, these_are_all_of_them);
    tcase_add_loop_test(tc, every_algorithm_that_says_so_does_parts, 0,
                        num_hows);
    tcase_add_loop_test(tc, equal_parts_take_the_time_of_blocks, 0, num_hows);
    tcase_add_loop_test(tc, equal_parts_take_the_time_of_a_ring, 0, most);
    tcase_add_loop_test(tc, what_is_wrong_is_named, 0,
                        sizeof(wrong) / sizeof(*wrong));
}

int main(void)
{
    return harness_main("parts", add);
}
