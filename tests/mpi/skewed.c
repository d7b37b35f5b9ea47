/* An all-to-all to which ranks come one after the other. */
#include <dsmpi.h>
#include <mpi.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const int n = 16384;
    int rank;
    int size;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    char *give = calloc((size_t)size, (size_t)n);
    char *take = calloc((size_t)size, (size_t)n);
    DSMPI_Compute(1e-7 * rank);
    MPI_Alltoall(give, n, MPI_CHAR, take, n, MPI_CHAR, MPI_COMM_WORLD);
    free(give);
    free(take);
    MPI_Finalize();
    return 0;
}
