/* What happens in a trial between two times: messages that are sent, arrive or
 * are lost, held or put off, faults, and threads that have waited long enough.
 */
#ifndef DS_EXPLORE_RUNNER_MOMENT_H
#define DS_EXPLORE_RUNNER_MOMENT_H

#include "explore/runner/trial.h"

#define DS__MOMENT_SIZE  2048
#define DS__MOMENT_LINES 12

typedef struct ds__moment_told {
    size_t count;               /* of all that happens */
    char text[DS__MOMENT_SIZE]; /* a line for each, of at most so many, with its
                                 * time in front */
} ds__moment_told;

/* Runs it once more, in a process of its own, and tells what happens at from or
 * later, and before until.  False: no memory, or no process, as errno says. */
bool ds__moment_tell(ds__moment_told *told, const ds_test *test,
                     const ds__trial_order *order, double from, double until,
                     double hang);

#endif
