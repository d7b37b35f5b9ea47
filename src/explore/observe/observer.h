/* An observer inside: private to src/explore/observe.
 *
 * A checker is a function for each fact it cares about.  All of them keep what
 * they know in one table, each under kinds of its own. */
#ifndef DS_EXPLORE_OBSERVE_OBSERVER_H
#define DS_EXPLORE_OBSERVE_OBSERVER_H

#include <distsys/observe.h>

#include "base/table.h"
#include "loop/loop.h"

/* What a note is about; x and y; its value. */
typedef enum ds__note_kind {
    DS__NOTE_MEMBER = 1, /* who; its place in members */
    DS__NOTE_LEADER,     /* term; the leader */
    DS__NOTE_VOTE,       /* voter, term; the candidate */
    DS__NOTE_ENTRY,      /* member, index; the entry in its log */
    DS__NOTE_BEFORE,     /* index, entry; the entry before */
    DS__NOTE_COMMITTED,  /* index; the entry */
    DS__NOTE_PROPOSED,   /* instance, value */
    DS__NOTE_DECIDED,    /* instance; the value */
    DS__NOTE_HOLDER,     /* lock; 1: it is held, by who */
    DS__NOTE_TOKEN,      /* resource; the largest used */
    DS__NOTE_SENT,       /* message; its place in messages */
    DS__NOTE_DELIVERED,  /* member, message; how manieth of the member */
    DS__NOTE_LAST,       /* member, sender; the last of its that was delivered,
                          * by its number */
    DS__NOTE_OUTGOING,   /* sender, number; the place of the message */
    DS__NOTE_NUM_SENT,   /* sender; how many */
    DS__NOTE_NUM_DELIVERED, /* member; how many */
    DS__NOTE_PREFIX,        /* member, sender; up to which number all have been
                             * delivered */
    DS__NOTE_CAUSE,         /* message, sender; the number that goes before */
    DS__NOTE_STATE,         /* member; its state */
} ds__note_kind;

/* By its kind, x and y. */
typedef struct ds__note {
    ds__entry entry; /* first */
    int64_t value;
    uint64_t who; /* has told it, and when */
    double time;
    int64_t term; /* of one that is committed: no entry committed there is of a
                   * later term */
} ds__note;

/* Who has told anything. */
typedef struct ds__member {
    uint64_t who;
    int64_t length; /* of its log */
    int64_t begins; /* there, since a snapshot has what is before; 0: it does
                     * not */
    int64_t synced; /* how much of its log */
} ds__member;

/* A message that was sent. */
typedef struct ds__sent {
    int64_t name;
    uint64_t sender;
    int64_t number; /* which of the sender's, from 1 */
    int64_t to;
} ds__sent;

/* A delivery, in the order in which they happened. */
typedef struct ds__delivery {
    uint64_t who;
    int64_t message;
} ds__delivery;

struct ds_observer {
    ds__resident resident; /* first */
    ds_observer *next;
    ds_loop *loop;
    ds_observer_config config;
    ds__table notes;
    ds__member *members; /* in the order in which they first told anything */
    size_t num_members;
    size_t latest; /* the place of who told something last */
    ds__sent *messages;
    size_t num_messages;
    ds__delivery *deliveries;
    size_t num_deliveries;
    int64_t last_term;      /* the highest that anybody leads or led */
    int64_t last_committed; /* index */
    bool any_proposed;
    bool out_of_memory;
    bool wrong;
    char why[400];
};

/* One fact as it was told. */
typedef struct ds__told {
    ds_fact fact;
    uint64_t who;
    int64_t a;
    int64_t b;
    double time;
} ds__told;

/* Notes what is wrong; the first stays. */
__attribute__((cold, format(printf, 2, 3))) void
ds__observer_wrong(ds_observer *o, const char *format, ...);

static inline bool ds__observer_checks(const ds_observer *o, unsigned check)
{
    return (o->config.checks & check) != 0;
}

/* Writes a note down; NULL: no memory, which is remembered. */
ds__note *ds__observer_note(ds_observer *o, ds__note_kind kind, uint64_t x,
                            uint64_t y, int64_t value, const ds__told *told);

/* The same, but one that is there stays as it is, and is not fresh. */
ds__note *ds__observer_note_once(ds_observer *o, ds__note_kind kind, uint64_t x,
                                 uint64_t y, int64_t value,
                                 const ds__told *told, bool *fresh);

/* Finds a note; NULL: there is none. */
static inline ds__note *ds__observer_find(const ds_observer *o,
                                          ds__note_kind kind, uint64_t x,
                                          uint64_t y)
{
    return ds__table_find(&o->notes,
                          (ds__table_key){ .a = kind, .b = x, .c = y });
}

/* The value of a note; 0 if there is none. */
static inline int64_t ds__observer_value(const ds_observer *o,
                                         ds__note_kind kind, uint64_t x,
                                         uint64_t y)
{
    const ds__note *note = ds__observer_find(o, kind, x, y);

    return note == NULL ? 0 : note->value;
}

/* The checkers: what they do with a fact, and in the end. */
void ds__check_consensus(ds_observer *o, ds__member *m, const ds__told *told);
void ds__check_locks(ds_observer *o, const ds__told *told);
void ds__check_delivery(ds_observer *o, const ds__told *told);
void ds__check_order_end(ds_observer *o);
void ds__check_delivery_end(ds_observer *o);
void ds__check_replicas(ds_observer *o, const ds__told *told);
void ds__check_replicas_end(ds_observer *o);

/* Makes room for one more in an array of count elements, which grows by
 * doubling; false: no memory, which is remembered. */
bool ds__observer_room(ds_observer *o, void *array, size_t count, size_t size);

#endif
