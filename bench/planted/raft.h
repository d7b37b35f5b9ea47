/* Raft (Ongaro, Ousterhout, USENIX ATC 2014), plainly: elections, a replicated
 * log, and a register of a number that it keeps, for clients who read, write,
 * compare and set.
 *
 * The one idea: a server is a body that handles one packet or timeout after the
 * other, and each handler has one order: it changes the state, it waits for the
 * disk (raft_keep() in raft.c), it answers.  So a crash at any call loses
 * nothing that anybody has been told.
 *
 * What decides whether it is right is not in the handlers but in small
 * functions, the rules, of which each can be replaced; see
 * bench/planted/raft_rules.h.  Servers and clients are numbered from 0. */
#ifndef BENCH_PLANTED_RAFT_H
#define BENCH_PLANTED_RAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/net.h>

enum {
    RAFT_SERVERS = 7, /* at most */
    RAFT_CLIENTS = 8,
    RAFT_BATCH = 1, /* entries in a packet: more would come together that can
                     * be apart, as in figure 8 */
    RAFT_NOBODY = -1,
};

/* ---- What travels, and what is kept ---------------------------------------*/

/* The request of a client: what op and arg mean is said by ds_register_model.
 * Or that of the cluster itself, which is nobody's: RAFT_NOTHING, or that
 * arg[0] is the set of servers that vote from here on. */
typedef struct raft_command {
    int32_t client; /* or RAFT_NOBODY */
    int32_t op;
    int64_t number; /* of the client's requests, from 1 */
    int64_t arg[2];
} raft_command;

enum { RAFT_NOTHING, RAFT_VOTERS };

/* Has no padding: it lies on disks as it is. */
typedef struct raft_entry {
    int64_t term;
    int64_t index; /* from 1 */
    raft_command command;
} raft_entry;

typedef enum raft_kind {
    RAFT_ASK_VOTE = 1,
    RAFT_VOTE,
    RAFT_APPEND, /* without entries: a heartbeat */
    RAFT_APPENDED,
    RAFT_CALL, /* of a client */
    RAFT_RESULT,
    RAFT_CHANGE, /* the server with the number in result is to vote, or not
                  * any more */
    RAFT_WANT,   /* the set in result is to vote; the command says who wants to
                  * know when that is so */
} raft_kind;

/* A packet ends behind the entries that it has. */
typedef struct raft_packet {
    raft_kind kind;
    int from;       /* which server or client */
    bool yes;       /* the answer */
    bool early;     /* it is about a vote before the term begins */
    int leader;     /* as far as is known; for clients */
    int64_t term;   /* of the sender; in a vote before the term, that term */
    int64_t index;  /* what is before the entries; the candidate's last; up to
                     * where an appended log is the leader's, or may be */
    int64_t before; /* the term of the entry at index */
    int64_t commit;
    int64_t round; /* which append; its answer repeats it */
    double sent;   /* when, by the leader's clock; likewise */
    raft_command command;
    int64_t result;
    int64_t count;
    raft_entry entries[RAFT_BATCH];
} raft_packet;

/* ---- A cluster ------------------------------------------------------------*/

/* Options, or-ed together. */
enum {
    RAFT_PRE_VOTE = 1 << 0,  /* who would be a candidate first asks whether it
                              * could win */
    RAFT_STEADY = 1 << 1,    /* who hears a leader votes for nobody else, and a
                              * leader that a quorum does not answer gives up */
    RAFT_LACKS_ONE = 1 << 2, /* the last server never starts */
};

typedef struct raft_rules raft_rules;

typedef struct raft_setup {
    const raft_rules *rules;
    int servers;
    int voters; /* those with the lowest numbers, at first; 0: all */
    int clients;
    unsigned options;
    double tick; /* seconds from heartbeat to heartbeat, of which a packet takes
                  * at most a fifth */
    double patience;  /* ticks without one until an election, at least, and half
                       * of the most; 0: 1.5 */
    double sync_time; /* ticks that a disk takes; 0: a fiftieth */
} raft_setup;

/* Stays the same while it runs, and is the arg of its bodies. */
typedef struct raft_cluster {
    raft_setup setup;
    ds_net *net;
    ds_node *nodes[RAFT_SERVERS + RAFT_CLIENTS]; /* servers first */
    ds_port *ports[RAFT_SERVERS + RAFT_CLIENTS];
} raft_cluster;

/* Makes the machines and the network, and has the servers run when they are
 * switched on.  The machines are the first ones of the loop. */
void raft_build(raft_cluster *c, ds_loop *loop, const raft_setup *setup);

/* The body of a server. */
void raft_serve(ds_handle *h, void *cluster);

/* ---- Clients --------------------------------------------------------------*/

/* A client has one request at a time, and this is what it remembers. */
typedef struct raft_client {
    const raft_cluster *cluster;
    int me;
    int64_t requests; /* so far */
    int server;       /* the one that is asked next */
} raft_client;

/* Asks one server after the other until one has an answer, for so many seconds.
 * False: there was none, and whether it is done nobody knows; or it is over. */
bool raft_call(ds_handle *h, raft_client *client, int op, int64_t arg0,
               int64_t arg1, double seconds, int64_t *result);

#endif
