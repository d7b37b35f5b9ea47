/* What runs the bodies of simulated threads: the one place where one execution
 * differs from another.
 *
 * A task is one body's share of it, a crew what all tasks of a loop share.
 * The callers hold the baton.  pass() and leave() give it to `to`, which is
 * started if it is new; if that fails they return false, the failure is
 * recorded, and the caller still has the baton. */
#ifndef DS_LOOP_EXEC_H
#define DS_LOOP_EXEC_H

#include <stdbool.h>

#include <distsys/loop.h>

#include "loop/fibers.h"
#include "loop/threads.h"

typedef union ds__task {
    ds__thread thread;
    ds__fiber fiber;
} ds__task;

typedef union ds__crew {
    ds__thread_crew threads;
    ds__fiber_crew fibers;
} ds__crew;

typedef struct ds__exec {
    const char *name;

    /* For each handle, loop->main included; false: no memory. */
    bool (*task_init)(ds__task *task);
    void (*task_free)(ds__task *task);

    /* Around a run. */
    bool (*begin)(ds_loop *loop);
    void (*end)(ds_loop *loop); /* everything that ran a body is gone */

    /* Gives the baton away and returns when it is back. */
    bool (*pass)(ds_handle *from, ds_handle *to);

    /* Gives the baton away for good: from's body has returned. */
    bool (*leave)(ds_handle *from, ds_handle *to);

    /* Brings into the cache what passing to `to` will touch; NULL: nothing can
     * be brought there. */
    void (*fetch)(const ds_handle *to);

    /* Runs fn(arg) for from, whose wake-up is in the agenda, while others have
     * the baton, and returns when fn has and the baton is back.  If nobody can
     * go on and so the run is over, fn does not run. */
    void (*compute)(ds_handle *from, void (*fn)(void *arg), void *arg);
} ds__exec;

extern const ds__exec ds__exec_threads;
extern const ds__exec ds__exec_fibers;

#endif
