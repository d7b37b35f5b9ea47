/* A number goes around, and grows by one at each rank. */
#include <mpi.h>
#include <stdio.h>

static void pass(int *token, int rank, int size)
{
    MPI_Recv(token, 1, MPI_INT, (rank + size - 1) % size, 7, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    ++*token;
    if (rank != 0)
        MPI_Send(token, 1, MPI_INT, (rank + 1) % size, 7, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
    int rank;
    int size;
    int token = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0)
        MPI_Send(&token, 1, MPI_INT, 1 % size, 7, MPI_COMM_WORLD);
    pass(&token, rank, size);
    printf("rank %d: %d at %.4f us\n", rank, token, 1e6 * MPI_Wtime());
    MPI_Finalize();
    return 0;
}
