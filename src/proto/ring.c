/* Elections on a ring: rounds, and what comes after somebody has won. */
#include "proto/ring.h"

#include <assert.h>

#include <distsys/observe.h>

#include "proto/group.h"

typedef struct ds_ring_member member;
typedef ds__ring_packet packet;

/* Of two members, whether a has the lower name. */
static bool is_below(const ds_ring *ring, size_t a, size_t b)
{
    if (ring->names != NULL && ring->names[a] != ring->names[b])
        return ring->names[a] < ring->names[b];
    return a < b;
}

bool ds__ring_stops(const member *m, size_t other)
{
    return is_below(m->ring, other, m->me);
}

bool ds__ring_stands_then(const member *m)
{
    return true;
}

void ds__ring_pass(ds_handle *h, member *m, packet p)
{
    size_t n = m->ring->group.n;
    size_t to = (m->me + (p.way == DS__FORTH ? 1 : n - 1)) % n;

    p.round = m->leader.epoch;
    ds__links_send(h, &m->links, to, &p, sizeof(p));
}

static void begin(member *m, int64_t round)
{
    assert(round > m->leader.epoch);
    m->leader = (ds_leader){ DS_NOBODY, round };
    m->stands = false;
}

static void stand(ds_handle *h, member *m)
{
    if (m->stands)
        return;
    m->stands = true;
    m->rules->stand(h, m);
}

static void know(ds_handle *h, member *m, size_t leader)
{
    assert(m->leader.member == DS_NOBODY && leader < m->ring->group.n);
    m->leader.member = leader;
    ds_observe(h, DS_FACT_DECIDE, m->leader.epoch, (int64_t)leader);
    ds__bell_ring_all(h, &m->elected);
    ds__ring_pass(h, m, (packet){ .kind = DS__RING_LEADER, .member = leader });
}

void ds__ring_stop(ds_handle *h, member *m)
{
    if (m->rules->stands_then(m))
        stand(h, m);
}

void ds__ring_win(ds_handle *h, member *m)
{
    ds_observe(h, DS_FACT_LEAD, m->leader.epoch, 0);
    know(h, m, m->me);
}

/* Where the leader is known, all that comes is stale, and its name has been all
 * around when it comes home. */
static void take(ds_handle *h, member *m, const packet *p)
{
    if (p->round > m->leader.epoch)
        begin(m, p->round);
    if (p->round < m->leader.epoch || m->leader.member != DS_NOBODY)
        return;
    if (p->kind == DS__RING_LEADER)
        know(h, m, p->member);
    else
        m->rules->take(h, m, p);
}

void ds__ring_serve(ds_handle *h, ds_ring *ring, const ds__ring_rules *rules)
{
    const ds_group *g = &ring->group;
    member m = { .ring = ring, .rules = rules, .leader.member = DS_NOBODY };
    ds_msg msg;

    if (!ds__group_enter(h, g, "ds_ring_serve", &m.me) ||
        !ds__links_open(h, &m.links, g, ring->again, &rules->links))
        return;
    ring->members[m.me] = &m;
    while (ds__links_recv(h, &m.links, &msg)) {
        take(h, &m, msg.data);
        ds_msg_drop(&msg);
    }
    ring->members[m.me] = NULL;
    ds__links_close(&m.links);
}

bool ds_ring_elect(ds_handle *h, const ds_ring *ring, int64_t round,
                   ds_leader *leader)
{
    size_t me = ds_group_me(&ring->group, h);
    member *m = me == DS_NOBODY ? NULL : ring->members[me];

    if (m == NULL || round < 1) {
        ds_fail(h, m == NULL ? "ds_ring_elect: no member of the ring serves on "
                               "the caller's machine"
                             : "ds_ring_elect: rounds count from 1");
        return false;
    }
    if (m->leader.epoch < round)
        begin(m, round);
    if (m->leader.member == DS_NOBODY)
        stand(h, m);
    while (m->leader.member == DS_NOBODY)
        if (!ds__bell_wait(h, &m->elected))
            return false;
    *leader = m->leader;
    return true;
}
