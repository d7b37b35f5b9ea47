/* What decides whether a Raft is right: small functions, each with one
 * question, and the state of a server that they look at.  A planted bug is
 * these rules with one of them replaced. */
#ifndef BENCH_PLANTED_RAFT_RULES_H
#define BENCH_PLANTED_RAFT_RULES_H

#include "bench/planted/raft.h"

typedef enum raft_role { RAFT_FOLLOWER, RAFT_CANDIDATE, RAFT_LEADER } raft_role;

/* What a leader knows of a server. */
typedef struct raft_peer {
    int64_t next;    /* the first entry that it is sent */
    int64_t match;   /* up to there its log is the leader's, and on its disk */
    int64_t round;   /* the latest append that it answered */
    int64_t carried; /* the latest one that had entries */
    int64_t joined;  /* the latest one when it was made a voter; 0: before */
    double heard;    /* when that which it answered was sent */
} raft_peer;

/* A read that waits: until the entry at index is applied, and until a quorum
 * has answered an append of that round or a later one. */
typedef struct raft_read {
    int64_t number; /* 0: there is none */
    int64_t index;
    int64_t round;
} raft_read;

/* The last request of a client that was done. */
typedef struct raft_done {
    int64_t number;
    int64_t result;
} raft_done;

typedef struct raft_server raft_server;

/* A rule that is NULL is as Raft has it. */
struct raft_rules {
    /* How many of so many servers are enough. */
    size_t (*quorum)(size_t servers);

    /* Whether this candidate may have the vote in the current term, as far as
     * other candidates are concerned, and as far as its log is. */
    bool (*may_vote)(const raft_server *s, int candidate);
    bool (*is_up_to_date)(const raft_server *s, const raft_packet *ask);
    /* Whether the vote is another term's, when it follows somebody in term. */
    bool (*forgets_vote)(const raft_server *s, int64_t term);
    /* Writes term and vote to the disk, which a sync follows; false: it is
     * over. */
    bool (*write_vote)(raft_server *s);
    /* Whether this answer is a vote for this candidate. */
    bool (*counts_vote)(const raft_server *s, const raft_packet *vote);
    /* Whether who is behind is told the term that has begun. */
    bool (*tells_term)(const raft_server *s);

    /* Whether an answer waits until new entries are safe on the disk. */
    bool (*syncs_log)(const raft_server *s);
    /* Whether what stands at the index of e, and all behind it, goes. */
    bool (*truncates)(const raft_server *s, const raft_entry *e);
    /* Up to where a follower knows entries committed, if its log is the
     * leader's up to index. */
    int64_t (*new_commit)(const raft_server *s, int64_t commit, int64_t index);
    /* Whether this answer is one to an append of this leader. */
    bool (*counts_ack)(const raft_server *s, const raft_packet *ack);
    /* Whether it is one to what a server was sent since it votes: before, it
     * may have had another disk. */
    bool (*is_of_voter)(const raft_peer *peer, const raft_packet *ack);
    /* Whether the entry at index is committed once enough have it. */
    bool (*may_commit)(const raft_server *s, int64_t index);
    /* Whether the leader goes on leading. */
    bool (*goes_on)(const raft_server *s);
    /* Whether it may change who votes. */
    bool (*may_change)(const raft_server *s);

    /* Whether the leader's commit index covers all that was committed before
     * its term, and whether this read can be answered now. */
    bool (*knows_commit)(const raft_server *s);
    bool (*may_read)(const raft_server *s, const raft_read *r);
    /* The time that leases are compared with. */
    double (*time)(const raft_server *s);
    /* Whether the command was done before. */
    bool (*was_done)(const raft_server *s, const raft_command *c);

    /* Prepares the disk for a new life. */
    void (*start)(raft_server *s);
};

/* 0 <= applied <= commit <= last; synced <= last.  match < next for all peers
 * of a leader.  Logs begin with index 1, at log[0]. */
struct raft_server {
    ds_handle *h;
    const raft_cluster *cluster;
    raft_rules rules;
    int me;

    /* On the disk, and here. */
    int64_t term;
    int vote; /* in this term */
    raft_entry *log;
    int64_t last;
    int64_t room;
    bool vote_is_new; /* and not yet on the disk */
    bool log_is_new;
    int64_t synced;     /* up to there the log survives a crash */
    unsigned voters;    /* a set, as the log has it, committed or not, */
    int64_t voters_at;  /* at this index; 0: from the beginning */
    int64_t saved;      /* how often term and vote were written, */
    int64_t saved_term; /* and which term was */

    /* Everybody's. */
    double now; /* since the last call that waits */
    raft_role role;
    int leader;
    int64_t commit;
    int64_t applied;
    double deadline; /* of a leader: the next heartbeat; else an election */
    double heard;    /* when a leader was last heard of, or the life began */
    double woke;     /* when it last waited, and what it handles came */

    /* A candidate's. */
    unsigned votes; /* a set of servers */
    bool early;     /* the term has not begun */

    /* A leader's. */
    raft_peer peers[RAFT_SERVERS];
    int64_t round; /* of the latest append */
    raft_read reads[RAFT_CLIENTS];

    /* The state machine's. */
    int64_t value;
    raft_done done[RAFT_CLIENTS];
};

/* Fills in the rules that are NULL. */
void raft_complete(raft_rules *rules);

/* For rules: the entry's term, 0 before the first; how many are in a set;
 * whether these servers are enough; seconds for which nobody stands for
 * election. */
int64_t raft_term_at(const raft_server *s, int64_t index);
size_t raft_count(unsigned set);
bool raft_is_quorum(const raft_server *s, unsigned servers);
double raft_patience(const raft_server *s);

/* A rule for may_read: the leader reads without asking, until those who have
 * answered it could vote for another.  It needs RAFT_STEADY, and clocks that go
 * alike. */
bool raft_reads_by_lease(const raft_server *s, const raft_read *r);

/* Writes this term and this vote; for write_vote. */
bool raft_write_vote(raft_server *s, int64_t term, int vote);

#endif
