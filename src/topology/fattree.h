/* Fat-trees by their numbers, for those who read them elsewhere. */
#ifndef DS_TOPOLOGY_FATTREE_H
#define DS_TOPOLOGY_FATTREE_H

#include <stdbool.h>
#include <stddef.h>

#include <distsys/topology.h>

#include "topology/build.h"

enum { DS__MOST_LEVELS = 16 };

typedef struct ds__fattree {
    size_t levels;
    size_t m[DS__MOST_LEVELS];      /* children, of the nodes of level i + 1 */
    size_t w[DS__MOST_LEVELS];      /* parents, of those of level i */
    size_t p[DS__MOST_LEVELS];      /* cables between the two */
    ds_link links[DS__MOST_LEVELS]; /* what they are */
} ds__fattree;

/* Builds it, with D-mod-k routing; false: it is too large, which is said of the
 * shape, or there is no memory. */
bool ds__fattree_build(ds_topology *topology, const ds__cursor *shape,
                       const ds__fattree *tree, bool half);

/* The level of a place; 0: a host. */
size_t ds__fattree_level(const ds__fattree *tree, size_t place);

#endif
