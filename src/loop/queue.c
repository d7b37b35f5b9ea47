/* Rings of events; see the header. */

#include "loop/queue.h"

#define SMALLEST 4

static ds__ring *new_ring(size_t max)
{
    if (max > (SIZE_MAX - sizeof(ds__ring)) / sizeof(ds_event))
        return NULL;

    ds__ring *ring = malloc(sizeof(*ring) + max * sizeof(*ring->events));
    if (ring != NULL)
        ring->max = (uint32_t)max;
    return ring;
}

/* The oldest comes to lie first. */
bool ds__queue_grow(ds__queue *queue)
{
    uint32_t max = queue->ring == NULL ? SMALLEST : queue->ring->max * 2;
    ds__ring *ring = max == 0 ? NULL : new_ring(max);

    if (ring == NULL)
        return false;
    for (uint32_t i = 0; i < queue->len; i++)
        ring->events[i] = *ds__queue_at(queue, i);
    free(queue->ring);
    queue->ring = ring;
    queue->first = 0;
    return true;
}
