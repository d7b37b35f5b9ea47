/* See report.h. */

#include "bench/common/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ds_link_use *report_take(const fabric *f, const ds_net *net)
{
    if (!fabric_is_open(f) || f->links == 0)
        return NULL;
    const size_t n = ds_topology_num_links(f->topology);
    ds_link_use *uses = args_alloc(n, sizeof(*uses));
    for (size_t i = 0; i < n; i++)
        uses[i] = ds_link_get_use(net, i);
    return uses;
}

/* ---- Kinds ----------------------------------------------------------------*/

/* In the order in which they are shown. */
typedef enum kind {
    KIND_HOST_UP,
    KIND_HOST_DOWN,
    KIND_HOST,   /* both of these */
    KIND_DIRECT, /* between hosts */
    KIND_UP,     /* to a switch that is further from all hosts */
    KIND_DOWN,
    KIND_TIER,  /* both of these */
    KIND_LOCAL, /* between switches that are equally far, in a group */
    KIND_GLOBAL,
    KIND_ALONE, /* it leads from no place to no place */
    KINDS,
} kind;

static const char *const kind_names[KINDS] = {
    [KIND_HOST_UP] = "from hosts",
    [KIND_HOST_DOWN] = "to hosts",
    [KIND_HOST] = "of hosts",
    [KIND_DIRECT] = "between hosts",
    [KIND_UP] = "up",
    [KIND_DOWN] = "down",
    [KIND_TIER] = "up and down",
    [KIND_LOCAL] = "local",
    [KIND_GLOBAL] = "global",
    [KIND_ALONE] = "alone",
};

/* What is known of places.  Invariant: depths of hosts are 0, and that of a
 * switch is 1 more than the least of its neighbours'; SIZE_MAX: it has none. */
typedef struct atlas {
    const ds_topology *topology;
    size_t num_hosts;
    size_t num_places;
    size_t *depths;
    size_t group; /* switches of a group of a dragonfly; 0: it is none */
} atlas;

static size_t count_places(const ds_topology *topology)
{
    size_t n = ds_topology_num_hosts(topology);
    size_t from, to;

    for (size_t i = 0; i < ds_topology_num_links(topology); i++) {
        if (ds_topology_ends(topology, i, &from, &to) == 0)
            continue;
        n = from >= n ? from + 1 : n;
        n = to >= n ? to + 1 : n;
    }
    return n;
}

/* Brings places at this depth and the next one nearer; false: there was none.
 */
static bool go_deeper(atlas *a, size_t depth)
{
    bool found = false;
    size_t ends[2];

    for (size_t i = 0; i < ds_topology_num_links(a->topology); i++) {
        if (ds_topology_ends(a->topology, i, &ends[0], &ends[1]) == 0)
            continue;
        for (int k = 0; k < 2; k++)
            if (a->depths[ends[k]] == depth &&
                a->depths[ends[1 - k]] > depth + 1) {
                a->depths[ends[1 - k]] = depth + 1;
                found = true;
            }
    }
    return found;
}

/* Only the text tells the groups of a dragonfly. */
static size_t group_of_text(const char *text)
{
    size_t chassis, routers;

    if (sscanf(text, "dragonfly:%*u,%*u;%zu,%*u;%zu", &chassis, &routers) != 2)
        return 0;
    return chassis * routers;
}

static atlas atlas_new(const fabric *f)
{
    atlas a = {
        .topology = f->topology,
        .num_hosts = ds_topology_num_hosts(f->topology),
        .num_places = count_places(f->topology),
        .group = group_of_text(f->topology_text),
    };

    a.depths = args_alloc(a.num_places, sizeof(*a.depths));
    for (size_t i = 0; i < a.num_places; i++)
        a.depths[i] = i < a.num_hosts ? 0 : SIZE_MAX;
    for (size_t depth = 0; go_deeper(&a, depth);)
        depth++;
    return a;
}

/* The kind of a link between switches as far from hosts as each other. */
static kind kind_across(const atlas *a, size_t from, size_t to)
{
    if (a->group == 0)
        return KIND_LOCAL;
    return (from - a->num_hosts) / a->group == (to - a->num_hosts) / a->group
               ? KIND_LOCAL
               : KIND_GLOBAL;
}

static kind kind_of(const atlas *a, size_t link)
{
    size_t from, to;
    const size_t ways = ds_topology_ends(a->topology, link, &from, &to);

    if (ways == 0)
        return KIND_ALONE;
    if (from < a->num_hosts && to < a->num_hosts)
        return KIND_DIRECT;
    if (from < a->num_hosts || to < a->num_hosts) {
        if (ways == 2)
            return KIND_HOST;
        return from < a->num_hosts ? KIND_HOST_UP : KIND_HOST_DOWN;
    }
    if (a->depths[from] == a->depths[to])
        return kind_across(a, from, to);
    if (ways == 2)
        return KIND_TIER;
    return a->depths[from] < a->depths[to] ? KIND_UP : KIND_DOWN;
}

/* ---- Rows -----------------------------------------------------------------*/

/* A link, or all of a kind: then rate is the sum of theirs, and what is not a
 * number of bytes or of seconds of messages is a mean, or the most. */
typedef struct row {
    const report *report;
    size_t number; /* of the link, or how many they are */
    const char *name;
    kind kind;
    double rate;
    double latency;
    double bytes;
    double busy;
    double full;
    double held;
    uint64_t messages;
    size_t most;
    double all_held; /* of all links */
} row;

/* All of them, the one that held back most first, and equal ones by number. */
typedef struct table {
    row *rows;
    size_t n;
    row kinds[KINDS];
} table;

static row row_of(const report *r, const atlas *a, size_t i)
{
    const ds_link *link = ds_topology_link(r->fabric->topology, i);
    const ds_link_use *use = &r->uses[i];

    return (row){
        .report = r,
        .number = i,
        .name = link->name,
        .kind = kind_of(a, i),
        .rate = link->rate,
        .latency = link->latency,
        .bytes = use->bytes,
        .busy = use->busy,
        .full = use->full,
        .held = use->held,
        .messages = use->messages,
        .most = use->most,
    };
}

/* What is equal on paper is equal here. */
static bool is_tie(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(a, b);
}

static int compare(const void *a, const void *b)
{
    const row *x = a;
    const row *y = b;

    if (x->held != y->held)
        return x->held > y->held ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Roundings tell no links apart: what ties with the first of those before it
 * counts as that. */
static void sort(table *t)
{
    size_t first = 0;

    qsort(t->rows, t->n, sizeof(*t->rows), compare);
    for (size_t i = 1; i < t->n; i++) {
        if (is_tie(t->rows[i].held, t->rows[first].held))
            t->rows[i].held = t->rows[first].held;
        else
            first = i;
    }
    qsort(t->rows, t->n, sizeof(*t->rows), compare);
}

static void add_to_kind(row *sum, const row *one)
{
    sum->report = one->report;
    sum->name = kind_names[one->kind];
    sum->kind = one->kind;
    sum->number++;
    sum->rate += one->rate;
    sum->bytes += one->bytes;
    sum->busy += one->busy;
    sum->full += one->full;
    sum->held += one->held;
    sum->messages += one->messages;
    sum->most = one->most > sum->most ? one->most : sum->most;
    sum->all_held = one->all_held;
}

static table table_new(const report *r)
{
    table t = { .n = ds_topology_num_links(r->fabric->topology) };
    atlas a = atlas_new(r->fabric);
    double all = 0;

    t.rows = args_alloc(t.n, sizeof(*t.rows));
    for (size_t i = 0; i < t.n; i++) {
        t.rows[i] = row_of(r, &a, i);
        all += t.rows[i].held;
    }
    free(a.depths);
    sort(&t);
    for (size_t i = 0; i < t.n; i++) {
        t.rows[i].all_held = all;
        add_to_kind(&t.kinds[t.rows[i].kind], &t.rows[i]);
    }
    for (size_t k = 0; k < KINDS; k++)
        if (t.kinds[k].number > 0) {
            t.kinds[k].busy /= (double)t.kinds[k].number;
            t.kinds[k].full /= (double)t.kinds[k].number;
        }
    return t;
}

/* ---- Columns --------------------------------------------------------------*/

static double part(double of, double all)
{
    return all > 0 ? of / all : 0;
}

static double use_of(const row *r)
{
    return part(r->bytes, r->rate * r->report->seconds);
}

static rows_value get_kind(const void *of, const rows_column *self)
{
    return rows_text(kind_names[((const row *)of)->kind]);
}

static rows_value get_use(const void *of, const rows_column *self)
{
    return rows_real(use_of(of));
}

static rows_value get_use_percent(const void *of, const rows_column *self)
{
    return rows_real(100 * use_of(of));
}

static rows_value get_full_percent(const void *of, const rows_column *self)
{
    const row *r = of;

    return rows_real(100 * part(r->full, r->report->seconds));
}

static rows_value get_held_percent(const void *of, const rows_column *self)
{
    const row *r = of;

    return rows_real(100 * part(r->held, r->all_held));
}

/* Without the noise of adding up parts of messages. */
static rows_value get_whole_bytes(const void *of, const rows_column *self)
{
    return rows_real(round(((const row *)of)->bytes));
}

#define COLUMN(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(row, member), 0                       \
    }

static const rows_column *const for_people[] = {
    COLUMN("name", "Link", ROWS_TEXT, rows_get_text, name),
    COLUMN("kind", "Kind", ROWS_TEXT, get_kind, kind),
    COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, rate),
    COLUMN("bytes", "Bytes", ROWS_REAL, get_whole_bytes, bytes),
    COLUMN("use", "Use, %", ROWS_SHORT, get_use_percent, bytes),
    COLUMN("full", "Full, %", ROWS_SHORT, get_full_percent, full),
    COLUMN("held", "Held, flow-s", ROWS_SECONDS, rows_get_real, held),
    COLUMN("most", "Most flows", ROWS_COUNT, rows_get_size, most),
};

static const rows_column *const of_kinds[] = {
    COLUMN("kind", "Kind", ROWS_TEXT, rows_get_text, name),
    COLUMN("links", "Links", ROWS_COUNT, rows_get_size, number),
    COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, rate),
    COLUMN("bytes", "Bytes", ROWS_REAL, get_whole_bytes, bytes),
    COLUMN("use", "Use, %", ROWS_SHORT, get_use_percent, bytes),
    COLUMN("full", "Full, %", ROWS_SHORT, get_full_percent, full),
    COLUMN("held", "Held, flow-s", ROWS_SECONDS, rows_get_real, held),
    COLUMN("held_percent", "Held, %", ROWS_SHORT, get_held_percent, held),
};

static const rows_column *const for_programs[] = {
    COLUMN("link", "Number", ROWS_COUNT, rows_get_size, number),
    COLUMN("name", "Link", ROWS_TEXT, rows_get_text, name),
    COLUMN("kind", "Kind", ROWS_TEXT, get_kind, kind),
    COLUMN("link_rate", "Rate", ROWS_REAL, rows_get_real, rate),
    COLUMN("link_latency", "Latency", ROWS_REAL, rows_get_real, latency),
    COLUMN("bytes", "Bytes", ROWS_REAL, rows_get_real, bytes),
    COLUMN("messages", "Messages", ROWS_COUNT, rows_get_word, messages),
    COLUMN("use", "Use", ROWS_REAL, get_use, bytes),
    COLUMN("busy_seconds", "Busy", ROWS_REAL, rows_get_real, busy),
    COLUMN("full_seconds", "Full", ROWS_REAL, rows_get_real, full),
    COLUMN("held_flow_seconds", "Held", ROWS_REAL, rows_get_real, held),
    COLUMN("most_flows", "Most flows", ROWS_COUNT, rows_get_size, most),
};
enum {
    FOR_PEOPLE = sizeof(for_people) / sizeof(*for_people),
    OF_KINDS = sizeof(of_kinds) / sizeof(*of_kinds),
    FOR_PROGRAMS = sizeof(for_programs) / sizeof(*for_programs),
};

/* ---- For programs ---------------------------------------------------------*/

/* A column of the run, by its number. */
static rows_value get_of_run(const void *of, const rows_column *self)
{
    const report *r = ((const row *)of)->report;
    const rows_column *column = r->columns[self->at];

    return column->get(r->run, column);
}

static failure show_rows(const rows_table *rows, const report *r,
                         const table *t, bool first)
{
    if (first && !rows_begin(rows))
        return failure_of_output();
    for (size_t i = 0; i < t->n && i < r->fabric->links; i++)
        if (!rows_add(rows, &t->rows[i]))
            return failure_of_output();
    return SUCCESS;
}

static failure show_to_programs(const report *r, const table *t,
                                rows_format format, bool first)
{
    const size_t n = r->num_columns + FOR_PROGRAMS;
    rows_column *own = args_alloc(r->num_columns, sizeof(*own));
    const rows_column **columns = args_alloc(n, sizeof(*columns));
    const rows_table rows = { stdout, format, columns, n };

    for (size_t i = 0; i < r->num_columns; i++) {
        own[i] = *r->columns[i];
        own[i].get = get_of_run;
        own[i].at = i;
        columns[i] = &own[i];
    }
    memcpy(columns + r->num_columns, for_programs, sizeof(for_programs));
    failure why = show_rows(&rows, r, t, first);
    free(columns);
    free(own);
    return why;
}

/* ---- For people -----------------------------------------------------------*/

static void show_hottest(const table *t)
{
    const row *hottest = &t->rows[0];
    size_t alike = 1;

    if (t->n == 0 || hottest->held <= 0) {
        printf("\nno link has held anything back\n");
        return;
    }
    while (alike < t->n && t->rows[alike].held == hottest->held)
        alike++;
    printf("\nhottest link %s (%s): %.0f %% used, holds %.0f %% of all waiting",
           hottest->name, kind_names[hottest->kind], 100 * use_of(hottest),
           100 * part(hottest->held, hottest->all_held));
    if (alike > 1)
        printf(", as %zu more do", alike - 1);
    printf("\n\n");
}

static failure show_kinds(const table *t, rows_format format)
{
    const rows_table rows = { stdout, format, of_kinds, OF_KINDS };
    bool written = rows_begin(&rows);

    for (size_t k = 0; k < KINDS && written; k++)
        if (t->kinds[k].number > 0)
            written = rows_add(&rows, &t->kinds[k]);
    return written ? SUCCESS : failure_of_output();
}

/* Names are as long as they are. */
static size_t widest(const table *t, size_t n)
{
    size_t width = 0;

    for (size_t i = 0; i < t->n && i < n; i++)
        width =
            strlen(t->rows[i].name) > width ? strlen(t->rows[i].name) : width;
    return width;
}

static failure show_to_people(const report *r, const table *t,
                              rows_format format, bool first)
{
    const rows_column *columns[FOR_PEOPLE];
    rows_column name = *for_people[0];
    const rows_table rows = { stdout, format, columns, FOR_PEOPLE };

    printf("%s%sLinks: %s\n\n", first ? "" : "\n",
           format == ROWS_MD ? "## " : "", r->heading);
    memcpy(columns, for_people, sizeof(for_people));
    name.width = widest(t, r->fabric->links);
    columns[0] = &name;
    failure why = show_rows(&rows, r, t, true);
    if (why.status != 0)
        return why;
    show_hottest(t);
    return show_kinds(t, format);
}

failure report_show(const report *r, rows_format format, bool first)
{
    table t = table_new(r);
    failure why = rows_for_people(format)
                      ? show_to_people(r, &t, format, first)
                      : show_to_programs(r, &t, format, first);

    free(t.rows);
    return why;
}
