/* Maekawa's mutual exclusion: a member asks a quorum, and any two quorums share
 * one, which says yes to one request at a time.
 *
 * Two requests may each have some of what the other needs.  So who has said yes
 * to the younger asks it back for the older one, and has it if that one is not
 * inside: then the oldest of all gets every yes in the end. */
#include "proto/mutex_rules.h"

#include <assert.h>

typedef struct ds_mutex_member member;

/* ---- Quorums --------------------------------------------------------------*/

/* How many multiples of k, from k on, it takes to reach half of the ring. */
static size_t multiples(size_t n, size_t k)
{
    return (n / 2 + k - 1) / k;
}

size_t ds__quorum_size(size_t n, size_t k)
{
    return k + multiples(n, k);
}

size_t ds__quorum_stride(size_t n)
{
    size_t best = 1;

    for (size_t k = 2; k <= n / 2; k++)
        if (ds__quorum_size(n, k) < ds__quorum_size(n, best))
            best = k;
    return best;
}

bool ds__in_quorum(size_t n, size_t k, size_t me, size_t i)
{
    size_t distance = (i + n - me) % n;

    assert(k > 0 && me < n && i < n);
    return distance < k ||
           (distance % k == 0 && distance / k <= multiples(n, k));
}

static void tell_quorum(ds_handle *h, member *m, ds__mutex_what what,
                        ds_lamport time)
{
    size_t n = m->mutex->group.n;

    for (size_t i = 0; i < n; i++)
        if (ds__in_quorum(n, m->stride, m->me, i))
            ds__mutex_tell(h, m, i, what, time);
}

/* ---- Who says yes ---------------------------------------------------------*/

static bool inquire_for_older(const member *m, size_t oldest)
{
    return ds__is_older(m->of[oldest].request, oldest, m->given, m->holder);
}

/* What is asked back of an earlier request has been given back. */
static bool yield_unless_inside(const member *m, size_t from, ds_lamport time)
{
    return m->state == DS__WANTS && time == m->mine && m->of[from].granted;
}

static size_t need_all(const member *m)
{
    return ds__quorum_size(m->mutex->group.n, m->stride);
}

/* A request that has the grant waits no longer; one that yields does again. */
static void arbitrate(ds_handle *h, member *m)
{
    size_t oldest = ds__mutex_oldest(m);

    if (oldest == DS_NOBODY)
        return;
    if (m->given == 0) {
        m->given = m->of[oldest].request;
        m->holder = oldest;
        m->asked = false;
        m->of[oldest].request = 0;
        ds__mutex_tell(h, m, oldest, DS__ANSWER, m->given);
    } else if (!m->asked && m->kind->inquires(m, oldest)) {
        m->asked = true;
        ds__mutex_tell(h, m, m->holder, DS__INQUIRE, m->given);
    }
}

/* ---- Who wants to enter ---------------------------------------------------*/

static void want(ds_handle *h, member *m)
{
    m->mine = ds_lamport_tick(&m->clock);
    m->answers = 0;
    tell_quorum(h, m, DS__REQUEST, m->mine);
}

static void leave(ds_handle *h, member *m)
{
    for (size_t i = 0; i < m->mutex->group.n; i++)
        m->of[i].granted = false;
    tell_quorum(h, m, DS__RELEASE, m->mine);
}

static void see_grant(ds_handle *h, member *m, size_t from)
{
    m->of[from].granted = true;
    if (++m->answers == m->kind->needs(m) && m->state == DS__WANTS)
        ds__mutex_enter(h, m);
}

static void see_inquiry(ds_handle *h, member *m, size_t from, ds_lamport time)
{
    if (!m->kind->yields(m, from, time))
        return;
    m->of[from].granted = false;
    m->answers--;
    ds__mutex_tell(h, m, from, DS__YIELD, time);
}

static void take(ds_handle *h, member *m, size_t from,
                 const ds__mutex_packet *p)
{
    ds_lamport_receive(&m->clock, p->time);
    switch (p->what) {
    case DS__REQUEST:
        m->of[from].request = p->time;
        break;
    case DS__YIELD:
        m->of[from].request = m->given;
        m->given = 0;
        break;
    case DS__RELEASE:
        m->given = 0;
        break;
    case DS__ANSWER:
        see_grant(h, m, from);
        return;
    case DS__INQUIRE:
        see_inquiry(h, m, from, p->time);
        return;
    }
    arbitrate(h, m);
}

static void begin(ds_handle *h, member *m)
{
    m->stride = ds__quorum_stride(m->mutex->group.n);
    assert(ds__in_quorum(m->mutex->group.n, m->stride, m->me, m->me));
}

const ds_mutex_kind ds_mutex_maekawa = {
    .links = { ds__links_in_turn, ds__links_keep },
    .begin = begin,
    .want = want,
    .leave = leave,
    .take = take,
    .inquires = inquire_for_older,
    .yields = yield_unless_inside,
    .needs = need_all,
};
