/* Messages between the nodes of a switched network, given as a table, and when
 * each of them arrives. */

#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <distsys.h>

enum { TRAFFIC_MOST_NODES = 64 };

typedef struct parcel {
    double at; /* seconds; never less than that of the one before */
    size_t from;
    size_t to;
    double size;
    double arrived; /* the result; NAN: it has not */
    size_t place;   /* how many were received before it */
} parcel;

typedef struct traffic {
    size_t nodes;
    const ds_switch *model;
    double latency;
    bool idle_latency;
    bool in_order;
    bool one_batch; /* those of one instant are sent by one call */
    uint64_t seed;  /* of the loop; said when the run does not end well */
} traffic;

/* Runs it to a good end, in which everything has arrived once and where it
 * should.  Returns the virtual time. */
double traffic_run(traffic t, parcel *parcels, size_t n);

/* A model that asks another one for its rates() and has no engine: what the
 * other one is by definition. */
typedef struct definition {
    ds_switch base;
    const ds_switch *of;
} definition;

definition definition_of(const ds_switch *model);

/* |got - want| <= 1e-9 |want| */
void ck_close(double got, double want);

#endif
