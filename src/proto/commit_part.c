/* Atomic commit: participants.
 *
 * Who has voted to commit is in doubt until it is told, and then it matters
 * what it does when nobody tells it: it asks the coordinator for as long as it
 * takes, or decides alone, or learns the other votes from the acceptors. */
#include "proto/commit_rules.h"

#include <assert.h>
#include <math.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

#include "proto/answers.h"
#include "proto/group.h"
#include "proto/paxos_rules.h"

typedef ds__commit_packet packet;

/* in_doubt is how many entries of the journal are ready or agreed. */
typedef struct participant {
    const ds_commit *commit;
    const ds__commit_rules *rules;
    size_t me;
    ds__journal journal;
    size_t in_doubt;
    ds_asker asker; /* of the coordinator */
    ds_paxos_proposer proposer;
} participant;

static bool is_doubt(ds__outcome state)
{
    return state == DS__READY || state == DS__AGREED;
}

static ds__outcome state_of(const participant *p, uint64_t transaction)
{
    return (ds__outcome)ds__journal_state(&p->journal, transaction);
}

typedef bool log_fn(ds_handle *h, ds__journal *l, uint64_t key, int64_t state);

static bool note(ds_handle *h, participant *p, log_fn *log,
                 uint64_t transaction, ds__outcome state)
{
    bool was = is_doubt(state_of(p, transaction));

    assert(p->in_doubt >= was);
    if (!log(h, &p->journal, transaction, state))
        return false;
    p->in_doubt += (size_t)is_doubt(state) - was;
    return true;
}

/* What is done before it is noted is done again after a crash in between. */
static bool finish(ds_handle *h, participant *p, uint64_t transaction,
                   ds__outcome o)
{
    const ds_commit *c = p->commit;

    if (c->finish != NULL)
        c->finish(h, transaction, o == DS__COMMIT, c->arg);
    if (!note(h, p, ds__journal_log, transaction, o))
        return false;
    ds__commit_observe(h, transaction, o);
    return true;
}

/* ---- Votes ----------------------------------------------------------------*/

/* Once; later it is known. */
static bool make_up_its_mind(ds_handle *h, participant *p, uint64_t transaction)
{
    const ds_commit *c = p->commit;

    if (state_of(p, transaction) != DS__UNKNOWN)
        return true;
    if (c->prepare != NULL && !c->prepare(h, transaction, c->arg))
        return finish(h, p, transaction, DS__ABORT);
    ds_observe(h, DS_FACT_PROPOSE, (int64_t)transaction, true);
    return note(h, p, p->rules->log_vote, transaction, DS__READY);
}

/* Paxos commit: whether a majority of the acceptors has the vote.  Gray,
 * Lamport, 4.1: in the lowest ballot phase 1 is left out, since nobody can have
 * voted in a lower one, and nobody else proposes in it. */
static bool is_chosen(ds_handle *h, participant *p, uint64_t transaction,
                      ds__outcome vote)
{
    ds_paxos_proposer *q = &p->proposer;
    uint64_t instance = ds__commit_instance(p->commit, transaction, p->me);
    uint64_t identity = q->asker.identity;

    q->round = DS__OWN_ROUND;
    q->asker.identity =
        0; /* this ballot is the same one in each of its lives */
    ds_observe(h, DS_FACT_PROPOSE, (int64_t)instance, vote);
    bool chosen = ds__paxos_vote(h, q, instance, &ds__paxos_right, vote);
    q->asker.identity = identity;
    return chosen;
}

static bool prepare(ds_handle *h, participant *p, const ds_msg *m)
{
    packet q = *(const packet *)m->data;

    if (!make_up_its_mind(h, p, q.transaction))
        return false;
    q.outcome = state_of(p, q.transaction) == DS__ABORT ? DS__ABORT : DS__READY;
    if (p->commit->way != DS_PAXOS_COMMIT ||
        is_chosen(h, p, q.transaction, q.outcome))
        ds_answer(h, &p->commit->participants, m, &q, sizeof(q));
    return true;
}

/* ---- What it is told ------------------------------------------------------*/

static bool agree(ds_handle *h, participant *p, const ds_msg *m)
{
    packet q = *(const packet *)m->data;

    if (state_of(p, q.transaction) == DS__READY &&
        !note(h, p, ds__journal_log, q.transaction, DS__AGREED))
        return false;
    q.outcome = state_of(p, q.transaction);
    ds_answer(h, &p->commit->participants, m, &q, sizeof(q));
    return true;
}

/* What it knows nothing of it cannot commit. */
static bool obey(ds_handle *h, participant *p, const packet *q)
{
    ds__outcome state = state_of(p, q->transaction);

    if (ds__commit_is_over(state))
        return true;
    return finish(h, p, q->transaction,
                  state == DS__UNKNOWN ? DS__ABORT : q->outcome);
}

/* False, here and above: it is over. */
static bool heed(ds_handle *h, participant *p, const ds_msg *m)
{
    const packet *q = m->data;

    if (q->kind == DS__PREPARE)
        return prepare(h, p, m);
    return q->kind == DS__AGREE ? agree(h, p, m) : obey(h, p, q);
}

/* ---- Doubt ----------------------------------------------------------------*/

static ds__outcome ask(ds_handle *h, participant *p, uint64_t transaction)
{
    packet q = { .kind = DS__END, .transaction = transaction };

    return ds__answer_ask(h, &p->asker, 0, &q, sizeof(q)) ? q.outcome
                                                          : DS__UNKNOWN;
}

static ds__outcome resolve(ds_handle *h, participant *p, const ds__state *e)
{
    ds__outcome o = p->rules->give_up(p->commit, (ds__outcome)e->state);

    if (o != DS__UNKNOWN)
        return o;
    return p->commit->way == DS_PAXOS_COMMIT
               ? ds__commit_learn(h, p->commit, p->rules, &p->proposer, e->key)
               : ask(h, p, e->key);
}

static bool wonder(ds_handle *h, participant *p)
{
    for (size_t i = 0; i < p->journal.n && p->in_doubt > 0; i++) {
        const ds__state e = p->journal.entries[i];
        if (!is_doubt((ds__outcome)e.state))
            continue;
        ds__outcome o = resolve(h, p, &e);
        if (o != DS__UNKNOWN && !finish(h, p, e.key, o))
            return false;
    }
    return true;
}

/* ---- The body -------------------------------------------------------------*/

/* Whoever is in doubt wonders when it has been so for that long, whatever else
 * it hears. */
static bool step(ds_handle *h, participant *p, double *when)
{
    ds_port *port = p->commit->participants.ports[p->me];
    bool goes_on = true;
    ds_msg m = { .dest = NULL };

    if (p->in_doubt == 0)
        *when = INFINITY;
    else if (isinf(*when))
        *when = ds_now(h) + p->commit->patience;
    if (isinf(*when)
            ? !ds_recv(h, port, &m)
            : !ds_recv_timeout(h, port, fmax(*when - ds_now(h), 0), &m))
        return false;
    if (m.dest != NULL)
        goes_on = heed(h, p, &m);
    ds_msg_drop(&m);
    if (goes_on && ds_now(h) >= *when) {
        goes_on = wonder(h, p);
        *when = INFINITY;
    }
    return goes_on;
}

void ds__commit_take_part(ds_handle *h, const ds_commit *commit,
                          const ds__commit_rules *rules)
{
    participant p = { .commit = commit, .rules = rules };
    double when = INFINITY;

    if (!ds__group_enter(h, &commit->participants, "ds_commit_take_part",
                         &p.me) ||
        !ds__journal_open(h, &p.journal, "votes"))
        return;
    for (size_t i = 0; i < p.journal.n; i++)
        p.in_doubt += is_doubt((ds__outcome)p.journal.entries[i].state);
    p.asker =
        ds_asker_of(h, &commit->coordinator, ds_port_new(ds_handle_node(h)),
                    commit->patience, 0, false);
    p.proposer = ds__commit_proposer_of(h, commit);
    while (step(h, &p, &when)) {
    }
}

void ds_commit_take_part(ds_handle *h, void *arg)
{
    ds__commit_take_part(h, arg, &ds__commit_right);
}
