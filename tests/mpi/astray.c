/* Mistakes with windows, by the name of what goes wrong. */
#include <mpi.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int memory[4] = { 0 };
    int x = 0;
    int rank;
    int other;
    MPI_Group all;
    MPI_Group group;
    MPI_Win win;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    other = rank == 0 ? 1 : 0;
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_incl(all, 1, &other, &group);
    MPI_Win_create(memory, sizeof(memory), sizeof(int), MPI_INFO_NULL,
                   MPI_COMM_WORLD, &win);
    if (strcmp(what, "locks") == 0 && rank < 2) {
        MPI_Win_lock(MPI_LOCK_EXCLUSIVE, rank, 0, win);
        MPI_Win_lock(MPI_LOCK_SHARED, other, 0, win);
    } else if (strcmp(what, "held") == 0) {
        if (rank < 2)
            MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 2, 0, win);
        MPI_Barrier(MPI_COMM_WORLD);
    } else if (strcmp(what, "start") == 0) {
        if (rank == 0)
            MPI_Win_start(group, 0, win);
    } else if (strcmp(what, "wait") == 0) {
        if (rank == 0) {
            MPI_Win_post(group, 0, win);
            MPI_Win_wait(win);
        }
    } else if (strcmp(what, "closed") == 0) {
        MPI_Put(&x, 1, MPI_INT, other, 0, 1, MPI_INT, win);
    } else if (strcmp(what, "beyond") == 0) {
        MPI_Win_fence(0, win);
        MPI_Get(&x, 1, MPI_INT, 3, 4, 1, MPI_INT, win);
    } else if (strcmp(what, "open") == 0) {
        MPI_Win_lock(MPI_LOCK_SHARED, rank, 0, win);
        MPI_Win_fence(MPI_MODE_NOPUT, win);
    } else if (strcmp(what, "mixed") == 0) {
        if (rank == 0)
            MPI_Win_fence(MPI_MODE_NOSTORE, win);
    } else if (strcmp(what, "conflict") == 0) {
        MPI_Win_fence(0, win);
        if (rank == 1)
            MPI_Put(&x, 1, MPI_INT, 0, 2, 1, MPI_INT, win);
        if (rank == 2)
            MPI_Get(memory, 2, MPI_INT, 0, 1, 2, MPI_INT, win);
        MPI_Accumulate(&x, 1, MPI_INT, 0, 0, 1, MPI_INT, MPI_SUM, win);
        MPI_Win_fence(0, win);
        MPI_Put(&x, 1, MPI_INT, rank, 2, 1, MPI_INT, win);
        MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
    } else if (strcmp(what, "kept") == 0) {
        MPI_Group_free(&all);
        MPI_Group_free(&group);
        MPI_Finalize();
        return 0;
    }
    MPI_Win_free(&win);
    MPI_Group_free(&all);
    MPI_Group_free(&group);
    MPI_Finalize();
    return 0;
}
