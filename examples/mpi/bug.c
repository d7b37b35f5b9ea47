/* Neighbours in a ring swap numbers: odd ranks send first, even ranks receive
 * first, so that one of two is ready for the other.  An even number of ranks
 * does not see what is wrong with that; -DMENDED mends it. */
#include <mpi.h>
#include <stdio.h>

static int swap(int me, int other)
{
    int theirs;
#ifndef MENDED
    if (me % 2 == 0) {
        MPI_Recv(&theirs, 1, MPI_INT, other, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        MPI_Send(&me, 1, MPI_INT, other, 0, MPI_COMM_WORLD);
    } else {
        MPI_Send(&me, 1, MPI_INT, other, 0, MPI_COMM_WORLD);
        MPI_Recv(&theirs, 1, MPI_INT, other, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
#else
    MPI_Sendrecv(&me, 1, MPI_INT, other, 0, &theirs, 1, MPI_INT, other, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
#endif
    return theirs;
}

int main(int argc, char **argv)
{
    int rank, size, sum, total;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const int right = (rank + 1) % size;
    const int left = (rank + size - 1) % size;

    if (rank % 2 == 0)
        sum = swap(rank, right) + swap(rank, left);
    else
        sum = swap(rank, left) + swap(rank, right);
    MPI_Reduce(&sum, &total, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("neighbours of %d ranks: %d\n", size, total);
    MPI_Finalize();
    return 0;
}
