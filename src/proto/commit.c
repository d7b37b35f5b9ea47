/* Atomic commit: the rules, the coordinator, and clients.
 *
 * The coordinator does one thing after the other: a transaction whose end is
 * asked for is voted on, decided and told; then the next question is looked at.
 * A client that asks again, a participant that is in doubt, and either of them
 * after a crash ask the same question, and what the coordinator does not know
 * has one answer for all: in two phases it is aborted, in Paxos commit it is
 * what the acceptors say.
 *
 * In R* participants confirm what they are told, so that the coordinator can
 * forget it.  Here clients may ask at any time, and so it does not. */
#include "proto/answers.h"
#include "proto/commit_rules.h"

#include <assert.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

typedef ds__commit_packet packet;

/* ---- The rules ------------------------------------------------------------*/

static ds__outcome presume_abort(void)
{
    return DS__ABORT;
}

/* Skeen, figure 6: from w to a, from p to c. */
static ds__outcome give_up_in_three_phases(const ds_commit *commit,
                                           ds__outcome state)
{
    if (commit->way != DS_THREE_PHASES)
        return DS__UNKNOWN;
    return state == DS__AGREED ? DS__COMMIT : DS__ABORT;
}

static bool propose_to_abort(ds_handle *h, ds_paxos_proposer *p,
                             uint64_t instance, int64_t *vote)
{
    return ds_paxos_propose(h, p, instance, DS__ABORT, vote);
}

const ds__commit_rules ds__commit_right = {
    .log_decision = ds__journal_log,
    .log_vote = ds__journal_log,
    .presume = presume_abort,
    .give_up = give_up_in_three_phases,
    .claim = propose_to_abort,
};

/* ---- What both halves do --------------------------------------------------*/

bool ds__commit_is_over(ds__outcome state)
{
    return state == DS__COMMIT || state == DS__ABORT;
}

/* To abort needs nobody to propose it. */
void ds__commit_observe(ds_handle *h, uint64_t transaction, ds__outcome o)
{
    assert(ds__commit_is_over(o));
    if (o == DS__ABORT)
        ds_observe(h, DS_FACT_PROPOSE, (int64_t)transaction, 0);
    ds_observe(h, DS_FACT_DECIDE, (int64_t)transaction, o == DS__COMMIT);
}

uint64_t ds__commit_instance(const ds_commit *commit, uint64_t transaction,
                             size_t participant)
{
    assert(participant < commit->participants.n);
    return transaction * commit->participants.n + participant;
}

ds_paxos_proposer ds__commit_proposer_of(ds_handle *h, const ds_commit *commit)
{
    ds_paxos_proposer p =
        ds_paxos_proposer_of(h, &commit->paxos, ds_port_new(ds_handle_node(h)));

    p.highest = DS__OWN_ROUND;
    return p;
}

ds__outcome ds__commit_learn(ds_handle *h, const ds_commit *commit,
                             const ds__commit_rules *rules,
                             ds_paxos_proposer *p, uint64_t transaction)
{
    int64_t vote = DS__READY;

    for (size_t i = 0; i < commit->participants.n && vote == DS__READY; i++)
        if (!rules->claim(h, p, ds__commit_instance(commit, transaction, i),
                          &vote))
            return DS__UNKNOWN;
    return vote == DS__READY ? DS__COMMIT : DS__ABORT;
}

/* ---- The coordinator ------------------------------------------------------*/

typedef struct coordinator {
    const ds_commit *commit;
    const ds__commit_rules *rules;
    ds__journal journal; /* begun, and aborted, in memory only */
    ds_asker asker;
    ds_paxos_proposer proposer;
    uint64_t last; /* transaction that it has begun in this life */
} coordinator;

/* What participants answer comes to; unknown: not all have answered, in time,
 * or it is over, which the next call tells. */
static ds__outcome ask_all(ds_handle *h, coordinator *c, packet question)
{
    size_t n = c->commit->participants.n;
    ds_msg *answers =
        ds__answers_ask(h, &c->asker, &question, sizeof(question), n);
    ds__outcome all = answers == NULL ? DS__UNKNOWN : DS__READY;

    for (size_t i = 0; answers != NULL && i < n; i++)
        if (((const packet *)answers[i].data)->outcome == DS__ABORT)
            all = DS__ABORT;
    ds__answers_drop(answers, n);
    return all;
}

/* In Paxos commit the acceptors have it already. */
static bool decide(ds_handle *h, coordinator *c, uint64_t transaction,
                   ds__outcome o)
{
    bool logs = o == DS__COMMIT && c->commit->way != DS_PAXOS_COMMIT;
    bool kept = logs ? c->rules->log_decision(h, &c->journal, transaction, o)
                     : ds__journal_put(h, &c->journal, transaction, o);

    if (kept)
        ds__commit_observe(h, transaction, o);
    return kept;
}

static void tell_all(ds_handle *h, coordinator *c, packet p)
{
    const ds_group *to = &c->commit->participants;

    for (size_t i = 0; i < to->n; i++)
        ds_send_bytes(h, to->net, c->commit->coordinator.ports[0], to->ports[i],
                      &p, sizeof(p));
}

static bool agree(ds_handle *h, coordinator *c, uint64_t transaction)
{
    packet p = { .kind = DS__AGREE, .transaction = transaction };

    if (!c->rules->log_decision(h, &c->journal, transaction, DS__AGREED))
        return false;
    ask_all(h, c, p);
    return true;
}

static bool conduct(ds_handle *h, coordinator *c, uint64_t transaction,
                    ds__outcome *o)
{
    packet p = { .kind = DS__PREPARE, .transaction = transaction };
    ds__outcome all = ask_all(h, c, p);

    if (all == DS__UNKNOWN && c->commit->way == DS_PAXOS_COMMIT)
        *o =
            ds__commit_learn(h, c->commit, c->rules, &c->proposer, transaction);
    else
        *o = all == DS__READY ? DS__COMMIT : DS__ABORT;
    if (*o == DS__UNKNOWN)
        return true;
    if (*o == DS__COMMIT && c->commit->way == DS_THREE_PHASES &&
        !agree(h, c, transaction))
        return false;
    if (!decide(h, c, transaction, *o))
        return false;
    tell_all(h, c,
             (packet){ .kind = DS__DECIDE,
                       .transaction = transaction,
                       .outcome = *o });
    return true;
}

/* What it did before a crash, if anything. */
static bool recall(ds_handle *h, coordinator *c, uint64_t transaction,
                   ds__outcome *o)
{
    if (*o == DS__AGREED) /* Skeen: from p to c */
        *o = DS__COMMIT;
    else if (c->commit->way == DS_PAXOS_COMMIT)
        *o =
            ds__commit_learn(h, c->commit, c->rules, &c->proposer, transaction);
    else
        *o = c->rules->presume();
    return *o == DS__UNKNOWN || decide(h, c, transaction, *o);
}

/* The outcome, or unknown if that cannot be learned now. */
static bool end(ds_handle *h, coordinator *c, uint64_t transaction,
                ds__outcome *o)
{
    *o = (ds__outcome)ds__journal_state(&c->journal, transaction);
    if (ds__commit_is_over(*o))
        return true;
    return *o == DS__BEGUN ? conduct(h, c, transaction, o)
                           : recall(h, c, transaction, o);
}

/* False: it is over. */
static bool answer(ds_handle *h, coordinator *c, const ds_msg *m)
{
    packet p = *(const packet *)m->data;
    bool begins = p.kind == DS__BEGIN;

    if (begins)
        p.transaction = ++c->last;
    if (begins ? !ds__journal_put(h, &c->journal, p.transaction, DS__BEGUN)
               : !end(h, c, p.transaction, &p.outcome))
        return false;
    if (begins || p.outcome != DS__UNKNOWN)
        ds_answer(h, &c->commit->coordinator, m, &p, sizeof(p));
    return true;
}

void ds__commit_coordinate(ds_handle *h, const ds_commit *commit,
                           const ds__commit_rules *rules)
{
    coordinator c = { .commit = commit, .rules = rules };
    bool goes_on = ds__journal_open(h, &c.journal, "decisions");
    ds_msg m;

    c.asker =
        ds_asker_of(h, &commit->participants, ds_port_new(ds_handle_node(h)),
                    commit->patience, 0, false);
    c.proposer = ds__commit_proposer_of(h, commit);
    c.last = c.asker.identity;
    while (goes_on && ds_recv(h, commit->coordinator.ports[0], &m)) {
        goes_on = answer(h, &c, &m);
        ds_msg_drop(&m);
    }
}

void ds_commit_coordinate(ds_handle *h, void *arg)
{
    ds__commit_coordinate(h, arg, &ds__commit_right);
}

/* ---- Clients --------------------------------------------------------------*/

ds_commit_client ds_commit_client_of(ds_handle *h, const ds_commit *commit,
                                     ds_port *port)
{
    return (ds_commit_client){
        .commit = commit,
        .asker = ds_asker_of(h, &commit->coordinator, port, commit->limit,
                             commit->again, false),
    };
}

static bool ask(ds_handle *h, ds_commit_client *c, packet *p)
{
    return ds__answer_ask(h, &c->asker, 0, p, sizeof(*p));
}

bool ds_commit_begin(ds_handle *h, ds_commit_client *c, uint64_t *transaction)
{
    packet p = { .kind = DS__BEGIN };
    bool begun = ask(h, c, &p);

    *transaction = begun ? p.transaction : 0;
    return begun;
}

bool ds_commit_end(ds_handle *h, ds_commit_client *c, uint64_t transaction,
                   bool *committed)
{
    packet p = { .kind = DS__END, .transaction = transaction };
    bool known = ask(h, c, &p);

    *committed = known && p.outcome == DS__COMMIT;
    return known;
}
