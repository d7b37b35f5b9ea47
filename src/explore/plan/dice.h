/* Random numbers of a generator of faults: a stream of its own, so that what a
 * run draws is the same with and without it.
 *
 * No logarithm is taken and no power, which are not the same to the last bit
 * everywhere: the same seed makes the same plan on every machine. */
#ifndef DS_EXPLORE_PLAN_DICE_H
#define DS_EXPLORE_PLAN_DICE_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/rng.h"

typedef struct ds__dice {
    uint64_t seed;
    uint64_t stream;
    uint64_t draws;
} ds__dice;

static inline uint64_t ds__dice_bits(ds__dice *dice)
{
    return ds__rng_bits(dice->seed, DS__RNG_GENERATOR, dice->stream,
                        dice->draws++);
}

/* Uniform in [0, 1). */
static inline double ds__dice_uniform(ds__dice *dice)
{
    return ds__rng_uniform(ds__dice_bits(dice));
}

static inline bool ds__dice_chance(ds__dice *dice, double probability)
{
    return ds__dice_uniform(dice) < probability;
}

/* Uniform below n > 0. */
static inline size_t ds__dice_below(ds__dice *dice, size_t n)
{
    assert(n > 0);
    return (size_t)ds__rng_below(ds__dice_bits(dice), n);
}

static inline double ds__dice_between(ds__dice *dice, double low, double high)
{
    return low + (high - low) * ds__dice_uniform(dice);
}

/* Which octave a number > 0 is in, and how far: a logarithm made of straight
 * lines. */
static inline double ds__octave(double x)
{
    int exponent;
    double mantissa = frexp(x, &exponent);

    return exponent + 2 * mantissa - 2;
}

/* Two to the power of i, in place: ldexp() takes as long as all the rest. */
static inline double ds__power_of_two(int i)
{
    const uint64_t bits = (uint64_t)(i + 1023) << 52;
    double power;

    assert(i > -1023 && i < 1024);
    memcpy(&power, &bits, sizeof(power));
    return power;
}

/* Between two numbers > 0, and as likely in one octave as in another. */
__attribute__((always_inline)) static inline double
ds__dice_spread(ds__dice *dice, double low, double high)
{
    double octave = ds__dice_between(dice, ds__octave(low), ds__octave(high));
    double whole = floor(octave);

    assert(low > 0 && low <= high);
    return (1 + (octave - whole)) * ds__power_of_two((int)whole);
}

#endif
