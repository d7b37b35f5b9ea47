/* distsys-network: what a message costs on the switched network, or on a
 * topology.
 *
 * It measures the network and not the switching between threads: one thread
 * sends every message and another one receives them.  Each run has a process
 * of its own, so that its peak of memory is its own too. */

#include <distsys.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/common/fabric.h"
#include "bench/common/measure.h"
#include "bench/common/model.h"
#include "bench/common/report.h"
#include "bench/common/rows.h"
#include "bench/common/setting.h"
#include "bench/common/traced.h"

#define PROGRAM "distsys-network"

/* ---- What to send ---------------------------------------------------------*/

/* A message as the plan has it.  The network gets a pointer to it, and counts
 * into it what it loses. */
typedef struct shipment {
    double time;
    uint64_t bytes;
    uint32_t source;
    uint32_t dest;
    bool lost;
} shipment;

typedef struct plan {
    shipment *shipments;
    size_t n;
    size_t room;
} plan;

typedef struct pattern pattern;

/* Who sends what to whom, on which network. */
typedef struct traffic {
    const pattern *pattern;
    const fabric *fabric; /* not open: the switch */
    size_t model;
    size_t sizes;
    size_t nodes;
    size_t times;
    double size;
    double rate;    /* NAN on a topology */
    double latency; /* likewise */
    bool idle_latency;
    uint64_t seed;
    size_t exec;
    uint64_t random;
    plan plan;
} traffic;

struct pattern {
    const char *name;
    const char *what;
    void (*draw)(traffic *t);
};

static double draw_unit(traffic *t)
{
    return ds__rng_uniform(measure_random(&t->random));
}

static size_t draw_below(traffic *t, size_t n)
{
    return (size_t)(draw_unit(t) * (double)n);
}

static const char *const size_names[] = { "equal", "random" };
enum { EQUAL, RANDOM };

/* Whole bytes, so that sums of them are exact. */
static uint64_t draw_bytes(traffic *t)
{
    if (t->sizes == EQUAL)
        return (uint64_t)t->size;
    return (uint64_t)(2 * t->size * draw_unit(t)) + 1;
}

static void ship(traffic *t, double seconds, size_t source, size_t dest)
{
    plan *p = &t->plan;

    if (p->n == p->room) {
        p->room = p->room == 0 ? 1024 : p->room * 2;
        p->shipments =
            args_realloc(p->shipments, p->room, sizeof(*p->shipments));
    }
    p->shipments[p->n++] = (shipment){
        .time = seconds,
        .bytes = draw_bytes(t),
        .source = (uint32_t)source,
        .dest = (uint32_t)dest,
    };
}

static void draw_alltoall(traffic *t)
{
    for (size_t s = 0; s < t->nodes; s++)
        for (size_t i = 1; i < t->nodes; i++)
            ship(t, 0, s, (s + i) % t->nodes);
}

static void draw_incast(traffic *t)
{
    for (size_t s = 1; s < t->nodes; s++)
        ship(t, 0, s, 0);
}

static void draw_ring(traffic *t)
{
    for (size_t s = 0; s < t->nodes; s++)
        ship(t, 0, s, (s + 1) % t->nodes);
}

/* One cycle through all nodes, so that nobody sends to himself (Sattolo). */
static void draw_permutation(traffic *t)
{
    size_t *to = args_alloc(t->nodes, sizeof(*to));

    for (size_t i = 0; i < t->nodes; i++)
        to[i] = i;
    for (size_t i = t->nodes - 1; i > 0; i--) {
        size_t j = draw_below(t, i);
        size_t other = to[i];
        to[i] = to[j];
        to[j] = other;
    }
    for (size_t s = 0; s < t->nodes; s++)
        ship(t, 0, s, to[s]);
    free(to);
}

static double port_rate(const traffic *t)
{
    return fabric_is_open(t->fabric) ? fabric_port_rate(t->fabric, t->nodes)
                                     : t->rate;
}

/* Sixteen messages a node, at random moments, which keep the ports busy for
 * half the time on average. */
static void draw_random(traffic *t)
{
    const double load = 0.5;
    double gap = t->size / (load * port_rate(t) * (double)t->nodes);
    double now = 0;

    for (size_t i = 0; i < 16 * t->nodes; i++) {
        now -= gap * log(1 - draw_unit(t));
        ship(t, now, draw_below(t, t->nodes), draw_below(t, t->nodes));
    }
}

static const pattern patterns[] = {
    { "alltoall", "everyone to everyone else, at once", draw_alltoall },
    { "incast", "everyone to the first node, at once", draw_incast },
    { "permutation", "everyone to another one, drawn at random, at once",
      draw_permutation },
    { "ring", "everyone to the next one, at once", draw_ring },
    { "random", "any to any, at random moments, at half load", draw_random },
};
enum { PATTERNS = sizeof(patterns) / sizeof(*patterns) };

static int by_time(const void *a, const void *b)
{
    const shipment *x = a;
    const shipment *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x > y) - (x < y);
}

static void draw_plan(traffic *t)
{
    t->random = t->seed;
    for (size_t i = 0; i < t->times; i++)
        t->pattern->draw(t);
    if (t->times > 1 && t->pattern->draw == draw_random)
        qsort(t->plan.shipments, t->plan.n, sizeof(*t->plan.shipments),
              by_time);
}

/* ---- Sending it -----------------------------------------------------------*/

typedef struct world {
    traffic *traffic;
    ds_loop *loop;
    ds_net *net;
    ds_node **nodes;
    ds_port **ports;
    size_t *expected; /* messages, by port */
    uint64_t bytes_arrived;
} world;

/* What comes out of a run, with the use of each link behind it if that is to be
 * reported. */
typedef struct result {
    double ns;  /* real nanoseconds a message */
    double end; /* virtual seconds */
    double mib; /* of memory at the peak */
    uint64_t messages;
    uint64_t sent; /* bytes */
    uint64_t arrived;
    uint64_t lost;
    ds_link_use uses[];
} result;

static size_t count_uses(const traffic *t)
{
    if (!fabric_is_open(t->fabric) || t->fabric->links == 0)
        return 0;
    return ds_topology_num_links(t->fabric->topology);
}

static void count_lost(void *data)
{
    shipment *s = data;

    s->lost = true;
}

/* How many shipments, from the one at i on, leave at its time. */
static size_t batch_from(const plan *p, size_t i, size_t most)
{
    size_t n = 1;

    while (i + n < p->n && n < most &&
           p->shipments[i + n].time <= p->shipments[i].time)
        n++;
    return n;
}

static void send_batch(ds_handle *h, const world *w, shipment *shipments,
                       size_t n)
{
    ds_msg msgs[64];

    for (size_t i = 0; i < n; i++)
        msgs[i] = (ds_msg){
            .source = w->ports[shipments[i].source],
            .dest = w->ports[shipments[i].dest],
            .data = &shipments[i],
            .free = count_lost,
            .size = (double)shipments[i].bytes,
        };
    ds_send_all(h, w->net, msgs, n);
}

static void send_plan(ds_handle *h, void *arg)
{
    const world *w = arg;
    const plan *p = &w->traffic->plan;
    size_t n;

    for (size_t i = 0; i < p->n; i += n) {
        shipment *first = &p->shipments[i];
        if (first->time > ds_now(h) && !ds_sleep(h, first->time - ds_now(h)))
            return;
        n = batch_from(p, i, 64);
        send_batch(h, w, first, n);
    }
}

/* One port after the other: what arrives elsewhere meanwhile waits there, and
 * wakes nobody. */
static void receive_plan(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_msg msg;

    for (size_t p = 0; p < w->traffic->nodes; p++)
        for (size_t i = 0; i < w->expected[p]; i++) {
            if (!ds_recv(h, w->ports[p], &msg))
                return;
            w->bytes_arrived += (uint64_t)msg.size;
        }
}

static ds_net *make_net(const world *w, model_room *room)
{
    const traffic *t = w->traffic;

    if (fabric_is_open(t->fabric))
        return fabric_net(t->fabric, w->loop, w->nodes, t->nodes, false, NULL);
    return ds_switched_net_new(
        w->loop, &(ds_switched_net_config){
                     .nodes = w->nodes,
                     .num_nodes = t->nodes,
                     .model = model_make(t->model, t->nodes, t->rate, room),
                     .latency = t->latency,
                     .idle_latency = t->idle_latency,
                 });
}

static void plug_in(world *w, model_room *room)
{
    const traffic *t = w->traffic;

    for (size_t i = 0; i < t->nodes; i++) {
        w->nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(w->nodes[i]);
    }
    for (size_t i = 0; i < t->plan.n; i++)
        w->expected[t->plan.shipments[i].dest]++;
    w->net = make_net(w, room);
}

static world world_new(traffic *t)
{
    return (world){
        .traffic = t,
        .loop = setting_loop_new(t->seed, t->exec),
        .nodes = args_alloc(t->nodes, sizeof(ds_node *)),
        .ports = args_alloc(t->nodes, sizeof(ds_port *)),
        .expected = args_alloc(t->nodes, sizeof(size_t)),
    };
}

/* What is still in flight is lost now. */
static void world_free(world *w)
{
    ds_loop_free(w->loop);
    free(w->nodes);
    free(w->ports);
    free(w->expected);
}

static failure run(world *w, double *ns)
{
    double begin = measure_clock();
    ds_status status = ds_loop_run(w->loop);

    *ns = measure_clock() - begin;
    if (status == DS_OK)
        return SUCCESS;
    return failure_new(EXIT_FAILURE, "%s, %zu nodes: %s",
                       w->traffic->pattern->name, w->traffic->nodes,
                       ds_loop_error(w->loop));
}

static void count(const plan *p, result *r)
{
    r->messages = p->n;
    for (size_t i = 0; i < p->n; i++) {
        r->sent += p->shipments[i].bytes;
        r->lost += p->shipments[i].lost ? p->shipments[i].bytes : 0;
    }
}

static failure simulate(void *arg, void *to)
{
    traffic *t = arg;
    result *r = to;
    model_room room;

    draw_plan(t);
    world w = world_new(t);
    plug_in(&w, &room);
    ds_spawn(w.loop, send_plan, &w);
    ds_spawn(w.loop, receive_plan, &w);
    failure why = run(&w, &r->ns);
    r->ns /= (double)t->plan.n;
    r->end = ds_loop_now(w.loop);
    r->arrived = w.bytes_arrived;
    for (size_t i = 0; i < count_uses(t); i++)
        r->uses[i] = ds_link_get_use(w.net, i);
    world_free(&w);
    count(&t->plan, r);
    free(t->plan.shipments);
    return why;
}

/* ---- The command line -----------------------------------------------------*/

typedef struct options {
    fabric_options fabric;
    args_names patterns;
    args_names models;
    args_names sizes;
    args_reals nodes;
    traffic rest; /* what is the same in every run */
    size_t repeat;
    size_t format;
    const char *trace;
    bool list;
} options;

static const args_range nodes_range = {
    .allowed = "whole numbers from 2 to 100k",
    .min = 2,
    .max = 1e5,
    .whole = true,
    .units = args_counts,
};
static const args_range times_range = {
    .allowed = "a whole number from 1 to 1M",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const args_range size_range = {
    .allowed = "a whole number from 0 to 1T",
    .min = 0,
    .max = 1e12,
    .whole = true,
    .units = args_counts,
};

static const char *pattern_names[PATTERNS];
static const args_known known_patterns = { pattern_names, PATTERNS };
static const args_known known_sizes = { size_names, 2 };

/* A row of output, which begins with what was run; what came out of it is to be
 * freed. */
typedef struct figure {
    traffic t;
    result *r;
} figure;

static rows_value get_pattern(const void *row, const rows_column *self)
{
    return rows_text(((const traffic *)row)->pattern->name);
}

static rows_value get_sizes(const void *row, const rows_column *self)
{
    return rows_text(size_names[((const traffic *)row)->sizes]);
}

static rows_value get_model(const void *row, const rows_column *self)
{
    return rows_text(model_all_names.names[((const traffic *)row)->model]);
}

static rows_value get_exec(const void *row, const rows_column *self)
{
    return rows_text(setting_execs.names[((const traffic *)row)->exec]);
}

/* Members of the result. */
static rows_value get_result_word(const void *row, const rows_column *self)
{
    return rows_get_word(((const figure *)row)->r, self);
}

static rows_value get_result_real(const void *row, const rows_column *self)
{
    return rows_get_real(((const figure *)row)->r, self);
}

#define COLUMN(name, title, type, get, member)                                 \
    {                                                                          \
        name, title, type, get, offsetof(figure, member), 0                    \
    }

enum {
    PATTERN,
    NODES,
    MODEL,
    SIZES,
    SIZE,
    RATE,
    LATENCY,
    IDLE,
    TIMES,
    SEED,
    EXEC,
    REPEAT,
    FORMAT,
    TRACE,
    LIST,
    OPTIONS,
};
static const args_option table[OPTIONS] = {
    [PATTERN] = {
        .name = "pattern",
        .letter = 'p',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, patterns),
        .known = &known_patterns,
        .preset = "alltoall",
        .help = "Who sends to whom",
        .column = COLUMN("pattern", "Pattern", ROWS_TEXT, get_pattern, t),
    },
    [NODES] = {
        .name = "nodes",
        .letter = 'n',
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, nodes),
        .range = &nodes_range,
        .late = true,
        .preset = "16,64,256",
        .shown = "16,64,256, or one for each host of a topology",
        .help = "How many nodes",
        .column = COLUMN("nodes", "Nodes", ROWS_COUNT, rows_get_size, t.nodes),
    },
    [MODEL] = {
        .name = "model",
        .letter = 'm',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, models),
        .known = &model_all_names,
        .late = true,
        .preset = "greedy,maxmin",
        .shown = "greedy,maxmin, or maxmin on a topology",
        .help = "greedy, maxmin, or dense: greedy by its definition",
        .column = COLUMN("model", "Model", ROWS_TEXT, get_model, t),
    },
    [SIZES] = {
        .name = "sizes",
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, sizes),
        .known = &known_sizes,
        .preset = "random",
        .help = "equal, random, or both",
        .column = COLUMN("sizes", "Sizes", ROWS_TEXT, get_sizes, t),
    },
    [SIZE] = {
        .name = "size",
        .unit = "BYTES",
        .type = ARGS_REAL,
        .at = offsetof(options, rest.size),
        .range = &size_range,
        .preset = "1M",
        .help = "Mean size of a message",
        .column = COLUMN("size", "Size", ROWS_REAL, rows_get_real, t.size),
    },
    [RATE] = {
        .name = "rate",
        .unit = "RATE",
        .type = ARGS_REAL,
        .at = offsetof(options, rest.rate),
        .range = &setting_rate_range,
        .shown = "1G",
        .help = "Bytes a second of each port",
        .column = COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, t.rate),
    },
    [LATENCY] = {
        .name = "latency",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, rest.latency),
        .range = &setting_latency_range,
        .shown = "0",
        .help = "Of each message",
        .column =
            COLUMN("latency", "Latency", ROWS_REAL, rows_get_real, t.latency),
    },
    [IDLE] = {
        .name = "idle-latency",
        .type = ARGS_FLAG,
        .at = offsetof(options, rest.idle_latency),
        .help = "A message takes no capacity until its latency has passed",
        .column = COLUMN("idle_latency", "Idle latency", ROWS_BOOL,
                         rows_get_bool, t.idle_latency),
    },
    [TIMES] = {
        .name = "times",
        .unit = "N",
        .type = ARGS_COUNT,
        .at = offsetof(options, rest.times),
        .range = &times_range,
        .preset = "1",
        .help = "Send the pattern so many times over",
        .column = COLUMN("times", "Times", ROWS_COUNT, rows_get_size, t.times),
    },
    [SEED] = {
        .name = "seed",
        .unit = "N",
        .type = ARGS_WORD,
        .at = offsetof(options, rest.seed),
        .preset = "1",
        .variable = "DISTSYS_SEED",
        .help = "Of sizes, moments and partners, and of the loop",
        .column = COLUMN("seed", "Seed", ROWS_COUNT, rows_get_word, t.seed),
    },
    [EXEC] = {
        .name = "exec",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, rest.exec),
        .known = &setting_execs,
        .preset = "fibers",
        .variable = "DISTSYS_EXEC",
        .help = "What the two who send and receive run on: fibers or threads",
        .column = COLUMN("exec", "Exec", ROWS_TEXT, get_exec, t),
    },
    [REPEAT] = {
        .name = "repeat",
        .unit = "N",
        .type = ARGS_COUNT,
        .at = offsetof(options, repeat),
        .range = &measure_repeat_range,
        .preset = "1",
        .help = "Show the best of N runs",
    },
    [FORMAT] = ARGS_FORMAT_ROW(0, offsetof(options, format)),
    [TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, trace),
        .help = "Write all that happens in the one run there, for "
                "distsys-trace",
    },
    [LIST] = {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the patterns",
    },
};

/* ---- Results --------------------------------------------------------------*/

static const rows_column topology_column =
    FABRIC_TOPOLOGY_COLUMN(offsetof(figure, t.fabric));
static const rows_column map_column =
    FABRIC_MAP_COLUMN(offsetof(figure, t.fabric));

/* The first so many are for people too.  Programs may count columns: new ones
 * come last. */
#define RESULT(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(result, member), 0                    \
    }
static const rows_column *const columns[] = {
    &table[PATTERN].column,
    &table[SIZES].column,
    &table[MODEL].column,
    &table[NODES].column,
    RESULT("messages", "Messages", ROWS_COUNT, get_result_word, messages),
    RESULT("ns", "ns a message", ROWS_REAL, get_result_real, ns),
    RESULT("peak_mib", "Peak, MiB", ROWS_REAL, get_result_real, mib),
    RESULT("seconds", "Virtual end, s", ROWS_SECONDS, get_result_real, end),
    RESULT("bytes_sent", "Bytes sent", ROWS_COUNT, get_result_word, sent),
    RESULT("bytes_arrived", "Arrived", ROWS_COUNT, get_result_word, arrived),
    RESULT("bytes_lost", "Lost", ROWS_COUNT, get_result_word, lost),
    &table[SIZE].column,
    &table[RATE].column,
    &table[LATENCY].column,
    &table[IDLE].column,
    &table[TIMES].column,
    &table[SEED].column,
    &table[EXEC].column,
    &topology_column,
    &map_column,
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), FOR_PEOPLE = 11 };

/* The best time and the least memory; all else is the same each time. */
static failure measure(figure *f, size_t repeat)
{
    const size_t size = sizeof(*f->r) + count_uses(&f->t) * sizeof(*f->r->uses);
    double ns = INFINITY;
    double mib = INFINITY;
    failure why = SUCCESS;

    f->r = args_alloc(1, size);
    for (size_t i = 0; i < repeat && why.status == 0; i++) {
        double peak;

        memset(f->r, 0, size);
        why = measure_apart(simulate, &f->t, f->r, size, &peak);
        ns = fmin(ns, f->r->ns);
        mib = fmin(mib, peak / (1024 * 1024));
    }
    f->r->ns = measure_rounded(ns);
    f->r->mib = measure_rounded(mib);
    return why;
}

/* ---- Links ----------------------------------------------------------------*/

/* What programs get before what is known of a link. */
static const rows_column *const run_columns[] = {
    &table[PATTERN].column,
    &table[SIZES].column,
    &table[NODES].column,
    RESULT("seconds", "Virtual end, s", ROWS_SECONDS, get_result_real, end),
    &topology_column,
    &map_column,
    &table[SEED].column,
};

static failure show_report(const figure *f, rows_format format, bool first)
{
    char seconds[ROWS_NUMBER_MAX];
    char heading[ROWS_NUMBER_MAX + 100];

    snprintf(heading, sizeof(heading), "%s, %zu nodes, %s sizes, %s s",
             f->t.pattern->name, f->t.nodes, size_names[f->t.sizes],
             rows_seconds(seconds, f->r->end));
    return report_show(
        &(report){
            .fabric = f->t.fabric,
            .uses = f->r->uses,
            .seconds = f->r->end,
            .heading = heading,
            .run = f,
            .columns = run_columns,
            .num_columns = sizeof(run_columns) / sizeof(*run_columns),
        },
        format, first);
}

static failure show_reports(const figure *figures, size_t n, rows_format format)
{
    bool first = !rows_for_people(format);
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++) {
        why = show_report(&figures[i], format, first);
        first = false;
    }
    return why;
}

/* ---- All of it ------------------------------------------------------------*/

/* The i-th combination: the last digits of i count the nodes. */
static traffic combination(const options *o, size_t i)
{
    traffic t = o->rest;

    t.nodes = (size_t)o->nodes.values[i % o->nodes.n];
    i /= o->nodes.n;
    t.model = o->models.index[i % o->models.n];
    i /= o->models.n;
    t.sizes = o->sizes.index[i % o->sizes.n];
    i /= o->sizes.n;
    t.pattern = &patterns[o->patterns.index[i]];
    return t;
}

static bool reports_wanted(const options *o)
{
    return count_uses(&o->rest) > 0;
}

/* Programs get one table: that of links if they want it. */
static failure measure_each(const options *o, figure *figures, size_t n)
{
    const rows_format format = (rows_format)o->format;
    const bool people = rows_for_people(format);
    const rows_table rows = { stdout, format, columns,
                              people ? FOR_PEOPLE : COLUMNS };
    const bool shown = people || !reports_wanted(o);
    failure why = SUCCESS;

    if (shown && !rows_begin(&rows))
        why = failure_of_output();
    for (size_t i = 0; i < n && why.status == 0; i++) {
        figures[i].t = combination(o, i);
        why = measure(&figures[i], o->repeat);
        if (why.status == 0 && shown && !rows_add(&rows, &figures[i]))
            why = failure_of_output();
    }
    if (why.status == 0 && reports_wanted(o))
        why = show_reports(figures, n, format);
    return why;
}

static failure measure_all(const options *o)
{
    const size_t n = o->patterns.n * o->sizes.n * o->models.n * o->nodes.n;
    failure why = traced_begin(o->trace, (double)(n * o->repeat));

    if (why.status != 0)
        return why;
    figure *figures = args_alloc(n, sizeof(*figures));
    why = measure_each(o, figures, n);
    for (size_t i = 0; i < n; i++)
        free(figures[i].r);
    free(figures);
    return why;
}

static void list_patterns(void)
{
    for (size_t i = 0; i < PATTERNS; i++)
        printf("%-12s %s\n", patterns[i].name, patterns[i].what);
}

/* ---- What was asked for ---------------------------------------------------*/

static failure check_models(const options *o)
{
    for (size_t i = 0; i < o->models.n; i++)
        if (o->models.index[i] != MODEL_MAXMIN)
            return fabric_refuse("--model", "maxmin");
    return SUCCESS;
}

static failure check_switch(const options *o)
{
    if (!isnan(o->rest.rate))
        return fabric_refuse("--rate", "rate= in its text");
    if (!isnan(o->rest.latency))
        return fabric_refuse("--latency", "latency= in its text");
    if (o->rest.idle_latency)
        return fabric_refuse("--idle-latency",
                             "nothing, for so it is on a topology");
    return check_models(o);
}

static failure check_nodes(const options *o, const fabric *f)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < o->nodes.n && why.status == 0; i++)
        why = fabric_check(f, "--nodes", o->nodes.values[i]);
    return why;
}

/* On a topology, a rank for each host, which are 2 at least. */
static failure complete_on_topology(options *o, const fabric *f)
{
    char most[32];
    failure why = check_switch(o);

    if (why.status == 0 && f->most < 2)
        return failure_new(BAD_USAGE,
                           "--topology: there are messages between 2 nodes or "
                           "more, and it has a host for 1");
    if (why.status == 0 && o->models.n == 0)
        why = args_read(&table[MODEL], "--model", "maxmin", o);
    snprintf(most, sizeof(most), "%zu", f->most);
    if (why.status == 0 && o->nodes.n == 0)
        why = args_read(&table[NODES], "--nodes", most, o);
    return why.status == 0 ? check_nodes(o, f) : why;
}

static failure complete(options *o, const fabric *f)
{
    o->rest.fabric = f;
    if (fabric_is_open(f))
        return complete_on_topology(o, f);
    args_complete(&table[MODEL], o);
    args_complete(&table[NODES], o);
    if (isnan(o->rest.rate))
        o->rest.rate = 1e9;
    if (isnan(o->rest.latency))
        o->rest.latency = 0;
    return SUCCESS;
}

static failure run_all(options *o)
{
    fabric f;
    failure why = fabric_open(&f, &o->fabric, o->rest.seed);

    if (why.status != 0)
        return why;
    why = complete(o, &f);
    if (why.status == 0)
        why = measure_all(o);
    fabric_close(&f);
    return why;
}

static const args_program program = {
    PROGRAM,
    "Measures what a message costs in real time on the switched network, or on "
    "a topology, from the first one sent to the last one received, and how "
    "much memory the whole takes.",
};

int main(int argc, char **argv)
{
    options o = {
        .rest = { .rate = NAN, .latency = NAN },
        .format = args_format(),
    };
    const args_option *all[OPTIONS];
    const args_option *fabrics[FABRIC_OPTIONS];
    const args_table tables[] = {
        { NULL, all, OPTIONS, &o },
        { FABRIC_HEADING, fabrics, FABRIC_OPTIONS, &o.fabric },
    };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < FABRIC_OPTIONS; i++)
        fabrics[i] = &fabric_table[i];
    for (size_t i = 0; i < PATTERNS; i++)
        pattern_names[i] = patterns[i].name;
    failure why = args_parse(&program, tables, 2, argc, argv);
    if (why.status == 0 && o.list)
        list_patterns();
    else if (why.status == 0)
        why = run_all(&o);
    args_free(tables, 2);
    return args_end(why);
}
