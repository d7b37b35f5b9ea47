/* Histograms: what is known of many values, against all of them in order. */

#include "harness.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <distsys/histogram.h>

#include "base/rng.h"

enum { MANY = 20000 };

static double values[MANY];

static int in_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of sizes that differ by so many decades. */
static ds_histogram *draw(size_t n, double decades)
{
    ds_histogram *all = ds_histogram_new();

    for (size_t i = 0; i < n; i++) {
        double u = ds__rng_uniform(ds__mix(i + 77 * n));
        values[i] = pow(10, decades * (u - 0.5));
        ck_assert(ds_histogram_add(all, values[i]));
    }
    qsort(values, n, sizeof(values[0]), in_order);
    return all;
}

/* The nearest rank, by its definition. */
static double quantile(size_t n, size_t hundredths)
{
    const size_t rank = (hundredths * n + 99) / 100;

    return values[rank == 0 ? 0 : rank - 1];
}

static const size_t counts[] = { 1, 2, 3, 7, 100, 101, MANY };
static const double decades[] = { 0.1, 3, 12, 600 };

START_TEST(quantiles_are_right_to_within_a_256th)
{
    const size_t n = counts[_i % 7];
    ds_histogram *all = draw(n, decades[_i / 7]);

    ck_assert_uint_eq(ds_histogram_count(all), n);
    for (size_t p = 0; p <= 100; p++) {
        const double want = quantile(n, p);
        const double have = ds_histogram_quantile(all, (double)p / 100);
        ck_assert_msg(fabs(have - want) <= want / 256, "%zu of %zu: %g for %g",
                      p, n, have, want);
    }
    ds_histogram_free(all);
}
END_TEST

START_TEST(the_ends_are_exact)
{
    ds_histogram *all = draw(MANY, 6);

    ck_assert(ds_histogram_least(all) == values[0]);
    ck_assert(ds_histogram_quantile(all, 0) == values[0]);
    ck_assert(ds_histogram_most(all) == values[MANY - 1]);
    ck_assert(ds_histogram_quantile(all, 1) == values[MANY - 1]);
    ds_histogram_free(all);
}
END_TEST

START_TEST(the_mean_does_not_lose_what_is_small)
{
    ds_histogram *all = ds_histogram_new();

    ck_assert(ds_histogram_add(all, 1e16));
    for (int i = 0; i < 1000; i++)
        ck_assert(ds_histogram_add(all, 1));
    ck_assert(ds_histogram_mean(all) == (1e16 + 1000) / 1001);
    ds_histogram_free(all);
}
END_TEST

START_TEST(zeros_and_the_least_and_the_greatest_double_are_values)
{
    ds_histogram *all = ds_histogram_new();

    ck_assert(ds_histogram_add(all, DBL_MAX));
    ck_assert(ds_histogram_add(all, 0));
    ck_assert(ds_histogram_add(all, 4.9406564584124654e-324));
    ck_assert(ds_histogram_quantile(all, 0.33) == 0);
    ck_assert(ds_histogram_quantile(all, 0.5) == 4.9406564584124654e-324);
    ck_assert(ds_histogram_quantile(all, 0.99) == DBL_MAX);
    ds_histogram_free(all);
}
END_TEST

static const double no_values[] = { -1, -1e-300, INFINITY, NAN };

START_TEST(what_is_no_value_changes_nothing)
{
    ds_histogram *all = ds_histogram_new();

    ck_assert(!ds_histogram_add(all, no_values[_i]));
    ck_assert_uint_eq(ds_histogram_count(all), 0);
    ds_histogram_free(all);
}
END_TEST

START_TEST(nothing_is_known_of_no_values)
{
    ds_histogram *all = ds_histogram_new(), *none = ds_histogram_new();

    ck_assert(ds_histogram_merge(all, none));
    ck_assert(isnan(ds_histogram_least(all)) && isnan(ds_histogram_most(all)));
    ck_assert(isnan(ds_histogram_mean(all)));
    ck_assert(isnan(ds_histogram_quantile(all, 0.5)));
    ck_assert(ds_histogram_add(all, 3));
    ck_assert(isnan(ds_histogram_quantile(all, -0.1)));
    ck_assert(isnan(ds_histogram_quantile(all, 1.1)));
    ck_assert(isnan(ds_histogram_quantile(all, NAN)));
    ds_histogram_free(all);
    ds_histogram_free(none);
    ds_histogram_free(NULL);
}
END_TEST

START_TEST(merged_ones_are_as_one_that_has_seen_all)
{
    ds_histogram *parts[3], *all = ds_histogram_new(), *sum;

    for (int i = 0; i < 3; i++)
        parts[i] = ds_histogram_new();
    for (size_t i = 0; i < MANY; i++) {
        double value = pow(10, 5 * ds__rng_uniform(ds__mix(i))) - 1;
        ck_assert(ds_histogram_add(parts[i % 3], value));
        ck_assert(ds_histogram_add(all, value));
    }
    sum = ds_histogram_new();
    for (int i = 0; i < 3; i++)
        ck_assert(ds_histogram_merge(sum, parts[i]));
    ck_assert_uint_eq(ds_histogram_count(sum), MANY);
    ck_assert(ds_histogram_least(sum) == ds_histogram_least(all));
    ck_assert(ds_histogram_most(sum) == ds_histogram_most(all));
    ck_assert_double_eq_tol(ds_histogram_mean(sum), ds_histogram_mean(all),
                            1e-9);
    for (int p = 0; p <= 1000; p++)
        ck_assert(ds_histogram_quantile(sum, p / 1000.0) ==
                  ds_histogram_quantile(all, p / 1000.0));
    for (int i = 0; i < 3; i++)
        ds_histogram_free(parts[i]);
    ds_histogram_free(all);
    ds_histogram_free(sum);
}
END_TEST

START_TEST(one_can_be_merged_with_itself)
{
    ds_histogram *all = draw(101, 3);
    const double median = ds_histogram_quantile(all, 0.5);

    ck_assert(ds_histogram_merge(all, all));
    ck_assert_uint_eq(ds_histogram_count(all), 202);
    ck_assert(ds_histogram_quantile(all, 0.5) == median);
    ds_histogram_free(all);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, quantiles_are_right_to_within_a_256th, 0, 28);
    tcase_add_test(tc, the_ends_are_exact);
    tcase_add_test(tc, the_mean_does_not_lose_what_is_small);
    tcase_add_test(tc, zeros_and_the_least_and_the_greatest_double_are_values);
    tcase_add_loop_test(tc, what_is_no_value_changes_nothing, 0, 4);
    tcase_add_test(tc, nothing_is_known_of_no_values);
    tcase_add_test(tc, merged_ones_are_as_one_that_has_seen_all);
    tcase_add_test(tc, one_can_be_merged_with_itself);
}

int main(void)
{
    return harness_main("histogram", add);
}
