/* Mutual exclusion: what its algorithms share, and their rules, so that a test
 * can put a wrong one in the place of a right one.
 *
 * An algorithm is told when its member wants to enter, when it has left, and of
 * each packet; it calls ds__mutex_enter() when the member may.  A request has
 * the time of a Lamport clock, and of two with the same that of the lower
 * member is older. */
#ifndef PROTO_MUTEX_RULES_H
#define PROTO_MUTEX_RULES_H

#include <distsys/clocks.h>
#include <distsys/mutex.h>

#include "proto/bell.h"
#include "proto/links.h"

typedef enum ds__mutex_what {
    DS__REQUEST,
    DS__ANSWER,  /* yes: a reply, a grant, the privilege, the token */
    DS__RELEASE, /* who was inside has left */
    DS__INQUIRE, /* Maekawa: may the grant be had back? */
    DS__YIELD,   /* ... yes */
} ds__mutex_what;

typedef struct ds__mutex_packet {
    ds__head head;
    ds__mutex_what what;
    ds_lamport time; /* of a request, or of the packet */
} ds__mutex_packet;

typedef enum ds__mutex_state {
    DS__OUTSIDE,
    DS__WANTS,
    DS__INSIDE
} ds__mutex_state;

/* What a member knows of another, or of itself. */
typedef struct ds__mutex_peer {
    ds_lamport request; /* since when it waits; Raymond: since which turn; 0: it
                         * does not */
    ds_lamport heard;   /* Lamport: its last packet */
    bool deferred;      /* Ricart, Agrawala: it has no answer yet */
    bool granted;       /* Maekawa: it has said yes */
} ds__mutex_peer;

/* Of the threads of a machine one has its turn, and only for that one the
 * member wants to enter or is inside. */
struct ds_mutex_member {
    const ds_mutex *mutex;
    const ds_mutex_kind *kind;
    ds__links links;
    size_t me;
    ds__mutex_state state;
    bool taken;     /* some thread has its turn */
    ds__bell turn;  /* for which the others wait */
    ds__bell enter; /* for which that one waits */

    ds_lamport clock;
    ds_lamport mine; /* the time of its request, while it wants or is inside */
    ds__mutex_peer *of; /* each member */
    size_t answers;     /* Ricart, Agrawala; Maekawa: how many it has */
    size_t stride;      /* Maekawa: k, see ds__in_quorum() */
    ds_lamport given; /* Maekawa: the time of the request that has its grant; 0:
                       * none */
    size_t holder;    /* ... and whose it is; Raymond: the way to the token;
                       * token ring: the member itself, if it has it */
    bool asked;       /* Maekawa: to have it back; Raymond: for the token */
};

/* An algorithm; what it does not need is NULL. */
struct ds_mutex_kind {
    ds__links_rules links;
    void (*begin)(ds_handle *h, struct ds_mutex_member *m);
    void (*want)(ds_handle *h, struct ds_mutex_member *m);
    void (*leave)(ds_handle *h, struct ds_mutex_member *m);
    void (*take)(ds_handle *h, struct ds_mutex_member *m, size_t from,
                 const ds__mutex_packet *p);
    /* Lamport; Ricart, Agrawala: what the member's clock learns of a time. */
    void (*learns)(struct ds_mutex_member *m, ds_lamport time);
    /* Lamport: whether the member, who wants to, may enter. */
    bool (*may_enter)(const struct ds_mutex_member *m);
    /* Ricart, Agrawala: whether a request that has come waits. */
    bool (*defers)(const struct ds_mutex_member *m, size_t from,
                   ds_lamport time);
    /* Maekawa: whether a grant is asked back for a member that waits; whether
     * the member gives one back that is asked for; how many it needs. */
    bool (*inquires)(const struct ds_mutex_member *m, size_t oldest);
    bool (*yields)(const struct ds_mutex_member *m, size_t from,
                   ds_lamport time);
    size_t (*needs)(const struct ds_mutex_member *m);
    /* Token ring, Raymond: whether the member may give the token away. Raymond:
     * whether it asks for it back for those who wait. */
    bool (*gives)(const struct ds_mutex_member *m);
    bool (*asks_back)(const struct ds_mutex_member *m);
};

/* Rules that several have: the next request of this member is later than all
 * that it has seen; the token stays with who is inside. */
void ds__mutex_learn(struct ds_mutex_member *m, ds_lamport time);
bool ds__mutex_is_outside(const struct ds_mutex_member *m);

void ds__mutex_serve(ds_handle *h, ds_mutex *mutex, const ds_mutex_kind *kind);

/* The member wants to enter, and may. */
void ds__mutex_enter(ds_handle *h, struct ds_mutex_member *m);

/* What is told to the member itself is taken at once, and is no message. */
void ds__mutex_tell(ds_handle *h, struct ds_mutex_member *m, size_t to,
                    ds__mutex_what what, ds_lamport time);
void ds__mutex_tell_others(ds_handle *h, struct ds_mutex_member *m,
                           ds__mutex_what what, ds_lamport time);

/* Whether a request of member a is older than one of member b. */
bool ds__is_older(ds_lamport time_a, size_t a, ds_lamport time_b, size_t b);

/* Of all who wait, who has waited for longest, and not at all if request is 0;
 * DS_NOBODY: nobody does. */
size_t ds__mutex_oldest(const struct ds_mutex_member *m);

/* Maekawa: whether member i is in the quorum of a member; of n members with k,
 * those that follow it by 0, 1, ... k - 1, and by multiples of k until half of
 * the ring is covered.  Whatever the distance of two members, one way or the
 * other, is a multiple of k less something below k. */
bool ds__in_quorum(size_t n, size_t k, size_t me, size_t i);
size_t ds__quorum_size(size_t n, size_t k);
size_t ds__quorum_stride(size_t n); /* the k of the smallest quorums */

#endif
