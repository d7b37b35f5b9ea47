/* The agenda: everything that is due, in the order in which it will happen.
 *
 * Whatever can be due embeds a ds__due: a scheduled event, a sleeping or
 * polling thread, a network's alarm.  The order is that of two numbers, a time
 * and a rank, which lie in the heap itself.  So the heap never looks at the
 * things it orders, which would miss the cache each time: with ten thousand
 * threads that is most of what an event costs. */
#ifndef DS_LOOP_AGENDA_H
#define DS_LOOP_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What it is, and with it what it is embedded in. */
typedef enum ds__due_kind {
    DS__DUE_EVENT,   /* a ds__event arrives at its stream */
    DS__DUE_WAKE,    /* a ds_handle has slept or computed long enough */
    DS__DUE_ALARM,   /* a ds__alarm rings */
    DS__DUE_TIMEOUT, /* a ds_handle has waited in vain */
} ds__due_kind;

typedef struct ds__due {
    uint32_t slot; /* 0: in no agenda; else its place in the agenda, + 1 */
    ds__due_kind kind;
} ds__due;

/* Times are never negative, so their bits are in the same order as they are. */
typedef struct ds__agenda_entry {
    uint64_t time; /* the bits of a double */
    uint64_t rank; /* among those of one time; never twice */
    uint32_t slot;
} ds__agenda_entry;

/* A slot is a due's fixed place while it is in; the entry of the heap that
 * stands for it moves.
 * Invariants: no entry precedes its parent, (i - 1) / 4; for each of the count
 * entries dues[e.slot]->slot == e.slot + 1 and entries[where[e.slot]] is e; the
 * other slots are chained through where, from unused, and idle of them at least
 * are there. */
typedef struct ds__agenda {
    ds__agenda_entry *entries;
    ds__due **dues;  /* by slot */
    uint32_t *where; /* by slot */
    uint32_t count;
    uint32_t capacity;
    uint32_t unused;
    uint32_t idle;     /* alarms that have a place and are not in */
    bool fifo;         /* simultaneous events in the order of scheduling */
    uint64_t seed;     /* otherwise in one drawn from this */
    uint64_t sequence; /* how many have been numbered */
} ds__agenda;

void ds__agenda_init(ds__agenda *agenda, uint64_t seed, bool fifo);
void ds__agenda_free(ds__agenda *agenda);

/* Puts due, which is in no agenda, into this one at an absolute time, with the
 * next sequence number; false: no memory. */
bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time);

/* The same for alarms.  Each is promised a place first, once, and then always
 * finds it free.  They have a number of their own, so that networks with and
 * without many alarms draw the same order for the rest. */
bool ds__agenda_promise(ds__agenda *agenda); /* false: no memory */
void ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time,
                          uint64_t number);

void ds__agenda_remove(ds__agenda *agenda, ds__due *due); /* if it is in */

static inline bool ds__agenda_empty(const ds__agenda *agenda)
{
    return agenda->count == 0;
}

static inline bool ds__due_pending(const ds__due *due)
{
    return due->slot != 0;
}

/* The first of an agenda that is not empty: when, and what. */
static inline double ds__agenda_time(const ds__agenda *agenda)
{
    double time;

    memcpy(&time, &agenda->entries[0].time, sizeof(time));
    return time;
}

ds__due *ds__agenda_take(ds__agenda *agenda);

/* What follows the first, as things stand; NULL: nothing does. */
ds__due *ds__agenda_second(const ds__agenda *agenda);

#endif
