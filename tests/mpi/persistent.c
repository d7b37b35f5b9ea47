/* Collectives that are prepared once and started again and again, in another
 * order at each rank. */
#include "check.h"
#include <stdlib.h>

enum { TIMES = 3, KINDS = 3 };

static int p;
static int me;

/* Each time with other numbers in the same buffers. */
static void again(int value[KINDS], int result[KINDS], int *all,
                  MPI_Request *requests, int time)
{
    for (int k = 0; k < KINDS; k++)
        value[k] = 100 * time + me;
    for (int k = 0; k < KINDS; k++)
        MPI_Start(&requests[(k + me) % KINDS]);
    MPI_Waitall(KINDS, requests, MPI_STATUSES_IGNORE);
    CHECK(value[0] == 100 * time + p - 1); /* of the last rank */
    CHECK(result[1] == p * 100 * time + p * (p - 1) / 2);
    for (int i = 0; i < p; i++)
        CHECK(all[i] == 100 * time + i);
}

int main(int argc, char **argv)
{
    int value[KINDS];
    int result[KINDS];
    MPI_Request requests[KINDS + 1];
    MPI_Comm comm;

    begin(&argc, &argv);
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    MPI_Comm_size(comm, &p);
    MPI_Comm_rank(comm, &me);
    int *all = malloc((size_t)p * sizeof(*all));
    MPI_Bcast_init(&value[0], 1, MPI_INT, p - 1, comm, MPI_INFO_NULL,
                   &requests[0]);
    MPI_Allreduce_init(&value[1], &result[1], 1, MPI_INT, MPI_SUM, comm,
                       MPI_INFO_NULL, &requests[1]);
    MPI_Allgather_init(&value[2], 1, MPI_INT, all, 1, MPI_INT, comm,
                       MPI_INFO_NULL, &requests[2]);
    MPI_Barrier_init(comm, MPI_INFO_NULL, &requests[KINDS]);
    MPI_Comm_free(&comm);
    for (int time = 0; time < TIMES; time++)
        again(value, result, all, requests, time);
    MPI_Wait(&requests[KINDS], MPI_STATUS_IGNORE); /* it is not active */
    for (int k = 0; k <= KINDS; k++) {
        MPI_Request_free(&requests[k]);
        CHECK(requests[k] == MPI_REQUEST_NULL);
    }
    free(all);
    return end();
}
