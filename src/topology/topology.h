/* The inside of a topology, for those who build one.
 *
 * Links are numbered; a cable also says between which places its links lead.
 * How a way is found: a route that was given goes first, then a rule if the
 * kind of network has one, which works ways out without keeping any, and else
 * the shortest way over the cables. */
#ifndef DS_TOPOLOGY_TOPOLOGY_H
#define DS_TOPOLOGY_TOPOLOGY_H

#include <stdatomic.h>
#include <stdbool.h>

#include <distsys/topology.h>

#include "topology/given.h"
#include "topology/graph.h"
#include "topology/names.h"
#include "topology/rule.h"

enum { DS__TOPOLOGY_ERROR_MAX = 1024 };

/* What a link is like when, in a text that timetable.h reads. */
typedef struct ds__link_profile {
    size_t link;
    const char *text; /* kept among the names */
} ds__link_profile;

/* Invariants: each link is sound, and its name is kept; of profiles the last of
 * a link counts; arcs are between places
 * and over links that there are, in the order of the links; graph is NULL or
 * that of all arcs. */
struct ds_topology {
    size_t num_hosts;
    size_t num_places; /* hosts, and then switches */
    ds_link *links;
    size_t num_links;
    size_t max_links;
    bool closed; /* hosts do not forward */
    ds__arc *arcs;
    size_t num_arcs;
    size_t max_arcs;
    ds__link_profile *profiles;
    size_t num_profiles;
    size_t max_profiles;
    ds__names names;
    ds__given given;
    ds__rule *rule; /* owned; NULL: shortest ways */
    _Atomic(ds__graph *) graph;
    atomic_bool exhausted; /* a way was not found for lack of memory */
    bool no_memory;        /* and that is what is wrong */
    char error[DS__TOPOLOGY_ERROR_MAX];
};

/* Says what is wrong, unless something was before; always false. */
__attribute__((format(printf, 2, 3))) bool
ds__topology_wrong(ds_topology *topology, const char *format, ...);

/* Says that there is no memory for a call; always false. */
bool ds__topology_no_memory(ds_topology *topology, const char *call);

static inline bool ds__topology_is_sound(const ds_topology *topology)
{
    return topology->error[0] == '\0';
}

/* Says that a link, no lower than any before, leads from place a to b.  False:
 * something is wrong. */
bool ds__topology_add_arc(ds_topology *topology, size_t a, size_t b,
                          size_t link);

/* Says what a link is like when, in a text that is sound.  False: no memory,
 * which is said. */
bool ds__topology_add_profile(ds_topology *topology, size_t link,
                              const char *text);

/* Whether the ways depend on what goes on in the network. */
static inline bool ds__topology_asks(const ds_topology *topology)
{
    return topology->rule != NULL && topology->rule->asks;
}

/* Does what ds_topology_route() does while this goes on in the network. */
size_t ds__topology_route(const ds_topology *topology,
                          const ds__question *question, size_t *links,
                          size_t max);

/* The graph of all cables; NULL: no memory.  Any thread may ask. */
ds__graph *ds__topology_graph(const ds_topology *topology);

void ds__topology_check(const ds_topology *topology);

#endif
