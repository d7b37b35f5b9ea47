#ifndef DISTSYS_BROADCAST_H
#define DISTSYS_BROADCAST_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Messages that all members of a group deliver, in an order that the group has
 * chosen: Cachin, Guerraoui, Rodrigues, "Introduction to Reliable and Secure
 * Distributed Programming", 2nd edition, 2011, chapters 3 and 6. */

/* What of two messages is delivered first, by each member. */
typedef enum ds_broadcast_order {
    DS_BROADCAST_UNORDERED = 0,
    DS_BROADCAST_FIFO,   /* of one sender: the one that was sent first */
    DS_BROADCAST_CAUSAL, /* the one that its sender had sent or delivered
                          * before it sent the other, by vectors of n numbers:
                          * Birman, Schiper, Stephenson, "Lightweight Causal and
                          * Atomic Group Multicast", TOCS 9(3), 1991 */
    DS_BROADCAST_TOTAL,  /* any two, the same for all members, and of one sender
                          * the one that was sent first: member 0, the
                          * sequencer, numbers them all.  If it crashes, nothing
                          * more is delivered but what it had numbered */
} ds_broadcast_order;

/* What all members know.  Plain data: who makes it keeps it. */
typedef struct ds_broadcast {
    ds_group group;
    uint64_t instance; /* packets of others are dropped, so that one group can
                        * do one after the other */
    ds_broadcast_order order;
    bool reliable; /* who hears a message first sends it on, before it delivers
                    * it: if one delivers it, all do that do not crash, even if
                    * its sender has crashed in the middle.  False, best effort:
                    * all do if the sender does not crash */
    double again;  /* seconds after which a packet that has not been
                    * acknowledged is sent again; 0: packets are not
                    * acknowledged, and none may be lost */
} ds_broadcast;

/* A member's part in it: what it has heard, and delivered. */
typedef struct ds_broadcaster ds_broadcaster;

/* Takes part from now on, on a machine of the group; what is returned goes with
 * the machine.  One thread receives; others on this machine may send.  NULL:
 * there is no memory, or it is over.
 *
 * A crash makes a machine forget what it has sent and delivered: it may join
 * another instance afterwards, and not the same again. */
ds_broadcaster *ds_broadcast_join(ds_handle *h, const ds_broadcast *b);

/* Sends a copy of so many bytes to all members, of which the caller is one.
 *
 * Without reliable it is n packets, of which one is to the sender itself; with
 * it, at most (n - 1) (n - 2) more, which is what it is if all take equally
 * long.  In total order there is one more, to the sequencer.  To acknowledge
 * doubles that.  Observers are told what is sent and what is delivered. */
void ds_broadcast_send(ds_handle *h, ds_broadcaster *me, const void *bytes,
                       size_t size);

/* Delivers the next message: source is the port of the member that sent it, and
 * the caller drops it with ds_msg_drop().  If time runs out, its dest is NULL.
 * False: it is over.  Packets are sent on, acknowledged and sent again while
 * somebody is in these calls, and only then. */
bool ds_broadcast_recv(ds_handle *h, ds_broadcaster *me, ds_msg *msg);
bool ds_broadcast_recv_timeout(ds_handle *h, ds_broadcaster *me, double seconds,
                               ds_msg *msg);

#ifdef __cplusplus
}
#endif

#endif
