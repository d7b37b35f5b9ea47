/* Epochs, and fences, in which all members take part. */

#include "mpi/epoch.h"

#include <assert.h>

#include "mpi/access.h"
#include "mpi/agree.h"
#include "mpi/coll.h"
#include "mpi/lock.h"
#include "mpi/overlap.h"

#define FAIL(w, ...) ds__comm_fail((w)->comm, DS__ERR_RMA_SYNC, __VA_ARGS__)

/* ---- Which one is open ----------------------------------------------------*/

static const char *const opened_by[] = {
    [DS__FENCE_EPOCH] = "MPI_Win_fence()",
    [DS__START_EPOCH] = "MPI_Win_start()",
    [DS__LOCK_EPOCH] = "MPI_Win_lock()",
    [DS__LOCK_ALL_EPOCH] = "MPI_Win_lock_all()",
};

int ds__epoch_close_fence(ds__win *w)
{
    if (w->epoch == DS__FENCE_EPOCH && !w->used)
        w->epoch = DS__NO_EPOCH;
    if (w->epoch == DS__NO_EPOCH)
        return DS__SUCCESS;
    return FAIL(w, "the epoch of %s is still open", opened_by[w->epoch]);
}

static bool is_passive(const ds__win *w)
{
    return w->epoch == DS__LOCK_EPOCH || w->epoch == DS__LOCK_ALL_EPOCH;
}

int ds__epoch_allow(ds__win *w, int target, bool is_flush)
{
    if (w->epoch == DS__NO_EPOCH)
        return FAIL(w,
                    "no epoch is open; a fence, a start or a lock opens one");
    if (is_flush && !is_passive(w))
        return FAIL(w, "it is for the epochs of locks, not for that of %s",
                    opened_by[w->epoch]);
    if (target < 0)
        return DS__SUCCESS;
    const ds__peer *p = ds__win_peer(w, target);
    if (w->epoch == DS__START_EPOCH && !p->started)
        return FAIL(w, "rank %d is not in the group of MPI_Win_start()",
                    target);
    if (w->epoch == DS__LOCK_EPOCH && p->lock == DS__LOCK_NONE)
        return FAIL(w, "rank %d is not locked", target);
    if (w->epoch == DS__LOCK_ALL_EPOCH && p->lock == DS__LOCK_NONE && !is_flush)
        ds__lock_take(w, target, DS__LOCK_SHARED, w->unchecked);
    return DS__SUCCESS;
}

int ds__epoch_assert(ds__win *w, int assertions, int allowed)
{
    assert(allowed != 0);
    if ((assertions & ~allowed) == 0)
        return DS__SUCCESS;
    return ds__comm_fail(w->comm, DS__ERR_ASSERT,
                         "it has no assertion of the number %d",
                         assertions & ~allowed);
}

/* ---- Fences ---------------------------------------------------------------*/

int ds__epoch_fence(ds__win *w, int assertions)
{
    const bool first = (assertions & DS__MODE_NOPRECEDE) != 0;
    const bool last = (assertions & DS__MODE_NOSUCCEED) != 0;
    const int error =
        ds__epoch_assert(w, assertions,
                         DS__MODE_NOSTORE | DS__MODE_NOPUT |
                             DS__MODE_NOPRECEDE | DS__MODE_NOSUCCEED);

    if (error != DS__SUCCESS)
        return error;
    if (w->epoch != DS__NO_EPOCH && w->epoch != DS__FENCE_EPOCH)
        return FAIL(w, "the epoch of %s is still open", opened_by[w->epoch]);
    if (w->posted != NULL)
        return FAIL(w, "the epoch of MPI_Win_post() is still open");
    if (first && w->epoch == DS__FENCE_EPOCH && w->used)
        return ds__comm_fail(w->comm, DS__ERR_ASSERT,
                             "MPI_MODE_NOPRECEDE, but there were accesses");
    ds__agree_on_call(w->comm);
    ds__access_flush(w, -1);
    if (!first || !last)
        ds__mpi_barrier(w->comm);
    ds__overlap_end(w, -1);
    w->epoch = last ? DS__NO_EPOCH : DS__FENCE_EPOCH;
    w->used = false;
    w->fences++;
    return DS__SUCCESS;
}

int ds__epoch_end(ds__win *w)
{
    if (w->posted != NULL)
        return FAIL(w, "the epoch of MPI_Win_post() is still open");
    return ds__epoch_close_fence(w);
}
