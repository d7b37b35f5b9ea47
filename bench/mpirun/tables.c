/* See tables.h.  A row is a place that calls, or a collective; people get a
 * table of each, programs get one in which a row says what it is. */

#include "bench/mpirun/tables.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpi/run/profile.h"

/* Exactly one of them is there. */
typedef struct row {
    const tables_options *t;
    const ds__profile_site *site;
    const ds__profile_collective *collective;
} row;

double tables_idle(void *arg, int from, int to, double bytes)
{
    enum { FEW = 256 };
    const tables_options *t = arg;
    size_t links[FEW];
    double latency = 0;
    double rate = INFINITY;

    if (!fabric_is_open(t->fabric))
        return t->latency + bytes / t->rate;
    const size_t n =
        ds_topology_route(t->fabric->topology, t->fabric->hosts[from],
                          t->fabric->hosts[to], 0, links, FEW);
    for (size_t i = 0; i < n && i < FEW; i++) {
        const ds_link *l = ds_topology_link(t->fabric->topology, links[i]);
        latency += l->latency;
        rate = fmin(rate, l->rate);
    }
    return n == 0 || n > FEW ? NAN : latency + bytes / rate;
}

/* ---- Columns --------------------------------------------------------------*/

static const row *of(const void *r)
{
    const row *is = r;

    assert((is->site == NULL) != (is->collective == NULL));
    return is;
}

static rows_value get_kind(const void *r, const rows_column *self)
{
    return rows_text(of(r)->site != NULL ? "site" : "collective");
}

static rows_value get_call(const void *r, const rows_column *self)
{
    const row *is = of(r);

    return rows_text(is->site != NULL ? is->site->call : is->collective->call);
}

static rows_value get_line(const void *r, const rows_column *self)
{
    const row *is = of(r);
    const char *line = is->site != NULL ? is->site->line : is->collective->line;

    return line[0] == '\0' ? ROWS_NONE : rows_text(line);
}

static rows_value get_aside(const void *r, const rows_column *self)
{
    const row *is = of(r);

    return is->site == NULL ? ROWS_NONE
                            : (rows_value){ .truth = is->site->aside };
}

/* Members of a place. */
static rows_value get_real(const void *r, const rows_column *self)
{
    const char *site = (const char *)of(r)->site;

    return site == NULL ? ROWS_NONE
                        : rows_real(*(const double *)(site + self->at));
}

static rows_value get_word(const void *r, const rows_column *self)
{
    const char *site = (const char *)of(r)->site;

    return site == NULL ? ROWS_NONE
                        : rows_word(*(const uint64_t *)(site + self->at));
}

/* Of the time of all ranks. */
static rows_value get_percent(const void *r, const rows_column *self)
{
    const row *is = of(r);
    const double all = is->t->seconds * (double)is->t->ranks;

    return is->site == NULL || is->site->aside || all == 0
               ? ROWS_NONE
               : rows_real(100 * is->site->seconds / all);
}

static double waited(const ds__profile_site *s)
{
    double sum = 0;

    for (int i = 0; i < DS__WAITS; i++)
        sum += s->waits[i];
    return sum;
}

/* Less than a billionth is nothing but rounding. */
static rows_value get_rest(const void *r, const rows_column *self)
{
    const ds__profile_site *s = of(r)->site;

    if (s == NULL)
        return ROWS_NONE;
    const double rest = s->seconds - waited(s);
    return rows_real(rest > s->seconds * 1e-9 ? rest : 0);
}

static double mean(double sum, const ds__profile_collective *c)
{
    return c->times == 0 ? NAN : sum / (double)c->times;
}

/* What a collective has, by number. */
enum { MEMBERS, COUNT, BYTES, TIMES, SECONDS, SKEW, FORM, BOUND, RATIO };

static double value_of(const row *is, size_t which)
{
    const ds__profile_collective *c = is->collective;

    switch (which) {
    case MEMBERS:
        return c->members;
    case COUNT:
        return (double)c->count;
    case BYTES:
        return c->bytes;
    case TIMES:
        return (double)c->times;
    case SECONDS:
        return mean(c->seconds, c);
    case SKEW:
        return mean(c->skew, c);
    case FORM:
        return c->facts.closed_form;
    case BOUND:
        return c->facts.bound;
    default:
        return mean(c->seconds, c) / c->facts.closed_form;
    }
}

static rows_value get_collective(const void *r, const rows_column *self)
{
    const row *is = of(r);

    if (is->collective == NULL)
        return ROWS_NONE;
    const double x = value_of(is, self->at);
    return self->type == ROWS_COUNT ? rows_word((uint64_t)x) : rows_real(x);
}

static rows_value get_algorithm(const void *r, const rows_column *self)
{
    const ds__profile_collective *c = of(r)->collective;
    return c == NULL || c->facts.algorithm == NULL
               ? ROWS_NONE
               : rows_text(c->facts.algorithm);
}

#define SITE(name, title, type, get, member)                                   \
    static const rows_column name##_column = {                                 \
        #name, title, type, get, offsetof(ds__profile_site, member), 0         \
    }
#define WAIT(name, title, kind)                                                \
    static const rows_column name##_column = {                                 \
        #name,                                                                 \
        title,                                                                 \
        ROWS_SECONDS,                                                          \
        get_real,                                                              \
        offsetof(ds__profile_site, waits) + (kind) * sizeof(double),           \
        0                                                                      \
    }
#define COLLECTIVE(name, title, type, which)                                   \
    static const rows_column name##_column = { #name,          title, type,    \
                                               get_collective, which, 0 }
#define ROW(name, title, type, get, width)                                     \
    static const rows_column name##_column = {                                 \
        #name, title, type, get, 0, width                                      \
    }

ROW(kind, "Kind", ROWS_TEXT, get_kind, 0);
ROW(call, "Call", ROWS_TEXT, get_call, 18);
ROW(line, "Line", ROWS_TEXT, get_line, 18);
ROW(aside, "Aside", ROWS_BOOL, get_aside, 0);
SITE(calls, "Calls", ROWS_COUNT, get_word, calls);
SITE(ranks, "Ranks", ROWS_COUNT, get_word, ranks);
SITE(sent_bytes, "Bytes sent", ROWS_REAL, get_real, bytes);
SITE(seconds, "Seconds", ROWS_SECONDS, get_real, seconds);
SITE(least_seconds, "Least", ROWS_SECONDS, get_real, min);
SITE(most_seconds, "Most", ROWS_SECONDS, get_real, max);
ROW(percent, "%", ROWS_SHORT, get_percent, 0);
WAIT(late_sender_seconds, "Late sender", DS__WAIT_SENDER);
WAIT(late_receiver_seconds, "Late receiver", DS__WAIT_RECEIVER);
WAIT(network_seconds, "Network", DS__WAIT_NETWORK);
WAIT(sharing_seconds, "Sharing", DS__WAIT_SHARING);
ROW(other_seconds, "Else", ROWS_SECONDS, get_rest, 0);
COLLECTIVE(members, "Ranks", ROWS_COUNT, MEMBERS);
COLLECTIVE(count, "Count", ROWS_COUNT, COUNT);
COLLECTIVE(bytes, "Bytes", ROWS_REAL, BYTES);
COLLECTIVE(times, "Times", ROWS_COUNT, TIMES);
ROW(algorithm, "Algorithm", ROWS_TEXT, get_algorithm, 22);
COLLECTIVE(mean_seconds, "Seconds", ROWS_SECONDS, SECONDS);
COLLECTIVE(skew_seconds, "Come within", ROWS_SECONDS, SKEW);
COLLECTIVE(form_seconds, "Closed form", ROWS_SECONDS, FORM);
COLLECTIVE(bound_seconds, "Bound", ROWS_SECONDS, BOUND);
COLLECTIVE(form_ratio, "/ form", ROWS_SHORT, RATIO);

static const rows_column *const profile_columns[] = {
    &call_column,          &line_column,         &calls_column,
    &ranks_column,         &sent_bytes_column,   &seconds_column,
    &least_seconds_column, &most_seconds_column, &percent_column,
};
static const rows_column *const wait_columns[] = {
    &call_column,
    &line_column,
    &seconds_column,
    &late_sender_seconds_column,
    &late_receiver_seconds_column,
    &network_seconds_column,
    &sharing_seconds_column,
    &other_seconds_column,
};
static const rows_column *const collective_columns[] = {
    &call_column,         &line_column,          &members_column,
    &count_column,        &bytes_column,         &times_column,
    &algorithm_column,    &mean_seconds_column,  &skew_seconds_column,
    &form_seconds_column, &bound_seconds_column,
};
static const rows_column *const all_columns[] = {
    &kind_column,
    &call_column,
    &line_column,
    &aside_column,
    &calls_column,
    &ranks_column,
    &sent_bytes_column,
    &seconds_column,
    &least_seconds_column,
    &most_seconds_column,
    &percent_column,
    &late_sender_seconds_column,
    &late_receiver_seconds_column,
    &network_seconds_column,
    &sharing_seconds_column,
    &other_seconds_column,
    &members_column,
    &count_column,
    &bytes_column,
    &times_column,
    &algorithm_column,
    &mean_seconds_column,
    &skew_seconds_column,
    &form_seconds_column,
    &bound_seconds_column,
    &form_ratio_column,
};

/* ---- Tables ---------------------------------------------------------------*/

/* What there is of a run. */
typedef struct result {
    const tables_options *t;
    ds__profile_site *sites;
    size_t num_sites;
    ds__profile_collective *collectives;
    size_t num_collectives;
} result;

static row site_row(const result *r, size_t i)
{
    return (row){ .t = r->t, .site = &r->sites[i] };
}

static row collective_row(const result *r, size_t i)
{
    return (row){ .t = r->t, .collective = &r->collectives[i] };
}

/* A call that took no time is nothing that people look for. */
static bool show_sites(const result *r, const rows_table *rows)
{
    const bool all = !rows_for_people(rows->format);
    bool written = true;

    for (size_t i = 0; i < r->num_sites && written; i++) {
        const row is = site_row(r, i);
        if (all || is.site->seconds > 0 || is.site->bytes > 0)
            written = rows_add(rows, &is);
    }
    return written;
}

static bool show_waits(const result *r, const rows_table *rows)
{
    bool written = true;

    for (size_t i = 0; i < r->num_sites && written; i++) {
        const row is = site_row(r, i);
        if (is.site->seconds > 0)
            written = rows_add(rows, &is);
    }
    return written;
}

static bool show_collectives(const result *r, const rows_table *rows)
{
    bool written = true;

    for (size_t i = 0; i < r->num_collectives && written; i++) {
        const row is = collective_row(r, i);
        written = rows_add(rows, &is);
    }
    return written;
}

typedef bool show_fn(const result *r, const rows_table *rows);

static bool show_table(const result *r, const char *heading,
                       const rows_column *const *columns, size_t n, show_fn *fn)
{
    const rows_table rows = { stdout, r->t->format, columns, n };

    printf("\n%s\n\n", heading);
    return rows_begin(&rows) && fn(r, &rows);
}
#define SHOW(r, heading, columns, fn)                                          \
    show_table(r, heading, columns, sizeof(columns) / sizeof(*columns), fn)

/* ---- What stands out ------------------------------------------------------*/

static const ds__profile_site *site_of(const result *r,
                                       const ds__profile_collective *c)
{
    for (size_t i = 0; i < r->num_sites; i++)
        if (r->sites[i].call == c->call && r->sites[i].line == c->line)
            return &r->sites[i];
    return NULL;
}

/* Messages that leave at once do not wait for whom they go to, so that those of
 * different steps meet at a port. */
static void show_finding(const result *r, const row *is)
{
    const ds__profile_collective *c = is->collective;
    const ds__profile_site *s = site_of(r, c);
    const double ratio = value_of(is, RATIO);

    if (s == NULL || !(ratio > 1.1) || s->seconds == 0)
        return;
    const double shared = 100 * s->waits[DS__WAIT_SHARING] / s->seconds;
    const double late = 100 * s->waits[DS__WAIT_SENDER] / s->seconds;
    if (shared < 5)
        return;
    printf("\n%s at %s of %g bytes takes %.1f times what its closed form says: "
           "for %.0f %% of the time messages share ports, for %.0f %% their "
           "senders are late.",
           c->call, c->line, c->bytes, ratio, shared, late);
    if (c->bytes <= r->t->eager && c->bytes > 0)
        printf("  They leave at once, so that steps of different ranks "
               "overlap; with --eager=%g a step waits for its partner.",
               c->bytes - 1);
    printf("\n");
}

static bool show_findings(const result *r)
{
    for (size_t i = 0; i < r->num_collectives; i++) {
        const row is = collective_row(r, i);
        show_finding(r, &is);
    }
    return fflush(stdout) == 0;
}

/* ---- All of it ------------------------------------------------------------*/

static bool show_people(const result *r)
{
    return (!r->t->profile || SHOW(r, "Calls, by their time on all ranks:",
                                   profile_columns, show_sites)) &&
           (!r->t->explain ||
            (SHOW(r, "What calls waited for, on all ranks:", wait_columns,
                  show_waits) &&
             (r->num_collectives == 0 ||
              (SHOW(r,
                    "Collectives, from when the last rank has come, each "
                    "time:",
                    collective_columns, show_collectives) &&
               show_findings(r)))));
}

static bool show_programs(const result *r)
{
    const rows_table rows = { stdout, r->t->format, all_columns,
                              sizeof(all_columns) / sizeof(*all_columns) };

    return rows_begin(&rows) && show_sites(r, &rows) &&
           (!r->t->explain || show_collectives(r, &rows));
}

failure tables_show(const tables_options *t)
{
    result r = { .t = t };

    if (!t->profile && !t->explain)
        return SUCCESS;
    r.sites = ds__profile_sites(&r.num_sites);
    r.collectives = ds__profile_collectives(&r.num_collectives);
    const bool written =
        rows_for_people(t->format) ? show_people(&r) : show_programs(&r);
    free(r.sites);
    free(r.collectives);
    return written ? SUCCESS : failure_of_output();
}
