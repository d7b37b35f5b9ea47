/* The pool of scheduled events; see the header. */

#include "loop/event.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

/* Events allocated at a time; their addresses never change. */
#define BLOCK 128

void ds__event_pool_init(ds__event_pool *pool)
{
    *pool = (ds__event_pool){ 0 };
    ds__list_init(&pool->unused);
}

void ds__event_pool_free(ds__event_pool *pool)
{
    for (size_t i = 0; i < pool->num_blocks; i++)
        free(pool->blocks[i]);
    free(pool->blocks);
}

static bool reserve_block(ds__event_pool *pool)
{
    if (pool->num_blocks < pool->max_blocks)
        return true;

    size_t max = pool->max_blocks == 0 ? 8 : pool->max_blocks * 2;
    ds__event **blocks = realloc(pool->blocks, max * sizeof(*blocks));
    if (blocks == NULL)
        return false;
    pool->blocks = blocks;
    pool->max_blocks = max;
    return true;
}

static bool grow(ds__event_pool *pool)
{
    if (pool->num_blocks >= UINT32_MAX / BLOCK || !reserve_block(pool))
        return false;

    ds__event *block = ds__new_lines(BLOCK * sizeof(*block));
    if (block == NULL)
        return false;
    for (uint32_t i = 0; i < BLOCK; i++) {
        block[i].slot = (uint32_t)pool->num_blocks * BLOCK + i;
        block[i].generation = 1;
        ds__list_append(&pool->unused, &block[i].link);
    }
    pool->blocks[pool->num_blocks++] = block;
    return true;
}

/* The one put back last is the one still in the cache. */
ds__event *ds__event_get(ds__event_pool *pool)
{
    if (ds__list_empty(&pool->unused) && !grow(pool))
        return NULL;

    ds__event *event = ds__container(pool->unused.prev, ds__event, link);
    ds__list_remove(&event->link);
    event->due.kind = DS__DUE_EVENT;
    event->owner = NULL;
    return event;
}

void ds__event_put(ds__event_pool *pool, ds__event *event)
{
    assert(!ds__due_pending(&event->due));
    if (event->slot == DS__EMBEDDED)
        return;
    event->payload = (ds_event){ 0 };
    if (++event->generation == 0)
        event->generation = 1;
    ds__list_append(&pool->unused, &event->link);
}

void ds__events_each(ds__event_pool *pool,
                     void (*fn)(ds__event *event, void *arg), void *arg)
{
    for (size_t b = 0; b < pool->num_blocks; b++)
        for (size_t i = 0; i < BLOCK; i++)
            if (ds__due_pending(&pool->blocks[b][i].due))
                fn(&pool->blocks[b][i], arg);
}

ds_timer ds__event_timer(const ds__event *event)
{
    return (ds_timer){
        .id = (uint64_t)event->generation << 32 | event->slot,
        .time = event->time,
    };
}

/* Generations come round after 2^32 uses of one slot; comparing the time makes
 * it all but impossible to mistake one event for another even then. */
ds__event *ds__event_find(const ds__event_pool *pool, ds_timer timer)
{
    uint32_t slot = (uint32_t)timer.id;

    if (slot / BLOCK >= pool->num_blocks)
        return NULL;

    ds__event *event = &pool->blocks[slot / BLOCK][slot % BLOCK];
    bool same = event->generation == timer.id >> 32 &&
                event->time == timer.time && ds__due_pending(&event->due);
    return same ? event : NULL;
}
