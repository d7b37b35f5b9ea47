/* Where the best algorithm changes: ranges of sizes in which one is the fastest
 * and the MPI libraries would choose the same, found by bisection between the
 * sizes that were asked for and the powers of two that lie among them. */
#ifndef BENCH_CROSSOVER_H
#define BENCH_CROSSOVER_H

#include "bench/common/contest.h"
#include "bench/common/rows.h"

/* Prints the ranges for every network of a contest whose sizes ascend, under a
 * heading if there is to be one.  Of algorithms that tie, the first wins. */
failure crossover_print(contest *c, rows_format format, bool heading);

#endif
