/* The rules of Paxos that a mistake can be made in, so that a test can put a
 * wrong one in the place of a right one; and its two phases, for algorithms
 * that do something between them. */
#ifndef PROTO_PAXOS_RULES_H
#define PROTO_PAXOS_RULES_H

#include <distsys/paxos.h>

#include "proto/cell.h"

/* A ballot, of which no two proposers have the same. */
typedef struct ds__ballot {
    int64_t round; /* 0: none */
    uint64_t proposer;
} ds__ballot;

bool ds__ballot_less(const ds__ballot *a, const ds__ballot *b);

/* What an acceptor knows of an instance: accepted is never above promised. */
typedef struct ds__slot {
    ds__ballot promised; /* it takes no part in lower ones */
    ds__ballot accepted; /* the last that it has voted in */
    int64_t value;       /* what for */
} ds__slot;

/* What an acceptor had voted for before it promised. */
typedef struct ds__vote {
    ds__ballot ballot;
    int64_t value;
} ds__vote;

typedef struct ds__paxos_rules {
    /* An acceptor votes in a ballot: what else does that promise?  Paxos Made
     * Simple, P1a. */
    void (*vote)(ds__slot *slot, const ds__ballot *ballot);
    /* What it knows in the life after a crash. */
    bool (*recover)(ds_handle *h, ds__cell *cell, const char *name,
                    ds__slot *slot);
    /* Which of the votes that a majority tells of binds the proposer: P2c. */
    void (*prefer)(ds__vote *best, const ds__vote *other);
    /* A proposer is about to ask something else. */
    void (*renew)(ds_asker *asker);
} ds__paxos_rules;

extern const ds__paxos_rules ds__paxos_right;

void ds__paxos_accept(ds_handle *h, const ds_paxos *paxos,
                      const ds__paxos_rules *rules);

/* Phase 1: whether a majority promises a new ballot; then *best is what the
 * proposer has to propose, if its round is not 0.  Phase 2: whether a majority
 * votes for a value in it.  It may also be over, which ds_sleep() tells. */
bool ds__paxos_prepare(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                       const ds__paxos_rules *rules, ds__vote *best);
bool ds__paxos_vote(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                    const ds__paxos_rules *rules, int64_t value);

bool ds__paxos_propose(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                       const ds__paxos_rules *rules, int64_t value,
                       int64_t *chosen);

#endif
