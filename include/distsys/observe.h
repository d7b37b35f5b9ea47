#ifndef DISTSYS_OBSERVE_H
#define DISTSYS_OBSERVE_H

#include <distsys/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who knows all members at once sees at once when two of them disagree.  An
 * algorithm tells facts as they become so; an observer, if there is one, holds
 * them against what it promised to check.  If there is none, telling costs a
 * branch. */

/* What a member tells of itself, and what the two numbers mean; where one is
 * not mentioned it is 0.  Entries, values, states and messages are numbers that
 * stand for them, such as hashes: equal numbers are the same thing. */
typedef enum ds_fact {
    /* Consensus and replicated logs; indices count from 1. */
    DS_FACT_VOTE = 1, /* a: term; b: the candidate */
    DS_FACT_LEAD,     /* a: term.  It is elected */
    DS_FACT_APPEND,   /* a: index; b: entry.  It is there from now on, and if it
                       * replaces another, nothing behind it is.  Behind a gap:
                       * the log begins there, and a snapshot has the rest */
    DS_FACT_CUT,      /* a: index.  From there on there is nothing any more, be
                       * it cut off or lost in a crash */
    DS_FACT_SYNC,     /* a: index.  Up to there its log survives a crash */
    DS_FACT_COMMIT,   /* a: index; b: entry.  It knows that it is committed */
    DS_FACT_APPLY,    /* a: index; b: entry.  Its state machine did it */
    DS_FACT_ACK, /* a: index; b: entry.  It tells a client that it is done */
    DS_FACT_PROPOSE, /* a: instance; b: value */
    DS_FACT_DECIDE,  /* a: instance; b: value */

    /* Locks. */
    DS_FACT_ENTER, /* a: lock.  It holds it */
    DS_FACT_LEAVE, /* a: lock */
    DS_FACT_USE,   /* a: resource; b: fencing token.  The resource accepts it */

    /* Broadcasts and messages. */
    DS_FACT_SEND,    /* a: message; b: to whom, DS_TO_ALL: to every member */
    DS_FACT_DELIVER, /* a: message */

    /* Replicas. */
    DS_FACT_STATE, /* a: what its state is now */
} ds_fact;

#define DS_TO_ALL (-1)

/* What is checked, or-ed together. */
enum {
    DS_CHECK_ELECTION = 1 << 0,     /* a term has one leader at most */
    DS_CHECK_VOTES = 1 << 1,        /* a member votes for one in a term */
    DS_CHECK_LOG = 1 << 2,          /* equal entries at an index have equal ones
                                     * before them */
    DS_CHECK_COMPLETENESS = 1 << 3, /* who is elected has all that was committed
                                     * in earlier terms */
    DS_CHECK_MACHINE = 1 << 4,      /* all commit and apply the same at an
                                     * index */
    DS_CHECK_DURABILITY = 1 << 5,   /* what a client is told is on the disks of
                                     * a quorum at that moment */
    DS_CHECK_AGREEMENT = 1 << 6,    /* all decide the same, and what somebody
                                     * proposed, if anybody ever proposes */
    DS_CHECK_EXCLUSION = 1 << 7,    /* one holds a lock at a time */
    DS_CHECK_FENCING = 1 << 8,      /* tokens accepted never decrease */
    DS_CHECK_AT_MOST_ONCE = 1 << 9, /* nobody delivers a message twice, or one
                                     * that was not sent */
    DS_CHECK_AT_LEAST_ONCE = 1 << 10, /* in the end, all to whom it was sent
                                       * have delivered it */
    DS_CHECK_SENDER_ORDER = 1 << 11,  /* messages of one sender arrive in their
                                       * order */
    DS_CHECK_CAUSAL_ORDER = 1 << 12,  /* ... and after those that the sender had
                                       * sent or delivered before; of what was
                                       * sent to all */
    DS_CHECK_TOTAL_ORDER = 1 << 13,   /* two members deliver what both deliver
                                       * in one order */
    DS_CHECK_CONVERGENCE = 1 << 14,   /* in the end, all states are the same */

    DS_CHECK_EXACTLY_ONCE = DS_CHECK_AT_MOST_ONCE | DS_CHECK_AT_LEAST_ONCE,
    /* What nobody can want to be otherwise. */
    DS_CHECK_USUAL = (1 << 10) - 1,
};

typedef struct ds_observer ds_observer;

typedef struct ds_observer_config {
    unsigned checks; /* 0: DS_CHECK_USUAL */
    size_t members;  /* of the group; 0: as many as have told anything */
    size_t quorum;   /* for durability; 0: more than half of the members */
    bool stop;       /* what is wrong ends the run, as ds_fail() does */
} ds_observer_config;

/* Watches a loop from now on, and goes with it.  NULL: there is none, or no
 * memory, which the loop reports.  There may be several. */
ds_observer *ds_observer_new(ds_loop *loop, const ds_observer_config *config);

typedef enum ds_finding {
    DS_SOUND = 0,
    DS_UNSOUND,
    DS_UNKNOWN, /* there was no memory to know */
} ds_finding;

/* Looks at what can only be judged in the end, and says what it has found; why
 * has the first thing that was wrong, who did it, and when.  Call it after the
 * run; ds_test_main() does, for each observer of a trial.  NULL is DS_UNKNOWN.
 * why may be NULL. */
ds_finding ds_observer_verdict(ds_observer *observer, char *why, size_t size);

/* Tells a fact.  Who tells it is the caller's machine, by ds_node_number(),
 * since that outlives its threads; on no machine, the thread, by number,
 * from 1. Or it is who. */
void ds_observe(ds_handle *h, ds_fact fact, int64_t a, int64_t b);
void ds_observe_as(ds_handle *h, uint64_t who, ds_fact fact, int64_t a,
                   int64_t b);

#ifdef __cplusplus
}
#endif

#endif
