/* What a topology is made of, and how it is asked. */

#include "topology/topology.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/text.h"

/* Numbers of places and links fit into 32 bits, and have one to spare. */
#define MOST (UINT32_MAX - 1)

/* ---- What is wrong --------------------------------------------------------*/

bool ds__topology_wrong(ds_topology *topology, const char *format, ...)
{
    va_list args;

    if (!ds__topology_is_sound(topology))
        return false;
    va_start(args, format);
    ds__vformat(topology->error, sizeof(topology->error), format, args);
    va_end(args);
    return false;
}

bool ds__topology_no_memory(ds_topology *topology, const char *call)
{
    topology->no_memory |= ds__topology_is_sound(topology);
    return ds__topology_wrong(topology, "%s: out of memory", call);
}

const char *ds_topology_error(const ds_topology *topology)
{
    if (ds__topology_is_sound(topology) && atomic_load(&topology->exhausted))
        return "ds_topology_route: out of memory";
    return topology->error;
}

/* ---- Making one -----------------------------------------------------------*/

ds_topology *ds_topology_new(size_t num_hosts)
{
    ds_topology *topology = calloc(1, sizeof(*topology));

    if (topology == NULL)
        return NULL;
    topology->num_hosts = num_hosts;
    topology->num_places = num_hosts;
    if (num_hosts == 0 || num_hosts > MOST)
        ds__topology_wrong(topology,
                           "ds_topology_new: %zu hosts; allowed: 1 to %zu",
                           num_hosts, (size_t)MOST);
    return topology;
}

/* What was worked out from the cables is no longer right. */
static void forget_graph(ds_topology *topology)
{
    ds__graph_free(atomic_load(&topology->graph));
    atomic_store(&topology->graph, NULL);
}

void ds_topology_free(ds_topology *topology)
{
    if (topology == NULL)
        return;
    forget_graph(topology);
    ds__given_free(&topology->given);
    ds__names_free(&topology->names);
    free(topology->rule);
    free(topology->links);
    free(topology->arcs);
    free(topology->profiles);
    free(topology);
}

/* ---- Links ----------------------------------------------------------------*/

/* Makes room for one more. */
static void *grow(void *items, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return items;
    size_t more = *max == 0 ? 16 : 2 * *max;
    void *grown = reallocarray(items, more, size);

    if (grown != NULL)
        *max = more;
    return grown;
}

/* Whether a link may be added to those there are. */
static bool is_sound(ds_topology *topology, const ds_link *link)
{
    const char *name = link->name == NULL ? "" : link->name;
    size_t number = topology->num_links;

    if (number >= MOST)
        return ds__topology_wrong(
            topology, "ds_topology_add_link: link %zu is one too many", number);
    if (!isfinite(link->rate) || link->rate <= 0)
        return ds__topology_wrong(
            topology,
            "ds_topology_add_link: link %zu (%.99s) has a rate of %g bytes a "
            "second; a rate is finite and above 0",
            number, name, link->rate);
    if (!isfinite(link->latency) || link->latency < 0)
        return ds__topology_wrong(
            topology,
            "ds_topology_add_link: link %zu (%.99s) has a latency of %g "
            "seconds; a latency is finite and at least 0",
            number, name, link->latency);
    if (link->sharing != DS_SHARED && link->sharing != DS_FATPIPE)
        return ds__topology_wrong(
            topology,
            "ds_topology_add_link: link %zu (%.99s) has a sharing of %d; "
            "allowed: DS_SHARED, DS_FATPIPE",
            number, name, (int)link->sharing);
    return true;
}

size_t ds_topology_add_link(ds_topology *topology, ds_link link)
{
    size_t number = topology->num_links;
    char digits[24];

    if (!ds__topology_is_sound(topology) || !is_sound(topology, &link))
        return SIZE_MAX;
    snprintf(digits, sizeof(digits), "%zu", number);
    link.name = ds__names_keep(&topology->names,
                               link.name == NULL ? digits : link.name);
    ds_link *links =
        grow(topology->links, number, &topology->max_links, sizeof(*links));
    if (links != NULL)
        topology->links = links;
    if (links == NULL || link.name == NULL) {
        ds__topology_no_memory(topology, "ds_topology_add_link");
        return SIZE_MAX;
    }
    links[topology->num_links++] = link;
    return number;
}

bool ds__topology_add_profile(ds_topology *topology, size_t link,
                              const char *text)
{
    const char *kept = ds__names_keep(&topology->names, text);
    ds__link_profile *profiles =
        grow(topology->profiles, topology->num_profiles,
             &topology->max_profiles, sizeof(*profiles));

    assert(link < topology->num_links);
    if (profiles != NULL)
        topology->profiles = profiles;
    if (profiles == NULL || kept == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    profiles[topology->num_profiles++] = (ds__link_profile){ link, kept };
    return true;
}

size_t ds_topology_num_hosts(const ds_topology *topology)
{
    return topology->num_hosts;
}

size_t ds_topology_num_links(const ds_topology *topology)
{
    return topology->num_links;
}

const ds_link *ds_topology_link(const ds_topology *topology, size_t link)
{
    return link < topology->num_links ? &topology->links[link] : NULL;
}

/* ---- Switches and cables --------------------------------------------------*/

size_t ds_topology_add_switch(ds_topology *topology)
{
    if (!ds__topology_is_sound(topology))
        return SIZE_MAX;
    if (topology->num_places >= MOST) {
        ds__topology_wrong(topology,
                           "ds_topology_add_switch: place %zu is one too many",
                           topology->num_places);
        return SIZE_MAX;
    }
    forget_graph(topology);
    return topology->num_places++;
}

bool ds__topology_add_arc(ds_topology *topology, size_t a, size_t b,
                          size_t link)
{
    ds__arc *arcs = grow(topology->arcs, topology->num_arcs,
                         &topology->max_arcs, sizeof(*arcs));

    if (arcs == NULL)
        return ds__topology_no_memory(topology, "ds_topology_add_cable");
    assert(a < topology->num_places && b < topology->num_places && a != b);
    assert(link < topology->num_links);
    topology->arcs = arcs;
    arcs[topology->num_arcs++] =
        (ds__arc){ (uint32_t)a, (uint32_t)b, (uint32_t)link };
    forget_graph(topology);
    return true;
}

size_t ds_topology_add_cable(ds_topology *topology, size_t a, size_t b,
                             ds_link link)
{
    const size_t first = topology->num_links;

    if (ds__topology_is_sound(topology) &&
        (a >= topology->num_places || b >= topology->num_places || a == b))
        ds__topology_wrong(topology,
                           "ds_topology_add_cable: a cable from place %zu to "
                           "place %zu; allowed: two different ones of 0 to %zu",
                           a, b, topology->num_places - 1);
    for (int i = 0; i < 2; i++)
        if (ds_topology_add_link(topology, link) == SIZE_MAX ||
            !ds__topology_add_arc(topology, i == 0 ? a : b, i == 0 ? b : a,
                                  first + (size_t)i))
            return SIZE_MAX;
    return first;
}

/* Returns the first arc whose link is not below this one, by the order of arcs.
 */
static size_t first_arc(const ds_topology *topology, size_t link)
{
    size_t low = 0;
    size_t high = topology->num_arcs;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (topology->arcs[middle].link < link)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t ds_topology_ends(const ds_topology *topology, size_t link, size_t *from,
                        size_t *to)
{
    const size_t first = first_arc(topology, link);
    size_t n = first;

    while (n < topology->num_arcs && topology->arcs[n].link == link)
        n++;
    if (n == first)
        return 0;
    assert(n - first <= 2);
    *from = topology->arcs[first].from;
    *to = topology->arcs[first].to;
    return n - first;
}

/* ---- Ways -----------------------------------------------------------------*/

static bool are_hosts(ds_topology *topology, size_t from, size_t to)
{
    if (from < topology->num_hosts && to < topology->num_hosts)
        return true;
    return ds__topology_wrong(topology,
                              "ds_topology_set_route: a route from host %zu to "
                              "host %zu; allowed: 0 to %zu",
                              from, to, topology->num_hosts - 1);
}

static bool are_links(ds_topology *topology, size_t from, size_t to,
                      const size_t *links, size_t n)
{
    if (n == 0 && from != to)
        return ds__topology_wrong(
            topology,
            "ds_topology_set_route: the route from host %zu to host %zu has 0 "
            "links; allowed: 1 or more, and 0 from a host to itself",
            from, to);
    for (size_t i = 0; i < n; i++)
        if (links[i] >= topology->num_links)
            return ds__topology_wrong(
                topology,
                "ds_topology_set_route: the route from host %zu to host %zu "
                "has link %zu; there are %zu",
                from, to, links[i], topology->num_links);
    return true;
}

void ds_topology_set_route(ds_topology *topology, size_t from, size_t to,
                           const size_t *links, size_t n)
{
    if (!ds__topology_is_sound(topology) || !are_hosts(topology, from, to) ||
        !are_links(topology, from, to, links, n))
        return;
    if (!ds__given_set(&topology->given, topology->num_hosts, from, to, links,
                       n))
        ds__topology_no_memory(topology, "ds_topology_set_route");
}

/* What is remembered of a topology does not change what it is; so it is done
 * to one that is only looked at. */
static ds_topology *remembering(const ds_topology *topology)
{
    return (ds_topology *)(uintptr_t)topology;
}

ds__graph *ds__topology_graph(const ds_topology *topology)
{
    ds__graph *graph = atomic_load(&remembering(topology)->graph);

    if (graph != NULL)
        return graph;
    ds__graph *made =
        ds__graph_new(topology->arcs, topology->num_arcs, topology->num_places,
                      topology->closed ? topology->num_hosts : 0);
    if (made != NULL && atomic_compare_exchange_strong(
                            &remembering(topology)->graph, &graph, made))
        return made;
    ds__graph_free(made);
    return graph;
}

static ds__way find_way(const ds_topology *topology,
                        const ds__question *question, ds__trail *path)
{
    const size_t from = question->from;
    const size_t to = question->to;

    if (ds__given_route(&topology->given, from, to, path) == DS__WAY_FOUND ||
        from == to)
        return DS__WAY_FOUND;
    if (topology->rule != NULL)
        return topology->rule->route(topology->rule, topology, question, path);
    ds__graph *graph = ds__topology_graph(topology);
    if (graph == NULL)
        return DS__WAY_NO_MEMORY;
    return ds__graph_route(graph, from, to, NULL, path);
}

size_t ds__topology_route(const ds_topology *topology,
                          const ds__question *question, size_t *links,
                          size_t max)
{
    ds__trail path = { links, max, 0 };

    if (!ds__topology_is_sound(topology) ||
        question->from >= topology->num_hosts ||
        question->to >= topology->num_hosts)
        return SIZE_MAX;
    ds__way way = find_way(topology, question, &path);
    if (way == DS__WAY_NO_MEMORY)
        atomic_store(&remembering(topology)->exhausted, true);
    return way == DS__WAY_FOUND ? path.n : SIZE_MAX;
}

size_t ds_topology_route(const ds_topology *topology, size_t from, size_t to,
                         uint64_t message, size_t *links, size_t max)
{
    const ds__question question = { from, to, message, NULL };

    return ds__topology_route(topology, &question, links, max);
}

/* ---- Invariants -----------------------------------------------------------*/

void ds__topology_check(const ds_topology *topology)
{
    const ds__graph *graph = atomic_load(&remembering(topology)->graph);

    assert(topology->num_places >= topology->num_hosts);
    for (size_t i = 0; i < topology->num_links; i++) {
        assert(topology->links[i].rate > 0 && topology->links[i].latency >= 0);
        assert(topology->links[i].name != NULL);
    }
    for (size_t i = 0; i < topology->num_arcs; i++) {
        const ds__arc *arc = &topology->arcs[i];

        assert(arc->link < topology->num_links);
        assert(arc->from < topology->num_places);
        assert(arc->to < topology->num_places);
        assert(i == 0 || arc[-1].link <= arc->link);
    }
    ds__given_check(&topology->given);
    if (graph != NULL) {
        assert(graph->num_arcs == topology->num_arcs);
        ds__graph_check(graph);
    }
}
