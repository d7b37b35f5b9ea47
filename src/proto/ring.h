/* Rings: what elections on them share.
 *
 * A member knows the newest round that it has heard of, and nothing of others:
 * what comes late is dropped, and what is newer begins it. */
#ifndef PROTO_RING_H
#define PROTO_RING_H

#include <distsys/election.h>

#include "proto/bell.h"
#include "proto/links.h"

/* Which way a packet travels: to the next member, or to the one before. */
typedef enum ds__way { DS__FORTH, DS__BACK } ds__way;

typedef enum ds__ring_kind {
    DS__RING_NAME,   /* a candidate's, on its way */
    DS__RING_ANSWER, /* Hirschberg and Sinclair: nobody there is higher */
    DS__RING_LEADER, /* who has been elected */
} ds__ring_kind;

typedef struct ds__ring_packet {
    ds__head head;
    int64_t round;
    ds__ring_kind kind;
    ds__way way;
    size_t member; /* the candidate, or the leader */
    uint64_t hops; /* of a name: how many it has made */
    uint64_t far;  /* ... and after how many there is an answer; of an answer:
                    * after how many there was */
} ds__ring_packet;

struct ds_ring_member {
    const ds_ring *ring;
    const struct ds__ring_rules *rules;
    ds__links links;
    ds__bell elected;
    size_t me;
    ds_leader leader; /* of the round that is leader.epoch */
    bool stands;      /* it has sent its name, or need not */
    uint64_t far;     /* Hirschberg and Sinclair: how far it probes, and on how
                       * many sides it is the highest so far */
    int sides;
};

/* An algorithm, and where mistakes can be made in it. */
typedef struct ds__ring_rules {
    ds__links_rules links;
    /* A member stands; a packet of its round has come, and there is no leader.
     */
    void (*stand)(ds_handle *h, struct ds_ring_member *m);
    void (*take)(ds_handle *h, struct ds_ring_member *m,
                 const ds__ring_packet *p);
    /* Whether a member stops another's name. */
    bool (*stops)(const struct ds_ring_member *m, size_t other);
    /* Whether it stands itself when it has stopped one. */
    bool (*stands_then)(const struct ds_ring_member *m);
} ds__ring_rules;

extern const ds__ring_rules ds__chang_roberts_right;
extern const ds__ring_rules ds__hirschberg_sinclair_right;

void ds__ring_serve(ds_handle *h, ds_ring *ring, const ds__ring_rules *rules);

/* The right ones of both. */
bool ds__ring_stops(const struct ds_ring_member *m, size_t other);
bool ds__ring_stands_then(const struct ds_ring_member *m);

/* Sends it on the way that it says. */
void ds__ring_pass(ds_handle *h, struct ds_ring_member *m, ds__ring_packet p);

/* A name has come: it is stopped, or the member's own has come home. */
void ds__ring_stop(ds_handle *h, struct ds_ring_member *m);
void ds__ring_win(ds_handle *h, struct ds_ring_member *m);

#endif
