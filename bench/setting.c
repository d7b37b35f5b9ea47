/* See setting.h. */

#include "bench/setting.h"

#include <stdlib.h>
#include <string.h>

const char *const setting_modes[] = { "async", "rendezvous" };
const char *const setting_models[] = { "greedy", "maxmin" };
const char *const setting_execs[] = { "threads", "fibers" };
enum { MODES = 2, MODELS = 2, EXECS = 2 };

/* ---- The options ----------------------------------------------------------*/

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

const struct args_range setting_parameter_range = {
    .allowed = "a whole number from 1 to 1e9",
    .min = 1,
    .max = 1e9,
    .whole = true,
    .units = args_counts,
};

/* Away from the keys of the programs, which begin at 256. */
enum { MODE = 1024, MODEL, REAL, SEED, EXEC };

static const struct argp_option option_table[] = {
    { "nodes", 'n', "LIST", 0, "Number of nodes (32)", 1 },
    { "latency", 'l', "LIST", 0,
      "Seconds that each message takes in addition; units s, ms, us, ns "
      "(100us)",
      1 },
    { "rate", 'r', "LIST", 0,
      "Bytes per second of each node's port, either way; units k, M, G, T, "
      "and kbit, Mbit, Gbit, Tbit (1G)",
      1 },
    { "size", 's', "LIST", 0,
      "Elements of each vector, 8 bytes each; units k, M, G, T "
      "(10,10000,10000000)",
      1 },
    { "mode", MODE, "NAME", 0,
      "async, messages leave at once; or rendezvous, when both sides have come "
      "(async)",
      1 },
    { "model", MODEL, "NAME", 0,
      "How messages share the switch: greedy or maxmin (greedy)", 1 },
    { "real", REAL, NULL, 0,
      "Allocate the vectors, compute and check the results; by default they "
      "have a length and no memory",
      1 },
    { "seed", SEED, "NUMBER", 0,
      "Seed of the order of simultaneous events ($DISTSYS_SEED, or 0)", 1 },
    { "exec", EXEC, "NAME", 0,
      "What each node runs on: threads, or fibers, which are faster and give "
      "the same ($DISTSYS_EXEC, or threads)",
      1 },
    { 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct setting_options *o = state->input;

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
    case MODE:
        o->rest.mode =
            (ds_comm_mode)args_choice("--mode", arg, setting_modes, MODES);
        return 0;
    case MODEL:
        o->rest.model = (enum setting_model)args_choice("--model", arg,
                                                        setting_models, MODELS);
        return 0;
    case REAL:
        o->rest.real = true;
        return 0;
    case SEED:
        o->rest.seed = args_word("--seed", arg);
        unsetenv("DISTSYS_SEED"); /* what is said here goes before it */
        return 0;
    case EXEC:
        o->rest.exec =
            (ds_exec)args_choice("--exec", arg, setting_execs, EXECS);
        unsetenv("DISTSYS_EXEC");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp setting_argp = {
    .options = option_table,
    .parser = parse_option,
};

void setting_options_init(struct setting_options *o)
{
    const char *seed = getenv("DISTSYS_SEED");
    const char *exec = getenv("DISTSYS_EXEC");

    *o = (struct setting_options){ 0 };
    if (seed != NULL)
        o->rest.seed = strtoull(seed, NULL, 10);
    if (exec != NULL && strcmp(exec, setting_execs[DS_FIBERS]) == 0)
        o->rest.exec = DS_FIBERS;
}

void setting_options_free(struct setting_options *o)
{
    free(o->nodes.values);
    free(o->latency.values);
    free(o->rate.values);
    free(o->size.values);
}

/* ---- Where nothing was given ----------------------------------------------*/

static void set_default(struct args_reals *list, const double *values, size_t n)
{
    if (list->n > 0)
        return;
    list->values = args_alloc(n, sizeof(*values));
    memcpy(list->values, values, n * sizeof(*values));
    list->n = n;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sort_each_once(struct args_reals *list)
{
    size_t kept = 0;

    qsort(list->values, list->n, sizeof(*list->values), compare);
    for (size_t i = 0; i < list->n; i++)
        if (kept == 0 || list->values[i] != list->values[kept - 1])
            list->values[kept++] = list->values[i];
    list->n = kept;
}

enum { POWERS = 25 };

static void sweep(struct args_reals *sizes)
{
    double powers[POWERS];

    for (size_t i = 0; i < POWERS; i++)
        powers[i] = (double)(UINT64_C(1) << i);
    set_default(sizes, powers, POWERS);
    sort_each_once(sizes);
}

void setting_complete_sizes(struct setting_options *o, bool is_sweep)
{
    static const double sizes[] = { 10, 10000, 10000000 };

    if (is_sweep)
        sweep(&o->size);
    else
        set_default(&o->size, sizes, sizeof(sizes) / sizeof(*sizes));
}

void setting_complete(struct setting_options *o, bool is_sweep)
{
    set_default(&o->nodes, &(double){ 32 }, 1);
    set_default(&o->latency, &(double){ 1e-4 }, 1);
    set_default(&o->rate, &(double){ 1e9 }, 1);
    setting_complete_sizes(o, is_sweep);
}

/* ---- The settings ---------------------------------------------------------*/

/* The i-th combination: the last digits of i count the sizes. */
static struct setting combination(const struct setting_options *o, size_t i)
{
    struct setting s = o->rest;

    s.size = (size_t)o->size.values[i % o->size.n];
    i /= o->size.n;
    s.rate = o->rate.values[i % o->rate.n];
    i /= o->rate.n;
    s.latency = o->latency.values[i % o->latency.n];
    i /= o->latency.n;
    s.nodes = (size_t)o->nodes.values[i];
    return s;
}

struct settings setting_combine(const struct setting_options *o)
{
    struct settings all = {
        .n = o->nodes.n * o->latency.n * o->rate.n * o->size.n,
        .num_sizes = o->size.n,
    };

    all.list = args_alloc(all.n, sizeof(*all.list));
    for (size_t i = 0; i < all.n; i++)
        all.list[i] = combination(o, i);
    return all;
}

const char *setting_ties(void)
{
    const char *ties = getenv("DISTSYS_TIES");

    return ties != NULL ? ties : "random";
}
