/* Places and arcs, and the shortest ways between them.
 *
 * One search, backwards from a destination, finds how far all places are from
 * it, in four bytes each; a way then goes downhill.  The first question about a
 * destination makes that field.  Hosts with one cable share the field of the
 * switch they are at: a network of 10,000 hosts at 500 switches has 500.
 *
 * Any number of threads of the system may ask at a time: a field is whole
 * before it can be seen, and who comes second throws his own away. */
#ifndef DS_TOPOLOGY_GRAPH_H
#define DS_TOPOLOGY_GRAPH_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/trail.h"

/* One direction of a cable.  Both have one link where they share it. */
typedef struct ds__arc {
    uint32_t from;
    uint32_t to;
    uint32_t link;
} ds__arc;

/* Invariants: out[first_out[p]] to out[first_out[p + 1] - 1] are the numbers of
 * the arcs that leave p, in their order, and likewise in those that lead to it;
 * a field has, for each place, how many arcs there are from it to the field's
 * own, or DS__FAR. */
typedef struct ds__graph {
    const ds__arc *arcs; /* borrowed; by link, ascending */
    size_t num_arcs;
    size_t num_places;
    size_t num_closed;   /* no way leads through the first of them */
    uint32_t *first_out; /* one more than there are places */
    uint32_t *out;
    uint32_t *first_in;
    uint32_t *in;
    _Atomic(uint32_t *) *fields; /* by destination */
} ds__graph;

#define DS__FAR UINT32_MAX

/* NULL: no memory. */
ds__graph *ds__graph_new(const ds__arc *arcs, size_t num_arcs,
                         size_t num_places, size_t num_closed);
void ds__graph_free(ds__graph *graph);

/* Chooses among the n arcs that lead from a place downhill, 0 being the one
 * with the lowest link. */
typedef struct ds__chooser {
    uint32_t (*choose)(const struct ds__chooser *self, size_t place,
                       uint32_t n);
} ds__chooser;

/* Adds the links of a shortest way.  Without a chooser, of several it is the
 * one that has the lower number where they first differ. */
ds__way ds__graph_route(ds__graph *graph, size_t from, size_t to,
                        const ds__chooser *chooser, ds__trail *path);

/* The field of a place; NULL: no memory. */
const uint32_t *ds__graph_field(ds__graph *graph, size_t to);

void ds__graph_check(const ds__graph *graph);

#endif
