/* Links with numbered packets. */
#include "bench/planted/links.h"

#include <assert.h>
#include <math.h>

bool link_in_turn(int64_t taken, int64_t number)
{
    return number == taken + 1;
}

bool link_as_it_comes(int64_t taken, int64_t number)
{
    return true;
}

void links_send(ds_handle *h, const group *g, links *l, int to, int kind,
                int64_t a, int64_t b)
{
    link_packet p = { ++l->sent[to], kind, a, b, group_me(h) };

    group_send(h, g, to, &p, sizeof(p));
}

void links_send_others(ds_handle *h, const group *g, links *l, int kind,
                       int64_t a, int64_t b)
{
    for (int i = 0; i < g->servers; i++)
        if (i != group_me(h))
            links_send(h, g, l, i, kind, a, b);
}

/* Takes one that is held and whose turn has come. */
static bool take(links *l, link_rule *takes, link_packet *packet)
{
    for (int i = 0; i < l->num_held; i++) {
        const link_packet *p = &l->held[i];
        if (!takes(l->taken[p->from], p->number))
            continue;
        *packet = *p;
        l->taken[p->from]++;
        l->held[i] = l->held[--l->num_held];
        return true;
    }
    return false;
}

bool links_recv(ds_handle *h, const group *g, links *l, link_rule *takes,
                link_packet *packet)
{
    int from;

    while (!take(l, takes, packet)) {
        assert(l->num_held < LINKS_HELD);
        if (!group_recv(h, g, INFINITY, &l->held[l->num_held],
                        sizeof(link_packet), &from))
            return false;
        l->num_held++;
    }
    return true;
}
