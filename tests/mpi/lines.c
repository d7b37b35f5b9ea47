/* Lines that are printed in parts, while other ranks print theirs. */
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int rank;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    printf("rank %d", rank);
    fflush(stdout);
    MPI_Barrier(MPI_COMM_WORLD);
    printf(" goes on\nand");
    puts(" on");
    fclose(stdout);
    MPI_Finalize();
    printf("the last line has no end");
    return 0;
}
