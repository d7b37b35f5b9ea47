/* Numbers go around a ring, so that each rank sees all of them and adds them
 * up.  The clock says how long that takes with messages of each size. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

/* Sums up what is in the first element of all ranks' buffers. */
static long around(long *give, long *take, int count)
{
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const int next = (rank + 1) % size;
    const int last = (rank + size - 1) % size;

    give[0] = rank;
    long sum = give[0];
    for (int step = 1; step < size; step++) {
        MPI_Sendrecv(give, count, MPI_LONG, next, step, take, count, MPI_LONG,
                     last, step, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        sum += take[0];
        long *other = give;
        give = take;
        take = other;
    }
    return sum;
}

int main(int argc, char **argv)
{
    enum { LONGEST = 10000 };
    long *give = calloc(LONGEST, sizeof(*give));
    long *take = calloc(LONGEST, sizeof(*take));
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int count = 1; count <= LONGEST; count *= 100) {
        double begin = MPI_Wtime();
        long sum = around(give, take, count);
        if (rank == 0)
            printf("%5zu bytes: the sum is %ld, %d steps took %g us\n",
                   (size_t)count * sizeof(*give), sum, size - 1,
                   (MPI_Wtime() - begin) * 1e6);
    }
    free(give);
    free(take);
    MPI_Finalize();
    return 0;
}
