/* What has come of a sweep, for people. */
#ifndef BENCH_SWEEP_REPORT_H
#define BENCH_SWEEP_REPORT_H

#include "bench/sweep/grid.h"
#include "bench/sweep/tally.h"

/* Prints how many points went well, and the kinds of failures with a command
 * that repeats the first and the quickest of each; folder: where there may be
 * traces of them, or NULL. */
failure report_print(const tally *t, const grid *g, const char *folder);

#endif
