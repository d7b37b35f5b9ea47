/* See setting.h. */

#include "bench/common/setting.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- What options take ----------------------------------------------------*/

const setting_mode setting_modes[SETTING_MODES] = {
    [SETTING_MPI] = { DS_COMM_EAGER, true, "does not run in mpi mode" },
    [SETTING_ORIGINAL] = { DS_COMM_ASYNC, false, NULL },
    [SETTING_ASYNC] = { DS_COMM_ASYNC, false, NULL },
    [SETTING_RENDEZVOUS] = { DS_COMM_RENDEZVOUS, false,
                             "does not run in rendezvous mode" },
    [SETTING_EAGER_MODE] = { DS_COMM_EAGER, false,
                             "does not run in eager mode" },
};

static const char *const mode_names[SETTING_MODES] = {
    [SETTING_MPI] = "mpi",          [SETTING_ORIGINAL] = "original",
    [SETTING_ASYNC] = "async",      [SETTING_RENDEZVOUS] = "rendezvous",
    [SETTING_EAGER_MODE] = "eager",
};
static const char *const execs[] = { "threads", "fibers" };

static const args_known known_modes = { mode_names, SETTING_MODES };
const args_known setting_execs = { execs, 2 };

static const args_range node_range = {
    .allowed = "whole numbers from 1 to 1000000",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};

const args_range setting_latency_range = {
    .allowed = "seconds from 0 to 1e9, also as in 0.5ms, 100us, 20ns",
    .max = 1e9,
    .units = args_seconds,
};

const args_range setting_bytes_range = {
    .allowed = "bytes from 0 to 1e15, also as in 64k, 1M",
    .max = 1e15,
    .units = args_counts,
};

const args_range setting_rate_range = {
    .allowed = "bytes per second above 0 and up to 1e18, also as in 100M, 10G, "
               "25Gbit",
    .max = 1e18,
    .above = true,
    .units = args_rates,
};

static const args_range size_range = {
    .allowed = "whole numbers from 0 to 1e15, also as in 10k, 1M, 2G",
    .max = 1e15,
    .whole = true,
    .units = args_counts,
};

static const args_range eager_range = {
    .allowed = "a whole number of bytes from 0 to 1e15, also as in 4k, 1M",
    .max = 1e15,
    .whole = true,
    .units = args_counts,
};

static const args_range root_range = {
    .allowed = "a whole number from 0 to 999999",
    .max = 999999,
    .whole = true,
    .units = args_counts,
};

const args_range setting_parameter_range = {
    .allowed = "a whole number from 1 to 1e9",
    .min = 1,
    .max = 1e9,
    .whole = true,
    .units = args_counts,
};

/* ---- The options ----------------------------------------------------------*/

const char *setting_mode_name(const setting *s)
{
    return mode_names[s->mode];
}

const char *setting_model_name(const setting *s)
{
    return model_names.names[s->model];
}

/* Its mode, the network as it is called, and its seed. */
static char *words_about(const setting *s, const char *network)
{
    char eager[64] = "";
    char *words = NULL;

    if (setting_modes[s->mode].mode == DS_COMM_EAGER)
        snprintf(eager, sizeof(eager), " (eager up to %.0f bytes)", s->eager);
    if (asprintf(&words, "mode %s%s, %s, seed %" PRIu64, setting_mode_name(s),
                 eager, network, s->seed) < 0)
        return NULL;
    return words;
}

/* The model, or the map and perhaps the topology. */
static char *words_of_network(const setting *s, bool has_topology)
{
    char *words = NULL;
    int n;

    if (!fabric_is_open(s->fabric))
        n = asprintf(&words, "model %s", setting_model_name(s));
    else if (has_topology)
        n = asprintf(&words, "topology %s, map %s", s->fabric->topology_text,
                     s->fabric->map);
    else
        n = asprintf(&words, "map %s", s->fabric->map);
    return n < 0 ? NULL : words;
}

static char *join_words(const setting *s, bool has_topology)
{
    char *network = words_of_network(s, has_topology);
    char *words = network == NULL ? NULL : words_about(s, network);

    free(network);
    return words;
}

char *setting_words(const setting *s)
{
    return join_words(s, true);
}

char *setting_two_lines(const setting *s)
{
    char *second = join_words(s, false);
    char *lines = NULL;
    int n;

    if (second == NULL)
        return NULL;
    if (fabric_is_open(s->fabric))
        n = asprintf(&lines, "%zu nodes on %s\n%s", s->nodes,
                     s->fabric->topology_text, second);
    else
        n = asprintf(&lines, "%zu nodes, latency %G s, %G bytes/s\n%s",
                     s->nodes, s->latency, s->rate, second);
    free(second);
    return n < 0 ? NULL : lines;
}

static rows_value get_mode(const void *row, const rows_column *self)
{
    return rows_text(setting_mode_name(row));
}

static rows_value get_model(const void *row, const rows_column *self)
{
    return rows_text(setting_model_name(row));
}

static rows_value get_exec(const void *row, const rows_column *self)
{
    return rows_text(setting_execs.names[((const setting *)row)->exec]);
}

/* One that shows a member of a setting. */
#define COLUMN(name, title, type, get, member)                                 \
    {                                                                          \
        name, title, type, get, offsetof(setting, member), 0                   \
    }

const args_option setting_table[SETTING_OPTIONS] = {
    [SETTING_NODES] = {
        .name = "nodes",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(setting_options, nodes),
        .range = &node_range,
        .late = true,
        .letter = 'n',
        .preset = "32",
        .shown = "32, or one for each host of a topology",
        .help = "Number of nodes",
        .column = COLUMN("nodes", "Nodes", ROWS_COUNT, rows_get_size, nodes),
    },
    [SETTING_LATENCY] = {
        .name = "latency",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(setting_options, latency),
        .range = &setting_latency_range,
        .late = true,
        .letter = 'l',
        .preset = "100us",
        .help = "Seconds that each message takes in addition; units s, ms, us, "
                "ns",
        .column =
            COLUMN("latency", "Latency", ROWS_REAL, rows_get_real, latency),
    },
    [SETTING_RATE] = {
        .name = "rate",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(setting_options, rate),
        .range = &setting_rate_range,
        .late = true,
        .letter = 'r',
        .preset = "1G",
        .help = "Bytes per second of each node's port, either way; units k, M, "
                "G, T, and kbit, Mbit, Gbit, Tbit",
        .column = COLUMN("rate", "NIC rate", ROWS_RATE, rows_get_real, rate),
    },
    [SETTING_SIZE] = {
        .name = "size",
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(setting_options, size),
        .range = &size_range,
        .late = true,
        .letter = 's',
        .preset = "10,10000,10000000",
        .help = "Elements of each vector, 8 bytes each; units k, M, G, T",
        .column = COLUMN("size", "Size", ROWS_COUNT, rows_get_size, size),
    },
    [SETTING_MODE] = {
        .name = "mode",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(setting_options, rest.mode),
        .known = &known_modes,
        .shown = "mpi, or original for naive, tree and stream alone",
        .help = "mpi: as MPI libraries send, at once up to --eager and above "
                "when both sides have come, one after the other on each "
                "connection.  Others are without connections: original and "
                "async, messages leave at once; rendezvous, when both sides "
                "have come; eager, one or the other",
        .column = { "mode", "Mode", ROWS_TEXT, get_mode, 0, 0 },
    },
    [SETTING_EAGER] = {
        .name = "eager",
        .unit = "BYTES",
        .type = ARGS_REAL,
        .at = offsetof(setting_options, rest.eager),
        .range = &eager_range,
        .preset = "65536",
        .help = "The largest vector that leaves at once in the modes mpi and "
                "eager",
        .column = COLUMN("eager", "Eager", ROWS_REAL, rows_get_real, eager),
    },
    [SETTING_MODEL] = {
        .name = "model",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(setting_options, rest.model),
        .known = &model_names,
        .shown = "greedy, or maxmin on a topology",
        .help = "How messages share the network: greedy, which a topology does "
                "not have, or maxmin",
        .column = { "model", "Model", ROWS_TEXT, get_model, 0, 0 },
    },
    [SETTING_REAL] = {
        .name = "real",
        .type = ARGS_FLAG,
        .at = offsetof(setting_options, rest.real),
        .help = "Allocate the vectors, compute and check the results; by "
                "default they have a length and no memory",
        .column = COLUMN("real", "Real", ROWS_BOOL, rows_get_bool, real),
    },
    [SETTING_SEED] = {
        .name = "seed",
        .unit = "NUMBER",
        .type = ARGS_WORD,
        .at = offsetof(setting_options, rest.seed),
        .preset = "0",
        .variable = "DISTSYS_SEED",
        .help = "Seed of the order of simultaneous events",
        .column = COLUMN("seed", "Seed", ROWS_COUNT, rows_get_word, seed),
    },
    [SETTING_EXEC] = {
        .name = "exec",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(setting_options, rest.exec),
        .known = &setting_execs,
        .preset = "fibers",
        .variable = "DISTSYS_EXEC",
        .help = "What each node runs on: fibers, or threads, which are slower "
                "and give the same",
        .column = { "exec", "Exec", ROWS_TEXT, get_exec, 0, 0 },
    },
    [SETTING_ROOT] = {
        .name = "root",
        .unit = "RANK",
        .type = ARGS_COUNT,
        .at = offsetof(setting_options, rest.root),
        .range = &root_range,
        .shown = "0",
        .help = "Where a broadcast or a scatter begins, and a reduce or a "
                "gather ends",
        .column = COLUMN("root", "Root", ROWS_COUNT, rows_get_size, root),
    },
    [SETTING_GRANULARITY] = {
        .name = "granularity",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(setting_options, rest.granularity),
        .range = &setting_parameter_range,
        .shown = "1",
        .help = "Chunks per node, for stream",
        .column = COLUMN("granularity", "Granularity", ROWS_COUNT,
                         rows_get_size, granularity),
    },
    [SETTING_GROUP] = {
        .name = "group",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(setting_options, rest.group),
        .range = &setting_parameter_range,
        .shown = "the largest divisor up to the root of their number",
        .help = "Nodes in a group, for hierarchical",
        .column = COLUMN("group", "Group", ROWS_COUNT, rows_get_size, group),
    },
    [SETTING_CHUNK] = {
        .name = "chunk",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(setting_options, rest.chunk),
        .range = &setting_parameter_range,
        .shown = "32768",
        .help = "Elements in a chunk, for those with a pipeline",
        .column = COLUMN("chunk", "Chunk", ROWS_COUNT, rows_get_size, chunk),
    },
};

const rows_column setting_ties_column =
    COLUMN("ties", "Ties", ROWS_TEXT, rows_get_text, ties);
const rows_column setting_topology_column =
    FABRIC_TOPOLOGY_COLUMN(offsetof(setting, fabric));
const rows_column setting_map_column =
    FABRIC_MAP_COLUMN(offsetof(setting, fabric));

/* ---- Where nothing was given ----------------------------------------------*/

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sort_each_once(args_reals *list)
{
    size_t kept = 0;

    qsort(list->values, list->n, sizeof(*list->values), compare);
    for (size_t i = 0; i < list->n; i++)
        if (kept == 0 || list->values[i] != list->values[kept - 1])
            list->values[kept++] = list->values[i];
    list->n = kept;
}

enum { POWERS = 25 };

static void sweep(args_reals *sizes)
{
    if (sizes->n == 0) {
        sizes->values = args_alloc(POWERS, sizeof(*sizes->values));
        sizes->n = POWERS;
        for (size_t i = 0; i < POWERS; i++)
            sizes->values[i] = (double)(UINT64_C(1) << i);
    }
    sort_each_once(sizes);
}

void setting_complete_sizes(setting_options *o, bool is_sweep)
{
    if (is_sweep)
        sweep(&o->size);
    else
        args_complete(&setting_table[SETTING_SIZE], o);
}

static void give_one(args_reals *list, double value)
{
    list->values = args_alloc(1, sizeof(*list->values));
    list->values[0] = value;
    list->n = 1;
}

static failure check_nodes(const setting_options *o, const fabric *f)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < o->nodes.n && why.status == 0; i++)
        why = fabric_check(f, "--nodes", o->nodes.values[i]);
    return why;
}

static failure complete_on_topology(setting_options *o, const fabric *f)
{
    if (o->latency.n > 0)
        return fabric_refuse("--latency", "latency= in its text");
    if (o->rate.n > 0)
        return fabric_refuse("--rate", "rate= in its text");
    if (o->rest.model == MODEL_GREEDY)
        return fabric_refuse("--model=greedy", "maxmin");
    o->rest.fabric = f;
    o->rest.model = MODEL_MAXMIN;
    give_one(&o->latency, NAN);
    give_one(&o->rate, NAN);
    if (o->nodes.n == 0)
        give_one(&o->nodes, (double)f->most);
    return check_nodes(o, f);
}

failure setting_complete(setting_options *o, const fabric *f, bool is_sweep)
{
    failure why = SUCCESS;

    if (fabric_is_open(f))
        why = complete_on_topology(o, f);
    if (o->rest.model == MODELS)
        o->rest.model = MODEL_GREEDY;
    args_complete(&setting_table[SETTING_NODES], o);
    args_complete(&setting_table[SETTING_LATENCY], o);
    args_complete(&setting_table[SETTING_RATE], o);
    setting_complete_sizes(o, is_sweep);
    return why;
}

/* ---- The settings ---------------------------------------------------------*/

/* The i-th combination: the last digits of i count the sizes. */
static setting combination(const setting_options *o, size_t i)
{
    setting s = o->rest;

    s.size = (size_t)o->size.values[i % o->size.n];
    i /= o->size.n;
    s.rate = o->rate.values[i % o->rate.n];
    i /= o->rate.n;
    s.latency = o->latency.values[i % o->latency.n];
    i /= o->latency.n;
    s.nodes = (size_t)o->nodes.values[i];
    return s;
}

settings setting_combine(const setting_options *o)
{
    settings all = {
        .n = o->nodes.n * o->latency.n * o->rate.n * o->size.n,
        .num_sizes = o->size.n,
    };

    all.list = args_alloc(all.n, sizeof(*all.list));
    for (size_t i = 0; i < all.n; i++)
        all.list[i] = combination(o, i);
    return all;
}

/* ---- The network, and the loop --------------------------------------------*/

ds_net *setting_net(const setting *s, ds_loop *loop, ds_node *const *nodes,
                    model_room *room)
{
    const bool in_order = setting_modes[s->mode].in_order;

    if (fabric_is_open(s->fabric))
        return fabric_net(s->fabric, loop, nodes, s->nodes, in_order, NULL);
    return ds_switched_net_new(
        loop, &(ds_switched_net_config){
                  .nodes = nodes,
                  .num_nodes = s->nodes,
                  .model = model_make(s->model, s->nodes, s->rate, room),
                  .latency = s->latency,
                  .in_order = in_order,
              });
}

ds_loop *setting_loop_new(uint64_t seed, size_t exec)
{
    ds_loop_config config = {
        .seed = seed,
        .exec = (ds_exec)exec,
        .instant_limit = UINT64_MAX, /* a million nodes may do much at once */
    };
    ds_loop *loop = ds_loop_new(&config);

    if (loop == NULL)
        return NULL;
    config = *ds_loop_config_of(loop);
    if (!args_overrule() && config.seed == seed && config.exec == (ds_exec)exec)
        return loop;
    ds_loop_free(loop);
    config.seed = seed;
    config.exec = (ds_exec)exec;
    config.ignore_environment = true;
    return ds_loop_new(&config);
}
