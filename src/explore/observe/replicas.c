/* Replicas that should be the same in the end. */

#include "explore/observe/observer.h"

void ds__check_replicas(ds_observer *o, const ds__told *t)
{
    if (t->fact == DS_FACT_STATE &&
        ds__observer_checks(o, DS_CHECK_CONVERGENCE))
        ds__observer_note(o, DS__NOTE_STATE, t->who, 0, t->a, t);
}

void ds__check_replicas_end(ds_observer *o)
{
    const ds__note *first = NULL;

    for (size_t i = 0; i < o->num_members && !o->wrong; i++) {
        const ds__note *state =
            ds__observer_find(o, DS__NOTE_STATE, o->members[i].who, 0);
        if (state == NULL)
            continue;
        if (first == NULL)
            first = state;
        if (state->value != first->value)
            ds__observer_wrong(
                o,
                "convergence: in the end the state of member %llu is %lld, "
                "since %.9g, and that of member %llu is %lld, since %.9g",
                (unsigned long long)first->who, (long long)first->value,
                first->time, (unsigned long long)state->who,
                (long long)state->value, state->time);
    }
}
