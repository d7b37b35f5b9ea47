/* Who wants a lock sends a message to the member that has it to give, and gets
 * one when it is granted, in the order in which they came; shared ones are
 * granted together as long as nobody else waits. */

#include "mpi/lock.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/access.h"
#include "mpi/call.h"
#include "mpi/remote.h"

/* ---- At the target --------------------------------------------------------*/

static void be_granted(ds__remote *r)
{
    ds__peer *p = ds__win_peer(r->win, r->from);

    assert(!p->granted && p->lock != DS__LOCK_NONE);
    p->granted = true;
    ds__mpi_wake(&r->win->owner->program);
    free(r);
}

static bool can_have(const ds__lock *l, ds__lock_type type)
{
    return l->exclusive < 0 && (type == DS__LOCK_SHARED || l->shared == 0);
}

static void grant(ds__win *w, int rank, ds__lock_type type)
{
    ds__lock *l = &w->lock;

    assert(can_have(l, type));
    if (type == DS__LOCK_SHARED)
        l->shared++;
    else
        l->exclusive = rank;
    ds__remote_tell(w, rank, be_granted, true);
}

static void grant_waiting(ds__win *w)
{
    ds__lock *l = &w->lock;

    while (l->waiters != NULL && can_have(l, l->waiters->type)) {
        ds__waiter *first = l->waiters;
        l->waiters = first->next;
        if (l->waiters == NULL)
            l->end = &l->waiters;
        grant(w, first->rank, first->type);
        free(first);
    }
}

static void want(ds__remote *r, ds__lock_type type)
{
    ds__win *w = r->win;
    ds__waiter *new = ds__mpi_alloc(1, sizeof(*new));

    *new = (ds__waiter){ .rank = r->from, .type = type };
    *w->lock.end = new;
    w->lock.end = &new->next;
    free(r);
    grant_waiting(w);
}

static void want_shared(ds__remote *r)
{
    want(r, DS__LOCK_SHARED);
}

static void want_exclusive(ds__remote *r)
{
    want(r, DS__LOCK_EXCLUSIVE);
}

static void come_free(const ds__remote *r)
{
    ds__win *w = r->win;
    ds__lock *l = &w->lock;

    if (l->exclusive == r->from) {
        l->exclusive = -1;
    } else {
        assert(l->shared > 0);
        l->shared--;
    }
    grant_waiting(w);
}

static void release(ds__remote *r)
{
    come_free(r);
    free(r);
}

static void release_and_answer(ds__remote *r)
{
    come_free(r);
    ds__remote_answer(r, 0, ds__remote_answered);
}

/* ---- At the origin --------------------------------------------------------*/

static int without_lock(const ds__win *w)
{
    for (const ds__peer *p = w->peers; p != NULL; p = p->next)
        if (p->lock != DS__LOCK_NONE && !p->granted)
            return p->rank;
    return -1;
}

void ds__lock_take(ds__win *w, int target, ds__lock_type type, bool unchecked)
{
    ds__peer *p = ds__win_peer(w, target);

    assert(p->lock == DS__LOCK_NONE && type != DS__LOCK_NONE);
    p->lock = type;
    p->unchecked = unchecked;
    p->granted = unchecked;
    if (unchecked)
        return;
    ds__remote_tell(w, target,
                    type == DS__LOCK_SHARED ? want_shared : want_exclusive,
                    false);
    w->wants_lock = true;
    ds__win_wait(w, without_lock, "for the lock of");
    w->wants_lock = false;
}

void ds__lock_give_back(ds__win *w, ds__peer *p)
{
    assert(p->lock != DS__LOCK_NONE && p->granted);
    p->lock = DS__LOCK_NONE;
    p->granted = false;
    if (p->unchecked) {
        ds__access_ask(w, p);
        return;
    }
    const bool asks = p->unconfirmed;
    p->answers += asks;
    p->unconfirmed = false;
    ds__remote_tell(w, p->rank, asks ? release_and_answer : release, false);
}
