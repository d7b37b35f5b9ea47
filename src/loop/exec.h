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

#include <stddef.h>

/* Room for what an execution keeps for one body; what lies in it is its own
 * business. */
#define DS__TASK_SIZE 128
typedef union ds__task {
    max_align_t align;
    unsigned char bytes[DS__TASK_SIZE];
} ds__task;

/* Where a stack lies: size bytes from low upwards, and below it guard bytes
 * that may not be touched. */
typedef struct ds__span {
    const char *low;
    size_t size;
    size_t guard;
} ds__span;

typedef struct ds__exec {
    size_t crew_size; /* of loop->crew, which is zeroed at first */

    /* Whether the system has room for one stack of so many bytes. */
    bool (*stack_possible)(size_t size);

    /* For each handle, loop->main included; false: no memory. */
    bool (*task_init)(ds__task *task);
    void (*task_free)(ds__task *task);

    /* Makes the task of one that has ended ready for another; NULL: it is. */
    void (*settle)(ds_handle *h);

    /* Around a run. */
    bool (*begin)(ds_loop *loop);
    void (*end)(ds_loop *loop); /* everything that ran a body is gone */

    /* Around each part of it, if it rests in between: what the calling thread
     * has to be for it; NULL: nothing. */
    void (*arrive)(ds_loop *loop);
    void (*depart)(ds_loop *loop);

    /* Gives the baton away and returns when it is back. */
    bool (*pass)(ds_handle *from, ds_handle *to);

    /* Gives the baton away for good: from's body has returned. */
    bool (*leave)(ds_handle *from, ds_handle *to);

    /* Where h's stack lies, if it is not that of the thread that runs h; NULL:
     * it always is.  Called by a signal handler. */
    void (*stack)(const ds_handle *h, ds__span *stack);

    /* Shows h's name to the system, as h itself; NULL: nobody would see it. */
    void (*rename)(const ds_handle *h);

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
