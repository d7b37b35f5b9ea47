/* See laboratory.h. */

#include "bench/common/laboratory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/contest.h"
#include "bench/common/show.h"
#include "bench/common/traced.h"

/* The options of settings are first, so that their rows find them here too. */
typedef struct lab_options {
    setting_options settings;
    fabric_options fabric;
    show_options show;
    args_names algorithms;
} lab_options;

/* ---- The algorithms -------------------------------------------------------*/

enum { KINDS_MAX = 32 };

/* Those that a program is about, in the order of the catalogue, so that a new
 * one is here without anybody doing anything.  The names that --algorithm takes
 * are those of the kinds, if there are several, and then of the algorithms. */
typedef struct catalogue {
    const ds_collective **algorithms;
    size_t n;
    ds_collective_kind kinds[KINDS_MAX];
    size_t num_kinds;
    const char **names;
    args_known known;
} catalogue;

static void load_kinds(catalogue *all, bool allreduces)
{
    for (size_t kind = 1; kind < KINDS_MAX; kind++) {
        const char *name = ds_collective_kind_name((ds_collective_kind)kind);

        if (name != NULL && allreduces == (kind == DS_ALLREDUCE))
            all->kinds[all->num_kinds++] = (ds_collective_kind)kind;
    }
}

/* How many names come before those of the algorithms. */
static size_t num_kind_names(const catalogue *all)
{
    return all->num_kinds > 1 ? all->num_kinds : 0;
}

static void load_names(catalogue *all)
{
    size_t first = num_kind_names(all);

    all->names = args_alloc(first + all->n, sizeof(*all->names));
    for (size_t i = 0; i < first; i++)
        all->names[i] = ds_collective_kind_name(all->kinds[i]);
    for (size_t i = 0; i < all->n; i++)
        all->names[first + i] = all->algorithms[i]->name;
    all->known = (args_known){ all->names, first + all->n };
}

static catalogue catalogue_load(bool allreduces)
{
    catalogue all = { 0 };
    size_t n;
    const ds_collective *const *every = ds_collective_catalogue(&n);

    all.algorithms = args_alloc(n, sizeof(*all.algorithms));
    for (size_t i = 0; i < n; i++)
        if (allreduces == (every[i]->kind == DS_ALLREDUCE))
            all.algorithms[all.n++] = every[i];
    load_kinds(&all, allreduces);
    load_names(&all);
    return all;
}

static void catalogue_free(catalogue *all)
{
    free(all->algorithms);
    free(all->names);
}

static void print_list(const catalogue *all)
{
    size_t width = 0;

    for (size_t i = 0; i < all->n; i++)
        if (strlen(all->algorithms[i]->name) > width)
            width = strlen(all->algorithms[i]->name);
    for (size_t i = 0; i < all->n; i++) {
        const ds_collective *how = all->algorithms[i];

        printf("%-*s  %s\n", (int)width, how->name,
               how->idea != NULL ? how->idea : "");
    }
}

/* ---- The settings ---------------------------------------------------------*/

/* One line of a program's table, with all sizes. */
static settings settings_of_line(const setting_options *o, const setting *line)
{
    setting_options own = *o;
    double nodes = (double)line->nodes;
    double latency = line->latency;
    double rate = line->rate;

    own.nodes = (args_reals){ 1, &nodes };
    own.latency = (args_reals){ 1, &latency };
    own.rate = (args_reals){ 1, &rate };
    return setting_combine(&own);
}

static settings settings_of_table(const laboratory *lab,
                                  const setting_options *o)
{
    settings all = { .n = lab->num_table * o->size.n, .num_sizes = o->size.n };

    all.list = args_alloc(all.n, sizeof(*all.list));
    for (size_t i = 0; i < lab->num_table; i++) {
        settings some = settings_of_line(o, &lab->table[i]);
        memcpy(all.list + i * some.n, some.list, some.n * sizeof(*some.list));
        free(some.list);
    }
    return all;
}

/* Whether the table is run, because no option says otherwise. */
static bool runs_table(const laboratory *lab, const lab_options *o)
{
    const setting_options *s = &o->settings;

    return lab->num_table > 0 && !show_is_sweep(&o->show) &&
           o->fabric.topology == NULL &&
           s->nodes.n + s->latency.n + s->rate.n == 0;
}

/* A barrier moves nothing: it has one size.  Where there is no root, none is
 * shown. */
static settings settings_of(const laboratory *lab, const lab_options *o,
                            ds_collective_kind kind)
{
    setting_options own = o->settings;
    unsigned traits = ds_collective_kind_traits(kind);
    double nothing = 0;

    if ((traits & DS_TRAIT_EMPTY) != 0)
        own.size = (args_reals){ 1, &nothing };
    if ((traits & DS_TRAIT_ROOT) == 0)
        own.rest.root = 0;
    return runs_table(lab, o) ? settings_of_table(lab, &own)
                              : setting_combine(&own);
}

/* ---- The contests ---------------------------------------------------------*/

/* Whether an algorithm was asked for, by its name or by that of its kind. */
static bool is_chosen(const catalogue *all, size_t name, size_t algorithm)
{
    size_t first = num_kind_names(all);

    if (name >= first)
        return name == first + algorithm;
    return all->kinds[name] == all->algorithms[algorithm]->kind;
}

static bool takes_part(const contest *c, const ds_collective *how)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->contenders[i] == how)
            return true;
    return false;
}

/* Of a kind, between those that were chosen, in the order of the names; n is 0
 * if none was. */
static contest contest_of(const laboratory *lab, const catalogue *all,
                          const lab_options *o, ds_collective_kind kind)
{
    contest c = {
        .kind = kind,
        .contenders = args_alloc(all->n, sizeof(*c.contenders)),
        .settings = settings_of(lab, o, kind),
    };

    for (size_t i = 0; i < o->algorithms.n; i++)
        for (size_t k = 0; k < all->n; k++)
            if (all->algorithms[k]->kind == kind &&
                is_chosen(all, o->algorithms.index[i], k) &&
                !takes_part(&c, all->algorithms[k]))
                c.contenders[c.n++] = all->algorithms[k];
    return c;
}

static size_t load_contests(const laboratory *lab, const catalogue *all,
                            const lab_options *o, contest *contests)
{
    size_t n = 0;

    for (size_t i = 0; i < all->num_kinds; i++) {
        contests[n] = contest_of(lab, all, o, all->kinds[i]);
        if (contests[n].n > 0)
            n++;
        else
            contest_free(&contests[n]);
    }
    return n;
}

/* ---- Checks ---------------------------------------------------------------*/

static failure check_root(const setting_options *o)
{
    for (size_t i = 0; i < o->nodes.n; i++)
        if ((double)o->rest.root >= o->nodes.values[i])
            return failure_new(BAD_USAGE,
                               "--root: there is no rank %zu among %g nodes; "
                               "allowed: 0 to %g",
                               o->rest.root, o->nodes.values[i],
                               o->nodes.values[i] - 1);
    return SUCCESS;
}

/* The algorithm would refuse too, after others have run for long. */
static failure check_group(const contest *c)
{
    const char *needs_it = ds_allreduce_hierarchical.name;
    bool needed = false;

    for (size_t i = 0; i < c->n; i++)
        needed |= strcmp(c->contenders[i]->name, needs_it) == 0;
    for (size_t i = 0; needed && i < c->settings.n; i++) {
        const setting *s = &c->settings.list[i];

        if (s->group > 0 && s->nodes % s->group != 0)
            return failure_new(BAD_USAGE,
                               "--group: groups of %zu do not divide %zu "
                               "nodes; allowed: a divisor of every number of "
                               "nodes",
                               s->group, s->nodes);
    }
    return SUCCESS;
}

static double count_runs(const contest *contests, size_t n)
{
    double runs = 0;

    for (size_t i = 0; i < n; i++)
        runs += (double)contests[i].n * (double)contests[i].settings.n;
    return runs;
}

/* Who is left out is said last, so that bad usage is one line. */
static failure check(const lab_options *o, contest *contests, size_t *n)
{
    failure why = check_root(&o->settings);

    for (size_t i = 0; i < *n && why.status == 0; i++)
        why = check_group(&contests[i]);
    if (why.status == 0)
        why = show_check(contests, *n, &o->show);
    if (why.status == 0)
        why = contest_admit(contests, n, "--algorithm");
    if (why.status == 0)
        why = traced_begin(o->show.trace, count_runs(contests, *n));
    return why;
}

/* ---- All of it ------------------------------------------------------------*/

static bool is_original(const laboratory *lab, const char *name)
{
    for (size_t i = 0; i < lab->num_originals; i++)
        if (strcmp(lab->originals[i], name) == 0)
            return true;
    return false;
}

/* The mode that is meant if nobody has said. */
static size_t usual_mode(const laboratory *lab, const catalogue *all,
                         const args_names *algorithms)
{
    for (size_t i = 0; i < algorithms->n; i++)
        if (!is_original(lab, all->names[algorithms->index[i]]))
            return SETTING_MPI;
    return SETTING_ORIGINAL;
}

static failure complete(const laboratory *lab, const catalogue *all,
                        lab_options *o, const fabric *f)
{
    bool sweep = show_is_sweep(&o->show);
    const args_option algorithms = {
        .name = "algorithm",
        .type = ARGS_NAMES,
        .at = offsetof(lab_options, algorithms),
        .known = &all->known,
        .preset = sweep ? lab->sweep_algorithms : lab->algorithms,
    };

    args_complete(&algorithms, o);
    if (o->settings.rest.mode == SETTING_MODES)
        o->settings.rest.mode = usual_mode(lab, all, &o->algorithms);
    if (!runs_table(lab, o))
        return setting_complete(&o->settings, f, sweep);
    if (o->settings.rest.model == MODELS)
        o->settings.rest.model = MODEL_GREEDY;
    setting_complete_sizes(&o->settings, sweep);
    return SUCCESS;
}

static failure run_contests(const laboratory *lab, const catalogue *all,
                            const lab_options *o)
{
    contest contests[KINDS_MAX];
    size_t n = load_contests(lab, all, o, contests);
    failure why = check(o, contests, &n);
    if (why.status == 0)
        why = show(contests, n, &o->show);
    for (size_t i = 0; i < n; i++)
        contest_free(&contests[i]);
    return why;
}

static failure run(const laboratory *lab, const catalogue *all, lab_options *o)
{
    fabric f;

    if (o->show.list) {
        print_list(all);
        return SUCCESS;
    }
    failure why = fabric_open(&f, &o->fabric, o->settings.rest.seed);
    if (why.status != 0)
        return why;
    why = complete(lab, all, o, &f);
    if (why.status == 0)
        why = run_contests(lab, all, o);
    fabric_close(&f);
    return why;
}

enum { RUN, FABRIC, SHOW, TABLES };

static failure parse_and_run(const laboratory *lab, const catalogue *all,
                             int argc, char **argv)
{
    lab_options o = {
        .settings.rest.mode = SETTING_MODES,
        .settings.rest.model = MODELS,
        .show.format = args_format(),
    };
    const args_option algorithm = {
        .name = "algorithm",
        .letter = 'a',
        .unit = "LIST",
        .type = ARGS_NAMES,
        .at = offsetof(lab_options, algorithms),
        .known = &all->known,
        .shown = lab->algorithms,
        .late = true,
        .help = lab->algorithm_help,
    };
    const args_option *runs[1 + SETTING_OPTIONS] = { &algorithm };
    const args_option *fabrics[FABRIC_OPTIONS];
    const args_option *shows[SHOW_OPTIONS];
    args_table tables[TABLES] = {
        [RUN] = { "What to run; a LIST is separated by commas:", runs, 1, &o },
        [FABRIC] = { FABRIC_HEADING, fabrics, FABRIC_OPTIONS, &o.fabric },
        [SHOW] = { "What to print:", shows, SHOW_OPTIONS, &o.show },
    };

    for (size_t i = 0; i <= SETTING_EXEC; i++)
        runs[tables[RUN].n++] = &setting_table[i];
    for (size_t i = 0; i < lab->num_options; i++)
        runs[tables[RUN].n++] = &setting_table[lab->options[i]];
    for (size_t i = 0; i < FABRIC_OPTIONS; i++)
        fabrics[i] = &fabric_table[i];
    for (size_t i = 0; i < SHOW_OPTIONS; i++)
        shows[i] = &show_table[i];

    failure why = args_parse(&lab->program, tables, TABLES, argc, argv);
    if (why.status == 0)
        why = run(lab, all, &o);
    args_free(tables, TABLES);
    return why;
}

int laboratory_main(const laboratory *lab, int argc, char **argv)
{
    catalogue all = catalogue_load(lab->allreduces);
    failure why = parse_and_run(lab, &all, argc, argv);

    catalogue_free(&all);
    return args_end(why);
}
