/* Collectives that do not block: what they give, several at once, with every
 * way to wait for them, and what may go before they are done. */
#include "check.h"
#include <string.h>
#include <unistd.h>

enum { ALL = 16, MAX_RANKS = 8, LONGEST = 30000 };

static int p;
static int me;

/* What each of them takes and gives: n elements for each of p. */
typedef struct buffers {
    int in[MAX_RANKS * MAX_RANKS];
    int out[MAX_RANKS * MAX_RANKS];
    int counts[MAX_RANKS];
    int places[MAX_RANKS];
} buffers;

static void fill(buffers *b, int n)
{
    for (int i = 0; i < MAX_RANKS * MAX_RANKS; i++) {
        b->in[i] = me * 100 + i;
        b->out[i] = -1;
    }
    for (int i = 0; i < MAX_RANKS; i++) {
        b->counts[i] = n;
        b->places[i] = n * (p - 1 - i);
    }
}

/* Begins collective number which, of n elements. */
static void begin_one(int which, buffers *b, int n, int root, MPI_Comm c,
                      MPI_Request *r)
{
    int *in = b->in;
    int *out = b->out;

    fill(b, n);
    switch (which) {
    case 0:
        MPI_Ibarrier(c, r);
        break;
    case 1:
        if (me == root)
            memcpy(out, in, sizeof(b->in));
        MPI_Ibcast(out, n, MPI_INT, root, c, r);
        break;
    case 2:
        MPI_Igather(in, n, MPI_INT, out, n, MPI_INT, root, c, r);
        break;
    case 3:
        MPI_Igatherv(in, n, MPI_INT, out, b->counts, b->places, MPI_INT, root,
                     c, r);
        break;
    case 4:
        MPI_Iscatter(in, n, MPI_INT, out, n, MPI_INT, root, c, r);
        break;
    case 5:
        MPI_Iscatterv(in, b->counts, b->places, MPI_INT, out, n, MPI_INT, root,
                      c, r);
        break;
    case 6:
        MPI_Iallgather(in, n, MPI_INT, out, n, MPI_INT, c, r);
        break;
    case 7:
        MPI_Iallgatherv(in, n, MPI_INT, out, b->counts, b->places, MPI_INT, c,
                        r);
        break;
    case 8:
        MPI_Ialltoall(in, n, MPI_INT, out, n, MPI_INT, c, r);
        break;
    case 9:
        MPI_Ialltoallv(in, b->counts, b->places, MPI_INT, out, b->counts,
                       b->places, MPI_INT, c, r);
        break;
    case 10:
        MPI_Ireduce(in, out, n, MPI_INT, MPI_SUM, root, c, r);
        break;
    case 11:
        MPI_Iallreduce(in, out, n, MPI_INT, MPI_MAX, c, r);
        break;
    case 12:
        MPI_Iscan(in, out, n, MPI_INT, MPI_SUM, c, r);
        break;
    case 13:
        MPI_Iexscan(in, out, n, MPI_INT, MPI_SUM, c, r);
        break;
    case 14:
        MPI_Ireduce_scatter(in, out, b->counts, MPI_INT, MPI_SUM, c, r);
        break;
    default:
        MPI_Ireduce_scatter_block(in, out, n, MPI_INT, MPI_SUM, c, r);
        break;
    }
    /* The lists are the library's no more than the handles are. */
    if (which != 0)
        memset(b->counts, 0xff, sizeof(b->counts));
}

/* Returns element j of piece i that it should have given. */
static int expected(int which, int n, int root, int i, int j)
{
    const int k = i * n + j;

    switch (which) {
    case 1:
        return root * 100 + j;
    case 2:
    case 6:
        return i * 100 + j;
    case 3:
    case 7:
        return (p - 1 - i) * 100 + j;
    case 4:
        return root * 100 + me * n + j;
    case 5:
        return root * 100 + (p - 1 - me) * n + j;
    case 8:
        return i * 100 + me * n + j;
    case 9:
        return (p - 1 - i) * 100 + (p - 1 - me) * n + j;
    case 10:
        return 50 * p * (p - 1) + p * j;
    case 11:
        return (p - 1) * 100 + j;
    case 12:
        return 50 * me * (me + 1) + (me + 1) * j;
    case 13:
        return 50 * me * (me - 1) + me * j;
    default:
        return 50 * p * (p - 1) + p * (me * n + k);
    }
}

static void check_one(int which, const buffers *b, int n, int root)
{
    const int many = which == 2 || which == 3 || (which >= 6 && which <= 9);
    int bad = 0;

    if (which == 0 || ((which == 2 || which == 3 || which == 10) && me != root))
        return;
    if (which == 13 && me == 0)
        return;
    for (int i = 0; i < (many ? p : 1); i++)
        for (int j = 0; j < n; j++)
            bad += b->out[i * n + j] != expected(which, n, root, i, j);
    if (bad > 0)
        printf("rank %d: collective %d of %d\n", rank, which, n);
    CHECK(bad == 0);
}

static void each_alone(MPI_Comm c)
{
    static buffers b;
    MPI_Request r;
    MPI_Status s;

    for (int which = 0; which < ALL; which++)
        for (int n = 0; n < 4; n++) {
            begin_one(which, &b, n, n % p, c, &r);
            CHECK(r != MPI_REQUEST_NULL);
            MPI_Wait(&r, &s);
            CHECK(r == MPI_REQUEST_NULL);
            check_one(which, &b, n, n % p);
        }
}

/* All begin in one order and end by another way of waiting in each round. */
static void all_at_once(MPI_Comm c, int way)
{
    static buffers b[ALL];
    MPI_Request r[ALL];
    int indices[ALL];
    int done = 0;
    int n = 0;

    for (int i = 0; i < ALL; i++)
        begin_one(i, &b[i], 2, i % p, c, &r[i]);
    if (way == 0) {
        MPI_Waitall(ALL, r, MPI_STATUSES_IGNORE);
    } else if (way == 1) {
        for (int i = ALL - 1; i >= 0; i--)
            MPI_Wait(&r[i], MPI_STATUS_IGNORE);
    } else {
        while (done < ALL) {
            n = 1;
            if (way == 2)
                MPI_Waitany(ALL, r, indices, MPI_STATUS_IGNORE);
            else if (way == 3)
                MPI_Testany(ALL, r, indices, &n, MPI_STATUS_IGNORE);
            else if (way == 4)
                MPI_Waitsome(ALL, r, &n, indices, MPI_STATUSES_IGNORE);
            else
                MPI_Testsome(ALL, r, &n, indices, MPI_STATUSES_IGNORE);
            done += n;
        }
    }
    for (int i = 0; i < ALL; i++) {
        CHECK(r[i] == MPI_REQUEST_NULL);
        check_one(i, &b[i], 2, i % p);
    }
}

/* The collective goes on while the rank receives, tests, computes, and is in
 * another collective; and of long messages. */
static void beside_others(MPI_Comm c)
{
    static int longs[2][LONGEST];
    const int right = (me + 1) % p;
    const int left = (me + p - 1) % p;
    MPI_Request r[3];
    int flag = 0;
    int got = -1;
    int sum;

    for (int i = 0; i < LONGEST; i++)
        longs[0][i] = me + i;
    MPI_Irecv(&got, 1, MPI_INT, left, 3, c, &r[0]);
    MPI_Iallreduce(longs[0], longs[1], LONGEST, MPI_INT, MPI_SUM, c, &r[1]);
    MPI_Ibarrier(c, &r[2]);
    MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, c);
    CHECK(sum == p * (p - 1) / 2);
    usleep(50);
    MPI_Ssend(&me, 1, MPI_INT, right, 3, c);
    while (!flag)
        MPI_Test(&r[2], &flag, MPI_STATUS_IGNORE);
    MPI_Waitall(3, r, MPI_STATUSES_IGNORE);
    CHECK(got == left);
    flag = 0;
    for (int i = 0; i < LONGEST; i++)
        flag += longs[1][i] != p * (p - 1) / 2 + p * i;
    CHECK(flag == 0);
}

/* A barrier is not done before the last one has come. */
static void one_is_late(MPI_Comm c)
{
    const double t = MPI_Wtime();
    MPI_Request r;
    int flag;

    if (me == p - 1)
        usleep(1000);
    MPI_Ibarrier(c, &r);
    MPI_Test(&r, &flag, MPI_STATUS_IGNORE);
    CHECK(me == p - 1 || !flag);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    CHECK(MPI_Wtime() - t > 0.9e-3);
    MPI_Barrier(c);
}

static void add(void *in, void *inout, int *n, MPI_Datatype *type)
{
    for (int i = 0; i < 2 * *n; i++)
        ((int *)inout)[i] += ((int *)in)[i];
}

/* A row of each rank to a column of the others, whose types go meanwhile. */
static void many_types(MPI_Comm c)
{
    static int out[MAX_RANKS * MAX_RANKS];
    static int in[MAX_RANKS * MAX_RANKS];
    MPI_Datatype rows[MAX_RANKS];
    MPI_Datatype columns[MAX_RANKS];
    int ones[MAX_RANKS];
    int row_at[MAX_RANKS];
    int column_at[MAX_RANKS];
    MPI_Request r;
    int bad = 0;

    for (int i = 0; i < p; i++) {
        MPI_Type_contiguous(p, MPI_INT, &rows[i]);
        MPI_Type_vector(p, 1, p, MPI_INT, &columns[i]);
        MPI_Type_commit(&rows[i]);
        MPI_Type_commit(&columns[i]);
        ones[i] = 1;
        row_at[i] = i * p * (int)sizeof(int);
        column_at[i] = i * (int)sizeof(int);
        for (int j = 0; j < p; j++)
            out[i * p + j] = me * 100 + i * p + j;
    }
    MPI_Alltoallw(out, ones, row_at, rows, in, ones, column_at, columns, c);
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++)
            bad += in[j * p + i] != i * 100 + me * p + j;
    CHECK(bad == 0);
    memset(in, 0, sizeof(in));
    MPI_Ialltoallw(out, ones, row_at, rows, in, ones, column_at, columns, c,
                   &r);
    for (int i = 0; i < p; i++) {
        MPI_Type_free(&rows[i]);
        MPI_Type_free(&columns[i]);
    }
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++)
            bad += in[j * p + i] != i * 100 + me * p + j;
    CHECK(bad == 0);
    for (int i = 0; i < p; i++) {
        rows[i] = MPI_INT;
        in[i * p] = me * 100 + i;
    }
    MPI_Alltoallw(MPI_IN_PLACE, NULL, NULL, NULL, in, ones, row_at, rows, c);
    for (int i = 0; i < p; i++)
        bad += in[i * p] != i * 100 + me;
    CHECK(bad == 0);
}

/* Everything but the buffers may be freed. */
static void all_goes(MPI_Comm c)
{
    MPI_Comm d;
    MPI_Datatype two;
    MPI_Op op;
    MPI_Request r[2];
    MPI_Status s[2];
    int in[2] = { me, 1 };
    int out[2] = { -1, -1 };

    MPI_Comm_dup(c, &d);
    MPI_Type_contiguous(2, MPI_INT, &two);
    MPI_Type_commit(&two);
    MPI_Op_create(add, 1, &op);
    MPI_Iallreduce(in, out, 1, two, op, d, &r[0]);
    MPI_Ibarrier(d, &r[1]);
    MPI_Comm_free(&d);
    MPI_Op_free(&op);
    MPI_Type_free(&two);
    MPI_Waitall(2, r, s);
    CHECK(out[0] == p * (p - 1) / 2 && out[1] == p);
    CHECK(s[0].MPI_ERROR == MPI_SUCCESS && s[1].MPI_ERROR == MPI_SUCCESS);
}

/* A request of a collective can be neither cancelled nor freed. */
static void refusals(MPI_Comm c)
{
    MPI_Request r;
    MPI_Request same;
    int buf = 0;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN);
    CHECK(MPI_Ibcast(&buf, 1, MPI_INT, p, c, &r) == MPI_ERR_ROOT);
    CHECK(MPI_Ibcast(&buf, -1, MPI_INT, 0, c, &r) == MPI_ERR_COUNT);
    CHECK(MPI_Iallreduce(&buf, &me, 1, MPI_INT, MPI_OP_NULL, c, &r) ==
          MPI_ERR_OP);
    CHECK(MPI_Ibarrier(MPI_COMM_NULL, &r) == MPI_ERR_COMM);
    MPI_Ibarrier(c, &r);
    same = r;
    CHECK(MPI_Cancel(&r) == MPI_ERR_REQUEST && r == same);
    CHECK(MPI_Request_free(&r) == MPI_ERR_REQUEST && r == same);
    CHECK(MPI_Wait(&r, MPI_STATUS_IGNORE) == MPI_SUCCESS);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    MPI_Comm_set_errhandler(c, MPI_ERRORS_ARE_FATAL);
}

static void all(MPI_Comm c)
{
    MPI_Comm_rank(c, &me);
    MPI_Comm_size(c, &p);
    each_alone(c);
    for (int way = 0; way < 6; way++)
        all_at_once(c, way);
    beside_others(c);
    one_is_late(c);
    many_types(c);
    all_goes(c);
    refusals(c);
}

int main(int argc, char **argv)
{
    MPI_Comm part;

    begin(&argc, &argv);
    all(MPI_COMM_WORLD);
    all(MPI_COMM_SELF);
    MPI_Comm_split(MPI_COMM_WORLD, rank % 3 == 0, -rank, &part);
    all(part);
    MPI_Comm_free(&part);
    return end();
}
