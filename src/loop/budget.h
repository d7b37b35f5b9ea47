/* What a run may use up: virtual time, events, and what happens at one instant.
 *
 * A simulation whose clock stands still while things go on happening would
 * never end, and nothing else would say so: no time limit is reached, and the
 * watchdog sees a run that is busy.  So there is a limit on what may happen at
 * one instant.
 *
 * Shortly before a limit the budget begins to remember whose turn it was, so
 * that the report names those who were at work. */
#ifndef DS_LOOP_BUDGET_H
#define DS_LOOP_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <distsys/loop.h>

#define DS__MAX_WITNESSES 8

/* Belongs to the holder of the baton.  The first three are where judging
 * begins: the rest of the library compares with them, and asks only beyond. */
typedef struct ds__budget {
    double last_time; /* the limit, or rest_time if that is less */
    uint64_t near_events;
    uint64_t near_instant;
    atomic_uint_fast64_t events; /* taken from the agenda since the loop was
                                  * made; the watchdog looks at it */
    uint64_t instant;            /* happened at this instant, in this run */
    double rest_time; /* at which the run is to rest; INFINITY: it is not */
    bool names_late;  /* the report of a time limit is to say who is late */
    unsigned num_witnesses;
    const ds_handle *witnesses[DS__MAX_WITNESSES];
} ds__budget;

/* Takes the limits from the configuration. */
void ds__budget_init(ds_loop *loop);

/* At the beginning of a run, or when one goes on that has rested. */
void ds__budget_begin(ds_loop *loop, double rest_time);

/* Whether the run is to rest before something happens at this time, which is
 * INFINITY if nothing will.  A limit that comes first ends it instead. */
bool ds__budget_rests(const ds_loop *loop, double time);

/* Judge whether something may happen at this time, or one more thread start
 * now; if not, the run ends. */
bool ds__budget_judge(ds_loop *loop, double time);

static inline uint64_t ds__budget_events(const ds__budget *budget)
{
    return atomic_load_explicit(&budget->events, memory_order_relaxed);
}

static inline void ds__budget_count(ds__budget *budget)
{
    uint64_t events = ds__budget_events(budget);

    budget->instant++;
    atomic_store_explicit(&budget->events, events + 1, memory_order_relaxed);
}

/* Asked before something happens at a time that is not before now.  Either the
 * clock moves on, or it is one thing more at this instant. */
static inline bool ds__budget_is_near(const ds__budget *budget, double now,
                                      double time)
{
    return ds__budget_events(budget) >= budget->near_events ||
           (time > now ? time > budget->last_time
                       : budget->instant >= budget->near_instant);
}

#endif
