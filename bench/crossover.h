/* Where the best algorithm changes: ranges of sizes in which one is the fastest
 * and the MPI libraries would choose the same, found by bisection between the
 * sizes that were asked for and the powers of two that lie among them. */
#ifndef BENCH_CROSSOVER_H
#define BENCH_CROSSOVER_H

#include "bench/contest.h"
#include "bench/report.h"

/* Prints the ranges for every network of a contest whose sizes ascend, under a
 * heading if there is to be one.  Of algorithms that tie, the first wins. */
void crossover_print(const struct contest *contest, enum report_format format,
                     bool heading);

#endif
