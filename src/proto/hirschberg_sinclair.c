/* Hirschberg and Sinclair's election: a name is probed on both sides, twice as
 * far each time, until a higher one stops it.
 *
 * Who is the highest of all up to a distance on both sides goes on, and of
 * those there are half as many each time; a probe costs as many messages as it
 * goes far, and so many as all of one distance cost all of each. */
#include "proto/ring.h"

typedef struct ds_ring_member member;
typedef ds__ring_packet packet;

static void probe(ds_handle *h, member *m, uint64_t far)
{
    packet p = {
        .kind = DS__RING_NAME, .member = m->me, .hops = 1, .far = far
    };

    m->far = far;
    m->sides = 0;
    ds__ring_pass(h, m, p);
    p.way = DS__BACK;
    ds__ring_pass(h, m, p);
}

static void probe_neighbours(ds_handle *h, member *m)
{
    probe(h, m, 1);
}

/* Hirschberg and Sinclair: it is passed on, answered, or stopped; and
 * who gets its own has won. */
static void see_name(ds_handle *h, member *m, packet p)
{
    if (p.member == m->me) {
        ds__ring_win(h, m);
    } else if (m->rules->stops(m, p.member)) {
        ds__ring_stop(h, m);
    } else {
        m->stands = true;
        if (p.hops++ == p.far) {
            p.kind = DS__RING_ANSWER;
            p.way = p.way == DS__FORTH ? DS__BACK : DS__FORTH;
        }
        ds__ring_pass(h, m, p);
    }
}

static void see_answer(ds_handle *h, member *m, const packet *p)
{
    if (p->member != m->me)
        ds__ring_pass(h, m, *p);
    else if (p->far == m->far && ++m->sides == 2)
        probe(h, m, 2 * m->far);
}

static void take(ds_handle *h, member *m, const packet *p)
{
    if (p->kind == DS__RING_NAME)
        see_name(h, m, *p);
    else
        see_answer(h, m, p);
}

const ds__ring_rules ds__hirschberg_sinclair_right = {
    .links = { ds__links_in_turn, ds__links_keep },
    .stand = probe_neighbours,
    .take = take,
    .stops = ds__ring_stops,
    .stands_then = ds__ring_stands_then,
};

void ds_hirschberg_sinclair_serve(ds_handle *h, void *arg)
{
    ds__ring_serve(h, arg, &ds__hirschberg_sinclair_right);
}
