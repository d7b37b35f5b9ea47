/* Communicators whose ranks are the nodes of a graph. */

#include <stdlib.h>

#include "mpi/bind/abi.h"
#include "mpi/split.h"
#include "mpi/telling.h"

/* What a program says instead of weights has an address of its own. */
#ifdef DS_MPICH
static int no_weights[2];
int *const ds__mpich_unweighted = &no_weights[0];
int *const ds__mpich_weights_empty = &no_weights[1];
#define MPI_UNWEIGHTED ds__mpich_unweighted
#endif

#define NEED_GRAPH(c)                                                          \
    if ((c)->graph == NULL || !(c)->graph->is_whole)                           \
    FAIL(c, ERR_TOPOLOGY, "the communicator has no topology of a graph")
#define NEED_DIST_GRAPH(c)                                                     \
    if ((c)->graph == NULL || (c)->graph->is_whole)                            \
    FAIL(c, ERR_TOPOLOGY,                                                      \
         "the communicator has no topology of a distributed graph")

/* ---- Told whole by all ----------------------------------------------------*/

/* Returns an error of the library. */
static int check(ds__comm *c, int nnodes, const int *index, const int *edges)
{
    if (nnodes < 0 || nnodes > ds__comm_size(c))
        return ds__comm_fail(c, DS__ERR_ARG,
                             "a graph of %d nodes among %d ranks", nnodes,
                             ds__comm_size(c));
    if (nnodes > 0 && (index == NULL || edges == NULL))
        return ds__comm_fail(c, DS__ERR_ARG, "NULL is no array of a graph");
    for (int i = 0; i < nnodes; i++)
        if (index[i] < (i > 0 ? index[i - 1] : 0))
            return ds__comm_fail(c, DS__ERR_ARG,
                                 "the neighbours of node %d end before they "
                                 "begin",
                                 i);
    for (int i = 0; nnodes > 0 && i < index[nnodes - 1]; i++)
        if (edges[i] < 0 || edges[i] >= nnodes)
            return ds__comm_fail(c, DS__ERR_ARG,
                                 "edge %d leads to node %d among %d", i,
                                 edges[i], nnodes);
    return DS__SUCCESS;
}

/* The order of ranks stays as it is. */
API int F(Graph_create)(MPI_Comm comm, int nnodes, const int index[],
                        const int edges[], int reorder, MPI_Comm *newcomm)
{
    ENTER(Graph_create);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newcomm);
    const int error = check(c, nnodes, index, edges);
    if (error != DS__SUCCESS)
        return ERROR(error);
    ds__comm *made =
        ds__comm_split(c, c->rank < nnodes ? 0 : DS__UNDEFINED, c->rank);
    if (made != NULL)
        made->graph = ds__graph_whole(nnodes, index, edges, made->rank);
    *newcomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

API int F(Graph_map)(MPI_Comm comm, int nnodes, const int index[],
                     const int edges[], int *newrank)
{
    ENTER(Graph_map);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newrank);
    const int error = check(c, nnodes, index, edges);
    if (error != DS__SUCCESS)
        return ERROR(error);
    *newrank = c->rank < nnodes ? c->rank : MPI_UNDEFINED;
    return MPI_SUCCESS;
}

API int F(Graphdims_get)(MPI_Comm comm, int *nnodes, int *nedges)
{
    ENTER(Graphdims_get);
    NEED_COMM(c, comm);
    NEED_GRAPH(c);
    NEED_RESULT(c, nnodes);
    NEED_RESULT(c, nedges);
    *nnodes = c->graph->num_nodes;
    *nedges = c->graph->index[c->graph->num_nodes - 1];
    return MPI_SUCCESS;
}

/* As much as there is room for. */
static void get(int *to, int room, const int *from, int n)
{
    for (int i = 0; i < n && i < room; i++)
        to[i] = from[i];
}

API int F(Graph_get)(MPI_Comm comm, int maxindex, int maxedges, int index[],
                     int edges[])
{
    ENTER(Graph_get);
    NEED_COMM(c, comm);
    NEED_GRAPH(c);
    const int n = c->graph->num_nodes;
    get(index, maxindex, c->graph->index, n);
    get(edges, maxedges, c->graph->edges, c->graph->index[n - 1]);
    return MPI_SUCCESS;
}

/* Finds the neighbours of a node; returns an error of the library. */
static int find(ds__comm *c, int rank, const int **first, int *n)
{
    const ds__graph *g = c->graph;

    if (rank < 0 || rank >= g->num_nodes)
        return ds__comm_fail(c, DS__ERR_RANK, "a rank of %d among %d", rank,
                             g->num_nodes);
    const int begin = rank > 0 ? g->index[rank - 1] : 0;
    *first = g->edges + begin;
    *n = g->index[rank] - begin;
    return DS__SUCCESS;
}

API int F(Graph_neighbors_count)(MPI_Comm comm, int rank, int *nneighbors)
{
    const int *first;

    ENTER(Graph_neighbors_count);
    NEED_COMM(c, comm);
    NEED_GRAPH(c);
    NEED_RESULT(c, nneighbors);
    return ERROR(find(c, rank, &first, nneighbors));
}

API int F(Graph_neighbors)(MPI_Comm comm, int rank, int maxneighbors,
                           int neighbors[])
{
    const int *first;
    int n;

    ENTER(Graph_neighbors);
    NEED_COMM(c, comm);
    NEED_GRAPH(c);
    const int error = find(c, rank, &first, &n);
    if (error == DS__SUCCESS)
        get(neighbors, maxneighbors, first, n);
    return ERROR(error);
}

/* ---- Distributed ----------------------------------------------------------*/

/* Checks ranks of c and their weights; returns an error of the library. */
static int check_ends(ds__comm *c, int n, const int *ranks, const int *weights)
{
    if (n < 0)
        return ds__comm_fail(c, DS__ERR_ARG, "%d edges; there are at least 0",
                             n);
    if (n > 0 && (ranks == NULL || weights == NULL))
        return ds__comm_fail(c, DS__ERR_ARG, "NULL is no array of edges");
    for (int i = 0; i < n; i++) {
        if (ranks[i] < 0 || ranks[i] >= ds__comm_size(c))
            return ds__comm_fail(c, DS__ERR_RANK, "a rank of %d among %d",
                                 ranks[i], ds__comm_size(c));
        if (weights != MPI_UNWEIGHTED && weights[i] < 0)
            return ds__comm_fail(
                c, DS__ERR_ARG, "a weight of %d; it is at least 0", weights[i]);
    }
    return DS__SUCCESS;
}

/* Makes a communicator of the same ranks with that topology alone. */
static MPI_Comm with_graph(ds__comm *c, ds__graph *graph)
{
    ds__comm *made = ds__comm_dup(c);

    free(made->cart);
    made->cart = NULL;
    ds__graph_release(made->graph);
    made->graph = graph;
    return ABI_NAME(comm_handle)(made);
}

API int F(Dist_graph_create_adjacent)(MPI_Comm comm, int indegree,
                                      const int sources[],
                                      const int sourceweights[], int outdegree,
                                      const int destinations[],
                                      const int destweights[], MPI_Info info,
                                      int reorder, MPI_Comm *newcomm)
{
    const bool weighted = sourceweights != MPI_UNWEIGHTED;
    int error;

    ENTER(Dist_graph_create_adjacent);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newcomm);
    error = check_ends(c, indegree, sources, sourceweights);
    if (error == DS__SUCCESS)
        error = check_ends(c, outdegree, destinations, destweights);
    if (error != DS__SUCCESS)
        return ERROR(error);
    if (weighted != (destweights != MPI_UNWEIGHTED))
        FAIL(c, ERR_ARG, "MPI_UNWEIGHTED is for the edges of both directions");
    const ds__ends in = { indegree, (int *)sources,
                          weighted ? (int *)sourceweights : NULL };
    const ds__ends out = { outdegree, (int *)destinations,
                           weighted ? (int *)destweights : NULL };
    *newcomm = with_graph(c, ds__graph_adjacent(&in, &out, weighted));
    return MPI_SUCCESS;
}

/* Counts all edges and checks them; returns an error of the library. */
static int count_edges(ds__comm *c, int n, const int *sources,
                       const int *degrees, const int *destinations,
                       const int *weights, int *count)
{
    const int error = check_ends(c, n, sources, MPI_UNWEIGHTED);

    *count = 0;
    if (error != DS__SUCCESS)
        return error;
    if (n > 0 && degrees == NULL)
        return ds__comm_fail(c, DS__ERR_ARG, "NULL is no array of degrees");
    for (int i = 0; i < n; i++) {
        if (degrees[i] < 0)
            return ds__comm_fail(
                c, DS__ERR_ARG, "a degree of %d; it is at least 0", degrees[i]);
        *count += degrees[i];
    }
    return check_ends(c, *count, destinations, weights);
}

API int F(Dist_graph_create)(MPI_Comm comm, int n, const int sources[],
                             const int degrees[], const int destinations[],
                             const int weights[], MPI_Info info, int reorder,
                             MPI_Comm *newcomm)
{
    const bool weighted = weights != MPI_UNWEIGHTED;
    int count;

    ENTER(Dist_graph_create);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newcomm);
    const int error =
        count_edges(c, n, sources, degrees, destinations, weights, &count);
    if (error != DS__SUCCESS)
        return ERROR(error);
    ds__arc *edges = ds__mpi_alloc((size_t)count, sizeof(*edges));
    for (int i = 0, e = 0; i < n; i++)
        for (int k = 0; k < degrees[i]; k++, e++) {
            edges[e].from = sources[i];
            edges[e].to = destinations[e];
            edges[e].weight = weighted ? weights[e] : 1;
        }
    *newcomm = with_graph(c, ds__graph_told(c, edges, (size_t)count, weighted));
    free(edges);
    return MPI_SUCCESS;
}

API int F(Dist_graph_neighbors_count)(MPI_Comm comm, int *indegree,
                                      int *outdegree, int *weighted)
{
    ENTER(Dist_graph_neighbors_count);
    NEED_COMM(c, comm);
    NEED_DIST_GRAPH(c);
    NEED_RESULT(c, indegree);
    NEED_RESULT(c, outdegree);
    NEED_RESULT(c, weighted);
    *indegree = c->graph->in.n;
    *outdegree = c->graph->out.n;
    *weighted = c->graph->is_weighted;
    return MPI_SUCCESS;
}

static void get_ends(const ds__ends *e, int room, int *ranks, int *weights)
{
    get(ranks, room, e->ranks, e->n);
    if (e->weights != NULL && weights != MPI_UNWEIGHTED)
        get(weights, room, e->weights, e->n);
}

API int F(Dist_graph_neighbors)(MPI_Comm comm, int maxindegree, int sources[],
                                int sourceweights[], int maxoutdegree,
                                int destinations[], int destweights[])
{
    ENTER(Dist_graph_neighbors);
    NEED_COMM(c, comm);
    NEED_DIST_GRAPH(c);
    get_ends(&c->graph->in, maxindegree, sources, sourceweights);
    get_ends(&c->graph->out, maxoutdegree, destinations, destweights);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Dist_graph_create)                                                       \
    N(Dist_graph_create_adjacent)                                              \
    N(Dist_graph_neighbors)                                                    \
    N(Dist_graph_neighbors_count)                                              \
    N(Graph_create)                                                            \
    N(Graph_get)                                                               \
    N(Graph_map)                                                               \
    N(Graph_neighbors)                                                         \
    N(Graph_neighbors_count)                                                   \
    N(Graphdims_get)
DEFINE_NAMES(graph_names, LIST)
