/* Waits among three ranks, each for one thing, which is named. */
#include <dsmpi.h>
#include <mpi.h>
#include <string.h>

enum { LONG = 100000 };

static char bytes[LONG];

static void late_sender(int rank)
{
    if (rank == 0) {
        DSMPI_Compute(5e-6);
        MPI_Send(bytes, 10000, MPI_CHAR, 1, 1, MPI_COMM_WORLD);
    } else if (rank == 1) {
        MPI_Recv(bytes, LONG, MPI_CHAR, 0, 1, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
}

static void late_receiver(int rank)
{
    if (rank == 0) {
        MPI_Ssend(bytes, LONG, MPI_CHAR, 1, 2, MPI_COMM_WORLD);
    } else if (rank == 1) {
        DSMPI_Compute(7e-6);
        MPI_Recv(bytes, LONG, MPI_CHAR, 0, 2, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
}

/* Two messages come to one port at once. */
static void sharing(int rank)
{
    static char more[2][10000];
    MPI_Request r[2];

    if (rank > 0) {
        MPI_Send(bytes, 10000, MPI_CHAR, 0, 3, MPI_COMM_WORLD);
        return;
    }
    for (int i = 0; i < 2; i++)
        MPI_Irecv(more[i], 10000, MPI_CHAR, i + 1, 3, MPI_COMM_WORLD, &r[i]);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
}

static void looking(int rank)
{
    int there = 0;

    if (rank == 1) {
        DSMPI_Compute(3e-6);
        MPI_Send(bytes, 1, MPI_CHAR, 2, 4, MPI_COMM_WORLD);
    }
    while (rank == 2 && !there)
        MPI_Iprobe(1, 4, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    if (rank == 2)
        MPI_Recv(bytes, 1, MPI_CHAR, 1, 4, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void aside(void)
{
    MPI_Request r;

    MPI_Ibcast(bytes, 1000, MPI_CHAR, 0, MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
    int rank;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (strcmp(argv[1], "sender") == 0)
        late_sender(rank);
    if (strcmp(argv[1], "receiver") == 0)
        late_receiver(rank);
    if (strcmp(argv[1], "sharing") == 0)
        sharing(rank);
    if (strcmp(argv[1], "looking") == 0)
        looking(rank);
    if (strcmp(argv[1], "aside") == 0)
        aside();
    MPI_Finalize();
    return 0;
}
