/* Looking ahead: what happens after the next thing is brought into the cache
 * while there is still something else to do.
 *
 * Where thousands of threads take turns, nothing of one whose turn comes is in
 * any cache: not its event, nor the stream of that, nor who waits there, nor
 * the stack of that one.  Each leads to the next, so a switch would wait for
 * one miss after the other.  Here the first half of the way is gone one switch
 * early and the rest when the switch before it is over.  All this is a guess:
 * if something else happens first, nothing is lost but the fetching.  Nothing
 * of it is called where an execution has nothing to fetch, nor among few
 * threads, which stay in the cache by themselves: see ds__looks_ahead(). */
#ifndef DS_LOOP_AHEAD_H
#define DS_LOOP_AHEAD_H

#include <distsys/loop.h>

#include "loop/agenda.h"

struct ds__wait;

/* What is known of the second thing in the agenda, which is the next one when
 * the next body goes on.  All zeros: nothing.
 *
 * A wait is gone when the one who waits goes on, but whoever goes on begins by
 * forgetting it. */
typedef struct ds__ahead {
    ds__due *due;                /* itself; NULL: there is none */
    const ds_stream *stream;     /* an event of this one */
    const struct ds__wait *wait; /* ... for which somebody waits */
    const ds_handle *sleeper;    /* or the end of a sleep or a wait */
} ds__ahead;

/* When something has been taken from the agenda, when a body goes on, and when
 * it is about to wait again. */
void ds__ahead_take(ds_loop *loop);
void ds__ahead_begin(ds_loop *loop);
void ds__ahead_end(ds_loop *loop);

#endif
