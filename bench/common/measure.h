/* What programs that measure real time have in common. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/common/failure.h"

double measure_clock(void); /* real time in nanoseconds, from some beginning */

/* Rounds what a clock or a counter of memory said to what it is worth: two
 * decimals below 10, and none above. */
double measure_rounded(double x);

/* Splitmix64, so that what is drawn depends on nothing but where it began. */
static inline uint64_t measure_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return ds__mix(*state);
}

/* How often each thing is measured, the best of which is shown. */
extern const args_range measure_repeat_range;

/* Runs fn(arg, result) in a process of its own, so that what it leaves in
 * memory is its own too, and brings back the size bytes of its result and the
 * most memory that was resident, in bytes. */
typedef failure measure_fn(void *arg, void *result);
failure measure_apart(measure_fn *fn, void *arg, void *result, size_t size,
                      double *peak);

#endif
