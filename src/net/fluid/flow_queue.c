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

/* A merge sort of the runs that a list has, which needs no memory and one look
 * at a list that is in order. */
ds__flow *ds__flow_queue_sort(ds__flow *list)
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
