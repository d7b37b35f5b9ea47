/* How the runs of many seeds have ended, and telling it. */
#ifndef BENCH_MPIRUN_OUTCOMES_H
#define BENCH_MPIRUN_OUTCOMES_H

#include "bench/mpirun/seeds.h"

/* Seeds that end alike.  Invariant: those of an outcome have its key. */
typedef struct outcome {
    bool failed;
    bool finished;
    bool deadlock;
    int code; /* or a status of waitpid(), if it has not finished */
    uint64_t where;
    size_t n;
    size_t first;
    size_t digests;
    size_t orders;
    char *said; /* by the first one */
} outcome;

/* All outcomes, in the order of their first seeds. */
typedef struct outcomes {
    outcome *list;
    size_t n;
} outcomes;

/* The outcome that a seed alone is; and whether two are one. */
outcome outcome_of(const seeds_result *result);
bool outcome_is(const outcome *a, const outcome *b);

/* Gathers what came of all seeds; texts[i] is what seed i printed, at least if
 * it is the first that fails so, and stays the caller's. */
outcomes outcomes_of(const seeds_config *config, const seeds_result *results,
                     char *const *texts);
void outcomes_free(outcomes *all);

bool outcomes_failed(const outcomes *all); /* any of them */

/* Prints a table of them, and for people what failed. */
failure outcomes_show(const outcomes *all, const seeds_config *config);

#endif
