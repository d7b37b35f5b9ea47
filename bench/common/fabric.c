/* See fabric.h. */

#include "bench/common/fabric.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/measure.h"

/* ---- The options ----------------------------------------------------------*/

const args_option fabric_table[FABRIC_OPTIONS] = {
    [FABRIC_TOPOLOGY] = {
        .name = "topology",
        .unit = "TEXT",
        .type = ARGS_STRING,
        .at = offsetof(fabric_options, topology),
        .help = "Hosts and links with their rates and latencies, as in "
                "torus:4x4 or fattree:2;4,4;1,2;1,1,rate=10G; see "
                "distsys-topologies(7)",
    },
    [FABRIC_MAP] = {
        .name = "map",
        .unit = "HOW",
        .type = ARGS_STRING,
        .at = offsetof(fabric_options, map),
        .shown = "linear",
        .help = "Which ranks are on which hosts: linear, random by the seed, "
                "or a FILE with the number of a host for each rank, on a line "
                "of its own",
    },
    [FABRIC_LINKS] = {
        .name = "links",
        .unit = "N",
        .type = ARGS_STRING,
        .at = offsetof(fabric_options, links),
        .help = "Report on the N links that held back most, or all",
    },
};

static failure needs_topology(const char *option)
{
    return failure_new(BAD_USAGE,
                       "%s: a switch has no hosts and links; allowed: with "
                       "--topology",
                       option);
}

static failure read_links(fabric *f, const char *text)
{
    static const args_range range = {
        .allowed = "a whole number from 1 to 1e9, or all",
        .min = 1,
        .max = 1e9,
        .whole = true,
        .units = args_counts,
    };
    static const args_option count = { .type = ARGS_COUNT, .range = &range };

    if (text == NULL)
        return SUCCESS;
    f->links = SIZE_MAX;
    if (strcmp(text, "all") == 0)
        return SUCCESS;
    return args_read(&count, "--links", text, &f->links);
}

/* ---- Maps -----------------------------------------------------------------*/

static void place_in_order(fabric *f)
{
    f->most = ds_topology_num_hosts(f->topology);
    f->hosts = args_alloc(f->most, sizeof(*f->hosts));
    for (size_t i = 0; i < f->most; i++)
        f->hosts[i] = i;
}

/* Every order is as likely; that of fewer ranks is the beginning of it. */
static void shuffle(fabric *f, uint64_t seed)
{
    place_in_order(f);
    for (size_t i = 0; i + 1 < f->most; i++) {
        double unit = ds__rng_uniform(measure_random(&seed));
        size_t k = i + (size_t)(unit * (double)(f->most - i));
        size_t host = f->hosts[i];

        f->hosts[i] = f->hosts[k];
        f->hosts[k] = host;
    }
}

/* A file that is being read. */
typedef struct map_file {
    const char *name;
    size_t line;
    size_t room; /* of hosts */
} map_file;

static void place_next(fabric *f, map_file *file, size_t host)
{
    if (f->most == file->room) {
        file->room = file->room == 0 ? 64 : 2 * file->room;
        f->hosts = args_realloc(f->hosts, file->room, sizeof(*f->hosts));
    }
    f->hosts[f->most++] = host;
}

/* Places a rank if there is more on the line than space and a comment. */
static failure read_line(fabric *f, map_file *file, char *text)
{
    const size_t num_hosts = ds_topology_num_hosts(f->topology);
    size_t host = 0;

    text[strcspn(text, "#\n")] = '\0';
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length == 0)
        return SUCCESS;
    size_t digits = strspn(text, "0123456789");
    if (digits == length && digits <= 10)
        host = (size_t)strtoull(text, NULL, 10);
    if (digits != length || digits > 10 || host >= num_hosts)
        return failure_new(BAD_USAGE,
                           "--map: %s, line %zu: bad host '%.*s'; allowed: a "
                           "whole number from 0 to %zu",
                           file->name, file->line, (int)length, text,
                           num_hosts - 1);
    place_next(f, file, host);
    return SUCCESS;
}

static failure cannot_read(const char *name)
{
    return failure_new(BAD_USAGE,
                       "--map: %s: %s; allowed: linear, random, or the name of "
                       "a file",
                       name, strerror(errno));
}

static failure read_lines(fabric *f, map_file *file, FILE *in)
{
    char *text = NULL;
    size_t room = 0;
    failure why = SUCCESS;

    while (why.status == 0 && getline(&text, &room, in) >= 0) {
        file->line++;
        why = read_line(f, file, text);
    }
    free(text);
    if (why.status == 0 && ferror(in))
        return cannot_read(file->name);
    if (why.status == 0 && f->most == 0)
        return failure_new(BAD_USAGE,
                           "--map: %s places no rank; allowed: the number of a "
                           "host on each line",
                           file->name);
    return why;
}

static failure read_map(fabric *f, const char *name)
{
    map_file file = { .name = name };
    FILE *in = fopen(name, "r");

    if (in == NULL)
        return cannot_read(name);
    failure why = read_lines(f, &file, in);
    fclose(in);
    return why;
}

static failure place(fabric *f, const char *map, uint64_t seed)
{
    f->map = map == NULL ? "linear" : map;
    if (strcmp(f->map, "random") == 0)
        shuffle(f, seed);
    else if (strcmp(f->map, "linear") == 0)
        place_in_order(f);
    else
        return read_map(f, f->map);
    return SUCCESS;
}

/* ---- Opening and closing --------------------------------------------------*/

static failure parse(fabric *f, const char *text)
{
    f->topology_text = text;
    f->likeness = args_alloc(1, sizeof(*f->likeness));
    f->topology = ds_topology_parse(text);
    if (f->topology == NULL)
        return failure_new(EXIT_FAILURE, "out of memory");
    if (ds_topology_error(f->topology)[0] == '\0')
        return SUCCESS;
    return failure_new(BAD_USAGE, "--topology: %s",
                       ds_topology_error(f->topology));
}

failure fabric_open(fabric *f, const fabric_options *o, uint64_t seed)
{
    *f = (fabric){ 0 };
    if (o->topology == NULL && o->map != NULL)
        return needs_topology("--map");
    if (o->topology == NULL && o->links != NULL)
        return needs_topology("--links");
    if (o->topology == NULL)
        return SUCCESS;
    failure why = parse(f, o->topology);
    if (why.status == 0)
        why = place(f, o->map, seed);
    if (why.status == 0)
        why = read_links(f, o->links);
    if (why.status != 0)
        fabric_close(f);
    return why;
}

void fabric_close(fabric *f)
{
    ds_topology_free(f->topology);
    free(f->hosts);
    free(f->likeness);
    *f = (fabric){ 0 };
}

/* ---- What does not go together --------------------------------------------*/

failure fabric_check(const fabric *f, const char *option, double ranks)
{
    if (!fabric_is_open(f) || ranks <= (double)f->most)
        return SUCCESS;
    return failure_new(BAD_USAGE,
                       "%s: there is no host for %g ranks; allowed: up to %zu, "
                       "or a --map of more lines, in which ranks may share a "
                       "host",
                       option, ranks, f->most);
}

failure fabric_refuse(const char *option, const char *instead)
{
    return failure_new(BAD_USAGE,
                       "%s: it is of the switch, and no option of a topology; "
                       "allowed: %s",
                       option, instead);
}

/* ---- Networks -------------------------------------------------------------*/

ds_routed_net_config fabric_config(const fabric *f, ds_node *const *nodes,
                                   size_t n)
{
    return (ds_routed_net_config){
        .nodes = nodes,
        .num_nodes = n,
        .hosts = f->hosts,
        .topology = f->topology,
    };
}

ds_net *fabric_net(const fabric *f, ds_loop *loop, ds_node *const *nodes,
                   size_t n, bool in_order, const ds_flow_model *model)
{
    ds_routed_net_config config = fabric_config(f, nodes, n);

    config.in_order = in_order;
    if (model != NULL)
        config.model = *model;
    return ds_routed_net_new(loop, &config);
}

double fabric_port_rate(const fabric *f, size_t ranks)
{
    double least = INFINITY;
    size_t first;

    for (size_t i = 0; i < ranks; i++) {
        size_t n = ds_topology_route(f->topology, f->hosts[i],
                                     f->hosts[(i + 1) % ranks], 0, &first, 1);
        if (n > 0 && n != SIZE_MAX)
            least = fmin(least, ds_topology_link(f->topology, first)->rate);
    }
    return least;
}

/* ---- Those that are a switch ----------------------------------------------*/

/* Who sends over a link, and to whom; NOBODY before it is known. */
#define NOBODY SIZE_MAX
#define MANY   (SIZE_MAX - 1)
typedef struct crossing {
    size_t from;
    size_t to;
} crossing;

/* What all ways have in common so far. */
typedef struct likeness {
    const fabric *f;
    crossing *crossings; /* by link */
    size_t *out;         /* the link by which a rank sends, by rank */
    size_t *in;
    double latency; /* NAN: no way has been looked at */
    double rate;
} likeness;

static void add_end(size_t *end, size_t rank)
{
    if (*end == NOBODY)
        *end = rank;
    else if (*end != rank)
        *end = MANY;
}

/* Whether a link is the one that it was before, if it was any. */
static bool is_same(size_t *before, size_t link)
{
    if (*before == NOBODY)
        *before = link;
    return *before == link;
}

static bool is_like(likeness *like, double latency, double rate)
{
    if (isnan(like->latency)) {
        like->latency = latency;
        like->rate = rate;
    }
    return latency == like->latency && rate == like->rate;
}

enum { WAY_MAX = 64 };

/* Whether a message goes from one rank to another like those before. */
static bool add_way(likeness *like, size_t from, size_t to, uint64_t message)
{
    const fabric *f = like->f;
    size_t links[WAY_MAX];
    size_t n = ds_topology_route(f->topology, f->hosts[from], f->hosts[to],
                                 message, links, WAY_MAX);
    double latency = 0;
    double rate = INFINITY;

    if (n < 2 || n > WAY_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        const ds_link *link = ds_topology_link(f->topology, links[i]);

        latency += link->latency;
        rate = fmin(rate, link->rate);
        add_end(&like->crossings[links[i]].from, from);
        add_end(&like->crossings[links[i]].to, to);
        if (link->sharing != DS_SHARED)
            return false;
    }
    return is_same(&like->out[from], links[0]) &&
           is_same(&like->in[to], links[n - 1]) &&
           is_like(like, latency, rate) &&
           ds_topology_link(f->topology, links[0])->rate == rate &&
           ds_topology_link(f->topology, links[n - 1])->rate == rate;
}

/* Where messages of a pair go different ways, four of them are enough to tell
 * that from some pair. */
static bool add_ways(likeness *like, size_t ranks)
{
    for (size_t from = 0; from < ranks; from++)
        for (size_t to = 0; to < ranks; to++)
            for (uint64_t message = 0; from != to && message < 4; message++)
                if (!add_way(like, from, to, message))
                    return false;
    return true;
}

/* Two messages share a link only if they have an end in common. */
static bool ends_alone_share(const likeness *like)
{
    for (size_t i = 0; i < ds_topology_num_links(like->f->topology); i++)
        if (like->crossings[i].from == MANY && like->crossings[i].to == MANY)
            return false;
    return true;
}

static size_t *nobodies(size_t n)
{
    size_t *all = args_alloc(n, sizeof(*all));

    for (size_t i = 0; i < n; i++)
        all[i] = NOBODY;
    return all;
}

static fabric_likeness find_likeness(const fabric *f, size_t ranks)
{
    const size_t num_links = ds_topology_num_links(f->topology);
    likeness like = {
        .f = f,
        .crossings = args_alloc(num_links, sizeof(*like.crossings)),
        .out = nobodies(ranks),
        .in = nobodies(ranks),
        .latency = NAN,
    };

    for (size_t i = 0; i < num_links; i++)
        like.crossings[i] = (crossing){ NOBODY, NOBODY };
    bool alike =
        ranks >= 2 && add_ways(&like, ranks) && ends_alone_share(&like);
    free(like.crossings);
    free(like.out);
    free(like.in);
    return (fabric_likeness){ ranks, alike, like.latency, like.rate };
}

bool fabric_is_switch(const fabric *f, size_t ranks, double *latency,
                      double *rate)
{
    if (f->likeness->ranks != ranks || ranks == 0)
        *f->likeness = find_likeness(f, ranks);
    *latency = f->likeness->latency;
    *rate = f->likeness->rate;
    return f->likeness->is_switch;
}

/* ---- Columns --------------------------------------------------------------*/

static const fabric *fabric_of(const void *row, const rows_column *self)
{
    return *(const fabric *const *)((const char *)row + self->at);
}

rows_value fabric_get_topology(const void *row, const rows_column *self)
{
    const fabric *f = fabric_of(row, self);

    return fabric_is_open(f) ? rows_text(f->topology_text) : ROWS_NONE;
}

rows_value fabric_get_map(const void *row, const rows_column *self)
{
    const fabric *f = fabric_of(row, self);

    return fabric_is_open(f) ? rows_text(f->map) : ROWS_NONE;
}
