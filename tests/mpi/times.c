/* How long each collective takes, if all ranks begin at once: a line for each,
 * count and rank.  The last rank is the root.  With "parts" before the counts,
 * it is those of parts, which are of one length here. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C MPI_COMM_WORLD
#define D MPI_DOUBLE

static int p;
static int me;
static double *in;
static double *out;
static int n;

static void do_barrier(void)
{
    MPI_Barrier(C);
}
static void do_bcast(void)
{
    MPI_Bcast(in, n, D, p - 1, C);
}
static void do_reduce(void)
{
    MPI_Reduce(in, out, n, D, MPI_SUM, p - 1, C);
}
static void do_gather(void)
{
    MPI_Gather(in, n, D, out, n, D, p - 1, C);
}
static void do_scan(void)
{
    MPI_Scan(in, out, n, D, MPI_SUM, C);
}
static void do_exscan(void)
{
    MPI_Exscan(in, out, n, D, MPI_SUM, C);
}
static void do_allreduce(void)
{
    MPI_Allreduce(in, out, n, D, MPI_SUM, C);
}
static void do_allgather(void)
{
    MPI_Allgather(in, n, D, out, n, D, C);
}

static void do_scatter(void)
{
    MPI_Scatter(in, n / p, D, out, n / p, D, p - 1, C);
}

static void do_alltoall(void)
{
    MPI_Alltoall(in, n / p, D, out, n / p, D, C);
}

static void do_reduce_scatter(void)
{
    MPI_Reduce_scatter_block(in, out, n / p, D, MPI_SUM, C);
}

/* ---- Of parts -------------------------------------------------------------*/

static int *counts;
static int *places;

static void make_parts(int each)
{
    for (int i = 0; i < p; i++) {
        counts[i] = each;
        places[i] = i * each;
    }
}

static void do_gatherv(void)
{
    make_parts(n);
    MPI_Gatherv(in, n, D, out, counts, places, D, p - 1, C);
}

static void do_scatterv(void)
{
    make_parts(n / p);
    MPI_Scatterv(in, counts, places, D, out, n / p, D, p - 1, C);
}

static void do_allgatherv(void)
{
    make_parts(n);
    MPI_Allgatherv(in, n, D, out, counts, places, D, C);
}

static void do_alltoallv(void)
{
    make_parts(n / p);
    MPI_Alltoallv(in, counts, places, D, out, counts, places, D, C);
}

static void do_reduce_scatterv(void)
{
    make_parts(n / p);
    MPI_Reduce_scatter(in, out, counts, D, MPI_SUM, C);
}

/* There and back. */
static void do_ping(void)
{
    if (me == 0) {
        MPI_Send(in, n, D, 1, 0, C);
        MPI_Recv(out, n, D, 1, 0, C, MPI_STATUS_IGNORE);
    } else if (me == 1) {
        MPI_Recv(out, n, D, 0, 0, C, MPI_STATUS_IGNORE);
        MPI_Send(in, n, D, 0, 0, C);
    }
}

typedef struct kind {
    const char *name;
    void (*run)(void);
} kind;

static const kind of_parts[] = {
    { "gather", do_gatherv },
    { "scatter", do_scatterv },
    { "allgather", do_allgatherv },
    { "alltoall", do_alltoallv },
    { "reduce-scatter", do_reduce_scatterv },
    { NULL, NULL },
};

static const kind kinds[] = {
    { "barrier", do_barrier },
    { "bcast", do_bcast },
    { "reduce", do_reduce },
    { "gather", do_gather },
    { "scatter", do_scatter },
    { "allgather", do_allgather },
    { "alltoall", do_alltoall },
    { "reduce-scatter", do_reduce_scatter },
    { "scan", do_scan },
    { "exscan", do_exscan },
    { "allreduce", do_allreduce },
    { "ping", do_ping },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    const int parts = argc > 1 && strcmp(argv[1], "parts") == 0;
    int turn = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_size(C, &p);
    MPI_Comm_rank(C, &me);
    counts = malloc((size_t)p * sizeof(int));
    places = malloc((size_t)p * sizeof(int));
    for (int i = 1 + parts; i < argc; i++) {
        n = atoi(argv[i]);
        in = calloc((size_t)n, sizeof(double));
        out = calloc((size_t)n * (size_t)p, sizeof(double));
        for (const kind *k = parts ? of_parts : kinds; k->name != NULL; k++) {
            const double begin = ++turn * 0.01;
            DSMPI_Compute(begin - MPI_Wtime());
            k->run();
            printf("%s %d %.17g\n", k->name, n, MPI_Wtime() - begin);
        }
        free(in);
        free(out);
    }
    free(counts);
    free(places);
    return MPI_Finalize();
}
