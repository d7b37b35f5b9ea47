/* Chang and Roberts' election: a name goes around until a higher one stops it.
 *
 * The highest is stopped by nobody and comes home; all others meet it. */
#include "proto/ring.h"

typedef struct ds_ring_member member;
typedef ds__ring_packet packet;

/* Chang and Roberts: a process marks itself and sends its number. */
static void send_name(ds_handle *h, member *m)
{
    ds__ring_pass(h, m, (packet){ .kind = DS__RING_NAME, .member = m->me });
}

/* Who has passed a higher name on need not send its own. */
static void see_name(ds_handle *h, member *m, const packet *p)
{
    if (p->member == m->me) {
        ds__ring_win(h, m);
    } else if (m->rules->stops(m, p->member)) {
        ds__ring_stop(h, m);
    } else {
        m->stands = true;
        ds__ring_pass(h, m, *p);
    }
}

const ds__ring_rules ds__chang_roberts_right = {
    .links = { ds__links_in_turn, ds__links_keep },
    .stand = send_name,
    .take = see_name,
    .stops = ds__ring_stops,
    .stands_then = ds__ring_stands_then,
};

void ds_chang_roberts_serve(ds_handle *h, void *arg)
{
    ds__ring_serve(h, arg, &ds__chang_roberts_right);
}
