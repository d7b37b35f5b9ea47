/* Collectives between two groups: each side gets what the other gives, whether
 * they block or not, and several at once. */
#include "check.h"
#include <stdlib.h>

enum { MAX_RANKS = 8, LONGEST = 3 };

static MPI_Comm c;
static int side;
static int me;
static int here;
static int there;

/* Member i of a side gives i % LONGEST + 1 elements where it may choose; item j
 * for member k of the other side is all of these. */
static int value(int of_side, int from, int to, int j)
{
    return ((of_side * 100 + from) * 100 + to) * 100 + j;
}

static int count_of(int member)
{
    return member % LONGEST + 1;
}

/* Pieces lie backwards, with gaps. */
static int place_of(int i)
{
    return (MAX_RANKS - 1 - i) * (LONGEST + 1);
}

enum { ROOM = MAX_RANKS * (LONGEST + 1) };

typedef struct buffers {
    int in[ROOM];
    int out[ROOM];
    int counts[MAX_RANKS];
    int places[MAX_RANKS];
    int out_counts[MAX_RANKS];
    int bytes[MAX_RANKS];
    MPI_Datatype types[MAX_RANKS];
} buffers;

static void fill(buffers *b)
{
    for (int i = 0; i < ROOM; i++) {
        b->in[i] = -2;
        b->out[i] = -1;
    }
    for (int i = 0; i < MAX_RANKS; i++) {
        b->places[i] = place_of(i);
        b->bytes[i] = place_of(i) * (int)sizeof(int);
        b->types[i] = MPI_INT;
        b->counts[i] = count_of(me);
        b->out_counts[i] = count_of(i);
    }
}

/* Gives member to of the other side n elements, behind one another or in
 * places. */
static void give(int *at, int to, int n)
{
    for (int j = 0; j < n; j++)
        at[j] = value(side, me, to, j);
}

static int has(const int *at, int from, int to, int n)
{
    for (int j = 0; j < n; j++)
        if (at[j] != value(1 - side, from, to, j))
            return 0;
    return at[n] == -1;
}

/* The root is the last of the first side. */
static int root(void)
{
    const int last = side == 0 ? here - 1 : there - 1;

    return side == 1 ? last : me == last ? MPI_ROOT : MPI_PROC_NULL;
}

/* Makes a call that blocks, or one that does not. */
#define EITHER(name, iname, ...)                                               \
    (r == NULL ? (void)name(__VA_ARGS__) : (void)iname(__VA_ARGS__, r))

static void begin_moving(int which, buffers *b, MPI_Request *r)
{
    const int at_root = root() == MPI_ROOT;
    const int n = count_of(me);

    switch (which) {
    case 0:
        EITHER(MPI_Barrier, MPI_Ibarrier, c);
        break;
    case 1:
        if (at_root)
            give(b->out, 0, 2);
        EITHER(MPI_Bcast, MPI_Ibcast, b->out, 2, MPI_INT, root(), c);
        break;
    case 2:
        give(b->in, 0, 1);
        EITHER(MPI_Gather, MPI_Igather, b->in, 1, MPI_INT, b->out, 1, MPI_INT,
               root(), c);
        break;
    case 3:
        give(b->in, 0, n);
        EITHER(MPI_Gatherv, MPI_Igatherv, b->in, n, MPI_INT, b->out,
               b->out_counts, b->places, MPI_INT, root(), c);
        break;
    case 4:
        for (int i = 0; i < there; i++)
            give(b->in + i, i, 1);
        EITHER(MPI_Scatter, MPI_Iscatter, b->in, 1, MPI_INT, b->out, 1, MPI_INT,
               root(), c);
        break;
    case 5:
        for (int i = 0; i < there; i++)
            give(b->in + place_of(i), i, count_of(i));
        EITHER(MPI_Scatterv, MPI_Iscatterv, b->in, b->out_counts, b->places,
               MPI_INT, b->out, n, MPI_INT, root(), c);
        break;
    case 6:
        give(b->in, 0, 1);
        EITHER(MPI_Allgather, MPI_Iallgather, b->in, 1, MPI_INT, b->out, 1,
               MPI_INT, c);
        break;
    case 7:
        give(b->in, 0, n);
        EITHER(MPI_Allgatherv, MPI_Iallgatherv, b->in, n, MPI_INT, b->out,
               b->out_counts, b->places, MPI_INT, c);
        break;
    case 8:
        for (int i = 0; i < there; i++)
            give(b->in + i, i, 1);
        EITHER(MPI_Alltoall, MPI_Ialltoall, b->in, 1, MPI_INT, b->out, 1,
               MPI_INT, c);
        break;
    case 9:
        for (int i = 0; i < there; i++)
            give(b->in + place_of(i), i, n);
        EITHER(MPI_Alltoallv, MPI_Ialltoallv, b->in, b->counts, b->places,
               MPI_INT, b->out, b->out_counts, b->places, MPI_INT, c);
        break;
    default:
        for (int i = 0; i < there; i++)
            give(b->in + place_of(i), i, n);
        EITHER(MPI_Alltoallw, MPI_Ialltoallw, b->in, b->counts, b->bytes,
               b->types, b->out, b->out_counts, b->bytes, b->types, c);
        break;
    }
}

static void check_moved(int which, const buffers *b)
{
    const int at_root = root() == MPI_ROOT;
    const int last = (side == 0 ? here : there) - 1;

    switch (which) {
    case 1:
        if (side == 1)
            CHECK(has(b->out, last, 0, 2));
        break;
    case 2:
        for (int i = 0; at_root && i < there; i++)
            CHECK(b->out[i] == value(1, i, 0, 0));
        break;
    case 3:
        for (int i = 0; at_root && i < there; i++)
            CHECK(has(b->out + place_of(i), i, 0, count_of(i)));
        break;
    case 4:
        if (side == 1)
            CHECK(has(b->out, last, me, 1));
        break;
    case 5:
        if (side == 1)
            CHECK(has(b->out, last, me, count_of(me)));
        break;
    case 6:
        for (int i = 0; i < there; i++)
            CHECK(b->out[i] == value(1 - side, i, 0, 0));
        break;
    case 7:
        for (int i = 0; i < there; i++)
            CHECK(has(b->out + place_of(i), i, 0, count_of(i)));
        break;
    case 8:
        for (int i = 0; i < there; i++)
            CHECK(b->out[i] == value(1 - side, i, me, 0));
        break;
    case 9:
    case 10:
        for (int i = 0; i < there; i++)
            CHECK(has(b->out + place_of(i), i, me, count_of(i)));
        break;
    default:
        break;
    }
    if (which >= 1 && which <= 5 && root() == MPI_PROC_NULL)
        CHECK(b->out[0] == -1 && b->out[ROOM - 1] == -1);
}

enum { MOVES = 11 };

static void moves(void)
{
    buffers b;

    for (int which = 0; which < MOVES; which++) {
        fill(&b);
        begin_moving(which, &b, NULL);
        check_moved(which, &b);
    }
}

static void moves_at_once(void)
{
    buffers *b = malloc(MOVES * sizeof(*b));
    MPI_Request r[MOVES];

    for (int which = 0; which < MOVES; which++) {
        fill(&b[which]);
        begin_moving(which, &b[which], &r[which]);
    }
    MPI_Waitall(MOVES, r, MPI_STATUSES_IGNORE);
    for (int which = 0; which < MOVES; which++)
        check_moved(which, &b[which]);
    free(b);
}

/* The sum of what n members of a side give as element j: their numbers in it,
 * plus 10 j, and 1000 for the other side. */
static int sum_of(int of_side, int n, int j)
{
    return n * (n - 1) / 2 + n * (10 * j + 1000 * of_side);
}

static void reductions(MPI_Request *r)
{
    int in[MAX_RANKS * MAX_RANKS];
    int out[MAX_RANKS * MAX_RANKS];
    int counts[MAX_RANKS];

    for (int j = 0; j < MAX_RANKS * MAX_RANKS; j++)
        in[j] = me + 10 * j + 1000 * side;
    out[0] = out[1] = -1;
    EITHER(MPI_Reduce, MPI_Ireduce, in, out, 2, MPI_INT, MPI_SUM, root(), c);
    if (r != NULL)
        MPI_Wait(r, MPI_STATUS_IGNORE);
    for (int j = 0; j < 2; j++)
        CHECK(out[j] == (root() == MPI_ROOT ? sum_of(1, there, j) : -1));
    EITHER(MPI_Allreduce, MPI_Iallreduce, in, out, 2, MPI_INT, MPI_SUM, c);
    if (r != NULL)
        MPI_Wait(r, MPI_STATUS_IGNORE);
    for (int j = 0; j < 2; j++)
        CHECK(out[j] == sum_of(1 - side, there, j));
    EITHER(MPI_Reduce_scatter_block, MPI_Ireduce_scatter_block, in, out, there,
           MPI_INT, MPI_SUM, c);
    if (r != NULL)
        MPI_Wait(r, MPI_STATUS_IGNORE);
    for (int j = 0; j < there; j++)
        CHECK(out[j] == sum_of(1 - side, there, me * there + j));
    for (int i = 0; i < here; i++)
        counts[i] = there + (i == 0 ? here - 1 : -1);
    const int before = me == 0 ? 0 : here - 1 + me * there - (me - 1);
    EITHER(MPI_Reduce_scatter, MPI_Ireduce_scatter, in, out, counts, MPI_INT,
           MPI_SUM, c);
    if (r != NULL)
        MPI_Wait(r, MPI_STATUS_IGNORE);
    for (int j = 0; j < counts[me]; j++)
        CHECK(out[j] == sum_of(1 - side, there, before + j));
}

/* Those of the last side are late, and nobody of the first gets through before
 * they have come. */
static void barrier(void)
{
    const double start = MPI_Wtime();
    double came;
    double left;
    double latest;

    while (side == 1 && MPI_Wtime() < start + 1e-3 * (me + 1))
        ;
    came = MPI_Wtime();
    MPI_Barrier(c);
    left = MPI_Wtime();
    MPI_Allreduce(&came, &latest, 1, MPI_DOUBLE, MPI_MAX, c);
    CHECK(left >= latest);
}

int main(int argc, char **argv)
{
    MPI_Comm half;
    MPI_Request r;

    begin(&argc, &argv);
    side = rank % 2;
    MPI_Comm_split(MPI_COMM_WORLD, side, rank, &half);
    MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - side, 3, &c);
    MPI_Comm_rank(c, &me);
    MPI_Comm_size(c, &here);
    MPI_Comm_remote_size(c, &there);
    moves();
    moves_at_once();
    reductions(NULL);
    reductions(&r);
    barrier();
    MPI_Comm_free(&c);
    MPI_Comm_free(&half);
    return end();
}
