/* A program that is right only if messages come in one order: rank 0 hears of
 * two ranks, takes the first for rank 1, and waits for the other one. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hear(const char *how)
{
    int x;
    MPI_Status status;

    DSMPI_Compute(1e-5); /* both are there */
    MPI_Recv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 7, MPI_COMM_WORLD, &status);
    printf("first rank %d\n", status.MPI_SOURCE);
    if (strcmp(how, "deadlock") == 0)
        MPI_Recv(&x, 1, MPI_INT, 2, 7, MPI_COMM_WORLD, &status);
    else
        MPI_Recv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 7, MPI_COMM_WORLD, &status);
    if (strcmp(how, "abort") == 0 && status.MPI_SOURCE != 2)
        MPI_Abort(MPI_COMM_WORLD, 5);
    if (strcmp(how, "crash") == 0 && status.MPI_SOURCE != 2)
        *(volatile int *)0 = 1;
}

int main(int argc, char **argv)
{
    int rank;
    const char *how = argc > 1 ? argv[1] : "well";

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0)
        hear(how);
    if (rank == 2)
        DSMPI_Compute(2e-6); /* it is the second one */
    if (rank > 0)
        MPI_Send(&rank, 1, MPI_INT, 0, 7, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
