/* Things of one size, handed out of large blocks and kept for reuse.
 *
 * Messages come and go by the million and are all alike: taking one off a
 * list costs a fraction of malloc().  The blocks go all at once. */
#ifndef DS_BASE_SLAB_H
#define DS_BASE_SLAB_H

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DS__SLAB_LEAST 16
#define DS__SLAB_MOST  4096

typedef struct ds__slab_block {
    struct ds__slab_block *next;
    size_t count;
    max_align_t things[];
} ds__slab_block;

/* size is a multiple of the strictest alignment that a thing needs, and at
 * least that of a pointer: a thing that is not in use holds the link to the
 * next one. */
typedef struct ds__slab {
    size_t size;
    void *unused;
    ds__slab_block *blocks;
} ds__slab;

static inline void ds__slab_give(ds__slab *slab, void *thing)
{
    assert(slab->blocks != NULL && slab->size >= sizeof(void *));
    memcpy(thing, &slab->unused, sizeof(void *));
    slab->unused = thing;
}

static inline void *ds__slab_at(const ds__slab *slab, ds__slab_block *block,
                                size_t i)
{
    return (char *)block->things + i * slab->size;
}

/* Puts a new, zeroed block of things on the list, twice as large as the last
 * one, up to a limit. */
static inline void ds__slab_grow(ds__slab *slab)
{
    size_t count =
        slab->blocks == NULL ? DS__SLAB_LEAST : slab->blocks->count * 2;
    if (count > DS__SLAB_MOST)
        count = DS__SLAB_MOST;

    ds__slab_block *block = calloc(1, sizeof(*block) + count * slab->size);
    if (block == NULL)
        return;
    assert(slab->size % _Alignof(void *) == 0);
    block->count = count;
    block->next = slab->blocks;
    slab->blocks = block;
    while (count-- > 0)
        ds__slab_give(slab, ds__slab_at(slab, block, count));
}

/* NULL: no memory.  What is in it is unspecified. */
static inline void *ds__slab_take(ds__slab *slab)
{
    if (slab->unused == NULL)
        ds__slab_grow(slab);

    void *thing = slab->unused;
    if (thing != NULL)
        memcpy(&slab->unused, thing, sizeof(void *));
    return thing;
}

static inline void ds__slab_free(ds__slab *slab)
{
    while (slab->blocks != NULL) {
        ds__slab_block *block = slab->blocks;
        slab->blocks = block->next;
        free(block);
    }
    slab->unused = NULL;
}

#endif
