/* What the files that work out loads share; loads.h has the rest. */
#ifndef BENCH_TRACE_LOADS_OF_H
#define BENCH_TRACE_LOADS_OF_H

#include "bench/trace/loads.h"

#define TRACE_MOST_WORK 2e9 /* things that are looked at, in all */

/* loads_ports.c, of a switched network, and loads_links.c, of a routed one. */
bool trace_ports_each(const trace_model *model, const trace_carriers *carriers,
                      trace_loads_fn *fn, void *arg);
bool trace_links_each(const trace_model *model, const trace_carriers *carriers,
                      trace_loads_fn *fn, void *arg);

/* Whether the bytes of a message have gone over a network. */
static inline bool trace_goes_by(const trace_model *model, uint32_t net,
                                 const trace_message *message)
{
    return message->fate != TRACE_FORGOTTEN && message->net == net &&
           !(message->fate == TRACE_LOST && message->ended == message->sent) &&
           trace_node_of(model, message->source) != 0 &&
           trace_node_of(model, message->dest) != 0;
}

#endif
