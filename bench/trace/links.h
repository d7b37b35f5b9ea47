/* The links of a network, and the ways of its messages over them, as a trace
 * tells them. */
#ifndef BENCH_TRACE_LINKS_H
#define BENCH_TRACE_LINKS_H

#include "bench/trace/file.h"

typedef struct trace_link {
    char *name;  /* or NULL */
    double rate; /* at the end of what is told; NAN: it is not told of */
    double first_rate;
    bool fat; /* each message may have all of it */
    bool off;
} trace_link;

/* What a message takes of a link, for each byte a second that it gets. */
typedef struct trace_hop {
    uint32_t link;
    uint32_t times; /* that it crosses; 0: only what comes back does */
    double part;
} trace_hop;

typedef struct trace_way {
    double latency; /* NAN: it is not told of */
    double weight;
    double factor;
    double limit;
    trace_hop *hops;
    uint32_t num_hops;
    uint32_t wanted; /* it is known once it has so many */
} trace_way;

/* Links at their numbers; ways from 1. */
typedef struct trace_links {
    trace_link *links;
    size_t num_links;
    size_t max_links;
    trace_way *ways;
    size_t num_ways;
    size_t max_ways;
    uint32_t last; /* the way that hops belong to */
} trace_links;

/* Takes a record of one of the kinds link, way, hop and share.  most: what its
 * numbers can be. */
void trace_links_take(trace_links *links, const trace_record *record,
                      uint64_t most);
void trace_links_free(trace_links *links);

/* NULL: nothing is told of it, or not all. */
const trace_link *trace_link_of(const trace_links *links, uint32_t link);
const trace_way *trace_way_of(const trace_links *links, uint32_t way);

/* The bytes a second that a message of a way gets if it is alone, with the
 * rates that links have now; NAN: that is not known. */
double trace_way_rate(const trace_links *links, uint32_t way);

#endif
