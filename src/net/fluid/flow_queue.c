/* Queues of flows; see the header. */

#include "net/fluid/flow_queue.h"

void ds__flow_queue_clear(ds__flow_queue *q)
{
    q->first = NULL;
    q->end = &q->first;
}

void ds__flow_queue_append(ds__flow_queue *q, ds__flow *flow)
{
    flow->next = NULL;
    *q->end = flow;
    q->end = &flow->next;
}

void ds__flow_queue_append_all(ds__flow_queue *q, const ds__flow_queue *other)
{
    if (other->first == NULL)
        return;
    *q->end = other->first;
    q->end = other->end;
}

ds__flow *ds__flow_queue_shift(ds__flow_queue *q)
{
    ds__flow *flow = q->first;

    if (flow != NULL && (q->first = flow->next) == NULL)
        q->end = &q->first;
    return flow;
}

/* ---- Order ----------------------------------------------------------------*/

/* Cuts off the part of a list that is in order, and returns the rest. */
static ds__flow *cut_run(ds__flow *list)
{
    while (list->next != NULL && list->number < list->next->number)
        list = list->next;

    ds__flow *rest = list->next;
    list->next = NULL;
    return rest;
}

/* Appends a and b, each in order, to *end in one order; returns the new end. */
static ds__flow **merge(ds__flow **end, ds__flow *a, ds__flow *b)
{
    while (a != NULL && b != NULL) {
        ds__flow **less = a->number < b->number ? &a : &b;
        *end = *less;
        *less = (*less)->next;
        end = &(*end)->next;
    }
    *end = a != NULL ? a : b;
    while (*end != NULL)
        end = &(*end)->next;
    return end;
}

/* Sorts by the runs that a list has, which needs no memory. */
static ds__flow *sort_by_runs(ds__flow *list)
{
    size_t runs = 2;

    while (list != NULL && runs > 1) {
        ds__flow *rest = list;
        ds__flow **end = &list;
        for (runs = 0; rest != NULL; runs++) {
            ds__flow *a = rest;
            ds__flow *b = cut_run(a);
            rest = b == NULL ? NULL : cut_run(b);
            end = merge(end, a, b);
        }
    }
    return list;
}

/* What decides how to sort a list. */
typedef struct look {
    size_t count;
    bool in_order;
    uint64_t least;
    uint64_t most;
} look;

static look look_at(const ds__flow *list)
{
    look l = { .in_order = true, .least = UINT64_MAX };

    for (const ds__flow *f = list; f != NULL; f = f->next) {
        l.in_order = l.in_order && (l.count == 0 || l.most < f->number);
        l.least = f->number < l.least ? f->number : l.least;
        l.most = f->number > l.most ? f->number : l.most;
        l.count++;
    }
    return l;
}

#define DIGIT       6 /* bits */
#define PILES       (1 << DIGIT)
#define MOST_DIGITS 3

/* Lays the flows on piles by one digit of their numbers, and picks these up one
 * after the other: what was in order by the lesser digits stays so. */
static ds__flow *deal(ds__flow *list, uint64_t least, unsigned shift)
{
    ds__flow_queue piles[PILES];
    ds__flow_queue all;

    for (size_t i = 0; i < PILES; i++)
        ds__flow_queue_clear(&piles[i]);
    while (list != NULL) {
        ds__flow *flow = list;
        list = flow->next;
        ds__flow_queue_append(
            &piles[(flow->number - least) >> shift & (PILES - 1)], flow);
    }
    ds__flow_queue_clear(&all);
    for (size_t i = 0; i < PILES; i++)
        ds__flow_queue_append_all(&all, &piles[i]);
    return all.first;
}

/* Numbers of messages that were sent together lie close together, and then a
 * few rounds with piles take a quarter of what merging does. */
ds__flow *ds__flow_queue_sort(ds__flow *list)
{
    const look l = look_at(list);
    const uint64_t span = l.most - l.least;

    if (l.in_order)
        return list;
    if (l.count < PILES || span >> (MOST_DIGITS * DIGIT) != 0)
        return sort_by_runs(list);
    for (unsigned shift = 0; span >> shift != 0; shift += DIGIT)
        list = deal(list, l.least, shift);
    return list;
}
