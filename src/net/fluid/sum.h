/* A sum that is added to and subtracted from for as long as a run lasts, and
 * does not drift: the rounding error of each addition, which can be worked out
 * exactly, is carried in a second word. */
#ifndef DS_NET_FLUID_SUM_H
#define DS_NET_FLUID_SUM_H

typedef struct ds__sum {
    double sum;
    double carry;
} ds__sum;

/* Returns the exact error of sum = a + b (Knuth, TAOCP 4.2.2, theorem B). */
static inline double ds__error_of_sum(double sum, double a, double b)
{
    double rounded = sum - a;

    return (a - (sum - rounded)) + (b - rounded);
}

/* Adds x, of which error is known to be missing. */
static inline void ds__sum_add(ds__sum *to, double x, double error)
{
    double sum = to->sum + x;

    to->carry += ds__error_of_sum(sum, to->sum, x) + error;
    to->sum = sum;
}

/* Adds x, which must not be greater than the sum, nor -x: half the work then
 * (Dekker 1971). */
static inline void ds__sum_add_less(ds__sum *to, double x)
{
    double sum = to->sum + x;

    to->carry += x - (sum - to->sum);
    to->sum = sum;
}

static inline double ds__sum_value(ds__sum sum)
{
    return sum.sum + sum.carry;
}

#endif
