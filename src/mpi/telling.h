/* Graphs of which any member may tell any edge. */
#ifndef DS_MPI_TELLING_H
#define DS_MPI_TELLING_H

#include "mpi/comm.h"

/* An edge of a graph that is told by anybody. */
typedef struct ds__arc {
    int from;
    int to;
    int weight;
} ds__arc;

/* Makes the one of the edges that all members tell; they wait for each other.
 * Neighbours come in the order of their ranks, then as they were told. */
ds__graph *ds__graph_told(ds__comm *comm, const ds__arc *edges, size_t n,
                          bool is_weighted);

#endif
