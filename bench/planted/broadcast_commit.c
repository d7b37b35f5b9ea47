/* Atomic commit that nobody waits for (Babaoglu, Toueg, Cornell TR 93-1349), in
 * a synchronous system: packets take less than a known time, and machines do
 * nothing worse than crash.  The coordinator broadcasts its decision by
 * <distsys/broadcast.h>, reliably: whoever hears it sends it on before it acts,
 * so who has heard nothing when it must have come knows that nobody has acted
 * on one, and aborts.
 *
 * Each transaction has its time, and a broadcast of its own.  A machine that
 * was down when it began takes no part in it. */
#include <math.h>
#include <string.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/broadcast_rules.h"

enum { COORDINATOR, FIRST, MACHINES = 4, TRANSACTIONS = 20 };

enum { PREPARE = 1, VOTE };

typedef enum outcome { UNKNOWN = 0, COMMIT, ABORT } outcome;

static const double delay = 0.02; /* the longest, of a packet and a sync */
static const double begins_every = 0.2, reluctance = 0.1;

typedef struct packet {
    int64_t transaction;
    int kind;
    int outcome;
} packet;

/* Decisions go from and to ports of their own. */
typedef struct decisions {
    ds_group group;
    ds_port *ports[MACHINES];
} decisions;

typedef struct commit_rules {
    ds__broadcast_rules broadcast;
    /* Whether the coordinator sends its decision before it acts on it. */
    bool (*sends_first)(void);
} commit_rules;

typedef struct member {
    const group *g;
    const commit_rules *rules;
    int64_t transaction;
    ds_broadcast broadcast;
    ds_broadcaster *decisions;
} member;

static void tell(ds_handle *h, const member *m, int to, int kind, outcome o)
{
    packet p = { m->transaction, kind, (int)o };

    group_send(h, m->g, to, &p, sizeof(p));
}

static double time_of(const member *m, double delays)
{
    return (double)m->transaction * begins_every + delays * delay;
}

/* Waits for a packet of this transaction; from NOBODY: it is time. */
static bool receive(ds_handle *h, const member *m, double until, packet *p,
                    int *from)
{
    do {
        if (!group_recv(h, m->g, until - ds_now(h), p, sizeof(*p), from))
            return false;
    } while (*from != NOBODY && p->transaction != m->transaction);
    return true;
}

static bool act_on(ds_handle *h, const member *m, outcome o)
{
    if (!group_save(h, "decision", &o, sizeof(o)))
        return false;
    ds_observe(h, DS_FACT_DECIDE, m->transaction, o);
    return true;
}

/* The decision, if it comes in time; UNKNOWN: it does not. */
static bool hear(ds_handle *h, const member *m, double until, outcome *o)
{
    ds_msg msg;

    *o = UNKNOWN;
    if (!ds_broadcast_recv_timeout(h, m->decisions, fmax(until - ds_now(h), 0),
                                   &msg))
        return false;
    if (msg.dest == NULL)
        return true;
    memcpy(o, msg.data, sizeof(*o));
    ds_msg_drop(&msg);
    return true;
}

/* ---- Roles ----------------------------------------------------------------*/

static bool coordinate(ds_handle *h, member *m)
{
    bool voted[MACHINES] = { false };
    int yes = 0, from;
    packet p;

    for (int i = FIRST; i < MACHINES; i++)
        tell(h, m, i, PREPARE, UNKNOWN);
    for (;;) {
        if (!receive(h, m, time_of(m, 2), &p, &from))
            return false;
        if (from == NOBODY)
            break;
        if (p.kind != VOTE || voted[from])
            continue;
        voted[from] = true;
        yes += p.outcome == COMMIT;
    }
    outcome o = yes == MACHINES - FIRST ? COMMIT : ABORT;
    if (!m->rules->sends_first() && !act_on(h, m, o))
        return false;
    ds_broadcast_send(h, m->decisions, &o, sizeof(o));
    return act_on(h, m, o);
}

/* Who has not voted for it, or hears of no decision in time, aborts: at worst
 * each but one of those who send it on crashes after one packet.  Until then it
 * sends on what it hears. */
static bool participate(ds_handle *h, member *m)
{
    double end = time_of(m, 3 + MACHINES);
    outcome o, ignored;
    packet p;
    int from;

    do {
        if (!receive(h, m, time_of(m, 1), &p, &from))
            return false;
    } while (from != NOBODY && p.kind != PREPARE);
    if (from == NOBODY || ds_random(h) < reluctance)
        return act_on(h, m, ABORT);
    tell(h, m, COORDINATOR, VOTE, COMMIT);
    return hear(h, m, end, &o) && act_on(h, m, o == UNKNOWN ? ABORT : o) &&
           hear(h, m, end, &ignored);
}

/* From the next transaction on. */
static void serve(ds_handle *h, void *arg)
{
    member m = { .g = arg };
    const decisions *d = m.g->shared;

    m.rules = m.g->rules;
    for (m.transaction = (int64_t)(ds_now(h) / begins_every) + 1;
         m.transaction <= TRANSACTIONS; m.transaction++) {
        if (!ds_sleep(h, fmax(time_of(&m, 0) - ds_now(h), 0)))
            return;
        m.broadcast = (ds_broadcast){ .group = d->group,
                                      .instance = (uint64_t)m.transaction,
                                      .reliable = true };
        m.decisions = ds__broadcast_join(h, &m.broadcast, &m.rules->broadcast);
        if (m.decisions == NULL ||
            (group_me(h) == COORDINATOR ? !coordinate(h, &m)
                                        : !participate(h, &m)))
            return;
    }
}

/* Stays until the last one is over. */
static void client(ds_handle *h, void *arg)
{
    ds_sleep(h, (TRANSACTIONS + 1) * begins_every);
}

static bool first(void)
{
    return true;
}

static void build(ds_trial *t, void *mistake)
{
    const commit_rules right = { ds__broadcast_right, first };
    const group_plan plan = {
        .rules = &right,
        .rules_size = sizeof(right),
        .servers = MACHINES,
        .clients = 1,
        .server = serve,
        .client = client,
        .latency = 0.75 * delay,
        .shared = sizeof(decisions),
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    group *g = group_new(t, mistake, &plan);
    decisions *d = g->shared;
    d->group = ds_group_of(g->net, g->nodes, d->ports, MACHINES);
}

#define COMMIT_BY(title, mistake)                                              \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = DS_HAZARD_CRASH, .max_down = 2                              \
    }

static const ds_test correct = COMMIT_BY("synchronous-commit", NULL);

/* ---- X3 -------------------------------------------------------------------*/

/* It owes the message to others, and will send it when it waits again. */
static void relay_later(ds_handle *h, ds_broadcaster *me,
                        ds__broadcast_message *m)
{
    m->missing = me->b->group.n;
    m->again = ds_now(h);
}

static bool last(void)
{
    return false;
}

static const commit_rules hasty = { { .relay = relay_later }, last };
static const ds_test x3 = COMMIT_BY("X3", &hasty);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X3",
        .title = "who knows the decision acts on it before it tells the others",
        .source = "tlaplus/Examples, specifications/acp, ACP_NB_WRONG_TLC",
        .correct = &correct,
        .planted = &x3,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_broadcast_commit = PLANTED_FAMILY(rows);
