/* Paxos: agreement on a value.
 *
 * A proposer opens a ballot.  In phase 1 a majority of acceptors promises to
 * take no part in lower ones, and tells the last vote that each has cast.  The
 * one of the highest ballot binds the proposer, since that value may have been
 * chosen; if there is none, it proposes its own.  In phase 2 a majority votes
 * for it, and then it is chosen.  Two majorities share an acceptor, and so no
 * later ballot misses what an earlier one has chosen. */
#include "proto/answers.h"
#include "proto/group.h"
#include "proto/paxos_rules.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <distsys/observe.h>

bool ds__ballot_less(const ds__ballot *a, const ds__ballot *b)
{
    if (a->round != b->round)
        return a->round < b->round;
    return a->proposer < b->proposer;
}

/* ---- The rules ------------------------------------------------------------*/

static void promise_what_is_voted_in(ds__slot *slot, const ds__ballot *ballot)
{
    slot->promised = *ballot;
}

static bool recover_from_disk(ds_handle *h, ds__cell *cell, const char *name,
                              ds__slot *slot)
{
    return ds__cell_open(h, cell, name, slot, sizeof(*slot));
}

static void prefer_highest_ballot(ds__vote *best, const ds__vote *other)
{
    if (ds__ballot_less(&best->ballot, &other->ballot))
        *best = *other;
}

/* ds_ask_all() counts no answer to an earlier question. */
static void renew_by_itself(ds_asker *asker)
{
}

const ds__paxos_rules ds__paxos_right = {
    .vote = promise_what_is_voted_in,
    .recover = recover_from_disk,
    .prefer = prefer_highest_ballot,
    .renew = renew_by_itself,
};

/* ---- Acceptors ------------------------------------------------------------*/

typedef struct packet { /* a question, and its answer */
    uint64_t number;
    uint64_t instance;
    ds__ballot ballot; /* in a refusal, the one that is promised */
    ds__vote last;     /* of an acceptor; in phase 2, what to vote for */
    bool votes;        /* phase 2 */
    bool yes;
} packet;

/* An instance that an acceptor has been asked about in this life. */
typedef struct record {
    uint64_t number;
    char name[32];
    ds__cell cell;
    ds__slot slot;
} record;

typedef struct acceptor {
    const ds__paxos_rules *rules;
    record **records; /* n of them, in the order of the first question */
    size_t n;
} acceptor;

/* The newest are asked about most.  NULL: it is over, or there is no memory. */
static record *find(ds_handle *h, acceptor *a, uint64_t number)
{
    for (size_t i = a->n; i-- > 0;)
        if (a->records[i]->number == number)
            return a->records[i];
    record **more = realloc(a->records, (a->n + 1) * sizeof(*more));
    if (more != NULL)
        a->records = more;
    record *new = more == NULL ? NULL : calloc(1, sizeof(*new));
    if (new == NULL) {
        ds_fail(h, "ds_paxos_accept: there is no memory");
        return NULL;
    }
    a->records[a->n++] = new;
    new->number = number;
    snprintf(new->name, sizeof(new->name), "paxos.%" PRIu64, number);
    return a->rules->recover(h, &new->cell, new->name, &new->slot) ? new : NULL;
}

static bool promise(ds__slot *slot, const packet *p)
{
    if (!ds__ballot_less(&slot->promised, &p->ballot))
        return false;
    slot->promised = p->ballot;
    return true;
}

static bool vote(const ds__paxos_rules *rules, ds__slot *slot, const packet *p)
{
    if (ds__ballot_less(&p->ballot, &slot->promised))
        return false;
    rules->vote(slot, &p->ballot);
    slot->accepted = p->ballot;
    slot->value = p->last.value;
    return true;
}

/* What it promises and votes for survives a crash before it says so. */
static bool answer(ds_handle *h, const ds_paxos *paxos, acceptor *a,
                   const ds_msg *m)
{
    packet p = *(const packet *)m->data;
    record *i = find(h, a, p.instance);

    if (i == NULL)
        return false;
    p.last = (ds__vote){ i->slot.accepted, i->slot.value };
    p.yes = p.votes ? vote(a->rules, &i->slot, m->data) : promise(&i->slot, &p);
    if (p.yes && !ds__cell_save(h, &i->cell, &i->slot))
        return false;
    if (!p.yes)
        p.ballot = i->slot.promised;
    ds_answer(h, &paxos->group, m, &p, sizeof(p));
    return true;
}

void ds__paxos_accept(ds_handle *h, const ds_paxos *paxos,
                      const ds__paxos_rules *rules)
{
    acceptor a = { .rules = rules };
    size_t me;
    bool goes_on = ds__group_enter(h, &paxos->group, "ds_paxos_accept", &me);
    ds_msg m;

    while (goes_on && ds_recv(h, paxos->group.ports[me], &m)) {
        goes_on = answer(h, paxos, &a, &m);
        ds_msg_drop(&m);
    }
    for (size_t i = 0; i < a.n; i++)
        free(a.records[i]);
    free(a.records);
}

void ds_paxos_accept(ds_handle *h, void *arg)
{
    ds__paxos_accept(h, arg, &ds__paxos_right);
}

/* ---- Proposers ------------------------------------------------------------*/

ds_paxos_proposer ds_paxos_proposer_of(ds_handle *h, const ds_paxos *paxos,
                                       ds_port *port)
{
    return (ds_paxos_proposer){
        .paxos = paxos,
        .asker = ds_asker_of(h, &paxos->group, port, paxos->patience, 0,
                             paxos->thrifty),
    };
}

/* Whoever says yes says it to a ballot and a phase. */
static bool agrees(const packet *answer, const packet *question)
{
    return answer->yes && answer->votes == question->votes &&
           answer->ballot.round == question->ballot.round &&
           answer->ballot.proposer == question->ballot.proposer;
}

/* Asks, and looks at the answers of the first majority: whether each agrees. */
static bool ask(ds_handle *h, ds_paxos_proposer *p, packet question,
                const ds__paxos_rules *rules, ds__vote *best)
{
    size_t n = ds_group_majority(&p->paxos->group);

    *best = (ds__vote){ .value = 0 };
    question.ballot = (ds__ballot){ p->round, p->asker.identity };
    rules->renew(&p->asker);
    ds_msg *answers =
        ds__answers_ask(h, &p->asker, &question, sizeof(question), n);
    bool yes = answers != NULL;
    for (size_t i = 0; answers != NULL && i < n; i++) {
        const packet *a = answers[i].data;
        yes = yes && agrees(a, &question);
        if (a->ballot.round > p->highest)
            p->highest = a->ballot.round;
        if (a->yes)
            rules->prefer(best, &a->last);
    }
    ds__answers_drop(answers, n);
    return yes;
}

bool ds__paxos_prepare(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                       const ds__paxos_rules *rules, ds__vote *best)
{
    p->round = p->highest + 1;
    p->highest = p->round;
    return ask(h, p, (packet){ .instance = instance }, rules, best);
}

bool ds__paxos_vote(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                    const ds__paxos_rules *rules, int64_t value)
{
    const packet question = { .instance = instance,
                              .last.value = value,
                              .votes = true };
    ds__vote ignored;

    return ask(h, p, question, rules, &ignored);
}

bool ds__paxos_propose(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                       const ds__paxos_rules *rules, int64_t value,
                       int64_t *chosen)
{
    const ds_paxos *paxos = p->paxos;
    double end = paxos->limit > 0 ? ds_now(h) + paxos->limit : INFINITY;
    double pause = paxos->pause;
    ds__vote best;

    ds_observe(h, DS_FACT_PROPOSE, (int64_t)instance, value);
    do {
        if (ds__paxos_prepare(h, p, instance, rules, &best)) {
            *chosen = best.ballot.round > 0 ? best.value : value;
            if (ds__paxos_vote(h, p, instance, rules, *chosen)) {
                ds_observe(h, DS_FACT_DECIDE, (int64_t)instance, *chosen);
                return true;
            }
        }
        if (!ds_sleep(h, ds_random(h) * pause))
            return false;
        pause = fmin(2 * pause, 8 * paxos->pause);
    } while (ds_now(h) < end);
    return false;
}

bool ds_paxos_propose(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                      int64_t value, int64_t *chosen)
{
    return ds__paxos_propose(h, p, instance, &ds__paxos_right, value, chosen);
}
