/* Topologies that are graphs: who is whose neighbour. */
#ifndef DS_MPI_GRAPH_H
#define DS_MPI_GRAPH_H

#include <stdbool.h>

/* Ranks, and the weights of the edges from them or to them. */
typedef struct ds__ends {
    int n;
    int *ranks;
    int *weights; /* NULL: they have none */
} ds__ends;

/* One graph that all members told whole, or one of which each told some edges
 * and knows its own.  Duplicates of a communicator share it. */
typedef struct ds__graph {
    int refs;
    bool is_whole;
    ds__ends in;
    ds__ends out; /* of a whole one the same as in */
    bool is_weighted;
    int num_nodes; /* of a whole one */
    int *index;    /* where the neighbours of each node end */
    int *edges;
} ds__graph;

/* Makes one of arrays, which are copied; rank: that of the one whose neighbours
 * it tells. */
ds__graph *ds__graph_whole(int num_nodes, const int *index, const int *edges,
                           int rank);
ds__graph *ds__graph_adjacent(const ds__ends *in, const ds__ends *out,
                              bool is_weighted);

ds__graph *ds__graph_hold(ds__graph *graph); /* NULL of NULL */
void ds__graph_release(ds__graph *graph);    /* NULL: nothing to do */

#endif
