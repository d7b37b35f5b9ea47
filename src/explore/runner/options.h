/* What the command line of a program of tests says. */
#ifndef DS_EXPLORE_RUNNER_OPTIONS_H
#define DS_EXPLORE_RUNNER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explore/runner/trial.h"

#define DS__BAD_USAGE 2

/* Invariants: 1 <= first <= last; jobs >= 1. */
typedef struct ds__options {
    const char *program; /* the last part of its path */
    const char *path;    /* as it was called */
    const ds_test *const *tests;
    size_t num_tests;
    bool *chosen; /* of tests, by number; the options' own */
    size_t num_chosen;
    bool list;
    uint64_t first; /* seed */
    uint64_t last;
    bool one; /* --seed: all that it says is shown */
    const char *plan_file;
    ds_plan *plan;           /* what is in it; the options' own, or NULL */
    ds__operation *left_out; /* the options' own */
    size_t num_left_out;
    bool fifo; /* ties are in order */
    const char *history_file;
    const char *trace_file;
    size_t jobs;
    double recheck; /* percent of the trials */
    bool keep_going;
    bool no_shrink;
    bool chart;
    double budget; /* seconds; 0: no end */
    double hang;   /* seconds of real time that a trial may take */
    bool json;
} ds__options;

/* Reads a command line.  Returns 0, or the status to end with, after one line
 * on standard error that says what is wrong.  Answers --help and ends the
 * program.
 */
int ds__options_read(ds__options *o, int argc, char **argv,
                     const ds_test *const *tests, size_t n);
void ds__options_free(ds__options *o);

/* What is to be done with a seed, on fibers. */
ds__trial_order ds__options_order(const ds__options *o, uint64_t seed);

#endif
