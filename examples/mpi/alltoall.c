/* An all-to-all to which ranks come one after the other, 0.1 us apart. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const int bytes = argc > 1 ? atoi(argv[1]) : 16384;
    int rank, size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    char *give = calloc((size_t)size, (size_t)bytes);
    char *take = calloc((size_t)size, (size_t)bytes);

    DSMPI_Compute(1e-7 * rank);
    MPI_Alltoall(give, bytes, MPI_CHAR, take, bytes, MPI_CHAR, MPI_COMM_WORLD);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0)
        printf("%d ranks, %d bytes to each: all is over at %.1f us\n", size,
               bytes, MPI_Wtime() * 1e6);
    free(give);
    free(take);
    MPI_Finalize();
    return 0;
}
