/* The topology.txt of HPCC, and of the network simulators that came from it:
 *
 *     6 2 6                           nodes, switches, links
 *     4 5                             which nodes are switches
 *     0 4 400Gbps 0.0005ms 0          a link both ways, and its error rate
 *
 * SimAI's first line has the nodes, the GPUs of a server, the switches within
 * servers, the other switches, the links, and the kind of GPU; its second line
 * has both kinds of switches.  Hosts are the other nodes in their order; they
 * do not forward. */

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "topology/read/formats.h"
#include "topology/topology.h"

static const ds__unit bits[] = {
    { "bps", 0, 0.125 },  { "Kbps", 3, 0.125 }, { "kbps", 3, 0.125 },
    { "Mbps", 6, 0.125 }, { "Gbps", 9, 0.125 }, { "Tbps", 12, 0.125 },
    { NULL, 0, 0 },
};

/* Invariant: place_of has the place of each node. */
typedef struct ns3 {
    ds__source *source;
    ds__lines *lines;
    size_t nodes, switches, links;
    uint32_t *place_of;
} ns3;

#define SWITCH UINT32_MAX /* a node of which nothing else is known yet */

static bool read_counts(ns3 *n)
{
    const bool simai = n->lines->n == 6;
    size_t per_server, within = 0;

    if (n->lines->n != 3 && !simai)
        return ds__lines_wrong(
            n->lines,
            "%zu words; allowed: 3, nodes, switches and links; or SimAI's 6",
            n->lines->n);
    if (!ds__lines_count(n->lines, 0, "the number of nodes", 1, DS__MOST_HOSTS,
                         &n->nodes) ||
        (simai && (!ds__lines_count(n->lines, 1,
                                    "the number of GPUs of a "
                                    "server",
                                    0, DS__MOST_HOSTS, &per_server) ||
                   !ds__lines_count(n->lines, 2,
                                    "the number of switches in "
                                    "servers",
                                    0, DS__MOST_HOSTS, &within))) ||
        !ds__lines_count(n->lines, simai ? 3 : 1, "the number of switches", 0,
                         DS__MOST_HOSTS, &n->switches) ||
        !ds__lines_count(n->lines, simai ? 4 : 2, "the number of links", 0,
                         DS__MOST_CABLES, &n->links))
        return false;
    n->switches += within;
    if (n->switches < n->nodes)
        return true;
    return ds__lines_wrong(n->lines,
                           "%zu of %zu nodes are switches; one or more is a "
                           "host",
                           n->switches, n->nodes);
}

/* Marks those that are named; they may be on several lines. */
static bool read_switches(ns3 *n)
{
    size_t marked = 0;

    while (marked < n->switches) {
        if (!ds__lines_next(n->lines))
            return ds__lines_wrong_file(
                n->lines, "it names %zu switches; the first line says %zu",
                marked, n->switches);
        for (size_t i = 0; i < n->lines->n; i++, marked++) {
            size_t node;

            if (!ds__lines_count(n->lines, i, "the number of a switch", 0,
                                 n->nodes - 1, &node))
                return false;
            if (n->place_of[node] == SWITCH)
                return ds__lines_wrong(n->lines, "switch %zu is named twice",
                                       node);
            n->place_of[node] = SWITCH;
        }
    }
    if (marked == n->switches)
        return true;
    return ds__lines_wrong(n->lines,
                           "%zu switches are named up to here; the first line "
                           "says %zu",
                           marked, n->switches);
}

static bool place_nodes(ns3 *n)
{
    uint32_t hosts = 0;
    uint32_t switches = (uint32_t)(n->nodes - n->switches);

    for (size_t i = 0; i < n->nodes; i++)
        n->place_of[i] = n->place_of[i] == SWITCH ? switches++ : hosts++;
    assert(switches == n->nodes);
    n->source->topology->closed = true;
    return ds__build_places(n->source->topology, n->source->shape, hosts,
                            n->switches, n->links);
}

static bool read_link(ns3 *n)
{
    const ds__spec spec = { 0 };
    ds_link link = { 0 };
    size_t a, b;
    double errors;

    if (!ds__lines_has(n->lines, 5, 5,
                       "source, destination, rate, delay, "
                       "error rate") ||
        !ds__lines_count(n->lines, 0, "a node", 0, n->nodes - 1, &a) ||
        !ds__lines_count(n->lines, 1, "a node", 0, n->nodes - 1, &b) ||
        !ds__lines_rate(n->lines, 2, bits,
                        "bits a second above 0, as bps, "
                        "Kbps, Mbps, Gbps or Tbps",
                        &link.rate) ||
        !ds__lines_seconds(n->lines, 3, &link.latency))
        return false;
    if (a == b)
        return ds__lines_wrong(n->lines, "a link from node %zu to itself", a);
    const char *rate = n->lines->words[4];
    if (!ds__number_read(rate, strlen(rate), NULL, &errors) || errors > 0)
        return ds__lines_wrong(n->lines,
                               "bad error rate '%.30s'; allowed: 0, as nothing "
                               "is lost here",
                               rate);
    return ds__build_cable(n->source->topology, &spec, n->place_of[a],
                           n->place_of[b], link, 0);
}

static bool read_links(ns3 *n)
{
    size_t links = 0;

    for (; ds__lines_next(n->lines); links++) {
        if (links == n->links)
            return ds__lines_wrong(
                n->lines, "one link too many; the first line says %zu", links);
        if (!read_link(n))
            return false;
    }
    if (links == n->links)
        return true;
    return ds__lines_wrong_file(
        n->lines, "it has %zu links; the first line says %zu", links, n->links);
}

bool ds__read_ns3(ds__source *source)
{
    ns3 n = { .source = source, .lines = &source->lines };

    if (!ds__lines_next(n.lines) || !read_counts(&n))
        return false;
    n.place_of = calloc(n.nodes, sizeof(*n.place_of));
    if (n.place_of == NULL)
        return ds__topology_no_memory(source->topology, "ds_topology_parse");
    bool good = read_switches(&n) && place_nodes(&n) && read_links(&n);
    free(n.place_of);
    return good;
}
