/* Gossip: periods, and what is heard.
 *
 * One packet is all there is: entries, claims of what the sender has, and
 * whether it asks for rumours.  The ways differ in which of these a member
 * writes when a period begins; what it makes of a packet does not depend on
 * them. */
#include <distsys/gossip.h>

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

#include "proto/gossip_rules.h"
#include "proto/group.h"

typedef struct ds_gossip_member member;

/* ---- Learning -------------------------------------------------------------*/

static void tell_state(ds_handle *h, const member *m)
{
    ds_entries_sum all = ds_entries_sum_of(m->known, NULL, NULL);

    ds_observe(h, DS_FACT_STATE, (int64_t)all.digest, 0);
}

/* False: no memory, and the run fails. */
static bool learn(ds_handle *h, member *m, const ds_entry *entries, size_t n,
                  const char *call)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        bool news;
        if (!ds__member_learn(m, &entries[i], &news)) {
            ds_fail(h, "%s: there is no memory for an entry", call);
            return false;
        }
        any = any || news;
    }
    if (any)
        tell_state(h, m);
    return true;
}

/* ---- Periods --------------------------------------------------------------*/

/* Any other member is as likely. */
static size_t draw_other(ds_handle *h, const member *m)
{
    size_t others = m->gossip->group.n - 1;
    size_t to = (size_t)(ds_random(h) * (double)others);

    assert(to < others);
    return to < m->me ? to : to + 1;
}

static void speak(ds_handle *h, member *m)
{
    const ds_gossip *g = m->gossip;

    if (g->ways & DS_GOSSIP_PUSH)
        ds__write_rumours(m, NULL);
    if (g->ways & DS_GOSSIP_ANTI_ENTROPY)
        ds__write_all(m);
    m->letter.asks = g->ways & DS_GOSSIP_PULL;
    if (!ds__letter_is_empty(&m->letter))
        ds__letter_send(h, &g->group, draw_other(h, m), &m->letter);
}

static void begin_period(ds_handle *h, member *m)
{
    ds__member_cool(m);
    for (size_t i = 0; i < m->gossip->fanout && m->gossip->group.n > 1; i++)
        speak(h, m);
}

/* ---- Packets --------------------------------------------------------------*/

static bool take(ds_handle *h, member *m, const ds_msg *msg)
{
    const ds_group *g = &m->gossip->group;
    const ds__told told = ds__told_by(msg);

    if (!learn(h, m, told.entries, told.num_entries, "ds_gossip_serve"))
        return false;
    if (told.asks)
        ds__write_rumours(m, &told);
    ds__write_differences(m, &told);
    if (!ds__letter_is_empty(&m->letter))
        ds__letter_send(h, g, ds_group_sender(g, msg), &m->letter);
    return true;
}

/* Periods that were missed, by a pause, are not made up for. */
static void serve(ds_handle *h, member *m)
{
    const double period = m->gossip->period;
    ds_port *port = m->gossip->group.ports[m->me];
    double next = ds_now(h) + period;
    bool goes_on = true;
    ds_msg msg;

    while (goes_on) {
        if (ds_now(h) >= next) {
            begin_period(h, m);
            next += period * (1 + floor((ds_now(h) - next) / period));
        }
        if (!ds_recv_timeout(h, port, fmax(next - ds_now(h), 0), &msg))
            return;
        if (msg.dest != NULL)
            goes_on = take(h, m, &msg);
        ds_msg_drop(&msg);
    }
}

/* ---- Members --------------------------------------------------------------*/

static bool is_possible(ds_handle *h, const ds_gossip *g)
{
    const unsigned all = DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY;

    if (!(g->period > 0 && g->period < INFINITY))
        ds_fail(h,
                "ds_gossip_serve: the period is %g; it is finite and more "
                "than 0",
                g->period);
    else if (g->ways == 0 || (g->ways & ~all) != 0)
        ds_fail(h, "ds_gossip_serve: the ways are %#x; they are DS_GOSSIP_...",
                g->ways);
    else
        return true;
    return false;
}

void ds__gossip_serve(ds_handle *h, const ds_gossip *g,
                      const ds__gossip_rules *rules)
{
    member m = { .gossip = g, .rules = rules };

    if (!is_possible(h, g) ||
        !ds__group_enter(h, &g->group, "ds_gossip_serve", &m.me))
        return;
    m.known = ds__entries_new(rules->entries);
    if (m.known == NULL) {
        ds_fail(h, "ds_gossip_serve: there is no memory");
        return;
    }
    g->members[m.me] = &m;
    tell_state(h, &m);
    serve(h, &m);
    g->members[m.me] = NULL;
    ds_entries_free(m.known);
    free(m.rumours);
    ds__letter_free(&m.letter);
}

void ds_gossip_serve(ds_handle *h, void *arg)
{
    ds__gossip_serve(h, arg, &ds__gossip_right);
}

bool ds_gossip_add(ds_handle *h, const ds_gossip *g, const ds_entry *entry)
{
    size_t me = ds_group_me(&g->group, h);
    member *m = me == DS_NOBODY ? NULL : g->members[me];

    if (m != NULL)
        return learn(h, m, entry, 1, "ds_gossip_add");
    ds_fail(h, "ds_gossip_add: no member serves on the caller's machine");
    return false;
}

const ds_entries *ds_gossip_known(const ds_gossip *g, size_t who)
{
    return who < g->group.n && g->members[who] != NULL ? g->members[who]->known
                                                       : NULL;
}
