/* Scheduled events, and the pool that they live in.
 *
 * A timer names an event by its slot in the pool and the slot's generation,
 * which goes up whenever the slot is emptied: so a name that is out of date is
 * recognised without keeping anything for it.
 *
 * An event may also be part of something larger, such as a message: then it is
 * of no pool, no timer names it, and its payload is what it is part of. */
#ifndef DS_LOOP_EVENT_H
#define DS_LOOP_EVENT_H

#include <distsys/loop.h>

#include "base/list.h"
#include "loop/agenda.h"
#include "loop/scope.h"

/* In the agenda until it happens, then for a moment in the hands of its
 * receiver, if there is one; in the pool's free list otherwise. */
typedef struct ds__event {
    ds__due due;
    union {
        ds__link link; /* in the pool's list of unused ones, or its owner's */
        ds__scope *owner; /* of one that was scheduled: of who did it */
    };
    ds_event payload;
    double time;
    uint32_t slot;       /* DS__EMBEDDED if it is of no pool */
    uint32_t generation; /* at least 1 */
} ds__event;

#define DS__EMBEDDED UINT32_MAX

typedef struct ds__event_pool {
    ds__event **blocks;
    size_t num_blocks;
    size_t max_blocks;
    ds__link unused;
} ds__event_pool;

void ds__event_pool_init(ds__event_pool *pool);
void ds__event_pool_free(ds__event_pool *pool); /* not the payloads */

/* An event without a payload; NULL: no memory. */
ds__event *ds__event_get(ds__event_pool *pool);

/* Gives one back.  One that is embedded stays as it is, its owner's. */
void ds__event_put(ds__event_pool *pool, ds__event *event);

/* Makes an event that is embedded in data, which is its payload. */
static inline void ds__event_embed(ds__event *event, void *data,
                                   ds_free_fn *free_data)
{
    *event = (ds__event){
        .due = { .kind = DS__DUE_EVENT },
        .payload = { NULL, data, free_data },
        .slot = DS__EMBEDDED,
    };
}

/* Calls fn for each event of the pool that is in the agenda. */
void ds__events_each(ds__event_pool *pool,
                     void (*fn)(ds__event *event, void *arg), void *arg);

/* The name of one in the agenda, and the one in the agenda that has this
 * name, or NULL. */
ds_timer ds__event_timer(const ds__event *event);
ds__event *ds__event_find(const ds__event_pool *pool, ds_timer timer);

#endif
