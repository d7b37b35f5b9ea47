/* The life of graphs. */

#include "mpi/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/object.h"

static int *copy(const int *list, int n)
{
    const size_t size = (size_t)n * sizeof(*list);

    return list == NULL ? NULL : memcpy(ds__mpi_room(size), list, size);
}

static ds__ends copy_ends(const ds__ends *e)
{
    assert(e->n >= 0);
    return (ds__ends){
        .n = e->n,
        .ranks = copy(e->ranks, e->n),
        .weights = copy(e->weights, e->n),
    };
}

ds__graph *ds__graph_whole(int num_nodes, const int *index, const int *edges,
                           int rank)
{
    ds__graph *g = ds__mpi_alloc(1, sizeof(*g));
    const int first = rank > 0 ? index[rank - 1] : 0;
    const int num_edges = num_nodes > 0 ? index[num_nodes - 1] : 0;

    assert(rank < num_nodes);
    g->refs = 1;
    g->is_whole = true;
    g->num_nodes = num_nodes;
    g->index = copy(index, num_nodes);
    g->edges = copy(edges, num_edges);
    g->in = (ds__ends){ .n = index[rank] - first, .ranks = g->edges + first };
    g->out = g->in;
    return g;
}

ds__graph *ds__graph_adjacent(const ds__ends *in, const ds__ends *out,
                              bool is_weighted)
{
    ds__graph *g = ds__mpi_alloc(1, sizeof(*g));

    g->refs = 1;
    g->in = copy_ends(in);
    g->out = copy_ends(out);
    g->is_weighted = is_weighted;
    return g;
}

ds__graph *ds__graph_hold(ds__graph *g)
{
    if (g != NULL)
        g->refs++;
    return g;
}

void ds__graph_release(ds__graph *g)
{
    if (g == NULL || --g->refs > 0)
        return;
    if (!g->is_whole) {
        free(g->in.ranks);
        free(g->in.weights);
        free(g->out.ranks);
        free(g->out.weights);
    }
    free(g->index);
    free(g->edges);
    free(g);
}
