/* A network on which each message takes so many seconds, and which counts them:
 * for algorithms that promise how many messages and round trips they take. */
#ifndef COUNTED_H
#define COUNTED_H

#include "stage.h"

#include <distsys/group.h>
#include <distsys/switch.h>

/* What was sent on it, of messages that were not lost by faults too. */
typedef struct counted {
    ds_net *net;
    size_t messages;
    double bytes;
} counted;

/* c stays the caller's, until the loop goes.  Another network takes the
 * messages, unless it is NULL. */
void counted_new(counted *c, ds_loop *loop, double latency, ds_net *other);

/* A loop with a counted network, machines with disks, and a group of the first
 * members of them. */
enum { PARTY_MOST = 132 };
typedef struct party {
    ds_loop *loop;
    counted wire;
    ds_maxmin_switch model;
    ds_node *nodes[PARTY_MOST];
    ds_port *ports[PARTY_MOST];
    ds_group group;
} party;

/* With a rate, parties that are made from now on have their messages share a
 * switch, whose ports take so many bytes a second each, besides the latency; 0:
 * they do not. */
void party_use_switch(double rate);

void party_new(party *p, uint64_t seed, size_t members, size_t others,
               double latency);

/* Waits until somebody has become the leader of a party in which all are silent
 * for that long, and at most twice as long, and has told others so. */
void party_wait_for_leader(const party *p, ds_handle *h, double patience);

/* A call has taken so many seconds, and on a switch as long besides as one port
 * needs for so many bytes: those that go through it one after the other, or
 * share it. */
void ck_party_took(double took, double seconds, double bytes);

/* How long that is; 0 without a switch. */
double party_drain(double bytes);

/* Runs what is behind it twice: without a switch, and with one. */
#define EACH_WAY                                                               \
    for (double rate_ = 0;                                                     \
         party_use_switch(rate_ < 5000 ? rate_ : 0), rate_ < 5000;             \
         rate_ += 4096)

#endif
