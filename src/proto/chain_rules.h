/* The rules of chain replication that a mistake can be made in, so that a test
 * can put a wrong one in the place of a right one; and what its two halves
 * share, src/proto/chain.c and src/proto/chain_master.c. */
#ifndef PROTO_CHAIN_RULES_H
#define PROTO_CHAIN_RULES_H

#include <distsys/chain.h>

#include "proto/cell.h"

/* A write: of one client, requests grow. */
typedef struct ds__update {
    uint64_t number; /* in the order of all, from 1 */
    uint64_t key;
    int64_t value;
    uint64_t client;
    uint64_t request;
    ds_port *port; /* where the client waits, and for which answer */
    uint64_t question;
} ds__update;

/* What is kept is prefixes of one row: each member has all that the next one
 * has, committed is how much the tail has, and at most n.  It is on disk before
 * anybody is told. */
typedef struct ds__history {
    ds__update *updates; /* n of them */
    size_t n, room;
    uint64_t committed;
} ds__history;

/* Who is in the chain. */
typedef struct ds__place {
    size_t member;
    uint64_t since; /* the epoch in which it was appended */
    bool complete;  /* it has had all that those before it had */
} ds__place;

typedef struct ds__order {
    uint64_t epoch; /* one more with each change, from 1; 0: unknown */
    size_t n;
    ds__place *at; /* n of them, head first, in room for all members; the head
                    * is complete */
} ds__order;

typedef struct ds__chain_packet { /* a question, and its answer */
    uint64_t number;
    enum {
        DS__WRITE = 1, /* client to head; answered by the tail */
        DS__READ,      /* client to a member */
        DS__PUT,       /* to the next member: updates from .number on, and how
                        * many there are in all */
        DS__HAS,       /* back: how many there are, and are committed */
        DS__ASK,       /* to the tail, for a client: how many it has */
        DS__TELL,      /* back */
        DS__PING,      /* member to master */
        DS__ORDER,     /* client to master; both get the order */
    } kind;
    uint64_t epoch; /* among members, of the sender */
    uint64_t n;
    uint64_t committed;
    uint64_t since; /* of a ping: of its history */
    bool complete;
    ds__update update; /* of clients */
} ds__chain_packet;

typedef struct ds__order_packet {
    ds__chain_packet p;
    uint64_t epoch;
    size_t n;
    ds__place at[];
} ds__order_packet;

typedef struct ds__chain_rules {
    /* Updates that a member has got and is about to pass on. */
    bool (*keep)(ds_handle *h, const ds__update *updates, size_t n);
    /* Whether a member may answer reads: until then it has been promised to be
     * left in the chain. */
    bool (*may_read)(double now, double until);
    /* Whether what a member has is for readers although it does not know that
     * the tail has it: Terrace, Freedman, 2.3, dirty versions. */
    bool (*shows_dirty)(void);
    /* Whether a write is in the history; *which is where. */
    bool (*is_known)(const ds__history *all, const ds__update *u,
                     size_t *which);
    /* What a member that is appended again still has. */
    bool (*begin_anew)(ds_handle *h, ds__history *all);
    /* Whether the tail may read before it has all that was before it. */
    bool (*reads_incomplete)(void);
} ds__chain_rules;

extern const ds__chain_rules ds__chain_right;

/* What the public function does, by other rules. */
void ds__chain_serve(ds_handle *h, const ds_chain *chain,
                     const ds__chain_rules *rules);

/* Where a member is in the chain; DS_NOBODY: nowhere. */
size_t ds__order_find(const ds__order *o, size_t member);

#endif
