/* A Raft and its clients as a test; the arg is a raft_trial.  Observers end the
 * run when something is wrong, and the calls of the clients are judged as those
 * of a register. */
#ifndef BENCH_PLANTED_RAFT_TRIAL_H
#define BENCH_PLANTED_RAFT_TRIAL_H

#include <distsys/explore.h>

#include "bench/planted/raft.h"

typedef struct raft_trial {
    raft_setup setup;
    unsigned checks; /* of an observer; 0: the usual ones */
    bool changes;    /* one client changes who votes instead, */
    bool replaces;   /* ... or replaces one machine after the other */
    bool goes_deaf;  /* one server stops hearing others, for good, and nothing
                      * else happens */
} raft_trial;

void raft_trial_build(ds_trial *t, void *trial);

#endif
