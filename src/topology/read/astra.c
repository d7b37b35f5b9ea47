/* The network of ASTRA-sim's analytical models:
 *
 *     topology: [ Ring, Switch ]      or FullyConnected, for each dimension
 *     npus_count: [ 4, 2 ]
 *     bandwidth: [ 50.0, 25.0 ]       in GB/s that are 2^30 bytes a second
 *     latency: [ 500.0, 1000.0 ]      in ns
 *
 * Ways go dimension by dimension, the first one first; around a ring the
 * shorter way, and onwards if both are as long. */

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "topology/read/formats.h"
#include "topology/topology.h"

enum { MOST_DIMENSIONS = 16 };

enum shape { RING, FULL, SWITCH, SHAPES };

static const char *const shapes[SHAPES] = { "Ring", "FullyConnected",
                                            "Switch" };

enum key { TOPOLOGY, NPUS, BANDWIDTH, LATENCY, KEYS };

static const char *const keys[KEYS] = { "topology", "npus_count", "bandwidth",
                                        "latency" };

typedef struct dimension {
    enum shape shape;
    size_t n; /* places in it */
    ds_link link;
    size_t stride; /* between the numbers of places next to each other */
    size_t first_cable, first_switch;
} dimension;

/* Invariant: a group is the hosts that differ in a dimension only; the cables
 * of a dimension are those of its first group, then of its second, and so on.
 */
typedef struct astra_rule {
    ds__rule rule;
    size_t n;
    dimension dimensions[MOST_DIMENSIONS];
} astra_rule;

/* ---- Ways -----------------------------------------------------------------*/

static size_t pairs(size_t n)
{
    return n * (n - 1) / 2;
}

static size_t cables_of_group(const dimension *d)
{
    if (d->shape == FULL)
        return pairs(d->n);
    if (d->shape == RING && d->n <= 2)
        return d->n - 1;
    return d->n;
}

/* The first cable of a host's group. */
static size_t group_cable(const dimension *d, size_t host)
{
    const size_t group =
        host / (d->stride * d->n) * d->stride + host % d->stride;

    return d->first_cable + group * cables_of_group(d);
}

static void go_around(const dimension *d, size_t first, size_t x, size_t y,
                      ds__trail *path)
{
    const size_t onwards = (y + d->n - x) % d->n;

    if (d->n == 2) {
        ds__trail_add(path, ds__cable_link(false, first, x == 1));
        return;
    }
    for (bool back = 2 * onwards > d->n; x != y;) {
        size_t next = (back ? x + d->n - 1 : x + 1) % d->n;

        ds__trail_add(path,
                      ds__cable_link(false, first + (back ? next : x), back));
        x = next;
    }
}

static void go_straight(const dimension *d, size_t first, size_t x, size_t y,
                        ds__trail *path)
{
    const size_t low = x < y ? x : y;
    const size_t high = x < y ? y : x;
    const size_t before = low * (2 * d->n - low - 1) / 2;

    ds__trail_add(
        path, ds__cable_link(false, first + before + high - low - 1, x > y));
}

static ds__way astra_route(const ds__rule *self, const ds_topology *topology,
                           const ds__question *question, ds__trail *path)
{
    const astra_rule *rule = (const astra_rule *)self;
    size_t host = question->from;

    for (size_t i = 0; i < rule->n; i++) {
        const dimension *d = &rule->dimensions[i];
        const size_t x = host / d->stride % d->n;
        const size_t y = question->to / d->stride % d->n;
        const size_t first = group_cable(d, host);

        if (x != y && d->shape == RING)
            go_around(d, first, x, y, path);
        if (x != y && d->shape == FULL)
            go_straight(d, first, x, y, path);
        if (x != y && d->shape == SWITCH) {
            ds__trail_add(path, ds__cable_link(false, first + x, false));
            ds__trail_add(path, ds__cable_link(false, first + y, true));
        }
        host = host - x * d->stride + y * d->stride;
    }
    assert(host == question->to && host < topology->num_hosts);
    return DS__WAY_FOUND;
}

/* ---- Cables ---------------------------------------------------------------*/

/* Lays those of one group, whose first host this is. */
static bool lay_group(ds_topology *topology, const ds__spec *spec,
                      const dimension *d, size_t host, size_t group)
{
    for (size_t x = 0; x < d->n; x++) {
        const size_t from = host + x * d->stride;
        const size_t next = host + (x + 1) % d->n * d->stride;
        const size_t hub = d->first_switch + group;

        if (d->shape == SWITCH &&
            !ds__build_cable(topology, spec, from, hub, d->link, 0))
            return false;
        if (d->shape == RING && (d->n > 2 || x + 1 < d->n) &&
            !ds__build_cable(topology, spec, from, next, d->link, 0))
            return false;
        for (size_t y = x + 1; d->shape == FULL && y < d->n; y++)
            if (!ds__build_cable(topology, spec, from, host + y * d->stride,
                                 d->link, 0))
                return false;
    }
    return true;
}

static bool lay_dimension(ds_topology *topology, const ds__spec *spec,
                          const dimension *d)
{
    const size_t groups = topology->num_hosts / d->n;

    assert(topology->num_links == 2 * d->first_cable);
    for (size_t group = 0; group < groups; group++)
        if (!lay_group(topology, spec, d,
                       group / d->stride * d->stride * d->n + group % d->stride,
                       group))
            return false;
    return true;
}

/* Stores where cables and switches of each begin, and counts them. */
static bool build_places(ds_topology *topology, const ds__source *source,
                         astra_rule *rule)
{
    size_t hosts = 1, cables = 0, switches = 0;

    for (size_t i = 0; i < rule->n; i++) {
        rule->dimensions[i].stride = hosts;
        hosts = ds__times(hosts, rule->dimensions[i].n);
    }
    if (hosts <= DS__MOST_HOSTS)
        for (size_t i = 0; i < rule->n; i++) {
            dimension *d = &rule->dimensions[i];

            d->first_cable = cables;
            d->first_switch = hosts + switches;
            cables += hosts / d->n * cables_of_group(d);
            switches += d->shape == SWITCH ? hosts / d->n : 0;
        }
    return ds__build_places(topology, source->shape, hosts, switches, cables);
}

/* ---- Lines ----------------------------------------------------------------*/

/* Invariant: n is 0, or as many as all lists have. */
typedef struct astra {
    ds__lines *lines;
    astra_rule *rule;
    bool said[KEYS];
} astra;

static bool read_item(const astra *a, enum key key, size_t word, dimension *d)
{
    const char *text = a->lines->words[word];
    double value = 0;
    size_t shape = 0;

    switch (key) {
    case TOPOLOGY:
        while (shape < SHAPES && strcmp(text, shapes[shape]) != 0)
            shape++;
        d->shape = (enum shape)shape;
        return shape < SHAPES ||
               ds__lines_wrong(a->lines,
                               "unknown '%.30s'; allowed: Ring, "
                               "FullyConnected, Switch",
                               text);
    case NPUS:
        return ds__lines_count(a->lines, word, "the places of a dimension", 1,
                               DS__MOST_HOSTS, &d->n);
    case BANDWIDTH:
        if (!ds__lines_rate(a->lines, word, NULL,
                            "GB/s above 0, of 2^30 bytes, without a unit",
                            &value))
            return false;
        d->link.rate = value * 0x1p30;
        return true;
    case LATENCY:
        if (!ds__number_read(text, strlen(text), NULL, &value))
            return ds__lines_wrong(a->lines,
                                   "bad latency '%.30s'; allowed: ns "
                                   "from 0 on, without a unit",
                                   text);
        d->link.latency = value / 1e9;
        return true;
    case KEYS:
        break;
    }
    return false;
}

/* Whether the line is "key: [ a, b ]", by its signs, and cuts it into words. */
static bool cut_list(const astra *a)
{
    const char *line = a->lines->line;
    char signs[MOST_DIMENSIONS + 4] = "";
    size_t n = 0;

    for (line += strcspn(line, ":[],"); *line != '\0';
         line += 1 + strcspn(line + 1, ":[],"))
        if (n < sizeof(signs) - 1)
            signs[n++] = *line;
    if (!ds__lines_cut(a->lines, ":[],"))
        return false;
    if (n >= 3 && a->lines->n == n - 1 && strncmp(signs, ":[", 2) == 0 &&
        strspn(signs + 2, ",") == n - 3 && signs[n - 1] == ']')
        return true;
    return ds__lines_wrong(a->lines,
                           "allowed: key: [ a, b ], with up to %d dimensions",
                           MOST_DIMENSIONS);
}

static bool read_line(astra *a)
{
    size_t key = 0;

    if (!cut_list(a))
        return false;
    while (key < KEYS && !ds__lines_is(a->lines, 0, keys[key]))
        key++;
    if (key == KEYS)
        return ds__lines_wrong(a->lines,
                               "unknown '%.30s'; allowed: topology, "
                               "npus_count, bandwidth, latency",
                               a->lines->words[0]);
    if (a->said[key])
        return ds__lines_wrong(a->lines, "%s is said twice", keys[key]);
    const size_t n = a->lines->n - 1;
    assert(n <= MOST_DIMENSIONS);
    if (a->rule->n > 0 && n != a->rule->n)
        return ds__lines_wrong(a->lines, "%zu dimensions; above are %zu", n,
                               a->rule->n);
    a->rule->n = n;
    a->said[key] = true;
    for (size_t i = 0; i < n; i++)
        if (!read_item(a, (enum key)key, 1 + i, &a->rule->dimensions[i]))
            return false;
    return true;
}

static bool build(ds__source *source, astra_rule *rule)
{
    if (!build_places(source->topology, source, rule))
        return false;
    for (size_t i = 0; i < rule->n; i++)
        if (!lay_dimension(source->topology, source->spec,
                           &rule->dimensions[i]))
            return false;
    return true;
}

bool ds__read_astra(ds__source *source)
{
    astra_rule *rule = calloc(1, sizeof(*rule));
    astra a = { .lines = &source->lines, .rule = rule };

    if (rule == NULL)
        return ds__topology_no_memory(source->topology, "ds_topology_parse");
    rule->rule.route = astra_route;
    source->topology->rule = &rule->rule;
    while (ds__lines_find(a.lines))
        if (!read_line(&a))
            return false;
    for (size_t key = 0; key < KEYS; key++)
        if (!a.said[key])
            return ds__lines_wrong_file(a.lines, "it has no '%s:'", keys[key]);
    return build(source, rule);
}
