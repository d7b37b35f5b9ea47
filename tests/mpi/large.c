/* Calls with large counts: each does what the one with int does, and is told
 * apart from it by lists that are wider, and by counts that no int has. */
#include "check.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 8 };

/* Member i gives i + 1 elements; they lie backwards, an element apart. */
static MPI_Count counts[MOST];
static MPI_Aint places[MOST];
static MPI_Count same[MOST];
static MPI_Aint bytes[MOST];
static MPI_Datatype ints[MOST];
enum { ROOM = MOST * (MOST + 1) };
static int in[ROOM];
static int out[ROOM];

static void prepare(void)
{
    for (int i = 0; i < MOST; i++) {
        counts[i] = i + 1;
        places[i] = (MOST - 1 - i) * (MOST + 1);
        bytes[i] = places[i] * (MPI_Aint)sizeof(int);
        same[i] = rank + 1;
        ints[i] = MPI_INT;
    }
}

/* What this rank gives, and that nothing is there yet. */
static void fill(void)
{
    for (int i = 0; i < ROOM; i++) {
        in[i] = 1000 * rank + i;
        out[i] = -1;
    }
}

/* n elements are those of a rank from that one on, and no more came. */
static int came(const int *at, int n, int from, MPI_Aint first)
{
    for (int i = 0; i < n; i++)
        if (at[i] != 1000 * from + (int)first + i)
            return 0;
    return at[n] == -1;
}

/* ---- Pieces ---------------------------------------------------------------*/

static int all_came(int same_place)
{
    int good = 1;

    for (int i = 0; i < size; i++)
        good &= came(out + places[i], i + 1, i, same_place ? 0 : places[rank]);
    return good;
}

static int rank_squared_came(void)
{
    int good = 1;

    for (int i = 0; i < size; i++)
        good &= came(out + places[i], rank + 1, i, places[rank]);
    return good;
}

static void uneven(void)
{
    fill();
    MPI_Allgatherv_c(in, rank + 1, MPI_INT, out, counts, places, MPI_INT,
                     MPI_COMM_WORLD);
    CHECK(all_came(1));
    fill();
    MPI_Gatherv_c(in, rank + 1, MPI_INT, out, counts, places, MPI_INT, 1,
                  MPI_COMM_WORLD);
    CHECK(rank == 1 ? all_came(1) : out[0] == -1);
    fill();
    MPI_Scatterv_c(in, counts, places, MPI_INT, out, rank + 1, MPI_INT, 0,
                   MPI_COMM_WORLD);
    CHECK(came(out, rank + 1, 0, places[rank]));
    /* Rank i gives j + 1 to rank j. */
    fill();
    MPI_Alltoallv_c(in, counts, places, MPI_INT, out, same, places, MPI_INT,
                    MPI_COMM_WORLD);
    CHECK(rank_squared_came());
    fill();
    MPI_Alltoallw_c(in, counts, bytes, ints, out, same, bytes, ints,
                    MPI_COMM_WORLD);
    CHECK(rank_squared_came());
}

/* Lists may go before the request is done. */
static void not_blocking(void)
{
    MPI_Count *list = malloc(sizeof(counts));
    MPI_Aint *at = malloc(sizeof(places));
    MPI_Request request;

    memcpy(list, counts, sizeof(counts));
    memcpy(at, places, sizeof(places));
    fill();
    MPI_Iallgatherv_c(in, rank + 1, MPI_INT, out, list, at, MPI_INT,
                      MPI_COMM_WORLD, &request);
    memset(list, 0xff, sizeof(counts));
    memset(at, 0xff, sizeof(places));
    free(list);
    free(at);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    CHECK(all_came(1));
    fill();
    MPI_Alltoallw_init_c(in, counts, bytes, ints, out, same, bytes, ints,
                         MPI_COMM_WORLD, MPI_INFO_NULL, &request);
    MPI_Start(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    CHECK(rank_squared_came());
    MPI_Request_free(&request);
    fill();
    MPI_Scatterv_init_c(in, counts, places, MPI_INT, out, rank + 1, MPI_INT, 0,
                        MPI_COMM_WORLD, MPI_INFO_NULL, &request);
    MPI_Start(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    CHECK(came(out, rank + 1, 0, places[rank]));
    MPI_Request_free(&request);
}

static void even(void)
{
    int *all = malloc((size_t)size * 2 * sizeof(int));
    const int two[2] = { rank, 100 + rank };
    int back[2];
    int good = 1;

    MPI_Allgather_c(two, 2, MPI_INT, all, 2, MPI_INT, MPI_COMM_WORLD);
    for (int i = 0; i < size; i++)
        good &= all[2 * i] == i && all[2 * i + 1] == 100 + i;
    CHECK(good);
    MPI_Scatter_c(all, 2, MPI_INT, back, 2, MPI_INT, 0, MPI_COMM_WORLD);
    CHECK(back[0] == rank && back[1] == 100 + rank);
    memset(all, 0xff, (size_t)size * 2 * sizeof(int));
    MPI_Gather_c(two, 2, MPI_INT, all, 2, MPI_INT, 0, MPI_COMM_WORLD);
    CHECK(all[2 * size - 1] == (rank == 0 ? 99 + size : -1));
    MPI_Alltoall_c(MPI_IN_PLACE, 0, MPI_INT, all, 2, MPI_INT, MPI_COMM_WORLD);
    CHECK(all[0] == 0 || rank > 0);
    MPI_Bcast_c(back, 2, MPI_INT, 1, MPI_COMM_WORLD);
    CHECK(back[0] == 1 && back[1] == 101);
    free(all);
}

static void near(void)
{
    MPI_Comm ring;
    int around[2] = { -1, -1 };
    MPI_Count one[2] = { 1, 1 };
    MPI_Aint at[2] = { 1, 0 };

    MPI_Cart_create(MPI_COMM_WORLD, 1, &size, &(int){ 1 }, 0, &ring);
    MPI_Neighbor_allgatherv_c(&rank, 1, MPI_INT, around, one, at, MPI_INT,
                              ring);
    CHECK(around[1] == (rank + size - 1) % size);
    CHECK(around[0] == (rank + 1) % size);
    MPI_Comm_free(&ring);
}

/* ---- Operators ------------------------------------------------------------*/

static MPI_Count longest;

static void add(void *a, void *b, MPI_Count *n, MPI_Datatype *type)
{
    const unsigned char *x = a;
    unsigned char *y = b;

    longest = *n > longest ? *n : longest;
    if (*type == MPI_INT)
        for (MPI_Count i = 0; i < *n; i++)
            ((int *)b)[i] += ((int *)a)[i];
    else
        y[*n - 1] = (unsigned char)(y[*n - 1] + x[*n - 1]);
}

/* Such a function is called for as many as the call has. */
static int calls;
static long long summed;

static void count_calls(void *a, void *b, int *n, MPI_Datatype *type)
{
    (void)a;
    (void)type;
    calls++;
    summed += *n;
    *(unsigned char *)b = 7;
}

static void operators(void)
{
    const size_t many = (size_t)INT_MAX + 10;
    MPI_Op op;
    MPI_Op narrow;
    int mine[2] = { rank, 1 };
    int sum[2];
    unsigned char *a = NULL;
    unsigned char *b = NULL;

    MPI_Op_create_c(add, 1, &op);
    MPI_Allreduce_c(mine, sum, 2, MPI_INT, op, MPI_COMM_WORLD);
    CHECK(sum[0] == size * (size - 1) / 2 && sum[1] == size);
    MPI_Reduce_scatter_c(in, out, counts, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    CHECK(out[rank] == 1000 * (size - 1) + rank * (rank + 1) / 2 + rank);
    MPI_Reduce_local_c(mine, sum, 2, MPI_INT, op);
    CHECK(sum[0] == size * (size - 1) / 2 + rank);
    if (rank == 0) {
        a = calloc(many, 1);
        b = calloc(many, 1);
    }
    if (a != NULL && b != NULL) {
        a[many - 1] = 5;
        MPI_Reduce_local_c(a, b, (MPI_Count)many, MPI_BYTE, op);
        CHECK(longest == (MPI_Count)many && b[many - 1] == 5);
        MPI_Op_create(count_calls, 1, &narrow);
        MPI_Reduce_local_c(a, b, (MPI_Count)many, MPI_BYTE, narrow);
        CHECK(calls == 2 && summed == (long long)many);
        CHECK(b[0] == 7 && b[INT_MAX] == 7 && b[1] == 0);
        MPI_Op_free(&narrow);
    }
    free(a);
    free(b);
    MPI_Op_free(&op);
}

/* ---- Windows --------------------------------------------------------------*/

/* A unit that no int has: displacement 1 is nowhere, and 0 is the beginning. */
static void wide_unit(void)
{
    const MPI_Aint unit = (MPI_Aint)INT_MAX + 1;
    int mine = -1;
    MPI_Win win;

    MPI_Win_create_c(&mine, sizeof(mine), unit, MPI_INFO_NULL, MPI_COMM_WORLD,
                     &win);
    MPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);
    MPI_Win_fence(0, win);
    MPI_Put_c(&rank, 1, MPI_INT, (rank + 1) % size, 0, 1, MPI_INT, win);
    CHECK(MPI_Put_c(&rank, 1, MPI_INT, 0, 1, 1, MPI_INT, win) ==
          MPI_ERR_RMA_RANGE);
    MPI_Win_fence(0, win);
    CHECK(mine == (rank + size - 1) % size);
    MPI_Win_free(&win);
}

static void windows(void)
{
    int *base;
    int *theirs;
    MPI_Win win;
    MPI_Aint unit;
    MPI_Aint bytes_there;
    int got = -1;
    MPI_Request request;

    MPI_Win_allocate_shared_c(sizeof(int), sizeof(int), MPI_INFO_NULL,
                              MPI_COMM_WORLD, &base, &win);
    MPI_Win_shared_query_c(win, 0, &bytes_there, &unit, &theirs);
    CHECK(unit == sizeof(int) && bytes_there == sizeof(int));
    *base = 0;
    MPI_Win_fence(0, win);
    MPI_Accumulate_c(&(int){ 1 }, 1, MPI_INT, 0, 0, 1, MPI_INT, MPI_SUM, win);
    MPI_Win_fence(0, win);
    CHECK(*theirs == size);
    MPI_Win_lock_all(0, win);
    MPI_Rget_c(&got, 1, MPI_INT, 0, 0, 1, MPI_INT, win, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    CHECK(got == size);
    MPI_Win_unlock_all(win);
    MPI_Win_free(&win);
}

/* ---- Errors ---------------------------------------------------------------*/

static void errors(void)
{
    MPI_Count bad[MOST] = { 0 };

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Bcast_c(in, -1, MPI_INT, 0, MPI_COMM_WORLD) == MPI_ERR_COUNT);
    bad[size - 1] = LLONG_MIN;
    CHECK(MPI_Allgatherv_c(in, 0, MPI_INT, out, bad, places, MPI_INT,
                           MPI_COMM_WORLD) == MPI_ERR_COUNT);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    prepare();
    uneven();
    not_blocking();
    even();
    near();
    operators();
    wide_unit();
    windows();
    errors();
    return end();
}
