/* Hashing: how evenly keys are spread, that none moves without need, and what
 * is refused. */

#include "harness.h"

#include <math.h>
#include <string.h>

#include <distsys/hashing.h>

enum { KEYS = 8000 };

static const ds_hashing_kind *kind_of(int i)
{
    size_t n;
    const ds_hashing_kind *const *all = ds_hashing_all(&n);

    ck_assert_uint_eq(n, 3);
    return all[i];
}

/* Sites 1000, 1001, and so on. */
static ds_hashing *with_sites(const ds_hashing_kind *kind, size_t n)
{
    ds_hashing *hashing = ds_hashing_new(kind, 0);

    ck_assert_ptr_nonnull(hashing);
    for (size_t i = 0; i < n; i++)
        ck_assert(ds_hashing_add(hashing, 1000 + i, 1));
    ck_assert_uint_eq(ds_hashing_size(hashing), n);
    return hashing;
}

static uint64_t site_of(const ds_hashing *hashing, uint64_t key)
{
    uint64_t site;

    ck_assert_uint_eq(ds_hashing_sites(hashing, key, &site, 1), 1);
    return site;
}

/* ---- What moves -----------------------------------------------------------*/

/* A part of keys is what it should be, but for what chance does to that many.
 */
static void ck_part(double part, double wanted, double n)
{
    double sigma = sqrt(wanted * (1 - wanted) / n);

    ck_assert_double_le(fabs(part - wanted), 5 * sigma);
}

START_TEST(keys_move_to_a_new_site_only)
{
    ds_hashing *after = with_sites(kind_of(_i), 9);
    ds_hashing *before = ds_hashing_copy(after);

    ck_assert(ds_hashing_add(after, 7, 1));
    for (uint64_t key = 0; key < KEYS; key++)
        if (site_of(before, key) != site_of(after, key))
            ck_assert_uint_eq(site_of(after, key), 7);
    ck_assert_double_eq_tol(ds_hashing_must_move(before, after), 0.1, 1e-12);
    ck_assert_double_le(ds_hashing_moved(before, after, KEYS), 0.15);
    ck_assert_double_ge(ds_hashing_moved(before, after, KEYS), 0.05);
    ds_hashing_free(before);
    ds_hashing_free(after);
}
END_TEST

START_TEST(keys_move_from_a_site_that_goes_only)
{
    ds_hashing *before = with_sites(kind_of(_i), 9);
    ds_hashing *after = ds_hashing_copy(before);
    uint64_t gone = _i == 2 ? 1008 : 1003;

    ck_assert(ds_hashing_remove(after, gone));
    for (uint64_t key = 0; key < KEYS; key++)
        if (site_of(before, key) != site_of(after, key))
            ck_assert_uint_eq(site_of(before, key), gone);
    ds_hashing_free(before);
    ds_hashing_free(after);
}
END_TEST

START_TEST(where_a_key_is_does_not_depend_on_the_order_of_sites)
{
    ds_hashing *one = with_sites(kind_of(_i), 20);
    ds_hashing *other = ds_hashing_new(kind_of(_i), 0);

    for (uint64_t site = 1025; site-- > 1000;)
        ck_assert(ds_hashing_add(other, site, 1));
    for (uint64_t site = 1020; site < 1025; site++)
        ck_assert(ds_hashing_remove(other, site));
    for (uint64_t key = 0; key < KEYS; key++)
        ck_assert_uint_eq(site_of(one, key), site_of(other, key));
    ds_hashing_free(one);
    ds_hashing_free(other);
}
END_TEST

START_TEST(a_greater_weight_takes_from_others_only)
{
    ds_hashing *before = with_sites(kind_of(_i), 9);
    ds_hashing *after = ds_hashing_copy(before);

    ck_assert(ds_hashing_remove(after, 1004));
    ck_assert(ds_hashing_add(after, 1004, 3));
    for (uint64_t key = 0; key < KEYS; key++)
        if (site_of(before, key) != site_of(after, key))
            ck_assert_uint_eq(site_of(after, key), 1004);
    ds_hashing_free(before);
    ds_hashing_free(after);
}
END_TEST

/* ---- What each has --------------------------------------------------------*/

static const uint64_t counts[] = { 1, 2, 3, 10, 100 };

START_TEST(each_has_its_share_by_rendezvous_and_by_jumps)
{
    for (int kind = 1; kind < 3; kind++) {
        size_t n = (size_t)counts[_i];
        ds_hashing *hashing = with_sites(kind_of(kind), n);
        uint64_t count[100] = { 0 };
        for (uint64_t key = 0; key < KEYS; key++)
            count[site_of(hashing, key) - 1000]++;
        for (size_t i = 0; i < n; i++)
            ck_part((double)count[i] / KEYS, 1 / (double)n, KEYS);
        ds_hashing_free(hashing);
    }
}
END_TEST

START_TEST(each_has_its_share_by_weight)
{
    static const double weights[] = { 0.5, 1, 4, 1, 16, 0.001 };
    ds_hashing *hashing = ds_hashing_new(&ds_hashing_rendezvous, 0);
    uint64_t count[6] = { 0 };

    for (size_t i = 0; i < 6; i++)
        ck_assert(ds_hashing_add(hashing, i, weights[i]));
    for (uint64_t key = 0; key < KEYS; key++)
        count[site_of(hashing, key)]++;
    for (size_t i = 0; i < 6; i++)
        ck_part((double)count[i] / KEYS, weights[i] / 22.501, KEYS);
    ds_hashing_free(hashing);
}
END_TEST

/* v points a site: the multiples differ from 1 by about 1 / sqrt(v), and since
 * keys are counted, by chance. */
static const size_t points[] = { 1, 10, 100, 500 };

START_TEST(more_points_make_a_ring_more_even)
{
    ds_hashing *hashing = ds_hashing_new(&ds_hashing_ring, points[_i]);
    ds_hashing_balance balance;

    for (uint64_t i = 0; i < 100; i++)
        ck_assert(ds_hashing_add(hashing, i, 1));
    ck_assert(ds_hashing_measure(hashing, 5 * KEYS, &balance));
    double wanted = sqrt(1 / (double)points[_i] + 100 / (5.0 * KEYS));
    ck_assert_double_ge(balance.deviation, 0.8 * wanted);
    ck_assert_double_le(balance.deviation, 1.3 * wanted);
    ck_assert_double_ge(balance.most, 1);
    ck_assert_double_le(balance.least, 1);
    ds_hashing_free(hashing);
}
END_TEST

START_TEST(weights_count_on_a_ring)
{
    ds_hashing *hashing = ds_hashing_new(&ds_hashing_ring, 1000);
    ds_hashing_balance balance;

    for (uint64_t i = 0; i < 10; i++)
        ck_assert(ds_hashing_add(hashing, i, 1 + (double)(i % 3)));
    ck_assert(ds_hashing_measure(hashing, KEYS, &balance));
    ck_assert_double_le(balance.most, 1.15);
    ck_assert_double_ge(balance.least, 0.85);
    ds_hashing_free(hashing);
}
END_TEST

/* ---- Several sites --------------------------------------------------------*/

START_TEST(the_sites_of_a_key_are_different_and_begin_with_its_own)
{
    ds_hashing *hashing = with_sites(kind_of(_i), 7);
    uint64_t sites[9], fewer[3];

    for (uint64_t key = 0; key < 1000; key++) {
        ck_assert_uint_eq(ds_hashing_sites(hashing, key, sites, 9), 7);
        ck_assert_uint_eq(ds_hashing_sites(hashing, key, fewer, 3), 3);
        for (size_t i = 0; i < 7; i++)
            for (size_t k = 0; k < i; k++)
                ck_assert_uint_ne(sites[i], sites[k]);
        ck_assert_int_eq(memcmp(sites, fewer, sizeof(fewer)), 0);
        ck_assert_uint_eq(site_of(hashing, key), sites[0]);
    }
    ds_hashing_free(hashing);
}
END_TEST

/* Whoever has replicas at the next sites has the key when the first one goes.
 */
START_TEST(the_next_site_takes_over)
{
    ds_hashing *before = with_sites(kind_of(_i), 7);
    uint64_t sites[2];

    for (uint64_t key = 0; key < 200; key++) {
        ds_hashing *after = ds_hashing_copy(before);
        ds_hashing_sites(before, key, sites, 2);
        ck_assert(ds_hashing_remove(after, sites[0]));
        ck_assert_uint_eq(site_of(after, key), sites[1]);
        ds_hashing_free(after);
    }
    ds_hashing_free(before);
}
END_TEST

START_TEST(without_sites_a_key_has_none)
{
    ds_hashing *hashing = with_sites(kind_of(_i), 1);
    ds_hashing_balance balance;
    uint64_t site;

    ck_assert(ds_hashing_remove(hashing, 1000));
    ck_assert_uint_eq(ds_hashing_sites(hashing, 5, &site, 1), 0);
    ck_assert(!ds_hashing_measure(hashing, 5, &balance));
    ck_assert(!ds_hashing_place(hashing, 5, 0.1, &site));
    ck_assert_str_eq(ds_hashing_error(hashing), "there is no site");
    ds_hashing_free(hashing);
}
END_TEST

/* ---- Bounded loads --------------------------------------------------------*/

static const double slacks[] = { 0.01, 0.1, 0.25, 1, 10 };

START_TEST(no_site_has_more_than_its_share_and_the_slack)
{
    ds_hashing *hashing = with_sites(kind_of(_i % 3), 37);
    double slack = slacks[_i / 3];
    uint64_t site;

    for (size_t m = 1; m <= 5000; m++) {
        ck_assert(ds_hashing_place(hashing, m, slack, &site));
        ck_assert_double_le((double)ds_hashing_load(hashing, site),
                            ceil((1 + slack) * (double)m / 37));
    }
    ds_hashing_free(hashing);
}
END_TEST

/* The only guest of two sites may stay where it is; a second one with the same
 * key has to go to the next. */
START_TEST(who_does_not_fit_goes_to_the_next_site)
{
    ds_hashing *hashing = with_sites(kind_of(_i), 5);
    uint64_t sites[2], site;

    for (uint64_t key = 0; key < 100; key++) {
        ds_hashing_sites(hashing, key, sites, 2);
        ck_assert(ds_hashing_place(hashing, key, 0.1, &site));
        ck_assert_uint_eq(site, sites[0]);
        ck_assert(ds_hashing_place(hashing, key, 0.1, &site));
        ck_assert_uint_eq(site, sites[1]);
        ck_assert(ds_hashing_leave(hashing, sites[0]));
        ck_assert(ds_hashing_leave(hashing, sites[1]));
        ck_assert(!ds_hashing_leave(hashing, sites[1]));
    }
    ck_assert_str_eq(ds_hashing_error(hashing),
                     "nothing has been placed at the site");
    ds_hashing_free(hashing);
}
END_TEST

START_TEST(what_a_site_had_goes_with_it)
{
    ds_hashing *hashing = with_sites(&ds_hashing_ring, 2);
    uint64_t site;

    for (uint64_t key = 0; key < 100; key++)
        ck_assert(ds_hashing_place(hashing, key, 0.1, &site));
    ck_assert(ds_hashing_remove(hashing, 1000));
    ck_assert_uint_eq(ds_hashing_load(hashing, 1000), 0);
    size_t before = ds_hashing_load(hashing, 1001);
    ck_assert(ds_hashing_place(hashing, 5, 0.1, &site));
    ck_assert_uint_eq(ds_hashing_load(hashing, 1001), before + 1);
    ds_hashing_free(hashing);
}
END_TEST

/* ---- What is refused ------------------------------------------------------*/

static const struct {
    const ds_hashing_kind *kind;
    uint64_t site;
    double weight; /* 0: it goes instead */
    const char *why;
} refused[] = {
    { &ds_hashing_ring, 1000, 1, "the site is there already" },
    { &ds_hashing_ring, 7, -1, "a weight is more than 0, and finite" },
    { &ds_hashing_rendezvous, 7, NAN, "a weight is more than 0, and finite" },
    { &ds_hashing_rendezvous, 7, INFINITY,
      "a weight is more than 0, and finite" },
    { &ds_hashing_jump, 7, 2, "jump hashing knows no weights but 1" },
    { &ds_hashing_ring, 7, 0, "there is no such site" },
    { &ds_hashing_jump, 1000, 0,
      "of jump hashing only the site that came last can go" },
};

START_TEST(what_cannot_be_is_refused_with_a_reason)
{
    ds_hashing *hashing = with_sites(refused[_i].kind, 3);
    double weight = refused[_i].weight;

    if (weight == 0)
        ck_assert(!ds_hashing_remove(hashing, refused[_i].site));
    else
        ck_assert(!ds_hashing_add(hashing, refused[_i].site, weight));
    ck_assert_str_eq(ds_hashing_error(hashing), refused[_i].why);
    ck_assert_uint_eq(ds_hashing_size(hashing), 3);
    ds_hashing_free(hashing);
}
END_TEST

START_TEST(a_slack_of_nothing_is_refused)
{
    ds_hashing *hashing = with_sites(&ds_hashing_ring, 3);
    uint64_t site;

    ck_assert(!ds_hashing_place(hashing, 5, 0, &site));
    ck_assert_str_eq(ds_hashing_error(hashing), "a slack is more than 0");
    ds_hashing_free(hashing);
}
END_TEST

/* ---- Keys of bytes --------------------------------------------------------*/

START_TEST(each_byte_of_a_key_counts)
{
    char text[20] = "abcdefghijklmnopqrs";
    uint64_t seen[40];
    size_t n = 0;

    for (size_t size = 0; size < sizeof(text); size++)
        seen[n++] = ds_hash_bytes(text, size);
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] ^= 1;
        seen[n++] = ds_hash_bytes(text, sizeof(text));
        text[i] ^= 1;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_ne(seen[i], seen[k]);
}
END_TEST

/* On every machine, so that a placement can be kept. */
START_TEST(a_key_is_the_same_everywhere)
{
    ck_assert_uint_eq(ds_hash_bytes("dist-sys", 8), 3399100799530790617);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, keys_move_to_a_new_site_only, 0, 3);
    tcase_add_loop_test(tc, keys_move_from_a_site_that_goes_only, 0, 3);
    tcase_add_loop_test(
        tc, where_a_key_is_does_not_depend_on_the_order_of_sites, 0, 2);
    tcase_add_loop_test(tc, a_greater_weight_takes_from_others_only, 0, 2);
    tcase_add_loop_test(tc, each_has_its_share_by_rendezvous_and_by_jumps, 0,
                        5);
    tcase_add_test(tc, each_has_its_share_by_weight);
    tcase_add_loop_test(tc, more_points_make_a_ring_more_even, 0, 4);
    tcase_add_test(tc, weights_count_on_a_ring);
    tcase_add_loop_test(
        tc, the_sites_of_a_key_are_different_and_begin_with_its_own, 0, 3);
    tcase_add_loop_test(tc, the_next_site_takes_over, 0, 2);
    tcase_add_loop_test(tc, without_sites_a_key_has_none, 0, 3);
    tcase_add_loop_test(tc, no_site_has_more_than_its_share_and_the_slack, 0,
                        15);
    tcase_add_loop_test(tc, who_does_not_fit_goes_to_the_next_site, 0, 3);
    tcase_add_test(tc, what_a_site_had_goes_with_it);
    tcase_add_loop_test(tc, what_cannot_be_is_refused_with_a_reason, 0,
                        sizeof(refused) / sizeof(*refused));
    tcase_add_test(tc, a_slack_of_nothing_is_refused);
    tcase_add_test(tc, each_byte_of_a_key_counts);
    tcase_add_test(tc, a_key_is_the_same_everywhere);
}

int main(void)
{
    return harness_main("hashing", add);
}
