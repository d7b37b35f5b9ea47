/* The gate: every message that is about to arrive at a port passes here, by
 * whatever network it came.
 *
 * It has taken its time and its capacity by then.  A listener can lose a
 * message, put it off, keep it back, have it arrive twice, or damage it.  With
 * nobody listening the gate is one branch for each message, and nothing else is
 * different.
 *
 * A listener that draws lots draws them by the way of the message, which is the
 * network and the two nodes, and by its number on this way: so that whatever
 * happens to other messages changes none of them.  The numbers count from when
 * somebody first listens, so who wants to make things fail listens from the
 * beginning, even if that is later. */
#ifndef DS_NET_GATE_H
#define DS_NET_GATE_H

#include <math.h>

#include "base/list.h"
#include "base/table.h"
#include "net/net.h"

/* A message is about to arrive; false: it does not, or has been handled. */
bool ds__gate_arrive(ds__event *event);

/* What judge() may say besides a number of seconds. */
#define DS__GATE_LOSE INFINITY
#define DS__GATE_KEEP (-1)

/* asked of a box about which nobody is to be asked any more. */
#define DS__SETTLED UINT32_MAX

/* A way that is in no square (see gate.c): by its network, and the numbers of
 * the nodes from and to. */
typedef struct ds__way {
    ds__entry entry; /* first */
    uint64_t count;  /* messages that have been asked about */
} ds__way;

/* A listener.  The caller sets judge, and the rest is the gate's.
 *
 * Invariants: ways is a sound table of ds__way; kept holds boxes with a message
 * that are not on their way. */
struct ds__gate {
    /* Says in how many seconds to ask again about a message; 0: it arrives now;
     * DS__GATE_LOSE: it is lost; DS__GATE_KEEP: it is kept until it is
     * released.  The message may be changed, but for its source and dest. */
    double (*judge)(ds__gate *self, ds__box *box);

    /* Whether one that nobody is asked about any more may arrive, or is lost;
     * NULL: it may. */
    bool (*may_land)(const ds__box *box);

    ds__resident resident;
    ds_loop *loop;
    ds__loss_reason
        why;       /* the last one was lost, if the listener has said so */
    bool asking;   /* what the listener has delivered is settled */
    ds__link kept; /* in the order of keeping, through event.link */
    ds__table ways;
    uint64_t lost; /* here */
    uint64_t doubled;
};

/* Listens to all that arrives at the ports of a loop, for as long as it lives;
 * one for each loop.  The loop's end drops what is kept; the gate itself is the
 * caller's.  False: no memory, recorded under call. */
bool ds__gate_listen(ds__gate *gate, ds_loop *loop, const char *call);

/* How many messages a node has sent over a network, of those that have been
 * asked about. */
uint64_t ds__gate_asked(const ds_net *net, const ds_node *from);

/* Lets a box that was kept arrive, at this instant and without being asked
 * about again. */
void ds__gate_release(ds__gate *gate, ds__box *box);

/* Loses a box that was kept, since its link is cut. */
void ds__gate_lose(ds__gate *gate, ds__box *box);

/* Has a second one arrive beside the message about which is being asked, so
 * many seconds from now, without being asked about.  False: it cannot be
 * copied. */
bool ds__gate_double(ds__gate *gate, const ds__box *box, double seconds);

void ds__gate_check(const ds__gate *gate);

#endif
