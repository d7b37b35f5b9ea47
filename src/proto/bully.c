/* Bullies: who misses the leader asks all above it whether they live, and leads
 * if it hears of nobody.
 *
 * Who was told that somebody lives waits for that one, but not for ever: it may
 * be down again.  An epoch is a number of the member that leads in it, and
 * higher than any that it has heard of, also in earlier lives: so no two lead
 * in the same, although two may lead at a time. */
#include "proto/bully_rules.h"

#include <assert.h>
#include <math.h>

#include <distsys/observe.h>

#include "proto/cell.h"
#include "proto/group.h"

typedef enum kind { ELECTION, ALIVE, LEADER } kind;

typedef struct packet {
    kind kind;
    int64_t epoch; /* the highest that the sender knows */
} packet;

typedef enum phase {
    FOLLOWS, /* its leader, who may be itself */
    ASKS,    /* whether somebody above it lives */
    WAITS,   /* for one who does */
} phase;

typedef struct member {
    const ds_bully *bully;
    const ds__bully_rules *rules;
    ds_leader *view; /* with the highest epoch that it knows of */
    size_t me;
    phase phase;
    double until; /* when that is over; of a leader: when it says so again */
    ds__cell cell;
} member;

/* ---- The rules ------------------------------------------------------------*/

static int64_t one_of_its_own(const ds_bully *b, int64_t highest, size_t me)
{
    int64_t n = (int64_t)b->group.n;

    return (highest / n + 1) * n + (int64_t)me;
}

static double a_while(const ds_bully *b)
{
    return 3 * b->patience;
}

static bool follow_whoever_is_higher(const ds_leader *mine, size_t me,
                                     size_t other)
{
    return other > me && (mine->member == DS_NOBODY || other >= mine->member);
}

const ds__bully_rules ds__bully_right = { one_of_its_own, a_while,
                                          follow_whoever_is_higher };

/* ---- Members --------------------------------------------------------------*/

static void tell(ds_handle *h, const member *m, size_t to, kind what)
{
    const packet p = { what, m->view->epoch };

    ds_tell(h, &m->bully->group, to, &p, sizeof(p));
}

static void announce(ds_handle *h, member *m)
{
    assert(m->view->member == m->me);
    m->until = ds_now(h) + m->bully->patience;
    for (size_t i = 0; i < m->me; i++)
        tell(h, m, i, LEADER);
}

static bool lead(ds_handle *h, member *m)
{
    int64_t epoch = m->rules->epoch_after(m->bully, m->view->epoch, m->me);

    assert(epoch > m->view->epoch);
    m->view->epoch = epoch;
    if (!ds__cell_save(h, &m->cell, &epoch))
        return false;
    ds_observe(h, DS_FACT_LEAD, epoch, 0);
    m->phase = FOLLOWS;
    m->view->member = m->me;
    announce(h, m);
    return true;
}

static bool stand(ds_handle *h, member *m)
{
    size_t n = m->bully->group.n;

    m->phase = ASKS;
    m->view->member = DS_NOBODY;
    m->until = ds_now(h) + m->bully->patience;
    for (size_t i = m->me + 1; i < n; i++)
        tell(h, m, i, ELECTION);
    return m->me + 1 < n || lead(h, m);
}

/* Time is up. */
static bool act(ds_handle *h, member *m)
{
    if (m->phase == ASKS)
        return lead(h, m);
    if (m->view->member != m->me)
        return stand(h, m);
    announce(h, m);
    return true;
}

/* A leader says that it leads, which tells as well that it lives. */
static bool see_election(ds_handle *h, member *m, size_t from)
{
    bool leads = m->view->member == m->me;

    tell(h, m, from, leads ? LEADER : ALIVE);
    return leads || m->phase != FOLLOWS || stand(h, m);
}

static bool take(ds_handle *h, member *m, const packet *p, size_t from)
{
    if (p->epoch > m->view->epoch)
        m->view->epoch = p->epoch;
    switch (p->kind) {
    case ELECTION:
        return see_election(h, m, from);
    case ALIVE:
        if (m->phase == ASKS) {
            m->phase = WAITS;
            m->until = ds_now(h) + m->rules->waits(m->bully);
        }
        break;
    case LEADER:
        if (m->rules->follows(m->view, m->me, from)) {
            m->phase = FOLLOWS;
            m->view->member = from;
            m->until = ds_now(h) + 3 * m->bully->patience;
        }
        break;
    }
    return true;
}

static bool hear(ds_handle *h, member *m)
{
    const ds_group *g = &m->bully->group;
    double seconds = fmax(m->until - ds_now(h), 0);
    ds_msg msg;

    if (!ds_recv_timeout(h, g->ports[m->me], seconds, &msg))
        return false;
    if (msg.dest == NULL)
        return act(h, m);
    bool goes_on = take(h, m, msg.data, ds_group_sender(g, &msg));
    ds_msg_drop(&msg);
    return goes_on;
}

void ds__bully_serve(ds_handle *h, ds_bully *b, const ds__bully_rules *rules)
{
    member m = { .bully = b, .rules = rules };
    int64_t epoch;

    if (!ds__group_enter(h, &b->group, "ds_bully_serve", &m.me))
        return;
    m.view = &b->leader[m.me];
    *m.view = (ds_leader){ DS_NOBODY, 0 };
    if (!ds__cell_open(h, &m.cell, "epoch", &epoch, sizeof(epoch)))
        return;
    m.view->epoch = epoch;
    if (stand(h, &m))
        while (hear(h, &m)) {
        }
}

void ds_bully_serve(ds_handle *h, void *arg)
{
    ds__bully_serve(h, arg, &ds__bully_right);
}
