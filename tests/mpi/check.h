/* A fact of a program that checks itself; all of them are counted at its end.
 */
#include <mpi.h>
#include <stdio.h>

static int wrong;
static int rank;
static int size;

#define CHECK(fact)                                                            \
    do {                                                                       \
        if (!(fact)) {                                                         \
            wrong++;                                                           \
            printf("rank %d, line %d: not %s\n", rank, __LINE__, #fact);       \
        }                                                                      \
    } while (0)

static void begin(int *argc, char ***argv)
{
    MPI_Init(argc, argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
}

static int end(void)
{
    int all;

    MPI_Allreduce(&wrong, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("%d wrong\n", all);
    MPI_Finalize();
    return all != 0;
}
