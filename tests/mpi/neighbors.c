/* Graphs, and collectives among neighbours in them and in grids. */
#include "check.h"

/* A ring on which each knows the one behind it and the one before it; among two
 * these are the same, and one is its own neighbour. */
static int next_of(int r)
{
    return (r + 1) % size;
}

static int last_of(int r)
{
    return (r + size - 1) % size;
}

enum { MOST = 64 };

static void whole(void)
{
    int index[MOST];
    int edges[2 * MOST];
    int got_index[MOST];
    int got[2 * MOST];
    MPI_Comm ring;
    MPI_Comm twin;
    MPI_Comm none;
    int n;
    int m;

    for (int i = 0; i < size; i++) {
        index[i] = 2 * (i + 1);
        edges[2 * i] = last_of(i);
        edges[2 * i + 1] = next_of(i);
    }
    MPI_Graph_create(MPI_COMM_WORLD, size, index, edges, 1, &ring);
    MPI_Comm_dup(ring, &twin);
    MPI_Comm_free(&ring);
    MPI_Topo_test(twin, &n);
    CHECK(n == MPI_GRAPH);
    MPI_Graphdims_get(twin, &n, &m);
    CHECK(n == size && m == 2 * size);
    MPI_Graph_get(twin, MOST, 2 * MOST, got_index, got);
    for (int i = 0; i < 2 * size; i++)
        CHECK(got[i] == edges[i] && got_index[i / 2] == index[i / 2]);
    MPI_Graph_neighbors_count(twin, size - 1, &n);
    CHECK(n == 2);
    MPI_Graph_neighbors(twin, size - 1, 2, got);
    CHECK(got[0] == last_of(size - 1) && got[1] == 0);
    got[0] = got[1] = -1;
    MPI_Neighbor_allgather(&rank, 1, MPI_INT, got, 1, MPI_INT, twin);
    CHECK(got[0] == last_of(rank) && got[1] == next_of(rank));
    MPI_Comm_free(&twin);
    /* Of some ranks; the others have none. */
    const int alone = 1;
    const int self = 0;
    MPI_Graph_create(MPI_COMM_WORLD, 1, &alone, &self, 0, &none);
    CHECK((none != MPI_COMM_NULL) == (rank == 0));
    MPI_Graph_map(MPI_COMM_WORLD, 1, &alone, &self, &n);
    CHECK(n == (rank == 0 ? 0 : MPI_UNDEFINED));
    if (none != MPI_COMM_NULL)
        MPI_Comm_free(&none);
}

/* ---- Distributed graphs ---------------------------------------------------*/

/* Edges to the next one and to the one behind that, with the weight of their
 * ends. */
static void check_edges(MPI_Comm graph)
{
    int in[2];
    int out[2];
    int in_weights[2];
    int out_weights[2];
    int ins;
    int outs;
    int weighted;
    long seen = 0;

    MPI_Dist_graph_neighbors_count(graph, &ins, &outs, &weighted);
    CHECK(ins == 2 && outs == 2 && weighted);
    MPI_Dist_graph_neighbors(graph, 2, in, in_weights, 2, out, out_weights);
    for (int i = 0; i < 2; i++) {
        const int far = (out[i] - rank + size) % size;
        CHECK(far == 1 % size || far == 2 % size);
        CHECK(out_weights[i] == 100 * rank + out[i]);
        CHECK(in_weights[i] == 100 * in[i] + rank);
        seen += out[i];
    }
    CHECK(seen == next_of(rank) + next_of(next_of(rank)));
}

static void distributed(void)
{
    int from[MOST];
    int degrees[MOST];
    int to[2 * MOST];
    int weights[2 * MOST];
    MPI_Comm graph;
    MPI_Comm twin;
    int n;

    for (int i = 0; i < size; i++) {
        from[i] = i;
        degrees[i] = 2;
        to[2 * i] = next_of(i);
        to[2 * i + 1] = next_of(next_of(i));
        weights[2 * i] = 100 * i + to[2 * i];
        weights[2 * i + 1] = 100 * i + to[2 * i + 1];
    }
    /* Told by each, by one, and from the other end. */
    MPI_Dist_graph_create(MPI_COMM_WORLD, 1, from + rank, degrees,
                          to + 2 * rank, weights + 2 * rank, MPI_INFO_NULL, 1,
                          &graph);
    check_edges(graph);
    MPI_Comm_free(&graph);
    MPI_Dist_graph_create(MPI_COMM_WORLD, rank == size - 1 ? size : 0, from,
                          degrees, to, weights, MPI_INFO_NULL, 1, &graph);
    MPI_Topo_test(graph, &n);
    CHECK(n == MPI_DIST_GRAPH);
    MPI_Comm_dup(graph, &twin);
    MPI_Comm_free(&graph);
    check_edges(twin);
    MPI_Comm_free(&twin);
    const int in[2] = { last_of(rank), last_of(last_of(rank)) };
    const int in_weights[2] = { 100 * in[0] + rank, 100 * in[1] + rank };
    MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 2, in, in_weights, 2,
                                   to + 2 * rank, weights + 2 * rank,
                                   MPI_INFO_NULL, 0, &graph);
    check_edges(graph);
    MPI_Comm_free(&graph);
    MPI_Dist_graph_create(MPI_COMM_WORLD, 0, NULL, NULL, NULL, MPI_UNWEIGHTED,
                          MPI_INFO_NULL, 0, &graph);
    int outs;
    int weighted;
    MPI_Dist_graph_neighbors_count(graph, &n, &outs, &weighted);
    CHECK(n == 0 && outs == 0 && !weighted);
    MPI_Neighbor_alltoall(NULL, 0, MPI_INT, NULL, 0, MPI_INT, graph);
    MPI_Comm_free(&graph);
}

/* Everybody sends to the root, which sends to nobody. */
static void lopsided(void)
{
    const int root = 0;
    const int mine[2] = { rank, 10 * rank };
    int all[MOST];
    int got[3 * MOST];
    int counts[MOST];
    int places[MOST];
    MPI_Comm star;
    MPI_Request r;

    for (int i = 0; i < size; i++) {
        all[i] = i;
        counts[i] = 2;
        places[i] = 3 * (size - 1 - i);
        got[places[i]] = got[places[i] + 1] = -1;
    }
    MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, rank == root ? size : 0, all,
                                   MPI_UNWEIGHTED, 1, &root, MPI_UNWEIGHTED,
                                   MPI_INFO_NULL, 0, &star);
    MPI_Ineighbor_allgatherv(mine, 2, MPI_INT, got, counts, places, MPI_INT,
                             star, &r);
    MPI_Comm_free(&star);
    for (int i = 0; i < size; i++)
        counts[i] = places[i] = -1000; /* it has what it needs of them */
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    for (int i = 0; rank == root && i < size; i++)
        CHECK(got[3 * (size - 1 - i)] == i &&
              got[3 * (size - 1 - i) + 1] == 10 * i);
}

/* ---- Grids ----------------------------------------------------------------*/

/* What goes down is what the one below takes from above, also where that one is
 * above as well. */
static void grid(int periodic)
{
    int dims[2] = { 0, 0 };
    const int periods[2] = { periodic, periodic };
    int ends[4];
    int out[4];
    int in[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };
    MPI_Request r[2];
    MPI_Comm c;

    MPI_Dims_create(size, 2, dims);
    MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0, &c);
    for (int i = 0; i < 2; i++)
        MPI_Cart_shift(c, i, 1, &ends[2 * i], &ends[2 * i + 1]);
    for (int i = 0; i < 4; i++)
        out[i] = 10 * rank + i;
    MPI_Ineighbor_alltoall(out, 1, MPI_INT, in, 1, MPI_INT, c, &r[0]);
    MPI_Ineighbor_alltoall(out, 1, MPI_INT, in + 4, 1, MPI_INT, c, &r[1]);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    for (int i = 0; i < 4; i++) {
        const int wanted =
            ends[i] == MPI_PROC_NULL ? -1 : 10 * ends[i] + (i ^ 1);
        CHECK(in[i] == wanted && in[4 + i] == wanted);
    }
    /* The same by counts, and by types. */
    const int counts[4] = { 1, 1, 1, 1 };
    const int places[4] = { 3, 2, 1, 0 };
    const MPI_Aint bytes[4] = { 12, 8, 4, 0 };
    const MPI_Datatype types[4] = { MPI_INT, MPI_INT, MPI_INT, MPI_INT };
    for (int i = 0; i < 8; i++)
        in[i] = -1;
    MPI_Neighbor_alltoallv(out, counts, places, MPI_INT, in, counts, places,
                           MPI_INT, c);
    MPI_Neighbor_alltoallw(out, counts, bytes, types, in + 4, counts, bytes,
                           types, c);
    for (int i = 0; i < 4; i++) {
        const int wanted =
            ends[i] == MPI_PROC_NULL ? -1 : 10 * ends[i] + 3 - (i ^ 1);
        CHECK(in[3 - i] == wanted && in[7 - i] == wanted);
    }
    MPI_Comm_free(&c);
}

/* As close to each other as they can be. */
static void dimensions(void)
{
    static const struct {
        int places;
        int dims[3];
    } cases[] = {
        { 5040, { 21, 16, 15 } }, { 6240, { 26, 16, 15 } },
        { 7488, { 26, 18, 16 } }, { 12, { 3, 2, 2 } },
        { 7, { 7, 1, 1 } },       { 64, { 4, 4, 4 } },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int dims[3] = { 0, 0, 0 };
        MPI_Dims_create(cases[i].places, 3, dims);
        CHECK(dims[0] == cases[i].dims[0] && dims[1] == cases[i].dims[1] &&
              dims[2] == cases[i].dims[2]);
    }
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    whole();
    distributed();
    lopsided();
    grid(0);
    grid(1);
    dimensions();
    return end();
}
