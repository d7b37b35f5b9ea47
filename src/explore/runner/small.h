/* A failure that has been made small: what reports and benchmarks tell of it.
 */
#ifndef DS_EXPLORE_RUNNER_SMALL_H
#define DS_EXPLORE_RUNNER_SMALL_H

#include "explore/runner/trial.h"

/* How far to go; 0 asks for what is usual. */
typedef struct ds__small_config {
    uint64_t most_events; /* of all runs together, 6 million */
    double most_seconds;  /* of real time, 30 */
    double hang;          /* likewise, for one trial, 60 */
} ds__small_config;

/* What there is of it if failed is set.  Invariants: left_out includes what the
 * order left out already. */
typedef struct ds__small {
    bool failed;       /* it failed again, in a process of its own */
    ds__result result; /* of the small one, with its reasons */
    ds_plan *plan;
    ds_plan *before; /* the plan that happened, also if it did not fail; NULL:
                      * the test exposes nothing, and plan is empty */
    ds_ties ties;
    ds__operation *left_out;
    size_t num_left_out;
    size_t operations;        /* that are left */
    size_t operations_before; /* that happened */
    size_t runs;
    double seconds; /* of real time, all in all */
    size_t fails;   /* in how many of so many fresh draws it fails: */
    size_t draws;
    bool whole;    /* false: there was more to try, */
    bool late;     /* ... since real time ran out; */
    char why[120]; /* ... or since this happened */
} ds__small;

/* Makes the failure of an order small, if its test exposes anything or has
 * operations.  The test is whole.  The same order leads to the same end, unless
 * late is set.  False: it could not be tried, as why says. */
bool ds__small_make(ds__small *small, const ds_test *test,
                    const ds__trial_order *order,
                    const ds__small_config *config);
void ds__small_free(ds__small *small);

/* The order that repeats it, which points into small. */
ds__trial_order ds__small_order(const ds__small *small,
                                const ds__trial_order *order);

#endif
