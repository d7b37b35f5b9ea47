/* Hunts: a test is tried with seed after seed by ds_test_main(), in a process
 * of its own, and what it says of that is read. */
#ifndef BENCH_PLANTED_HUNT_H
#define BENCH_PLANTED_HUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/explore.h>

#include "bench/common/failure.h"

typedef struct hunt {
    int status;      /* of ds_test_main() */
    uint64_t trials; /* how many seeds were tried */
    uint64_t failed; /* how many of them failed */
    uint64_t first;  /* the least that failed; 0: none */
    double seconds;  /* of processor time, of all processes */

    /* In all trials. */
    uint64_t messages;
    double simulated; /* seconds */

    /* Of the plan of a failure that was shrunk; 0: there was none. */
    uint64_t lines_before;
    uint64_t lines_after;
} hunt;

/* From the first seed to the last, or to one that fails, in so many processes
 * at a time. */
failure hunt_first(const ds_test *test, uint64_t first, uint64_t last,
                   size_t jobs, hunt *h);

/* All of them, likewise. */
failure hunt_all(const ds_test *test, uint64_t first, uint64_t last,
                 size_t jobs, hunt *h);

/* Makes what happens with a seed that fails as small as it gets. */
failure hunt_small(const ds_test *test, uint64_t seed, hunt *h);

#endif
