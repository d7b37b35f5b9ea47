/* A Raft, <distsys/raft.h>, and its clients as a test; the arg is a raft_trial.
 * Observers end the run when something is wrong, and the calls of the clients
 * are judged as those of a register. */
#ifndef BENCH_PLANTED_RAFT_TRIAL_H
#define BENCH_PLANTED_RAFT_TRIAL_H

#include <distsys/explore.h>

#include "proto/raft_rules.h"

typedef struct raft_trial {
    const ds__raft_rules *mistake; /* a rule that is NULL is as Raft has it */
    int servers;                   /* and three clients */
    size_t voters;                 /* at first; 0: all */
    double tick;                   /* of which a packet takes at most a fifth */
    double patience;               /* 0: 1.5 ticks */
    double sync_time;              /* ticks that a disk takes; 0: a fiftieth */
    unsigned checks;               /* of an observer; 0: the usual ones */
    int64_t compact;               /* as in ds_raft */
    bool pre_vote;
    bool steady;
    bool lacks_one; /* the last server never starts */
    bool changes;   /* one client changes who votes instead, */
    bool replaces;  /* ... or replaces one machine after the other */
    bool goes_deaf; /* one server stops hearing others, for good, and nothing
                     * else happens */
} raft_trial;

void raft_trial_build(ds_trial *t, void *trial);

#endif
