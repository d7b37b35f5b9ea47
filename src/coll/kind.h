/* What all collectives of a kind have in common.
 *
 * A new kind is a value of ds_collective_kind and a row in kind.c; everything
 * else asks for what it needs to know. */
#ifndef DS_COLL_KIND_H
#define DS_COLL_KIND_H

#include <distsys/allreduce.h>
#include <distsys/collective.h>

/* The least that some node must do, whatever the algorithm is, in elements, at
 * the node that has the most of each. */
typedef struct ds__least {
    double moved;    /* sent or received */
    double read;     /* by reductions of as many vectors as they like */
    double pairwise; /* by reductions of two */
} ds__least;

typedef struct ds__kind {
    const char *name; /* NULL: there is no such kind */
    unsigned traits;
    /* For p > 1 nodes and len elements at the full side; NULL: nothing has to
     * be moved. */
    ds__least (*least)(size_t p, size_t len);
} ds__kind;

/* Returns the row of a kind, one without a name if there is none. */
const ds__kind *ds__kind_of(ds_collective_kind kind);

/* Describes an allreduce as one of the collectives. */
ds_collective ds__collective_of(const ds_allreduce *allreduce);

#endif
