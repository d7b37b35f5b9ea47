/* How long does an allreduce take?  A table of trials.
 *
 * In three parts that know little of each other: the options become a plan,
 * the plan is trials one after another (trial.h), and what comes out is shown
 * row by row (report.h).
 *
 * The network is a switch with ports of one rate. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/args.h"
#include "bench/report.h"
#include "bench/trial.h"

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

struct setting {
    double nodes;
    double latency;
    double rate;
};

/* What is run by default: the settings of the table, each with these sizes. */
static const struct setting settings[] = {
    { 2, 0.1, 1e6 },  { 16, 1e-3, 1e6 }, { 32, 0.1, 1e6 },
    { 32, 0.1, 1e9 }, { 32, 1e-4, 1e9 },
};
static double sizes[] = { 10, 10000, 10000000 };

struct options {
    struct args_reals nodes; /* none given: n is 0 */
    struct args_reals latency;
    struct args_reals rate;
    struct args_reals size;
    struct args_names algorithms;
    struct trial trial; /* what is the same in every one of them */
    bool list;
    bool best;
    bool costs;
    enum report_format format;
};

/* All settings, sizes and algorithms, each with each. */
struct plan {
    struct setting *settings;
    size_t num_settings;
    struct args_reals sizes;
    struct args_names algorithms;
    struct trial trial; /* the rest */
    bool best;          /* mark the fastest algorithm of each */
};

static void or_default(struct args_reals *list, double value)
{
    if (list->n > 0)
        return;
    list->values = args_alloc(1, sizeof value);
    list->values[0] = value;
    list->n = 1;
}

static void add_setting(struct plan *plan, struct setting setting)
{
    plan->settings[plan->num_settings++] = setting;
}

/* The table's five, unless an option says otherwise about any of the three. */
static void plan_settings(struct plan *plan, struct options *o)
{
    if (o->nodes.n + o->latency.n + o->rate.n == 0) {
        plan->settings = args_alloc(1, sizeof settings);
        plan->num_settings = sizeof settings / sizeof *settings;
        memcpy(plan->settings, settings, sizeof settings);
        return;
    }
    or_default(&o->nodes, 32);
    or_default(&o->latency, 1e-4);
    or_default(&o->rate, 1e9);
    plan->settings = args_alloc(o->nodes.n * o->latency.n * o->rate.n,
                                sizeof *plan->settings);
    for (size_t i = 0; i < o->nodes.n; i++)
        for (size_t j = 0; j < o->latency.n; j++)
            for (size_t k = 0; k < o->rate.n; k++)
                add_setting(plan, (struct setting){ o->nodes.values[i],
                                                    o->latency.values[j],
                                                    o->rate.values[k] });
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

static struct plan plan_new(struct options *o)
{
    struct plan plan = {
        .sizes = { sizeof sizes / sizeof *sizes, sizes },
        .trial = o->trial,
        .best = o->best,
    };

    plan_settings(&plan, o);
    if (o->size.n > 0)
        plan.sizes = o->size;
    if (o->algorithms.n == 0)
        args_names(&o->algorithms, "--algorithm", "naive,tree,stream", names,
                   num_algorithms);
    keep_runnable(&o->algorithms, o->trial.mode);
    plan.algorithms = o->algorithms;
    return plan;
}

static struct trial plan_trial(const struct plan *plan, size_t setting,
                               size_t size, size_t algorithm)
{
    struct trial trial = plan->trial;

    trial.nodes = (size_t)plan->settings[setting].nodes;
    trial.latency = plan->settings[setting].latency;
    trial.rate = plan->settings[setting].rate;
    trial.size = (size_t)plan->sizes.values[size];
    trial.algorithm = catalogue[plan->algorithms.index[algorithm]];
    return trial;
}

/* ---- Progress ----------------------------------------------------------- */

/* On a terminal one line on standard error says what is being worked on; it
 * is gone before anything else is written. */
static bool progress_wanted;

static void progress_show(const struct trial *t, size_t done, size_t all)
{
    if (progress_wanted)
        fprintf(stderr, "\r%zu of %zu: %s, %zu nodes, %zu elements\033[K",
                done + 1, all, t->algorithm->name, t->nodes, t->size);
}

static void progress_clear(void)
{
    if (progress_wanted)
        fputs("\r\033[K", stderr);
}

/* Runs one trial, or ends the program saying why it failed. */
static struct trial_result run_trial(const struct trial *trial, size_t done,
                                     size_t all)
{
    struct trial_result result;

    progress_show(trial, done, all);
    bool ok = trial_run(trial, &result);
    progress_clear();
    if (!ok) {
        fprintf(stderr,
                PROGRAM ": %s, %zu nodes, latency %g, rate %g, size %zu: "
                        "%s: %s\n",
                trial->algorithm->name, trial->nodes, trial->latency,
                trial->rate, trial->size, ds_strstatus(result.status),
                result.error);
        exit(EXIT_FAILURE);
    }
    return result;
}

/* ---- The rows ----------------------------------------------------------- */

static const char *const execs[] = { "threads", "fibers" };
static const char *const modes[] = { "async", "rendezvous" };
static const char *const models[] = { "greedy", "maxmin" };
enum { EXECS = 2, MODES = 2, MODELS = 2 };

/* What is known of a trial when it has been run. */
struct outcome {
    struct trial trial;
    struct trial_result result;
    bool best; /* nothing else on this setting and size was faster */
};

static struct report_value closed_form(const struct trial *t)
{
    ds_allreduce algorithm = trial_algorithm(t);

    if (algorithm.cost == NULL)
        return REPORT_NONE;
    return report_real(ds_cost_seconds(
        algorithm.cost(&algorithm, t->nodes, t->size), t->latency, t->rate));
}

static double lower_bound(const struct trial *t)
{
    return ds_allreduce_lower_bound(t->nodes, t->size, t->latency, t->rate);
}

static struct report_value ratio(const struct outcome *o)
{
    double bound = lower_bound(&o->trial);

    return bound > 0 ? report_real(o->result.seconds / bound) : REPORT_NONE;
}

enum { TRIAL_COLUMNS = 22 };

/* In this order; Markdown with --costs shows the first few. */
enum { COST_COLUMNS = 10 };

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
};

static void report_outcome(const struct report *report, const struct plan *plan,
                           const struct outcome *o)
{
    const struct trial *t = &o->trial;
    const char *ties = getenv("DISTSYS_TIES");
    struct report_value row[TRIAL_COLUMNS] = {
        report_text(t->algorithm->name),
        report_word(t->nodes),
        report_real(t->latency),
        report_real(t->rate),
        report_word(t->size),
        report_real(o->result.seconds),
        closed_form(t),
        report_real(lower_bound(t)),
        report_real(ds_allreduce_one_port_bound(t->nodes, t->size, t->latency,
                                                t->rate)),
        ratio(o),
        report_bool(o->best),
        report_real(o->result.wall_seconds),
        report_word(o->result.digest),
        report_text(modes[t->mode]),
        report_text(models[t->model]),
        report_word(t->granularity),
        report_word(t->group),
        report_word(t->chunk),
        report_bool(t->real),
        report_word(t->seed),
        report_text(execs[t->exec]),
        report_text(ties != NULL ? ties : "random"),
    };

    row[5].strong = plan->best && o->best;
    report_row(report, row);
    args_check_output();
}

/* ---- Running the plan --------------------------------------------------- */

static size_t plan_length(const struct plan *plan)
{
    return plan->num_settings * plan->sizes.n * plan->algorithms.n;
}

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

/* Runs every algorithm on one setting and size. */
static void run_group(const struct plan *plan, size_t setting, size_t size,
                      struct outcome *outcomes)
{
    size_t n = plan->algorithms.n;
    size_t done = (setting * plan->sizes.n + size) * n;

    for (size_t i = 0; i < n; i++) {
        struct trial trial = plan_trial(plan, setting, size, i);

        outcomes[i] = (struct outcome){ .trial = trial };
        outcomes[i].result = run_trial(&trial, done + i, plan_length(plan));
    }
    find_best(outcomes, n);
}

typedef void show_fn(const struct report *report, const struct plan *plan,
                     const struct outcome *outcomes);

static void run_plan(const struct plan *plan, const struct report *report,
                     show_fn *show)
{
    struct outcome *outcomes = args_alloc(plan->algorithms.n, sizeof *outcomes);

    report_begin(report);
    args_check_output();
    for (size_t i = 0; i < plan->num_settings; i++)
        for (size_t j = 0; j < plan->sizes.n; j++) {
            run_group(plan, i, j, outcomes);
            show(report, plan, outcomes);
        }
    free(outcomes);
}

/* A row for each trial. */
static void show_lines(const struct report *report, const struct plan *plan,
                       const struct outcome *outcomes)
{
    for (size_t i = 0; i < plan->algorithms.n; i++)
        report_outcome(report, plan, &outcomes[i]);
}

static void print_lines(const struct plan *plan, enum report_format format)
{
    struct report report = { stdout, format, trial_columns, TRIAL_COLUMNS };

    if (format == REPORT_MD)
        report.n = COST_COLUMNS;
    run_plan(plan, &report, show_lines);
}

/* A row for each setting and size, a column for each algorithm. */
enum { KEY_COLUMNS = 4 };

static void show_table_row(const struct report *report, const struct plan *plan,
                           const struct outcome *outcomes)
{
    const struct trial *t = &outcomes[0].trial;
    struct report_value *row = args_alloc(report->n, sizeof *row);

    row[0] = report_word(t->nodes);
    row[1] = report_real(t->latency);
    row[2] = report_real(t->rate);
    row[3] = report_word(t->size);
    for (size_t i = 0; i < plan->algorithms.n; i++) {
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
    size_t n = KEY_COLUMNS + plan->algorithms.n;
    struct report_column *columns = args_alloc(n, sizeof *columns);
    struct report report = { stdout, REPORT_MD, columns, n };

    memcpy(columns, trial_columns + 1, KEY_COLUMNS * sizeof *columns);
    for (size_t i = KEY_COLUMNS; i < n; i++) {
        const char *name = names[plan->algorithms.index[i - KEY_COLUMNS]];

        columns[i] =
            (struct report_column){ name, title_of(name), REPORT_SECONDS };
    }
    run_plan(plan, &report, show_table_row);
    for (size_t i = KEY_COLUMNS; i < n; i++)
        free((char *)columns[i].title);
    free(columns);
}

/* ---- The options -------------------------------------------------------- */

static const struct args_range node_range = {
    .allowed = "whole numbers from 1 to 1000000",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const struct args_range latency_range = {
    .allowed = "seconds from 0 to 1e9, also as in 0.5ms, 100us, 20ns",
    .max = 1e9,
    .units = args_seconds,
};
static const struct args_range rate_range = {
    .allowed = "bytes per second above 0 and up to 1e18, also as in 100M, 10G, "
               "25Gbit",
    .max = 1e18,
    .above = true,
    .units = args_rates,
};
static const struct args_range size_range = {
    .allowed = "whole numbers from 0 to 1e15, also as in 10k, 1M, 2G",
    .max = 1e15,
    .whole = true,
    .units = args_counts,
};

static const struct args_range parameter_range = {
    .allowed = "a whole number from 1 to 1e9",
    .min = 1,
    .max = 1e9,
    .whole = true,
    .units = args_counts,
};

enum {
    REAL = 256,
    SEED,
    EXEC,
    MODE,
    MODEL,
    GRANULARITY,
    GROUP,
    CHUNK,
    FORMAT,
    BEST,
    COSTS,
    LIST
};

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to run; a LIST is separated by commas:", 1 },
    { "nodes", 'n', "LIST", 0, "Number of nodes (32)", 0 },
    { "latency", 'l', "LIST", 0,
      "Seconds that each message takes in addition; units s, ms, us, ns "
      "(100us)",
      0 },
    { "rate", 'r', "LIST", 0,
      "Bytes per second of each node's port, either way; units k, M, G, T, "
      "and kbit, Mbit, Gbit, Tbit (1G)",
      0 },
    { "size", 's', "LIST", 0,
      "Elements of each vector, 8 bytes each; units k, M, G, T "
      "(10,10000,10000000)",
      0 },
    { "algorithm", 'a', "LIST", 0,
      "Algorithms by name, or all (naive,tree,stream)", 0 },
    { "mode", MODE, "NAME", 0,
      "async, messages leave at once; or rendezvous, when both sides have come "
      "(async)",
      0 },
    { "model", MODEL, "NAME", 0,
      "How messages share the switch: greedy or maxmin (greedy)", 0 },
    { "granularity", GRANULARITY, "NUMBER", 0,
      "Chunks per node, for stream (1)", 0 },
    { "group", GROUP, "NUMBER", 0,
      "Nodes in a group, for hierarchical (the largest divisor up to the root "
      "of "
      "their number)",
      0 },
    { "chunk", CHUNK, "NUMBER", 0,
      "Elements in a chunk, for those with a pipeline (32768)", 0 },
    { "real", REAL, NULL, 0,
      "Allocate the vectors, reduce them and check the sum; by default they "
      "have a length and no memory",
      0 },
    { "seed", SEED, "NUMBER", 0,
      "Seed of the order of simultaneous events ($DISTSYS_SEED, or 0)", 0 },
    { "exec", EXEC, "NAME", 0,
      "What each node runs on: threads, or fibers, which are faster and give "
      "the same ($DISTSYS_EXEC, or threads)",
      0 },
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
    { "list", LIST, NULL, 0, "List the algorithms", 0 },
    { NULL, 0, NULL, 0, "About the program:", -1 },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'n':
        args_reals(&o->nodes, "--nodes", arg, &node_range);
        return 0;
    case 'l':
        args_reals(&o->latency, "--latency", arg, &latency_range);
        return 0;
    case 'r':
        args_reals(&o->rate, "--rate", arg, &rate_range);
        return 0;
    case 's':
        args_reals(&o->size, "--size", arg, &size_range);
        return 0;
    case 'a':
        args_names(&o->algorithms, "--algorithm", arg, names, num_algorithms);
        return 0;
    case REAL:
        o->trial.real = true;
        return 0;
    case SEED:
        o->trial.seed = args_word("--seed", arg);
        unsetenv("DISTSYS_SEED"); /* what is said here goes before it */
        return 0;
    case EXEC:
        o->trial.exec = (ds_exec)args_choice("--exec", arg, execs, EXECS);
        unsetenv("DISTSYS_EXEC");
        return 0;
    case MODE:
        o->trial.mode = (ds_comm_mode)args_choice("--mode", arg, modes, MODES);
        return 0;
    case MODEL:
        o->trial.model =
            (enum trial_model)args_choice("--model", arg, models, MODELS);
        return 0;
    case GRANULARITY:
        o->trial.granularity =
            (unsigned)args_real("--granularity", arg, &parameter_range);
        return 0;
    case GROUP:
        o->trial.group = (size_t)args_real("--group", arg, &parameter_range);
        return 0;
    case CHUNK:
        o->trial.chunk = (size_t)args_real("--chunk", arg, &parameter_range);
        return 0;
    case BEST:
        o->best = true;
        return 0;
    case COSTS:
        o->costs = true;
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

static const struct argp argp = {
    .options = option_table,
    .parser = parse_option,
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
        "  " PROGRAM " --algorithm=all --mode=rendezvous --costs",
};

/* What the loop will take from the environment, for the rows.  A value that it
 * does not know is left to it to complain about. */
static void read_environment(struct options *o)
{
    const char *seed = getenv("DISTSYS_SEED");
    const char *exec = getenv("DISTSYS_EXEC");

    if (seed != NULL)
        o->trial.seed = strtoull(seed, NULL, 10);
    if (exec != NULL && strcmp(exec, execs[DS_FIBERS]) == 0)
        o->trial.exec = DS_FIBERS;
}

static void options_free(struct options *o)
{
    free(o->nodes.values);
    free(o->latency.values);
    free(o->rate.values);
    free(o->size.values);
    free(o->algorithms.index);
}

static void run(struct options *o)
{
    struct plan plan = plan_new(o);

    if (o->format == REPORT_MD && !o->costs)
        print_table(&plan);
    else
        print_lines(&plan, o->format);
    free(plan.settings);
}

int main(int argc, char **argv)
{
    struct options options = { 0 };

    load_catalogue();
    read_environment(&options);
    args_parse(PROGRAM, &argp, argc, argv, &options);
    progress_wanted = isatty(STDERR_FILENO);
    if (options.list)
        print_list();
    else
        run(&options);
    options_free(&options);
    free(names);
    return EXIT_SUCCESS;
}
