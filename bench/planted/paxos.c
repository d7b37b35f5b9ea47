/* Paxos: three clients fill a log, whose places are decided one by one.  Who
 * has something to say proposes it for the first place that it does not know,
 * and for the next one if another's value was chosen.  So many proposers meet
 * at one place, and all of them come by at each. */
#include "bench/planted/acceptor.h"
#include "bench/planted/planted.h"

/* ---- The algorithm --------------------------------------------------------*/

/* Proposes a value until one is chosen. */
static bool choose(ds_handle *h, proposer *me, int64_t instance, int64_t value,
                   int64_t *chosen)
{
    ballot_packet best;
    double pause = 0.05;
    bool yes;

    for (;; pause = pause < 0.4 ? 2 * pause : pause) {
        if (!proposer_prepare(h, me, instance, &best, &yes))
            return false;
        if (yes) {
            *chosen = best.accepted > 0 ? best.value : value;
            if (!proposer_accept(h, me, instance, *chosen, &yes))
                return false;
        }
        if (yes)
            return true;
        if (!ds_sleep(h, ds_random(h) * pause))
            return false;
    }
}

static void client(ds_handle *h, void *arg)
{
    proposer me = { .g = arg };
    int64_t instance = 0, chosen = 0;

    for (size_t i; ds_next(h, &i);) {
        int64_t mine = 1000 * group_me(h) + (int64_t)i + 1;
        for (chosen = 0; chosen != mine && instance < INSTANCES; instance++) {
            ds_observe(h, DS_FACT_PROPOSE, instance, mine);
            if (!choose(h, &me, instance, mine, &chosen))
                return;
            ds_observe(h, DS_FACT_DECIDE, instance, chosen);
        }
    }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &acceptor_right,
        .rules_size = sizeof(acceptor_right),
        .servers = ACCEPTORS,
        .clients = 3,
        .server = acceptor_serve,
        .client = client,
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    group_new(t, mistake, &plan);
}

#define PAXOS(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 8, .hazards = PLANTED_USUAL                              \
    }

static const ds_test right = PAXOS("paxos", NULL);

/* ---- P1 -------------------------------------------------------------------*/

static void promise_nothing(ballot_slot *slot, int64_t ballot)
{
}

static const acceptor_rules accepts_only = { .promise = promise_nothing };
static const ds_test p1 = PAXOS("P1", &accepts_only);

/* ---- P2 -------------------------------------------------------------------*/

static void prefer_last_answer(ballot_packet *best, const ballot_packet *answer)
{
    if (answer->accepted > 0)
        *best = *answer;
}

static const acceptor_rules takes_last = { .prefer = prefer_last_answer };
static const ds_test p2 = PAXOS("P2", &takes_last);

/* ---- P3 -------------------------------------------------------------------*/

static bool recover_nothing(ds_handle *h, ballot_slot slots[INSTANCES])
{
    return true;
}

static const acceptor_rules forgets = { .recover = recover_nothing };
static const ds_test p3 = PAXOS("P3", &forgets);

/* ---- P4 -------------------------------------------------------------------*/

static bool count_all(const ballot_packet *request, const ballot_packet *answer,
                      bool again)
{
    return true;
}

static const acceptor_rules counts_all = { .counts = count_all };
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
