/* Where the best allreduce changes: ranges of sizes in which one algorithm is
 * the fastest and the MPI libraries would choose the same, found by bisection
 * between the sizes that were asked for. */
#ifndef BENCH_CROSSOVER_H
#define BENCH_CROSSOVER_H

#include "bench/report.h"
#include "bench/setting.h"

/* How many seconds an algorithm takes in a setting. */
typedef double crossover_time_fn(const ds_allreduce *algorithm,
                                 const struct setting *setting);

struct crossover {
    const ds_allreduce *algorithms; /* that compete; of one that ties, the
                                     * first wins */
    size_t num_algorithms;
    const double *sizes; /* ascending */
    size_t num_sizes;
    crossover_time_fn *time;
};

/* Prints a heading, and then the ranges of one setting after another. */
void crossover_begin(enum report_format format);
void crossover_print(const struct crossover *c, const struct setting *setting,
                     enum report_format format);

#endif
