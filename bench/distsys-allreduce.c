/* How long does an allreduce take?  A table of trials.
 *
 * In three parts that know little of each other: the options become a plan,
 * the plan is trials one after another (trial.h), and what comes out is shown
 * row by row (report.h).
 *
 * The network is a switch with ports of one rate that drops greedily. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/args.h"
#include "bench/report.h"
#include "bench/trial.h"

#define PROGRAM "distsys-allreduce"

/* ---- The algorithms ----------------------------------------------------- */

static const struct {
    const ds_allreduce *algorithm;
    const char *idea;
} catalogue[] = {
    { &ds_allreduce_naive, "everyone sends its vector to everyone else" },
    { &ds_allreduce_tree, "up a binary tree to rank 0 and down again" },
    { &ds_allreduce_stream, "in chunks twice around a ring" },
};
enum { ALGORITHMS = sizeof catalogue / sizeof *catalogue };

static const char *names[ALGORITHMS];

static void print_list(void)
{
    for (size_t i = 0; i < ALGORITHMS; i++)
        printf("%-8s  %s\n", names[i], catalogue[i].idea);
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
static size_t first_three[] = { 0, 1, 2 };

struct options {
    struct args_reals nodes; /* none given: n is 0 */
    struct args_reals latency;
    struct args_reals rate;
    struct args_reals size;
    struct args_names algorithms;
    bool real;
    bool list;
    uint64_t seed;
    ds_exec exec;
    enum report_format format;
};

/* All settings, sizes and algorithms, each with each. */
struct plan {
    struct setting *settings;
    size_t num_settings;
    struct args_reals sizes;
    struct args_names algorithms;
    struct trial trial; /* the rest */
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

static struct plan plan_new(struct options *o)
{
    struct plan plan = {
        .sizes = { sizeof sizes / sizeof *sizes, sizes },
        .algorithms = { sizeof first_three / sizeof *first_three, first_three },
        .trial = { .real = o->real, .seed = o->seed, .exec = o->exec },
    };

    plan_settings(&plan, o);
    if (o->size.n > 0)
        plan.sizes = o->size;
    if (o->algorithms.n > 0)
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
    trial.algorithm = catalogue[plan->algorithms.index[algorithm]].algorithm;
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

/* In CSV and JSON each trial is a row. */
static const struct report_column trial_columns[] = {
    { "algorithm", "Algorithm", REPORT_TEXT },
    { "nodes", "Nodes", REPORT_COUNT },
    { "latency", "Latency", REPORT_REAL },
    { "rate", "NIC rate", REPORT_RATE },
    { "size", "Size", REPORT_COUNT },
    { "seconds", "Seconds", REPORT_SECONDS },
    { "wall_seconds", "Wall seconds", REPORT_SECONDS },
    { "digest", "Digest", REPORT_DIGEST },
    { "real", "Real", REPORT_BOOL },
    { "seed", "Seed", REPORT_COUNT },
    { "exec", "Exec", REPORT_TEXT },
    { "ties", "Ties", REPORT_TEXT },
};
static const char *const execs[] = { "threads", "fibers" };
enum { EXECS = sizeof execs / sizeof *execs };
enum { TRIAL_COLUMNS = sizeof trial_columns / sizeof *trial_columns };

static void report_trial(const struct report *report, const struct trial *t,
                         const struct trial_result *r)
{
    const char *ties = getenv("DISTSYS_TIES");
    const struct report_value row[TRIAL_COLUMNS] = {
        report_text(t->algorithm->name),
        report_word(t->nodes),
        report_real(t->latency),
        report_real(t->rate),
        report_word(t->size),
        report_real(r->seconds),
        report_real(r->wall_seconds),
        report_word(r->digest),
        report_bool(t->real),
        report_word(t->seed),
        report_text(execs[t->exec]),
        report_text(ties != NULL ? ties : "random"),
    };

    report_row(report, row);
    args_check_output();
}

static size_t plan_length(const struct plan *plan)
{
    return plan->num_settings * plan->sizes.n * plan->algorithms.n;
}

static void show_trials(const struct plan *plan, enum report_format format)
{
    struct report report = { stdout, format, trial_columns, TRIAL_COLUMNS };
    size_t done = 0;

    report_begin(&report);
    args_check_output();
    for (size_t i = 0; i < plan->num_settings; i++)
        for (size_t j = 0; j < plan->sizes.n; j++)
            for (size_t k = 0; k < plan->algorithms.n; k++) {
                struct trial trial = plan_trial(plan, i, j, k);
                struct trial_result result =
                    run_trial(&trial, done++, plan_length(plan));

                report_trial(&report, &trial, &result);
            }
}

/* In Markdown each setting and size is a row, each algorithm a column. */
enum { KEY_COLUMNS = 4 };

static struct report_column *table_columns(const struct plan *plan)
{
    size_t n = plan->algorithms.n;
    struct report_column *columns =
        args_alloc(KEY_COLUMNS + n, sizeof *columns);

    memcpy(columns, trial_columns + 1, KEY_COLUMNS * sizeof *columns);
    for (size_t i = 0; i < n; i++) {
        const char *name = names[plan->algorithms.index[i]];
        char *title = args_alloc(strlen(name) + 1, 1);

        strcpy(title, name);
        title[0] = (char)(title[0] - 'a' + 'A');
        columns[KEY_COLUMNS + i] =
            (struct report_column){ name, title, REPORT_SECONDS };
    }
    return columns;
}

static void table_columns_free(struct report_column *columns, size_t n)
{
    for (size_t i = KEY_COLUMNS; i < n; i++)
        free((char *)columns[i].title);
    free(columns);
}

/* Fills in one row; done counts the trials before it. */
static void table_row(const struct plan *plan, size_t i, size_t j,
                      struct report_value *row, size_t done)
{
    for (size_t k = 0; k < plan->algorithms.n; k++) {
        struct trial trial = plan_trial(plan, i, j, k);
        struct trial_result result =
            run_trial(&trial, done + k, plan_length(plan));

        row[0] = report_word(trial.nodes);
        row[1] = report_real(trial.latency);
        row[2] = report_real(trial.rate);
        row[3] = report_word(trial.size);
        row[KEY_COLUMNS + k] = report_real(result.seconds);
    }
}

static void show_table(const struct plan *plan)
{
    size_t n = KEY_COLUMNS + plan->algorithms.n;
    struct report_column *columns = table_columns(plan);
    struct report_value *row = args_alloc(n, sizeof *row);
    struct report report = { stdout, REPORT_MD, columns, n };
    size_t done = 0;

    report_begin(&report);
    args_check_output();
    for (size_t i = 0; i < plan->num_settings; i++)
        for (size_t j = 0; j < plan->sizes.n; j++) {
            table_row(plan, i, j, row, done);
            report_row(&report, row);
            args_check_output();
            done += plan->algorithms.n;
        }
    free(row);
    table_columns_free(columns, n);
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

enum { REAL = 256, SEED, EXEC, FORMAT, LIST };

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
        args_names(&o->algorithms, "--algorithm", arg, names, ALGORITHMS);
        return 0;
    case REAL:
        o->real = true;
        return 0;
    case SEED:
        o->seed = args_word("--seed", arg);
        unsetenv("DISTSYS_SEED"); /* what is said here goes before it */
        return 0;
    case EXEC:
        o->exec = (ds_exec)args_choice("--exec", arg, execs, EXECS);
        unsetenv("DISTSYS_EXEC");
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
        "  " PROGRAM " --algorithm=stream --real --format=json",
};

/* What the loop will take from the environment, for the rows.  A value that it
 * does not know is left to it to complain about. */
static void read_environment(struct options *o)
{
    const char *seed = getenv("DISTSYS_SEED");
    const char *exec = getenv("DISTSYS_EXEC");

    if (seed != NULL)
        o->seed = strtoull(seed, NULL, 10);
    if (exec != NULL && strcmp(exec, execs[DS_FIBERS]) == 0)
        o->exec = DS_FIBERS;
}

static void options_free(struct options *o)
{
    free(o->nodes.values);
    free(o->latency.values);
    free(o->rate.values);
    free(o->size.values);
    free(o->algorithms.index);
}

int main(int argc, char **argv)
{
    struct options options = { 0 };

    for (size_t i = 0; i < ALGORITHMS; i++)
        names[i] = catalogue[i].algorithm->name;
    read_environment(&options);
    args_parse(PROGRAM, &argp, argc, argv, &options);
    progress_wanted = isatty(STDERR_FILENO);

    struct plan plan = plan_new(&options);
    if (options.list)
        print_list();
    else if (options.format == REPORT_MD)
        show_table(&plan);
    else
        show_trials(&plan, options.format);
    free(plan.settings);
    options_free(&options);
    return EXIT_SUCCESS;
}
