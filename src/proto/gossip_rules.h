/* Gossip: packets, what a member has, and the rules in which a mistake can be
 * made, so that a test can put a wrong one in the place of a right one.
 *
 * A packet says what is so of its sender when it leaves, and nothing depends on
 * which other one it answers: entries are true for ever, and a digest that is
 * old costs a message in vain.  So nobody keeps anything of an exchange, and
 * packets may be lost, doubled and overtake each other. */
#ifndef PROTO_GOSSIP_RULES_H
#define PROTO_GOSSIP_RULES_H

#include <distsys/gossip.h>

#include "proto/entries_rules.h"

enum {
    DS__PARTS = 16, /* into which a range is taken that differs */
    DS__FEW = 16    /* entries of a range that are told instead, >= DS__PARTS */
};

typedef struct ds__gossip_rules {
    const ds__entries_rules *entries; /* what stays, and digests */
    /* Whether an entry is told that was a rumour in so many periods. */
    bool (*is_hot)(size_t periods, size_t hot);
    /* Whether an entry becomes a rumour that has changed what was known; its
     * key may have been known. */
    bool (*is_rumour)(bool key_was_known);
    /* Whether two sets have the same in a range. */
    bool (*is_same)(const ds_entries_sum *mine, const ds_entries_sum *other);
} ds__gossip_rules;

extern const ds__gossip_rules ds__gossip_right;

/* ---- Packets --------------------------------------------------------------*/

/* The keys from one on and less than another. */
typedef struct ds__range {
    ds_key from;
    ds_key to; /* the least key there is: without end */
} ds__range;

/* What its sender has in a range. */
typedef struct ds__claim {
    ds__range range;
    uint64_t count;
    uint64_t digest;
    uint64_t listed; /* 1: all of it is in this packet; 0: it is not */
} ds__claim;

/* Behind it come the claims, and then the entries, in the order of keys. */
typedef struct ds__gossip_head {
    uint32_t claims;
    uint32_t entries;
    uint64_t asks; /* 1: for rumours */
} ds__gossip_head;

/* A packet that is read, or one that is written, which is a member's to free;
 * zeros: there is nothing in it. */
typedef struct ds__told {
    const ds__claim *claims;
    const ds_entry *entries;
    size_t num_claims;
    size_t num_entries;
    bool asks;
} ds__told;

typedef struct ds__letter {
    ds__claim *claims;
    ds_entry *entries;
    size_t num_claims;
    size_t num_entries;
    size_t max_claims;
    size_t max_entries;
    bool asks;
    bool failed; /* there was no memory for some of it */
} ds__letter;

void ds__letter_add_claim(ds__letter *l, const ds__claim *claim);
void ds__letter_add_entry(ds__letter *l, const ds_entry *entry);
void ds__letter_free(ds__letter *l);

/* The message's, as long as that. */
ds__told ds__told_by(const ds_msg *m);

/* The entry of that key in it; NULL: there is none. */
const ds_entry *ds__told_find(const ds__told *told, const ds_key *key);

/* Whether there is nothing to send. */
bool ds__letter_is_empty(const ds__letter *l);

/* Sends it, and empties it. */
void ds__letter_send(ds_handle *h, const ds_group *g, size_t to, ds__letter *l);

/* ---- Members --------------------------------------------------------------*/

typedef struct ds__rumour {
    const ds_entry *entry; /* of what is known */
    size_t periods;        /* in which it was told */
} ds__rumour;

/* Invariant: rumours are in the order of their keys, each once. */
struct ds_gossip_member {
    const ds_gossip *gossip;
    const ds__gossip_rules *rules;
    size_t me;
    ds_entries *known;
    ds__rumour *rumours;
    size_t num_rumours;
    size_t max_rumours;
    ds__letter letter; /* empty, but while one is written */
};

void ds__gossip_serve(ds_handle *h, const ds_gossip *gossip,
                      const ds__gossip_rules *rules);

/* Takes an entry in.  False: no memory, and nothing has changed. */
bool ds__member_learn(struct ds_gossip_member *m, const ds_entry *entry,
                      bool *news);

/* A period begins: rumours that are hot no longer are none. */
void ds__member_cool(struct ds_gossip_member *m);

/* Writes down what a member has: its rumours, but for those that somebody has
 * told (NULL: nobody); its claim of everything; or, of what somebody claims,
 * what the two differ in. */
void ds__write_rumours(struct ds_gossip_member *m, const ds__told *told);
void ds__write_all(struct ds_gossip_member *m);
void ds__write_differences(struct ds_gossip_member *m, const ds__told *told);

#endif
