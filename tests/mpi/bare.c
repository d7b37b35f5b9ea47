/* Messages whose bytes the program does not look at, but for their first ones:
 * by a send, above the eager limit, and in collectives. */
#include <mpi.h>
#include <stdio.h>

enum { SHORT = 10, LONG = 100000 };

static char give[LONG];
static char take[LONG];

static int rank;

static void pass(int n)
{
    if (rank == 0)
        MPI_Send(give, n, MPI_CHAR, 1, 7, MPI_COMM_WORLD);
    if (rank == 1) {
        int got;
        MPI_Status status;
        take[0] = 0;
        MPI_Recv(take, LONG, MPI_CHAR, 0, 7, MPI_COMM_WORLD, &status);
        MPI_Get_count(&status, MPI_CHAR, &got);
        printf("%d bytes, of which the first is %d, at %.4f us\n", got, take[0],
               MPI_Wtime() * 1e6);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void spread(int n)
{
    MPI_Comm half;
    int x = 0;

    if (rank == 0)
        take[0] = 5;
    else
        take[0] = 0;
    MPI_Bcast(take, n, MPI_CHAR, 0, MPI_COMM_WORLD);
    /* What the library itself sends is what it must be. */
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, 0, &half);
    MPI_Comm_size(half, &x);
    if (rank == 1)
        printf("%d from the root, %d in each half, at %.4f us\n", take[0], x,
               MPI_Wtime() * 1e6);
    MPI_Comm_free(&half);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    give[0] = 3;
    pass(SHORT);
    pass(LONG / 10);
    pass(LONG);
    spread(SHORT);
    spread(LONG);
    MPI_Finalize();
    return 0;
}
