/* Messages in partitions. */
#include "check.h"

enum { PARTS = 6, EACH = 3, ALL = PARTS * EACH };

static int next;
static int last;

/* The receiver may have others, of as many elements together. */
static void around(int turns)
{
    int out[ALL] = { 0 };
    int in[ALL] = { 0 };
    MPI_Request r[2];
    MPI_Status s[2];
    int flag;
    int good = 1;
    int count;

    MPI_Psend_init(out, PARTS, EACH, MPI_INT, next, 5, MPI_COMM_WORLD,
                   MPI_INFO_NULL, &r[0]);
    MPI_Precv_init(in, EACH, PARTS, MPI_INT, last, 5, MPI_COMM_WORLD,
                   MPI_INFO_NULL, &r[1]);
    MPI_Parrived(r[1], 0, &flag);
    CHECK(flag);
    for (int turn = 0; turn < turns; turn++) {
        MPI_Startall(2, r);
        MPI_Test(&r[0], &flag, &s[0]);
        CHECK(!flag);
        for (int i = 0; i < ALL; i++)
            out[i] = 1000 * rank + 100 * turn + i;
        MPI_Pready(4, r[0]);
        MPI_Pready_range(0, 2, r[0]);
        MPI_Parrived(r[1], 1, &flag);
        CHECK(!flag);
        MPI_Barrier(MPI_COMM_WORLD);
        MPI_Pready_list(2, (int[]){ 5, 3 }, r[0]);
        while (!flag)
            MPI_Parrived(r[1], 1, &flag);
        MPI_Waitall(2, r, s);
        for (int i = 0; i < ALL; i++)
            good &= in[i] == 1000 * last + 100 * turn + i;
        MPI_Get_count(&s[1], MPI_INT, &count);
        CHECK(s[1].MPI_SOURCE == last && s[1].MPI_TAG == 5 && count == ALL);
    }
    CHECK(good);
    CHECK(r[0] != MPI_REQUEST_NULL);
    MPI_Request_free(&r[0]);
    MPI_Request_free(&r[1]);
}

/* They are paired as they were made, not as they are started, and no other
 * message is received by them. */
static void in_order(void)
{
    int out[2] = { 10 * rank, 10 * rank + 1 };
    int in[3] = { -1, -1, -1 };
    const int other = 77;
    MPI_Request s[2];
    MPI_Request r[2];

    for (int i = 0; i < 2; i++) {
        MPI_Psend_init(&out[i], 1, 1, MPI_INT, next, 0, MPI_COMM_WORLD,
                       MPI_INFO_NULL, &s[i]);
        MPI_Precv_init(&in[i], 1, 1, MPI_INT, last, 0, MPI_COMM_WORLD,
                       MPI_INFO_NULL, &r[i]);
    }
    MPI_Start(&r[0]);
    MPI_Start(&r[1]);
    MPI_Send(&other, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
    for (int i = 1; i >= 0; i--) {
        MPI_Start(&s[i]);
        MPI_Pready(0, s[i]);
    }
    MPI_Recv(&in[2], 1, MPI_INT, last, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Waitall(2, s, MPI_STATUSES_IGNORE);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    CHECK(in[0] == 10 * last && in[1] == 10 * last + 1 && in[2] == 77);
    for (int i = 0; i < 2; i++) {
        MPI_Request_free(&s[i]);
        MPI_Request_free(&r[i]);
    }
}

static void nowhere(void)
{
    MPI_Request r;
    int x = 1;

    MPI_Psend_init(&x, 2, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD,
                   MPI_INFO_NULL, &r);
    MPI_Start(&r);
    MPI_Pready_range(0, 1, r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    MPI_Request_free(&r);
}

static void errors(void)
{
    MPI_Request r;
    MPI_Request plain;
    int x[2] = { 0, 0 };
    int flag;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Psend_init(x, -1, 1, MPI_INT, next, 0, MPI_COMM_WORLD,
                         MPI_INFO_NULL, &r) == MPI_ERR_ARG);
    CHECK(MPI_Psend_init(x, 2, -1, MPI_INT, next, 0, MPI_COMM_WORLD,
                         MPI_INFO_NULL, &r) == MPI_ERR_COUNT);
    CHECK(MPI_Precv_init(x, 2, 1, MPI_INT, MPI_ANY_SOURCE, 0, MPI_COMM_WORLD,
                         MPI_INFO_NULL, &r) == MPI_ERR_RANK);
    CHECK(MPI_Precv_init(x, 2, 1, MPI_INT, last, MPI_ANY_TAG, MPI_COMM_WORLD,
                         MPI_INFO_NULL, &r) == MPI_ERR_TAG);
    MPI_Psend_init(x, 2, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD,
                   MPI_INFO_NULL, &r);
    CHECK(MPI_Pready(0, r) == MPI_ERR_REQUEST); /* it has not been started */
    MPI_Start(&r);
    CHECK(MPI_Pready(2, r) == MPI_ERR_ARG);
    CHECK(MPI_Pready(0, r) == MPI_SUCCESS);
    CHECK(MPI_Pready(0, r) == MPI_ERR_ARG);
    CHECK(MPI_Parrived(r, 0, &flag) == MPI_ERR_REQUEST);
    MPI_Pready(1, r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    MPI_Request_free(&r);
    MPI_Send_init(x, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD, &plain);
    CHECK(MPI_Pready(0, plain) == MPI_ERR_REQUEST);
    MPI_Request_free(&plain);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    next = (rank + 1) % size;
    last = (rank + size - 1) % size;
    around(3);
    in_order();
    nowhere();
    errors();
    return end();
}
