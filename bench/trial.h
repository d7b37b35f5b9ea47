/* One run of something in one setting: a trial.
 *
 * What is run, running it, and what came out, apart from how a program reads
 * the first from its options and shows the last.  A trial knows nothing of what
 * its nodes do. */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include "bench/setting.h"

/* All that the outcome depends on, besides DISTSYS_TIES. */
struct trial {
    const char *name; /* for messages */
    /* What each node does.  Returns whether it is done; if not, the simulation
     * is over. */
    bool (*run)(ds_comm *c, const struct trial *trial);
    const void *algorithm; /* for run */
    struct setting setting;
};

struct trial_result {
    double seconds;      /* virtual, until the last node was done */
    ds_path path;        /* that led there */
    double wall_seconds; /* that it took to find out */
    uint64_t digest;
};

/* Runs it, one of so many (0: nobody knows) of which some are done.  If
 * standard error is a terminal, a line there says so meanwhile.  If it fails,
 * the program ends with status 1, saying why. */
struct trial_result trial_run(const struct trial *trial, size_t done,
                              size_t all);

#endif
