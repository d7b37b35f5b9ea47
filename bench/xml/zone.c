/* Ways inside of one zone; see platform.h. */

#include "bench/xml/platform.h"

#include <stdlib.h>
#include <string.h>

/* ---- Edges ----------------------------------------------------------------*/

static edge *find_edge(const zone *z, size_t from, size_t to)
{
    for (size_t i = 0; i < z->num_edges; i++)
        if (z->edges[i].from == from && z->edges[i].to == to)
            return &z->edges[i];
    return NULL;
}

void zone_add_edge(zone *z, size_t from, size_t to, way w,
                   const xml_element *where)
{
    z->edges = xml_room(z->edges, z->num_edges, sizeof(*z->edges));
    z->edges[z->num_edges++] = (edge){ from, to, w, where };
}

static int by_ends(const void *a, const void *b)
{
    const edge *x = a;
    const edge *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* Looks for a way that is there twice, among copies that are sorted. */
static void refuse_doubles(const zone *z)
{
    const size_t n = z->num_edges;
    edge *sorted = xml_alloc(n + 1, sizeof(*sorted));

    if (n > 0)
        memcpy(sorted, z->edges, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_ends);
    for (size_t i = 1; i < n; i++)
        if (by_ends(&sorted[i - 1], &sorted[i]) == 0) {
            const edge *first = &sorted[i - 1];
            const edge *second = &sorted[i];
            const bool later = second->where->line > first->where->line;
            xml_wrong(later ? second->where : first->where,
                      "there is a way from '%.60s' to '%.60s' already",
                      z->points[first->from]->name, z->points[first->to]->name);
        }
}

/* ---- The way to oneself ---------------------------------------------------*/

/* What SimGrid gives hosts that have no other: 10 GB/s for each message. */
static hop default_loopback(platform *p, const zone *z)
{
    if (p->loopback == 0)
        p->loopback = platform_add_link(p, z->where,
                                        (ds_link){ .name = "__loopback__",
                                                   .rate = 10e9,
                                                   .sharing = DS_FATPIPE })
                          .link +
                      1;
    return (hop){ p->loopback - 1, p->loopback - 1 };
}

static void add_loopbacks(platform *p, zone *z)
{
    if (z->has_zones)
        return;
    for (size_t i = 0; i < z->num_points; i++) {
        if (z->points[i]->kind != POINT_HOST || find_edge(z, i, i) != NULL)
            continue;
        const hop h = default_loopback(p, z);
        zone_add_edge(z, i, i, way_of(&h, 1), z->where);
    }
}

/* ---- Full -----------------------------------------------------------------*/

/* Square tables are for so many points. */
static void check_size(const zone *z)
{
    if (z->num_points > 10000)
        xml_wrong(z->where,
                  "zone '%.60s' has %zu hosts, routers and zones; "
                  "allowed: up to 10000",
                  z->self.name, z->num_points);
}

static void seal_full(zone *z)
{
    const size_t n = z->num_points;

    check_size(z);
    z->table = xml_alloc(n * n + 1, sizeof(*z->table));
    for (size_t i = 0; i < z->num_edges; i++)
        z->table[z->edges[i].from * n + z->edges[i].to] = i + 1;
}

static bool find_full(const zone *z, size_t from, size_t to, way *w)
{
    const size_t which = z->table[from * z->num_points + to];

    if (which > 0)
        *w = z->edges[which - 1].way;
    return which > 0;
}

/* ---- Several edges to a way -----------------------------------------------*/

/* Puts ways together that follow each other; between two that meet in a zone,
 * but at different gateways of it, lies the way from one to the other. */
typedef struct chain {
    platform *p;
    hop *hops;
    size_t n;
    const point *enter, *leave;
} chain;

static void add_hop(chain *c, hop h)
{
    c->hops = xml_room(c->hops, c->n, sizeof(*c->hops));
    c->hops[c->n++] = h;
}

static bool add_edge(chain *c, const way *w)
{
    if (c->leave != NULL && w->enter != c->leave) {
        const uint32_t *links;
        size_t n;
        if (!route_find(c->p, c->leave, w->enter, &links, &n))
            return false;
        for (size_t i = 0; i < n; i++)
            add_hop(c, (hop){ links[i], c->p->backs[links[i]] });
    }
    for (size_t i = 0; i < w->n; i++)
        add_hop(c, w->hops[i]);
    if (c->enter == NULL)
        c->enter = w->enter;
    c->leave = w->leave;
    return true;
}

/* Goes back from the end by who is before; false: there is no way. */
static bool follow(platform *p, const zone *z, const size_t *before,
                   size_t from, size_t to, way *w)
{
    size_t *stops = xml_alloc(z->num_points + 1, sizeof(*stops));
    size_t n = 0;
    chain c = { .p = p };

    stops[n++] = to;
    do {
        if (before[stops[n - 1]] == SIZE_MAX || n > z->num_points)
            return false;
        stops[n] = before[stops[n - 1]];
        n++;
    } while (stops[n - 1] != from);
    for (size_t i = n - 1; i > 0; i--)
        if (!add_edge(&c, &find_edge(z, stops[i], stops[i - 1])->way))
            return false;
    *w = (way){ c.n, c.hops, c.enter, c.leave };
    return true;
}

/* ---- Floyd ----------------------------------------------------------------*/

/* The least number of links; of several the one that was found first. */
static void seal_floyd(zone *z)
{
    const size_t n = z->num_points;
    size_t *cost = xml_alloc(n * n + 1, sizeof(*cost));

    if (n > 2000)
        xml_wrong(z->where,
                  "zone '%.60s' has %zu hosts, routers and zones; "
                  "allowed with Floyd: up to 2000",
                  z->self.name, n);
    z->table = xml_alloc(n * n + 1, sizeof(*z->table));
    for (size_t i = 0; i < n * n; i++)
        z->table[i] = cost[i] = SIZE_MAX;
    for (size_t i = 0; i < z->num_edges; i++) {
        const edge *e = &z->edges[i];
        z->table[e->from * n + e->to] = e->from;
        cost[e->from * n + e->to] = e->way.n;
    }
    for (size_t c = 0; c < n; c++)
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < n; b++) {
                const size_t one = cost[a * n + c];
                const size_t two = cost[c * n + b];
                if (one == SIZE_MAX || two == SIZE_MAX ||
                    one + two >= cost[a * n + b])
                    continue;
                cost[a * n + b] = one + two;
                z->table[a * n + b] = z->table[c * n + b];
            }
}

/* ---- Dijkstra -------------------------------------------------------------*/

static void note_order(zone *z, bool *seen, size_t at)
{
    if (seen[at])
        return;
    seen[at] = true;
    z->orders[z->num_orders++] = at;
}

/* Points count in the order in which edges name them. */
static void seal_dijkstra(zone *z)
{
    bool *seen = xml_alloc(z->num_points + 1, sizeof(*seen));

    z->orders = xml_alloc(z->num_points + 1, sizeof(*z->orders));
    for (size_t i = 0; i < z->num_edges; i++) {
        note_order(z, seen, z->edges[i].from);
        note_order(z, seen, z->edges[i].to);
    }
}

/* The one that is nearest and not done; of several the first in order. */
static size_t nearest(const zone *z, const size_t *cost, const bool *done)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < z->num_orders; i++) {
        const size_t at = z->orders[i];
        if (!done[at] && cost[at] < SIZE_MAX &&
            (best == SIZE_MAX || cost[at] < cost[best]))
            best = at;
    }
    return best;
}

static bool find_dijkstra(platform *p, const zone *z, size_t from, size_t to,
                          way *w)
{
    const size_t n = z->num_points;
    size_t *cost = xml_alloc(n + 1, sizeof(*cost));
    size_t *before = xml_alloc(n + 1, sizeof(*before));
    bool *done = xml_alloc(n + 1, sizeof(*done));

    if (from == to) {
        const edge *e = find_edge(z, from, to);
        if (e != NULL)
            *w = e->way;
        return e != NULL;
    }
    for (size_t i = 0; i < n; i++)
        cost[i] = before[i] = SIZE_MAX;
    cost[from] = 0;
    for (size_t at; (at = nearest(z, cost, done)) != SIZE_MAX;) {
        done[at] = true;
        for (size_t i = 0; i < z->num_edges; i++) {
            const edge *e = &z->edges[i];
            if (e->from != at || cost[at] + e->way.n >= cost[e->to])
                continue;
            cost[e->to] = cost[at] + e->way.n;
            before[e->to] = at;
        }
    }
    return cost[to] < SIZE_MAX && follow(p, z, before, from, to, w);
}

/* ---- Star -----------------------------------------------------------------*/

/* Up and down; a link that is in both is crossed once. */
static bool find_star(const zone *z, size_t from, size_t to, way *w)
{
    const arm *a = &z->arms[from];
    const arm *b = &z->arms[to];
    hop *hops = xml_alloc(a->up.n + b->down.n + 1, sizeof(*hops));
    size_t n = 0;

    if (from == to && a->loop.n > 0) {
        *w = a->loop;
        return true;
    }
    for (size_t i = 0; i < a->up.n + b->down.n; i++) {
        const hop h = i < a->up.n ? a->up.hops[i] : b->down.hops[i - a->up.n];
        size_t k = 0;
        while (k < n && hops[k].link != h.link)
            k++;
        if (k == n)
            hops[n++] = h;
    }
    *w = (way){ .n = n, .hops = hops };
    return true;
}

/* ---- Torus, fat-tree, dragonfly -------------------------------------------*/

static size_t put_limiter(hop *hops, size_t n, const uint32_t *limiters,
                          size_t at)
{
    if (limiters == NULL || limiters[at] == 0)
        return n;
    hops[n] = (hop){ limiters[at] - 1, limiters[at] - 1 };
    return n + 1;
}

enum { MOST_HOPS = 256 };

/* Reads one end of a link's name, such as h3 or s0: a host, or a switch behind
 * the hosts. */
static size_t read_end(const zone *z, const char *name)
{
    const size_t number = strtoul(name + 1, NULL, 10);

    return *name == 'h' ? number : ds_topology_num_hosts(z->cube) + number;
}

/* Where a link leads to from one of its ends. */
static size_t other_end(const zone *z, size_t link, size_t at)
{
    const char *name = ds_topology_link(z->cube, link)->name;
    const size_t one = read_end(z, name);

    return one == at ? read_end(z, strchr(name, '-') + 1) : one;
}

static bool find_cube(const platform *p, const zone *z, size_t from, size_t to,
                      way *w)
{
    size_t links[MOST_HOPS];
    hop *hops = xml_alloc(2 * MOST_HOPS + 2, sizeof(*hops));
    size_t at = from;
    size_t n = 0;

    if (from == to && z->loops != NULL) {
        const uint32_t loop = z->loops[from] - 1;
        *w = way_of(&(hop){ loop, loop }, 1);
        return true;
    }
    const size_t num =
        ds_topology_route(z->cube, from, to, 0, links, MOST_HOPS);
    if (num > MOST_HOPS)
        return false;
    n = put_limiter(hops, n, z->limiters, from);
    for (size_t i = 0; i < num; i++) {
        const uint32_t link = (uint32_t)(z->cube_base + links[i]);
        hops[n++] = (hop){ link, p->backs[link] };
        at = other_end(z, links[i], at);
        n = put_limiter(hops, n, z->limiters, at);
    }
    *w = (way){ .n = n, .hops = hops };
    return true;
}

/* ---- Any ------------------------------------------------------------------*/

void zone_seal(platform *p, zone *z)
{
    if (z->routing <= ROUTING_DIJKSTRA) {
        refuse_doubles(z);
        add_loopbacks(p, z);
    }
    if (z->routing == ROUTING_FULL)
        seal_full(z);
    else if (z->routing == ROUTING_FLOYD)
        seal_floyd(z);
    else if (z->routing == ROUTING_DIJKSTRA)
        seal_dijkstra(z);
}

bool zone_find_way(platform *p, zone *z, const point *from, const point *to,
                   way *w)
{
    *w = (way){ 0 };
    switch (z->routing) {
    case ROUTING_FULL:
        return find_full(z, from->at, to->at, w);
    case ROUTING_FLOYD:
        return follow(p, z, &z->table[from->at * z->num_points], from->at,
                      to->at, w);
    case ROUTING_DIJKSTRA:
        return find_dijkstra(p, z, from->at, to->at, w);
    case ROUTING_STAR:
        return find_star(z, from->at, to->at, w);
    case ROUTING_CUBE:
        return find_cube(p, z, from->at, to->at, w);
    case ROUTING_NONE:
        break;
    }
    return false;
}
