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

#include <stdbool.h>
#include <stdint.h>

#include <distsys/loop.h>

#define DS__MAX_WITNESSES 8

/* Belongs to the holder of the baton.  The first three are where judging
 * begins: the rest of the library compares with them, and asks only beyond. */
typedef struct ds__budget {
    double last_time;
    uint64_t near_events;
    uint64_t near_instant;
    uint64_t events;  /* taken from the agenda since the loop was made */
    uint64_t instant; /* happened at this instant, in this run */
    bool names_late;  /* the report of a time limit is to say who is late */
    unsigned num_witnesses;
    const ds_handle *witnesses[DS__MAX_WITNESSES];
} ds__budget;

/* Takes the limits from the configuration. */
void ds__budget_init(ds_loop *loop);

/* At the beginning of a run. */
void ds__budget_begin(ds__budget *budget);

/* Judge whether something may happen at this time, or one more thread start
 * now; if not, the run ends. */
bool ds__budget_judge(ds_loop *loop, double time);

static inline bool ds__budget_is_near(const ds__budget *budget, double time)
{
    return budget->events >= budget->near_events ||
           budget->instant >= budget->near_instant || time > budget->last_time;
}

#endif
