/* Inside comms: groups, their members, and how members' packets meet.
 *
 * Each member has two ports, one for the program's own packets and one for the
 * library's.  What arrives at the second is matched by key (mailbox.h): the
 * number of the call, the sender, the step. */
#ifndef DS_COLL_COMM_H
#define DS_COLL_COMM_H

#include <distsys/comm.h>

#include "coll/mailbox.h"
#include "loop/loop.h"

#define DS__ELEMENT_SIZE 8.0 /* bytes on the wire */

/* A collective call that one member is in, from ds__call_begin() to
 * ds__call_end().  What all members must agree upon stands first and is the
 * caller's; the rest is the library's. */
typedef struct ds__call {
    const char *function;  /* the public one */
    const char *algorithm; /* or NULL */
    size_t len;            /* elements each member gives */
    size_t root;           /* or whatever else must be alike */

    uint64_t number;        /* from 1, alike on all members */
    struct ds__call *outer; /* the call this one was made in, or NULL */
} ds__call;

/* What the first member to make a call said about it, kept until all the
 * others have made it too. */
typedef struct ds__agreement ds__agreement;

/* A member belongs to its own thread, the holder of the baton. */
struct ds_comm {
    struct ds__group *group;
    ds_handle *handle;
    size_t rank;
    ds_port *own;      /* for the program's packets */
    ds_port *port;     /* for the library's */
    ds__mailbox early; /* arrived and not yet wanted */

    ds__call *call;    /* the innermost one it is in, or NULL */
    uint64_t calls;    /* how many it has begun */
    uint64_t oldest;   /* packets of calls before this one are stale */
    ds__agreement *at; /* of its latest call, or NULL */

    ds__key wanted; /* while it waits */
};

/* One loop, one network, size members.  Freed with the loop. */
typedef struct ds__group {
    ds__resident resident;
    ds_loop *loop;
    ds_net *net;
    ds_comm_fn *fn;
    void *arg;
    ds__agreement *newest;
    ds__agreement *oldest;
    size_t size;
    ds_comm members[];
} ds__group;

/* ---- Calls ----------------------------------------------------------------*/

/* Whether c's own thread is calling and the simulation goes on. */
bool ds__comm_enter(ds_comm *c, const char *function);

/* The same for a call that takes a vector or a rank; no vector is DS_ENOMEM,
 * no such rank DS_EMISUSE. */
bool ds__comm_check_vec(ds_comm *c, const ds_vec *vec, const char *function);
bool ds__comm_check_rank(ds_comm *c, size_t rank, const char *function);

/* Members make the same calls in the same order: false, and misuse is
 * recorded, if an earlier member said otherwise.  Calls may nest. */
bool ds__call_begin(ds_comm *c, ds__call *call);
void ds__call_end(ds_comm *c);

void ds__agreements_free(ds__group *group);

/* ---- Packets --------------------------------------------------------------*/

/* Sends a packet to a member and takes it; NULL: no memory, recorded. */
void ds__packet_send(ds_comm *c, size_t to, ds__packet *packet);

/* The next packet under key: the caller's; NULL: the simulation is over. */
ds__packet *ds__packet_recv(ds_comm *c, ds__key key);

/* One vector to all others, in one batch. */
void ds__packet_send_others(ds_comm *c, ds__key key, ds_vec *vec);

void ds__comm_fail_memory(ds_comm *c);

#endif
