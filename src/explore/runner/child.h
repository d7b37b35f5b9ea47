/* A copy of this process that works for it, and is killed if it hangs. */
#ifndef DS_EXPLORE_RUNNER_CHILD_H
#define DS_EXPLORE_RUNNER_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Invariant: end can be read when it has ended. */
typedef struct ds__child {
    pid_t pid;
    int end;
} ds__child;

/* Forks.  In the copy pid is 0, what it prints goes nowhere, and it dies with
 * its parent.  False: errno says why not. */
bool ds__child_begin(ds__child *child);

/* Waits for its end, and stores what waitpid() does.  It hangs if what it is at
 * has begun so many seconds ago; since is when, in nanoseconds of
 * ds__clock_nanoseconds(), or 0: it is at nothing.  Then it is killed; true: it
 * was. */
bool ds__child_end(ds__child *child, const _Atomic uint64_t *since, double hang,
                   int *status);

#endif
