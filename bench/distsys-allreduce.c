/* How long does an allreduce take?  A table of trials.
 *
 * In three parts that know little of each other: the options become a plan
 * (setting.h), the plan is trials one after another (trial.h), and what comes
 * out is shown row by row (report.h).
 *
 * The network is a switch with ports of one rate. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bench/args.h"
#include "bench/crossover.h"
#include "bench/plot.h"
#include "bench/report.h"
#include "bench/setting.h"
#include "bench/trial.h"
#include "bench/vectors.h"

#define PROGRAM "distsys-allreduce"

/* ---- The algorithms ----------------------------------------------------- */

/* Those of the library; a new one is here without anybody doing anything. */
static const ds_allreduce *const *catalogue;
static const char **names;
static size_t num_algorithms;

static const struct {
    const ds_allreduce *algorithm;
    const char *idea;
} ideas[] = {
    { &ds_allreduce_naive, "everyone sends its vector to everyone else" },
    { &ds_allreduce_tree, "up a binary tree to rank 0 and down again" },
    { &ds_allreduce_stream, "in acknowledged chunks twice around a ring" },
    { &ds_allreduce_linear, "everyone to rank 0, and back" },
    { &ds_allreduce_binomial, "up a binomial tree and down again" },
    { &ds_allreduce_recursive_doubling,
      "pairs exchange all they have, 1, 2, 4, ... ranks apart" },
    { &ds_allreduce_rabenseifner,
      "halve and reduce, then double what is known" },
    { &ds_allreduce_ring, "each block twice around a ring" },
    { &ds_allreduce_segmented_ring, "the same, with blocks in segments" },
    { &ds_allreduce_circulant,
      "as few rounds as can be, at the volume of a ring" },
    { &ds_allreduce_allgather_reduce,
      "gather all vectors everywhere and reduce them there" },
    { &ds_allreduce_double_tree,
      "two binary trees in a pipeline, half of the vector each" },
    { &ds_allreduce_torus, "rings along rows, then along columns" },
    { &ds_allreduce_hierarchical, "rings in groups, then among groups" },
};

static void load_catalogue(void)
{
    catalogue = ds_allreduce_all(&num_algorithms);
    names = args_alloc(num_algorithms, sizeof *names);
    for (size_t i = 0; i < num_algorithms; i++)
        names[i] = catalogue[i]->name;
}

static const char *idea_of(const ds_allreduce *algorithm)
{
    for (size_t i = 0; i < sizeof ideas / sizeof *ideas; i++)
        if (ideas[i].algorithm == algorithm)
            return ideas[i].idea;
    return "";
}

static void print_list(void)
{
    for (size_t i = 0; i < num_algorithms; i++)
        printf("%-18s  %s\n", names[i], idea_of(catalogue[i]));
}

/* ---- The plan ----------------------------------------------------------- */

struct options {
    struct setting_options settings;
    struct args_names algorithms;
    ds_allreduce parameters; /* of those that have them */
    bool list;
    bool best;
    bool costs;
    bool explain;
    bool crossover;
    const char *plot; /* file, or NULL */
    enum report_format format;
};

/* Which columns of a trial Markdown shows, where it has a line for each; see
 * trial_columns. */
struct view {
    size_t n;
    size_t columns[12];
};
static const struct view costs_view = { 10, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } };
static const struct view explain_view = {
    12, { 0, 1, 2, 3, 4, 5, 22, 23, 24, 25, 26, 27 }
};

/* CSV and JSON show all. */
static struct view view_of(const struct options *o)
{
    return o->explain ? explain_view : costs_view;
}

/* All settings and algorithms, each with each. */
struct plan {
    struct settings settings;
    ds_allreduce *algorithms; /* copies, with the parameters asked for */
    size_t num_algorithms;
    bool best; /* mark the fastest algorithm of each */
    struct view view;
};

/* What is run by default: the settings of the table, each with these sizes. */
static const struct {
    double nodes;
    double latency;
    double rate;
} table[] = {
    { 2, 0.1, 1e6 },  { 16, 1e-3, 1e6 }, { 32, 0.1, 1e6 },
    { 32, 0.1, 1e9 }, { 32, 1e-4, 1e9 },
};
static const double sizes[] = { 10, 10000, 10000000 };
enum {
    TABLE = sizeof table / sizeof *table,
    SIZES = sizeof sizes / sizeof *sizes
};

/* One line of the table, with all sizes. */
static struct settings table_settings(const struct setting_options *o, size_t i)
{
    struct setting_options line = *o;

    line.nodes = (struct args_reals){ 1, &(double){ table[i].nodes } };
    line.latency = (struct args_reals){ 1, &(double){ table[i].latency } };
    line.rate = (struct args_reals){ 1, &(double){ table[i].rate } };
    return setting_combine(&line);
}

static struct settings all_table_settings(const struct setting_options *o)
{
    struct settings all = { .n = TABLE * o->size.n };

    all.list = args_alloc(all.n, sizeof *all.list);
    for (size_t i = 0; i < TABLE; i++) {
        struct settings some = table_settings(o, i);
        memcpy(all.list + i * some.n, some.list, some.n * sizeof *some.list);
        free(some.list);
    }
    return all;
}

/* Whether sizes are swept, to see where things change. */
static bool is_sweep(const struct options *o)
{
    return o->crossover || o->plot != NULL;
}

enum { POWERS = 25 };

static void sweep_powers(struct args_reals *list)
{
    double powers[POWERS];

    for (size_t i = 0; i < POWERS; i++)
        powers[i] = (double)(UINT64_C(1) << i);
    setting_default(list, powers, POWERS);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Ascending, each once. */
static void sort(struct args_reals *list)
{
    size_t kept = 0;

    qsort(list->values, list->n, sizeof *list->values, compare);
    for (size_t i = 0; i < list->n; i++)
        if (kept == 0 || list->values[i] != list->values[kept - 1])
            list->values[kept++] = list->values[i];
    list->n = kept;
}

/* The table's five, unless an option says otherwise about any of the three. */
static struct settings plan_settings(struct options *options)
{
    struct setting_options *o = &options->settings;

    if (is_sweep(options)) {
        sweep_powers(&o->size);
        sort(&o->size);
    }
    setting_default(&o->size, sizes, SIZES);
    if (!is_sweep(options) && o->nodes.n + o->latency.n + o->rate.n == 0)
        return all_table_settings(o);
    setting_default(&o->nodes, &(double){ 32 }, 1);
    setting_default(&o->latency, &(double){ 1e-4 }, 1);
    setting_default(&o->rate, &(double){ 1e9 }, 1);
    return setting_combine(o);
}

static bool runs_in(const ds_allreduce *algorithm, ds_comm_mode mode)
{
    return mode == DS_COMM_ASYNC ||
           (algorithm->traits & DS_TRAIT_ASYNC_ONLY) == 0;
}

/* Leaves out what the mode cannot run, and says so. */
static void keep_runnable(struct args_names *list, ds_comm_mode mode)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->n; i++)
        kept += runs_in(catalogue[list->index[i]], mode);
    if (kept == 0)
        args_fail("--algorithm: %s does not run in rendezvous mode",
                  names[list->index[0]]);
    kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (runs_in(catalogue[list->index[i]], mode))
            list->index[kept++] = list->index[i];
        else
            fprintf(stderr,
                    PROGRAM ": %s is left out; it does not run in rendezvous "
                            "mode\n",
                    names[list->index[i]]);
    list->n = kept;
}

static ds_allreduce with_parameters(const ds_allreduce *algorithm,
                                    const ds_allreduce *parameters)
{
    ds_allreduce copy = *algorithm;

    if (parameters->granularity > 0)
        copy.granularity = parameters->granularity;
    if (parameters->group > 0)
        copy.group = parameters->group;
    if (parameters->chunk > 0)
        copy.chunk = parameters->chunk;
    return copy;
}

static struct plan plan_new(struct options *o)
{
    struct args_names *list = &o->algorithms;

    if (list->n == 0)
        args_names(list, "--algorithm",
                   is_sweep(o) ? "all" : "naive,tree,stream", names,
                   num_algorithms);
    keep_runnable(list, o->settings.rest.mode);

    struct plan plan = {
        .settings = plan_settings(o),
        .algorithms = args_alloc(list->n, sizeof *plan.algorithms),
        .num_algorithms = list->n,
        .best = o->best,
        .view = view_of(o),
    };
    for (size_t i = 0; i < list->n; i++)
        plan.algorithms[i] =
            with_parameters(catalogue[list->index[i]], &o->parameters);
    return plan;
}

static void plan_free(struct plan *plan)
{
    free(plan->settings.list);
    free(plan->algorithms);
}

/* ---- A trial ------------------------------------------------------------ */

static bool is_right(ds_comm *c, const struct trial *trial, const ds_vec *sum)
{
    const struct setting *s = &trial->setting;
    ds_handle *h = ds_comm_handle(c);

    if (sum->len != s->size) {
        ds_fail(h, "%s: rank %zu has %zu elements instead of %zu", trial->name,
                ds_comm_rank(c), sum->len, s->size);
        return false;
    }
    for (size_t i = 0; s->real && i < sum->len; i++) {
        double right = vectors_sum(0, s->nodes, i);

        if (sum->data[i] == right)
            continue;
        ds_fail(h, "%s: rank %zu has a sum of %g instead of %g at element %zu",
                trial->name, ds_comm_rank(c), sum->data[i], right, i);
        return false;
    }
    return true;
}

static bool run_member(ds_comm *c, const struct trial *trial)
{
    const struct setting *s = &trial->setting;
    ds_vec *mine = vectors_new(ds_comm_rank(c), s->size, s->real);
    ds_vec *sum = ds_allreduce_run(trial->algorithm, c, mine, &ds_sum);
    bool right = sum != NULL && is_right(c, trial, sum);

    ds_vec_unref(mine);
    ds_vec_unref(sum);
    return right;
}

static struct trial trial_of(const ds_allreduce *algorithm,
                             const struct setting *setting)
{
    return (struct trial){
        .name = algorithm->name,
        .run = run_member,
        .algorithm = algorithm,
        .setting = *setting,
    };
}

/* ---- The rows ----------------------------------------------------------- */

/* What is known of an algorithm in a setting when it has been run. */
struct outcome {
    const ds_allreduce *algorithm;
    struct setting setting;
    struct trial_result result;
    bool best; /* nothing else in this setting was faster */
};

static struct report_value closed_form(const struct outcome *o)
{
    const struct setting *s = &o->setting;

    if (o->algorithm->cost == NULL)
        return REPORT_NONE;
    return report_real(
        ds_cost_seconds(o->algorithm->cost(o->algorithm, s->nodes, s->size),
                        s->latency, s->rate));
}

static double lower_bound(const struct setting *s)
{
    return ds_allreduce_lower_bound(s->nodes, s->size, s->latency, s->rate);
}

static struct report_value ratio(const struct outcome *o)
{
    double bound = lower_bound(&o->setting);

    return bound > 0 ? report_real(o->result.seconds / bound) : REPORT_NONE;
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

enum { TRIAL_COLUMNS = 28 };

static const struct report_column trial_columns[TRIAL_COLUMNS] = {
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
};

/* The columns that a view shows, in its order, moved to the front. */
static void select_columns(struct view view, struct report_value *row)
{
    struct report_value all[TRIAL_COLUMNS];

    memcpy(all, row, sizeof all);
    for (size_t i = 0; i < view.n; i++)
        row[i] = all[view.columns[i]];
}

static void report_outcome(const struct report *report, const struct plan *plan,
                           const struct outcome *o)
{
    const struct setting *s = &o->setting;
    const ds_path *path = &o->result.path;
    struct report_value row[TRIAL_COLUMNS] = {
        report_text(o->algorithm->name),
        report_word(s->nodes),
        report_real(s->latency),
        report_real(s->rate),
        report_word(s->size),
        report_real(o->result.seconds),
        closed_form(o),
        report_real(lower_bound(s)),
        report_real(ds_allreduce_one_port_bound(s->nodes, s->size, s->latency,
                                                s->rate)),
        ratio(o),
        report_bool(o->best),
        report_real(o->result.wall_seconds),
        report_word(o->result.digest),
        report_text(setting_modes[s->mode]),
        report_text(setting_models[s->model]),
        report_word(o->algorithm->granularity),
        report_word(o->algorithm->group),
        report_word(o->algorithm->chunk),
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
    };

    row[5].strong = plan->best && o->best;
    if (report->format == REPORT_MD)
        select_columns(plan->view, row);
    report_row(report, row);
    args_check_output();
}

/* ---- Running the plan --------------------------------------------------- */

/* Several may be. */
static void find_best(struct outcome *outcomes, size_t n)
{
    double least = outcomes[0].result.seconds;

    for (size_t i = 1; i < n; i++)
        if (outcomes[i].result.seconds < least)
            least = outcomes[i].result.seconds;
    for (size_t i = 0; i < n; i++)
        outcomes[i].best = outcomes[i].result.seconds <= least;
}

/* Runs every algorithm in the setting of this number. */
static void run_group(const struct plan *plan, size_t number,
                      struct outcome *outcomes)
{
    const struct setting *setting = &plan->settings.list[number];
    size_t n = plan->num_algorithms;

    for (size_t i = 0; i < n; i++) {
        const ds_allreduce *algorithm = &plan->algorithms[i];
        struct trial trial = trial_of(algorithm, setting);

        outcomes[i] = (struct outcome){ algorithm, *setting, .best = false };
        outcomes[i].result =
            trial_must(&trial, number * n + i, plan->settings.n * n);
    }
    find_best(outcomes, n);
}

typedef void show_fn(const struct report *report, const struct plan *plan,
                     const struct outcome *outcomes);

static void run_plan(const struct plan *plan, const struct report *report,
                     show_fn *show)
{
    struct outcome *outcomes =
        args_alloc(plan->num_algorithms, sizeof *outcomes);

    report_begin(report);
    args_check_output();
    for (size_t i = 0; i < plan->settings.n; i++) {
        run_group(plan, i, outcomes);
        show(report, plan, outcomes);
    }
    free(outcomes);
}

/* A row for each trial. */
static void show_lines(const struct report *report, const struct plan *plan,
                       const struct outcome *outcomes)
{
    for (size_t i = 0; i < plan->num_algorithms; i++)
        report_outcome(report, plan, &outcomes[i]);
}

static void print_lines(const struct plan *plan, enum report_format format)
{
    struct report_column some[TRIAL_COLUMNS];
    struct report report = { stdout, format, trial_columns, TRIAL_COLUMNS };

    if (format == REPORT_MD) {
        for (size_t i = 0; i < plan->view.n; i++)
            some[i] = trial_columns[plan->view.columns[i]];
        report.columns = some;
        report.n = plan->view.n;
    }
    run_plan(plan, &report, show_lines);
}

/* A row for each setting and size, a column for each algorithm. */
enum { KEY_COLUMNS = 4 };

static void show_table_row(const struct report *report, const struct plan *plan,
                           const struct outcome *outcomes)
{
    const struct setting *s = &outcomes[0].setting;
    struct report_value *row = args_alloc(report->n, sizeof *row);

    row[0] = report_word(s->nodes);
    row[1] = report_real(s->latency);
    row[2] = report_real(s->rate);
    row[3] = report_word(s->size);
    for (size_t i = 0; i < plan->num_algorithms; i++) {
        row[KEY_COLUMNS + i] = report_real(outcomes[i].result.seconds);
        row[KEY_COLUMNS + i].strong = plan->best && outcomes[i].best;
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

static void print_table(const struct plan *plan)
{
    size_t n = KEY_COLUMNS + plan->num_algorithms;
    struct report_column *columns = args_alloc(n, sizeof *columns);
    struct report report = { stdout, REPORT_MD, columns, n };

    memcpy(columns, trial_columns + 1, KEY_COLUMNS * sizeof *columns);
    for (size_t i = KEY_COLUMNS; i < n; i++) {
        const char *name = plan->algorithms[i - KEY_COLUMNS].name;

        columns[i] =
            (struct report_column){ name, title_of(name), REPORT_SECONDS };
    }
    run_plan(plan, &report, show_table_row);
    for (size_t i = KEY_COLUMNS; i < n; i++)
        free((char *)columns[i].title);
    free(columns);
}

/* ---- Sweeps over sizes -------------------------------------------------- */

static double seconds_of(const ds_allreduce *algorithm,
                         const struct setting *setting)
{
    static size_t done;
    struct trial trial = trial_of(algorithm, setting);

    return trial_must(&trial, done++, 0).seconds;
}

static void print_crossover(const struct plan *plan, const struct options *o)
{
    const struct args_reals *list = &o->settings.size;
    struct crossover crossover = {
        .algorithms = plan->algorithms,
        .num_algorithms = plan->num_algorithms,
        .sizes = list->values,
        .num_sizes = list->n,
        .time = seconds_of,
    };

    crossover_begin(o->format);
    for (size_t i = 0; i < plan->settings.n; i += list->n)
        crossover_print(&crossover, &plan->settings.list[i], o->format);
}

static void run_line(const struct plan *plan, struct plot_line *line,
                     const ds_allreduce *algorithm)
{
    line->name = algorithm->name;
    line->y = args_alloc(plan->settings.n, sizeof *line->y);
    for (size_t k = 0; k < plan->settings.n; k++)
        line->y[k] = seconds_of(algorithm, &plan->settings.list[k]);
}

static void bound_line(const struct plan *plan, struct plot_line *line)
{
    line->name = "lower bound";
    line->y = args_alloc(plan->settings.n, sizeof *line->y);
    for (size_t k = 0; k < plan->settings.n; k++)
        line->y[k] = lower_bound(&plan->settings.list[k]);
}

static const char *plot_title(char *text, size_t room, const struct setting *s)
{
    snprintf(text, room, "allreduce, %zu nodes, latency %g s, %g bytes/s, %s",
             s->nodes, s->latency, s->rate, setting_modes[s->mode]);
    return text;
}

/* One line for each algorithm, and the bound beneath. */
static void draw_plot(const struct plan *plan, const struct options *o)
{
    size_t n = plan->num_algorithms;
    struct plot_line *lines = args_alloc(n + 1, sizeof *lines);
    char title[200];
    struct plot plot = {
        .file = o->plot,
        .title = plot_title(title, sizeof title, &plan->settings.list[0]),
        .x_label = "elements of 8 bytes",
        .y_label = "seconds",
        .n = plan->settings.n,
        .x = o->settings.size.values,
        .num_lines = n + 1,
        .lines = lines,
    };

    if (plan->settings.n != o->settings.size.n)
        args_fail("--plot: a picture shows one setting; allowed: one value for "
                  "each of --nodes, --latency and --rate");
    if (plot.x[0] == 0 || plan->settings.list[0].nodes == 1)
        args_fail("--plot: the axes are logarithmic; allowed: --size and "
                  "--nodes with times above 0");
    plot_check("--plot", o->plot);
    for (size_t i = 0; i < n; i++)
        run_line(plan, &lines[i], &plan->algorithms[i]);
    bound_line(plan, &lines[n]);
    plot_draw(&plot);
    for (size_t i = 0; i <= n; i++)
        free(lines[i].y);
    free(lines);
}

/* ---- The options -------------------------------------------------------- */

enum {
    GRANULARITY = 256,
    GROUP,
    CHUNK,
    FORMAT,
    BEST,
    COSTS,
    EXPLAIN,
    CROSSOVER,
    PLOT,
    LIST
};

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to run; a LIST is separated by commas:", 1 },
    { "algorithm", 'a', "LIST", 0,
      "Algorithms by name, or all (naive,tree,stream)", 0 },
    { "granularity", GRANULARITY, "NUMBER", 0,
      "Chunks per node, for stream (1)", 0 },
    { "group", GROUP, "NUMBER", 0,
      "Nodes in a group, for hierarchical (the largest divisor up to the root "
      "of "
      "their number)",
      0 },
    { "chunk", CHUNK, "NUMBER", 0,
      "Elements in a chunk, for those with a pipeline (32768)", 0 },
    { NULL, 0, NULL, 0, "What to print:", 2 },
    { "format", FORMAT, "NAME", 0,
      "md, a table with a column for each algorithm; csv or json, a line for "
      "each run with all there is to know of it (md)",
      0 },
    { "best", BEST, NULL, 0, "Mark the fastest algorithm of each row", 0 },
    { "costs", COSTS, NULL, 0,
      "Compare each time with its closed form, with what no algorithm can beat "
      "and with what none with one port can; a line for each run",
      0 },
    { "explain", EXPLAIN, NULL, 0,
      "Split each time along the critical path into latencies (alpha), bytes "
      "(beta), the sharing of ports with other messages, and reductions "
      "(gamma); a line for each run",
      0 },
    { "crossover", CROSSOVER, NULL, 0,
      "Find the sizes at which the best algorithm changes, and what the rules "
      "of MPICH and Open MPI choose there; all algorithms, and sizes from 1 to "
      "16777216, unless said otherwise",
      0 },
    { "plot", PLOT, "FILE", 0,
      "Draw time against size, a line for each algorithm with the bound "
      "beneath, into an .svg or .png, by gnuplot; the same defaults",
      0 },
    { "list", LIST, NULL, 0, "List the algorithms", 0 },
    { NULL, 0, NULL, 0, "About the program:", -1 },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->settings;
        return 0;
    case 'a':
        args_names(&o->algorithms, "--algorithm", arg, names, num_algorithms);
        return 0;
    case GRANULARITY:
        o->parameters.granularity =
            (unsigned)args_real("--granularity", arg, &setting_parameter_range);
        return 0;
    case GROUP:
        o->parameters.group =
            (size_t)args_real("--group", arg, &setting_parameter_range);
        return 0;
    case CHUNK:
        o->parameters.chunk =
            (size_t)args_real("--chunk", arg, &setting_parameter_range);
        return 0;
    case BEST:
        o->best = true;
        return 0;
    case COSTS:
        o->costs = true;
        return 0;
    case CROSSOVER:
        o->crossover = true;
        return 0;
    case PLOT:
        o->plot = arg;
        return 0;
    case EXPLAIN:
        o->explain = true;
        return 0;
    case FORMAT:
        o->format = (enum report_format)args_choice(
            "--format", arg, report_formats, REPORT_FORMATS);
        return 0;
    case LIST:
        o->list = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { .argp = &setting_argp },
    { 0 },
};

static const struct argp argp = {
    .options = option_table,
    .parser = parse_option,
    .children = children,
    .doc =
        "Simulates allreduces, which leave every node of a group with the sum "
        "of everyone's vectors, and prints how many seconds of virtual time "
        "they take."
        "\vEvery combination of what the lists contain is run.  Without "
        "--nodes, --latency and --rate these are five settings from a slow "
        "pair of nodes to a fast 32; with any of them, the others have the "
        "default in parentheses.  Examples:\n\n"
        "  " PROGRAM "\n"
        "  " PROGRAM " --nodes=8,64 --rate=10Gbit --size=1k,1M\n"
        "  " PROGRAM " --algorithm=stream --real --format=json\n"
        "  " PROGRAM " --algorithm=all --mode=rendezvous --costs\n"
        "  " PROGRAM " --nodes=8,32 --crossover --exec=fibers",
};

static void run(struct options *o)
{
    struct plan plan = plan_new(o);

    if (o->plot != NULL)
        draw_plot(&plan, o);
    if (o->crossover)
        print_crossover(&plan, o);
    if (!is_sweep(o) && o->format == REPORT_MD && !o->costs && !o->explain)
        print_table(&plan);
    else if (!is_sweep(o))
        print_lines(&plan, o->format);
    plan_free(&plan);
}

int main(int argc, char **argv)
{
    struct options options = { 0 };

    load_catalogue();
    setting_options_init(&options.settings);
    args_parse(PROGRAM, &argp, argc, argv, &options);
    if (options.list)
        print_list();
    else
        run(&options);
    setting_options_free(&options.settings);
    free(options.algorithms.index);
    free(names);
    return EXIT_SUCCESS;
}
