/* When members of a window access each other. */

#include "mpi/access.h"
#include "mpi/bind/abi.h"
#include "mpi/epoch.h"
#include "mpi/overlap.h"

#ifdef DS_MPICH
/* Two assertions have each other's number there. */
static int assertions_in(int assertions)
{
    static const int numbers[][2] = {
        { MPI_MODE_NOCHECK, DS__MODE_NOCHECK },
        { MPI_MODE_NOSTORE, DS__MODE_NOSTORE },
        { MPI_MODE_NOPUT, DS__MODE_NOPUT },
        { MPI_MODE_NOPRECEDE, DS__MODE_NOPRECEDE },
        { MPI_MODE_NOSUCCEED, DS__MODE_NOSUCCEED },
    };
    int in = assertions;

    for (int i = 0; i < 5; i++)
        in &= ~numbers[i][0];
    for (int i = 0; i < 5; i++)
        if ((assertions & numbers[i][0]) != 0)
            in |= numbers[i][1];
    return in;
}
#else
static int assertions_in(int assertions)
{
    return assertions;
}
#endif

/* ---- All together ---------------------------------------------------------*/

API int F(Win_fence)(int assertions, MPI_Win win)
{
    ENTER(Win_fence);
    NEED_WIN(w, win);
    return ERROR(ds__epoch_fence(w, assertions_in(assertions)));
}

/* ---- Between groups -------------------------------------------------------*/

#define NEED_GROUP(w, g, handle)                                               \
    const ds__group *const g = GROUP(handle);                                  \
    if (g == NULL)                                                             \
    FAIL((w)->comm, ERR_GROUP, "this is no group, or it has been freed")

API int F(Win_post)(MPI_Group group, int assertions, MPI_Win win)
{
    ENTER(Win_post);
    NEED_WIN(w, win);
    NEED_GROUP(w, g, group);
    return ERROR(ds__epoch_post(w, g, assertions_in(assertions)));
}

API int F(Win_start)(MPI_Group group, int assertions, MPI_Win win)
{
    ENTER(Win_start);
    NEED_WIN(w, win);
    NEED_GROUP(w, g, group);
    return ERROR(ds__epoch_start(w, g, assertions_in(assertions)));
}

API int F(Win_complete)(MPI_Win win)
{
    ENTER(Win_complete);
    NEED_WIN(w, win);
    return ERROR(ds__epoch_complete(w));
}

API int F(Win_wait)(MPI_Win win)
{
    ENTER(Win_wait);
    NEED_WIN(w, win);
    return ERROR(ds__epoch_wait(w));
}

API int F(Win_test)(MPI_Win win, int *flag)
{
    bool done = false;

    ENTER(Win_test);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, flag);
    const int error = ds__epoch_test(w, &done);
    *flag = done;
    return ERROR(error);
}

/* ---- Locks ----------------------------------------------------------------*/

#define NEED_MEMBER(w, rank)                                                   \
    if ((rank) < 0 || (rank) >= ds__comm_size((w)->comm))                      \
    FAIL((w)->comm, ERR_RANK, "a rank of %d among %d", rank,                   \
         ds__comm_size((w)->comm))

API int F(Win_lock)(int lock_type, int rank, int assertions, MPI_Win win)
{
    ENTER(Win_lock);
    NEED_WIN(w, win);
    if (lock_type != MPI_LOCK_SHARED && lock_type != MPI_LOCK_EXCLUSIVE)
        FAIL(w->comm, ERR_LOCKTYPE,
             "a type of %d; there are MPI_LOCK_SHARED and MPI_LOCK_EXCLUSIVE",
             lock_type);
    const int target = rank_in(rank);
    if (target != DS__PROC_NULL)
        NEED_MEMBER(w, target);
    return ERROR(ds__epoch_lock(
        w, target,
        lock_type == MPI_LOCK_SHARED ? DS__LOCK_SHARED : DS__LOCK_EXCLUSIVE,
        assertions_in(assertions)));
}

API int F(Win_unlock)(int rank, MPI_Win win)
{
    ENTER(Win_unlock);
    NEED_WIN(w, win);
    const int target = rank_in(rank);
    if (target != DS__PROC_NULL)
        NEED_MEMBER(w, target);
    ds__win_look(w);
    return ERROR(ds__epoch_unlock(w, target));
}

API int F(Win_lock_all)(int assertions, MPI_Win win)
{
    ENTER(Win_lock_all);
    NEED_WIN(w, win);
    return ERROR(ds__epoch_lock_all(w, assertions_in(assertions)));
}

API int F(Win_unlock_all)(MPI_Win win)
{
    ENTER(Win_unlock_all);
    NEED_WIN(w, win);
    ds__win_look(w);
    return ERROR(ds__epoch_unlock_all(w));
}

/* ---- Flushing -------------------------------------------------------------*/

/* rank -1: all. */
static int flush(ds__win *w, int rank, bool is_local)
{
    const int error = ds__epoch_allow(w, rank, true);

    if (error != DS__SUCCESS)
        return ERROR(error);
    if (is_local)
        ds__access_settle(w, rank);
    else
        ds__access_flush(w, rank);
    ds__overlap_end(w, rank);
    ds__win_look(w);
    return MPI_SUCCESS;
}

#define FLUSH(name, is_local)                                                  \
    API int F(name)(int rank, MPI_Win win)                                     \
    {                                                                          \
        ENTER(name);                                                           \
        NEED_WIN(w, win);                                                      \
        if (rank == MPI_PROC_NULL)                                             \
            return MPI_SUCCESS;                                                \
        NEED_MEMBER(w, rank);                                                  \
        return flush(w, rank, is_local);                                       \
    }
FLUSH(Win_flush, false)
FLUSH(Win_flush_local, true)

#define FLUSH_ALL(name, is_local)                                              \
    API int F(name)(MPI_Win win)                                               \
    {                                                                          \
        ENTER(name);                                                           \
        NEED_WIN(w, win);                                                      \
        return flush(w, -1, is_local);                                         \
    }
FLUSH_ALL(Win_flush_all, false)
FLUSH_ALL(Win_flush_local_all, true)

/* Memory is always as others have left it; a loop may look for that. */
API int F(Win_sync)(MPI_Win win)
{
    ENTER(Win_sync);
    NEED_WIN(w, win);
    ds__win_look(w);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Win_complete)                                                            \
    N(Win_fence)                                                               \
    N(Win_flush)                                                               \
    N(Win_flush_all)                                                           \
    N(Win_flush_local)                                                         \
    N(Win_flush_local_all)                                                     \
    N(Win_lock)                                                                \
    N(Win_lock_all)                                                            \
    N(Win_post)                                                                \
    N(Win_start)                                                               \
    N(Win_sync)                                                                \
    N(Win_test)                                                                \
    N(Win_unlock)                                                              \
    N(Win_unlock_all)                                                          \
    N(Win_wait)
DEFINE_NAMES(epoch_names, LIST)
