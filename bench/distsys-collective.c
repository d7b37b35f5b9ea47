/* How long do the collectives take that are not allreduces?  For each kind a
 * contest of its algorithms.
 *
 * The options become settings (setting.h) and contenders; those are run
 * (contest.h), and what comes out is shown (show.h).  Here is what each kind
 * leaves behind, and what theory has to say of it. */

#include <stdlib.h>
#include <string.h>

#include "bench/args.h"
#include "bench/contest.h"
#include "bench/setting.h"
#include "bench/show.h"
#include "bench/trial.h"
#include "bench/vectors.h"

#define PROGRAM "distsys-collective"

/* ---- The collectives ------------------------------------------------------*/

enum { KINDS = DS_EXSCAN + 1 }; /* 0 is none of them */

static const struct {
    const char *name;
    bool has_root;
} kinds[KINDS] = {
    [DS_BCAST] = { "bcast", true },
    [DS_REDUCE] = { "reduce", true },
    [DS_GATHER] = { "gather", true },
    [DS_SCATTER] = { "scatter", true },
    [DS_ALLGATHER] = { "allgather", false },
    [DS_REDUCE_SCATTER] = { "reduce-scatter", false },
    [DS_ALLTOALL] = { "alltoall", false },
    [DS_BARRIER] = { "barrier", false },
    [DS_SCAN] = { "scan", false },
    [DS_EXSCAN] = { "exscan", false },
};

/* Those of the library; a new one is here without anybody doing anything. */
static const ds_collective *const *catalogue;
static size_t num_algorithms;

/* What --algorithm takes: the kinds, and after them the algorithms. */
static const char **names;
enum { FIRST_ALGORITHM = KINDS - 1 };

static size_t num_names(void)
{
    return FIRST_ALGORITHM + num_algorithms;
}

static void load_catalogue(void)
{
    catalogue = ds_collective_all(&num_algorithms);
    names = args_alloc(num_names(), sizeof(*names));
    for (size_t kind = 1; kind < KINDS; kind++)
        names[kind - 1] = kinds[kind].name;
    for (size_t i = 0; i < num_algorithms; i++)
        names[FIRST_ALGORITHM + i] = catalogue[i]->name;
}

static void print_list(void)
{
    for (size_t i = 0; i < num_algorithms; i++)
        printf("%-32s  %s\n", catalogue[i]->name, catalogue[i]->idea);
}

/* ---- What is right --------------------------------------------------------*/

/* The elements of a rank's result are of two sorts: those of one vector, or
 * sums of the same element of several. */
struct wanted {
    size_t len;
    size_t first; /* ranks whose sum it is; one rank: its vector */
    size_t end;
    size_t start;  /* element of those that element 0 is made of */
    size_t period; /* after so many the next rank follows; 0: never */
};

/* floor(len i / p), where the product need not fit. */
static size_t block_start(size_t len, size_t p, size_t i)
{
    return len / p * i + len % p * i / p;
}

static struct wanted wanted_of(ds_collective_kind kind, const struct setting *s,
                               size_t rank)
{
    size_t p = s->nodes;
    size_t start = block_start(s->size, p, rank);
    size_t width = block_start(s->size, p, rank + 1) - start;
    struct wanted own = { s->size, rank, rank + 1, 0, 0 };

    switch (kind) {
    case DS_BCAST:
        return (struct wanted){ s->size, s->root, s->root + 1, 0, 0 };
    case DS_ALLREDUCE:
        return (struct wanted){ s->size, 0, p, 0, 0 };
    case DS_REDUCE:
        return rank == s->root ? (struct wanted){ s->size, 0, p, 0, 0 } : own;
    case DS_GATHER:
        if (rank != s->root)
            return own;
        return (struct wanted){ p * s->size, 0, 1, 0, s->size };
    case DS_SCATTER:
        return (struct wanted){ width, s->root, s->root + 1, start, 0 };
    case DS_ALLGATHER:
        return (struct wanted){ p * s->size, 0, 1, 0, s->size };
    case DS_REDUCE_SCATTER:
        return (struct wanted){ width, 0, p, start, 0 };
    case DS_ALLTOALL:
        return (struct wanted){ p * width, 0, 1, start, width };
    case DS_BARRIER:
        return (struct wanted){ 0, 0, 1, 0, 0 };
    case DS_SCAN:
        return (struct wanted){ s->size, 0, rank + 1, 0, 0 };
    case DS_EXSCAN:
        return rank > 0 ? (struct wanted){ s->size, 0, rank, 0, 0 } : own;
    }
    return own;
}

static double wanted_element(const struct wanted *w, size_t i)
{
    size_t ranks = w->period > 0 ? i / w->period : 0;
    size_t within = w->period > 0 ? i % w->period : i;

    return vectors_sum(w->first + ranks, w->end + ranks, w->start + within);
}

static bool is_right(ds_comm *c, const struct trial *trial, const ds_vec *got)
{
    const ds_collective *how = trial->algorithm;
    size_t rank = ds_comm_rank(c);
    struct wanted wanted = wanted_of(how->kind, &trial->setting, rank);
    ds_handle *h = ds_comm_handle(c);

    if (got->len != wanted.len) {
        ds_fail(h, "%s: rank %zu has %zu elements instead of %zu", trial->name,
                rank, got->len, wanted.len);
        return false;
    }
    for (size_t i = 0; trial->setting.real && i < got->len; i++) {
        double right = wanted_element(&wanted, i);

        if (got->data[i] == right)
            continue;
        ds_fail(h, "%s: rank %zu has %g instead of %g at element %zu",
                trial->name, rank, got->data[i], right, i);
        return false;
    }
    return true;
}

static bool run_member(ds_comm *c, const struct trial *trial)
{
    const struct setting *s = &trial->setting;
    ds_vec *mine = vectors_new(ds_comm_rank(c), s->size, s->real);
    ds_vec *got =
        ds_collective_run(trial->algorithm, c, mine, &ds_sum, s->root);
    bool right = got != NULL && is_right(c, trial, got);

    ds_vec_unref(mine);
    ds_vec_unref(got);
    return right;
}

/* ---- Taking part ----------------------------------------------------------*/

static struct contender contender_of(const ds_collective *algorithm)
{
    return (struct contender){
        .name = algorithm->name,
        .algorithm = algorithm,
        .traits = algorithm->traits,
        .chunk = algorithm->chunk,
    };
}

static struct contender find(const char *name)
{
    return contender_of(ds_collective_find(name));
}

/* For len elements at the side that has all of them. */
static struct theory theory_of(const struct contender *contender,
                               const struct setting *s)
{
    const ds_collective *how = contender->algorithm;
    bool is_gather = how->kind == DS_GATHER || how->kind == DS_ALLGATHER;
    size_t len = is_gather ? s->nodes * s->size : s->size;
    struct theory theory = {
        .has_closed_form = how->cost != NULL,
        .lower_bound = ds_collective_lower_bound(how->kind, s->nodes, len,
                                                 s->latency, s->rate),
        .one_port_bound = ds_collective_one_port_bound(how->kind, s->nodes, len,
                                                       s->latency, s->rate),
    };

    if (theory.has_closed_form)
        theory.closed_form =
            ds_cost_seconds(how->cost(how, s->nodes, len), s->latency, s->rate);
    return theory;
}

/* ---- The contests ---------------------------------------------------------*/

struct options {
    struct setting_options settings;
    struct show_options show;
    struct args_names algorithms;
    size_t chunk; /* of those that have a pipeline; 0: the default */
};

/* Whether an algorithm was asked for, by its name or by that of its kind. */
static bool is_chosen(const struct options *o, size_t algorithm)
{
    for (size_t i = 0; i < o->algorithms.n; i++) {
        size_t name = o->algorithms.index[i];

        if (name == FIRST_ALGORITHM + algorithm ||
            name + 1 == (size_t)catalogue[algorithm]->kind)
            return true;
    }
    return false;
}

/* Copies of all algorithms, with the chunk asked for. */
static ds_collective *copy_algorithms(const struct options *o)
{
    ds_collective *copies = args_alloc(num_algorithms, sizeof(*copies));

    for (size_t i = 0; i < num_algorithms; i++) {
        copies[i] = *catalogue[i];
        if (o->chunk > 0)
            copies[i].chunk = o->chunk;
    }
    return copies;
}

/* A barrier moves nothing: it has one size. */
static struct settings settings_of(const struct options *o,
                                   ds_collective_kind kind)
{
    struct setting_options own = o->settings;
    double nothing = 0;

    if (kind == DS_BARRIER)
        own.size = (struct args_reals){ 1, &nothing };
    if (!kinds[kind].has_root)
        own.rest.root = 0;
    return setting_combine(&own);
}

/* Of a kind, between those that were chosen; n is 0 if none was. */
static struct contest contest_of(const struct options *o,
                                 ds_collective_kind kind,
                                 const ds_collective *algorithms)
{
    struct contest contest = {
        .name = kinds[kind].name,
        .contenders = args_alloc(num_algorithms, sizeof(*contest.contenders)),
        .settings = settings_of(o, kind),
        .rules = rules_of(kind),
        .run = run_member,
        .theory = theory_of,
        .find = find,
    };

    for (size_t i = 0; i < num_algorithms; i++)
        if (algorithms[i].kind == kind && is_chosen(o, i))
            contest.contenders[contest.n++] = contender_of(&algorithms[i]);
    return contest;
}

static void check_root(const struct setting_options *o)
{
    for (size_t i = 0; i < o->nodes.n; i++)
        if ((double)o->rest.root >= o->nodes.values[i])
            args_fail("--root: there is no rank %zu among %g nodes; allowed: "
                      "0 to %g",
                      o->rest.root, o->nodes.values[i], o->nodes.values[i] - 1);
}

static void run(struct options *o)
{
    struct contest contests[KINDS];
    size_t n = 0;

    if (o->algorithms.n == 0)
        args_names(&o->algorithms, "--algorithm", "all", names, num_names());
    setting_complete(&o->settings, show_is_sweep(&o->show));
    check_root(&o->settings);

    ds_collective *algorithms = copy_algorithms(o);
    for (size_t kind = 1; kind < KINDS; kind++) {
        contests[n] = contest_of(o, (ds_collective_kind)kind, algorithms);
        if (contests[n].n > 0)
            n++;
        else
            contest_free(&contests[n]);
    }
    n = contest_admit(contests, n, "--algorithm");
    show(contests, n, &o->show);
    for (size_t i = 0; i < n; i++)
        contest_free(&contests[i]);
    free(algorithms);
}

/* ---- The options ----------------------------------------------------------*/

enum { ROOT = 256, CHUNK };

static const struct args_range root_range = {
    .allowed = "a whole number from 0 to 999999",
    .max = 999999,
    .whole = true,
    .units = args_counts,
};

static const struct argp_option option_table[] = {
    { NULL, 0, NULL, 0, "What to run; a LIST is separated by commas:", 1 },
    { "algorithm", 'a', "LIST", 0,
      "Algorithms by name, or all those of a collective by its name, such as "
      "bcast, or all (all)",
      0 },
    { "root", ROOT, "RANK", 0,
      "Where a broadcast or a scatter begins, and a reduce or a gather ends "
      "(0)",
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
        args_names(&o->algorithms, "--algorithm", arg, names, num_names());
        return 0;
    case ROOT:
        o->settings.rest.root = (size_t)args_real("--root", arg, &root_range);
        return 0;
    case CHUNK:
        o->chunk = (size_t)args_real("--chunk", arg, &setting_parameter_range);
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
        "Simulates the collectives that are not allreduces, such as "
        "broadcasts, and prints how many seconds of virtual time they take."
        "\vEvery combination of what the lists contain is run, and algorithms "
        "compete within their collective.  Each node gives a vector of the "
        "size: in a gather or an allgather these become one that is as many "
        "times as long.  Examples:\n\n"
        "  " PROGRAM " --algorithm=bcast --nodes=8,64 --size=1k,1M --best\n"
        "  " PROGRAM " --algorithm=allgather-ring,allgather-bruck --costs\n"
        "  " PROGRAM " --mode=rendezvous --real --size=1k --format=json\n"
        "  " PROGRAM " --algorithm=alltoall --crossover --exec=fibers",
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
