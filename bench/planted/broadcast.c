/* Atomic commit that nobody waits for (Babaoglu, Toueg, Cornell TR 93-1349), in
 * a synchronous system: packets take less than a known time, and machines do
 * nothing worse than crash.  The coordinator and whoever hears its decision
 * send it to all before they act on it, so who has heard nothing when it must
 * have come knows that nobody has acted on one, and aborts.
 *
 * Each transaction has its time.  A machine that was down when it began takes
 * no part in it. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { COORDINATOR, FIRST, MACHINES = 4, TRANSACTIONS = 20 };

enum { PREPARE = 1, VOTE, DECISION };

typedef enum outcome { UNKNOWN = 0, COMMIT, ABORT } outcome;

static const double delay = 0.02; /* the longest, of a packet and a sync */
static const double begins_every = 0.2, reluctance = 0.1;

typedef struct packet {
    int64_t transaction;
    int kind;
    int outcome;
} packet;

typedef struct broadcast_rules {
    /* Whether who has made or heard a decision sends it before it acts. */
    bool (*sends_first)(void);
} broadcast_rules;

static bool first(void)
{
    return true;
}

static const broadcast_rules broadcast_right = { first };

typedef struct member {
    const group *g;
    int64_t transaction;
    outcome known; /* the decision */
} member;

static void tell(ds_handle *h, const member *m, int to, int kind, outcome o)
{
    packet p = { m->transaction, kind, (int)o };

    group_send(h, m->g, to, &p, sizeof(p));
}

static void tell_others(ds_handle *h, const member *m, int kind, outcome o)
{
    for (int i = 0; i < MACHINES; i++)
        if (i != group_me(h))
            tell(h, m, i, kind, o);
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

/* ---- Decisions ------------------------------------------------------------*/

static bool act_on(ds_handle *h, member *m, outcome o)
{
    if (!group_save(h, "decision", &o, sizeof(o)))
        return false;
    ds_observe(h, DS_FACT_DECIDE, m->transaction, o);
    return true;
}

static bool hear(ds_handle *h, member *m, outcome o)
{
    const broadcast_rules *rules = m->g->rules;

    if (m->known != UNKNOWN)
        return true;
    m->known = o;
    if (rules->sends_first()) {
        tell_others(h, m, DECISION, o);
        return act_on(h, m, o);
    }
    if (!act_on(h, m, o))
        return false;
    tell_others(h, m, DECISION, o);
    return true;
}

/* ---- Roles ----------------------------------------------------------------*/

static bool coordinate(ds_handle *h, member *m)
{
    bool voted[MACHINES] = { false };
    int yes = 0, from;
    packet p;

    tell_others(h, m, PREPARE, UNKNOWN);
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
    return hear(h, m, yes == MACHINES - FIRST ? COMMIT : ABORT);
}

/* Who has not voted for it, or hears of no decision in time, aborts: at worst
 * each but one of those who send it on crashes after one packet. */
static bool participate(ds_handle *h, member *m)
{
    packet p;
    int from;

    do {
        if (!receive(h, m, time_of(m, 1), &p, &from))
            return false;
    } while (from != NOBODY && p.kind != PREPARE);
    if (from == NOBODY || ds_random(h) < reluctance) {
        m->known = ABORT;
        return act_on(h, m, ABORT);
    }
    tell(h, m, COORDINATOR, VOTE, COMMIT);
    while (ds_now(h) < time_of(m, 3 + MACHINES)) {
        if (!receive(h, m, time_of(m, 3 + MACHINES), &p, &from))
            return false;
        if (from != NOBODY && p.kind == DECISION &&
            !hear(h, m, (outcome)p.outcome))
            return false;
    }
    return m->known != UNKNOWN || act_on(h, m, ABORT);
}

/* From the next transaction on. */
static void serve(ds_handle *h, void *arg)
{
    member m = { .g = arg };

    for (m.transaction = (int64_t)(ds_now(h) / begins_every) + 1;
         m.transaction <= TRANSACTIONS; m.transaction++) {
        m.known = UNKNOWN;
        if (!ds_sleep(h, fmax(time_of(&m, 0) - ds_now(h), 0)) ||
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

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &broadcast_right,
        .rules_size = sizeof(broadcast_right),
        .servers = MACHINES,
        .clients = 1,
        .server = serve,
        .client = client,
        .latency = 0.75 * delay,
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    group_new(t, mistake, &plan);
}

#define BROADCAST(title, mistake)                                              \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = DS_HAZARD_CRASH, .max_down = 2                              \
    }

static const ds_test right = BROADCAST("synchronous-commit", NULL);

/* ---- X3 -------------------------------------------------------------------*/

static bool last(void)
{
    return false;
}

static const broadcast_rules hasty = { last };
static const ds_test x3 = BROADCAST("X3", &hasty);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X3",
        .title = "who knows the decision acts on it before it tells the others",
        .source = "tlaplus/Examples, specifications/acp, ACP_NB_WRONG_TLC",
        .correct = &right,
        .planted = &x3,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_broadcast = PLANTED_FAMILY(rows);
