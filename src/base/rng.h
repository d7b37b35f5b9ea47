/* Random numbers without a state: a hash of who asks and how often it has.
 *
 * Whoever draws keeps a count of its own draws, so one more draw here shifts
 * nothing there.  The mixing function is the finalizer of SplitMix64 (Steele,
 * Lea, Flood, OOPSLA 2014), a bijection of 64-bit words. */
#ifndef DS_BASE_RNG_H
#define DS_BASE_RNG_H

#include <stdint.h>

/* Who asks: the kind goes into the hash beside the number of its kind. */
enum ds__rng_kind {
    DS__RNG_TIE = 1, /* the order of simultaneous events */
    DS__RNG_THREAD,
    DS__RNG_STREAM, /* which of several waiters receives */
    DS__RNG_NET,
    DS__RNG_FAULT, /* what happens to a message */
    DS__RNG_DISK,
    DS__RNG_LIFE,      /* a thread of a machine */
    DS__RNG_TRIAL,     /* ds_trial_random() */
    DS__RNG_CLIENT,    /* a thread after ds_next() */
    DS__RNG_DUE,       /* when its next operation is */
    DS__RNG_RECHECK,   /* which trials are run twice */
    DS__RNG_GENERATOR, /* what goes wrong */
    DS__RNG_WAY,       /* of several for a message */
    DS__NUM_RNG_KINDS,
};

static inline uint64_t ds__mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#define DS__RNG_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* What all draws of one kind with one seed have in common. */
static inline uint64_t ds__rng_key(uint64_t seed, enum ds__rng_kind kind)
{
    return ds__mix(seed + DS__RNG_GOLDEN * (uint64_t)kind);
}

/* ... and all those of one who asks. */
static inline uint64_t ds__rng_half(uint64_t key, uint64_t who)
{
    return ds__mix(key + DS__RNG_GOLDEN * who);
}

static inline uint64_t ds__rng_whole(uint64_t half, uint64_t count)
{
    return ds__mix(half + DS__RNG_GOLDEN * (count + 1));
}

static inline uint64_t ds__rng_keyed(uint64_t key, uint64_t who, uint64_t count)
{
    return ds__rng_whole(ds__rng_half(key, who), count);
}

static inline uint64_t ds__rng_bits(uint64_t seed, enum ds__rng_kind kind,
                                    uint64_t who, uint64_t count)
{
    return ds__rng_keyed(ds__rng_key(seed, kind), who, count);
}

/* Uniform in [0, 1): the 53 upper bits. */
static inline double ds__rng_uniform(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

/* Uniform in [0, n), n > 0: the upper half of a product of 128 bits, without
 * __int128, which ISO C does not have. */
static inline uint64_t ds__rng_below(uint64_t bits, uint64_t n)
{
    uint64_t low = (bits & UINT32_MAX) * (n & UINT32_MAX);
    uint64_t mid1 = (bits >> 32) * (n & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (bits & UINT32_MAX) * (n >> 32) + (mid1 & UINT32_MAX);

    return (bits >> 32) * (n >> 32) + (mid1 >> 32) + (mid2 >> 32);
}

#endif
