/* Atomic commit in two phases (Gray, 1978): a coordinator asks participants to
 * vote, writes down what that comes to, and tells them.  Who has voted yes does
 * not know until it is told, and asks.  What the coordinator knows nothing of
 * is aborted.  In three phases (Skeen, 1981) it tells first that all have
 * agreed, so that nobody has to wait for it, they say. */
#include <math.h>
#include <string.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { COORDINATOR, FIRST, MACHINES = 4, TRANSACTIONS = 16 };

typedef enum outcome { UNKNOWN = 0, READY, AGREED, COMMIT, ABORT } outcome;

typedef enum packet_kind {
    BEGIN = 1, /* of the client */
    DONE,      /* to it */
    PREPARE,
    VOTE,
    AGREE,
    AGREEMENT,
    DECIDE,
    DECIDED,
    QUERY
} packet_kind;

typedef struct packet {
    int64_t transaction;
    int kind;
    int outcome; /* of VOTE: READY or ABORT; of DECIDE */
} packet;

static const double patience = 0.1, reluctance = 0.1;

/* What a machine knows of each transaction. */
typedef struct ledger {
    outcome of[TRANSACTIONS];
} ledger;

typedef struct commit_rules {
    /* Writes down what the coordinator has decided, before it tells anybody. */
    bool (*log)(ds_handle *h, ledger *all, int64_t transaction, outcome o);
    /* Writes down that a participant has voted for it. */
    bool (*log_vote)(ds_handle *h, ledger *all, int64_t transaction, outcome o);
    /* Whether the coordinator asks all to agree before it decides. */
    bool (*agrees)(void);
    /* What a participant decides that has heard nothing for long; UNKNOWN: it
     * asks. */
    outcome (*gives_up)(outcome o);
} commit_rules;

static bool log_to_disk(ds_handle *h, ledger *all, int64_t transaction,
                        outcome o)
{
    all->of[transaction] = o;
    return group_save(h, "ledger", all, sizeof(*all));
}

static bool never(void)
{
    return false;
}

static outcome ask_instead(outcome o)
{
    return UNKNOWN;
}

static const commit_rules commit_right = { log_to_disk, log_to_disk, never,
                                           ask_instead };

static void send(ds_handle *h, const group *g, int to, packet_kind kind,
                 int64_t transaction, outcome o)
{
    packet p = { transaction, (int)kind, (int)o };

    group_send(h, g, to, &p, sizeof(p));
}

static void send_participants(ds_handle *h, const group *g, packet_kind kind,
                              int64_t transaction, outcome o)
{
    for (int i = FIRST; i < MACHINES; i++)
        send(h, g, i, kind, transaction, o);
}

/* ---- The coordinator ------------------------------------------------------*/

typedef struct coordinator {
    const group *g;
    ledger all;
    int64_t now; /* the transaction that is voted on */
} coordinator;

static bool decide(ds_handle *h, coordinator *c, int64_t transaction, outcome o)
{
    const commit_rules *rules = c->g->rules;

    if (!rules->log(h, &c->all, transaction, o))
        return false;
    ds_observe(h, DS_FACT_DECIDE, transaction, o);
    return true;
}

/* Whoever asks about what nobody remembers is told that it was aborted. */
static bool answer(ds_handle *h, coordinator *c, const packet *p, int from)
{
    outcome *o = &c->all.of[p->transaction];

    if (p->kind != QUERY || (*o == UNKNOWN && p->transaction == c->now))
        return true;
    if (*o == UNKNOWN && !decide(h, c, p->transaction, ABORT))
        return false;
    send(h, c->g, from, DECIDE, p->transaction, *o);
    return true;
}

/* Waits until all participants have sent such a packet, and *all tells whether
 * they did, and none of them with an ABORT. */
static bool collect(ds_handle *h, coordinator *c, packet_kind kind, bool *all)
{
    double end = ds_now(h) + patience;
    bool heard[MACHINES] = { false };
    packet p;
    int from;

    *all = true;
    for (int n = FIRST; n < MACHINES;) {
        if (!group_recv(h, c->g, end - ds_now(h), &p, sizeof(p), &from))
            return false;
        if (from == NOBODY) {
            *all = false;
            return true;
        }
        if ((int)kind != p.kind || p.transaction != c->now || heard[from]) {
            if (!answer(h, c, &p, from))
                return false;
            continue;
        }
        heard[from] = true;
        *all = *all && p.outcome != ABORT;
        n++;
    }
    return true;
}

static bool vote(ds_handle *h, coordinator *c)
{
    const commit_rules *rules = c->g->rules;
    bool yes, heard;

    send_participants(h, c->g, PREPARE, c->now, UNKNOWN);
    if (!collect(h, c, VOTE, &yes))
        return false;
    if (yes && rules->agrees()) {
        send_participants(h, c->g, AGREE, c->now, AGREED);
        if (!collect(h, c, AGREEMENT, &heard))
            return false;
    }
    return decide(h, c, c->now, yes ? COMMIT : ABORT);
}

/* Answers the client as soon as all participants know; else it asks again. */
static bool conduct(ds_handle *h, coordinator *c, int64_t transaction,
                    int client)
{
    bool all;

    c->now = transaction;
    if (c->all.of[transaction] == UNKNOWN && !vote(h, c))
        return false;
    send_participants(h, c->g, DECIDE, transaction, c->all.of[transaction]);
    if (!collect(h, c, DECIDED, &all))
        return false;
    if (all)
        send(h, c->g, client, DONE, transaction, UNKNOWN);
    c->now = NOBODY;
    return true;
}

static void coordinate(ds_handle *h, const group *g)
{
    coordinator c = { .g = g, .now = NOBODY };
    packet p;
    int from;

    if (!group_load(h, "ledger", &c.all, sizeof(c.all)))
        return;
    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from))
        if (p.kind == BEGIN ? !conduct(h, &c, p.transaction, from)
                            : !answer(h, &c, &p, from))
            return;
}

/* ---- Participants ---------------------------------------------------------*/

static bool is_over(outcome o)
{
    return o == COMMIT || o == ABORT;
}

static bool note(ds_handle *h, ledger *mine, int64_t transaction, outcome o)
{
    if (!log_to_disk(h, mine, transaction, o))
        return false;
    if (is_over(o))
        ds_observe(h, DS_FACT_DECIDE, transaction, o);
    return true;
}

static bool cast_vote(ds_handle *h, const group *g, ledger *mine,
                      int64_t transaction)
{
    const commit_rules *rules = g->rules;

    if (mine->of[transaction] != UNKNOWN)
        return true;
    return ds_random(h) < reluctance
               ? note(h, mine, transaction, ABORT)
               : rules->log_vote(h, mine, transaction, READY);
}

/* What it knows nothing of it cannot commit. */
static bool obey(ds_handle *h, const group *g, ledger *mine, const packet *p)
{
    outcome *o = &mine->of[p->transaction];

    switch (p->kind) {
    case PREPARE:
        if (!cast_vote(h, g, mine, p->transaction))
            return false;
        send(h, g, COORDINATOR, VOTE, p->transaction,
             *o == ABORT ? ABORT : READY);
        return true;
    case AGREE:
        if (*o == READY && !note(h, mine, p->transaction, AGREED))
            return false;
        send(h, g, COORDINATOR, AGREEMENT, p->transaction, *o);
        return true;
    case DECIDE:
        if (!is_over(*o) &&
            !note(h, mine, p->transaction, *o == UNKNOWN ? ABORT : p->outcome))
            return false;
        send(h, g, COORDINATOR, DECIDED, p->transaction, UNKNOWN);
        return true;
    }
    return true;
}

/* Nothing has been heard for a while. */
static bool wonder(ds_handle *h, const group *g, ledger *mine)
{
    const commit_rules *rules = g->rules;

    for (int64_t i = 0; i < TRANSACTIONS; i++) {
        outcome o = mine->of[i];
        if (o == UNKNOWN || is_over(o))
            continue;
        outcome mind = rules->gives_up(o);
        if (mind == UNKNOWN)
            send(h, g, COORDINATOR, QUERY, i, UNKNOWN);
        else if (!note(h, mine, i, mind))
            return false;
    }
    return true;
}

static void participate(ds_handle *h, const group *g)
{
    ledger mine;
    packet p;
    int from;

    memset(&mine, 0, sizeof(mine));
    if (!group_load(h, "ledger", &mine, sizeof(mine)))
        return;
    while (group_recv(h, g, 2 * patience, &p, sizeof(p), &from))
        if (from == NOBODY ? !wonder(h, g, &mine) : !obey(h, g, &mine, &p))
            return;
}

static void serve(ds_handle *h, void *arg)
{
    if (group_me(h) == COORDINATOR)
        coordinate(h, arg);
    else
        participate(h, arg);
}

/* ---- The client -----------------------------------------------------------*/

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    packet p;
    int from;

    for (size_t i; ds_next(h, &i) && i < TRANSACTIONS;)
        do {
            send(h, g, COORDINATOR, BEGIN, (int64_t)i, UNKNOWN);
            do {
                if (!group_recv(h, g, 3 * patience, &p, sizeof(p), &from))
                    return;
            } while (from != NOBODY && p.transaction != (int64_t)i);
        } while (from == NOBODY);
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &commit_right,
        .rules_size = sizeof(commit_right),
        .servers = MACHINES,
        .clients = 1,
        .server = serve,
        .client = client,
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    group_new(t, mistake, &plan);
}

#define COMMIT(title, mistake)                                                 \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = COMMIT("2pc", NULL);

/* ---- X1 -------------------------------------------------------------------*/

static bool log_to_memory(ds_handle *h, ledger *all, int64_t transaction,
                          outcome o)
{
    all->of[transaction] = o;
    return true;
}

static const commit_rules logs_nothing = { .log = log_to_memory };
static const ds_test x1 = COMMIT("X1", &logs_nothing);

/* ---- X1b ------------------------------------------------------------------*/

static const commit_rules votes_in_vain = { .log_vote = log_to_memory };
static const ds_test x1b = COMMIT("X1b", &votes_in_vain);

/* ---- X2 -------------------------------------------------------------------*/

static bool always(void)
{
    return true;
}

/* As the book has it: who knows that all have agreed commits. */
static outcome decide_alone(outcome o)
{
    return o == AGREED ? COMMIT : ABORT;
}

static const commit_rules patient = { .agrees = always };
static const commit_rules impatient = { .agrees = always,
                                        .gives_up = decide_alone };
static const ds_test right_too = COMMIT("3pc", &patient);
static const ds_test x2 = COMMIT("X2", &impatient);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X1",
        .title = "two phases: a decision is sent before it is on disk",
        .source = "Gray, Reuter, Transaction processing, 1993, 10.3",
        .correct = &right,
        .planted = &x1,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X1b",
        .title = "two phases: a participant votes before that is on disk",
        .source = "Gray, Reuter, Transaction processing, 1993, 10.3",
        .correct = &right,
        .planted = &x1b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X2",
        .title =
            "three phases: who hears nothing decides alone, in a partition",
        .source = "Keidar, Dolev, JCSS 57(3), 1998",
        .correct = &right_too,
        .planted = &x2,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_commit = PLANTED_FAMILY(rows);
