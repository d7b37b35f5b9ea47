/* distsys-hashing: how evenly keys are spread over sites, and how many move
 * when a site comes or goes. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/hashing.h>

#include "bench/common/args.h"
#include "bench/common/measure.h"
#include "bench/common/plot.h"
#include "bench/common/rows.h"

#define PROGRAM "distsys-hashing"

typedef struct options {
    args_names kinds;
    args_reals sites;
    args_reals points;
    args_reals weights;
    size_t keys;
    double slack;
    size_t format;
    const char *plot;
    bool list;
} options;

/* What is looked at, and what comes out of it. */
typedef struct figure {
    const ds_hashing_kind *kind;
    size_t sites;
    size_t points; /* 0: it has none */
    ds_hashing_balance balance;
    double added;   /* the part of keys that moves when one more comes */
    double removed; /* ... when the last one goes */
    double must_add;
    double must_remove;
    double bounded; /* the most of a site, as a multiple of its share */
    double ns;      /* real time to find a site */
} figure;

/* ---- Looking at one -------------------------------------------------------*/

static double weight_of(const options *o, size_t i)
{
    return o->weights.values[i % o->weights.n];
}

static failure cannot(const figure *f, const ds_hashing *hashing)
{
    return failure_new(BAD_USAGE, "%s, %zu sites: %s", ds_hashing_name(f->kind),
                       f->sites, ds_hashing_error(hashing));
}

static failure fill(const options *o, const figure *f, ds_hashing *hashing)
{
    for (size_t i = 0; i < f->sites; i++)
        if (!ds_hashing_add(hashing, i, weight_of(o, i)))
            return cannot(f, hashing);
    return SUCCESS;
}

static void measure_moves(const options *o, figure *f, const ds_hashing *before)
{
    ds_hashing *more = args_need(ds_hashing_copy(before));
    ds_hashing *less = args_need(ds_hashing_copy(before));

    if (ds_hashing_add(more, f->sites, weight_of(o, f->sites)) &&
        ds_hashing_remove(less, f->sites - 1)) {
        f->added = ds_hashing_moved(before, more, o->keys);
        f->must_add = ds_hashing_must_move(before, more);
        f->removed = ds_hashing_moved(before, less, o->keys);
        f->must_remove = ds_hashing_must_move(before, less);
    }
    ds_hashing_free(more);
    ds_hashing_free(less);
}

/* Places all keys, and looks at what the fullest site has. */
static failure measure_bound(const options *o, figure *f, ds_hashing *hashing)
{
    double total = 0;
    uint64_t site;

    for (size_t i = 0; i < f->sites; i++)
        total += weight_of(o, i);
    for (uint64_t key = 0; key < o->keys; key++)
        if (!ds_hashing_place(hashing, key, o->slack, &site))
            return cannot(f, hashing);
    for (size_t i = 0; i < f->sites; i++) {
        double fair = (double)o->keys * weight_of(o, i) / total;
        f->bounded =
            fmax(f->bounded, (double)ds_hashing_load(hashing, i) / fair);
    }
    return SUCCESS;
}

static void measure_lookup(const options *o, figure *f,
                           const ds_hashing *hashing)
{
    double begin = measure_clock();
    uint64_t site, sum = 0;

    for (uint64_t key = 0; key < o->keys; key++) {
        ds_hashing_sites(hashing, key, &site, 1);
        sum += site;
    }
    /* The sum is used, so that nothing is left out. */
    f->ns = measure_rounded((measure_clock() - begin) / (double)o->keys +
                            (double)(sum == UINT64_MAX));
}

static failure measure(const options *o, figure *f)
{
    ds_hashing *hashing = args_need(ds_hashing_new(f->kind, f->points));
    failure why = fill(o, f, hashing);

    if (why.status == 0) {
        ds_hashing_measure(hashing, o->keys, &f->balance);
        measure_lookup(o, f, hashing);
        measure_moves(o, f, hashing);
        why = measure_bound(o, f, hashing);
    }
    ds_hashing_free(hashing);
    return why;
}

/* ---- The command line -----------------------------------------------------*/

static const char *kind_names[8];
static args_known known_kinds = { kind_names, 0 };

static const args_range sites_range = {
    .allowed = "whole numbers from 1 to 100k",
    .min = 1,
    .max = 1e5,
    .whole = true,
    .units = args_counts,
};
static const args_range points_range = {
    .allowed = "whole numbers from 1 to 10k",
    .min = 1,
    .max = 1e4,
    .whole = true,
    .units = args_counts,
};
static const args_range weights_range = {
    .allowed = "numbers above 0, up to 1k",
    .min = 0,
    .max = 1e3,
    .above = true,
    .units = args_counts,
};
static const args_range keys_range = {
    .allowed = "a whole number from 1 to 1G",
    .min = 1,
    .max = 1e9,
    .whole = true,
    .units = args_counts,
};
static const args_range slack_range = {
    .allowed = "a number above 0",
    .min = 0,
    .max = 1e9,
    .above = true,
};

static rows_value get_kind(const void *row, const rows_column *self)
{
    return rows_text(ds_hashing_name(((const figure *)row)->kind));
}

static rows_value get_points(const void *row, const rows_column *self)
{
    size_t points = ((const figure *)row)->points;

    return points == 0 ? ROWS_NONE : rows_word(points);
}

#define COLUMN(name, title, type, get, member)                                 \
    {                                                                          \
        name, title, type, get, offsetof(figure, member), 0                    \
    }

enum { KIND, SITES, POINTS, WEIGHTS, KEYS, SLACK, FORMAT, PLOT, LIST, OPTIONS };
static const args_option table[OPTIONS] = {
    [KIND] = {
        .name = "algorithm",
        .letter = 'a',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, kinds),
        .known = &known_kinds,
        .preset = "all",
        .help = "Which ways to place keys",
        .column = COLUMN("algorithm", "Algorithm", ROWS_TEXT, get_kind, kind),
    },
    [SITES] = {
        .name = "sites",
        .letter = 'n',
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, sites),
        .range = &sites_range,
        .preset = "10,100",
        .help = "How many sites",
        .column = COLUMN("sites", "Sites", ROWS_COUNT, rows_get_size, sites),
    },
    [POINTS] = {
        .name = "points",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, points),
        .range = &points_range,
        .preset = "100",
        .help = "Points on the ring, of a site of weight 1",
        .column = COLUMN("points", "Points", ROWS_COUNT, get_points, points),
    },
    [WEIGHTS] = {
        .name = "weights",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, weights),
        .range = &weights_range,
        .preset = "1",
        .help = "Of the sites, over and over again",
    },
    [KEYS] = {
        .name = "keys",
        .letter = 'k',
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, keys),
        .range = &keys_range,
        .preset = "100k",
        .help = "How many keys",
    },
    [SLACK] = {
        .name = "slack",
        .unit = "NUMBER",
        .type = ARGS_REAL,
        .at = offsetof(options, slack),
        .range = &slack_range,
        .preset = "0.25",
        .help = "Which part more than its share a site takes, where loads are "
                "bounded",
    },
    [FORMAT] = ARGS_FORMAT_ROW('f', offsetof(options, format)),
    [PLOT] = {
        .name = "plot",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, plot),
        .help = "Draw how uneven each is against the number of sites, into an "
                ".svg or .png, by gnuplot",
    },
    [LIST] = {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the ways to place keys",
    },
};

static const rows_column results[] = {
    COLUMN("most", "Most", ROWS_SHORT, rows_get_real, balance.most),
    COLUMN("least", "Least", ROWS_SHORT, rows_get_real, balance.least),
    COLUMN("deviation", "Deviation", ROWS_SECONDS, rows_get_real,
           balance.deviation),
    COLUMN("moved_added", "One more: moved", ROWS_SECONDS, rows_get_real,
           added),
    COLUMN("must_added", "must", ROWS_SECONDS, rows_get_real, must_add),
    COLUMN("moved_removed", "One less: moved", ROWS_SECONDS, rows_get_real,
           removed),
    COLUMN("must_removed", "must", ROWS_SECONDS, rows_get_real, must_remove),
    COLUMN("bounded", "Bounded", ROWS_SHORT, rows_get_real, bounded),
    COLUMN("ns", "ns", ROWS_REAL, rows_get_real, ns),
};
enum { RESULTS = sizeof(results) / sizeof(*results), COLUMNS = 3 + RESULTS };

/* ---- All of it ------------------------------------------------------------*/

/* One for each algorithm, number of points if it has any, and of sites. */
static size_t make_figures(const options *o, figure *figures)
{
    size_t n = 0;

    for (size_t a = 0; a < o->kinds.n; a++) {
        const ds_hashing_kind *kind = ds_hashing_all(NULL)[o->kinds.index[a]];
        bool has_points = kind == &ds_hashing_ring;
        for (size_t p = 0; p < (has_points ? o->points.n : 1); p++)
            for (size_t s = 0; s < o->sites.n; s++)
                figures[n++] = (figure){
                    .kind = kind,
                    .sites = (size_t)o->sites.values[s],
                    .points = has_points ? (size_t)o->points.values[p] : 0,
                };
    }
    return n;
}

static failure print_all(const options *o, figure *figures, size_t n)
{
    const rows_column *columns[COLUMNS];
    const rows_table rows = { stdout, o->format, columns, COLUMNS };
    failure why = SUCCESS;

    for (size_t i = 0; i < 3; i++)
        columns[i] = &table[i].column;
    for (size_t i = 0; i < RESULTS; i++)
        columns[3 + i] = &results[i];
    for (size_t i = 0; i < n && why.status == 0; i++) {
        why = measure(o, &figures[i]);
        if (why.status == 0 &&
            ((i == 0 && !rows_begin(&rows)) || !rows_add(&rows, &figures[i])))
            why =
                failure_new(EXIT_FAILURE, "cannot write: %s", strerror(errno));
    }
    return why;
}

/* A line for each algorithm and number of points. */
static failure draw(const options *o, const figure *figures, size_t n)
{
    size_t num_lines = n / o->sites.n;
    plot_line *lines = args_alloc(num_lines, sizeof(*lines));
    double *y = args_alloc(n, sizeof(*y));
    char(*names)[40] = args_alloc(num_lines, sizeof(*names));

    for (size_t i = 0; i < n; i++)
        y[i] = figures[i].balance.deviation;
    for (size_t i = 0; i < num_lines; i++) {
        const figure *f = &figures[i * o->sites.n];
        if (f->points == 0)
            snprintf(names[i], sizeof(*names), "%s", ds_hashing_name(f->kind));
        else
            snprintf(names[i], sizeof(*names), "%s, %zu points",
                     ds_hashing_name(f->kind), f->points);
        lines[i] = (plot_line){ names[i], &y[i * o->sites.n] };
    }
    failure why = plot_draw(&(plot){
        .file = o->plot,
        .title = "How uneven shares of keys are",
        .n = o->sites.n,
        .x = o->sites.values,
        .x_label = "sites",
        .y_label = "deviation of the shares, as a part of the fair one",
        .num_lines = num_lines,
        .lines = lines,
    });
    free(lines);
    free(y);
    free(names);
    return why;
}

/* Before anything is printed. */
static failure check_weights(const options *o)
{
    bool jumps = false, differ = false;

    for (size_t a = 0; a < o->kinds.n; a++)
        jumps |= ds_hashing_all(NULL)[o->kinds.index[a]] == &ds_hashing_jump;
    for (size_t i = 0; i < o->weights.n; i++)
        differ |= o->weights.values[i] != 1;
    if (!jumps || !differ)
        return SUCCESS;
    return failure_new(BAD_USAGE,
                       "--weights: jump hashing knows none but 1; allowed: "
                       "--algorithm=ring,rendezvous");
}

static failure run(const options *o)
{
    size_t most = o->kinds.n * o->points.n * o->sites.n;
    figure *figures = args_alloc(most, sizeof(*figures));
    size_t n = make_figures(o, figures);
    failure why = check_weights(o);

    if (why.status == 0 && o->plot != NULL)
        why = plot_check("--plot", o->plot);
    if (why.status == 0)
        why = print_all(o, figures, n);
    if (why.status == 0 && o->plot != NULL)
        why = draw(o, figures, n);
    free(figures);
    return why;
}

static const args_program program = {
    PROGRAM,
    "Tells how evenly keys are spread over sites, and how many move when one "
    "of these comes or goes.\v"
    "Most and least are what a site has of the keys, as multiples of its share "
    "by weight; bounded is the most if none may have more than its share and "
    "the slack.  Moved is a part of all keys, beside what must move.  ns is "
    "the real time to find a site.",
};

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    ds_hashing_all(&known_kinds.n);
    for (size_t i = 0; i < known_kinds.n; i++)
        kind_names[i] = ds_hashing_name(ds_hashing_all(NULL)[i]);
    failure why = args_parse(&program, tables, 1, argc, argv);
    for (size_t i = 0; why.status == 0 && o.list && i < known_kinds.n; i++)
        printf("%s\n", kind_names[i]);
    if (why.status == 0 && !o.list)
        why = run(&o);
    args_free(tables, 1);
    return args_end(why);
}
