/* Invariants that run.
 *
 * Two strengths.  What is cheap is asserted where it must hold, always.  What
 * takes a walk over a whole structure is a function of its own, named
 * ds__NAME_check(), which asserts everything that stands above the struct.
 * Unit tests call it after each step; a simulation does after each event if
 * DISTSYS_CHECK=1 is in the environment, less often if it has more than 256
 * threads and things that are due, and pays one branch if not. */
#ifndef DS_BASE_INVARIANT_H
#define DS_BASE_INVARIANT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef enum ds__check_state {
    DS__CHECK_UNKNOWN, /* nobody has looked into the environment yet */
    DS__CHECK_OFF,
    DS__CHECK_ON,
} ds__check_state;

extern atomic_int ds__check_state_now;

/* Looks into the environment, and remembers what it says. */
bool ds__check_first_look(void);

/* Tells whether walks are wanted.  Any thread may ask. */
static inline bool ds__checking(void)
{
    int state =
        atomic_load_explicit(&ds__check_state_now, memory_order_relaxed);

    if (__builtin_expect(state == DS__CHECK_OFF, 1))
        return false;
    return state == DS__CHECK_ON || ds__check_first_look();
}

#endif
