/* Rings, meshes, tori and hypercubes: hosts on a grid, each with a cable to the
 * next in each dimension.
 *
 * Ways go dimension by dimension, the first one first, and the shorter way
 * around.  A hypercube is a mesh of two in each dimension, a ring a torus of
 * one dimension.  Where a ring has two places only, one cable joins them. */

#include <stdlib.h>

#include "base/invariant.h"
#include "topology/build.h"
#include "topology/topology.h"

enum { MOST_DIMENSIONS = 20 };
static_assert(1 << MOST_DIMENSIONS == DS__MOST_HOSTS,
              "a hypercube has as many hosts as there may be");

typedef struct grid {
    size_t n; /* dimensions */
    size_t sides[MOST_DIMENSIONS];
    bool wraps; /* the last place of a side is next to the first */
} grid;

#define NO_CABLE UINT32_MAX

/* Invariant: cables has, for each host and then each dimension, the cable to
 * the next, or NO_CABLE. */
typedef struct grid_rule {
    ds__rule rule;
    grid grid;
    enum ds__ties ties;
    bool half;
    uint32_t cables[];
} grid_rule;

static size_t count_hosts(const grid *g)
{
    size_t n = 1;

    for (size_t i = 0; i < g->n; i++)
        n = ds__times(n, g->sides[i]);
    return n;
}

/* ---- Ways -----------------------------------------------------------------*/

/* Whether the way around a ring of d from x to y is onwards. */
static bool is_onwards(const grid_rule *rule, size_t x, size_t y, size_t d)
{
    if (!rule->grid.wraps)
        return x < y;
    const size_t onwards = (y + d - x) % d;
    if (2 * onwards != d)
        return 2 * onwards < d;
    if (rule->ties == DS__TIES_RIGHT)
        return true;
    if (rule->ties == DS__TIES_EVEN)
        return x % 2 == 0;
    return x < y || x > d / 2;
}

/* Goes one place on in a dimension, or back. */
static size_t step(const grid_rule *rule, size_t host, size_t stride, size_t d,
                   bool onwards)
{
    const size_t x = host / stride % d;
    const size_t to = onwards ? (x + 1) % d : (x + d - 1) % d;

    assert(rule->grid.wraps || (onwards ? x + 1 < d : x > 0));
    return host - x * stride + to * stride;
}

/* The link between two places next to each other; where both have no other
 * neighbour, the cable is that of the first. */
static size_t link_between(const grid_rule *rule, size_t dimension, size_t from,
                           size_t to, bool onwards)
{
    const size_t n = rule->grid.n;
    bool back = !onwards;
    uint32_t cable = rule->cables[(onwards ? from : to) * n + dimension];

    if (cable == NO_CABLE) {
        back = !back;
        cable = rule->cables[(onwards ? to : from) * n + dimension];
    }
    assert(cable != NO_CABLE);
    return ds__cable_link(rule->half, cable, back);
}

static ds__way grid_route(const ds__rule *self, const ds_topology *topology,
                          const ds__question *question, ds__trail *path)
{
    const grid_rule *rule = (const grid_rule *)self;
    size_t host = question->from;
    size_t stride = 1;

    for (size_t i = 0; i < rule->grid.n; i++) {
        const size_t d = rule->grid.sides[i];
        const size_t y = question->to / stride % d;
        const bool onwards = is_onwards(rule, host / stride % d, y, d);

        while (host / stride % d != y) {
            size_t next = step(rule, host, stride, d, onwards);

            ds__trail_add(path, link_between(rule, i, host, next, onwards));
            host = next;
        }
        stride *= d;
    }
    assert(host == question->to && host < topology->num_hosts);
    return DS__WAY_FOUND;
}

/* ---- Cables ---------------------------------------------------------------*/

/* Whether a place x of d has a cable of its own to the next. */
static bool has_next(const grid *g, size_t x, size_t d)
{
    return x + 1 < d || (g->wraps && d > 2);
}

static size_t count_cables(const grid *g)
{
    size_t hosts = count_hosts(g);
    size_t n = 0;

    if (hosts > DS__MOST_HOSTS)
        return SIZE_MAX;
    for (size_t i = 0; i < g->n; i++) {
        size_t d = g->sides[i];

        n += hosts / d * (g->wraps && d > 2 ? d : d - 1);
    }
    return n;
}

static bool lay_cables(ds_topology *topology, grid_rule *rule,
                       const ds__spec *spec)
{
    const grid *g = &rule->grid;
    uint32_t laid = 0;

    for (size_t host = 0; host < topology->num_hosts; host++)
        for (size_t i = 0, stride = 1; i < g->n; stride *= g->sides[i++]) {
            uint32_t *cable = &rule->cables[host * g->n + i];
            size_t d = g->sides[i];

            *cable = NO_CABLE;
            if (!has_next(g, host / stride % d, d))
                continue;
            *cable = laid++;
            if (!ds__build_cable(topology, spec, host,
                                 step(rule, host, stride, d, true), spec->host,
                                 0))
                return false;
        }
    return true;
}

static bool build_grid(ds_topology *topology, const ds__cursor *shape,
                       const grid *g, const ds__spec *spec)
{
    const size_t hosts = count_hosts(g);

    if (!ds__build_places(topology, shape, hosts, 0, count_cables(g)))
        return false;
    grid_rule *rule =
        malloc(sizeof(*rule) + hosts * g->n * sizeof(*rule->cables));
    if (rule == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    rule->rule = (ds__rule){ .route = grid_route };
    rule->grid = *g;
    rule->ties = (enum ds__ties)spec->ties;
    rule->half = spec->half;
    topology->rule = &rule->rule;
    return lay_cables(topology, rule, spec);
}

/* ---- Shapes ---------------------------------------------------------------*/

static bool read_sides(ds__cursor *shape, grid *g)
{
    for (;;) {
        if (g->n == MOST_DIMENSIONS)
            return ds__cursor_wrong(shape, shape->at,
                                    "too many dimensions; allowed: up to %d",
                                    MOST_DIMENSIONS);
        if (!ds__cursor_count(shape, "the side of a dimension", 1,
                              DS__MOST_HOSTS, &g->sides[g->n++]))
            return false;
        if (shape->at == shape->end)
            return true;
        if (!ds__cursor_sign(shape, 'x', "the side of another dimension"))
            return false;
    }
}

static bool build_mesh(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    grid g = { .wraps = false };

    return read_sides(shape, &g) && build_grid(topology, shape, &g, spec);
}

static bool build_torus(ds_topology *topology, ds__cursor *shape,
                        const ds__spec *spec)
{
    grid g = { .wraps = true };

    return read_sides(shape, &g) && build_grid(topology, shape, &g, spec);
}

static bool build_ring(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    grid g = { .n = 1, .wraps = true };

    return ds__cursor_count(shape, "the number of hosts", 1, DS__MOST_HOSTS,
                            &g.sides[0]) &&
           ds__cursor_end(shape, "the number of hosts") &&
           build_grid(topology, shape, &g, spec);
}

static bool build_hypercube(ds_topology *topology, ds__cursor *shape,
                            const ds__spec *spec)
{
    grid g = { .wraps = false };

    if (!ds__cursor_count(shape, "the number of dimensions", 0, MOST_DIMENSIONS,
                          &g.n) ||
        !ds__cursor_end(shape, "the number of dimensions"))
        return false;
    for (size_t i = 0; i < g.n; i++)
        g.sides[i] = 2;
    return build_grid(topology, shape, &g, spec);
}

static const char *const by_dimension[] = { "dimension", NULL };

const ds__kind ds__kind_ring = {
    .name = "ring",
    .shape = "16",
    .routings = by_dimension,
    .has_ties = true,
    .build = build_ring,
};

const ds__kind ds__kind_mesh = {
    .name = "mesh",
    .shape = "4x4",
    .routings = by_dimension,
    .build = build_mesh,
};

const ds__kind ds__kind_torus = {
    .name = "torus",
    .shape = "4x4x4",
    .routings = by_dimension,
    .has_ties = true,
    .build = build_torus,
};

const ds__kind ds__kind_hypercube = {
    .name = "hypercube",
    .shape = "5",
    .routings = by_dimension,
    .build = build_hypercube,
};
