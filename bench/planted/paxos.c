/* Agreement on a log by Paxos, <distsys/paxos.h>, and mistakes in it.
 *
 * Three clients fill a log, whose places are decided one by one.  Who has
 * something to say proposes it for the first place that it does not know, and
 * for the next one if another's value was chosen.  So many proposers meet at
 * one place, and all of them come by at each. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/paxos_rules.h"

enum { ACCEPTORS = 3, CLIENTS = 3, INSTANCES = 32 };

static void acceptor(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__paxos_accept(h, g->shared, g->rules);
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    ds_paxos_proposer me =
        ds_paxos_proposer_of(h, g->shared, g->ports[group_me(h)]);
    uint64_t instance = 0;
    int64_t chosen = 0;

    for (size_t i; ds_next(h, &i);) {
        int64_t mine = 1000 * group_me(h) + (int64_t)i + 1;
        for (chosen = 0; chosen != mine && instance < INSTANCES; instance++)
            if (!ds__paxos_propose(h, &me, instance, g->rules, mine, &chosen))
                return;
    }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &ds__paxos_right,
        .rules_size = sizeof(ds__paxos_right),
        .servers = ACCEPTORS,
        .clients = CLIENTS,
        .server = acceptor,
        .client = client,
        .shared = sizeof(ds_paxos),
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    const group *g = group_new(t, mistake, &plan);
    *(ds_paxos *)g->shared = (ds_paxos){
        .group = { .net = g->net, .ports = g->ports, .n = ACCEPTORS },
        .patience = 0.1,
        .pause = 0.05,
        .thrifty = true,
    };
}

#define PAXOS(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 8, .hazards = PLANTED_USUAL                              \
    }

static const ds_test right = PAXOS("paxos", NULL);

/* ---- P1 -------------------------------------------------------------------*/

static void promise_nothing(ds__slot *slot, const ds__ballot *ballot)
{
}

static const ds__paxos_rules votes_only = { .vote = promise_nothing };
static const ds_test p1 = PAXOS("P1", &votes_only);

/* ---- P2 -------------------------------------------------------------------*/

static void prefer_last_answer(ds__vote *best, const ds__vote *other)
{
    if (other->ballot.round > 0)
        *best = *other;
}

static const ds__paxos_rules takes_last = { .prefer = prefer_last_answer };
static const ds_test p2 = PAXOS("P2", &takes_last);

/* ---- P3 -------------------------------------------------------------------*/

static bool recover_nothing(ds_handle *h, ds__cell *cell, const char *name,
                            ds__slot *slot)
{
    bool goes_on = ds__cell_open(h, cell, name, slot, sizeof(*slot));

    *slot = (ds__slot){ .value = 0 };
    return goes_on;
}

static const ds__paxos_rules forgets = { .recover = recover_nothing };
static const ds_test p3 = PAXOS("P3", &forgets);

/* ---- P4 -------------------------------------------------------------------*/

/* All questions have one number, and so have the answers. */
static void renew_nothing(ds_asker *asker)
{
    asker->number--;
}

static const ds__paxos_rules counts_all = { .renew = renew_nothing };
static const ds_test p4 = PAXOS("P4", &counts_all);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P1",
        .title = "an acceptor that accepts a ballot has promised nothing by it",
        .source = "drmingdrmer/consensus-bugs; "
                  "https://brooker.co.za/blog/2021/11/16/paxos.html",
        .correct = &right,
        .planted = &p1,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P2",
        .title = "a proposer takes the value of the last answer, not that of "
                 "the highest ballot",
        .source = "Lamport, Paxos made simple, 2001, P2c",
        .correct = &right,
        .planted = &p2,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P3",
        .title = "an acceptor forgets what it promised and accepted on restart",
        .source = "Chandra et al., Paxos made live, PODC 2007; Michael et al., "
                  "DISC 2017",
        .correct = &right,
        .planted = &p3,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P4",
        .title = "answers to earlier rounds fill the quorum of the next one",
        .source = "unixpickle/dist-sys, paxos/basic_paxos.go",
        .correct = &right,
        .planted = &p4,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_paxos = PLANTED_FAMILY(rows);
