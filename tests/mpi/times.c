/* How long each collective takes, if all ranks begin at once: a line for each,
 * count and rank.  The last rank is the root. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

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

static const struct {
    const char *name;
    void (*run)(void);
} kinds[] = {
    { "barrier", do_barrier },     { "bcast", do_bcast },
    { "reduce", do_reduce },       { "gather", do_gather },
    { "scatter", do_scatter },     { "allgather", do_allgather },
    { "alltoall", do_alltoall },   { "reduce-scatter", do_reduce_scatter },
    { "scan", do_scan },           { "exscan", do_exscan },
    { "allreduce", do_allreduce }, { "ping", do_ping },
};

int main(int argc, char **argv)
{
    int turn = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_size(C, &p);
    MPI_Comm_rank(C, &me);
    for (int i = 1; i < argc; i++) {
        n = atoi(argv[i]);
        in = calloc((size_t)n, sizeof(double));
        out = calloc((size_t)n * (size_t)p, sizeof(double));
        for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
            const double begin = ++turn * 0.01;
            DSMPI_Compute(begin - MPI_Wtime());
            kinds[k].run();
            printf("%s %d %.17g\n", kinds[k].name, n, MPI_Wtime() - begin);
        }
        free(in);
        free(out);
    }
    return MPI_Finalize();
}
