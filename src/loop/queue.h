/* A queue of events that have happened, in a ring.
 *
 * They lie one behind the other and not where they were scheduled, so that
 * receiving many in a row reads memory in a row: a thread that was busy while
 * thousands arrived would otherwise wait for a line of cache for each. */
#ifndef DS_LOOP_QUEUE_H
#define DS_LOOP_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <distsys/loop.h>

typedef struct ds__ring {
    uint32_t max; /* a power of two */
    ds_event events[];
} ds__ring;

/* All zeros is an empty queue.  Apart from the ring, so that asking whether it
 * is empty touches nothing else. */
typedef struct ds__queue {
    ds__ring *ring; /* NULL: none yet, and len is 0 */
    uint32_t first;
    uint32_t len;
} ds__queue;

/* A larger ring than this is not kept when it has become empty. */
#define DS__RING_KEPT 256

/* Makes room for one more; false: no memory. */
bool ds__queue_grow(ds__queue *queue);

static inline bool ds__queue_empty(const ds__queue *queue)
{
    return queue->len == 0;
}

/* i < len; the oldest is 0. */
static inline ds_event *ds__queue_at(const ds__queue *queue, uint32_t i)
{
    return &queue->ring->events[(queue->first + i) & (queue->ring->max - 1)];
}

static inline void ds__queue_free(ds__queue *queue) /* not the payloads */
{
    free(queue->ring);
    *queue = (ds__queue){ 0 };
}

/* False: no memory, and nothing has changed. */
static inline bool ds__queue_append(ds__queue *queue, const ds_event *event)
{
    bool full = queue->ring == NULL || queue->len == queue->ring->max;

    if (full && !ds__queue_grow(queue))
        return false;
    *ds__queue_at(queue, queue->len++) = *event;
    return true;
}

/* Takes the oldest, or returns false and leaves event as it is. */
static inline bool ds__queue_shift(ds__queue *queue, ds_event *event)
{
    if (queue->len == 0)
        return false;
    *event = *ds__queue_at(queue, 0);
    queue->first = (queue->first + 1) & (queue->ring->max - 1);
    if (--queue->len == 0 && queue->ring->max > DS__RING_KEPT)
        ds__queue_free(queue);
    return true;
}

#endif
