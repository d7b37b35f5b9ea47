/* One allreduce among so many nodes on such a network: a trial.
 *
 * The case to run, running it, and what came out, apart from how a program
 * reads the first from its options and shows the last. */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys.h>

enum trial_model { TRIAL_GREEDY, TRIAL_MAXMIN };

/* All that the outcome depends on, besides DISTSYS_TIES. */
struct trial {
    const ds_allreduce *algorithm;
    unsigned granularity; /* of a copy of it; zero: what it has */
    size_t group;
    size_t chunk;
    size_t nodes;
    double latency; /* seconds */
    double rate;    /* of every port, bytes per second */
    size_t size;    /* elements of each vector */
    ds_comm_mode mode;
    enum trial_model model;
    bool real; /* allocate the vectors, reduce them, check the sum */
    uint64_t seed;
    ds_exec exec;
};

struct trial_result {
    double seconds;      /* virtual, until the last node had the sum */
    double wall_seconds; /* that it took to find out */
    uint64_t digest;
    ds_status status;
    char error[512]; /* "" if the status is DS_OK */
};

/* Runs it and fills in the result; true if it ended well. */
bool trial_run(const struct trial *trial, struct trial_result *result);

/* The algorithm with the parameters of the trial. */
ds_allreduce trial_algorithm(const struct trial *trial);

#endif
