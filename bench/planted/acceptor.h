/* What is common to protocols in which a majority of acceptors promises and
 * accepts ballots (Lamport, The part-time parliament, TOCS 16(2), 1998). */
#ifndef BENCH_PLANTED_ACCEPTOR_H
#define BENCH_PLANTED_ACCEPTOR_H

#include "bench/planted/kit.h"

enum { ACCEPTORS = 3, MAJORITY = ACCEPTORS / 2 + 1, INSTANCES = 32 };

typedef struct ballot_packet { /* a request, and its answer */
    int64_t call;
    int64_t instance;
    int64_t ballot;   /* in a refusal, the one that is promised */
    int64_t accepted; /* in an answer to prepare: in which ballot; 0: none */
    int64_t value;
    bool accept; /* not prepare */
    bool yes;
} ballot_packet;

/* What an acceptor knows of an instance.  accepted <= promised. */
typedef struct ballot_slot {
    int64_t promised;
    int64_t accepted;
    int64_t value;
} ballot_slot;

typedef struct acceptor_rules {
    /* It accepts this ballot; what else does that promise? */
    void (*promise)(ballot_slot *slot, int64_t ballot);
    /* What it knows as it is switched on; false: it is over. */
    bool (*recover)(ds_handle *h, ballot_slot slots[INSTANCES]);
    /* Whether a proposer counts an answer; again: of an acceptor whose answer
     * has been counted. */
    bool (*counts)(const ballot_packet *request, const ballot_packet *answer,
                   bool again);
    /* Takes what an acceptor has accepted into account. */
    void (*prefer)(ballot_packet *best, const ballot_packet *answer);
} acceptor_rules;

extern const acceptor_rules acceptor_right;

/* Bodies and calls for groups whose rules begin with acceptor_rules. */
void acceptor_serve(ds_handle *h, void *arg);

/* A proposer, which never uses a ballot twice as long as it lives. */
typedef struct proposer {
    const group *g;
    int64_t call;
    int64_t ballot;
    int64_t highest; /* that it has heard of */
} proposer;

/* Asks a majority for promises in a new ballot: *best has what was accepted in
 * the highest ballot.  Then asks to accept a value in that ballot.  *yes: all
 * of it did; false: it is over. */
bool proposer_prepare(ds_handle *h, proposer *p, int64_t instance,
                      ballot_packet *best, bool *yes);
bool proposer_accept(ds_handle *h, proposer *p, int64_t instance, int64_t value,
                     bool *yes);

#endif
