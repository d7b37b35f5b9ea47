/* See show.h. */

#include "bench/show.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/crossover.h"
#include "bench/plot.h"

/* ---- The options ----------------------------------------------------------*/

/* Away from the keys of the programs, which begin at 256, and of setting.c. */
enum { FORMAT = 2048, BEST, COSTS, EXPLAIN, CROSSOVER, PLOT, LIST };

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to print:", 2 },
    { "format", FORMAT, "NAME", 0,
      "md, a table with a column for each algorithm; csv or json, a line for "
      "each run with all there is to know of it (md)",
      2 },
    { "best", BEST, NULL, 0, "Mark the fastest algorithm of each row", 2 },
    { "costs", COSTS, NULL, 0,
      "Compare each time with its closed form, with what no algorithm can beat "
      "and with what none with one port can; a line for each run",
      2 },
    { "explain", EXPLAIN, NULL, 0,
      "Split each time along the critical path into latencies (alpha), bytes "
      "(beta), the sharing of ports with other messages, and reductions "
      "(gamma); a line for each run",
      2 },
    { "crossover", CROSSOVER, NULL, 0,
      "Find the sizes at which the best algorithm changes, and what the rules "
      "of the MPI libraries choose there; all algorithms, and sizes from 1 to "
      "16777216, unless said otherwise",
      2 },
    { "plot", PLOT, "FILE", 0,
      "Draw time against size, a line for each algorithm with the bound "
      "beneath, into an .svg or .png, by gnuplot; the same defaults",
      2 },
    { "list", LIST, NULL, 0, "List the algorithms", 2 },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct show_options *o = state->input;

    switch (key) {
    case FORMAT:
        o->format = (enum report_format)args_choice(
            "--format", arg, report_formats, REPORT_FORMATS);
        return 0;
    case BEST:
        o->best = true;
        return 0;
    case COSTS:
        o->costs = true;
        return 0;
    case EXPLAIN:
        o->explain = true;
        return 0;
    case CROSSOVER:
        o->crossover = true;
        return 0;
    case PLOT:
        o->plot = arg;
        return 0;
    case LIST:
        o->list = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp show_argp = {
    .options = option_table,
    .parser = parse_option,
};

bool show_is_sweep(const struct show_options *o)
{
    return o->crossover || o->plot != NULL;
}

/* ---- A row for each trial -------------------------------------------------*/

/* Programs that read rows may count columns: new ones come last. */
enum { COLUMNS = 30 };

static const struct report_column all_columns[COLUMNS] = {
    { "algorithm", "Algorithm", REPORT_TEXT },
    { "nodes", "Nodes", REPORT_COUNT },
    { "latency", "Latency", REPORT_REAL },
    { "rate", "NIC rate", REPORT_RATE },
    { "size", "Size", REPORT_COUNT },
    { "seconds", "Seconds", REPORT_SECONDS },
    { "closed_form", "Closed form", REPORT_SECONDS },
    { "lower_bound", "Lower bound", REPORT_SECONDS },
    { "one_port_bound", "One-port bound", REPORT_SECONDS },
    { "ratio", "Ratio", REPORT_SHORT },
    { "best", "Best", REPORT_BOOL },
    { "wall_seconds", "Wall seconds", REPORT_SECONDS },
    { "digest", "Digest", REPORT_DIGEST },
    { "mode", "Mode", REPORT_TEXT },
    { "model", "Model", REPORT_TEXT },
    { "granularity", "Granularity", REPORT_COUNT },
    { "group", "Group", REPORT_COUNT },
    { "chunk", "Chunk", REPORT_COUNT },
    { "real", "Real", REPORT_BOOL },
    { "seed", "Seed", REPORT_COUNT },
    { "exec", "Exec", REPORT_TEXT },
    { "ties", "Ties", REPORT_TEXT },
    { "alpha_seconds", "Alpha", REPORT_SECONDS },
    { "beta_seconds", "Beta", REPORT_SECONDS },
    { "sharing_seconds", "Sharing", REPORT_SECONDS },
    { "gamma_seconds", "Gamma", REPORT_SECONDS },
    { "path_messages", "Messages", REPORT_COUNT },
    { "path_bytes", "Bytes", REPORT_REAL },
    { "collective", "Collective", REPORT_TEXT },
    { "root", "Root", REPORT_COUNT },
};
enum { SECONDS = 5 }; /* above, and where the options' columns begin and end */
enum { COSTS_FIRST = 6, COSTS_END = 10, EXPLAIN_FIRST = 22, EXPLAIN_END = 28 };

/* Those that are shown. */
struct view {
    size_t n;
    size_t columns[COLUMNS];
};

static void add_columns(struct view *view, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        view->columns[view->n++] = i;
}

/* CSV and JSON show all. */
static struct view view_of(const struct show_options *o)
{
    struct view view = { 0 };

    if (o->format != REPORT_MD) {
        add_columns(&view, 0, COLUMNS);
        return view;
    }
    add_columns(&view, 0, SECONDS + 1);
    if (o->costs)
        add_columns(&view, COSTS_FIRST, COSTS_END);
    if (o->explain)
        add_columns(&view, EXPLAIN_FIRST, EXPLAIN_END);
    return view;
}

/* Beyond what the messages on the critical path take on an idle network; less
 * than a billionth is nothing but rounding. */
static double sharing(const struct outcome *o)
{
    const ds_path *path = &o->result.path;
    double idle = path->cost.rounds * o->setting.latency +
                  path->cost.volume / o->setting.rate;
    double more = path->travelling - idle;

    return more > 1e-9 * path->travelling ? more : 0;
}

static void fill_row(struct report_value row[COLUMNS],
                     const struct contest *contest, const struct outcome *o)
{
    const struct setting *s = &o->setting;
    const struct contender *contender = o->contender;
    const ds_path *path = &o->result.path;
    struct theory theory = contest->theory(contender, s);
    const struct report_value values[COLUMNS] = {
        report_text(contender->name),
        report_word(s->nodes),
        report_real(s->latency),
        report_real(s->rate),
        report_word(s->size),
        report_real(o->result.seconds),
        theory.has_closed_form ? report_real(theory.closed_form) : REPORT_NONE,
        report_real(theory.lower_bound),
        report_real(theory.one_port_bound),
        theory.lower_bound > 0
            ? report_real(o->result.seconds / theory.lower_bound)
            : REPORT_NONE,
        report_bool(o->best),
        report_real(o->result.wall_seconds),
        report_word(o->result.digest),
        report_text(setting_modes[s->mode]),
        report_text(setting_models[s->model]),
        report_word(contender->granularity),
        report_word(contender->group),
        report_word(contender->chunk),
        report_bool(s->real),
        report_word(s->seed),
        report_text(setting_execs[s->exec]),
        report_text(setting_ties()),
        report_real(path->cost.rounds * s->latency),
        report_real(path->cost.volume / s->rate),
        report_real(sharing(o)),
        report_real(path->reducing),
        report_word((uint64_t)path->cost.rounds),
        report_real(path->cost.volume),
        report_text(contest->name),
        report_word(s->root),
    };

    memcpy(row, values, sizeof(values));
}

static void show_outcome(const struct report *report, const struct view *view,
                         const struct contest *contest, const struct outcome *o,
                         bool mark)
{
    struct report_value all[COLUMNS];
    struct report_value some[COLUMNS];

    fill_row(all, contest, o);
    all[SECONDS].strong = mark && o->best;
    for (size_t i = 0; i < view->n; i++)
        some[i] = all[view->columns[i]];
    report_row(report, some);
    args_check_output();
}

static void show_lines_of(const struct report *report, const struct view *view,
                          const struct contest *contest, bool mark)
{
    struct outcome *outcomes = args_alloc(contest->n, sizeof(*outcomes));

    for (size_t i = 0; i < contest->settings.n; i++) {
        contest_run(contest, i, outcomes);
        for (size_t k = 0; k < contest->n; k++)
            if (outcomes[k].ran)
                show_outcome(report, view, contest, &outcomes[k], mark);
    }
    free(outcomes);
}

static void show_lines(const struct contest *contests, size_t n,
                       const struct show_options *o)
{
    struct view view = view_of(o);
    struct report_column columns[COLUMNS];
    struct report report = { stdout, o->format, columns, view.n };

    for (size_t i = 0; i < view.n; i++)
        columns[i] = all_columns[view.columns[i]];
    report_begin(&report);
    args_check_output();
    for (size_t i = 0; i < n; i++)
        show_lines_of(&report, &view, &contests[i], o->best);
}

/* ---- A table: a row for each setting, a column for each algorithm ---------*/

enum { KEYS = 4, FIRST_KEY = 1 }; /* among all columns */

static void show_table_row(const struct report *report,
                           const struct outcome *outcomes, bool mark)
{
    const struct setting *s = &outcomes[0].setting;
    struct report_value *row = args_alloc(report->n, sizeof(*row));

    row[0] = report_word(s->nodes);
    row[1] = report_real(s->latency);
    row[2] = report_real(s->rate);
    row[3] = report_word(s->size);
    for (size_t i = KEYS; i < report->n; i++) {
        const struct outcome *o = &outcomes[i - KEYS];

        row[i] = o->ran ? report_real(o->result.seconds) : REPORT_NONE;
        row[i].strong = mark && o->best;
    }
    report_row(report, row);
    args_check_output();
    free(row);
}

static char *title_of(const char *name)
{
    char *title = args_alloc(strlen(name) + 1, 1);

    strcpy(title, name);
    title[0] = (char)toupper((unsigned char)title[0]);
    return title;
}

static void show_rows(const struct report *report,
                      const struct contest *contest, bool mark)
{
    struct outcome *outcomes = args_alloc(contest->n, sizeof(*outcomes));

    report_begin(report);
    args_check_output();
    for (size_t i = 0; i < contest->settings.n; i++) {
        contest_run(contest, i, outcomes);
        show_table_row(report, outcomes, mark);
    }
    free(outcomes);
}

static void show_table(const struct contest *contest, bool mark)
{
    size_t n = KEYS + contest->n;
    struct report_column *columns = args_alloc(n, sizeof(*columns));
    struct report report = { stdout, REPORT_MD, columns, n };

    memcpy(columns, all_columns + FIRST_KEY, KEYS * sizeof(*columns));
    for (size_t i = KEYS; i < n; i++) {
        const char *name = contest->contenders[i - KEYS].name;

        columns[i] =
            (struct report_column){ name, title_of(name), REPORT_SECONDS };
    }
    show_rows(&report, contest, mark);
    for (size_t i = KEYS; i < n; i++)
        free((char *)columns[i].title);
    free(columns);
}

/* One after another; where there are several, under headings. */
static void show_tables(const struct contest *contests, size_t n, bool mark)
{
    for (size_t i = 0; i < n; i++) {
        if (n > 1)
            printf("%s## %s\n\n", i > 0 ? "\n" : "", contests[i].name);
        show_table(&contests[i], mark);
    }
}

/* ---- Sweeps over sizes ----------------------------------------------------*/

static void show_crossovers(const struct contest *contests, size_t n,
                            enum report_format format)
{
    for (size_t i = 0; i < n; i++)
        crossover_print(&contests[i], format, i == 0);
}

static void run_line(const struct contest *contest, struct plot_line *line,
                     const struct contender *contender)
{
    line->name = contender->name;
    line->y = args_alloc(contest->settings.n, sizeof(*line->y));
    for (size_t k = 0; k < contest->settings.n; k++)
        line->y[k] =
            contest_seconds(contest, contender, &contest->settings.list[k]);
}

static void bound_line(const struct contest *contest, struct plot_line *line)
{
    line->name = "lower bound";
    line->y = args_alloc(contest->settings.n, sizeof(*line->y));
    for (size_t k = 0; k < contest->settings.n; k++)
        line->y[k] =
            contest->theory(&contest->contenders[0], &contest->settings.list[k])
                .lower_bound;
}

static void check_plot(const struct contest *contests, size_t n,
                       const char *file)
{
    const struct settings *settings = &contests[0].settings;

    if (n != 1)
        args_fail("--plot: a picture shows one collective, not %s and %s",
                  contests[0].name, contests[1].name);
    if (settings->n != settings->num_sizes)
        args_fail("--plot: a picture shows one setting; allowed: one value for "
                  "each of --nodes, --latency and --rate");
    if (settings->list[0].size == 0 || settings->list[0].nodes == 1)
        args_fail("--plot: the axes are logarithmic; allowed: --size and "
                  "--nodes with times above 0");
    plot_check("--plot", file);
}

static void draw(const struct contest *contest, const char *file,
                 const struct plot_line *lines)
{
    const struct setting *s = &contest->settings.list[0];
    double *sizes = args_alloc(contest->settings.n, sizeof(*sizes));
    char title[200];

    for (size_t k = 0; k < contest->settings.n; k++)
        sizes[k] = (double)contest->settings.list[k].size;
    snprintf(title, sizeof(title),
             "%s, %zu nodes, latency %g s, %g bytes/s, %s, %s", contest->name,
             s->nodes, s->latency, s->rate, setting_modes[s->mode],
             setting_models[s->model]);
    plot_draw(&(struct plot){
        .file = file,
        .title = title,
        .n = contest->settings.n,
        .x = sizes,
        .num_lines = contest->n + 1,
        .lines = lines,
    });
    free(sizes);
}

/* One line for each algorithm, and the bound beneath. */
static void show_plot(const struct contest *contest, const char *file)
{
    size_t n = contest->n;
    struct plot_line *lines = args_alloc(n + 1, sizeof(*lines));

    for (size_t i = 0; i < n; i++)
        run_line(contest, &lines[i], &contest->contenders[i]);
    bound_line(contest, &lines[n]);
    draw(contest, file, lines);
    for (size_t i = 0; i <= n; i++)
        free(lines[i].y);
    free(lines);
}

void show(const struct contest *contests, size_t n,
          const struct show_options *o)
{
    if (o->plot != NULL) {
        check_plot(contests, n, o->plot);
        show_plot(&contests[0], o->plot);
    }
    if (o->crossover)
        show_crossovers(contests, n, o->format);
    if (show_is_sweep(o))
        return;
    if (o->format == REPORT_MD && !o->costs && !o->explain)
        show_tables(contests, n, o->best);
    else
        show_lines(contests, n, o);
}
