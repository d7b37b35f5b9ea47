/* --seeds: the same program with one seed after the other, each in a process of
 * its own, as many at a time as there are processors. */
#ifndef BENCH_MPIRUN_SEEDS_H
#define BENCH_MPIRUN_SEEDS_H

#include "bench/common/args.h"
#include "mpi/run/world.h"

/* What came of a seed. */
typedef struct seeds_result {
    bool finished;   /* else its process ended otherwise, as status says */
    int status;      /* as of waitpid() */
    uint64_t orders; /* a number for what receives from anybody got */
    ds__world_result world;
} seeds_result;

typedef struct seeds_config {
    uint64_t first;
    size_t n;
    rows_format format;

    /* Runs one, in a process of its own, and prints what it has to say. */
    void (*run)(void *arg, uint64_t seed, seeds_result *result);
    void *arg;

    /* The command line; operand is where the program is in it. */
    char **argv;
    int argc;
    int operand;
} seeds_config;

/* Runs them, and tells of each outcome how often there was it, and of those
 * that fail the first seed with all that it printed.  Returns the exit status.
 */
int seeds_run(const seeds_config *config);

#endif
