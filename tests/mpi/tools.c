/* Mistakes of a rank that tools find, by the name of one; without any it says
 * hello. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int *numbers;

static __attribute__((noinline)) void set(int n)
{
    numbers[n] = 17; /* one too many */
}

static __attribute__((noinline)) int is_set(int n)
{
    if (numbers[n] == 17) /* it is not */
        return 1;
    return 0;
}

int main(int argc, char **argv)
{
    const char *mistake = argc > 1 ? argv[1] : "";
    int rank;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    numbers = malloc(2 * sizeof(*numbers));
    numbers[0] = rank;
    MPI_Barrier(MPI_COMM_WORLD);

    if (strcmp(mistake, "overflow") == 0 && rank == 2)
        set(2);
    if (strcmp(mistake, "unset") == 0 && rank == 1 && is_set(1))
        printf("seventeen\n");
    printf("hello from %d\n", numbers[0]);
    free(numbers);
    return MPI_Finalize();
}
