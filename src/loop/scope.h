/* A scope: threads that end, pause and tell the time together, such as those
 * of one machine.  The others go on meanwhile.
 *
 * Every thread is in exactly one.  Each loop has an outermost scope, for those
 * that are in no other, which never ends before the run does.  Ending a scope
 * and ending the run are one path: its threads are put on the list of those
 * that are leaving, in the order of their spawning, and get the baton one after
 * the other before anything else happens; each finds that its blocking calls
 * return false, and returns.
 *
 * The thread of a paused scope whose turn has come is held, with what it was
 * woken for, until the scope is resumed.
 *
 * Everything here is called with the baton, or while the loop does not run. */
#ifndef DS_LOOP_SCOPE_H
#define DS_LOOP_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/loop.h>

#include "base/list.h"

/* A clock that has gone at a rate of its own since a moment; it is a straight
 * line until it is set again. */
typedef struct ds__clock {
    double since; /* in time of the loop */
    double shown; /* what it showed then */
    double rate;  /* its seconds in one of the loop's; > 0 */
    bool asked;   /* some thread has gone by it, since somebody cleared this */
} ds__clock;

/* Invariants: held is empty unless paused; a thread in held is parked, or has
 * not started. */
typedef struct ds__scope ds__scope;
struct ds__scope {
    ds_loop *loop;
    uint32_t number; /* for who listens: whatever its owner counts by */
    bool outermost;  /* of those that are in no other */
    bool over;       /* its threads have left or are about to */
    bool paused;
    bool has_clock; /* of its own; false: the loop's, to the last bit */
    ds__clock clock;
    double step;      /* what its time of day is ahead of its clock */
    double speed;     /* ds_compute() takes seconds / speed */
    size_t num_live;  /* threads that have started and not ended */
    uint64_t name;    /* for random numbers: who it is, */
    uint64_t life;    /* ... how often it has been renewed, */
    uint64_t spawned; /* ... and how many threads it has had since */
    ds__link held;    /* threads whose turn came while it was paused */

    /* Called when it has ended and the last of its threads has returned; NULL:
     * nobody wants to know. */
    void (*emptied)(ds__scope *self);

    uint64_t computed; /* calls of ds_compute() */
    uint64_t held_up;  /* turns that came while it was paused */

    /* Called in the calls_left-th call from now of one of its threads, before
     * that call has any effect; 0: never.  It may end the scope, or pause it
     * and have the thread stand still. */
    uint64_t calls_left;
    void (*struck)(ds__scope *self, ds_handle *h);
};

void ds__scope_init(ds__scope *scope, ds_loop *loop);

/* Ends it for all its threads: see above.  One that has the baton goes on, and
 * finds out when it next blocks; one that has not started never does.  Threads
 * that are spawned into it afterwards never start.  Twice is harmless. */
void ds__scope_end(ds__scope *scope);

/* Makes it as new, once all its threads have left: for a next life. */
void ds__scope_renew(ds__scope *scope);

void ds__scope_pause(ds__scope *scope);
void ds__scope_resume(ds__scope *scope);

/* From now on its clock gains drift seconds a second, drift > -1, and its time
 * of day is step seconds further ahead of it: that jumps, the clock does not.
 */
void ds__scope_set_clock(ds__scope *scope, double step, double drift);

/* What its clock shows when the loop's shows now. */
static inline double ds__scope_now(ds__scope *scope, double now)
{
    ds__clock *clock = &scope->clock;

    if (!scope->has_clock)
        return now;
    clock->asked = true;
    return clock->shown + (now - clock->since) * clock->rate;
}

/* How many seconds of the loop so many of its own are. */
static inline double ds__scope_span(ds__scope *scope, double seconds)
{
    if (!scope->has_clock)
        return seconds;
    scope->clock.asked = true;
    return seconds / scope->clock.rate;
}

/* Has struck() called in the k-th call from now; 0: not any more. */
void ds__scope_count_calls(ds__scope *scope, uint64_t k,
                           void (*struck)(ds__scope *self, ds_handle *h));

/* poll.c: stops a thread of a scope that is paused, in the middle of a call, as
 * if its turn had come: returns when the scope has been resumed, or it is over
 * for h. */
void ds__stand_still(ds_handle *h);

/* Adds a thread to it; the rest as ds__spawn(). */
ds_handle *ds__scope_spawn(ds__scope *scope, ds_thread_fn *fn, void *arg,
                           bool daemon, const char *call);

#endif
