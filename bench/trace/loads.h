/* How much what carries messages was used: the ports of a switched network, or
 * the links of a routed one.
 *
 * Rates are not traced, for they follow from who is under way.  So whenever
 * that changes, the model is asked what it gave to whom. */
#ifndef BENCH_TRACE_LOADS_H
#define BENCH_TRACE_LOADS_H

#include "bench/trace/view.h"

/* A port of a node, one way, or a link. */
typedef struct trace_carrier {
    uint32_t node;          /* 0: it is */
    const trace_link *link; /* this, */
    uint32_t number;        /* and this is its number */
    bool in;                /* a port: what is received */
    double rate;            /* bytes a second; of a link at the beginning */
} trace_carrier;

/* Invariant: of ports, those of node i are at 2 * (i - 1): out, and in. */
typedef struct trace_carriers {
    trace_carrier *all;
    size_t n;
    uint32_t net; /* whose they are */
    bool are_links;
} trace_carriers;

/* What one carries at a moment, and how much of what it can, from 0 to 1.  A
 * link may be full by less than its rate, since what comes back takes some. */
typedef struct trace_load {
    double bytes; /* a second */
    double share;
} trace_load;

/* false: it is not known what there is; why is empty if there is nothing. */
enum { TRACE_WHY = 120 };
bool trace_carriers_find(trace_carriers *carriers, const trace_model *model,
                         char why[TRACE_WHY]);
void trace_carriers_free(trace_carriers *carriers);

/* What it is called: that of a port is of its node. */
const char *trace_carrier_name(const trace_view *view,
                               const trace_carrier *carrier, char *buf,
                               size_t size);

/* Called for each span of time in which nothing changes, with the load of each
 * carrier.  false: there is too much to work out. */
typedef void trace_loads_fn(void *arg, double from, double to,
                            const trace_load *loads);
bool trace_loads_each(const trace_model *model, const trace_carriers *carriers,
                      trace_loads_fn *fn, void *arg);

/* Over all of the run. */
typedef struct trace_use {
    double full;  /* seconds that it could carry no more */
    double bytes; /* that it has carried */
    double peak;  /* the highest share, at most 1 */
} trace_use;

typedef struct trace_uses {
    trace_carriers carriers;
    trace_use *use; /* of each */
    char why[TRACE_WHY];
} trace_uses;

/* false: that is not known, since (why; empty: there are none). */
bool trace_uses_find(trace_uses *uses, const trace_model *model);
void trace_uses_free(trace_uses *uses);

#endif
