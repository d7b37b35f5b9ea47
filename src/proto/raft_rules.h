/* What decides whether a Raft is right: small functions, each with one
 * question, so that a test can put a wrong one in the place of a right one; and
 * the state of a member that they look at. */
#ifndef PROTO_RAFT_RULES_H
#define PROTO_RAFT_RULES_H

#include <distsys/raft.h>

#include "proto/kept.h"
#include "proto/machine.h"

/* ---- What travels, and what is kept ---------------------------------------*/

/* Has no padding: it lies on disks as it is.  Of the log's own commands key is
 * a member, and arg[0] whether it votes from here on. */
typedef struct ds__entry {
    int64_t term;
    int64_t index; /* from 1 */
    ds__request request;
} ds__entry;

typedef enum ds__raft_kind {
    DS__ASK_VOTE = 1,
    DS__VOTE,
    DS__APPEND, /* without entries: a heartbeat */
    DS__APPENDED,
    DS__INSTALL, /* a snapshot; the answer is as to an append */
} ds__raft_kind;

/* Entries follow, or a snapshot. */
typedef struct ds__raft_packet {
    uint64_t number; /* 0, which no question of a client has */
    ds__raft_kind kind;
    uint32_t from;  /* which member */
    bool yes;       /* the answer */
    bool early;     /* it is about a vote before the term begins */
    int64_t term;   /* of the sender; in a vote before the term, that term */
    int64_t index;  /* what is before the entries; the candidate's last; up to
                     * where an appended log is the leader's, or may be */
    int64_t before; /* the term of the entry at index */
    int64_t commit;
    int64_t round; /* which append; its answer repeats it */
    double sent;   /* when, by the leader's clock; likewise */
    int64_t count; /* of entries; bytes of a snapshot */
} ds__raft_packet;

/* ---- A member -------------------------------------------------------------*/

typedef enum ds__raft_role {
    DS__FOLLOWER,
    DS__CANDIDATE,
    DS__LEADER
} ds__raft_role;

/* What a leader knows of a member. */
typedef struct ds__peer {
    int64_t next;    /* the first entry that it is sent */
    int64_t match;   /* up to there its log is the leader's, and on its disk */
    int64_t round;   /* the latest append that it answered */
    int64_t carried; /* the latest one that had entries */
    int64_t joined;  /* the latest one when it was made a voter; 0: before */
    double heard;    /* when that which it answered was sent */
    bool grants;     /* to a candidate: it votes for this one */
} ds__peer;

/* What a snapshot stands for: all entries up to index. */
typedef struct ds__base {
    int64_t index; /* 0: there is none */
    int64_t term;
    int64_t name; /* of the last of them, for observers */
} ds__base;

typedef struct ds__raft_rules ds__raft_rules;

/* base.index <= applied <= commit <= last; synced <= last.  match < next for
 * all peers of a leader.  The entry at index is log[index - base.index - 1]. */
typedef struct ds__raft {
    ds_handle *h;
    const ds_raft *config;
    const ds__raft_rules *rules;
    size_t n; /* members */
    size_t me;

    /* On the disk, and here. */
    int64_t term;
    size_t vote; /* in this term; DS_NOBODY: not yet */
    ds__cell cell;
    int64_t saved_term; /* as it is in the cell */
    bool vote_is_new;   /* and not yet on the disk */
    ds__base base;
    bool *base_voters; /* n: who votes, as it was there */
    ds__entry *log;
    int64_t last;
    int64_t room;
    bool log_is_new;
    int64_t synced;    /* up to there the log survives a crash */
    bool *voters;      /* n: as the log has it, committed or not, */
    size_t num_voters; /* so many, */
    int64_t voters_at; /* by the entry at this index, or by the base */
    ds__kept kept;

    /* Everybody's. */
    double now; /* since the last call that waits */
    ds__raft_role role;
    size_t leader; /* as far as is known, or DS_NOBODY */
    int64_t commit;
    int64_t applied;
    ds__replica replica;
    double deadline; /* of a leader: the next heartbeat; else an election */
    double heard;    /* when a leader was last heard of, or the life began */
    double woke;     /* when it last waited, and what it handles came */

    /* A candidate's. */
    bool early; /* the term has not begun */

    /* A leader's, and a candidate's. */
    ds__peer *peers;         /* n */
    int64_t round;           /* of the latest append */
    ds__waits commands;      /* for an index each, which increases */
    ds__waits looks;         /* for rounds, likewise */
    ds__raft_packet *packet; /* with room for a batch */
} ds__raft;

/* ---- Rules ----------------------------------------------------------------*/

/* Figures, and their rules by number, are those of the paper of 2014. */
struct ds__raft_rules {
    /* How many of so many members are enough. */
    size_t (*quorum)(size_t members);

    /* Whether this candidate may have the vote in the current term, as far as
     * other candidates are concerned, and as far as its log is. */
    bool (*may_vote)(const ds__raft *s, size_t candidate);
    bool (*is_up_to_date)(const ds__raft *s, const ds__raft_packet *ask);
    /* Whether the vote is another term's, when it follows somebody in term. */
    bool (*forgets_vote)(const ds__raft *s, int64_t term);
    /* Writes term and vote to the disk, which a sync follows; false: it is
     * over. */
    bool (*write_vote)(ds__raft *s);
    /* Whether this answer is a vote for this candidate. */
    bool (*counts_vote)(const ds__raft *s, const ds__raft_packet *vote);
    /* Whether who is behind is told the term that has begun. */
    bool (*tells_term)(const ds__raft *s);

    /* Whether an answer waits until new entries are safe on the disk. */
    bool (*syncs_log)(const ds__raft *s);
    /* Whether what stands at the index of e, and all behind it, goes. */
    bool (*truncates)(const ds__raft *s, const ds__entry *e);
    /* Up to where a follower knows entries committed, if its log is the
     * leader's up to index. */
    int64_t (*new_commit)(const ds__raft *s, int64_t commit, int64_t index);
    /* Whether this answer is one to an append of this leader. */
    bool (*counts_ack)(const ds__raft *s, const ds__raft_packet *ack);
    /* Whether it is one to what a member was sent since it votes: before, it
     * may have had another disk. */
    bool (*is_of_voter)(const ds__peer *peer, const ds__raft_packet *ack);
    /* Whether the entry at index is committed once enough have it. */
    bool (*may_commit)(const ds__raft *s, int64_t index);
    /* Whether the leader goes on leading. */
    bool (*goes_on)(const ds__raft *s);
    /* Whether it may change who votes. */
    bool (*may_change)(const ds__raft *s);

    /* Whether the leader's commit index covers all that was committed before
     * its term, and whether this question can be answered now. */
    bool (*knows_commit)(const ds__raft *s);
    bool (*may_look)(const ds__raft *s, const ds__wait *w);
    /* The time that leases are compared with. */
    double (*time)(const ds__raft *s);
    /* Whether a request was done before, when a client asks a leader, and when
     * it comes up in the log. */
    bool (*was_done)(const ds__done *done, const ds__request *request);
    bool (*was_logged)(const ds__done *done, const ds__request *request);
    /* Takes the machine over from a snapshot. */
    void (*load)(ds_handle *h, ds__replica *r, const void *snapshot,
                 size_t size);

    /* Prepares the disk for a new life. */
    void (*start)(ds__raft *s);
};

extern const ds__raft_rules ds__raft_right;

/* What ds_raft_serve() does, by other rules. */
void ds__raft_serve(ds_handle *h, const ds_raft *config,
                    const ds__raft_rules *rules);

/* For rules: the term of the entry at index, 0 before the first; whether a
 * member votes; whether so many voters are enough; how many of them have been
 * heard since some time, the caller among them; seconds for which nobody stands
 * for election. */
int64_t ds__raft_term_at(const ds__raft *s, int64_t index);
bool ds__raft_votes(const ds__raft *s, size_t member);
bool ds__raft_is_quorum(const ds__raft *s, size_t voters);
size_t ds__raft_heard_since(const ds__raft *s, double time);
double ds__raft_patience(const ds__raft *s);

/* Writes this term and this vote; for write_vote. */
bool ds__raft_write_vote(ds__raft *s, int64_t term, size_t vote);

#endif
