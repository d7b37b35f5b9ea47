/* Mutual exclusion: members, whose turn it is, and entering. */
#include "proto/mutex_rules.h"

#include <assert.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

#include "proto/group.h"

typedef struct ds_mutex_member member;

bool ds__is_older(ds_lamport time_a, size_t a, ds_lamport time_b, size_t b)
{
    return time_a != time_b ? time_a < time_b : a < b;
}

size_t ds__mutex_oldest(const member *m)
{
    const ds__mutex_peer *of = m->of;
    size_t oldest = DS_NOBODY;

    for (size_t i = 0; i < m->mutex->group.n; i++)
        if (of[i].request > 0 &&
            (oldest == DS_NOBODY ||
             ds__is_older(of[i].request, i, of[oldest].request, oldest)))
            oldest = i;
    return oldest;
}

void ds__mutex_learn(member *m, ds_lamport time)
{
    ds_lamport_receive(&m->clock, time);
}

bool ds__mutex_is_outside(const member *m)
{
    return m->state != DS__INSIDE;
}

/* ---- Telling --------------------------------------------------------------*/

void ds__mutex_tell(ds_handle *h, member *m, size_t to, ds__mutex_what what,
                    ds_lamport time)
{
    ds__mutex_packet p = { .what = what, .time = time };

    if (to == m->me)
        m->kind->take(h, m, to, &p);
    else
        ds__links_send(h, &m->links, to, &p, sizeof(p));
}

void ds__mutex_tell_others(ds_handle *h, member *m, ds__mutex_what what,
                           ds_lamport time)
{
    for (size_t i = 0; i < m->mutex->group.n; i++)
        if (i != m->me)
            ds__mutex_tell(h, m, i, what, time);
}

/* ---- Members --------------------------------------------------------------*/

static void serve(ds_handle *h, member *m)
{
    ds_msg msg;

    if (m->kind->begin != NULL)
        m->kind->begin(h, m);
    while (ds__links_recv(h, &m->links, &msg)) {
        m->kind->take(h, m, ds_group_sender(&m->mutex->group, &msg), msg.data);
        ds_msg_drop(&msg);
    }
}

void ds__mutex_serve(ds_handle *h, ds_mutex *mutex, const ds_mutex_kind *kind)
{
    const ds_group *g = &mutex->group;
    member m = {
        .mutex = mutex,
        .kind = kind,
        .of = ds_alloc(h, g->n * sizeof(*m.of)),
    };

    if (m.of == NULL || !ds__group_enter(h, g, "ds_mutex_serve", &m.me) ||
        !ds__links_open(h, &m.links, g, mutex->again, &kind->links))
        return;
    mutex->members[m.me] = &m;
    serve(h, &m);
    mutex->members[m.me] = NULL;
    ds__links_close(&m.links);
}

void ds_mutex_serve(ds_handle *h, void *arg)
{
    ds_mutex *mutex = arg;

    ds__mutex_serve(h, mutex, mutex->kind);
}

/* ---- Entering and leaving -------------------------------------------------*/

void ds__mutex_enter(ds_handle *h, member *m)
{
    assert(m->state == DS__WANTS);
    m->state = DS__INSIDE;
    ds__bell_ring(h, &m->enter);
}

/* The member of the caller's machine; NULL, and the run fails: there is none.
 */
static member *mine(ds_handle *h, const ds_mutex *mutex, const char *call)
{
    size_t me = ds_group_me(&mutex->group, h);
    member *m = me == DS_NOBODY ? NULL : mutex->members[me];

    if (m == NULL)
        ds_fail(h, "%s: no member serves on the caller's machine", call);
    return m;
}

bool ds_mutex_lock(ds_handle *h, const ds_mutex *mutex)
{
    member *m = mine(h, mutex, "ds_mutex_lock");

    if (m == NULL || (m->taken && !ds__bell_wait(h, &m->turn)))
        return false;
    assert(m->state == DS__OUTSIDE);
    m->taken = true;
    m->state = DS__WANTS;
    m->kind->want(h, m);
    while (m->state != DS__INSIDE)
        if (!ds__bell_wait(h, &m->enter))
            return false;
    ds_observe(h, DS_FACT_ENTER, mutex->lock, 0);
    return true;
}

void ds_mutex_unlock(ds_handle *h, const ds_mutex *mutex)
{
    member *m = mine(h, mutex, "ds_mutex_unlock");

    if (m == NULL)
        return;
    if (m->state != DS__INSIDE) {
        ds_fail(h, "ds_mutex_unlock: the caller's machine is not inside");
        return;
    }
    ds_observe(h, DS_FACT_LEAVE, mutex->lock, 0);
    m->state = DS__OUTSIDE;
    m->kind->leave(h, m);
    m->taken = m->turn.first != NULL;
    ds__bell_ring(h, &m->turn);
}
