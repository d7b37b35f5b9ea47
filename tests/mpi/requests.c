/* Requests of two messages, of the program's own, and taken back. */
#include "check.h"
#include <stdlib.h>

enum { SHORT = 4, LONG = 300000 };

/* Everybody sends to the next one, and takes from the one before. */
static void around(int n)
{
    const int next = (rank + 1) % size;
    const int last = (rank + size - 1) % size;
    int *out = malloc((size_t)n * sizeof(int));
    int *in = malloc((size_t)n * sizeof(int));
    MPI_Request r[2];
    MPI_Status s[2];
    int count;

    for (int i = 0; i < n; i++)
        out[i] = rank * 1000 + i % 1000;
    MPI_Isendrecv(out, n, MPI_INT, next, 1, in, n, MPI_INT, last, 1,
                  MPI_COMM_WORLD, &r[0]);
    MPI_Wait(&r[0], &s[0]);
    CHECK(s[0].MPI_SOURCE == last && s[0].MPI_TAG == 1);
    MPI_Get_count(&s[0], MPI_INT, &count);
    CHECK(count == n && in[n - 1] == last * 1000 + (n - 1) % 1000);
    /* What is sent may be overwritten. */
    MPI_Isendrecv_replace(out, n, MPI_INT, next, 2, last, 2, MPI_COMM_WORLD,
                          &r[0]);
    MPI_Isendrecv_replace(in, n, MPI_INT, last, 3, next, 3, MPI_COMM_WORLD,
                          &r[1]);
    MPI_Waitall(2, r, s);
    CHECK(r[0] == MPI_REQUEST_NULL && s[1].MPI_SOURCE == next);
    for (int i = 0; i < n; i++)
        CHECK(out[i] == last * 1000 + i % 1000 &&
              in[i] == rank * 1000 + i % 1000);
    /* One way leads nowhere. */
    MPI_Isendrecv(out, n, MPI_INT, MPI_PROC_NULL, 4, in, n, MPI_INT,
                  MPI_PROC_NULL, 4, MPI_COMM_WORLD, &r[0]);
    MPI_Wait(&r[0], &s[0]);
    CHECK(s[0].MPI_SOURCE == MPI_PROC_NULL);
    free(out);
    free(in);
}

/* A message that leads nowhere needs no type. */
static void nowhere(void)
{
    MPI_Status s;

    MPI_Recv(NULL, 0, MPI_DATATYPE_NULL, MPI_PROC_NULL, 1, MPI_COMM_WORLD, &s);
    CHECK(s.MPI_SOURCE == MPI_PROC_NULL && s.MPI_TAG == MPI_ANY_TAG);
    MPI_Send(NULL, 0, MPI_DATATYPE_NULL, MPI_PROC_NULL, 1, MPI_COMM_WORLD);
}

/* ---- Taking messages back -------------------------------------------------*/

static int was_cancelled(MPI_Request *r)
{
    MPI_Status s;
    int flag;

    MPI_Cancel(r);
    MPI_Wait(r, &s);
    MPI_Test_cancelled(&s, &flag);
    return flag;
}

/* What has been taken back never comes, and what was sent around it does. */
static void taken_back(int n)
{
    char *bytes = calloc(1, (size_t)n);
    MPI_Request r;
    MPI_Status s;
    int x[3] = { 1, 2, 3 };

    if (rank == 0) {
        MPI_Isend(bytes, n, MPI_CHAR, 1, 5, MPI_COMM_WORLD, &r);
        CHECK(was_cancelled(&r));
        MPI_Send(&x[0], 1, MPI_INT, 1, 5, MPI_COMM_WORLD);
        MPI_Issend(bytes, n, MPI_CHAR, 1, 5, MPI_COMM_WORLD, &r);
        CHECK(was_cancelled(&r));
        MPI_Send_init(bytes, n, MPI_CHAR, 1, 5, MPI_COMM_WORLD, &r);
        MPI_Start(&r);
        CHECK(was_cancelled(&r));
        MPI_Start(&r);
        CHECK(was_cancelled(&r));
        MPI_Request_free(&r);
        MPI_Send(&x[1], 1, MPI_INT, 1, 5, MPI_COMM_WORLD);
        MPI_Send(NULL, 0, MPI_INT, 1, 7, MPI_COMM_WORLD);
        /* Too late. */
        MPI_Isend(&x[2], 1, MPI_INT, 1, 5, MPI_COMM_WORLD, &r);
        MPI_Recv(NULL, 0, MPI_INT, 1, 6, MPI_COMM_WORLD, &s);
        CHECK(!was_cancelled(&r));
    } else if (rank == 1) {
        int y = 0;
        MPI_Recv(NULL, 0, MPI_INT, 0, 7, MPI_COMM_WORLD, &s);
        for (int i = 0; i < 3; i++) {
            MPI_Recv(&y, 1, MPI_INT, 0, 5, MPI_COMM_WORLD, &s);
            CHECK(y == i + 1);
        }
        MPI_Send(NULL, 0, MPI_INT, 0, 6, MPI_COMM_WORLD);
        MPI_Iprobe(0, MPI_ANY_TAG, MPI_COMM_WORLD, &y, &s);
        CHECK(!y);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    free(bytes);
}

/* ---- Of the program's own -------------------------------------------------*/

typedef struct work {
    int asked;
    int freed;
    int cancelled;
} work;

static int ask(void *extra, MPI_Status *status)
{
    ((work *)extra)->asked++;
    status->MPI_SOURCE = 7;
    status->MPI_TAG = 8;
    MPI_Status_set_cancelled(status, ((work *)extra)->cancelled);
    MPI_Status_set_elements(status, MPI_INT, 3);
    return MPI_SUCCESS;
}

static int release(void *extra)
{
    ((work *)extra)->freed++;
    return MPI_SUCCESS;
}

static int cancel(void *extra, int complete)
{
    ((work *)extra)->cancelled = !complete;
    return MPI_SUCCESS;
}

static void own(void)
{
    work w = { 0, 0, 0 };
    MPI_Request r;
    MPI_Status s;
    int flag;

    MPI_Grequest_start(ask, release, cancel, &w, &r);
    MPI_Test(&r, &flag, &s);
    CHECK(!flag && w.asked == 0);
    MPI_Cancel(&r);
    MPI_Grequest_complete(r);
    MPI_Request_get_status(r, &flag, &s);
    CHECK(flag && w.asked == 1 && w.freed == 0);
    MPI_Wait(&r, &s);
    CHECK(r == MPI_REQUEST_NULL && w.asked == 2 && w.freed == 1);
    CHECK(s.MPI_SOURCE == 7 && s.MPI_TAG == 8);
    MPI_Test_cancelled(&s, &flag);
    CHECK(flag);
    MPI_Get_count(&s, MPI_INT, &flag);
    CHECK(flag == 3);
    /* Freed before it is done. */
    MPI_Grequest_start(ask, release, cancel, &w, &r);
    MPI_Request copy = r;
    MPI_Grequest_complete(copy);
    MPI_Request_free(&r);
    CHECK(w.freed == 2);
}

/* ---- Counts ---------------------------------------------------------------*/

static void counts(void)
{
    static const MPI_Count many[] = { 60, 0x3654321f71234567,
                                      0x7654321ff1234567 };
    MPI_Datatype three;
    MPI_Status s = { 0 };
    MPI_Count n;
    int flag;

    for (int i = 0; i < 3; i++) {
        MPI_Status_set_cancelled(&s, i % 2);
        MPI_Status_set_elements_x(&s, MPI_BYTE, many[i]);
        MPI_Get_elements_x(&s, MPI_BYTE, &n);
        CHECK(n == many[i]);
        MPI_Get_count_c(&s, MPI_BYTE, &n);
        CHECK(n == many[i]);
        MPI_Test_cancelled(&s, &flag);
        CHECK(flag == i % 2);
    }
    MPI_Get_count(&s, MPI_BYTE, &flag);
    CHECK(flag == MPI_UNDEFINED);
    MPI_Type_contiguous(3, MPI_SHORT_INT, &three);
    MPI_Status_set_elements(&s, three, 9);
    MPI_Get_elements(&s, three, &flag);
    CHECK(flag == 9);
    MPI_Get_count(&s, three, &flag);
    CHECK(flag == MPI_UNDEFINED);
    MPI_Type_free(&three);
    /* Calls with such counts are the same otherwise. */
    const double x = rank;
    double y = -1;
    MPI_Request r;
    MPI_Irecv_c(&y, 1, MPI_DOUBLE, rank, 1, MPI_COMM_WORLD, &r);
    MPI_Send_c(&x, 1, MPI_DOUBLE, rank, 1, MPI_COMM_WORLD);
    MPI_Wait(&r, &s);
    CHECK(y == rank);
#if MPI_VERSION >= 5
    MPI_Buffer_flush();
    MPI_Buffer_iflush(&r);
    MPI_Wait(&r, &s);
    CHECK(r == MPI_REQUEST_NULL);
#endif
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    around(SHORT);
    around(LONG);
    nowhere();
    taken_back(SHORT);
    taken_back(LONG);
    own();
    counts();
    return end();
}
