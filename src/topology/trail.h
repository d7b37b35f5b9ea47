/* The links of one way, gathered one after the other.  All are counted, and as
 * many are kept as there is room for. */
#ifndef DS_TOPOLOGY_TRAIL_H
#define DS_TOPOLOGY_TRAIL_H

#include <stddef.h>

typedef struct ds__trail {
    size_t *links;
    size_t max;
    size_t n;
} ds__trail;

static inline void ds__trail_add(ds__trail *path, size_t link)
{
    if (path->n < path->max)
        path->links[path->n] = link;
    path->n++;
}

/* What came of looking for a way. */
typedef enum ds__way {
    DS__WAY_FOUND,
    DS__WAY_NONE,
    DS__WAY_NO_MEMORY,
} ds__way;

#endif
