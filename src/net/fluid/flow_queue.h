/* Queues of flows, linked through next, and their order of sending. */
#ifndef DS_NET_FLUID_FLOW_QUEUE_H
#define DS_NET_FLUID_FLOW_QUEUE_H

#include "net/fluid/engine.h"

typedef struct ds__flow_queue {
    ds__flow *first;
    ds__flow **end;
} ds__flow_queue;

void ds__flow_queue_clear(ds__flow_queue *q);
void ds__flow_queue_append(ds__flow_queue *q, ds__flow *flow);

/* Takes the first; NULL: it is empty. */
ds__flow *ds__flow_queue_shift(ds__flow_queue *q);

/* Appends all that are in another queue, which must not be used again. */
void ds__flow_queue_append_all(ds__flow_queue *q, const ds__flow_queue *other);

/* Puts a list into the order of sending. */
ds__flow *ds__flow_queue_sort(ds__flow *list);

#endif
