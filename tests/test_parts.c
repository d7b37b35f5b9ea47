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
};

START_TEST(what_is_wrong_is_named)
{
    sim_misuse((sim_config){ .nodes = 2 }, wrong[_i].fn, NULL, wrong[_i].text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, parts_go_where_they_belong, 0, 2 * num_each);
    tcase_add_loop_test(tc, equal_parts_take_the_time_of_a_ring, 0, most);
    tcase_add_loop_test(tc, what_is_wrong_is_named, 0,
                        sizeof(wrong) / sizeof(*wrong));
}

int main(void)
{
    return harness_main("parts", add);
}
