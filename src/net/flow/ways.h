/* The links of paths, in lists that end with DS__NOWHERE, side by side.
 *
 * Whoever tells the links of a thousand paths what has changed reads nothing
 * else of these, and does not wait for memory that is full of other things. */
#ifndef DS_NET_FLOW_WAYS_H
#define DS_NET_FLOW_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DS__NOWHERE UINT32_MAX

#define DS__WAY_CLASSES 24

/* A list with room for 4 << class links begins at links[n], where n is its
 * number; the first of those in unused[class] begins with the number of the
 * next one, or DS__NOWHERE. */
typedef struct ds__ways {
    uint32_t *links;
    uint32_t used;
    uint32_t room;
    uint32_t unused[DS__WAY_CLASSES];
} ds__ways;

void ds__ways_init(ds__ways *ways);
void ds__ways_free(ds__ways *ways);

/* Returns the number of a list with room for n links, whose end is the only
 * thing in it; DS__NOWHERE: no memory.  The lists of others may move. */
uint32_t ds__ways_take(ds__ways *ways, size_t n);

/* Gives one back that had room for n links. */
void ds__ways_give(ds__ways *ways, uint32_t way, size_t n);

static inline const uint32_t *ds__ways_at(const ds__ways *ways, uint32_t way)
{
    return &ways->links[way];
}

#endif
