/* SWIM: probes, directly and by helpers.
 *
 * A period is a probe.  If there is no answer in time, helpers are asked to
 * probe the same one, so that it is not suspected for a bad link; if there is
 * none by the end of the period, it is. */
#include "proto/swim_rules.h"

#include <assert.h>
#include <math.h>

#include <distsys/fault.h>

#include "proto/group.h"

typedef enum kind {
    PROBE,  /* do you live? */
    ANSWER, /* yes */
    HELP,   /* does the target live? */
} kind;

typedef struct packet {
    kind kind;
    size_t origin;   /* who wants to know */
    uint64_t number; /* of its probe */
    size_t target;   /* of whom */
    ds__gossip gossip;
} packet;

typedef struct member {
    const ds_swim *swim;
    ds__table table;
    size_t *order; /* in which the others are probed */
    size_t next;   /* in that */
    uint64_t number;
    size_t target; /* of the last probe; DS_NOBODY: it has answered */
    double ask;    /* when helpers are asked; INFINITY: they have been, or there
                    * is nothing to ask */
    double end;    /* of the period */
} member;

static void tell(ds_handle *h, member *m, size_t to, packet p)
{
    assert(to < m->table.n && to != m->table.me);
    p.gossip = ds__table_gossip(&m->table, to);
    ds_tell(h, &m->swim->group, to, &p, sizeof(p));
}

/* ---- Whom to probe --------------------------------------------------------*/

/* A number from 0 to n - 1. */
static size_t draw(ds_handle *h, size_t n)
{
    return (size_t)(ds_random(h) * (double)n);
}

/* SWIM 4.3: all in turn, in an order drawn anew each round, so that nobody is
 * left out for long. */
static void shuffle(ds_handle *h, member *m)
{
    for (size_t i = m->table.n - 1; i-- > 1;) {
        size_t k = draw(h, i + 1), other = m->order[k];
        m->order[k] = m->order[i];
        m->order[i] = other;
    }
    m->next = 0;
}

/* DS_NOBODY: there is nobody in the rest of the order. */
static size_t next_target(ds_handle *h, member *m)
{
    size_t others = m->table.n - 1;

    if (m->next == others)
        shuffle(h, m);
    while (m->next < others) {
        size_t target = m->order[m->next++];
        if (m->table.rules->probes(&m->table.of[target]))
            return target;
    }
    return DS_NOBODY;
}

/* ---- Periods --------------------------------------------------------------*/

static void begin_period(ds_handle *h, member *m)
{
    double now = ds_now(h);

    ds__table_bury(&m->table, now, m->swim->grace);
    m->end = now + m->swim->period;
    m->ask = INFINITY;
    m->number++;
    m->target = m->table.n > 1 ? next_target(h, m) : DS_NOBODY;
    if (m->target == DS_NOBODY)
        return;
    m->ask = now + m->swim->patience;
    tell(h, m, m->target,
         (packet){ .kind = PROBE, .origin = m->table.me, .number = m->number });
}

/* Members from some other one on, but this one and the target. */
static void ask_helpers(ds_handle *h, member *m)
{
    const packet p = { .kind = HELP,
                       .origin = m->table.me,
                       .number = m->number,
                       .target = m->target };
    size_t n = m->table.n, asked = 0, first = draw(h, n);

    assert(m->target < n && m->target != m->table.me);
    m->ask = INFINITY;
    for (size_t i = 0; i < n && asked < m->swim->helpers; i++) {
        size_t to = (first + i) % n;
        if (to == m->table.me || to == m->target)
            continue;
        tell(h, m, to, p);
        asked++;
    }
}

static void end_period(ds_handle *h, member *m)
{
    if (m->target != DS_NOBODY) {
        ds_report news = { m->table.of[m->target].incarnation, DS_SUSPECT };
        ds__table_learn(&m->table, m->target, news, ds_now(h));
    }
    begin_period(h, m);
}

/* ---- Packets --------------------------------------------------------------*/

/* The answer to a helper's probe goes on to whom it has helped. */
static void see_answer(ds_handle *h, member *m, const packet *p)
{
    if (p->origin != m->table.me) {
        tell(h, m, p->origin, *p);
    } else if (p->number == m->number) {
        m->target = DS_NOBODY;
        m->ask = INFINITY;
    }
}

static void take(ds_handle *h, member *m, packet p, size_t from)
{
    ds__table_hear(&m->table, &p.gossip, ds_now(h));
    switch (p.kind) {
    case PROBE:
        p.kind = ANSWER;
        tell(h, m, from, p);
        break;
    case HELP:
        p.kind = PROBE;
        tell(h, m, p.target, p);
        break;
    case ANSWER:
        see_answer(h, m, &p);
        break;
    }
}

static bool hear(ds_handle *h, member *m)
{
    const ds_group *g = &m->swim->group;
    double until = fmin(m->ask, m->end);
    ds_msg msg;

    if (!ds_recv_timeout(h, g->ports[m->table.me], fmax(until - ds_now(h), 0),
                         &msg))
        return false;
    if (msg.dest != NULL) {
        take(h, m, *(const packet *)msg.data, ds_group_sender(g, &msg));
        ds_msg_drop(&msg);
    } else if (ds_now(h) >= m->end) {
        end_period(h, m);
    } else if (ds_now(h) >= m->ask) {
        ask_helpers(h, m);
    }
    return true;
}

void ds__swim_serve(ds_handle *h, const ds_swim *swim,
                    const ds__swim_rules *rules)
{
    size_t n = swim->group.n, me;
    member m = {
        .swim = swim,
        .table = { .rules = rules,
                   .about = ds_alloc(h, n * sizeof(*m.table.about)),
                   .n = n },
        .order = ds_alloc(h, n * sizeof(*m.order)),
    };

    if (m.table.about == NULL || m.order == NULL ||
        !ds__group_enter(h, &swim->group, "ds_swim_serve", &me))
        return;
    m.table.me = me;
    m.table.of = swim->report + n * me;
    for (size_t i = 0; i < n; i++)
        m.table.of[i] = (ds_report){ 0, DS_ALIVE };
    for (size_t i = 0; i + 1 < n; i++)
        m.order[i] = (me + 1 + i) % n;
    m.next = n - 1;
    begin_period(h, &m);
    while (hear(h, &m)) {
    }
    assert(m.next < n);
}

void ds_swim_serve(ds_handle *h, void *arg)
{
    ds__swim_serve(h, arg, &ds__swim_right);
}
