/* Epochs between groups: who opens its memory says so to each of those who may
 * access it, and they say when they are done. */

#include <assert.h>
#include <stdlib.h>

#include "mpi/access.h"
#include "mpi/call.h"
#include "mpi/epoch.h"
#include "mpi/remote.h"
#include "mpi/overlap.h"

#define FAIL(w, ...) ds__comm_fail((w)->comm, DS__ERR_RMA_SYNC, __VA_ARGS__)

/* ---- What is told ---------------------------------------------------------*/

static void be_posted(ds__remote *r)
{
    ds__win_peer(r->win, r->from)->posts++;
    ds__mpi_wake(&r->win->owner->program);
    free(r);
}

static void be_completed(ds__remote *r)
{
    ds__win_peer(r->win, r->from)->completes++;
    ds__mpi_wake(&r->win->owner->program);
    free(r);
}

/* Finds the members that a group names; *error says why not. */
static int *members_of(ds__win *w, const ds__group *group, int *error)
{
    int *members = ds__mpi_alloc((size_t)group->size, sizeof(*members));

    *error = DS__SUCCESS;
    for (int i = 0; i < group->size; i++) {
        members[i] = ds__group_find(w->comm->group, group->world[i]);
        if (members[i] >= 0)
            continue;
        free(members);
        *error =
            ds__comm_fail(w->comm, DS__ERR_GROUP,
                          "member %d of the group is none of the window", i);
        return NULL;
    }
    return members;
}

/* ---- The target -----------------------------------------------------------*/

int ds__epoch_post(ds__win *w, const ds__group *group, int assertions)
{
    int error = ds__epoch_assert(
        w, assertions, DS__MODE_NOCHECK | DS__MODE_NOSTORE | DS__MODE_NOPUT);

    if (error != DS__SUCCESS)
        return error;
    if (w->posted != NULL)
        return FAIL(w, "the epoch of MPI_Win_post() is still open");
    w->posted = members_of(w, group, &error);
    if (w->posted == NULL)
        return error;
    w->num_posted = group->size;
    if ((assertions & DS__MODE_NOCHECK) == 0)
        for (int i = 0; i < w->num_posted; i++)
            ds__remote_tell(w, w->posted[i], be_posted, true);
    return DS__SUCCESS;
}

static int not_complete(const ds__win *w)
{
    for (int i = 0; i < w->num_posted; i++)
        if (ds__win_peer((ds__win *)w, w->posted[i])->completes == 0)
            return w->posted[i];
    return -1;
}

static void end_post(ds__win *w)
{
    for (int i = 0; i < w->num_posted; i++) {
        ds__peer *p = ds__win_peer(w, w->posted[i]);
        assert(p->completes > 0);
        p->completes--;
    }
    free(w->posted);
    w->posted = NULL;
    w->num_posted = 0;
}

int ds__epoch_wait(ds__win *w)
{
    if (w->posted == NULL)
        return FAIL(w, "MPI_Win_post() has not been called");
    ds__win_wait(w, not_complete, "for MPI_Win_complete() of");
    end_post(w);
    return DS__SUCCESS;
}

int ds__epoch_test(ds__win *w, bool *done)
{
    ds__rank *me = w->owner;

    if (w->posted == NULL)
        return FAIL(w, "MPI_Win_post() has not been called");
    if (not_complete(w) >= 0) {
        ds__mpi_progress(me, ds__mpi_look_time(me));
        ds__mpi_pass_on(me);
    }
    *done = not_complete(w) < 0;
    if (*done) {
        me->now->step = 0;
        end_post(w);
    }
    return DS__SUCCESS;
}

/* ---- The origin -----------------------------------------------------------*/

static int not_posted(const ds__win *w)
{
    for (int i = 0; i < w->num_started; i++)
        if (ds__win_peer((ds__win *)w, w->started[i])->posts == 0)
            return w->started[i];
    return -1;
}

int ds__epoch_start(ds__win *w, const ds__group *group, int assertions)
{
    const bool checked = (assertions & DS__MODE_NOCHECK) == 0;
    int error = ds__epoch_assert(w, assertions, DS__MODE_NOCHECK);

    if (error == DS__SUCCESS)
        error = ds__epoch_close_fence(w);
    if (error != DS__SUCCESS)
        return error;
    w->started = members_of(w, group, &error);
    if (w->started == NULL)
        return error;
    w->num_started = group->size;
    w->epoch = DS__START_EPOCH;
    if (checked)
        ds__win_wait(w, not_posted, "for MPI_Win_post() of");
    for (int i = 0; i < w->num_started; i++) {
        ds__peer *p = ds__win_peer(w, w->started[i]);
        p->started = true;
        p->posts -= checked;
    }
    return DS__SUCCESS;
}

/* What it tells comes behind its accesses, and so completes them there. */
int ds__epoch_complete(ds__win *w)
{
    if (w->epoch != DS__START_EPOCH)
        return FAIL(w, "MPI_Win_start() has not been called");
    for (int i = 0; i < w->num_started; i++) {
        ds__peer *p = ds__win_peer(w, w->started[i]);
        p->started = false;
        p->unconfirmed = false;
        ds__remote_tell(w, p->rank, be_completed, false);
    }
    ds__access_settle(w, -1);
    ds__overlap_end(w, -1);
    free(w->started);
    w->started = NULL;
    w->num_started = 0;
    w->epoch = DS__NO_EPOCH;
    return DS__SUCCESS;
}
