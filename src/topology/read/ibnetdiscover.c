/* What ibnetdiscover(8) prints of an InfiniBand fabric:
 *
 *     Switch 36 "S-0002c902004885b0"  # "a name" enhanced port 0 lid 4 lmc 0
 *     [1] "H-0002c9030009c8e2"[1](2c9030009c8e3)  # "another" lid 1 4xEDR
 *
 *     Ca 1 "H-0002c9030009c8e2"       # "another"
 *     [1](2c9030009c8e3) "S-0002c902004885b0"[1]  # lid 1 lmc 0 "..." 4xEDR
 *
 * Channel adapters are hosts, in their order, and do not forward.  Each cable
 * is printed at either end, and both must say the same.  The width and the
 * speed at the end of a line are its rate: of data, without the coding. */

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "topology/read/formats.h"
#include "topology/topology.h"

typedef struct node {
    const char *name;
    size_t line;
    bool is_switch;
    size_t place;
} node;

typedef struct port {
    size_t line;
    uint32_t node; /* by the order of lines */
    uint32_t number;
    const char *peer;
    uint32_t peer_number;
    double rate;
} port;

/* Invariants: ports are in the order of their nodes; after sorting, order has
 * the nodes by name. */
typedef struct fabric {
    ds__source *source;
    ds__lines *lines;
    node *nodes;
    port *ports;
    uint32_t *order;
    size_t num_nodes, max_nodes;
    size_t num_ports, max_ports;
    size_t num_hosts;
} fabric;

/* ---- Rates ----------------------------------------------------------------*/

/* Gbit/s of data over one lane; FDR is 14.0625 with 64 bits of 66. */
static const struct {
    const char *name;
    double rate;
} speeds[] = {
    { "SDR", 2 },
    { "DDR", 4 },
    { "QDR", 8 },
    { "FDR10", 10 },
    { "FDR", 14.0625 * 64 / 66 },
    { "EDR", 25 },
    { "HDR", 50 },
    { "NDR", 100 },
    { "XDR", 200 },
};

/* The last word of what is behind the #. */
static bool read_rate(const fabric *f, double *rate)
{
    const char *comment = f->lines->comment;
    const char *end = comment + strlen(comment);
    const char *word;

    while (end > comment &&
           (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    for (word = end; word > comment && word[-1] != ' ' && word[-1] != '\t';)
        word--;
    const char *x = memchr(word, 'x', (size_t)(end - word));
    uint64_t lanes;
    if (x != NULL && ds__number_whole(word, (size_t)(x - word), 64, &lanes) &&
        lanes > 0)
        for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++)
            if (strlen(speeds[i].name) == (size_t)(end - x - 1) &&
                memcmp(x + 1, speeds[i].name, (size_t)(end - x - 1)) == 0) {
                *rate = (double)lanes * speeds[i].rate * 1e9 / 8;
                return true;
            }
    return ds__lines_wrong(f->lines,
                           "the line ends with '%.*s' where a rate must be; "
                           "allowed: lanes and a speed, such as 4xEDR, of SDR, "
                           "DDR, QDR, FDR10, FDR, EDR, HDR, NDR, XDR",
                           end - word < 30 ? (int)(end - word) : 30, word);
}

/* ---- Lines ----------------------------------------------------------------*/

static void *grow(fabric *f, void *items, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return items;
    size_t more = *max == 0 ? 64 : 2 * *max;
    void *grown = reallocarray(items, more, size);

    if (grown == NULL)
        ds__topology_no_memory(f->source->topology, "ds_topology_parse");
    else
        *max = more;
    return grown;
}

/* Takes the quotes off a name. */
static bool read_name(const fabric *f, char *text, const char **name,
                      char **rest)
{
    char *end = text[0] == '"' ? strchr(text + 1, '"') : NULL;

    if (end == NULL || end == text + 1)
        return ds__lines_wrong(f->lines,
                               "'%.30s' where a name in quotes must be", text);
    *end = '\0';
    *name = text + 1;
    *rest = end + 1;
    return true;
}

static bool add_node(fabric *f, bool is_switch)
{
    node *nodes =
        grow(f, f->nodes, f->num_nodes, &f->max_nodes, sizeof(*nodes));
    node n = { .line = f->lines->number, .is_switch = is_switch };
    char *rest;

    if (nodes == NULL)
        return false;
    f->nodes = nodes;
    if (!ds__lines_has(f->lines, 3, 3, "kind, ports, \"name\"") ||
        !read_name(f, f->lines->words[2], &n.name, &rest))
        return false;
    f->num_hosts += !is_switch;
    nodes[f->num_nodes++] = n;
    return true;
}

/* Reads [12], and stores what is behind it. */
static bool read_number(const fabric *f, char *text, uint32_t *number,
                        char **rest)
{
    char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    uint64_t value;

    if (end == NULL ||
        !ds__number_whole(text + 1, (size_t)(end - text - 1), 65535, &value))
        return ds__lines_wrong(
            f->lines, "'%.30s' where a port must be, such as [1]", text);
    *number = (uint32_t)value;
    *rest = end + 1;
    return true;
}

static bool add_port(fabric *f)
{
    port *ports =
        grow(f, f->ports, f->num_ports, &f->max_ports, sizeof(*ports));
    port p = { .line = f->lines->number };
    char *rest;

    if (ports == NULL)
        return false;
    f->ports = ports;
    if (f->num_nodes == 0)
        return ds__lines_wrong(f->lines, "no Switch or Ca is before this");
    if (!ds__lines_has(f->lines, 2, 2, "[port] \"peer\"[port]") ||
        !read_number(f, f->lines->words[0], &p.number, &rest) ||
        !read_name(f, f->lines->words[1], &p.peer, &rest) ||
        !read_number(f, rest, &p.peer_number, &rest) || !read_rate(f, &p.rate))
        return false;
    p.node = (uint32_t)(f->num_nodes - 1);
    ports[f->num_ports++] = p;
    return true;
}

static bool read_line(fabric *f)
{
    const char *word = f->lines->words[0];

    if (word[0] == '[')
        return add_port(f);
    if (strcmp(word, "Switch") == 0 || strcmp(word, "Ca") == 0)
        return add_node(f, word[0] == 'S');
    if (f->lines->n == 1 && strchr(word, '=') != NULL)
        return true; /* vendid= and its like */
    return ds__lines_wrong(f->lines,
                           "unknown '%.30s'; allowed: Switch, Ca, [port], "
                           "vendid= and its like",
                           word);
}

/* ---- Cables ---------------------------------------------------------------*/

static int compare_nodes(const void *a, const void *b, void *nodes)
{
    const node *all = nodes;

    return strcmp(all[*(const uint32_t *)a].name,
                  all[*(const uint32_t *)b].name);
}

static int compare_ports(const void *a, const void *b)
{
    const port *one = a;
    const port *two = b;

    if (one->node != two->node)
        return one->node < two->node ? -1 : 1;
    return (one->number > two->number) - (one->number < two->number);
}

static bool wrong_at(fabric *f, size_t line, const char *what, const char *name)
{
    f->lines->number = line;
    return ds__lines_wrong(f->lines, what, name);
}

/* Sorts, and says of what is there twice. */
static bool sort_all(fabric *f)
{
    size_t hosts = 0, switches = f->num_hosts;

    f->order = calloc(f->num_nodes + 1, sizeof(*f->order));
    if (f->order == NULL)
        return ds__topology_no_memory(f->source->topology, "ds_topology_parse");
    for (size_t i = 0; i < f->num_nodes; i++) {
        f->order[i] = (uint32_t)i;
        f->nodes[i].place = f->nodes[i].is_switch ? switches++ : hosts++;
    }
    qsort_r(f->order, f->num_nodes, sizeof(*f->order), compare_nodes, f->nodes);
    for (size_t i = 1; i < f->num_nodes; i++) {
        const node *one = &f->nodes[f->order[i - 1]];
        const node *two = &f->nodes[f->order[i]];

        if (strcmp(one->name, two->name) == 0)
            return wrong_at(f, one->line > two->line ? one->line : two->line,
                            "\"%.40s\" is there twice", one->name);
    }
    if (f->num_ports > 0)
        qsort(f->ports, f->num_ports, sizeof(*f->ports), compare_ports);
    for (size_t i = 1; i < f->num_ports; i++)
        if (compare_ports(&f->ports[i - 1], &f->ports[i]) == 0)
            return wrong_at(f, f->ports[i].line,
                            "a port of \"%.40s\" is there twice",
                            f->nodes[f->ports[i].node].name);
    return true;
}

static const node *find_node(const fabric *f, const char *name)
{
    size_t low = 0;
    size_t high = f->num_nodes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int sign = strcmp(f->nodes[f->order[middle]].name, name);

        if (sign == 0)
            return &f->nodes[f->order[middle]];
        if (sign < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The other end of a cable, which must be one and say so. */
static const port *find_peer(fabric *f, const port *p)
{
    const node *peer = find_node(f, p->peer);

    if (peer == NULL) {
        wrong_at(f, p->line, "there is no \"%.40s\"", p->peer);
        return NULL;
    }
    const port wanted = { .node = (uint32_t)(peer - f->nodes),
                          .number = p->peer_number };
    const port *other =
        bsearch(&wanted, f->ports, f->num_ports, sizeof(*p), compare_ports);
    if (other == NULL || other->peer_number != p->number ||
        strcmp(other->peer, f->nodes[p->node].name) != 0 ||
        other->rate != p->rate) {
        wrong_at(f, p->line,
                 "at its other end, \"%.40s\", this cable is not there, or has "
                 "another rate",
                 p->peer);
        return NULL;
    }
    if (other == p)
        wrong_at(f, p->line, "a cable of \"%.40s\" ends where it begins",
                 p->peer);
    return other == p ? NULL : other;
}

static bool lay_cables(fabric *f)
{
    ds_topology *topology = f->source->topology;
    const ds__spec spec = { 0 };

    for (size_t i = 0; i < f->num_ports; i++) {
        const port *p = &f->ports[i];
        const port *other = find_peer(f, p);
        ds_link link = { .rate = p->rate,
                         .latency = f->source->spec->host.latency };

        if (other == NULL)
            return false;
        if (p->node == other->node)
            return wrong_at(f, p->line, "a cable from \"%.40s\" to itself",
                            p->peer);
        if (p < other &&
            !ds__build_cable(topology, &spec, f->nodes[p->node].place,
                             f->nodes[other->node].place, link, 0))
            return false;
    }
    return true;
}

static bool build(fabric *f)
{
    if (f->num_hosts == 0)
        return ds__lines_wrong_file(f->lines, "it has no Ca");
    f->source->topology->closed = true;
    return sort_all(f) &&
           ds__build_places(f->source->topology, f->source->shape, f->num_hosts,
                            f->num_nodes - f->num_hosts, f->num_ports / 2) &&
           lay_cables(f);
}

bool ds__read_ibnetdiscover(ds__source *source)
{
    fabric f = { .source = source, .lines = &source->lines };
    bool good = true;

    while (good && ds__lines_next(f.lines))
        good = read_line(&f);
    assert(f.num_nodes <= f.max_nodes && f.num_ports <= f.max_ports);
    good = good && build(&f);
    free(f.nodes);
    free(f.ports);
    free(f.order);
    return good;
}
