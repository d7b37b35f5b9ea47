/* The least cut, by the greatest flow (Dinic, 1970): as long as there are ways
 * with room from the one half to the other, all the shortest of them are
 * filled.
 *
 * What is sent over an arc leaves as much room for taking it back, so each arc
 * has one the other way beside it. */

#include "bench/topology/cut.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "topology/topology.h"

typedef struct edge {
    uint32_t to;
    uint32_t next; /* of the same place; NONE: the last */
    double room;
} edge;

#define NONE UINT32_MAX

/* Edge 2 i goes over an arc, and 2 i + 1 back. */
typedef struct flow {
    edge *edges;
    uint32_t *first; /* by place */
    uint32_t *at;    /* from which edge on there may be room */
    uint32_t *level;
    uint32_t *queue;
    uint32_t num_edges;
    uint32_t num_places; /* with a source and a sink as the last */
    double least;        /* less room than this is none */
} flow;

static void add_edge(flow *f, uint32_t from, uint32_t to, double room)
{
    f->edges[f->num_edges] = (edge){ to, f->first[from], room };
    f->first[from] = f->num_edges++;
    f->edges[f->num_edges] = (edge){ from, f->first[to], 0 };
    f->first[to] = f->num_edges++;
}

/* Whether there is a way from the source to the sink; counts how far all places
 * are from the source. */
static bool set_levels(flow *f)
{
    const uint32_t source = f->num_places - 2;
    uint32_t n = 0;

    for (uint32_t p = 0; p < f->num_places; p++)
        f->level[p] = NONE;
    f->level[source] = 0;
    f->queue[n++] = source;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t e = f->first[f->queue[i]]; e != NONE;
             e = f->edges[e].next)
            if (f->edges[e].room > f->least &&
                f->level[f->edges[e].to] == NONE) {
                f->level[f->edges[e].to] = f->level[f->queue[i]] + 1;
                f->queue[n++] = f->edges[e].to;
            }
    return f->level[source + 1] != NONE;
}

/* Sends as much as there is room for over one way, and returns how much.  The
 * way is kept in the queue, as its edges. */
static double fill_way(flow *f)
{
    const uint32_t source = f->num_places - 2;
    uint32_t place = source;
    uint32_t n = 0;
    double room = INFINITY;

    while (place != source + 1) {
        const uint32_t e = f->at[place];

        if (e == NONE) { /* nothing leads on from here */
            if (n == 0)
                return 0;
            place = f->edges[f->queue[--n] ^ 1].to;
            f->at[place] = f->edges[f->at[place]].next;
        } else if (f->edges[e].room > f->least &&
                   f->level[f->edges[e].to] == f->level[place] + 1) {
            f->queue[n++] = e;
            place = f->edges[e].to;
        } else {
            f->at[place] = f->edges[e].next;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        room = fmin(room, f->edges[f->queue[i]].room);
    for (uint32_t i = 0; i < n; i++) {
        f->edges[f->queue[i]].room -= room;
        f->edges[f->queue[i] ^ 1].room += room;
    }
    return room;
}

static double fill(flow *f)
{
    double sum = 0;

    while (set_levels(f)) {
        double sent;

        memcpy(f->at, f->first, f->num_places * sizeof(*f->at));
        while ((sent = fill_way(f)) > 0)
            sum += sent;
    }
    return sum;
}

/* Hosts of the lower half are where it begins, others where it ends. */
static void add_all(flow *f, const ds_topology *topology)
{
    const uint32_t source = f->num_places - 2;
    double all = 0;

    for (size_t i = 0; i < topology->num_links; i++)
        all += topology->links[i].rate;
    f->least = all * 1e-12;
    for (size_t i = 0; i < topology->num_arcs; i++) {
        const ds__arc *arc = &topology->arcs[i];
        const ds_link *link = &topology->links[arc->link];

        add_edge(f, arc->from, arc->to,
                 link->sharing == DS_FATPIPE ? all : link->rate);
    }
    for (uint32_t i = 0; i < topology->num_hosts; i++)
        if (i < topology->num_hosts / 2)
            add_edge(f, source, i, all);
        else
            add_edge(f, i, source + 1, all);
}

double cut_halves(const ds_topology *topology)
{
    const size_t places = topology->num_places + 2;
    const size_t edges = 2 * (topology->num_arcs + topology->num_hosts);
    flow f = {
        .edges = args_alloc(edges, sizeof(*f.edges)),
        .first = args_alloc(places, sizeof(*f.first)),
        .at = args_alloc(places, sizeof(*f.at)),
        .level = args_alloc(places, sizeof(*f.level)),
        .queue = args_alloc(places, sizeof(*f.queue)),
        .num_places = (uint32_t)places,
    };

    for (size_t p = 0; p < places; p++)
        f.first[p] = NONE;
    add_all(&f, topology);
    const double sum = fill(&f);
    free(f.edges);
    free(f.first);
    free(f.at);
    free(f.level);
    free(f.queue);
    return sum;
}
