/* distsys-goal: plays a schedule in GOAL on several networks, side by side. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <distsys.h>

#include "bench/common/args.h"
#include "bench/common/fabric.h"
#include "bench/common/model.h"
#include "bench/common/report.h"
#include "bench/common/rows.h"
#include "bench/common/setting.h"
#include "bench/goal/goal.h"
#include "bench/goal/play.h"

#define PROGRAM "distsys-goal"

typedef struct options {
    fabric_options fabric_options;
    const fabric *fabric; /* not open: there is no topology */
    args_names networks;
    ds_loggops_net_config loggops; /* without its nodes */
    double rate;                   /* of a port of the switch */
    double latency;
    bool idle_latency;
    bool in_order;
    bool ranks;
    uint64_t seed;
    size_t exec;
    const char *trace;
    size_t format;
} options;

/* ---- Networks -------------------------------------------------------------*/

/* From TOPOLOGY on they are of links. */
enum { LOGGOPS, GREEDY, MAXMIN, TOPOLOGY, CM02, LV08, NETWORKS };
static const char *const network_names[NETWORKS] = {
    [LOGGOPS] = "loggops",   [GREEDY] = "greedy", [MAXMIN] = "maxmin",
    [TOPOLOGY] = "topology", [CM02] = "cm02",     [LV08] = "lv08",
};

/* A network, which a schedule is played on. */
typedef struct stage {
    const options *o;
    size_t network;
    model_room room;
} stage;

/* All messages are long: play.h. */
static ds_net *make_loggops(ds_loop *loop, ds_node *const *nodes, size_t n,
                            const void *arg)
{
    ds_loggops_net_config config = ((const stage *)arg)->o->loggops;

    config.nodes = nodes;
    config.num_nodes = n;
    config.S = 0;
    return ds_loggops_net_new(loop, &config);
}

static ds_net *make_switched(ds_loop *loop, ds_node *const *nodes, size_t n,
                             const void *arg)
{
    stage *s = (stage *)arg;

    return ds_switched_net_new(
        loop,
        &(ds_switched_net_config){
            .nodes = nodes,
            .num_nodes = n,
            .model = model_make(s->network - GREEDY, n, s->o->rate, &s->room),
            .latency = s->o->latency,
            .idle_latency = s->o->idle_latency,
            .in_order = s->o->in_order,
        });
}

static ds_net *make_routed(ds_loop *loop, ds_node *const *nodes, size_t n,
                           const void *arg)
{
    static const ds_flow_model *const models[NETWORKS] = {
        [CM02] = &ds_flow_cm02,
        [LV08] = &ds_flow_lv08,
    };
    const stage *s = arg;

    return fabric_net(s->o->fabric, loop, nodes, n, s->o->in_order,
                      models[s->network]);
}

static play_net *const makers[NETWORKS] = {
    [LOGGOPS] = make_loggops, [GREEDY] = make_switched,
    [MAXMIN] = make_switched, [TOPOLOGY] = make_routed,
    [CM02] = make_routed,     [LV08] = make_routed,
};

/* ---- The command line -----------------------------------------------------*/

static const args_known known_networks = { network_names, NETWORKS };

/* A result, of a network. */
typedef struct row {
    const char *network;
    double ns;
    double ratio; /* to the first network's */
    size_t last;
    size_t ranks;
    size_t ops;
    size_t messages;
    double bytes;
    uint64_t digest;
} row;

#define PARAMETER(long_name, short_name, words, member, range_of, unit_name,   \
                  value)                                                       \
    {                                                                          \
        .name = long_name, .letter = short_name, .unit = unit_name,            \
        .type = ARGS_REAL, .at = offsetof(options, member), .range = range_of, \
        .preset = value, .help = words                                         \
    }

enum {
    NETWORK,
    LATENCY,
    OVERHEAD,
    GAP,
    BYTE_GAP,
    BYTE_OVERHEAD,
    LONGEST,
    RATE,
    SWITCH_LATENCY,
    IDLE,
    ORDER,
    RANKS,
    SEED,
    EXEC,
    TRACE,
    FORMAT,
    OPTIONS,
};

static const args_option table[OPTIONS] = {
    [NETWORK] = {
        .name = "network",
        .letter = 'n',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, networks),
        .known = &known_networks,
        .preset = "all",
        .help = "loggops; a switch by its model: greedy, maxmin; and with "
                "--topology that by its model: topology, which is plain, cm02 "
                "and lv08, which correct as SimGrid does",
    },
    [LATENCY] = PARAMETER("latency", 'L', "LogGOPS: latency of a message",
                          loggops.L, &setting_latency_range, "TIME", "2500ns"),
    [OVERHEAD] = PARAMETER("overhead", 'o',
                           "LogGOPS: of the processor, for each message",
                           loggops.o, &setting_latency_range, "TIME", "1500ns"),
    [GAP] = PARAMETER("gap", 'g', "LogGOPS: between messages", loggops.g,
                      &setting_latency_range, "TIME", "1000ns"),
    [BYTE_GAP] = PARAMETER("byte-gap", 'G', "LogGOPS: between bytes", loggops.G,
                           &setting_latency_range, "TIME", "6ns"),
    [BYTE_OVERHEAD] = PARAMETER("byte-overhead", 'O',
                                "LogGOPS: of the processor, for each byte",
                                loggops.O, &setting_latency_range, "TIME", "0"),
    [LONGEST] = PARAMETER("longest", 'S',
                          "A sender waits for the receiver of a longer message",
                          loggops.S, &setting_bytes_range, "BYTES", "65535"),
    [RATE] = {
        .name = "rate",
        .unit = "RATE",
        .type = ARGS_REAL,
        .at = offsetof(options, rate),
        .range = &setting_rate_range,
        .shown = "1 / G",
        .help = "Switches: bytes a second of each port",
    },
    [SWITCH_LATENCY] = {
        .name = "switch-latency",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, latency),
        .range = &setting_latency_range,
        .shown = "L + 2 o",
        .help = "Switches: of each message",
    },
    [IDLE] = {
        .name = "idle-latency",
        .type = ARGS_FLAG,
        .at = offsetof(options, idle_latency),
        .help = "Switches: a message takes no capacity until its latency has "
                "passed",
    },
    [ORDER] = {
        .name = "in-order",
        .type = ARGS_FLAG,
        .at = offsetof(options, in_order),
        .help = "Switches and topologies: the messages of a pair go one after "
                "the other",
    },
    [RANKS] = {
        .name = "ranks",
        .letter = 'r',
        .type = ARGS_FLAG,
        .at = offsetof(options, ranks),
        .help = "A row for each rank: when it is through, on each network",
    },
    [SEED] = {
        .name = "seed",
        .unit = "NUMBER",
        .type = ARGS_WORD,
        .at = offsetof(options, seed),
        .preset = "0",
        .help = "Of a map that is drawn at random",
    },
    [EXEC] = SETTING_EXEC_ROW(offsetof(options, exec), "operations"),
    [TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, trace),
        .help = "Write a trace of the run on the one network asked for",
    },
    [FORMAT] = ARGS_FORMAT_ROW('f', offsetof(options, format)),
};

/* ---- Playing --------------------------------------------------------------*/

static failure play_on(const goal *g, const options *o, size_t network,
                       play_result *result)
{
    stage s = { .o = o, .network = network };
    const play_config config = {
        .net = makers[network],
        .arg = &s,
        .has_processors = network == LOGGOPS,
        .longest = o->loggops.S,
        .exec = (ds_exec)o->exec,
        .trace = o->trace,
        .fabric = network >= TOPOLOGY ? o->fabric : NULL,
    };
    failure why = play(g, &config, result);

    if (why.status == 0)
        return why;
    failure whole =
        failure_new(why.status, "on %s: %s", network_names[network], why.text);
    free(why.text);
    return whole;
}

static failure play_all(const goal *g, const options *o, play_result *results)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < o->networks.n && why.status == 0; i++)
        why = play_on(g, o, o->networks.index[i], &results[i]);
    return why;
}

/* ---- What is shown --------------------------------------------------------*/

#define RESULT(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(row, member), 0                       \
    }
static const rows_column *const columns[] = {
    RESULT("network", "Network", ROWS_TEXT, rows_get_text, network),
    RESULT("ns", "End, ns", ROWS_REAL, rows_get_real, ns),
    RESULT("ratio", "Ratio", ROWS_SHORT, rows_get_real, ratio),
    RESULT("last", "Last rank", ROWS_COUNT, rows_get_size, last),
    RESULT("ranks", "Ranks", ROWS_COUNT, rows_get_size, ranks),
    RESULT("operations", "Operations", ROWS_COUNT, rows_get_size, ops),
    RESULT("messages", "Messages", ROWS_COUNT, rows_get_size, messages),
    RESULT("bytes", "Bytes", ROWS_REAL, rows_get_real, bytes),
    RESULT("digest", "Digest", ROWS_DIGEST, rows_get_word, digest),
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

/* As schedules have it, without the noise of arithmetic in seconds. */
static double in_ns(double seconds)
{
    return round(seconds * 1e12) / 1e3;
}

static row row_of(const goal *g, const options *o, const play_result *results,
                  size_t i)
{
    row r = {
        .network = network_names[o->networks.index[i]],
        .ns = in_ns(results[i].end),
        .ratio = results[0].end == 0 ? 1 : results[i].end / results[0].end,
        .last = results[i].last,
        .ranks = g->num_ranks,
        .ops = g->num_ops,
        .digest = results[i].digest,
    };

    for (size_t op = 0; op < g->num_ops; op++) {
        if (g->ops[op].kind != GOAL_SEND)
            continue;
        r.messages++;
        r.bytes += (double)g->ops[op].size;
    }
    return r;
}

static failure show_networks(const goal *g, const options *o,
                             const play_result *results)
{
    const rows_table rows = { stdout, (rows_format)o->format, columns,
                              COLUMNS };
    bool written = rows_begin(&rows);

    for (size_t i = 0; i < o->networks.n && written; i++) {
        const row r = row_of(g, o, results, i);
        written = rows_add(&rows, &r);
    }
    return written ? SUCCESS : failure_of_output();
}

/* A rank, on all networks. */
typedef struct rank_row {
    size_t rank;
    const play_result *results;
} rank_row;

static rows_value get_end(const void *of, const rows_column *self)
{
    const rank_row *r = of;

    return rows_real(in_ns(r->results[self->at].ends[r->rank]));
}

static failure show_ranks(const goal *g, const options *o,
                          const play_result *results)
{
    rows_column made[NETWORKS + 1] = {
        { "rank", "Rank", ROWS_COUNT, rows_get_size, offsetof(rank_row, rank),
          0 },
    };
    const rows_column *list[NETWORKS + 1] = { &made[0] };
    const rows_table rows = { stdout, (rows_format)o->format, list,
                              o->networks.n + 1 };

    for (size_t i = 0; i < o->networks.n; i++) {
        const char *name = network_names[o->networks.index[i]];
        made[i + 1] = (rows_column){ name, name, ROWS_REAL, get_end, i, 0 };
        list[i + 1] = &made[i + 1];
    }
    bool written = rows_begin(&rows);
    for (size_t i = 0; i < g->num_ranks && written; i++)
        written = rows_add(&rows, &(rank_row){ i, results });
    return written ? SUCCESS : failure_of_output();
}

/* ---- Links ----------------------------------------------------------------*/

static bool reports_wanted(const options *o)
{
    return fabric_is_open(o->fabric) && o->fabric->links > 0;
}

/* What programs get before what is known of a link. */
static const rows_column *const run_columns[] = {
    RESULT("network", "Network", ROWS_TEXT, rows_get_text, network),
    RESULT("ns", "End, ns", ROWS_REAL, rows_get_real, ns),
    RESULT("ranks", "Ranks", ROWS_COUNT, rows_get_size, ranks),
};

static failure show_report(const options *o, const play_result *result,
                           const row *run, bool first)
{
    char heading[200];

    snprintf(heading, sizeof(heading), "%s, %zu ranks, %.0f ns", run->network,
             run->ranks, run->ns);
    return report_show(
        &(report){
            .fabric = o->fabric,
            .uses = result->uses,
            .seconds = result->whole,
            .heading = heading,
            .run = run,
            .columns = run_columns,
            .num_columns = sizeof(run_columns) / sizeof(*run_columns),
        },
        (rows_format)o->format, first);
}

static failure show_reports(const goal *g, const options *o,
                            const play_result *results)
{
    bool first = !rows_for_people((rows_format)o->format);
    failure why = SUCCESS;

    for (size_t i = 0; i < o->networks.n && why.status == 0; i++) {
        const row r = row_of(g, o, results, i);

        if (results[i].uses == NULL)
            continue;
        why = show_report(o, &results[i], &r, first);
        first = false;
    }
    return why;
}

/* ---- What is shown, and in which order ------------------------------------*/

/* Programs get one table: that of links if they want it. */
static failure show(const goal *g, const options *o, const play_result *results)
{
    failure why = SUCCESS;

    if (rows_for_people((rows_format)o->format) || !reports_wanted(o))
        why =
            o->ranks ? show_ranks(g, o, results) : show_networks(g, o, results);
    if (why.status == 0 && reports_wanted(o))
        why = show_reports(g, o, results);
    return why;
}

/* ---- The whole ------------------------------------------------------------*/

static const args_program program = {
    PROGRAM,
    "Plays a schedule in the language GOAL on LogGOPS, on switches and on a "
    "topology, and shows when it is through on each of them.\v"
    "Numbers of LogGOPS are those of LogGOPSim unless they are given; switches "
    "take from them what they have in common, and topologies nothing.",
};

static bool is_named(const options *o, size_t network)
{
    for (size_t i = 0; i < o->networks.n; i++)
        if (o->networks.index[i] == network)
            return true;
    return false;
}

static failure check_names(const options *o)
{
    bool seen[NETWORKS] = { false };

    for (size_t i = 0; i < o->networks.n; i++) {
        if (seen[o->networks.index[i]])
            return failure_new(BAD_USAGE, "--network names %s twice",
                               network_names[o->networks.index[i]]);
        seen[o->networks.index[i]] = true;
    }
    return SUCCESS;
}

/* All of them are those that there are. */
static failure check_topology(options *o)
{
    if (fabric_is_open(o->fabric)) {
        for (size_t i = TOPOLOGY; i < NETWORKS; i++)
            if (is_named(o, i))
                return SUCCESS;
        return failure_new(BAD_USAGE,
                           "--topology: nothing is played on it; allowed: with "
                           "topology, cm02 or lv08 in --network");
    }
    if (o->networks.n == NETWORKS) {
        o->networks.n = TOPOLOGY;
        for (size_t i = 0; i < TOPOLOGY; i++)
            o->networks.index[i] = i;
    }
    for (size_t i = TOPOLOGY; i < NETWORKS; i++)
        if (is_named(o, i))
            return failure_new(BAD_USAGE,
                               "--network: %s is of links; say of which by "
                               "--topology",
                               network_names[i]);
    return SUCCESS;
}

/* What is said in words where nothing was given. */
static failure complete_switches(options *o)
{
    const bool wanted = is_named(o, GREEDY) || is_named(o, MAXMIN);

    if (isnan(o->latency))
        o->latency = o->loggops.L + 2 * o->loggops.o;
    if (!isnan(o->rate))
        return SUCCESS;
    o->rate = 1 / o->loggops.G;
    if (!(o->rate <= setting_rate_range.max) && wanted)
        return failure_new(BAD_USAGE,
                           "--byte-gap is %g, so that a switch has no rate; "
                           "give it one by --rate",
                           o->loggops.G);
    return SUCCESS;
}

static failure complete(options *o, const args_operands *files)
{
    if (files->n != 1)
        return failure_new(BAD_USAGE, "which schedule?  It wants one file, see "
                                      "--help");
    failure why = check_names(o);
    if (why.status == 0)
        why = check_topology(o);
    if (why.status != 0)
        return why;
    if (o->trace != NULL && o->networks.n != 1)
        return failure_new(BAD_USAGE, "--trace is of one network; say which by "
                                      "--network");
    return complete_switches(o);
}

static failure run(const options *o, const char *file)
{
    play_result results[NETWORKS] = { { 0 } };
    goal g;
    failure why = goal_read(&g, file);

    if (why.status == 0)
        why = fabric_check(o->fabric, file, (double)g.num_ranks);
    if (why.status == 0)
        why = play_all(&g, o, results);
    if (why.status == 0)
        why = show(&g, o, results);
    for (size_t i = 0; i < NETWORKS; i++) {
        free(results[i].ends);
        free(results[i].uses);
    }
    goal_free(&g);
    return why;
}

static failure run_on(options *o, const args_operands *files)
{
    fabric f;
    failure why = fabric_open(&f, &o->fabric_options, o->seed);

    if (why.status != 0)
        return why;
    o->fabric = &f;
    why = complete(o, files);
    if (why.status == 0)
        why = run(o, files->values[0]);
    fabric_close(&f);
    return why;
}

int main(int argc, char **argv)
{
    options o = { .format = args_format(), .rate = NAN, .latency = NAN };
    const args_option *all[OPTIONS];
    const args_option *fabrics[FABRIC_OPTIONS];
    const args_table tables[] = {
        { NULL, all, OPTIONS, &o },
        { "To play on a topology, too:", fabrics, FABRIC_OPTIONS,
          &o.fabric_options },
    };
    const char *names[2];
    args_operands files = { .shown = "FILE", .values = names, .most = 2 };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < FABRIC_OPTIONS; i++)
        fabrics[i] = &fabric_table[i];
    failure why = args_parse_with(&program, tables, 2, &files, argc, argv);
    if (why.status == 0)
        why = run_on(&o, &files);
    args_free(tables, 2);
    return args_end(why);
}
