/* The epochs of locks, in which the targets take no part. */

#include <assert.h>

#include "mpi/access.h"
#include "mpi/epoch.h"
#include "mpi/lock.h"
#include "mpi/overlap.h"

#define FAIL(w, ...) ds__comm_fail((w)->comm, DS__ERR_RMA_SYNC, __VA_ARGS__)

/* Opens an epoch unless another one is in the way. */
static int open_epoch(ds__win *w, ds__epoch epoch, int assertions)
{
    int error = ds__epoch_assert(w, assertions, DS__MODE_NOCHECK);

    if (error == DS__SUCCESS &&
        (w->epoch != DS__LOCK_EPOCH || epoch != DS__LOCK_EPOCH))
        error = ds__epoch_close_fence(w);
    if (error == DS__SUCCESS)
        w->epoch = epoch;
    return error;
}

int ds__epoch_lock(ds__win *w, int target, ds__lock_type type, int assertions)
{
    const int error = open_epoch(w, DS__LOCK_EPOCH, assertions);

    if (error != DS__SUCCESS)
        return error;
    w->num_locks++;
    if (target < 0)
        return DS__SUCCESS;
    if (ds__win_peer(w, target)->lock != DS__LOCK_NONE) {
        w->num_locks--;
        return FAIL(w, "rank %d is locked already", target);
    }
    ds__lock_take(w, target, type, (assertions & DS__MODE_NOCHECK) != 0);
    return DS__SUCCESS;
}

int ds__epoch_unlock(ds__win *w, int target)
{
    ds__peer *p = target < 0 ? NULL : ds__win_peer(w, target);

    if (w->epoch != DS__LOCK_EPOCH || (p != NULL && p->lock == DS__LOCK_NONE))
        return FAIL(w, "rank %d is not locked", target);
    assert(w->num_locks > 0);
    if (p != NULL) {
        ds__lock_give_back(w, p);
        ds__access_settle(w, target);
        ds__overlap_end(w, target);
    }
    if (--w->num_locks == 0)
        w->epoch = DS__NO_EPOCH;
    return DS__SUCCESS;
}

/* What this member may read and change without a call is locked at once. */
int ds__epoch_lock_all(ds__win *w, int assertions)
{
    const int error = open_epoch(w, DS__LOCK_ALL_EPOCH, assertions);
    const int me = w->comm->rank;

    if (error != DS__SUCCESS)
        return error;
    w->unchecked = (assertions & DS__MODE_NOCHECK) != 0;
    for (int i = 0; i < ds__comm_size(w->comm); i++)
        if (i == me || w->flavor == DS__WIN_SHARED)
            ds__lock_take(w, i, DS__LOCK_SHARED, w->unchecked);
    return DS__SUCCESS;
}

int ds__epoch_unlock_all(ds__win *w)
{
    if (w->epoch != DS__LOCK_ALL_EPOCH)
        return FAIL(w, "MPI_Win_lock_all() has not been called");
    for (ds__peer *p = w->peers; p != NULL; p = p->next)
        if (p->lock != DS__LOCK_NONE)
            ds__lock_give_back(w, p);
    ds__access_settle(w, -1);
    ds__overlap_end(w, -1);
    w->epoch = DS__NO_EPOCH;
    return DS__SUCCESS;
}
