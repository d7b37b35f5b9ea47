/* How long does an allreduce take?  A contest of algorithms.
 *
 * The options become settings (setting.h) and contenders; those are run
 * (contest.h), and what comes out is shown (show.h).  Here is what an allreduce
 * is, and what is run without options. */

#include <stdlib.h>
#include <string.h>

#include "bench/args.h"
#include "bench/contest.h"
#include "bench/setting.h"
#include "bench/show.h"
#include "bench/trial.h"
#include "bench/vectors.h"

#define PROGRAM "distsys-allreduce"

/* ---- The algorithms -------------------------------------------------------*/

/* Those of the library; a new one is here without anybody doing anything. */
static const ds_allreduce *const *catalogue;
static const char **names;
static size_t num_algorithms;

static void load_catalogue(void)
{
    catalogue = ds_allreduce_all(&num_algorithms);
    names = args_alloc(num_algorithms, sizeof(*names));
    for (size_t i = 0; i < num_algorithms; i++)
        names[i] = catalogue[i]->name;
}

static void print_list(void)
{
    for (size_t i = 0; i < num_algorithms; i++)
        printf("%-18s  %s\n", names[i], catalogue[i]->idea);
}

/* ---- The settings ---------------------------------------------------------*/

struct options {
    struct setting_options settings;
    struct show_options show;
    struct args_names algorithms;
    ds_allreduce parameters; /* of those that have them */
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
enum { TABLE = sizeof(table) / sizeof(*table) };

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
    struct settings all = { .n = TABLE * o->size.n, .num_sizes = o->size.n };

    all.list = args_alloc(all.n, sizeof(*all.list));
    for (size_t i = 0; i < TABLE; i++) {
        struct settings some = table_settings(o, i);
        memcpy(all.list + i * some.n, some.list, some.n * sizeof(*some.list));
        free(some.list);
    }
    return all;
}

/* The table's five, unless an option says otherwise about any of the three. */
static struct settings choose_settings(struct options *options)
{
    struct setting_options *o = &options->settings;
    bool none = o->nodes.n + o->latency.n + o->rate.n == 0;
    bool sweep = show_is_sweep(&options->show);

    setting_complete_sizes(o, sweep);
    if (none && !sweep)
        return all_table_settings(o);
    setting_complete(o, sweep);
    return setting_combine(o);
}

/* ---- Taking part ----------------------------------------------------------*/

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

static struct contender contender_of(const ds_allreduce *algorithm)
{
    return (struct contender){
        .name = algorithm->name,
        .algorithm = algorithm,
        .traits = algorithm->traits,
        .granularity = algorithm->granularity,
        .group = algorithm->group,
        .chunk = algorithm->chunk,
    };
}

static struct contender find(const char *name)
{
    return contender_of(ds_allreduce_find(name));
}

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

static struct theory theory_of(const struct contender *contender,
                               const struct setting *s)
{
    const ds_allreduce *algorithm = contender->algorithm;
    struct theory theory = {
        .has_closed_form = algorithm->cost != NULL,
        .lower_bound =
            ds_allreduce_lower_bound(s->nodes, s->size, s->latency, s->rate),
        .one_port_bound =
            ds_allreduce_one_port_bound(s->nodes, s->size, s->latency, s->rate),
    };

    if (theory.has_closed_form)
        theory.closed_form = ds_cost_seconds(
            algorithm->cost(algorithm, s->nodes, s->size), s->latency, s->rate);
    return theory;
}

/* Copies of the algorithms, with the parameters asked for, have their place in
 * the second argument. */
static struct contest contest_of(struct options *o, ds_allreduce *algorithms)
{
    const struct args_names *list = &o->algorithms;
    struct contest contest = {
        .name = "allreduce",
        .contenders = args_alloc(list->n, sizeof(*contest.contenders)),
        .n = list->n,
        .settings = choose_settings(o),
        .rules = &rules_allreduce,
        .run = run_member,
        .theory = theory_of,
        .find = find,
    };

    for (size_t i = 0; i < list->n; i++) {
        algorithms[i] =
            with_parameters(catalogue[list->index[i]], &o->parameters);
        contest.contenders[i] = contender_of(&algorithms[i]);
    }
    return contest;
}

/* The algorithm would refuse too, after others have run for long. */
static void check_group(const struct contest *contest, size_t group)
{
    const char *needs_it = ds_allreduce_hierarchical.name;
    bool takes_part = false;

    for (size_t i = 0; i < contest->n; i++)
        takes_part |= strcmp(contest->contenders[i].name, needs_it) == 0;
    for (size_t i = 0; takes_part && i < contest->settings.n; i++)
        if (contest->settings.list[i].nodes % group != 0)
            args_fail("--group: groups of %zu do not divide %zu nodes; "
                      "allowed: a divisor of every number of nodes",
                      group, contest->settings.list[i].nodes);
}

static void run(struct options *o)
{
    if (o->algorithms.n == 0)
        args_names(&o->algorithms, "--algorithm",
                   show_is_sweep(&o->show) ? "all" : "naive,tree,stream", names,
                   num_algorithms);

    ds_allreduce *algorithms = args_alloc(o->algorithms.n, sizeof(*algorithms));
    struct contest contest = contest_of(o, algorithms);
    contest_admit(&contest, 1, "--algorithm");
    if (o->parameters.group > 0)
        check_group(&contest, o->parameters.group);
    show(&contest, 1, &o->show);
    contest_free(&contest);
    free(algorithms);
}

/* ---- The options ----------------------------------------------------------*/

enum { GRANULARITY = 256, GROUP, CHUNK };

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to run; a LIST is separated by commas:", 1 },
    { "algorithm", 'a', "LIST", 0,
      "Algorithms by name, or all (naive,tree,stream)", 0 },
    { "granularity", GRANULARITY, "NUMBER", 0,
      "Chunks per node, for stream (1)", 0 },
    { "group", GROUP, "NUMBER", 0,
      "Nodes in a group, for hierarchical (the largest divisor up to the root "
      "of their number)",
      0 },
    { "chunk", CHUNK, "NUMBER", 0,
      "Elements in a chunk, for those with a pipeline (32768)", 0 },
    { NULL, 0, NULL, 0, "About the program:", -1 },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->settings;
        state->child_inputs[1] = &o->show;
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    { .argp = &setting_argp },
    { .argp = &show_argp },
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

int main(int argc, char **argv)
{
    struct options options = { 0 };

    load_catalogue();
    setting_options_init(&options.settings);
    args_parse(PROGRAM, &argp, argc, argv, &options);
    if (options.show.list)
        print_list();
    else
        run(&options);
    setting_options_free(&options.settings);
    free(options.algorithms.index);
    free(names);
    return EXIT_SUCCESS;
}
