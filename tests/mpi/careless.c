/* Mistakes that go well, or look like others, by the name of what is wrong. */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#define WORLD MPI_COMM_WORLD
#define ANY   MPI_STATUS_IGNORE

static int rank;
static int x;
static int y;

static void kinds(void)
{
    float f;

    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, 0, WORLD);
    else if (rank == 1)
        MPI_Recv(&f, 1, MPI_FLOAT, 0, 0, WORLD, ANY);
}

static void touches(void)
{
    MPI_Request r;

    if (rank == 0)
        MPI_Isend(&x, 1, MPI_INT, 1, 0, WORLD, &r);
    else if (rank == 1)
        MPI_Irecv(&x, 1, MPI_INT, 0, 0, WORLD, &r);
    if (rank > 1)
        return;
    x++;
    MPI_Wait(&r, ANY);
}

static void touches_all(void)
{
    MPI_Request r;

    MPI_Iallreduce(&x, &y, 1, MPI_INT, MPI_SUM, WORLD, &r);
    x++;
    MPI_Wait(&r, ANY);
}

static void frees(void)
{
    MPI_Request r;

    if (rank == 0) {
        MPI_Isend(&x, 1, MPI_INT, 1, 0, WORLD, &r); /* freed */
        MPI_Request_free(&r);
    } else if (rank == 1) {
        MPI_Recv(&x, 1, MPI_INT, 0, 0, WORLD, ANY);
    }
}

/* The first receive takes what the second one waits for, or not. */
static void races(int first)
{
    if (rank == 0) {
        MPI_Recv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 0, WORLD, ANY);
        MPI_Recv(&x, 1, MPI_INT, 1, 0, WORLD, ANY); /* second */
    } else if (rank == first) {
        MPI_Send(&x, 1, MPI_INT, 0, 0, WORLD);
        if (first != 3)
            MPI_Send(&x, 1, MPI_INT, 3 - first, 1, WORLD);
    } else if (rank < 3) {
        MPI_Recv(&x, 1, MPI_INT, first, 1, WORLD, ANY);
        MPI_Send(&x, 1, MPI_INT, 0, 0, WORLD);
    }
}

/* Here the second one to send knows that the first receive is over. */
static void takes_turns(void)
{
    if (rank == 0) {
        MPI_Recv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 0, WORLD, ANY);
        MPI_Send(&x, 1, MPI_INT, 1, 1, WORLD);
        MPI_Recv(&x, 1, MPI_INT, 1, 0, WORLD, ANY);
    } else if (rank == 1) {
        MPI_Recv(&x, 1, MPI_INT, 0, 1, WORLD, ANY);
        MPI_Send(&x, 1, MPI_INT, 0, 0, WORLD);
    } else if (rank == 2) {
        MPI_Send(&x, 1, MPI_INT, 0, 0, WORLD);
    }
}

static void sends_first(void)
{
    if (rank > 1)
        return;
    MPI_Send(&x, 1, MPI_INT, 1 - rank, 0, WORLD);
    MPI_Recv(&y, 1, MPI_INT, 1 - rank, 0, WORLD, ANY);
}

static void hurries(void)
{
    if (rank == 0) {
        MPI_Bcast(&x, 1, MPI_INT, 0, WORLD); /* early */
        MPI_Send(&x, 1, MPI_INT, 1, 0, WORLD);
        return;
    }
    if (rank == 1)
        MPI_Recv(&y, 1, MPI_INT, 0, 0, WORLD, ANY);
    MPI_Bcast(&x, 1, MPI_INT, 0, WORLD);
}

static void conflicts(void)
{
    static int memory[4];
    MPI_Win w;

    MPI_Win_create(memory, sizeof(memory), sizeof(int), MPI_INFO_NULL, WORLD,
                   &w);
    MPI_Win_fence(0, w);
    MPI_Put(&x, 1, MPI_INT, 0, rank, 1, MPI_INT, w); /* of three */
    if (rank == 2)
        MPI_Get(&y, 1, MPI_INT, 0, 3, 1, MPI_INT, w);
    MPI_Win_fence(0, w);
    MPI_Put(&x, 1, MPI_INT, 0, rank, 1, MPI_INT, w);
    MPI_Win_fence(0, w);
    MPI_Win_free(&w);
}

/* What is given, and where something is to come. */
static void touches_window(void)
{
    static int memory[4];
    MPI_Win w;

    MPI_Win_create(memory, sizeof(memory), sizeof(int), MPI_INFO_NULL, WORLD,
                   &w);
    if (rank == 1) {
        MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, w);
        MPI_Put(&x, 1, MPI_INT, 0, 0, 1, MPI_INT, w); /* given */
        MPI_Get(&y, 1, MPI_INT, 0, 3, 1, MPI_INT, w); /* taken */
        x++;
        y++;
        MPI_Win_unlock(0, w);
        x++;
        y++;
    }
    MPI_Win_free(&w);
}

/* The root has freed the communicator before others come to the collective. */
static void leaves(void)
{
    MPI_Comm c;

    MPI_Comm_dup(WORLD, &c);
    MPI_Bcast(&x, 1, MPI_INT, 0, c);
    MPI_Comm_free(&c);
}

static int deeper(volatile char *above)
{
    volatile char room[4096];

    room[0] = *above;
    return deeper(room) + room[0];
}

static int *volatile nowhere;
static volatile int zero;

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    volatile char top = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (strcmp(what, "kinds") == 0)
        kinds();
    else if (strcmp(what, "touches") == 0)
        touches();
    else if (strcmp(what, "touches-all") == 0)
        touches_all();
    else if (strcmp(what, "frees") == 0)
        frees();
    else if (strcmp(what, "race") == 0)
        races(2);
    else if (strcmp(what, "theft") == 0)
        races(1);
    else if (strcmp(what, "turns") == 0)
        takes_turns();
    else if (strcmp(what, "sends") == 0)
        sends_first();
    else if (strcmp(what, "hurries") == 0)
        hurries();
    else if (strcmp(what, "leaves") == 0)
        leaves();
    else if (strcmp(what, "touches-window") == 0)
        touches_window();
    else if (strcmp(what, "conflicts") == 0)
        conflicts();
    else if (strcmp(what, "nowhere") == 0)
        MPI_Bcast(NULL, 1, MPI_INT, 0, WORLD);
    else if (strcmp(what, "overlaps") == 0)
        MPI_Allreduce(&x, &x, 1, MPI_INT, MPI_SUM, WORLD);
    else if (rank != 1)
        ;
    else if (strcmp(what, "nothing") == 0)
        *nowhere = 1;
    else if (strcmp(what, "deep") == 0)
        return deeper(&top);
    else if (strcmp(what, "zero") == 0)
        x = 7 / zero;
    else if (strcmp(what, "abort") == 0)
        abort();
    MPI_Barrier(WORLD);
    return MPI_Finalize();
}
