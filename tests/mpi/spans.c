/* What accesses to windows take, between rank 0 and rank 1, as the latency and
 * the rate say; they are 1 us and 10 GB/s, and long is above 65536 bytes. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

#define LATENCY 1e-6
#define RATE    1e10

static char *memory;
static char *mine;
static MPI_Win win;

/* Whether a moment is that one, to a billionth of a latency. */
static int is_at(double t, double wanted)
{
    if (fabs(t - wanted) <= 1e-9 * LATENCY)
        return 1;
    printf("at %.16g s and not %.16g s\n", t, wanted);
    return 0;
}

static int took(double since, double seconds)
{
    return is_at(MPI_Wtime(), since + seconds);
}

/* A flush is a way there, behind the bytes, and a way back; a get is a way
 * there, and back with the bytes; so is what gives and takes, with those both
 * ways. */
static void flushes(int n)
{
    const double bytes = n / RATE;
    double t;

    MPI_Win_lock(MPI_LOCK_SHARED, 1, 0, win);
    t = MPI_Wtime();
    MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    CHECK(MPI_Wtime() == t);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + bytes));
    t = MPI_Wtime();
    MPI_Win_flush(1, win);
    CHECK(MPI_Wtime() == t);
    MPI_Accumulate(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, MPI_SUM, win);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + bytes));
    t = MPI_Wtime();
    MPI_Get(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + bytes));
    t = MPI_Wtime();
    MPI_Get_accumulate(mine, n, MPI_CHAR, mine + n, n, MPI_CHAR, 1, 0, n,
                       MPI_CHAR, MPI_SUM, win);
    MPI_Win_flush_local(1, win);
    CHECK(took(t, 2 * LATENCY + 2 * bytes));
    t = MPI_Wtime();
    for (int i = 0; i < 32; i++)
        MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + 32 * bytes));
    MPI_Win_unlock(1, win);
}

/* One that is short may be forgotten at once, a long one when it is there. */
static void buffers(int n)
{
    const double away = n > 65536 ? LATENCY + n / RATE : 0;
    MPI_Request r;
    double t;

    MPI_Win_lock(MPI_LOCK_SHARED, 1, 0, win);
    t = MPI_Wtime();
    MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_flush_local(1, win);
    CHECK(took(t, away));
    MPI_Win_flush(1, win);
    t = MPI_Wtime();
    MPI_Rput(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    CHECK(took(t, away));
    MPI_Win_flush(1, win);
    t = MPI_Wtime();
    MPI_Rget(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    CHECK(took(t, 2 * LATENCY + n / RATE));
    MPI_Win_unlock(1, win);
}

static void one_element(void)
{
    const long one = 1;
    const long zero = 0;
    long was;
    double t;

    MPI_Win_lock(MPI_LOCK_SHARED, 1, 0, win);
    t = MPI_Wtime();
    MPI_Fetch_and_op(&one, &was, MPI_LONG, 1, 0, MPI_SUM, win);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + 2 * sizeof(long) / RATE));
    t = MPI_Wtime();
    MPI_Compare_and_swap(&one, &zero, &was, MPI_LONG, 1, 0, win);
    MPI_Win_flush(1, win);
    CHECK(took(t, 2 * LATENCY + 3 * sizeof(long) / RATE));
    MPI_Win_unlock(1, win);
}

/* A lock is a way there and back, and giving it back one there, or a flush. */
static void locks(int n)
{
    double t = MPI_Wtime();

    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 1, 0, win);
    CHECK(took(t, 2 * LATENCY));
    t = MPI_Wtime();
    MPI_Win_unlock(1, win);
    CHECK(MPI_Wtime() == t);
    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 1, 0, win);
    MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_unlock(1, win);
    CHECK(took(t, 4 * LATENCY + n / RATE));
    t = MPI_Wtime();
    MPI_Win_lock_all(0, win);
    CHECK(MPI_Wtime() == t);
    MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_unlock_all(win);
    CHECK(took(t, 4 * LATENCY + n / RATE));
    t = MPI_Wtime();
    MPI_Win_lock(MPI_LOCK_SHARED, 1, MPI_MODE_NOCHECK, win);
    MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_unlock(1, win);
    CHECK(took(t, 2 * LATENCY + n / RATE));
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* When this rank leaves a barrier to which all come when they say: in step k it
 * waits for the one that is 2^k before it. */
static double leaves_barrier(double comes)
{
    double *now = malloc((size_t)size * sizeof(*now));
    double *next = malloc((size_t)size * sizeof(*next));
    double leaves;

    MPI_Allgather(&comes, 1, MPI_DOUBLE, now, 1, MPI_DOUBLE, MPI_COMM_WORLD);
    for (int d = 1; d < size; d *= 2) {
        double *was = now;
        for (int i = 0; i < size; i++)
            next[i] = later(now[i], now[(i - d + size) % size] + LATENCY);
        now = next;
        next = was;
    }
    leaves = now[rank];
    free(now);
    free(next);
    return leaves;
}

/* A flush, and a barrier. */
static void fences(int n)
{
    double came;
    double left;

    MPI_Win_fence(0, win);
    came = MPI_Wtime();
    MPI_Win_fence(0, win);
    left = MPI_Wtime();
    CHECK(is_at(left, leaves_barrier(came)));
    came = MPI_Wtime();
    if (rank == 0)
        MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
    MPI_Win_fence(0, win);
    left = MPI_Wtime();
    if (rank == 0)
        came += 2 * LATENCY + n / RATE;
    CHECK(is_at(left, leaves_barrier(came)));
    came = MPI_Wtime();
    MPI_Win_fence(MPI_MODE_NOPRECEDE | MPI_MODE_NOSUCCEED, win);
    CHECK(MPI_Wtime() == came);
}

/* A post is a way, and so is what is put with the word that it is complete. */
static void groups(int n)
{
    const int other = 1 - rank;
    MPI_Group all;
    MPI_Group group;
    double times[2];

    if (rank > 1)
        return;
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_incl(all, 1, &other, &group);
    if (rank == 1) {
        times[0] = MPI_Wtime();
        MPI_Win_post(group, 0, win);
        CHECK(MPI_Wtime() == times[0]);
        MPI_Win_wait(win);
        times[1] = MPI_Wtime();
        MPI_Send(times, 2, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
    } else {
        const double came = MPI_Wtime();
        MPI_Win_start(group, 0, win);
        const double started = MPI_Wtime();
        MPI_Put(mine, n, MPI_CHAR, 1, 0, n, MPI_CHAR, win);
        MPI_Win_complete(win);
        const double left = MPI_Wtime();
        MPI_Recv(times, 2, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        CHECK(is_at(started, later(came, times[0] + LATENCY)));
        CHECK(is_at(times[1], started + LATENCY + n / RATE));
        CHECK(n > 65536 ? is_at(left, times[1]) : left == started);
    }
    MPI_Group_free(&all);
    MPI_Group_free(&group);
}

int main(int argc, char **argv)
{
    static const int sizes[] = { 1, 65536, 65537, 1000000 };
    enum { SIZES = sizeof(sizes) / sizeof(*sizes), ROOM = 2000000 };
    int steps = 0;

    begin(&argc, &argv);
    mine = calloc(ROOM, 1);
    for (int d = 1; d < size; d *= 2)
        steps++;
    MPI_Win_allocate(ROOM, 1, MPI_INFO_NULL, MPI_COMM_WORLD, &memory, &win);
    CHECK(took(0, steps * LATENCY + (size - 1) * (LATENCY + 24 / RATE)));
    for (int i = 0; i < SIZES; i++) {
        if (rank == 0) {
            flushes(sizes[i]);
            buffers(sizes[i]);
            locks(sizes[i]);
        }
        fences(sizes[i]);
        groups(sizes[i]);
    }
    if (rank == 0)
        one_element();
    MPI_Win_free(&win);
    free(mine);
    return end();
}
