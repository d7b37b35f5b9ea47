/* The least cut, by the greatest flow (Dinic, 1970): as long as there are ways
 * with room from the one half to the other, all the shortest of them are
 * filled.
 *
 * What is sent over an arc leaves as much room for taking it back, so each arc
 * has one the other way beside it. */

#include "bench/common/cut.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

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

/* ---- A topology as a flow -------------------------------------------------*/

/* A link from place to place, one way of it. */
typedef struct arc {
    size_t link;
    uint32_t from;
    uint32_t to;
} arc;

typedef struct arcs {
    arc *list;
    size_t n;
    size_t num_places;
} arcs;

static void add_arc(arcs *a, size_t link, size_t from, size_t to)
{
    a->list[a->n++] = (arc){ link, (uint32_t)from, (uint32_t)to };
    if (from >= a->num_places)
        a->num_places = from + 1;
    if (to >= a->num_places)
        a->num_places = to + 1;
}

static arcs arcs_of(const ds_topology *topology)
{
    const size_t links = ds_topology_num_links(topology);
    arcs a = {
        .list = args_alloc(2 * links, sizeof(*a.list)),
        .num_places = ds_topology_num_hosts(topology),
    };

    for (size_t i = 0; i < links; i++) {
        size_t from, to;
        const size_t ways = ds_topology_ends(topology, i, &from, &to);
        if (ways > 0)
            add_arc(&a, i, from, to);
        if (ways > 1)
            add_arc(&a, i, to, from);
    }
    return a;
}

static flow flow_new(const arcs *a, size_t num_hosts)
{
    const size_t places = a->num_places + 2;
    flow f = {
        .edges = args_alloc(2 * (a->n + num_hosts), sizeof(*f.edges)),
        .first = args_alloc(places, sizeof(*f.first)),
        .at = args_alloc(places, sizeof(*f.at)),
        .level = args_alloc(places, sizeof(*f.level)),
        .queue = args_alloc(places, sizeof(*f.queue)),
        .num_places = (uint32_t)places,
    };

    for (size_t p = 0; p < places; p++)
        f.first[p] = NONE;
    return f;
}

static void flow_free(flow *f)
{
    free(f->edges);
    free(f->first);
    free(f->at);
    free(f->level);
    free(f->queue);
}

/* Sends as much as can be from half to half.  Edges of arcs come first. */
static double send(flow *f, const ds_topology *topology, const arcs *a,
                   bool back)
{
    const size_t hosts = ds_topology_num_hosts(topology);
    const uint32_t source = f->num_places - 2;
    double all = 0;

    for (size_t i = 0; i < ds_topology_num_links(topology); i++)
        all += ds_topology_link(topology, i)->rate;
    f->least = all * 1e-12;
    for (size_t i = 0; i < a->n; i++) {
        const ds_link *link = ds_topology_link(topology, a->list[i].link);
        add_edge(f, a->list[i].from, a->list[i].to,
                 link->sharing == DS_FATPIPE ? all : link->rate);
    }
    for (uint32_t i = 0; i < hosts; i++)
        if ((i < hosts / 2) != back)
            add_edge(f, source, i, all);
        else
            add_edge(f, i, source + 1, all);
    return fill(f);
}

double cut_halves(const ds_topology *topology)
{
    arcs a = arcs_of(topology);
    flow f = flow_new(&a, ds_topology_num_hosts(topology));
    const double sum = send(&f, topology, &a, false);

    flow_free(&f);
    free(a.list);
    return sum;
}

/* ---- The cut with the fewest bytes ----------------------------------------*/

/* Every least cut leads over edges that are full, and back over ones that carry
 * nothing; so nothing else may be cut, and the greatest flow of bytes through
 * what is left says where the fewest went. */
static void send_bytes(flow *f, const arcs *a, const double *bytes)
{
    const double least = f->least;
    double all = 1;

    for (size_t i = 0; i < a->n; i++)
        all += bytes[a->list[i].link];
    for (uint32_t e = 0; e < f->num_edges; e++) {
        const bool may_cut = f->edges[e].room <= least;
        const bool is_back = e % 2 == 1;
        const double some =
            e / 2 < a->n && !is_back ? bytes[a->list[e / 2].link] : 0;
        f->edges[e].room = may_cut ? some : all;
    }
    f->least = all * 1e-12;
    fill(f);
}

bool cut_links(const ds_topology *topology, bool back, const double *bytes,
               bool *is_cut)
{
    arcs a = arcs_of(topology);
    flow f = flow_new(&a, ds_topology_num_hosts(topology));
    const bool leads = send(&f, topology, &a, back) > 0;

    memset(is_cut, 0, ds_topology_num_links(topology) * sizeof(*is_cut));
    if (leads) {
        send_bytes(&f, &a, bytes);
        set_levels(&f);
    }
    for (size_t i = 0; leads && i < a.n; i++)
        if (f.level[a.list[i].from] != NONE && f.level[a.list[i].to] == NONE)
            is_cut[a.list[i].link] = true;
    flow_free(&f);
    free(a.list);
    return leads;
}
