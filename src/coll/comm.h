/* Inside comms: groups, their members, and how members' packets meet.
 *
 * Each member has two ports, one for the program's own packets and one for the
 * library's.  What arrives at the second is matched by key (mailbox.h): the
 * number of the call, the sender, the step. */
#ifndef DS_COLL_COMM_H
#define DS_COLL_COMM_H

#include <distsys/allreduce.h>
#include <distsys/collective.h>
#include <distsys/comm.h>
#include <distsys/cost.h>

#include "coll/chain.h"
#include "coll/mailbox.h"
#include "loop/loop.h"

/* How many edges a member has for its pipelines: as many as the algorithm that
 * uses the most of them. */
#define DS__MAX_EDGES 6

/* A collective call that one member is in, from ds__call_begin() to
 * ds__call_end().  What all members must agree upon stands first and is the
 * caller's; the rest is the library's. */
typedef struct ds__call {
    const char *function;  /* the public one */
    const char *algorithm; /* its name, or NULL */
    const char *op;        /* likewise */
    size_t len;            /* elements each member gives */
    size_t size;           /* ... of so many bytes */
    size_t root;           /* or 0 */
    size_t granularity;    /* parameters of the algorithm */
    size_t group;
    size_t chunk;
    const ds_shape *shape; /* likewise, or NULL */

    /* Elements of the part of each member; NULL: there are no parts, or this
     * one does not know.  It may know its own, a vector. */
    const size_t *counts;
    const ds_vec *part;

    uint64_t number;        /* from 1, alike on all members */
    size_t *const *cuts;    /* to where parts begin, once somebody has said */
    struct ds__call *outer; /* the call this one was made in, or NULL */

    /* Whom the member waits for, for reports, when a packet may come from
     * several; empty means anybody. */
    size_t peers[DS__MAX_EDGES];
    size_t num_peers;
} ds__call;

/* What the first member to make a call said about it, kept until all the
 * others have made it too. */
typedef struct ds__agreement ds__agreement;

/* A way to another member on which the sender sees that its packets arrive.
 * Invariant: of an edge that is not `sends` at most one packet is under way. */
typedef struct ds__edge {
    ds_stream *done; /* made when it is first needed, and then kept */
    size_t busy;     /* packets that have not arrived */
    ds__trip latest; /* the packet that left last */
    ds__key key;     /* of the packet that was posted last */
    size_t to;       /* ... and its receiver */
} ds__edge;

/* What a member waits for: an event on one of n streams, which comes from a
 * rank or is the arrival there of what was sent. */
typedef struct ds__awaited {
    ds_stream *const *streams;
    size_t n;
    size_t rank; /* DS__ANY: several, or nobody knows */
    bool sends;
} ds__awaited;

/* Is told that a message was waited for since then, after which time has
 * passed: one that has come from a rank, or has gone to one. */
typedef void ds__waited_fn(ds_comm *c, double since, const ds__trip *trip,
                           size_t rank, bool sends);

/* Waits for that, in the place of ds_poll(), and sees to other things
 * meanwhile; false: the simulation is over. */
typedef bool ds__wait_fn(ds_comm *c, const ds__awaited *what, ds_event *event);

/* A member belongs to its own thread, the holder of the baton.
 *
 * A packet that must wait until the receiver expects it lies in the receiver's
 * parked.  What the receiver expects and nobody has sent yet has an empty
 * packet of its key in expected.  Invariant: no key is in both. */
struct ds_comm {
    struct ds__comm_group *group;
    ds_handle *handle;
    size_t rank;
    ds_comm_mode mode;
    double eager;  /* most bytes of what leaves at once in eager mode */
    ds_port *own;  /* for the program's packets */
    ds_port *port; /* for the library's */

    ds__mailbox early;     /* arrived and not yet wanted */
    ds__mailbox announced; /* empty ones of what was sent by tag, in order */
    uint32_t announcements;
    ds__mailbox parked;
    ds__mailbox expected;
    ds__edge sends; /* of everything that ds__packet_flush() waits for */
    ds__edge edges[DS__MAX_EDGES];

    ds_path path;      /* what led to its present moment */
    uint64_t last;     /* message on it; 0: there is none, or nobody knows */
    ds__call *call;    /* the innermost one it is in, or NULL */
    uint64_t calls;    /* how many it has begun */
    uint64_t oldest;   /* packets of calls before this one come too late */
    ds__agreement *at; /* of its latest call, or NULL */

    const char *function;  /* of point to point; calls have their own */
    ds__key wanted;        /* while it waits for a packet */
    ds__wait_fn *wait;     /* NULL: its thread has nothing else to see to */
    ds__waited_fn *waited; /* likewise; NULL: nobody wants to know */
    void *waiter;          /* belongs to these */
    double sent;           /* bytes of its packets so far */
    ds_vec *into;          /* room for the result of the next call, if the
                            * caller has any; or NULL */
    uint64_t thread;       /* the number of its thread; 0: none has joined */
    size_t was;            /* its rank where the group was made from, or 0 */
};

/* The packets of a group.  Networks may have some until they go. */
typedef struct ds__packets {
    ds__resident resident;
    ds__slab slab;
} ds__packets;

/* One loop, one network, size members.  Freed with the loop. */
typedef struct ds__comm_group {
    ds__resident resident;
    ds__packets *packets;
    bool settled; /* nobody asks any more who has left out a call: it has been
                   * asked, or a member could not go on */
    ds_loop *loop;
    ds_net *net;
    ds_comm_fn *fn;
    void *arg;
    ds__agreement *newest;
    ds__agreement *oldest;
    bool keeps; /* chain */
    ds__chain chain;
    struct ds__comm_group *parent;  /* that it was made from, or NULL */
    struct ds__comm_group *sibling; /* another one of the same call, or NULL */
    int color;                      /* in that */
    size_t size;
    ds_comm members[];
} ds__comm_group;

/* Makes a group without members, with room for n; its nodes are sound. */
ds__comm_group *ds__members_new(ds_net *net, size_t n, const char *call);

/* Adds the next member, who has no thread yet; false: no memory, recorded. */
bool ds__members_add(ds__comm_group *group, ds_node *node);

/* Whether a group can be made of that; if not, that is recorded. */
bool ds__members_check(ds_loop *loop, const ds_net *net, ds_node *const *nodes,
                       size_t n, const char *call);

/* Gives a member to a thread. */
void ds__comm_give(ds_comm *c, ds_handle *h);

/* Tells whether a member has no thread, since none has joined, or it has
 * returned. */
static inline bool ds__comm_is_vacant(const ds_comm *c)
{
    return c->thread == 0 || !ds__handle_is_alive(c->handle, c->thread);
}

/* Returns where the groups are listed that were made in c's latest call. */
ds__comm_group **ds__call_children(ds_comm *c);

/* Tells whether c is in no call; if it is, that is misuse. */
bool ds__comm_check_between(ds_comm *c, const char *function);

/* collective.c: a collective under the name of another function. */
ds_vec *ds__collective_enter(const char *function, const ds_collective *how,
                             ds_comm *c, ds_vec *mine, const ds_op *op,
                             size_t root);

/* Asserts what is true of a member between any two of its calls. */
void ds__comm_check(const ds_comm *c);

/* ---- Modes ----------------------------------------------------------------*/

/* Returns what a mode is called in texts; NULL: there is no such mode. */
const char *ds__mode_name(ds_comm_mode mode);

/* Tells whether a packet of c of this size leaves at once, whatever the
 * receiver does. */
bool ds__mode_leaves(const ds_comm *c, double size);

/* ---- Calls ----------------------------------------------------------------*/

/* Tells whether c's own thread is calling and the simulation goes on. */
bool ds__comm_enter(ds_comm *c, const char *function);

/* Tell whether a vector is one and a rank exists, and fail the run if not. */
bool ds__comm_check_vec(ds_comm *c, const ds_vec *vec, const char *function);
bool ds__comm_check_rank(ds_comm *c, size_t rank, const char *function);

/* Tells whether the vectors of all members, each of this length, have no more
 * elements together than can be counted; if not, that is misuse. */
bool ds__comm_check_total(ds_comm *c, size_t len, const char *function);

/* Begins a call, which gets its number.  False, and misuse is recorded, if an
 * earlier member said something else of it, for all make the same calls in the
 * same order.  Calls may nest. */
bool ds__call_begin(ds_comm *c, ds__call *call);

/* Ends the innermost call.  Takes the result and returns it, or NULL if the
 * simulation is over. */
ds_vec *ds__call_end(ds_comm *c, ds_vec *result);

/* Tells whether an algorithm with these traits can run in c's mode and with op;
 * if not, that is misuse. */
bool ds__call_check(ds_comm *c, const ds__call *call, unsigned traits,
                    const ds_op *op);

/* Adds a rank to call's peers, if it is not among them. */
void ds__call_add_peer(ds__call *call, size_t rank);

void ds__agreements_free(ds__comm_group *group);

/* Adds a line, "\n  ...", for each call that some have made and others, which
 * are in none, have not. */
void ds__calls_report(const ds__comm_group *group, ds__text *text);

/* Adds the name of a call's algorithm, as far as that is still known, and its
 * number. */
void ds__call_describe(const ds__comm_group *group, uint64_t number,
                       ds__text *text);

/* Misuse if there is such a call now that all members have returned. */
void ds__calls_compare(ds__comm_group *group);

/* Asserts what is true of the records of calls. */
void ds__agreements_check(const ds__comm_group *group);

/* ---- The critical path ----------------------------------------------------*/

/* Continues the path of c, which has waited since then, with the message that
 * took this trip. */
void ds__comm_waited(ds_comm *c, double since, const ds__trip *trip,
                     size_t rank, bool sends);

/* ---- Packets --------------------------------------------------------------*/

/* A packet leaves at once, or, if the mode and its size say so, by rendezvous:
 * when both sides are there.  It has been posted, and the receiver expects it.
 */

/* A packet of c's with this key; NULL: no memory, which is not recorded. */
ds__packet *ds__packet_make(ds_comm *c, ds__key key, ds_vec *vec, double size);

/* Sends a packet and takes it; NULL: no memory, which is recorded.  If it goes
 * by rendezvous, ds__packet_flush() waits for its arrival. */
void ds__packet_post(ds_comm *c, size_t to, ds__packet *packet);

/* Sends one vector to all others. */
void ds__packet_post_others(ds_comm *c, ds__key key, ds_vec *vec);

/* Sends a packet over an edge, which shows in any mode when it has arrived. */
void ds__packet_post_edge(ds_comm *c, size_t to, ds__packet *packet,
                          ds__edge *edge);

/* Lets one packet of this key come. */
void ds__packet_expect(ds_comm *c, ds__key key);

/* Waits for the packet of a key, which must have been expected, and returns it
 * for the caller to free; NULL: the simulation is over. */
ds__packet *ds__packet_take(ds_comm *c, ds__key key);

/* The same, if it has come; else NULL at once. */
ds__packet *ds__packet_arrived(ds_comm *c, ds__key key);

/* The same for packets of a program's own, of which several may be under way
 * with one tag; they are received in the order they were sent in, whatever the
 * network does.  Whoever comes second knows which packet meets which receive:
 * a sender that comes first announces its packet under a number, and a receiver
 * that comes first is expecting the packet without one.
 *
 * Expecting returns the key under which the packet will come. */
void ds__packet_post_tagged(ds_comm *c, size_t to, ds__packet *packet);
ds__key ds__packet_expect_tagged(ds_comm *c, ds__key key);

/* Waits until everything posted has arrived; false: the simulation is over. */
bool ds__packet_flush(ds_comm *c);

/* Waits until a packet has arrived, either here or from here over one of n
 * edges; false: the simulation is over.  ds__packet_arrived() then tells
 * which. */
bool ds__packet_wait(ds_comm *c, ds__edge *edges, size_t n);

/* Tells whether that would return at once. */
bool ds__packet_pending(const ds_comm *c, const ds__edge *edges, size_t n);

/* ---- Reports --------------------------------------------------------------*/

/* What a member waits for, as the note of its handle: the packet it wants, the
 * arrival of the one it sent last, either of several. */
void ds__note_take(const void *c, char *buf, size_t size);
void ds__note_flush(const void *c, char *buf, size_t size);
void ds__note_wait(const void *c, char *buf, size_t size);

/* Whose doing it would be, likewise.  A packet that the network has is nobody's
 * any more. */
size_t ds__whom_take(const void *c, ds_handle *whom[DS__MAX_WHOM]);
size_t ds__whom_flush(const void *c, ds_handle *whom[DS__MAX_WHOM]);
size_t ds__whom_wait(const void *c, ds_handle *whom[DS__MAX_WHOM]);

/* Adds lines, "\n  ...", on what has arrived at members that have not ended,
 * and that they have not received. */
void ds__unread_report(const ds__comm_group *group, ds__text *text);

/* Returns the public function that c is in. */
const char *ds__comm_function(const ds_comm *c);
void ds__comm_fail_memory(ds_comm *c);

#endif
