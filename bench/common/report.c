/* See report.h. */

#include "bench/common/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/linktable.h"

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

/* How many bytes went from half to half; nothing if no link leads there. */
static rows_value get_cut(const void *of, kind which)
{
    const row *sum = &((const row *)of)->table->kinds[which];

    return rows_real(sum->number > 0 ? sum->bytes : NAN);
}

static rows_value get_there(const void *of, const rows_column *self)
{
    return get_cut(of, KIND_THERE);
}

static rows_value get_back(const void *of, const rows_column *self)
{
    return get_cut(of, KIND_BACK);
}

static rows_value get_bisection(const void *of, const rows_column *self)
{
    static const char *const names[] = { "", "there", "back", "both" };
    const row *r = of;

    return rows_text(names[r->is_there + 2 * r->is_back]);
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
    COLUMN("bisection", "Bisection", ROWS_TEXT, get_bisection, kind),
    COLUMN("bisection_bytes_there", "There", ROWS_REAL, get_there, bytes),
    COLUMN("bisection_bytes_back", "Back", ROWS_REAL, get_back, bytes),
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
    table t;

    table_init(&t, r);
    failure why = rows_for_people(format)
                      ? show_to_people(r, &t, format, first)
                      : show_to_programs(r, &t, format, first);
    table_free(&t);
    return why;
}
