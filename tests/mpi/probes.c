/* Messages that are found first and received later, by who has found them. */
#include "check.h"

enum { LONG = 50000 };

static int big[LONG];

/* Finds one, posts a receive that would fit it as well, and receives both. */
static void one_of_two(int n)
{
    static int kept[LONG];
    static int next[LONG];
    const int left = (rank + size - 1) % size;
    MPI_Message m;
    MPI_Request r[3];
    MPI_Status s;
    int count;

    for (int i = 0; i < n; i++)
        big[i] = 100 * rank + i;
    MPI_Isend(big, n, MPI_INT, (rank + 1) % size, 4, MPI_COMM_WORLD, &r[0]);
    MPI_Isend(big, 1, MPI_INT, (rank + 1) % size, 4, MPI_COMM_WORLD, &r[1]);
    MPI_Mprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &m, &s);
    MPI_Get_count(&s, MPI_INT, &count);
    CHECK(m != MPI_MESSAGE_NULL && m != MPI_MESSAGE_NO_PROC);
    CHECK(s.MPI_SOURCE == left && s.MPI_TAG == 4 && count == n);
    MPI_Irecv(next, n, MPI_INT, left, 4, MPI_COMM_WORLD, &r[2]);
    MPI_Mrecv(kept, n, MPI_INT, &m, &s);
    CHECK(m == MPI_MESSAGE_NULL && s.MPI_SOURCE == left);
    CHECK(kept[n - 1] == 100 * left + n - 1);
    MPI_Wait(&r[2], &s);
    MPI_Get_count(&s, MPI_INT, &count);
    CHECK(count == 1 && next[0] == 100 * left);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* In a loop that looks, and without waiting for the bytes. */
static void without_waiting(int n)
{
    static int kept[LONG];
    const int left = (rank + size - 1) % size;
    MPI_Message m = MPI_MESSAGE_NULL;
    MPI_Request r[2];
    MPI_Status s;
    int flag = 1;

    MPI_Improbe(left, 9, MPI_COMM_WORLD, &flag, &m, &s);
    CHECK(!flag && m == MPI_MESSAGE_NULL);
    MPI_Barrier(MPI_COMM_WORLD);
    for (int i = 0; i < n; i++)
        big[i] = 7 * rank + i;
    MPI_Issend(big, n, MPI_INT, (rank + 1) % size, 9, MPI_COMM_WORLD, &r[0]);
    while (!flag)
        MPI_Improbe(left, 9, MPI_COMM_WORLD, &flag, &m, MPI_STATUS_IGNORE);
    MPI_Iprobe(MPI_ANY_SOURCE, 9, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
    CHECK(!flag);
    MPI_Imrecv(kept, n, MPI_INT, &m, &r[1]);
    CHECK(m == MPI_MESSAGE_NULL);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    CHECK(kept[n - 1] == 7 * left + n - 1);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void nobody(void)
{
    MPI_Message m;
    MPI_Request r;
    MPI_Status s;
    int flag = 0;
    int count;

    MPI_Mprobe(MPI_PROC_NULL, 1, MPI_COMM_WORLD, &m, &s);
    CHECK(m == MPI_MESSAGE_NO_PROC && s.MPI_SOURCE == MPI_PROC_NULL);
    MPI_Mrecv(&count, 1, MPI_INT, &m, &s);
    CHECK(m == MPI_MESSAGE_NULL && s.MPI_SOURCE == MPI_PROC_NULL);
    MPI_Improbe(MPI_PROC_NULL, 1, MPI_COMM_WORLD, &flag, &m, &s);
    CHECK(flag && m == MPI_MESSAGE_NO_PROC);
    MPI_Imrecv(&count, 1, MPI_INT, &m, &r);
    MPI_Wait(&r, &s);
    MPI_Get_count(&s, MPI_INT, &count);
    CHECK(count == 0 && s.MPI_SOURCE == MPI_PROC_NULL);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Mrecv(&count, 1, MPI_INT, &m, &s) == MPI_ERR_REQUEST);
    CHECK(MPI_Mprobe(size, 1, MPI_COMM_WORLD, &m, &s) == MPI_ERR_RANK);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    one_of_two(2);
    one_of_two(LONG);
    without_waiting(1);
    without_waiting(LONG);
    nobody();
    return end();
}
