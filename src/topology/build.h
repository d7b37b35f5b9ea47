/* What those share who build a topology of a kind: a bound for its size, and
 * cables whose links are named after their ends, h3-s1 from host 3 to switch
 * 1, or h3-s1.2 if it is the third of several beside each other. */
#ifndef DS_TOPOLOGY_BUILD_H
#define DS_TOPOLOGY_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/topology.h>

#include "topology/cursor.h"
#include "topology/rule.h"

/* More is refused before memory is asked for. */
enum { DS__MOST_HOSTS = 1 << 20, DS__MOST_CABLES = 1 << 24 };

/* What a text says besides the shape. */
typedef struct ds__spec {
    ds_link host;        /* of the links of hosts; without a name */
    ds_link inner;       /* of the others */
    bool half;           /* a cable is one link for both directions */
    size_t ties;         /* by ds__ties */
    const char *routing; /* one of the kind's own; NULL: the first of them */
    uint64_t seed;
    bool latency_said; /* and not only a default */
} ds__spec;

/* Which way around an even ring to who is opposite. */
enum ds__ties {
    DS__TIES_SIMGRID, /* on from less, or from beyond the half; else back */
    DS__TIES_RIGHT,
    DS__TIES_EVEN, /* on from even places, back from odd ones */
};

/* A kind of network, which a text begins with. */
typedef struct ds__kind {
    const char *name;
    const char *shape;           /* what follows, as an example */
    const char *const *routings; /* of its own, up to a NULL; NULL: none */
    bool has_inner;              /* links that are not at hosts */
    bool has_ties;
    bool is_file; /* the shape is a path, and has the links */

    /* Reads the shape and builds the network; false: something is wrong. */
    bool (*build)(ds_topology *topology, ds__cursor *shape,
                  const ds__spec *spec);
} ds__kind;

extern const ds__kind ds__kind_star, ds__kind_tree, ds__kind_full;
extern const ds__kind ds__kind_ring, ds__kind_mesh, ds__kind_torus,
    ds__kind_hypercube;
extern const ds__kind ds__kind_fattree;
extern const ds__kind ds__kind_dragonfly;
extern const ds__kind ds__kind_file;

/* a * b, or SIZE_MAX if that is more. */
static inline size_t ds__times(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

/* Gives an empty topology hosts and switches.  False: with so many cables it
 * would be too large, which is said of the shape. */
bool ds__build_places(ds_topology *topology, const ds__cursor *shape,
                      size_t num_hosts, size_t num_switches, size_t num_cables);

/* Lays a cable, as two links or as one; copy: how many there are beside it
 * already. */
bool ds__build_cable(ds_topology *topology, const ds__spec *spec, size_t a,
                     size_t b, ds_link link, size_t copy);

/* The link of a cable, of those laid so; back: from b to a. */
static inline size_t ds__cable_link(bool half, size_t cable, bool back)
{
    return half ? cable : 2 * cable + back;
}

#endif
