/* What ranks do to each other's memory, in every kind of epoch. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { ELEMENTS = 40000 }; /* of a long access */

static int next;     /* rank */
static int previous; /* likewise */
static long *memory; /* in the window */
static MPI_Win win;

static void clear(void)
{
    MPI_Barrier(MPI_COMM_WORLD);
    memset(memory, 0, ELEMENTS * sizeof(long));
    MPI_Barrier(MPI_COMM_WORLD);
}

/* ---- Epochs ---------------------------------------------------------------*/

static void fences(void)
{
    const long give = 10 + rank;
    long take = 0;

    clear();
    MPI_Win_fence(MPI_MODE_NOPRECEDE, win);
    MPI_Put(&give, 1, MPI_LONG, next, 3, 1, MPI_LONG, win);
    MPI_Win_fence(0, win);
    CHECK(memory[3] == 10 + previous);
    MPI_Get(&take, 1, MPI_LONG, previous, 3, 1, MPI_LONG, win);
    MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
    CHECK(take == 10 + (previous + size - 1) % size);
}

static void groups(void)
{
    const long give = rank + 1;
    MPI_Group all;
    MPI_Group to;
    MPI_Group from;
    int flag = 0;

    clear();
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_incl(all, 1, &next, &to);
    MPI_Group_incl(all, 1, &previous, &from);
    for (int i = 0; i < 3; i++) {
        MPI_Win_post(from, 0, win);
        MPI_Win_start(to, 0, win);
        MPI_Accumulate(&give, 1, MPI_LONG, next, 0, 1, MPI_LONG, MPI_SUM, win);
        MPI_Win_complete(win);
        if (i == 1)
            while (!flag)
                MPI_Win_test(win, &flag);
        else
            MPI_Win_wait(win);
        CHECK(memory[0] == (i + 1) * (previous + 1));
    }
    MPI_Group_free(&all);
    MPI_Group_free(&to);
    MPI_Group_free(&from);
}

/* Under an exclusive lock nobody comes between. */
static void locks(void)
{
    long x;

    clear();
    for (int i = 0; i < 5; i++) {
        MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, win);
        MPI_Get(&x, 1, MPI_LONG, 0, 1, 1, MPI_LONG, win);
        MPI_Win_flush(0, win);
        x++;
        MPI_Put(&x, 1, MPI_LONG, 0, 1, 1, MPI_LONG, win);
        MPI_Win_unlock(0, win);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, win);
        CHECK(memory[1] == 5 * size);
        MPI_Win_unlock(0, win);
    }
}

static void lock_all(void)
{
    const long one = 1;
    long before[8];

    clear();
    MPI_Win_lock_all(0, win);
    for (int i = 0; i < size; i++)
        MPI_Fetch_and_op(&one, &before[i], MPI_LONG, i, 2, MPI_SUM, win);
    MPI_Win_flush_all(win);
    for (int i = 0; i < size; i++)
        CHECK(before[i] >= 0 && before[i] < size);
    MPI_Win_unlock_all(win);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(memory[2] == size);
}

/* Somebody waits for what another one writes, in a loop. */
static void looks(void)
{
    const long one = 1;
    volatile long *at = memory;

    clear();
    MPI_Win_lock_all(0, win);
    if (rank == 0) {
        MPI_Barrier(MPI_COMM_SELF);
        MPI_Accumulate(&one, 1, MPI_LONG, size - 1, 0, 1, MPI_LONG, MPI_REPLACE,
                       win);
        MPI_Win_flush(size - 1, win);
    } else if (rank == size - 1) {
        while (at[0] == 0)
            MPI_Win_sync(win);
    }
    MPI_Win_unlock_all(win);
    CHECK(rank != size - 1 || memory[0] == 1);
}

/* ---- Accesses -------------------------------------------------------------*/

static void long_ones(void)
{
    long *give = malloc(ELEMENTS * sizeof(long));
    long *take = malloc(ELEMENTS * sizeof(long));
    int wrong_ones = 0;

    clear();
    for (int i = 0; i < ELEMENTS; i++)
        give[i] = i + rank;
    MPI_Win_lock_all(0, win);
    MPI_Put(give, ELEMENTS, MPI_LONG, next, 0, ELEMENTS, MPI_LONG, win);
    MPI_Accumulate(give, ELEMENTS / 2, MPI_LONG, next, 0, ELEMENTS / 2,
                   MPI_LONG, MPI_SUM, win);
    MPI_Win_flush_local(next, win);
    memset(give, 0, ELEMENTS * sizeof(long));
    MPI_Get(take, ELEMENTS, MPI_LONG, next, 0, ELEMENTS, MPI_LONG, win);
    MPI_Win_unlock_all(win);
    for (int i = 0; i < ELEMENTS; i++)
        wrong_ones += take[i] != (i < ELEMENTS / 2 ? 2 : 1) * (i + rank);
    CHECK(wrong_ones == 0);
    free(give);
    free(take);
}

/* Every second element, from one in a row and back. */
static void datatypes(void)
{
    const int give[4] = { 1, 2, 3, 4 };
    const int back[4] = { 4, 3, 2, 1 };
    int take[8] = { 0 };
    const int *at = (const int *)memory;
    MPI_Datatype second;
    MPI_Datatype turned;

    clear();
    MPI_Type_vector(4, 1, 2, MPI_INT, &second);
    MPI_Type_commit(&second);
    MPI_Type_vector(4, 1, -1, MPI_INT, &turned);
    MPI_Type_commit(&turned);
    MPI_Win_fence(0, win);
    MPI_Put(give, 4, MPI_INT, next, 0, 1, second, win);
    MPI_Accumulate(give, 4, MPI_INT, next, 0, 1, second, MPI_PROD, win);
    MPI_Get(take, 1, second, next, 0, 1, second, win);
    MPI_Put(back + 3, 1, turned, next, 10, 4, MPI_INT, win);
    MPI_Win_fence(0, win);
    for (int i = 0; i < 4; i++) {
        CHECK(at[2 * i] == give[i] * give[i] && at[2 * i + 1] == 0);
        CHECK(take[2 * i] == give[i] * give[i] && take[2 * i + 1] == 0);
        CHECK(at[20 + i] == give[i]);
    }
    MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
    MPI_Type_free(&second);
    MPI_Type_free(&turned);
}

/* Those with a gap in them, as C has it. */
static void pairs(void)
{
    struct pair {
        double value;
        int index;
    };
    const struct pair give = { 5 + rank, rank };
    struct pair was;
    const struct pair *at = (const struct pair *)memory;

    clear();
    MPI_Win_fence(0, win);
    MPI_Accumulate(&give, 1, MPI_DOUBLE_INT, 0, 0, 1, MPI_DOUBLE_INT,
                   MPI_MAXLOC, win);
    MPI_Win_fence(0, win);
    CHECK(rank != 0 || (at->value == 4 + size && at->index == size - 1));
    MPI_Fetch_and_op(NULL, &was, MPI_DOUBLE_INT, 0, 0, MPI_NO_OP, win);
    MPI_Win_fence(MPI_MODE_NOSUCCEED, win);
    CHECK(was.value == 4 + size && was.index == size - 1);
}

static void swaps(void)
{
    const long mine = rank + 1;
    const long zero = 0;
    long was = -1;
    int won;
    int winners;

    clear();
    MPI_Win_lock_all(0, win);
    MPI_Compare_and_swap(&mine, &zero, &was, MPI_LONG, 0, 0, win);
    MPI_Win_unlock_all(win);
    won = was == 0;
    MPI_Allreduce(&won, &winners, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    CHECK(winners == 1);
    CHECK(rank != 0 || (memory[0] >= 1 && memory[0] <= size));
}

/* A small one that follows a long one does not overtake it. */
static void order(void)
{
    long *give = calloc(ELEMENTS, sizeof(long));
    long was[3];

    clear();
    give[0] = 7;
    MPI_Win_lock(MPI_LOCK_SHARED, next, 0, win);
    MPI_Accumulate(give, ELEMENTS, MPI_LONG, next, 0, ELEMENTS, MPI_LONG,
                   MPI_REPLACE, win);
    for (long i = 0; i < 3; i++) {
        const long add = 10 * (i + 1);
        MPI_Get_accumulate(&add, 1, MPI_LONG, &was[i], 1, MPI_LONG, next, 0, 1,
                           MPI_LONG, i == 1 ? MPI_REPLACE : MPI_SUM, win);
    }
    MPI_Win_unlock(next, win);
    CHECK(was[0] == 7 && was[1] == 17 && was[2] == 20);
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK(memory[0] == 50);
    free(give);
}

static void requests(void)
{
    long *give = malloc(ELEMENTS * sizeof(long));
    long take[4] = { 0 };
    const long one = 1;
    MPI_Request r[4];
    int flag = 0;

    clear();
    for (int i = 0; i < ELEMENTS; i++)
        give[i] = i;
    MPI_Win_lock_all(0, win);
    MPI_Rput(give, ELEMENTS, MPI_LONG, next, 0, ELEMENTS, MPI_LONG, win, &r[0]);
    MPI_Wait(&r[0], MPI_STATUS_IGNORE);
    memset(give, 0, ELEMENTS * sizeof(long));
    MPI_Raccumulate(&one, 1, MPI_LONG, next, 1, 1, MPI_LONG, MPI_SUM, win,
                    &r[0]);
    MPI_Rget(take, 3, MPI_LONG, next, 0, 3, MPI_LONG, win, &r[1]);
    MPI_Rget_accumulate(NULL, 0, MPI_LONG, take + 3, 1, MPI_LONG, next, 3, 1,
                        MPI_LONG, MPI_NO_OP, win, &r[2]);
    MPI_Rput(&one, 1, MPI_LONG, MPI_PROC_NULL, 0, 1, MPI_LONG, win, &r[3]);
    while (!flag)
        MPI_Testall(4, r, &flag, MPI_STATUSES_IGNORE);
    CHECK(take[0] == 0 && take[1] == 2 && take[2] == 2 && take[3] == 3);
    for (int i = 0; i < 4; i++)
        CHECK(r[i] == MPI_REQUEST_NULL);
    MPI_Win_unlock_all(win);
    free(give);
}

/* A rank may do to itself what it does to others, and nothing to nobody. */
static void own(void)
{
    const long give = 3;
    long take = 0;

    clear();
    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, rank, 0, win);
    MPI_Win_lock(MPI_LOCK_SHARED, MPI_PROC_NULL, 0, win);
    MPI_Put(&give, 1, MPI_LONG, rank, 5, 1, MPI_LONG, win);
    MPI_Get(&take, 1, MPI_LONG, rank, 5, 1, MPI_LONG, win);
    MPI_Get(&take, 1, MPI_LONG, MPI_PROC_NULL, 5, 1, MPI_LONG, win);
    MPI_Win_unlock(MPI_PROC_NULL, win);
    MPI_Win_unlock(rank, win);
    CHECK(take == 3 && memory[5] == 3);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    next = (rank + 1) % size;
    previous = (rank + size - 1) % size;
    MPI_Win_allocate(ELEMENTS * sizeof(long), sizeof(long), MPI_INFO_NULL,
                     MPI_COMM_WORLD, &memory, &win);
    fences();
    groups();
    locks();
    lock_all();
    looks();
    long_ones();
    datatypes();
    pairs();
    swaps();
    order();
    requests();
    own();
    MPI_Win_free(&win);
    return end();
}
