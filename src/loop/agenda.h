/* The agenda: everything that is due, in the order in which it will happen.
 *
 * Whatever can be due embeds a ds__due: a scheduled event, a sleeping or
 * polling thread, a network's alarm.  The order is that of two numbers, a time
 * and a rank, which lie in the agenda itself.  So it never looks at the things
 * it orders, which would miss the cache each time: with ten thousand threads
 * that is most of what an event costs.
 *
 * It is a tournament: each thing has a slot of its own for as long as it is in,
 * each pair of slots has a winner, the earlier one, each two of these winners
 * have one, and so on up to the champion, which happens next.  Whoever comes
 * or goes changes nothing but the matches between its slot and the champion.
 * Most things that happen bring about another one, a thread that has slept
 * sleeps again; so the slot of what was taken last waits for what is added
 * next, and its matches are played once instead of twice. */
#ifndef DS_LOOP_AGENDA_H
#define DS_LOOP_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What it is, and with it what it is embedded in.  The two low bits are its
 * class, and become the two high ones of its rank; those of alarms are even. */
typedef enum ds__due_kind {
    DS__DUE_EVENT = 1,   /* a ds__event arrives at its stream */
    DS__DUE_WAKE = 5,    /* a ds_handle has slept or computed long enough */
    DS__DUE_TIMEOUT = 3, /* a ds_handle has waited in vain */
    DS__DUE_ALARM = 2,   /* a ds__alarm rings, */
    DS__DUE_FIRST = 4,   /* ... or does so before all else of its instant */
} ds__due_kind;

/* What goes wrong at an instant goes wrong before anything else happens.  What
 * is due or arrives at the very instant of a timeout beats it, and a network
 * re-plans once it has seen everything of the instant. */
static inline uint64_t ds__due_class(ds__due_kind kind)
{
    return kind % 4;
}

static inline bool ds__due_is_alarm(ds__due_kind kind)
{
    return kind % 2 == 0;
}

typedef struct ds__due {
    uint32_t slot; /* 0: in no agenda; else its slot there, + 1 */
    ds__due_kind kind;
} ds__due;

/* A slot has two numbers that order it.  Times are never negative, so their
 * bits are in the same order as they are; the rank is never twice among things
 * of one time.  Slot s takes part as number capacity + s.  Match i, from 1 to
 * capacity - 1, is between those who come out of numbers 2i and 2i + 1.
 *
 * Invariants: winners[i] is the earlier of the two in match i, except that the
 * slot left open has still won what it had won before; for each slot in use
 * dues[slot]->slot == slot + 1, and count are in use; a free one has the last
 * of all times and, unless it is the open one, is chained through its rank from
 * unused; and idle slots at least are free. */
typedef struct ds__agenda {
    uint32_t *winners; /* by match */
    uint64_t *times;   /* by slot, as are: */
    uint64_t *ranks;
    ds__due **dues;
    uint32_t count;
    uint32_t capacity; /* 0 or a power of two */
    uint32_t unused;   /* the first free slot; capacity: there is none */
    uint32_t open;     /* the slot of the last one taken, or DS__NO_SLOT */
    uint32_t idle;     /* alarms that have a place and are not in */
    bool fifo;         /* simultaneous events in the order of scheduling */
    uint64_t shift;    /* otherwise in an order drawn with these two */
    uint64_t flip;
    uint64_t sequence; /* how many have been numbered */
} ds__agenda;

#define DS__NO_SLOT UINT32_MAX

void ds__agenda_init(ds__agenda *agenda, uint64_t seed, bool fifo);
void ds__agenda_free(ds__agenda *agenda);

/* Puts due, which is in no agenda, into this one at an absolute time, with the
 * next sequence number; false: no memory. */
bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time);

/* From now on simultaneous events are in the order of another seed; those that
 * are in already stay as they are. */
void ds__agenda_reseed(ds__agenda *agenda, uint64_t seed);

/* What ds__agenda_add() does for alarms of both kinds.  Each is promised a
 * place first, once, and then always finds it free.  They have a number of
 * their own, so that networks with and without many alarms draw the same order
 * for the rest. */
bool ds__agenda_promise(ds__agenda *agenda); /* false: no memory */
void ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time,
                          uint64_t number);

void ds__agenda_take_out(ds__agenda *agenda, ds__due *due); /* which is in */

/* What follows the first, as things stand; NULL: nothing does.  Among more than
 * a hundred things it is a guess. */
ds__due *ds__agenda_likely_second(ds__agenda *agenda);

/* Plays the matches of the open slot without anyone in it. */
void ds__agenda_close(ds__agenda *agenda);

/* Asserts the invariants above. */
void ds__agenda_check(const ds__agenda *agenda);

static inline bool ds__agenda_empty(const ds__agenda *agenda)
{
    return agenda->count == 0;
}

static inline bool ds__due_pending(const ds__due *due)
{
    return due->slot != 0;
}

static inline void ds__agenda_remove(ds__agenda *agenda, ds__due *due)
{
    if (ds__due_pending(due))
        ds__agenda_take_out(agenda, due);
}

/* The slot of the first of an agenda that is not empty. */
static inline uint32_t ds__agenda_first(ds__agenda *agenda)
{
    if (agenda->open != DS__NO_SLOT)
        ds__agenda_close(agenda);
    return agenda->winners[1];
}

/* When what is in a slot is due. */
static inline double ds__agenda_time_of(const ds__agenda *agenda, uint32_t slot)
{
    double time;

    memcpy(&time, &agenda->times[slot], sizeof(time));
    return time;
}

/* Takes it, the first. */
static inline ds__due *ds__agenda_take_first(ds__agenda *agenda, uint32_t slot)
{
    ds__due *first = agenda->dues[slot];

    first->slot = 0;
    agenda->count--;
    if (__builtin_expect(ds__due_is_alarm(first->kind), 0))
        agenda->idle++;
    agenda->open = slot;
    return first;
}

static inline double ds__agenda_time(ds__agenda *agenda)
{
    return ds__agenda_time_of(agenda, ds__agenda_first(agenda));
}

static inline ds__due *ds__agenda_take(ds__agenda *agenda)
{
    return ds__agenda_take_first(agenda, ds__agenda_first(agenda));
}

#endif
