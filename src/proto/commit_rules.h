/* The rules of atomic commit that a mistake can be made in, so that a test can
 * put a wrong one in the place of a right one; and what its two halves share,
 * src/proto/commit.c and src/proto/commit_part.c. */
#ifndef PROTO_COMMIT_RULES_H
#define PROTO_COMMIT_RULES_H

#include <distsys/commit.h>

#include "proto/journal.h"

/* What somebody knows of a transaction. */
typedef enum ds__outcome {
    DS__UNKNOWN = 0,
    DS__BEGUN,  /* a coordinator: nobody has voted yet */
    DS__READY,  /* a participant: it has voted for it; a vote: for it */
    DS__AGREED, /* three phases: all are ready */
    DS__COMMIT,
    DS__ABORT, /* also a vote */
} ds__outcome;

typedef struct ds__commit_packet { /* a question, and its answer */
    uint64_t number;
    uint64_t transaction;
    enum {
        DS__BEGIN = 1, /* client to coordinator: the number of a new one */
        DS__END,       /* client or participant to coordinator: the outcome */
        DS__PREPARE,   /* coordinator to participants: their votes */
        DS__AGREE,     /* likewise, in three phases: all are ready */
        DS__DECIDE,    /* likewise: the outcome; nobody answers that */
    } kind;
    ds__outcome outcome;
} ds__commit_packet;

typedef struct ds__commit_rules {
    /* The coordinator has decided to commit and is about to tell it. */
    bool (*log_decision)(ds_handle *h, ds__journal *l, uint64_t transaction,
                         int64_t state);
    /* A participant is ready and about to say so. */
    bool (*log_vote)(ds_handle *h, ds__journal *l, uint64_t transaction,
                     int64_t state);
    /* What is true of a transaction that the coordinator does not know: Mohan
     * et al., 3, "presumed abort". */
    ds__outcome (*presume)(void);
    /* What a participant that hears nothing decides; DS__UNKNOWN: it asks. */
    ds__outcome (*give_up)(const ds_commit *commit, ds__outcome state);
    /* Paxos commit: proposes to abort in the place of a participant, and stores
     * what its vote is: Gray, Lamport, 4.2.  False: it has not learned it. */
    bool (*claim)(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                  int64_t *vote);
} ds__commit_rules;

extern const ds__commit_rules ds__commit_right;

/* What the public functions do, by other rules. */
void ds__commit_coordinate(ds_handle *h, const ds_commit *commit,
                           const ds__commit_rules *rules);
void ds__commit_take_part(ds_handle *h, const ds_commit *commit,
                          const ds__commit_rules *rules);

/* Whether a state is the last. */
bool ds__commit_is_over(ds__outcome state);

/* Tells observers that the caller has decided. */
void ds__commit_observe(ds_handle *h, uint64_t transaction, ds__outcome o);

/* Paxos commit: the instance of a participant's vote; who proposes in the place
 * of participants; the outcome, which is that of all votes, or DS__UNKNOWN.
 * In ballot DS__OWN_ROUND of an instance nobody but the voter proposes. */
enum { DS__OWN_ROUND = 1 };
uint64_t ds__commit_instance(const ds_commit *commit, uint64_t transaction,
                             size_t participant);
ds_paxos_proposer ds__commit_proposer_of(ds_handle *h, const ds_commit *commit);
ds__outcome ds__commit_learn(ds_handle *h, const ds_commit *commit,
                             const ds__commit_rules *rules,
                             ds_paxos_proposer *p, uint64_t transaction);

#endif
