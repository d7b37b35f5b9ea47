/* The agenda; see the header.  The total order of events is here. */

#include "loop/agenda.h"

#include "base/list.h"
#include "base/rng.h"

static const ds__due *due_of(const ds__heap_node *node)
{
    return ds__container((ds__heap_node *)node, ds__due, node);
}

/* What is due or arrives at the very instant of a timeout beats it, and a
 * network re-plans once it has seen everything of the instant. */
static int class_of(ds__due_kind kind)
{
    static const int class[] = {
        [DS__DUE_EVENT] = 0,
        [DS__DUE_WAKE] = 0,
        [DS__DUE_ALARM] = 1,
        [DS__DUE_TIMEOUT] = 2,
    };

    return class[kind];
}

/* The order of events is (time, class, tie, sequence).  The heap has compared
 * the times.  Equal ties are those of FIFO order, of alarms, or a collision of
 * hashes; the sequence, which never repeats within a class, decides them. */
static bool before(const ds__heap_node *x, const ds__heap_node *y)
{
    const ds__due *a = due_of(x);
    const ds__due *b = due_of(y);

    if (class_of(a->kind) != class_of(b->kind))
        return class_of(a->kind) < class_of(b->kind);
    if (a->tie != b->tie)
        return a->tie < b->tie;
    return a->sequence < b->sequence;
}

bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time)
{
    if (!ds__heap_reserve(&agenda->heap, 1))
        return false;

    due->sequence = agenda->sequence++;
    due->tie = agenda->fifo
                   ? 0
                   : ds__rng_bits(agenda->seed, DS__RNG_TIE, 0, due->sequence);
    ds__heap_push(&agenda->heap, time, &due->node, before);
    return true;
}

bool ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time)
{
    if (!ds__heap_reserve(&agenda->heap, 1))
        return false;

    due->tie = 0;
    ds__heap_push(&agenda->heap, time, &due->node, before);
    return true;
}

void ds__agenda_remove(ds__agenda *agenda, ds__due *due)
{
    if (ds__due_pending(due))
        ds__heap_remove(&agenda->heap, &due->node, before);
}

ds__due *ds__agenda_take(ds__agenda *agenda)
{
    ds__heap_node *first = agenda->heap.entries[0].node;

    ds__heap_remove(&agenda->heap, first, before);
    return ds__container(first, ds__due, node);
}
