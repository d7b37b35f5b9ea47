/* A network on which each message takes so many seconds, and which counts them:
 * for algorithms that promise how many messages and round trips they take. */
#ifndef COUNTED_H
#define COUNTED_H

#include "stage.h"

#include <distsys/group.h>

/* What was sent on it, of messages that were not lost by faults too. */
typedef struct counted {
    ds_net *net;
    size_t messages;
    double bytes;
} counted;

/* c stays the caller's, until the loop goes. */
void counted_new(counted *c, ds_loop *loop, double latency);

/* A loop with a counted network, machines with disks, and a group of the first
 * members of them. */
enum { PARTY_MOST = 128 };
typedef struct party {
    ds_loop *loop;
    counted wire;
    ds_node *nodes[PARTY_MOST];
    ds_port *ports[PARTY_MOST];
    ds_group group;
} party;

void party_new(party *p, uint64_t seed, size_t members, size_t others,
               double latency);

#endif
