/* Ranks that compute: for real, as they say, and while others wait. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

static volatile double sink;

static void work(int n)
{
    for (int i = 0; i < n; i++)
        sink = sink * 0.5 + i;
}

int main(int argc, char **argv)
{
    int rank;
    int x = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (argc > 1 && strcmp(argv[1], "wrong") == 0)
        DSMPI_Compute(-1);
    if (argc > 1 && strcmp(argv[1], "says") == 0) {
        DSMPI_Compute(1e-3 * (rank + 1));
        printf("rank %d computed until %.4f us\n", rank, MPI_Wtime() * 1e6);
    } else {
        work(100000 * (rank + 1));
    }
    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, 7, MPI_COMM_WORLD);
    if (rank == 1)
        MPI_Recv(&x, 1, MPI_INT, 0, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Barrier(MPI_COMM_WORLD);
    printf("rank %d ends at %.4f us\n", rank, MPI_Wtime() * 1e6);
    MPI_Finalize();
    return 0;
}
