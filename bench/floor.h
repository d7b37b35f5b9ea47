/* The floor: what threads cost with nothing on top of them, measured in the
 * same run as the simulator so that the noise of a machine divides out. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

#include "bench/common/failure.h"

/* Nanoseconds for one handoff between n >= 2 threads on one processor, each
 * with a mutex and a condition variable of its own, in pseudo-random order,
 * signalled after the unlock.  A failure if there are no such threads. */
failure floor_handoff(size_t n, uint64_t handoffs, double *ns);

/* Nanoseconds for pthread_create() and the new thread's first wait, n in a row
 * on one processor, with stacks of that size. */
failure floor_create(size_t n, size_t stack_size, double *ns);

#endif
