/* Messages: how often they are delivered, and in which order.
 *
 * A sender numbers its messages from 1.  What a member has delivered of a
 * sender is then a number too, or two where there are gaps: the last one, and
 * up to which there is none missing. */

#include "explore/observe/observer.h"

typedef unsigned long long number;

/* ---- Sending --------------------------------------------------------------*/

/* Remembers what goes before a message that is sent to all: what its sender has
 * delivered, and sent itself. */
static void note_causes(ds_observer *o, const ds__told *t, int64_t own)
{
    for (size_t i = 0; i < o->num_members; i++) {
        uint64_t sender = o->members[i].who;
        int64_t last = sender == t->who ? own - 1
                                        : ds__observer_value(o, DS__NOTE_LAST,
                                                             t->who, sender);
        if (last > 0)
            ds__observer_note(o, DS__NOTE_CAUSE, (uint64_t)t->a, sender, last,
                              t);
    }
}

static void send(ds_observer *o, const ds__told *t)
{
    int64_t own = ds__observer_value(o, DS__NOTE_NUM_SENT, t->who, 0) + 1;

    if (ds__observer_find(o, DS__NOTE_SENT, (uint64_t)t->a, 0) != NULL ||
        !ds__observer_room(o, &o->messages, o->num_messages,
                           sizeof(*o->messages)))
        return; /* the same again, such as a retransmission */
    o->messages[o->num_messages] = (ds__sent){ t->a, t->who, own, t->b };
    ds__observer_note(o, DS__NOTE_SENT, (uint64_t)t->a, 0,
                      (int64_t)o->num_messages, t);
    ds__observer_note(o, DS__NOTE_OUTGOING, t->who, (uint64_t)own,
                      (int64_t)o->num_messages, t);
    o->num_messages++;
    ds__observer_note(o, DS__NOTE_NUM_SENT, t->who, 0, own, t);
    if (t->b == DS_TO_ALL && ds__observer_checks(o, DS_CHECK_CAUSAL_ORDER))
        note_causes(o, t, own);
}

/* ---- Order ----------------------------------------------------------------*/

static void check_sender_order(ds_observer *o, const ds__told *t,
                               const ds__sent *m)
{
    const ds__note *last =
        ds__observer_find(o, DS__NOTE_LAST, t->who, m->sender);

    if (last != NULL && last->value > m->number)
        ds__observer_wrong(
            o,
            "order of a sender: member %llu delivers message %lld of member "
            "%llu at %.9g, and had delivered a later one at %.9g",
            (number)t->who, (long long)t->a, (number)m->sender, t->time,
            last->time);
}

/* Moves on up to which number of a sender nothing is missing, and returns it.
 * What was not sent to all does not count. */
static int64_t move_prefix(ds_observer *o, const ds__told *t, uint64_t sender)
{
    int64_t old = ds__observer_value(o, DS__NOTE_PREFIX, t->who, sender);
    int64_t prefix = old;

    for (;; prefix++) {
        const ds__note *next = ds__observer_find(o, DS__NOTE_OUTGOING, sender,
                                                 (uint64_t)prefix + 1);
        if (next == NULL)
            break;
        const ds__sent *m = &o->messages[next->value];
        if (m->to == DS_TO_ALL &&
            ds__observer_find(o, DS__NOTE_DELIVERED, t->who,
                              (uint64_t)m->name) == NULL)
            break;
    }
    if (prefix > old)
        ds__observer_note(o, DS__NOTE_PREFIX, t->who, sender, prefix, t);
    return prefix;
}

/* Finds a message that goes before this one and is missing here. */
static void check_causes(ds_observer *o, const ds__told *t)
{
    for (size_t i = 0; i < o->num_members && !o->wrong; i++) {
        uint64_t sender = o->members[i].who;
        int64_t cause =
            ds__observer_value(o, DS__NOTE_CAUSE, (uint64_t)t->a, sender);
        if (sender == t->who)
            continue;
        int64_t prefix = move_prefix(o, t, sender);
        if (prefix >= cause)
            continue;
        int64_t missing = ds__observer_value(o, DS__NOTE_OUTGOING, sender,
                                             (uint64_t)prefix + 1);
        ds__observer_wrong(
            o,
            "causal order: member %llu delivers message %lld at %.9g before "
            "message %lld of member %llu, which goes before it",
            (number)t->who, (long long)t->a, t->time,
            (long long)o->messages[missing].name, (number)sender);
    }
}

/* ---- Delivering -----------------------------------------------------------*/

static void note_delivery(ds_observer *o, const ds__told *t, const ds__sent *m)
{
    int64_t count =
        ds__observer_value(o, DS__NOTE_NUM_DELIVERED, t->who, 0) + 1;

    if (!ds__observer_room(o, &o->deliveries, o->num_deliveries,
                           sizeof(*o->deliveries)))
        return;
    o->deliveries[o->num_deliveries++] = (ds__delivery){ t->who, t->a };
    ds__observer_note(o, DS__NOTE_NUM_DELIVERED, t->who, 0, count, t);
    ds__observer_note(o, DS__NOTE_DELIVERED, t->who, (uint64_t)t->a, count, t);
    if (m->number > ds__observer_value(o, DS__NOTE_LAST, t->who, m->sender))
        ds__observer_note(o, DS__NOTE_LAST, t->who, m->sender, m->number, t);
}

static void deliver(ds_observer *o, const ds__told *t)
{
    const ds__note *before =
        ds__observer_find(o, DS__NOTE_DELIVERED, t->who, (uint64_t)t->a);
    const ds__note *sent =
        ds__observer_find(o, DS__NOTE_SENT, (uint64_t)t->a, 0);
    bool once = ds__observer_checks(o, DS_CHECK_AT_MOST_ONCE);

    if (sent == NULL && once)
        ds__observer_wrong(o,
                           "at most once: member %llu delivers message %lld at "
                           "%.9g, which nobody had sent",
                           (number)t->who, (long long)t->a, t->time);
    if (before != NULL && once)
        ds__observer_wrong(o,
                           "at most once: member %llu delivers message %lld at "
                           "%.9g again, after %.9g",
                           (number)t->who, (long long)t->a, t->time,
                           before->time);
    if (sent == NULL || before != NULL)
        return;
    ds__sent m = o->messages[sent->value];
    if (ds__observer_checks(o, DS_CHECK_SENDER_ORDER))
        check_sender_order(o, t, &m);
    if (ds__observer_checks(o, DS_CHECK_CAUSAL_ORDER))
        check_causes(o, t);
    note_delivery(o, t, &m);
}

void ds__check_delivery(ds_observer *o, const ds__told *t)
{
    if (t->fact == DS_FACT_SEND)
        send(o, t);
    if (t->fact == DS_FACT_DELIVER)
        deliver(o, t);
}

/* ---- In the end -----------------------------------------------------------*/

static void check_delivered(ds_observer *o, const ds__sent *m, uint64_t who)
{
    if (ds__observer_find(o, DS__NOTE_DELIVERED, who, (uint64_t)m->name) ==
        NULL)
        ds__observer_wrong(
            o,
            "at least once: member %llu has never delivered "
            "message %lld, which member %llu sent at %.9g",
            (number)who, (long long)m->name, (number)m->sender,
            ds__observer_find(o, DS__NOTE_SENT, (uint64_t)m->name, 0)->time);
}

static void check_all_delivered(ds_observer *o)
{
    for (size_t i = 0; i < o->num_messages; i++) {
        const ds__sent *m = &o->messages[i];
        if (m->to != DS_TO_ALL)
            check_delivered(o, m, (uint64_t)m->to);
        for (size_t j = 0; j < o->num_members && m->to == DS_TO_ALL; j++)
            check_delivered(o, m, o->members[j].who);
    }
}

/* Goes through what one member has delivered: what another has delivered too,
 * it must have delivered in the same order. */
static void compare_order(ds_observer *o, uint64_t one, uint64_t other)
{
    int64_t place = 0;
    int64_t last = 0;

    for (size_t i = 0; i < o->num_deliveries && !o->wrong; i++) {
        const ds__delivery *d = &o->deliveries[i];
        if (d->who != one)
            continue;
        int64_t there = ds__observer_value(o, DS__NOTE_DELIVERED, other,
                                           (uint64_t)d->message);
        if (there == 0)
            continue;
        if (there < place)
            ds__observer_wrong(
                o,
                "total order: member %llu delivers message %lld before %lld, "
                "and member %llu after it",
                (number)one, (long long)last, (long long)d->message,
                (number)other);
        place = there;
        last = d->message;
    }
}

void ds__check_order_end(ds_observer *o)
{
    if (!ds__observer_checks(o, DS_CHECK_TOTAL_ORDER))
        return;
    for (size_t i = 0; i < o->num_members; i++)
        for (size_t j = 0; j < i; j++)
            compare_order(o, o->members[j].who, o->members[i].who);
}

void ds__check_delivery_end(ds_observer *o)
{
    if (ds__observer_checks(o, DS_CHECK_AT_LEAST_ONCE))
        check_all_delivered(o);
}
