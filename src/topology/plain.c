/* Networks in which there is one way or the straight one: a star, racks below a
 * root, and cables from everyone to everyone. */

#include <stdlib.h>

#include "topology/build.h"
#include "topology/topology.h"

/* ---- A star, and a tree of racks ------------------------------------------*/

static bool build_star(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    size_t n;

    if (!ds__cursor_count(shape, "the number of hosts", 1, DS__MOST_HOSTS,
                          &n) ||
        !ds__cursor_end(shape, "the number of hosts") ||
        !ds__build_places(topology, shape, n, 1, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!ds__build_cable(topology, spec, i, n, spec->host, 0))
            return false;
    return true;
}

/* Switches are the racks in order, and then the root. */
static bool build_tree(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    size_t racks, hosts;

    if (!ds__cursor_count(shape, "the number of racks", 1, DS__MOST_HOSTS,
                          &racks) ||
        !ds__cursor_sign(shape, ',', "the number of hosts of a rack") ||
        !ds__cursor_count(shape, "the number of hosts of a rack", 1,
                          DS__MOST_HOSTS, &hosts) ||
        !ds__cursor_end(shape, "the number of hosts of a rack"))
        return false;
    const size_t n = racks * hosts;
    if (!ds__build_places(topology, shape, n, racks + 1, n + racks))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!ds__build_cable(topology, spec, i, n + i / hosts, spec->host, 0))
            return false;
    for (size_t i = 0; i < racks; i++)
        if (!ds__build_cable(topology, spec, n + i, n + racks, spec->inner, 0))
            return false;
    return true;
}

const ds__kind ds__kind_star = {
    .name = "star",
    .shape = "32",
    .build = build_star,
};

const ds__kind ds__kind_tree = {
    .name = "tree",
    .shape = "4,16",
    .has_inner = true,
    .build = build_tree,
};

/* ---- Everyone to everyone -------------------------------------------------*/

typedef struct full_rule {
    ds__rule rule;
    bool half;
} full_rule;

/* Cables are those of host 0, then those of host 1 to higher ones, and so on.
 */
static ds__way full_route(const ds__rule *self, const ds_topology *topology,
                          const ds__question *question, ds__trail *path)
{
    const full_rule *full = (const full_rule *)self;
    const bool back = question->from > question->to;
    const size_t a = back ? question->to : question->from;
    const size_t b = back ? question->from : question->to;
    const size_t before = a * (2 * topology->num_hosts - a - 1) / 2;

    ds__trail_add(path, ds__cable_link(full->half, before + b - a - 1, back));
    return DS__WAY_FOUND;
}

static bool build_full(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    size_t n;

    if (!ds__cursor_count(shape, "the number of hosts", 1, DS__MOST_HOSTS,
                          &n) ||
        !ds__cursor_end(shape, "the number of hosts") ||
        !ds__build_places(topology, shape, n, 0, n * (n - 1) / 2))
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (!ds__build_cable(topology, spec, i, j, spec->host, 0))
                return false;
    full_rule *rule = malloc(sizeof(*rule));
    if (rule == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    *rule = (full_rule){ { full_route, false }, spec->half };
    topology->rule = &rule->rule;
    return true;
}

static const char *const straight[] = { "straight", NULL };

const ds__kind ds__kind_full = {
    .name = "full",
    .shape = "8",
    .routings = straight,
    .build = build_full,
};
