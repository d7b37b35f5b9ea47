/* What can be said of a network from its links and its ways alone. */
#ifndef BENCH_TOPOLOGY_SURVEY_H
#define BENCH_TOPOLOGY_SURVEY_H

#include <stddef.h>
#include <stdio.h>

#include <distsys/topology.h>

#include "bench/common/failure.h"

typedef struct survey {
    size_t hosts, switches, links;
    size_t diameter;  /* links of the longest way between hosts */
    double mean_way;  /* links of a way to another host */
    double latency;   /* the largest of a way */
    double bisection; /* bytes a second that the lower half of the hosts can
                       * send to the upper half, whatever the ways */
} survey;

failure survey_take(survey *s, const ds_topology *topology);

/* Draws its cables for dot(1). */
void survey_draw(const ds_topology *topology, FILE *out);

/* What goes over each link.  Invariant: order has the used links, the hottest
 * first, and equal ones by number. */
typedef struct load {
    const ds_topology *topology;
    size_t *messages; /* by link */
    size_t *order;
    size_t used;
} load;

/* Sends one message each from and to whom a pattern says. */
failure load_count(load *l, const ds_topology *topology, const char *pattern);
void load_free(load *l);

/* The seconds that a link takes for one byte of each message over it. */
double load_seconds(const load *l, size_t link);

#endif
