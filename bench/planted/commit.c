/* Atomic commit, <distsys/commit.h>, and mistakes in it.  A client has one
 * transaction after the other, and participants refuse now and then. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/commit_rules.h"
#include "proto/paxos_rules.h"

enum { COORDINATOR, FIRST, PARTICIPANTS = 3, ACCEPTORS = 3, REFUSED = 64 };
enum { FIRST_ACCEPTOR = FIRST + PARTICIPANTS };

static const double patience = 0.1, reluctance = 0.1;

typedef struct bank {
    ds_commit commit;
    uint64_t refused[REFUSED]; /* transactions that somebody has refused */
    size_t num_refused;
} bank;

static bool prepare(ds_handle *h, uint64_t transaction, void *arg)
{
    bank *b = arg;

    if (ds_random(h) >= reluctance)
        return true;
    b->refused[b->num_refused++ % REFUSED] = transaction;
    return false;
}

static void finish(ds_handle *h, uint64_t transaction, bool commit, void *arg)
{
    const bank *b = arg;

    for (size_t i = 0; commit && i < b->num_refused && i < REFUSED; i++)
        if (b->refused[i] == transaction)
            ds_fail(h, "what somebody has refused is committed");
}

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    const bank *b = g->shared;

    if (group_me(h) == COORDINATOR)
        ds__commit_coordinate(h, &b->commit, g->rules);
    else if (group_me(h) < FIRST_ACCEPTOR)
        ds__commit_take_part(h, &b->commit, g->rules);
    else
        ds__paxos_accept(h, &b->commit.paxos, &ds__paxos_right);
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    const bank *b = g->shared;
    ds_commit_client c =
        ds_commit_client_of(h, &b->commit, g->ports[group_me(h)]);
    uint64_t transaction;
    bool committed;

    for (size_t i; ds_next(h, &i);)
        if (ds_commit_begin(h, &c, &transaction) &&
            ds_commit_end(h, &c, transaction, &committed))
            ds_observe(h, DS_FACT_DECIDE, (int64_t)transaction, committed);
}

static ds_group members(const group *g, int first, int n)
{
    return (
        ds_group){ .net = g->net, .ports = g->ports + first, .n = (size_t)n };
}

static void build(ds_trial *t, void *mistake, ds_commit_way way)
{
    const int acceptors = way == DS_PAXOS_COMMIT ? ACCEPTORS : 0;
    const group_plan plan = {
        .rules = &ds__commit_right,
        .rules_size = sizeof(ds__commit_right),
        .servers = FIRST_ACCEPTOR + acceptors,
        .clients = 1,
        .server = serve,
        .client = client,
        .shared = sizeof(bank),
    };

    group_watch(t, DS_CHECK_AGREEMENT);
    const group *g = group_new(t, mistake, &plan);
    bank *b = g->shared;
    b->commit = (ds_commit){
        .way = way,
        .coordinator = members(g, COORDINATOR, 1),
        .participants = members(g, FIRST, PARTICIPANTS),
        .paxos = { .group = members(g, FIRST_ACCEPTOR, acceptors),
                   .patience = patience,
                   .pause = 0.05,
                   .limit = 1,
                   .thrifty = true },
        .patience = patience,
        .again = 3 * patience,
        .prepare = prepare,
        .finish = finish,
        .arg = b,
    };
}

static void build_two(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_TWO_PHASES);
}

static void build_three(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_THREE_PHASES);
}

static void build_paxos(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_PAXOS_COMMIT);
}

#define COMMIT(title, way, mistake)                                            \
    {                                                                          \
        .name = title, .build = build_##way, .arg = (void *)(mistake),         \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test two = COMMIT("2pc", two, NULL);
static const ds_test paxos = COMMIT("paxos-commit", paxos, NULL);

/* ---- X1 -------------------------------------------------------------------*/

static const ds__commit_rules logs_nothing = { .log_decision =
                                                   ds__journal_put };
static const ds_test x1 = COMMIT("X1", two, &logs_nothing);

/* ---- X1b ------------------------------------------------------------------*/

static const ds__commit_rules votes_in_vain = { .log_vote = ds__journal_put };
static const ds_test x1b = COMMIT("X1b", two, &votes_in_vain);

/* ---- X1c ------------------------------------------------------------------*/

static ds__outcome abort_alone(const ds_commit *commit, ds__outcome state)
{
    return DS__ABORT;
}

static const ds__commit_rules heuristic = { .give_up = abort_alone };
static const ds_test x1c = COMMIT("X1c", two, &heuristic);

/* ---- X1d ------------------------------------------------------------------*/

static ds__outcome presume_commit(void)
{
    return DS__COMMIT;
}

static const ds__commit_rules presumes = { .presume = presume_commit };
static const ds_test x1d = COMMIT("X1d", two, &presumes);

/* ---- X2 -------------------------------------------------------------------*/

/* What is right here asks as in two phases; the mistake is how it was published
 * and how <distsys/commit.h> has it. */
static ds__outcome ask_instead(const ds_commit *commit, ds__outcome state)
{
    return DS__UNKNOWN;
}

static ds__outcome decide_alone(const ds_commit *commit, ds__outcome state)
{
    return ds__commit_right.give_up(commit, state);
}

static const ds__commit_rules patient = { .give_up = ask_instead };
static const ds__commit_rules impatient = { .give_up = decide_alone };
static const ds_test three = COMMIT("3pc", three, &patient);
static const ds_test x2 = COMMIT("X2", three, &impatient);

static const ds__commit_rules decides_in_vain = {
    .log_decision = ds__journal_put,
    .give_up = ask_instead,
};
static const ds__commit_rules promises_in_vain = {
    .log_vote = ds__journal_put,
    .give_up = ask_instead,
};
static const ds_test x2b = COMMIT("X2b", three, &decides_in_vain);
static const ds_test x2c = COMMIT("X2c", three, &promises_in_vain);

/* ---- X3c ------------------------------------------------------------------*/

static const ds_test x3 = COMMIT("X3c", paxos, &votes_in_vain);

/* ---- X3b ------------------------------------------------------------------*/

/* As if it were the participant: nobody is asked what was voted before. */
static bool vote_in_its_ballot(ds_handle *h, ds_paxos_proposer *p,
                               uint64_t instance, int64_t *vote)
{
    p->round = DS__OWN_ROUND;
    *vote = DS__ABORT;
    ds_observe(h, DS_FACT_PROPOSE, (int64_t)instance, *vote);
    return ds__paxos_vote(h, p, instance, &ds__paxos_right, *vote) ||
           ds__commit_right.claim(h, p, instance, vote);
}

static const ds__commit_rules skips_a_phase = { .claim = vote_in_its_ballot };
static const ds_test x3b = COMMIT("X3b", paxos, &skips_a_phase);

/* ---- X3d ------------------------------------------------------------------*/

/* Who is silent has refused. */
static bool take_for_refusal(ds_handle *h, ds_paxos_proposer *p,
                             uint64_t instance, int64_t *vote)
{
    *vote = DS__ABORT;
    return true;
}

static const ds__commit_rules asks_nobody = { .claim = take_for_refusal };
static const ds_test x3d = COMMIT("X3d", paxos, &asks_nobody);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X1",
        .title = "two phases: a decision is sent before it is on disk",
        .source = "Gray, Reuter, Transaction processing, 1993, 10.3",
        .correct = &two,
        .planted = &x1,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X1b",
        .title = "two phases: a participant votes before that is on disk",
        .source = "Gray, Reuter, Transaction processing, 1993, 10.3",
        .correct = &two,
        .planted = &x1b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X1c",
        .title = "two phases: a participant in doubt aborts alone",
        .source = "X/Open, Distributed Transaction Processing: The XA "
                  "Specification, 1991, heuristic completion",
        .correct = &two,
        .planted = &x1c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X1d",
        .title = "two phases: the coordinator takes what it does not know for "
                 "committed",
        .source = "Mohan, Lindsay, Obermarck, TODS 11(4), 1986",
        .correct = &two,
        .planted = &x1d,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X2",
        .title =
            "three phases: who hears nothing decides alone, in a partition",
        .source = "Keidar, Dolev, JCSS 57(3), 1998",
        .correct = &three,
        .planted = &x2,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X2b",
        .title = "three phases: a decision is sent before it is on disk",
        .source = "Skeen, SIGMOD 1981; Gray, Reuter, 1993, 10.3",
        .correct = &three,
        .planted = &x2b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X2c",
        .title = "three phases: a participant votes before that is on disk",
        .source = "Skeen, SIGMOD 1981; Gray, Reuter, 1993, 10.3",
        .correct = &three,
        .planted = &x2c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X3c",
        .title = "Paxos commit: a participant votes before that is on disk",
        .source = "Gray, Lamport, TODS 31(1), 2006, 4",
        .correct = &paxos,
        .planted = &x3,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X3b",
        .title =
            "Paxos commit: who aborts for another one asks nobody what was "
            "voted before",
        .source = "Gray, Lamport, TODS 31(1), 2006, 4.2",
        .correct = &paxos,
        .planted = &x3b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X3d",
        .title = "Paxos commit: who is silent is taken to have refused",
        .source = "Gray, Lamport, TODS 31(1), 2006, 4.2",
        .correct = &paxos,
        .planted = &x3d,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_commit = PLANTED_FAMILY(rows);
