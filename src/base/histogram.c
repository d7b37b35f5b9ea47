/* Histograms: a power of two has 128 places of equal width, so that a value is
 * known to within 1/256 of itself.
 *
 * Powers that have no values take no memory but for a pointer. */

#include <distsys/histogram.h>

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#define PLACES 128 /* of a power of two */

/* frexp() gives exponents from that of the least number, which is not
 * normalised, to that of the greatest. */
#define LEAST_POWER (DBL_MIN_EXP - DBL_MANT_DIG + 1)
#define NUM_POWERS  (DBL_MAX_EXP - LEAST_POWER + 1)

/* Invariant: count is zeros and all that the powers have. */
struct ds_histogram {
    uint64_t count;
    uint64_t zeros;
    double least;
    double most;
    double sum;
    double lost; /* of the sum, by rounding */
    uint64_t *powers[NUM_POWERS];
};

ds_histogram *ds_histogram_new(void)
{
    return calloc(1, sizeof(ds_histogram));
}

void ds_histogram_free(ds_histogram *all)
{
    for (size_t i = 0; all != NULL && i < NUM_POWERS; i++)
        free(all->powers[i]);
    free(all);
}

/* ---- Counting -------------------------------------------------------------*/

/* The power that a value is in, and its place there. */
static size_t power_of(double value, size_t *place)
{
    int exponent;
    double fraction = frexp(value, &exponent); /* from 0.5 to less than 1 */

    *place = (size_t)((fraction - 0.5) * (2 * PLACES));
    assert(*place < PLACES && exponent >= LEAST_POWER);
    return (size_t)(exponent - LEAST_POWER);
}

static bool make_power(ds_histogram *all, size_t power)
{
    if (all->powers[power] == NULL)
        all->powers[power] = calloc(PLACES, sizeof(uint64_t));
    return all->powers[power] != NULL;
}

/* Neumaier's sum: what is small is not lost beside what is large. */
static void add_to_sum(ds_histogram *all, double value)
{
    double sum = all->sum + value;

    if (fabs(all->sum) >= fabs(value))
        all->lost += all->sum - sum + value;
    else
        all->lost += value - sum + all->sum;
    all->sum = sum;
}

static void widen(ds_histogram *all, double least, double most)
{
    all->least = all->count == 0 ? least : fmin(all->least, least);
    all->most = all->count == 0 ? most : fmax(all->most, most);
}

bool ds_histogram_add(ds_histogram *all, double value)
{
    size_t power, place;

    if (!(value >= 0) || value == INFINITY)
        return false;
    if (value == 0) {
        all->zeros++;
    } else {
        power = power_of(value, &place);
        if (!make_power(all, power))
            return false;
        all->powers[power][place]++;
    }
    widen(all, value, value);
    add_to_sum(all, value);
    all->count++;
    return true;
}

bool ds_histogram_merge(ds_histogram *all, const ds_histogram *more)
{
    for (size_t i = 0; i < NUM_POWERS; i++)
        if (more->powers[i] != NULL && !make_power(all, i))
            return false;
    if (more->count == 0)
        return true;
    widen(all, more->least, more->most);
    for (size_t i = 0; i < NUM_POWERS; i++)
        for (size_t k = 0; more->powers[i] != NULL && k < PLACES; k++)
            all->powers[i][k] += more->powers[i][k];
    const double sum = more->sum, lost = more->lost;
    add_to_sum(all, sum);
    add_to_sum(all, lost);
    all->zeros += more->zeros;
    all->count += more->count;
    return true;
}

/* ---- What is known --------------------------------------------------------*/

uint64_t ds_histogram_count(const ds_histogram *all)
{
    return all->count;
}

double ds_histogram_least(const ds_histogram *all)
{
    return all->count == 0 ? NAN : all->least;
}

double ds_histogram_most(const ds_histogram *all)
{
    return all->count == 0 ? NAN : all->most;
}

double ds_histogram_mean(const ds_histogram *all)
{
    return all->count == 0 ? NAN : (all->sum + all->lost) / (double)all->count;
}

/* The middle of a place. */
static double value_of(size_t power, size_t place)
{
    return ldexp(0.5 + ((double)place + 0.5) / (2 * PLACES),
                 (int)power + LEAST_POWER);
}

/* The value of the rank-th in order, from 1. */
static double value_at(const ds_histogram *all, uint64_t rank)
{
    uint64_t before = all->zeros;

    if (rank <= before)
        return 0;
    for (size_t i = 0; i < NUM_POWERS; i++)
        for (size_t k = 0; all->powers[i] != NULL && k < PLACES; k++) {
            before += all->powers[i][k];
            if (rank <= before)
                return value_of(i, k);
        }
    assert(before == all->count);
    return all->most;
}

double ds_histogram_quantile(const ds_histogram *all, double part)
{
    if (all->count == 0 || !(part >= 0 && part <= 1))
        return NAN;
    /* The product of 0.07 and 100 is a little more than 7. */
    const double exact = part * (double)all->count * (1 - 2 * DBL_EPSILON);
    const uint64_t rank = (uint64_t)ceil(exact);
    if (rank <= 1)
        return all->least;
    if (rank >= all->count)
        return all->most;
    return fmin(fmax(value_at(all, rank), all->least), all->most);
}
