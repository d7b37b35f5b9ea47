/* Each of two ranks waits for what the other would send. */
#include <mpi.h>

static void take(int from, int *x)
{
    MPI_Recv(x, 1, MPI_INT, from, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
    int rank;
    int x;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);

    if (rank < 2)
        take(1 - rank, &x);
    MPI_Barrier(MPI_COMM_WORLD);
    return MPI_Finalize();
}
