/* The agenda: everything that is due, in the order in which it will happen.
 *
 * Whatever can be due embeds a ds__due: a scheduled event, a sleeping or
 * polling thread, a network's alarm. */
#ifndef DS_LOOP_AGENDA_H
#define DS_LOOP_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

/* What it is, and with it what it is embedded in. */
typedef enum ds__due_kind {
    DS__DUE_EVENT,   /* a ds__event arrives at its stream */
    DS__DUE_WAKE,    /* a ds_handle has slept or computed long enough */
    DS__DUE_ALARM,   /* a ds__alarm rings */
    DS__DUE_TIMEOUT, /* a ds_handle has waited in vain */
} ds__due_kind;

typedef struct ds__due {
    ds__heap_node node;
    ds__due_kind kind;
    uint64_t tie;
    uint64_t sequence;
} ds__due;

typedef struct ds__agenda {
    ds__heap heap;     /* of ds__due, by time */
    uint64_t seed;     /* of the ties */
    bool fifo;         /* every tie is 0 */
    uint64_t sequence; /* how many have been numbered */
} ds__agenda;

/* Both put due, which is in no agenda, into this one at an absolute time;
 * false: no memory.  The first draws its number and its tie.  The second is
 * for alarms, which have a number of their own and draw nothing. */
bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time);
bool ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time);

void ds__agenda_remove(ds__agenda *agenda, ds__due *due); /* if it is in */

static inline bool ds__agenda_empty(const ds__agenda *agenda)
{
    return agenda->heap.count == 0;
}

static inline bool ds__due_pending(const ds__due *due)
{
    return ds__heap_contains(&due->node);
}

/* The first of an agenda that is not empty: when, and what. */
static inline double ds__agenda_time(const ds__agenda *agenda)
{
    return agenda->heap.entries[0].key;
}

ds__due *ds__agenda_take(ds__agenda *agenda);

#endif
