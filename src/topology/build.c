/* What those share who build a topology of a kind; see the header. */

#include "topology/build.h"

#include <stdio.h>

#include "base/invariant.h"
#include "topology/topology.h"

bool ds__build_places(ds_topology *topology, const ds__cursor *shape,
                      size_t num_hosts, size_t num_switches, size_t num_cables)
{
    assert(topology->num_places == 1 && topology->num_links == 0);
    assert(num_hosts > 0);
    if (num_hosts > DS__MOST_HOSTS)
        return ds__cursor_wrong(shape, shape->text,
                                "too many hosts; allowed: up to %d",
                                DS__MOST_HOSTS);
    if (num_cables > DS__MOST_CABLES || num_switches > DS__MOST_CABLES)
        return ds__cursor_wrong(shape, shape->text,
                                "too many cables; allowed: up to %d",
                                DS__MOST_CABLES);
    topology->num_hosts = num_hosts;
    topology->num_places = num_hosts + num_switches;
    return true;
}

enum { NAME_MAX_LENGTH = 100 };

/* How a place is called: h3, or s3 for the third switch from 0. */
static int name_place(const ds_topology *topology, char *name, size_t size,
                      size_t place)
{
    bool host = place < topology->num_hosts;

    return snprintf(name, size, "%c%zu", host ? 'h' : 's',
                    host ? place : place - topology->num_hosts);
}

static void name_link(const ds_topology *topology, char *name, size_t size,
                      size_t a, size_t b, size_t copy)
{
    int n = name_place(topology, name, size, a);

    n += snprintf(name + n, size - (size_t)n, "-");
    n += name_place(topology, name + n, size - (size_t)n, b);
    if (copy > 0)
        snprintf(name + n, size - (size_t)n, ".%zu", copy);
}

static bool add_link(ds_topology *topology, size_t a, size_t b, ds_link link,
                     size_t copy)
{
    char name[NAME_MAX_LENGTH];

    name_link(topology, name, sizeof(name), a, b, copy);
    link.name = name;
    size_t number = ds_topology_add_link(topology, link);
    return number != SIZE_MAX && ds__topology_add_arc(topology, a, b, number);
}

bool ds__build_cable(ds_topology *topology, const ds__spec *spec, size_t a,
                     size_t b, ds_link link, size_t copy)
{
    if (!add_link(topology, a, b, link, copy))
        return false;
    if (!spec->half)
        return add_link(topology, b, a, link, copy);
    return ds__topology_add_arc(topology, b, a, topology->num_links - 1);
}
