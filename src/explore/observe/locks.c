/* Locks, and the tokens that make up for leases. */

#include "explore/observe/observer.h"

typedef unsigned long long number;

static void enter(ds_observer *o, const ds__told *t)
{
    const ds__note *holder =
        ds__observer_find(o, DS__NOTE_HOLDER, (uint64_t)t->a, 0);

    if (holder != NULL && holder->value == 1 && holder->who != t->who)
        ds__observer_wrong(
            o,
            "mutual exclusion: member %llu holds lock %lld since %.9g, and so "
            "does member %llu since %.9g",
            (number)t->who, (long long)t->a, t->time, (number)holder->who,
            holder->time);
    else
        ds__observer_note(o, DS__NOTE_HOLDER, (uint64_t)t->a, 0, 1, t);
}

static void leave(ds_observer *o, const ds__told *t)
{
    const ds__note *holder =
        ds__observer_find(o, DS__NOTE_HOLDER, (uint64_t)t->a, 0);

    if (holder != NULL && holder->who == t->who)
        ds__observer_note(o, DS__NOTE_HOLDER, (uint64_t)t->a, 0, 0, t);
}

static void use(ds_observer *o, const ds__told *t)
{
    const ds__note *before =
        ds__observer_find(o, DS__NOTE_TOKEN, (uint64_t)t->a, 0);

    if (before != NULL && before->value > t->b)
        ds__observer_wrong(
            o,
            "fencing: resource %lld accepts token %lld at %.9g, and had "
            "accepted %lld at %.9g",
            (long long)t->a, (long long)t->b, t->time, (long long)before->value,
            before->time);
    else
        ds__observer_note(o, DS__NOTE_TOKEN, (uint64_t)t->a, 0, t->b, t);
}

void ds__check_locks(ds_observer *o, const ds__told *t)
{
    bool exclusion = ds__observer_checks(o, DS_CHECK_EXCLUSION);

    if (t->fact == DS_FACT_ENTER && exclusion)
        enter(o, t);
    if (t->fact == DS_FACT_LEAVE && exclusion)
        leave(o, t);
    if (t->fact == DS_FACT_USE && ds__observer_checks(o, DS_CHECK_FENCING))
        use(o, t);
}
