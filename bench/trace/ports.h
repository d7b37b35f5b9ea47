/* How much the ports of a switched network were used: who had how much of it,
 * worked out anew from the messages and the model.
 *
 * Rates are not traced, for they follow from who is under way.  So whenever
 * that changes, the model is asked what it gave to whom. */
#ifndef BENCH_TRACE_PORTS_H
#define BENCH_TRACE_PORTS_H

#include "bench/trace/model.h"

/* One way of a node. */
typedef struct trace_use {
    double full;  /* seconds that it could carry no more */
    double bytes; /* that it has carried */
    double peak;  /* the highest share of its rate, at most 1 */
} trace_use;

typedef struct trace_ports {
    trace_use
        *use; /* 2 * node: what it sends; 2 * node + 1: what it receives */
    char why[120];
} trace_ports;

/* false: that is not known, since (why; empty: there are none). */
bool trace_ports_find(trace_ports *ports, const trace_model *model);
void trace_ports_free(trace_ports *ports);

/* Called for each span of time in which nothing changes, with the bytes a
 * second of each way, as in trace_ports.use. */
typedef void trace_rates_fn(void *arg, double from, double to,
                            const double *rates);
bool trace_rates_each(const trace_model *model, trace_rates_fn *fn, void *arg,
                      char why[120]);

#endif
