/* distsys-algorithms: what a decision of a distributed algorithm takes, in
 * time, messages and bytes, among so many machines. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/algorithms/scene.h"
#include "bench/common/args.h"
#include "bench/common/plot.h"
#include "bench/common/rows.h"
#include "bench/common/setting.h"
#include "bench/common/traced.h"

#define PROGRAM "distsys-algorithms"

typedef struct options {
    args_names algorithms;
    args_reals members;
    double latency;
    double rate;
    size_t model;
    uint64_t seed;
    size_t seeds;
    size_t exec;
    double limit;
    const char *faults;
    const char *plan;
    size_t format;
    const char *plot;
    size_t drawn; /* what --plot draws */
    const char *trace;
    bool list;
    ds_plan *parsed;
} options;

/* Of all seeds of an algorithm among so many. */
typedef struct figure {
    const algorithm *algorithm;
    size_t members;
    double latency;
    double rate;
    uint64_t seed;
    size_t seeds;
    size_t decided; /* in how many of these */
    double seconds; /* the median of those that have decided, as the rest */
    double least;
    double most;
    double rounds; /* latencies that the median takes */
    double messages;
    double bytes;
    uint64_t digest; /* of the first seed */
} figure;

/* ---- Running --------------------------------------------------------------*/

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts them; the lower one of two in the middle, which did happen. */
static double median(double *values, size_t n)
{
    if (n == 0)
        return NAN;
    qsort(values, n, sizeof(*values), compare);
    return values[(n - 1) / 2];
}

static void sum_up(figure *f, double *seconds, double *messages, double *bytes)
{
    f->seconds = median(seconds, f->decided);
    f->least = f->decided > 0 ? seconds[0] : NAN;
    f->most = f->decided > 0 ? seconds[f->decided - 1] : NAN;
    f->rounds = f->seconds / f->latency;
    f->messages = median(messages, f->decided);
    f->bytes = median(bytes, f->decided);
}

static failure run_seeds(const options *o, figure *f)
{
    double *values = args_alloc(3 * f->seeds, sizeof(*values));
    double *messages = values + f->seeds, *bytes = messages + f->seeds;
    failure why = SUCCESS;

    for (size_t i = 0; i < f->seeds && why.status == 0; i++) {
        scene_result result;
        why = scene_run(
            &(scene_setting){
                .algorithm = f->algorithm,
                .members = f->members,
                .latency = o->latency,
                .rate = o->rate,
                .model = o->model,
                .seed = o->seed + i,
                .exec = o->exec,
                .limit = o->limit,
                .plan = o->parsed,
            },
            &result);
        if (i == 0)
            f->digest = result.digest;
        if (!result.decided)
            continue;
        values[f->decided] = result.seconds;
        messages[f->decided] = result.messages;
        bytes[f->decided++] = result.bytes;
    }
    sum_up(f, values, messages, bytes);
    free(values);
    return why;
}

/* ---- The command line -----------------------------------------------------*/

enum { MOST_ALGORITHMS = 128 };
static const char *names[MOST_ALGORITHMS];
static args_known known = { names, 0 };

enum { TIME, MESSAGES, BYTES, DRAWN };
static const char *const drawn_names[DRAWN] = { "time", "messages", "bytes" };
static const args_known known_drawn = { drawn_names, DRAWN };

static const args_range members_range = {
    .allowed = "whole numbers from 1 to 1M",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const args_range seeds_range = {
    .allowed = "a whole number from 1 to 1M",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const args_range latency_range = {
    .allowed = "seconds above 0 and up to 1e9, also as in 0.5ms, 100us",
    .max = 1e9,
    .above = true,
    .units = args_seconds,
};

static rows_value get_algorithm(const void *row, const rows_column *self)
{
    return rows_text(((const figure *)row)->algorithm->name);
}

#define COLUMN(name, title, type, get, member)                                 \
    {                                                                          \
        name, title, type, get, offsetof(figure, member), 0                    \
    }

enum {
    ALGORITHM,
    MEMBERS,
    LATENCY,
    RATE,
    SEED,
    SEEDS,
    INPUTS, /* of a row */
    MODEL = INPUTS,
    EXEC,
    LIMIT,
    FAULTS,
    PLAN,
    FORMAT,
    PLOT,
    DRAW,
    TRACE,
    LIST,
    OPTIONS,
};
static const args_option table[OPTIONS] = {
    [ALGORITHM] = {
        .name = "algorithm",
        .letter = 'a',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, algorithms),
        .known = &known,
        .preset = "all",
        .help = "Which; --list has them",
        .column = { "algorithm", "Algorithm", ROWS_TEXT, get_algorithm, 0, 20 },
    },
    [MEMBERS] = {
        .name = "nodes",
        .letter = 'n',
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, members),
        .range = &members_range,
        .preset = "5",
        .help = "Among how many machines, besides a client where there is one",
        .column = COLUMN("nodes", "Nodes", ROWS_COUNT, rows_get_size, members),
    },
    [LATENCY] = {
        .name = "latency",
        .letter = 'l',
        .unit = "SECONDS",
        .type = ARGS_REAL,
        .at = offsetof(options, latency),
        .range = &latency_range,
        .preset = "1ms",
        .help = "That each message takes; timeouts are multiples of it",
        .column =
            COLUMN("latency", "Latency", ROWS_REAL, rows_get_real, latency),
    },
    [RATE] = {
        .name = "rate",
        .letter = 'r',
        .unit = "RATE",
        .type = ARGS_REAL,
        .at = offsetof(options, rate),
        .range = &setting_rate_range,
        .preset = "1G",
        .help = "Bytes per second of each machine's port, either way",
        .column = COLUMN("rate", "NIC rate", ROWS_RATE, rows_get_real, rate),
    },
    [SEED] = {
        .name = "seed",
        .unit = "NUMBER",
        .type = ARGS_WORD,
        .at = offsetof(options, seed),
        .preset = "1",
        .variable = "DISTSYS_SEED",
        .help = "The first seed",
        .column = COLUMN("seed", "Seed", ROWS_COUNT, rows_get_word, seed),
    },
    [SEEDS] = {
        .name = "seeds",
        .letter = 's',
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, seeds),
        .range = &seeds_range,
        .preset = "1",
        .help = "How many seeds from there on; a row has their medians",
        .column = COLUMN("seeds", "Seeds", ROWS_COUNT, rows_get_size, seeds),
    },
    [MODEL] = {
        .name = "model",
        .letter = 'm',
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, model),
        .known = &model_names,
        .preset = "greedy",
        .help = "How messages share ports: greedy or maxmin",
    },
    [EXEC] = SETTING_EXEC_ROW(offsetof(options, exec), "machines"),
    [LIMIT] = {
        .name = "limit",
        .unit = "SECONDS",
        .type = ARGS_REAL,
        .at = offsetof(options, limit),
        .range = &latency_range,
        .preset = "3600",
        .help = "Virtual time until a run counts as undecided",
    },
    [FAULTS] = {
        .name = "faults",
        .unit = "LINES",
        .type = ARGS_STRING,
        .at = offsetof(options, faults),
        .help = "What fails: lines of a plan, separated by semicolons, as in "
                "'0 faults * > * drop 0.1; 0 crash 4'",
    },
    [PLAN] = {
        .name = "plan",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, plan),
        .help = "The same, from a file",
    },
    [FORMAT] = ARGS_FORMAT_ROW('f', offsetof(options, format)),
    [PLOT] = {
        .name = "plot",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, plot),
        .help = "Draw each algorithm against the number of machines, into an "
                ".svg or .png, by gnuplot",
    },
    [DRAW] = {
        .name = "draw",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, drawn),
        .known = &known_drawn,
        .preset = "time",
        .help = "What is drawn: time, messages or bytes",
    },
    [TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, trace),
        .help = "Record the one run, for distsys-trace(1)",
    },
    [LIST] = {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the algorithms, and what is decided in each",
    },
};

static const rows_column results[] = {
    COLUMN("decided", "Decided", ROWS_COUNT, rows_get_size, decided),
    COLUMN("seconds", "Seconds", ROWS_SECONDS, rows_get_real, seconds),
    COLUMN("least_seconds", "Least", ROWS_SECONDS, rows_get_real, least),
    COLUMN("most_seconds", "Most", ROWS_SECONDS, rows_get_real, most),
    COLUMN("latencies", "Latencies", ROWS_SHORT, rows_get_real, rounds),
    COLUMN("messages", "Messages", ROWS_REAL, rows_get_real, messages),
    COLUMN("bytes", "Bytes", ROWS_REAL, rows_get_real, bytes),
    COLUMN("digest", "Digest", ROWS_DIGEST, rows_get_word, digest),
};
enum {
    RESULTS = sizeof(results) / sizeof(*results),
    COLUMNS = INPUTS + RESULTS,
};

/* ---- All of it ------------------------------------------------------------*/

/* A row for each algorithm and number of machines. */
static void make_figures(const options *o, figure *figures)
{
    for (size_t a = 0; a < o->algorithms.n; a++)
        for (size_t m = 0; m < o->members.n; m++)
            *figures++ = (figure){
                .algorithm = algorithm_all(NULL)[o->algorithms.index[a]],
                .members = (size_t)o->members.values[m],
                .latency = o->latency,
                .rate = o->rate,
                .seed = o->seed,
                .seeds = o->seeds,
            };
}

/* Before anything is printed. */
static failure check_members(const figure *f)
{
    const algorithm *a = f->algorithm;

    if (f->members < a->least)
        return failure_new(BAD_USAGE,
                           "--nodes: %zu are too few for %s; allowed: %zu or "
                           "more",
                           f->members, a->name, a->least);
    if (a->most != 0 && f->members > a->most)
        return failure_new(BAD_USAGE,
                           "--nodes: %zu are too many for %s; allowed: up to "
                           "%zu",
                           f->members, a->name, a->most);
    return SUCCESS;
}

static failure print_all(const options *o, figure *figures, size_t n)
{
    const rows_column *columns[COLUMNS];
    const rows_table rows = { stdout, o->format, columns, COLUMNS };
    failure why = SUCCESS;

    for (size_t i = 0; i < INPUTS; i++)
        columns[i] = &table[i].column;
    for (size_t i = 0; i < RESULTS; i++)
        columns[INPUTS + i] = &results[i];
    for (size_t i = 0; i < n && why.status == 0; i++) {
        why = run_seeds(o, &figures[i]);
        if (why.status == 0 &&
            ((i == 0 && !rows_begin(&rows)) || !rows_add(&rows, &figures[i])))
            why = failure_of_output();
    }
    return why;
}

static double value_drawn(const options *o, const figure *f)
{
    const double values[DRAWN] = { f->seconds, f->messages, f->bytes };

    return values[o->drawn];
}

/* A line for each algorithm. */
static failure draw(const options *o, const figure *figures, size_t n)
{
    static const char *const labels[DRAWN] = { "seconds", "messages", "bytes" };
    plot_line *lines = args_alloc(o->algorithms.n, sizeof(*lines));
    double *y = args_alloc(n, sizeof(*y));

    for (size_t i = 0; i < n; i++)
        y[i] = value_drawn(o, &figures[i]);
    for (size_t i = 0; i < o->algorithms.n; i++) {
        size_t first = i * o->members.n;
        lines[i] = (plot_line){ figures[first].algorithm->name, &y[first] };
    }
    failure why = plot_draw(&(plot){
        .file = o->plot,
        .title = "What a decision takes",
        .n = o->members.n,
        .x = o->members.values,
        .x_label = "machines",
        .y_label = labels[o->drawn],
        .num_lines = o->algorithms.n,
        .lines = lines,
    });
    free(lines);
    free(y);
    return why;
}

/* ---- What fails -----------------------------------------------------------*/

static failure read_file(const char *file, char **text)
{
    FILE *in = fopen(file, "r");
    size_t room = 0;
    ssize_t n = in == NULL ? -1 : getdelim(text, &room, EOF, in);
    bool bad = in == NULL || (n < 0 && ferror(in));
    failure why = SUCCESS;

    if (bad)
        why = failure_new(BAD_USAGE, "--plan: %s: %s", file, strerror(errno));
    else if (n < 0)
        *text = args_need(strdup(""));
    if (in != NULL)
        fclose(in);
    return why;
}

static failure read_plan(options *o)
{
    const char *option = o->plan != NULL ? "--plan" : "--faults";
    char *text = NULL, problem[256];
    failure why = SUCCESS;

    if (o->plan != NULL && o->faults != NULL)
        return failure_new(BAD_USAGE, "--faults: there is a --plan too; "
                                      "allowed: one of them");
    if (o->plan != NULL)
        why = read_file(o->plan, &text);
    else if (o->faults != NULL)
        text = args_need(strdup(o->faults));
    if (text == NULL)
        return why;
    for (char *c = o->faults != NULL ? strchr(text, ';') : NULL; c != NULL;
         c = strchr(c, ';'))
        *c = '\n';
    o->parsed = ds_plan_parse(text, problem, sizeof(problem));
    if (o->parsed == NULL)
        why = failure_new(BAD_USAGE, "%s: %s", option, problem);
    free(text);
    return why;
}

static failure run(options *o)
{
    size_t n = o->algorithms.n * o->members.n;
    figure *figures = args_alloc(n, sizeof(*figures));

    failure why = SUCCESS;

    make_figures(o, figures);
    for (size_t i = 0; i < n && why.status == 0; i++)
        why = check_members(&figures[i]);
    if (why.status == 0)
        why = read_plan(o);
    if (why.status == 0 && o->plot != NULL)
        why = plot_check("--plot", o->plot);
    if (why.status == 0)
        why = traced_begin(o->trace, (double)(n * o->seeds));
    if (why.status == 0)
        why = print_all(o, figures, n);
    if (why.status == 0 && o->plot != NULL)
        why = draw(o, figures, n);
    ds_plan_free(o->parsed);
    free(figures);
    return why;
}

static void list_all(void)
{
    for (const algorithm *const *a = algorithm_all(NULL); *a != NULL; a++) {
        printf("%-22s %s", (*a)->name, (*a)->decision);
        if ((*a)->least > 1)
            printf("; %zu machines or more", (*a)->least);
        if ((*a)->most > 0)
            printf("; up to %zu machines", (*a)->most);
        printf("\n");
    }
}

static const args_program program = {
    PROGRAM,
    "Runs distributed algorithms until they have decided, once each, and tells "
    "in how much time and by how many messages.\v"
    "Seconds are virtual ones, from the beginning to the decision.  Messages "
    "are all that were sent until two latencies later.  Of several seeds a row "
    "has the medians of those that decided, the least and the most.",
};

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    algorithm_all(&known.n);
    for (size_t i = 0; i < known.n; i++)
        names[i] = algorithm_all(NULL)[i]->name;
    failure why = args_parse(&program, tables, 1, argc, argv);
    if (why.status == 0 && o.list)
        list_all();
    else if (why.status == 0)
        why = run(&o);
    args_free(tables, 1);
    return args_end(why);
}
