/* The random numbers: uniform, and independent of each other in every
 * argument.  The bounds are chosen so wide that a fair source fails one test
 * in a million, and the source is fixed, so they never flicker. */

#include "harness.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

enum { draws = 100000, buckets = 64 };

/* Draws in which exactly one argument counts up. */
static uint64_t by_seed(uint64_t i)
{
    return ds__rng_bits(i, DS__RNG_TIE, 5, 7);
}

static uint64_t by_who(uint64_t i)
{
    return ds__rng_bits(1, DS__RNG_THREAD, i, 0);
}

static uint64_t by_count(uint64_t i)
{
    return ds__rng_bits(1, DS__RNG_STREAM, 0, i);
}

static uint64_t by_kind(uint64_t i)
{
    return ds__rng_bits(i / 4, (enum ds__rng_kind)(1 + i % 4), 3, 3);
}

static uint64_t by_far_apart(uint64_t i)
{
    return ds__rng_bits(i << 40, DS__RNG_NET, i << 32, i << 50);
}

static uint64_t (*const sources[])(uint64_t) = { by_seed, by_who, by_count,
                                                 by_kind };
enum { num_sources = sizeof(sources) / sizeof(*sources) };

/* Chi-square with 63 degrees of freedom: mean 63, standard deviation 11.2. */
static void ck_even(const unsigned *count, double expected, int n)
{
    double chi2 = 0;
    for (int i = 0; i < n; i++)
        chi2 += (count[i] - expected) * (count[i] - expected) / expected;
    ck_assert_double_lt(chi2, n - 1 + 6 * sqrt(2.0 * n));
    ck_assert_double_gt(chi2, n - 1 - 6 * sqrt(2.0 * n));
}

START_TEST(uniform_numbers_are_at_least_0_and_less_than_1)
{
    ck_assert(ds__rng_uniform(0) == 0.0);
    ck_assert(ds__rng_uniform(UINT64_MAX) < 1.0);
    ck_assert(ds__rng_uniform(UINT64_MAX) > 1.0 - 0x1p-52);
}
END_TEST

START_TEST(uniform_numbers_fill_their_range_evenly)
{
    unsigned count[buckets] = { 0 };

    for (uint64_t i = 0; i < draws; i++)
        count[(int)(ds__rng_uniform(sources[_i](i)) * buckets)]++;
    ck_even(count, (double)draws / buckets, buckets);
}
END_TEST

START_TEST(low_bits_are_even_too)
{
    unsigned count[buckets] = { 0 };

    for (uint64_t i = 0; i < draws; i++)
        count[sources[_i](i) % buckets]++;
    ck_even(count, (double)draws / buckets, buckets);
}
END_TEST

START_TEST(a_number_says_nothing_about_the_next)
{
    unsigned count[buckets] = { 0 };

    for (uint64_t i = 0; i < draws; i++) {
        const uint64_t here = sources[_i](i) >> 61;
        const uint64_t next = sources[_i](i + 1) >> 61;
        count[here * 8 + next]++;
    }
    ck_even(count, (double)draws / buckets, buckets);
}
END_TEST

START_TEST(each_bit_of_an_argument_changes_half_of_the_result)
{
    double flipped = 0;
    const int n = 1000;

    for (int i = 0; i < n; i++) {
        const uint64_t who = (uint64_t)i;
        const uint64_t other = who ^ UINT64_C(1) << _i;
        flipped += __builtin_popcountll(ds__rng_bits(1, DS__RNG_TIE, who, 0) ^
                                        ds__rng_bits(1, DS__RNG_TIE, other, 0));
    }
    ck_assert_double_gt(flipped / n, 31);
    ck_assert_double_lt(flipped / n, 33);
}
END_TEST

static int compare_words(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

START_TEST(small_arguments_never_collide)
{
    enum { kinds = 4, side = 20, n = side * kinds * side * side };
    static uint64_t all[n];
    int at = 0;

    for (uint64_t seed = 0; seed < side; seed++)
        for (int kind = 1; kind <= kinds; kind++)
            for (uint64_t who = 0; who < side; who++)
                for (uint64_t count = 0; count < side; count++)
                    all[at++] =
                        ds__rng_bits(seed, (enum ds__rng_kind)kind, who, count);
    qsort(all, n, sizeof(*all), compare_words);
    for (int i = 1; i < n; i++)
        if (all[i] == all[i - 1])
            ck_abort_msg("collision");
}
END_TEST

START_TEST(large_arguments_count_in_every_bit)
{
    for (uint64_t i = 0; i < 256; i++)
        for (uint64_t j = 0; j < i; j++)
            if (by_far_apart(i) == by_far_apart(j))
                ck_abort_msg("%d and %d collide", (int)i, (int)j);
}
END_TEST

START_TEST(the_same_arguments_give_the_same_number)
{
    for (uint64_t i = 0; i < 100; i++)
        ck_assert(by_count(i) == by_count(i));
}
END_TEST

START_TEST(below_is_the_upper_half_of_the_product)
{
    __extension__ typedef unsigned __int128 wide;

    for (uint64_t i = 0; i < 10000; i++) {
        const uint64_t bits = by_count(2 * i);
        const uint64_t n = (by_count(2 * i + 1) >> i % 64) + 1;
        const uint64_t want = (uint64_t)((wide)bits * n >> 64);
        if (n != 0 && ds__rng_below(bits, n) != want)
            ck_abort_msg("draw %d", (int)i);
    }
}
END_TEST

START_TEST(below_stays_below)
{
    static const uint64_t ends[] = {
        1, 2, 3, UINT32_MAX, UINT64_MAX, UINT64_C(1) << 63
    };

    ck_assert(ds__rng_below(UINT64_MAX, ends[_i]) == ends[_i] - 1);
    ck_assert(ds__rng_below(0, ends[_i]) == 0);
}
END_TEST

START_TEST(below_is_even)
{
    unsigned count[buckets] = { 0 };
    const int n = 3 + _i;

    for (uint64_t i = 0; i < draws; i++)
        count[ds__rng_below(by_who(i), (uint64_t)n)]++;
    ck_even(count, (double)draws / n, n);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, uniform_numbers_are_at_least_0_and_less_than_1);
    tcase_add_loop_test(tc, uniform_numbers_fill_their_range_evenly, 0,
                        num_sources);
    tcase_add_loop_test(tc, low_bits_are_even_too, 0, num_sources);
    tcase_add_loop_test(tc, a_number_says_nothing_about_the_next, 0,
                        num_sources);
    tcase_add_loop_test(tc, each_bit_of_an_argument_changes_half_of_the_result,
                        0, 64);
    tcase_add_test(tc, small_arguments_never_collide);
    tcase_add_test(tc, large_arguments_count_in_every_bit);
    tcase_add_test(tc, the_same_arguments_give_the_same_number);
    tcase_add_test(tc, below_is_the_upper_half_of_the_product);
    tcase_add_loop_test(tc, below_stays_below, 0, 6);
    tcase_add_loop_test(tc, below_is_even, 0, 20);
}

int main(void)
{
    return harness_main("rng", add);
}
