/* distsys-topology: what a network is, before anything is simulated on it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/topology/draw.h"
#include "bench/topology/survey.h"

#define PROGRAM "distsys-topology"

typedef struct options {
    const char *route;
    uint64_t message;
    const char *load;
    size_t links;
    bool dot;
    const char *svg;
    size_t format;
} options;

static const args_range links_range = {
    .allowed = "a whole number from 0 to 1e9",
    .min = 0,
    .max = 1e9,
    .whole = true,
    .units = args_counts,
};

static const args_option table[] = {
    {
        .name = "route",
        .unit = "FROM,TO",
        .type = ARGS_STRING,
        .at = offsetof(options, route),
        .help = "Show the links of the way from one host to another",
    },
    {
        .name = "message",
        .unit = "NUMBER",
        .type = ARGS_WORD,
        .at = offsetof(options, message),
        .preset = "0",
        .help = "Which message takes that way, where they take several",
    },
    {
        .name = "load",
        .unit = "PATTERN",
        .type = ARGS_STRING,
        .at = offsetof(options, load),
        .help = "Count the messages over each link: alltoall, shift:N (host i "
                "to i + N), or xor:N (host i to i xor N)",
    },
    {
        .name = "links",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, links),
        .range = &links_range,
        .preset = "1",
        .help = "How many of the hottest links of a load are shown",
    },
    {
        .name = "dot",
        .type = ARGS_FLAG,
        .at = offsetof(options, dot),
        .help = "Draw it for dot(1)",
    },
    {
        .name = "svg",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, svg),
        .help = "Draw it into an .svg, with --load in the colours of that",
    },
    ARGS_FORMAT_ROW(0, offsetof(options, format)),
};

enum { OPTIONS = sizeof(table) / sizeof(*table) };

static const args_program program = {
    PROGRAM,
    "Shows the hosts, the switches and the links of a network, the ways "
    "through "
    "it, and how a pattern of messages loads it.\v"
    "TEXT describes it, as in star:32, fattree:2;4,4;1,2;1,2 and torus:8x8; "
    "see "
    "distsys-topologies(7).",
};

/* ---- Rows -----------------------------------------------------------------*/

#define COLUMN(name, title, type, get, row, member)                            \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(row, member), 0                       \
    }

static const rows_column *const whole_columns[] = {
    COLUMN("hosts", "Hosts", ROWS_COUNT, rows_get_size, survey, hosts),
    COLUMN("switches", "Switches", ROWS_COUNT, rows_get_size, survey, switches),
    COLUMN("links", "Links", ROWS_COUNT, rows_get_size, survey, links),
    COLUMN("diameter", "Diameter", ROWS_COUNT, rows_get_size, survey, diameter),
    COLUMN("mean_way", "Mean way", ROWS_SHORT, rows_get_real, survey, mean_way),
    COLUMN("latency", "Longest latency", ROWS_SECONDS, rows_get_real, survey,
           latency),
    COLUMN("bisection", "Bisection B/s", ROWS_RATE, rows_get_real, survey,
           bisection),
};

typedef struct link_row {
    size_t number;
    const char *name;
    double rate;
    double latency;
    const char *sharing;
    size_t messages;
    double seconds;
} link_row;

static const rows_column *const link_columns[] = {
    COLUMN("link", "Link", ROWS_COUNT, rows_get_size, link_row, number),
    COLUMN("name", "Name", ROWS_TEXT, rows_get_text, link_row, name),
    COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, link_row, rate),
    COLUMN("latency", "Latency", ROWS_SECONDS, rows_get_real, link_row,
           latency),
    COLUMN("sharing", "Sharing", ROWS_TEXT, rows_get_text, link_row, sharing),
    COLUMN("messages", "Messages", ROWS_COUNT, rows_get_size, link_row,
           messages),
    COLUMN("seconds_per_gigabyte", "s/GB", ROWS_REAL, rows_get_real, link_row,
           seconds),
};

enum {
    WHOLE_COLUMNS = sizeof(whole_columns) / sizeof(*whole_columns),
    LOAD_COLUMNS = sizeof(link_columns) / sizeof(*link_columns),
    ROUTE_COLUMNS = LOAD_COLUMNS - 2, /* without those of a load */
};

static link_row row_of(const ds_topology *topology, size_t number)
{
    const ds_link *link = ds_topology_link(topology, number);

    return (link_row){
        .number = number,
        .name = link->name,
        .rate = link->rate,
        .latency = link->latency,
        .sharing = link->sharing == DS_FATPIPE ? "fatpipe" : "shared",
    };
}

static failure add_row(const rows_table *rows, const void *row)
{
    return rows_add(rows, row) ? SUCCESS : failure_of_output();
}

/* ---- The whole ------------------------------------------------------------*/

static failure show_whole(const options *o, const ds_topology *topology)
{
    survey s;
    const rows_table rows = { stdout, (rows_format)o->format, whole_columns,
                              WHOLE_COLUMNS };
    failure why = survey_take(&s, topology);

    if (why.status != 0)
        return why;
    return rows_begin(&rows) ? add_row(&rows, &s) : failure_of_output();
}

/* ---- A way ----------------------------------------------------------------*/

static failure read_pair(const char *text, const ds_topology *topology,
                         size_t *from, size_t *to)
{
    const size_t n = ds_topology_num_hosts(topology);
    size_t *const ends[] = { from, to };
    const char *at = text;

    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(at, "0123456789");
        unsigned long long value = strtoull(at, NULL, 10);

        if (digits == 0 || digits > 9 || value >= n ||
            at[digits] != (i == 0 ? ',' : '\0'))
            return failure_new(BAD_USAGE,
                               "--route: bad value '%s'; allowed: two hosts "
                               "from 0 to %zu, as in 0,1",
                               text, n - 1);
        *ends[i] = (size_t)value;
        at += digits + 1;
    }
    return SUCCESS;
}

static failure show_links(const options *o, const ds_topology *topology,
                          const size_t *links, size_t n)
{
    const rows_table rows = { stdout, (rows_format)o->format, link_columns,
                              ROUTE_COLUMNS };
    failure why = rows_begin(&rows) ? SUCCESS : failure_of_output();

    for (size_t i = 0; i < n && why.status == 0; i++) {
        link_row row = row_of(topology, links[i]);

        why = add_row(&rows, &row);
    }
    return why;
}

static failure show_route(const options *o, const ds_topology *topology)
{
    size_t from, to;
    failure why = read_pair(o->route, topology, &from, &to);

    if (why.status != 0)
        return why;
    const size_t n = ds_topology_route(topology, from, to, o->message, NULL, 0);
    if (n == SIZE_MAX)
        return failure_new(EXIT_FAILURE,
                           "no way leads from host %zu to host "
                           "%zu",
                           from, to);
    size_t *links = args_alloc(n, sizeof(*links));
    ds_topology_route(topology, from, to, o->message, links, n);
    why = show_links(o, topology, links, n);
    free(links);
    return why;
}

/* ---- A load ---------------------------------------------------------------*/

static failure show_hottest(const options *o, const ds_topology *topology,
                            const load *l)
{
    const rows_table rows = { stdout, (rows_format)o->format, link_columns,
                              LOAD_COLUMNS };
    failure why = rows_begin(&rows) ? SUCCESS : failure_of_output();

    for (size_t i = 0; i < o->links && i < l->used && why.status == 0; i++) {
        link_row row = row_of(topology, l->order[i]);

        row.messages = l->messages[l->order[i]];
        row.seconds = load_seconds(l, l->order[i]) * 1e9;
        why = add_row(&rows, &row);
    }
    return why;
}

static failure show_load(const options *o, const ds_topology *topology,
                         const char *text)
{
    load l;
    failure why = load_count(&l, topology, o->load);

    if (why.status == 0 && o->svg != NULL)
        why = draw_svg(topology, text, &l, o->svg);
    else if (why.status == 0)
        why = show_hottest(o, topology, &l);
    load_free(&l);
    return why;
}

/* ---- All of it ------------------------------------------------------------*/

static failure check_usage(const options *o, const args_operands *operands)
{
    if (operands->n == 0)
        return failure_new(BAD_USAGE, "a TEXT is missing, such as star:32");
    if ((o->route != NULL) + (o->load != NULL) + o->dot > 1)
        return failure_new(
            BAD_USAGE, "only one of --route, --load and --dot can be shown");
    if (o->svg != NULL && (o->route != NULL || o->dot))
        return failure_new(BAD_USAGE, "--svg goes with --load, or alone");
    return SUCCESS;
}

static failure show(const options *o, const char *text)
{
    ds_topology *topology = ds_topology_parse(text);
    failure why = SUCCESS;

    if (topology == NULL)
        return failure_new(EXIT_FAILURE, "out of memory");
    if (ds_topology_error(topology)[0] != '\0')
        why = failure_new(BAD_USAGE, "%s", ds_topology_error(topology));
    else if (o->route != NULL)
        why = show_route(o, topology);
    else if (o->load != NULL)
        why = show_load(o, topology, text);
    else if (o->svg != NULL)
        why = draw_svg(topology, text, NULL, o->svg);
    else if (o->dot)
        survey_draw(topology, stdout);
    else
        why = show_whole(o, topology);
    ds_topology_free(topology);
    return why;
}

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const char *text[1];
    args_operands operands = { .shown = "TEXT", .values = text, .most = 1 };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    failure why = args_parse_with(&program, tables, 1, &operands, argc, argv);
    if (why.status == 0)
        why = check_usage(&o, &operands);
    if (why.status == 0)
        why = show(&o, text[0]);
    args_free(tables, 1);
    return args_end(why);
}
