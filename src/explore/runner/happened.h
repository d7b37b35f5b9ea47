/* What happened in a trial: which faults, and which operations.  It is known
 * even if the trial kills its process, or never ends. */
#ifndef DS_EXPLORE_RUNNER_HAPPENED_H
#define DS_EXPLORE_RUNNER_HAPPENED_H

#include "explore/runner/trial.h"

/* Invariant: operations are in order of machine, thread and number. */
typedef struct ds__happened {
    ds__result result;
    ds_plan *plan;             /* of the order, or the one of the seed */
    ds__operation *operations; /* those that were begun */
    size_t num_operations;
    uint32_t num_nodes; /* that a plan may name */
    bool exposed;       /* plans can be applied */
    double seconds;     /* of real time that it took */
} ds__happened;

/* Runs it in a process of its own, that may take so many seconds of real time.
 * False: no memory, or no process; errno says which, and nothing is to be
 * freed. */
bool ds__happen(ds__happened *happened, const ds_test *test,
                const ds__trial_order *order, double hang);
void ds__happened_free(ds__happened *happened);

#endif
