/* Mistakes, by the name of what goes wrong. */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

static int rank;
static int size;
static int x;

static void take(int from)
{
    MPI_Recv(&x, 1, MPI_INT, from, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void give(int to, int n)
{
    static char bytes[100000];

    MPI_Send(bytes, n, MPI_CHAR, to, 7, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "early") == 0)
        give(0, 1);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (strcmp(what, "circle") == 0) {
        if (rank < 2)
            take(1 - rank);
    } else if (strcmp(what, "neighbours") == 0) {
        const int periodic = 1;
        int counts[2] = { 0, 0 };
        MPI_Aint places[2] = { 0, 0 };
        MPI_Datatype types[2] = { MPI_INT, MPI_INT };
        MPI_Comm ring;
        MPI_Cart_create(MPI_COMM_WORLD, 1, &size, &periodic, 0, &ring);
        MPI_Neighbor_alltoallw(MPI_IN_PLACE, counts, places, types, &x, counts,
                               places, types, ring);
    } else if (strcmp(what, "rank") == 0) {
        give(17, 1);
    } else if (strcmp(what, "long") == 0) {
        if (rank == 0)
            give(1, 5);
        else if (rank == 1)
            take(0);
    } else if (strcmp(what, "rendezvous") == 0) {
        give((rank + 1) % size, 100000);
    } else if (strcmp(what, "ended") == 0) {
        if (rank == 1)
            exit(0);
    } else if (strcmp(what, "abort") == 0) {
        if (rank == 1)
            MPI_Abort(MPI_COMM_WORLD, 5);
    } else if (strcmp(what, "counts") == 0) {
        int all[2];
        MPI_Reduce(&rank, all, rank == 0 ? 1 : 2, MPI_INT, MPI_SUM, 0,
                   MPI_COMM_WORLD);
    } else if (strcmp(what, "later") == 0) {
        MPI_Request r;
        int all;
        if (rank != 1)
            MPI_Iallreduce(&rank, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD,
                           &r);
        if (rank == 0)
            MPI_Wait(&r, MPI_STATUS_IGNORE);
        if (rank == 1)
            take(0);
    } else if (strcmp(what, "parts") == 0) {
        MPI_Request r;
        int all[2];
        MPI_Ireduce(&rank, all, rank == 0 ? 1 : 2, MPI_INT, MPI_SUM, 0,
                    MPI_COMM_WORLD, &r);
        MPI_Wait(&r, MPI_STATUS_IGNORE);
    } else if (strcmp(what, "types") == 0) {
        MPI_Bcast(&x, 1, rank == 0 ? MPI_INT : MPI_FLOAT, 0, MPI_COMM_WORLD);
    } else if (strcmp(what, "roots") == 0) {
        MPI_Bcast(&x, 1, MPI_INT, rank, MPI_COMM_WORLD);
    } else if (strcmp(what, "operators") == 0) {
        int all;
        MPI_Allreduce(&rank, &all, 1, MPI_INT, rank == 0 ? MPI_SUM : MPI_MAX,
                      MPI_COMM_WORLD);
    } else if (strcmp(what, "kinds") == 0) {
        MPI_Comm other;
        if (rank == 0)
            MPI_Comm_dup(MPI_COMM_WORLD, &other);
        else
            MPI_Barrier(MPI_COMM_WORLD); /* another one */
    } else if (strcmp(what, "ends") == 0) {
        if (rank == 1)
            return MPI_Finalize();   /* early */
        MPI_Barrier(MPI_COMM_WORLD); /* all */
    } else if (strcmp(what, "type") == 0) {
        MPI_Datatype t;
        MPI_Type_contiguous(2, MPI_INT, &t);
        MPI_Send(&x, 1, t, 0, 0, MPI_COMM_WORLD);
    } else if (strcmp(what, "freed") == 0) {
        MPI_Comm c;
        MPI_Comm d;
        MPI_Comm_dup(MPI_COMM_WORLD, &c);
        d = c;
        MPI_Comm_free(&c);
        MPI_Barrier(d);
    } else if (strcmp(what, "session") == 0) {
        MPI_Session s;
        MPI_Finalize();
        if (rank == 1)
            MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &s);
        return 0;
    } else if (strcmp(what, "zero") == 0) {
        MPI_Abort(MPI_COMM_WORLD, 256);
    } else if (strcmp(what, "own") == 0) {
        int error;
        MPI_Add_error_code(MPI_ERR_ARG, &error);
        MPI_Add_error_string(error, "nobody is at home");
        MPI_Comm_call_errhandler(MPI_COMM_WORLD, error);
    } else if (strcmp(what, "code") == 0) {
        MPI_Finalize();
        return rank == 2 ? 9 : 0;
    }
    MPI_Barrier(MPI_COMM_WORLD); /* at last */
    MPI_Finalize();
    return 0;
}
