/* One run of a program, from its network to what is said of the end. */
#ifndef BENCH_MPIRUN_SIMULATE_H
#define BENCH_MPIRUN_SIMULATE_H

#include "bench/mpirun/options.h"
#include "bench/mpirun/seeds.h"

/* Runs the program of that file, which is loaded.  Returns the exit status. */
int simulate(const options *o, const fabric *f, const char *file,
             seeds_result *came);

#endif
