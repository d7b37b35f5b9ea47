/* The way in from outside: threads of the program's own hand data to streams of
 * a loop that runs.
 *
 * Nothing of a loop may be touched without the baton, so what comes from
 * outside waits under a lock.  Whoever looks for what happens next finds it
 * there, and has it happen at that instant. */
#ifndef DS_LOOP_OUTSIDE_H
#define DS_LOOP_OUTSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include <distsys/loop.h>

typedef struct ds__letter {
    struct ds__letter *next;
    ds_event payload;
} ds__letter;

/* Invariant: any is true if first is not NULL or somebody has knocked, and then
 * the loop is urgent, except for whoever holds the lock. */
typedef struct ds__outside {
    atomic_bool any;
    pthread_mutex_t lock;
    ds__letter *first; /* under the lock, as is last */
    ds__letter **last; /* the link at the end */
} ds__outside;

bool ds__outside_init(ds__outside *outside); /* false: the system refuses */
void ds__outside_free(ds__outside *outside); /* and drops what is there */
void ds__outside_take(ds_loop *loop);        /* has all of it happen now */

/* Asks whoever has the baton to look, though there may be nothing to take. */
void ds__outside_knock(ds_loop *loop);

/* Whether there may be something to take. */
static inline bool ds__outside_any(const ds__outside *outside)
{
    return atomic_load_explicit(&outside->any, memory_order_relaxed);
}

#endif
