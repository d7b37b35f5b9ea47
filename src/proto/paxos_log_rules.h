/* What decides whether a log by Paxos is right: small functions, each with one
 * question, so that a test can put a wrong one in the place of a right one; and
 * the state of a member that they look at. */
#ifndef PROTO_PAXOS_LOG_RULES_H
#define PROTO_PAXOS_LOG_RULES_H

#include <distsys/paxos_log.h>

#include "proto/kept.h"
#include "proto/machine.h"

/* ---- What travels, and what is kept ---------------------------------------*/

/* A ballot is a number that one member owns, which is its rest by n; 0 is none.
 * In a ballot its owner proposes one command for an instance, if any. */
typedef struct ds__proposal { /* no padding: it lies on disks as it is */
    int64_t ballot;
    int64_t index;       /* of the instance, from 1 */
    ds__request request; /* of nobody: nothing is to be done */
} ds__proposal;

typedef enum ds__plog_kind {
    DS__PLOG_PREPARE = 1,
    DS__PLOG_PROMISE,
    DS__PLOG_ACCEPT, /* without proposals: the leader is there */
    DS__PLOG_ACCEPTED,
    DS__PLOG_STATE, /* a snapshot; a leader's is answered as an accept */
} ds__plog_kind;

/* Proposals follow, or a snapshot. */
typedef struct ds__plog_packet {
    uint64_t number; /* 0, which no question of a client has */
    ds__plog_kind kind;
    uint32_t from;  /* which member */
    bool yes;       /* the answer */
    int64_t ballot; /* of the sender; of an answer that is no: the one that it
                     * has promised */
    int64_t index;  /* up to there a candidate needs nothing, and a promise has
                     * nothing; an acceptor has all */
    int64_t commit; /* up to there all is chosen */
    int64_t round;  /* which accept of the leader's; its answer repeats it */
    int64_t count;  /* of proposals; bytes of a snapshot */
} ds__plog_packet;

/* Proposals, of each instance behind base one at most.  all[i - base - 1] is of
 * instance i, with ballot 0 if there is none; the last is there. */
typedef struct ds__slots {
    ds__proposal *all;
    int64_t base;
    int64_t last;
    int64_t room;
} ds__slots;

/* ---- A member -------------------------------------------------------------*/

typedef enum ds__plog_role {
    DS__PLOG_FOLLOWS,
    DS__PLOG_ASKS,
    DS__PLOG_LEADS
} ds__plog_role;

/* What a candidate or a leader knows of a member. */
typedef struct ds__plog_peer {
    bool promises;
    int64_t next;    /* the first instance that it has not been sent; what was
                      * sent before may have been lost */
    int64_t match;   /* up to there it had all: chosen, or accepted in this
                      * ballot, and on its disk */
    int64_t round;   /* the latest accept that it answered */
    int64_t carried; /* the latest one that had proposals or a snapshot */
    double heard;    /* when it last answered */
} ds__plog_peer;

typedef struct ds__plog_rules ds__plog_rules;

/* accepted.base <= commit; all instances up to commit are chosen, and done by
 * the machine.  Proposals of a leader behind commit are all there, and of its
 * own ballot. */
typedef struct ds__plog {
    ds_handle *h;
    const ds_paxos_log *config;
    const ds__plog_rules *rules;
    size_t n; /* members */
    size_t me;

    /* On the disk, and here. */
    int64_t promised; /* it takes no part in lower ballots */
    ds__cell cell;
    bool promise_is_new; /* and not yet on the disk */
    ds__slots accepted;
    bool accepted_is_new;
    ds__kept kept;

    /* Everybody's. */
    double now; /* since the last call that waits */
    ds__plog_role role;
    size_t leader; /* as far as is known, or DS_NOBODY */
    int64_t commit;
    ds__replica replica;
    double deadline; /* of a leader: its next word; else it wants to lead */

    /* A candidate's: what acceptors have told of, behind commit. */
    ds__slots found;

    /* A leader's, and a candidate's. */
    ds__plog_peer *peers;    /* n */
    int64_t begun;           /* up to there instances were found, not begun */
    int64_t synced;          /* up to there its own proposals survive a crash */
    int64_t round;           /* of the latest accept */
    ds__waits commands;      /* for an index each, which increases */
    ds__waits looks;         /* for rounds, likewise */
    ds__plog_packet *packet; /* with room for a batch */
} ds__plog;

/* ---- Rules ----------------------------------------------------------------*/

/* P1, P2 and their letters are those of Paxos Made Simple. */
struct ds__plog_rules {
    /* How many of so many members are enough. */
    size_t (*quorum)(size_t members);
    /* Whether an acceptor may promise a ballot, and accept in one: P1a. */
    bool (*may_promise)(const ds__plog *s, int64_t ballot);
    bool (*may_accept)(const ds__plog *s, int64_t ballot);
    /* Writes the promise to the disk, which a sync follows; false: it is over.
     */
    bool (*write_promise)(ds__plog *s);
    /* Whether an answer waits until new proposals are safe on the disk. */
    bool (*syncs)(const ds__plog *s);

    /* Whether, of what acceptors tell of an instance, this binds a candidate
     * more than that which it knows, if any: P2c. */
    bool (*binds)(const ds__proposal *known, const ds__proposal *other);
    /* What a new leader proposes for an instance that others have begun, or
     * that lies before one: section 3. */
    ds__request (*finishes)(const ds__plog *s, int64_t index);
    /* Whether this answer is one to an accept of this leader. */
    bool (*counts_ack)(const ds__plog *s, const ds__plog_packet *ack);

    /* Up to where a member knows that what it has accepted is chosen, if the
     * leader says so up to commit and it has all of this ballot up to index. */
    int64_t (*new_commit)(const ds__plog *s, int64_t commit, int64_t index);
    /* Whether a question can be answered that needs no instance. */
    bool (*may_look)(const ds__plog *s, const ds__wait *w);
    /* Whether a request was done before. */
    bool (*was_done)(const ds__done *done, const ds__request *request);
    /* How many bytes of a replica a snapshot has. */
    size_t (*saves)(const ds__replica *r);
};

extern const ds__plog_rules ds__plog_right;

/* What ds_paxos_log_serve() does, by other rules. */
void ds__plog_serve(ds_handle *h, const ds_paxos_log *config,
                    const ds__plog_rules *rules);

/* For rules: what is known of an instance, or NULL; whether so many members are
 * enough. */
const ds__proposal *ds__slots_at(const ds__slots *l, int64_t index);
bool ds__plog_is_quorum(const ds__plog *s, size_t members);

#endif
