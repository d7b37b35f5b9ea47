/* Progressive filling, for networks of any shape: the definition of max-min
 * fairness, as plain as it can be, to hold the engine of flows against. */

#ifndef FILLING_H
#define FILLING_H

#include "net/flow/flow.h"

typedef struct filling_flow {
    const ds__hop *hops; /* of which link and unit count */
    size_t num_hops;
    double weight;
    double limit; /* INFINITY: none */
    double rate;  /* the result: what it takes, before any factor */
    bool decided;
} filling_flow;

typedef struct filling_link {
    double capacity;
    bool fat;
} filling_link;

/* Raises the level of all flows until some link is full or some flow has its
 * limit; those keep what they have, and the others go on. */
void filling_rates(const filling_link *links, size_t num_links,
                   filling_flow *flows, size_t num_flows);

#endif
