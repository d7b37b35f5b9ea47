/* Heat on a plate with a warm upper edge: each rank has some rows and in each
 * step gets those beside them.  Together they compute what one does alone. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each point becomes the mean of four; tells how much one rises at most. */
static double relax(const double *now, double *next, int rows, int n)
{
    const int w = n + 2;
    double change = 0;

    for (int i = w; i <= rows * w; i += w)
        for (int j = i + 1; j <= i + n; j++) {
            next[j] = (now[j - w] + now[j - 1] + now[j + 1] + now[j + w]) / 4;
            if (next[j] - now[j] > change)
                change = next[j] - now[j];
        }
    return change;
}

/* So many rows of this member, with a frame of edges and neighbours' rows. */
static double *solve(MPI_Comm comm, int rows, int n, double *change)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    const int up = rank > 0 ? rank - 1 : MPI_PROC_NULL;
    const int down = rank < size - 1 ? rank + 1 : MPI_PROC_NULL;
    const int w = n + 2, steps = 50;
    double *now = calloc((size_t)(rows + 2) * (size_t)w, sizeof(*now));
    double *next = calloc((size_t)(rows + 2) * (size_t)w, sizeof(*next));

    for (int j = 0; rank == 0 && j < w; j++)
        now[j] = next[j] = 1;
    for (int step = 0; step < steps; step++) {
        MPI_Sendrecv(now + w, w, MPI_DOUBLE, up, 0, now + (rows + 1) * w, w,
                     MPI_DOUBLE, down, 0, comm, MPI_STATUS_IGNORE);
        MPI_Sendrecv(now + rows * w, w, MPI_DOUBLE, down, 1, now, w, MPI_DOUBLE,
                     up, 1, comm, MPI_STATUS_IGNORE);
        *change = relax(now, next, rows, n);
        MPI_Allreduce(MPI_IN_PLACE, change, 1, MPI_DOUBLE, MPI_MAX, comm);
        double *last = now;
        now = next;
        next = last;
    }
    free(next);
    return now;
}

int main(int argc, char **argv)
{
    const int rows = argc > 1 ? atoi(argv[1]) : 8;
    double change, alone;
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rows < 1)
        MPI_Abort(MPI_COMM_WORLD, 2);
    const int n = rows * size, w = n + 2;
    const size_t bytes = (size_t)rows * (size_t)w * sizeof(double);
    double begin = MPI_Wtime();
    double *ours = solve(MPI_COMM_WORLD, rows, n, &change);
    double us = (MPI_Wtime() - begin) * 1e6;
    double *all = solve(MPI_COMM_SELF, n, n, &alone);
    int wrong = memcmp(ours + w, all + (rank * rows + 1) * w, bytes) != 0;
    wrong |= change != alone;
    MPI_Allreduce(MPI_IN_PLACE, &wrong, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("%d rows, %d ranks: %.1f us, rising by %.4f, wrong ranks: %d\n",
               n, size, us, change, wrong);
    free(ours);
    free(all);
    MPI_Finalize();
    return wrong;
}
