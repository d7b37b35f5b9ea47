/* See show.h. */

#include "bench/common/show.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/crossover.h"
#include "bench/common/plot.h"
#include "bench/common/reports.h"

/* ---- The options ----------------------------------------------------------*/

const args_option show_table[SHOW_OPTIONS] = {
    [SHOW_FORMAT] = {
        .name = "format",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(show_options, format),
        .known = &args_formats,
        .shown = ARGS_FORMAT_SHOWN,
        .help = "text or md, a table with a column for each algorithm; csv or "
                "json, a line for each run with all there is to know of it",
    },
    [SHOW_BEST] = {
        .name = "best",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, best),
        .help = "Mark the fastest algorithm of each row",
    },
    [SHOW_COSTS] = {
        .name = "costs",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, costs),
        .help = "Compare each time with its closed form, with what no "
                "algorithm can beat and with what none with one port can; a "
                "line for each run",
    },
    [SHOW_EXPLAIN] = {
        .name = "explain",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, explain),
        .help = "Split each time along the critical path into latencies "
                "(alpha), bytes (beta), the sharing of ports with other "
                "messages, and reductions (gamma); a line for each run",
    },
    [SHOW_POINTS] = {
        .name = "points",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, points),
        .help = "Show a line for each setting in csv and json too, with the "
                "best algorithm and the time of each, for distsys-sweep",
    },
    [SHOW_CROSSOVER] = {
        .name = "crossover",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, crossover),
        .help = "Find the sizes at which the best algorithm changes, and what "
                "the rules of the MPI libraries choose there; all algorithms, "
                "and sizes from 1 to 16777216, unless said otherwise",
    },
    [SHOW_PLOT] = {
        .name = "plot",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(show_options, plot),
        .help = "Draw time against size, a line for each algorithm with the "
                "bound beneath, into an .svg or .png, by gnuplot; the same "
                "defaults",
    },
    [SHOW_TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(show_options, trace),
        .help = "Write all that happens in the one run there, for "
                "distsys-trace",
    },
    [SHOW_LIST] = {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(show_options, list),
        .help = "List the algorithms",
    },
};

bool show_is_sweep(const show_options *o)
{
    return o->crossover || o->plot != NULL;
}

/* ---- Columns --------------------------------------------------------------*/

static rows_value get_algorithm(const void *row, const rows_column *self)
{
    return rows_text(((const outcome *)row)->how->name);
}

static rows_value get_seconds(const void *row, const rows_column *self)
{
    const outcome *o = row;

    return (rows_value){ .strong = o->marked, .real = o->result.seconds };
}

/* On a topology a path is split if it is explained, and nothing is known of it
 * otherwise. */
static bool is_split(const outcome *o)
{
    return o->result.split.parts != NULL;
}

static double alpha_of(const outcome *o)
{
    return is_split(o) ? o->result.split.alpha
                       : o->result.path.cost.rounds * o->s.latency;
}

static double beta_of(const outcome *o)
{
    return is_split(o) ? o->result.split.beta
                       : o->result.path.cost.volume / o->s.rate;
}

static rows_value get_alpha(const void *row, const rows_column *self)
{
    return rows_real(alpha_of(row));
}

static rows_value get_beta(const void *row, const rows_column *self)
{
    return rows_real(beta_of(row));
}

/* Beyond what the messages on the critical path take on an idle network; less
 * than a billionth is nothing but rounding. */
static rows_value get_sharing(const void *row, const rows_column *self)
{
    const outcome *o = row;
    const ds_path *path = &o->result.path;
    double more = path->travelling - alpha_of(o) - beta_of(o);

    if (isnan(more))
        return ROWS_NONE;
    return rows_real(more > 1e-9 * path->travelling ? more : 0);
}

static rows_value get_links(const void *row, const rows_column *self)
{
    const outcome *o = row;

    return o->links != NULL ? rows_text(o->links) : ROWS_NONE;
}

static rows_value get_messages(const void *row, const rows_column *self)
{
    return rows_word((uint64_t)((const outcome *)row)->result.path.cost.rounds);
}

static rows_value get_collective(const void *row, const rows_column *self)
{
    return rows_text(
        ds_collective_kind_name(((const outcome *)row)->how->kind));
}

#define COLUMN(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(outcome, member), 0                   \
    }
#define OPTION(name) &setting_table[SETTING_##name].column

#define ALGORITHM                                                              \
    COLUMN("algorithm", "Algorithm", ROWS_TEXT, get_algorithm, how)
#define SECONDS COLUMN("seconds", "Seconds", ROWS_SECONDS, get_seconds, result)

/* What a line begins with, also where there is no switch, and what options add
 * to it. */
static const rows_column *const keys[] = {
    ALGORITHM,    OPTION(NODES), OPTION(LATENCY),
    OPTION(RATE), OPTION(SIZE),  SECONDS,
};
static const rows_column *const keys_on_topology[] = {
    ALGORITHM,
    OPTION(NODES),
    OPTION(SIZE),
    SECONDS,
};
static const rows_column *const costs[] = {
    COLUMN("closed_form", "Closed form", ROWS_SECONDS, rows_get_real,
           theory.closed_form),
    COLUMN("lower_bound", "Lower bound", ROWS_SECONDS, rows_get_real,
           theory.lower_bound),
    COLUMN("one_port_bound", "One-port bound", ROWS_SECONDS, rows_get_real,
           theory.one_port_bound),
    COLUMN("ratio", "Ratio", ROWS_SHORT, rows_get_real, theory.ratio),
};
static const rows_column *const explanation[] = {
    COLUMN("alpha_seconds", "Alpha", ROWS_SECONDS, get_alpha, result),
    COLUMN("beta_seconds", "Beta", ROWS_SECONDS, get_beta, result),
    COLUMN("sharing_seconds", "Sharing", ROWS_SECONDS, get_sharing, result),
    COLUMN("gamma_seconds", "Gamma", ROWS_SECONDS, rows_get_real,
           result.path.reducing),
    COLUMN("path_messages", "Messages", ROWS_COUNT, get_messages, result),
    COLUMN("path_bytes", "Bytes", ROWS_REAL, rows_get_real,
           result.path.cost.volume),
};

/* Which links the time of sharing was spent on. */
#define LINKS                                                                  \
    COLUMN("sharing_links", "Sharing by link", ROWS_TEXT, get_links, links)
static const rows_column *const explanation_on_topology[] = {
    LINKS,
};

/* What only programs get, in between and at the end. */
static const rows_column *const run[] = {
    COLUMN("best", "Best", ROWS_BOOL, rows_get_bool, best),
    COLUMN("wall_seconds", "Wall seconds", ROWS_SECONDS, rows_get_real,
           result.wall_seconds),
    COLUMN("digest", "Digest", ROWS_DIGEST, rows_get_word, result.digest),
    OPTION(MODE),
    OPTION(MODEL),
    OPTION(GRANULARITY),
    OPTION(GROUP),
    OPTION(CHUNK),
    OPTION(REAL),
    OPTION(SEED),
    OPTION(EXEC),
    &setting_ties_column,
};
static const rows_column *const more[] = {
    COLUMN("collective", "Collective", ROWS_TEXT, get_collective, how),
    OPTION(ROOT),
    OPTION(EAGER),
    &setting_topology_column,
    &setting_map_column,
    LINKS,
};

/* What is assumed ends each line for people. */
static const rows_column *const assumed[] = {
    OPTION(MODE),
    OPTION(MODEL),
    OPTION(SEED),
};
static const rows_column *const assumed_on_topology[] = {
    OPTION(MODE),
    &setting_topology_column,
    &setting_map_column,
    OPTION(SEED),
};

/* Those that are shown. */
enum { VIEW_MAX = 40 };
typedef struct view {
    size_t n;
    const rows_column *columns[VIEW_MAX];
} view;

static void add(view *v, const rows_column *const *columns, size_t n)
{
    memcpy(v->columns + v->n, columns, n * sizeof(*columns));
    v->n += n;
}

#define ADD(view, columns)                                                     \
    add(view, columns, sizeof(columns) / sizeof(*columns))

/* Programs that read rows may count columns: new ones come last. */
static view view_for_programs(void)
{
    view v = { 0 };

    ADD(&v, keys);
    ADD(&v, costs);
    ADD(&v, run);
    ADD(&v, explanation);
    ADD(&v, more);
    return v;
}

static view view_for_people(const show_options *o, bool on_topology)
{
    view v = { 0 };

    if (on_topology)
        ADD(&v, keys_on_topology);
    else
        ADD(&v, keys);
    if (o->costs)
        ADD(&v, costs);
    if (o->explain)
        ADD(&v, explanation);
    if (on_topology)
        ADD(&v, assumed_on_topology);
    else
        ADD(&v, assumed);
    if (o->explain && on_topology)
        ADD(&v, explanation_on_topology);
    return v;
}

/* ---- A row for each trial -------------------------------------------------*/

enum { LINKS_FOR_PEOPLE = 3 };

static failure show_outcome(const rows_table *rows, outcome *o)
{
    const split *of = &o->result.split;
    const ds_topology *topology = NULL;

    if (is_split(o))
        topology = o->s.fabric->topology;
    if (is_split(o) && rows_for_people(rows->format))
        o->links = split_words(of, topology, LINKS_FOR_PEOPLE);
    else if (is_split(o))
        o->links = split_list(of, topology);
    bool written = rows_add(rows, o);
    free(o->links);
    o->links = NULL;
    return written ? SUCCESS : failure_of_output();
}

static failure show_outcomes(const rows_table *rows, outcome *outcomes,
                             size_t n, bool mark)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++) {
        outcomes[i].marked = mark && outcomes[i].best;
        if (outcomes[i].ran)
            why = show_outcome(rows, &outcomes[i]);
    }
    return why;
}

static failure show_lines_of(const rows_table *rows, contest *c, bool mark)
{
    outcome *outcomes = args_alloc(c->n, sizeof(*outcomes));
    failure why = SUCCESS;

    for (size_t i = 0; i < c->settings.n && why.status == 0; i++) {
        why = contest_run(c, i, outcomes);
        if (why.status == 0)
            why = show_outcomes(rows, outcomes, c->n, mark);
        contest_forget(c, outcomes);
    }
    free(outcomes);
    return why;
}

static size_t longest_name(const contest *contests, size_t n)
{
    size_t longest = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < contests[i].n; k++)
            if (strlen(contests[i].contenders[k]->name) > longest)
                longest = strlen(contests[i].contenders[k]->name);
    return longest;
}

static failure show_lines(contest *contests, size_t n, const show_options *o)
{
    rows_format format = (rows_format)o->format;
    view v = rows_for_people(format)
                 ? view_for_people(o, contest_is_on_topology(&contests[0]))
                 : view_for_programs();
    rows_column algorithm = *keys[0];
    rows_column topology = setting_topology_column;
    rows_table rows = { stdout, format, v.columns, v.n };
    failure why = SUCCESS;

    algorithm.width = longest_name(contests, n);
    v.columns[0] = &algorithm;
    if (contest_is_on_topology(&contests[0]))
        topology.width =
            strlen(contests[0].settings.list[0].fabric->topology_text);
    for (size_t i = 0; i < v.n; i++)
        if (v.columns[i] == &setting_topology_column)
            v.columns[i] = &topology;
    if (!rows_begin(&rows))
        return failure_of_output();
    for (size_t i = 0; i < n && why.status == 0; i++) {
        contests[i].explain = o->explain || !rows_for_people(format);
        why = show_lines_of(&rows, &contests[i], o->best);
    }
    return why;
}

/* ---- A table: a row for each setting, a column for each algorithm ---------*/

/* One row, which begins with its setting. */
typedef struct table_row {
    setting s;
    const outcome *outcomes;
    size_t n;
} table_row;

static const rows_column *const table_keys[] = {
    OPTION(NODES),
    OPTION(LATENCY),
    OPTION(RATE),
    OPTION(SIZE),
};
static const rows_column *const table_keys_on_topology[] = {
    OPTION(NODES),
    OPTION(SIZE),
};

static rows_value get_time(const void *row, const rows_column *self)
{
    const outcome *o = &((const table_row *)row)->outcomes[self->at];

    return o->ran ? get_seconds(o, self) : ROWS_NONE;
}

/* The first of those that tie; NULL: nobody can run. */
static const outcome *best_of(const table_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->outcomes[i].ran && row->outcomes[i].best)
            return &row->outcomes[i];
    return NULL;
}

static rows_value get_best(const void *row, const rows_column *self)
{
    const outcome *o = best_of(row);

    return o != NULL ? rows_text(o->how->name) : ROWS_NONE;
}

static rows_value get_least(const void *row, const rows_column *self)
{
    const outcome *o = best_of(row);

    return o != NULL ? rows_real(o->result.seconds) : ROWS_NONE;
}

static rows_value get_kind(const void *row, const rows_column *self)
{
    return get_collective(((const table_row *)row)->outcomes, self);
}

/* What a point has besides, before the time of each. */
static const rows_column *const point_keys[] = {
    &(const rows_column){ "collective", "Collective", ROWS_TEXT, get_kind, 0,
                          0 },
    OPTION(MODE),
    OPTION(MODEL),
    &(const rows_column){ "best", "Best", ROWS_TEXT, get_best, 0, 24 },
    &(const rows_column){ "best_seconds", "Seconds", ROWS_SECONDS, get_least, 0,
                          0 },
};

static char *title_of(const char *name)
{
    char *title = args_alloc(strlen(name) + 1, 1);

    strcpy(title, name);
    title[0] = (char)toupper((unsigned char)title[0]);
    return title;
}

/* A column for each contender; to be given back. */
static rows_column *times_of(const contest *c)
{
    rows_column *times = args_alloc(c->n, sizeof(*times));

    for (size_t i = 0; i < c->n; i++) {
        const char *name = c->contenders[i]->name;

        times[i] =
            (rows_column){ name, title_of(name), ROWS_SECONDS, get_time, i, 0 };
    }
    return times;
}

static void free_times(rows_column *times, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((char *)times[i].title);
    free(times);
}

static failure show_table_row(const rows_table *rows, outcome *outcomes,
                              size_t n, bool mark)
{
    table_row row = { outcomes[0].s, outcomes, n };

    for (size_t i = 0; i < n; i++)
        outcomes[i].marked = mark && outcomes[i].best;
    return rows_add(rows, &row) ? SUCCESS : failure_of_output();
}

static failure show_table_rows(const rows_table *rows, contest *c, bool mark)
{
    outcome *outcomes = args_alloc(c->n, sizeof(*outcomes));
    failure why = rows_begin(rows) ? SUCCESS : failure_of_output();

    for (size_t i = 0; i < c->settings.n && why.status == 0; i++) {
        why = contest_run(c, i, outcomes);
        if (why.status == 0)
            why = show_table_row(rows, outcomes, c->n, mark);
    }
    free(outcomes);
    return why;
}

static failure show_contest(contest *c, const show_options *o)
{
    rows_column *times = times_of(c);
    view v = { 0 };
    const rows_column **columns;

    if (contest_is_on_topology(c))
        ADD(&v, table_keys_on_topology);
    else
        ADD(&v, table_keys);
    if (o->points)
        ADD(&v, point_keys);
    columns = args_alloc(v.n + c->n, sizeof(*columns));
    memcpy(columns, v.columns, v.n * sizeof(*columns));
    for (size_t i = 0; i < c->n; i++)
        columns[v.n + i] = &times[i];
    rows_table rows = { stdout, (rows_format)o->format, columns, v.n + c->n };
    failure why = show_table_rows(&rows, c, o->best);
    free_times(times, c->n);
    free(columns);
    return why;
}

/* What it is, and what is assumed.  The table of the original has none. */
static void show_heading(const contest *c, rows_format format)
{
    const setting *s = &c->settings.list[0];
    char *words = setting_words(s);

    if (s->mode != SETTING_ORIGINAL || contest_is_on_topology(c))
        printf("%s%s: %s\n\n", format == ROWS_MD ? "## " : "",
               ds_collective_kind_name(c->kind), words != NULL ? words : "");
    free(words);
}

static failure show_contests(contest *contests, size_t n, const show_options *o)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++) {
        if (i > 0 && o->format != ROWS_JSON)
            putchar('\n');
        if (rows_for_people((rows_format)o->format))
            show_heading(&contests[i], (rows_format)o->format);
        why = show_contest(&contests[i], o);
    }
    return why;
}

/* ---- Sweeps over sizes ----------------------------------------------------*/

static failure show_crossovers(contest *contests, size_t n, rows_format format)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++)
        why = crossover_print(&contests[i], format, i == 0);
    return why;
}

static failure run_line(contest *c, const ds_collective *how, plot_line *line)
{
    failure why = SUCCESS;

    line->name = how->name;
    line->y = args_alloc(c->settings.n, sizeof(*line->y));
    for (size_t k = 0; k < c->settings.n && why.status == 0; k++)
        why = contest_seconds(c, how, &c->settings.list[k], &line->y[k]);
    return why;
}

static void bound_line(const contest *c, plot_line *line)
{
    line->name = "lower bound";
    line->y = args_alloc(c->settings.n, sizeof(*line->y));
    for (size_t k = 0; k < c->settings.n; k++)
        line->y[k] = contest_bound(c, &c->settings.list[k]);
}

/* Closed forms and bounds are of switches. */
static failure check_costs(const contest *c)
{
    for (size_t i = 0; i < c->settings.n; i++) {
        const setting *s = &c->settings.list[i];

        if (isnan(contest_bound(c, s)))
            return failure_new(BAD_USAGE,
                               "--costs: closed forms and bounds are of a "
                               "switch, and to %zu ranks %s is none; allowed: "
                               "--explain, or a star",
                               s->nodes, s->fabric->topology_text);
    }
    return SUCCESS;
}

failure show_check(const contest *contests, size_t n, const show_options *o)
{
    const settings *all = &contests[0].settings;
    failure why = SUCCESS;

    if (o->points && (show_is_sweep(o) || o->costs || o->explain ||
                      reports_wanted(&contests[0])))
        return failure_new(BAD_USAGE,
                           "--points: a line for each setting has times only; "
                           "allowed: without --costs, --explain, --links, "
                           "--crossover and --plot");
    if (show_is_sweep(o) && reports_wanted(&contests[0]))
        return failure_new(BAD_USAGE,
                           "--links: a report is of single runs; allowed: "
                           "without --crossover and --plot");

    for (size_t i = 0; o->costs && !show_is_sweep(o) && i < n; i++) {
        why = check_costs(&contests[i]);
        if (why.status != 0)
            return why;
    }
    if (o->plot == NULL)
        return SUCCESS;
    if (n != 1)
        return failure_new(
            BAD_USAGE, "--plot: a picture shows one collective, not %s and %s",
            ds_collective_kind_name(contests[0].kind),
            ds_collective_kind_name(contests[1].kind));
    if (all->n != all->num_sizes)
        return failure_new(
            BAD_USAGE,
            "--plot: a picture shows one setting; allowed: one value for "
            "each of --nodes, --latency and --rate");
    if (all->list[0].size == 0 || all->list[0].nodes == 1)
        return failure_new(
            BAD_USAGE, "--plot: the axes are logarithmic; allowed: --size and "
                       "--nodes with times above 0");
    return plot_check("--plot", o->plot);
}

static char *title_of_plot(const setting *s, ds_collective_kind kind)
{
    char *lines = setting_two_lines(s);
    char *title = NULL;

    if (lines == NULL ||
        asprintf(&title, "%s, %s", ds_collective_kind_name(kind), lines) < 0)
        title = NULL;
    free(lines);
    return title;
}

static failure draw(const contest *c, const char *file, const plot_line *lines,
                    bool bounded)
{
    double *sizes = args_alloc(c->settings.n, sizeof(*sizes));
    char *title = title_of_plot(&c->settings.list[0], c->kind);

    for (size_t k = 0; k < c->settings.n; k++)
        sizes[k] = (double)c->settings.list[k].size;
    failure why = plot_draw(&(plot){
        .file = file,
        .title = title != NULL ? title : "",
        .n = c->settings.n,
        .x = sizes,
        .num_lines = c->n + bounded,
        .lines = lines,
        .is_bounded = bounded,
    });
    free(title);
    free(sizes);
    return why;
}

/* One line for each algorithm, and the bound beneath if there is one. */
static failure show_plot(contest *c, const char *file)
{
    plot_line *lines = args_alloc(c->n + 1, sizeof(*lines));
    bool bounded = !isnan(contest_bound(c, &c->settings.list[0]));
    failure why = SUCCESS;

    for (size_t i = 0; i < c->n && why.status == 0; i++)
        why = run_line(c, c->contenders[i], &lines[i]);
    if (bounded)
        bound_line(c, &lines[c->n]);
    if (why.status == 0)
        why = draw(c, file, lines, bounded);
    for (size_t i = 0; i <= c->n; i++)
        free(lines[i].y);
    free(lines);
    return why;
}

/* ---- What was asked for ---------------------------------------------------*/

static failure show_sweeps(contest *contests, size_t n, const show_options *o)
{
    failure why = SUCCESS;

    if (o->plot != NULL)
        why = show_plot(&contests[0], o->plot);
    if (o->crossover && why.status == 0)
        why = show_crossovers(contests, n, (rows_format)o->format);
    return why;
}

static failure show_runs(contest *contests, size_t n, const show_options *o)
{
    const rows_format format = (rows_format)o->format;

    if (!rows_for_people(format) && reports_wanted(&contests[0]))
        return reports_run(contests, n);
    if (o->points || (rows_for_people(format) && !o->costs && !o->explain))
        return show_contests(contests, n, o);
    return show_lines(contests, n, o);
}

failure show(contest *contests, size_t n, const show_options *o)
{
    if (show_is_sweep(o))
        return show_sweeps(contests, n, o);
    failure why = show_runs(contests, n, o);
    if (why.status == 0 && reports_wanted(&contests[0]))
        why = reports_show(contests, n, (rows_format)o->format);
    return why;
}
