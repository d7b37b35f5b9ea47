/* Sends of all modes, receives of all kinds, wildcards, order, probes,
 * requests; short messages and long ones. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { LONG = 50000 };
static int a[LONG];
static int b[LONG];

static void fill(int *x, int n, int from)
{
    for (int i = 0; i < n; i++)
        x[i] = from + i;
}

static int is_filled(const int *x, int n, int from)
{
    for (int i = 0; i < n; i++)
        if (x[i] != from + i)
            return 0;
    return 1;
}

/* Each mode, from even ranks to the next one. */
static void modes(int n)
{
    MPI_Status s;
    MPI_Request r;
    int count;
    int room = LONG * 4 + MPI_BSEND_OVERHEAD;
    void *buffer = malloc((size_t)room);
    void *detached;

    fill(a, n, rank);
    memset(b, 0, sizeof(b));
    if (rank % 2 == 0 && rank + 1 < size) {
        MPI_Send(a, n, MPI_INT, rank + 1, 1, MPI_COMM_WORLD);
        MPI_Ssend(a, n, MPI_INT, rank + 1, 2, MPI_COMM_WORLD);
        MPI_Buffer_attach(buffer, room);
        MPI_Bsend(a, n, MPI_INT, rank + 1, 3, MPI_COMM_WORLD);
        MPI_Buffer_detach(&detached, &room);
        CHECK(detached == buffer);
        MPI_Isend(a, n, MPI_INT, rank + 1, 4, MPI_COMM_WORLD, &r);
        MPI_Wait(&r, MPI_STATUS_IGNORE);
        CHECK(r == MPI_REQUEST_NULL);
        MPI_Issend(a, n, MPI_INT, rank + 1, 5, MPI_COMM_WORLD, &r);
        MPI_Wait(&r, MPI_STATUS_IGNORE);
    } else if (rank % 2 == 1) {
        for (int tag = 1; tag <= 5; tag++) {
            memset(b, 0, sizeof(b));
            MPI_Recv(b, LONG, MPI_INT, rank - 1, tag, MPI_COMM_WORLD, &s);
            MPI_Get_count(&s, MPI_INT, &count);
            CHECK(count == n && s.MPI_SOURCE == rank - 1 && s.MPI_TAG == tag);
            CHECK(is_filled(b, n, rank - 1));
        }
    }
    free(buffer);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Messages of one pair do not overtake each other, however long they are. */
static void order(void)
{
    if (rank == 0) {
        for (int to = 1; to < size; to++)
            for (int i = 0; i < 6; i++) {
                fill(a, LONG, i);
                MPI_Send(a, i % 2 ? 10 : LONG, MPI_INT, to, 7, MPI_COMM_WORLD);
            }
    } else {
        for (int i = 0; i < 6; i++) {
            MPI_Recv(b, LONG, MPI_INT, 0, MPI_ANY_TAG, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
            CHECK(b[0] == i && is_filled(b, i % 2 ? 10 : LONG, i));
        }
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* From anybody, each once. */
static void anybody(int n)
{
    MPI_Status s;

    if (rank == 0) {
        int seen = 0;
        for (int i = 1; i < size; i++) {
            int count;
            MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &s);
            MPI_Get_count(&s, MPI_INT, &count);
            CHECK(count == n + s.MPI_SOURCE && s.MPI_TAG == 10 * s.MPI_SOURCE);
            MPI_Recv(b, count, MPI_INT, s.MPI_SOURCE, s.MPI_TAG, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
            CHECK(is_filled(b, count, s.MPI_SOURCE));
            seen += s.MPI_SOURCE;
        }
        CHECK(seen == size * (size - 1) / 2);
    } else {
        fill(a, n + rank, rank);
        MPI_Send(a, n + rank, MPI_INT, 0, 10 * rank, MPI_COMM_WORLD);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* All to all by requests, waited for and tested in every way. */
static void requests(int n)
{
    enum { MOST = 64 };
    MPI_Request r[2 * MOST];
    MPI_Status s[2 * MOST];
    int *in = calloc((size_t)(size * n), sizeof(int));
    int index;
    int flag = 0;
    int indices[2 * MOST];

    fill(a, n, rank);
    for (int how = 0; how < 6; how++) {
        int left = 2 * size;
        memset(in, 0, (size_t)(size * n) * sizeof(int));
        for (int i = 0; i < size; i++) {
            MPI_Irecv(in + i * n, n, MPI_INT, i, how, MPI_COMM_WORLD, &r[i]);
            MPI_Isend(a, n, MPI_INT, i, how, MPI_COMM_WORLD, &r[size + i]);
        }
        switch (how) {
        case 0:
            MPI_Waitall(2 * size, r, s);
            for (int i = 0; i < size; i++)
                CHECK(s[i].MPI_SOURCE == i && s[i].MPI_TAG == how);
            break;
        case 1:
            while (left-- > 0) {
                MPI_Waitany(2 * size, r, &index, &s[0]);
                CHECK(index >= 0 && r[index] == MPI_REQUEST_NULL);
            }
            MPI_Waitany(2 * size, r, &index, MPI_STATUS_IGNORE);
            CHECK(index == MPI_UNDEFINED);
            break;
        case 2:
            while (left > 0) {
                MPI_Waitsome(2 * size, r, &index, indices, s);
                CHECK(index > 0);
                left -= index;
            }
            break;
        case 3:
            while (!flag)
                MPI_Testall(2 * size, r, &flag, MPI_STATUSES_IGNORE);
            break;
        case 4:
            while (left > 0) {
                MPI_Testany(2 * size, r, &index, &flag, &s[0]);
                left -= flag;
            }
            break;
        default:
            for (int i = 0; i < 2 * size; i++)
                for (flag = 0; !flag;)
                    MPI_Test(&r[i], &flag, &s[i]);
        }
        for (int i = 0; i < size; i++)
            CHECK(is_filled(in + i * n, n, i));
        for (int i = 0; i < 2 * size; i++)
            CHECK(r[i] == MPI_REQUEST_NULL);
    }
    free(in);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void persistent(void)
{
    MPI_Request r[2];
    int next = (rank + 1) % size;
    int last = (rank + size - 1) % size;

    MPI_Send_init(a, 100, MPI_INT, next, 9, MPI_COMM_WORLD, &r[0]);
    MPI_Recv_init(b, 100, MPI_INT, last, 9, MPI_COMM_WORLD, &r[1]);
    for (int i = 0; i < 3; i++) {
        fill(a, 100, rank * i);
        MPI_Startall(2, r);
        MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
        CHECK(r[0] != MPI_REQUEST_NULL && is_filled(b, 100, last * i));
    }
    MPI_Request_free(&r[0]);
    MPI_Request_free(&r[1]);
    CHECK(r[1] == MPI_REQUEST_NULL);
}

static void swaps(int n)
{
    MPI_Status s;
    int next = (rank + 1) % size;
    int last = (rank + size - 1) % size;
    int flag;

    fill(a, n, rank);
    MPI_Sendrecv(a, n, MPI_INT, next, 3, b, n, MPI_INT, last, 3, MPI_COMM_WORLD,
                 &s);
    CHECK(s.MPI_SOURCE == last && is_filled(b, n, last));
    MPI_Sendrecv_replace(b, n, MPI_INT, last, 4, next, 4, MPI_COMM_WORLD, &s);
    CHECK(s.MPI_SOURCE == next && is_filled(b, n, rank));
    MPI_Recv(b, n, MPI_INT, MPI_PROC_NULL, 4, MPI_COMM_WORLD, &s);
    CHECK(s.MPI_SOURCE == MPI_PROC_NULL && s.MPI_TAG == MPI_ANY_TAG);
    MPI_Iprobe(MPI_ANY_SOURCE, 12345, MPI_COMM_WORLD, &flag, &s);
    CHECK(!flag);
}

/* What is too long is an error, and a handler can have it returned. */
static void truncation(void)
{
    MPI_Status s;
    int class;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (rank == 0) {
        int code;
        fill(a, 10, 3);
        MPI_Sendrecv(a, 10, MPI_INT, 0, 1, b, 10, MPI_INT, 0, 1, MPI_COMM_WORLD,
                     &s);
        MPI_Send(a, 10, MPI_INT, 0, 1, MPI_COMM_WORLD);
        code = MPI_Recv(b, 4, MPI_INT, 0, 1, MPI_COMM_WORLD, &s);
        MPI_Error_class(code, &class);
        CHECK(class == MPI_ERR_TRUNCATE);
        code = MPI_Send(a, 1, MPI_INT, size, 1, MPI_COMM_WORLD);
        MPI_Error_class(code, &class);
        CHECK(class == MPI_ERR_RANK);
        code = MPI_Send(a, -1, MPI_INT, 0, 1, MPI_COMM_WORLD);
        MPI_Error_class(code, &class);
        CHECK(class == MPI_ERR_COUNT);
    }
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

static void cancel(void)
{
    MPI_Request r;
    MPI_Status s;
    int flag;

    MPI_Irecv(b, 1, MPI_INT, rank, 99, MPI_COMM_WORLD, &r);
    MPI_Cancel(&r);
    MPI_Wait(&r, &s);
    MPI_Test_cancelled(&s, &flag);
    CHECK(flag);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    modes(0);
    modes(10);
    modes(LONG);
    order();
    anybody(5);
    anybody(LONG - 100);
    requests(4);
    requests(20000);
    persistent();
    swaps(7);
    swaps(LONG);
    truncation();
    cancel();
    return end();
}
