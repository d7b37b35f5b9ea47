/* distsys-network: what a message costs on the switched network.
 *
 * It measures the network and not the switching between threads: one thread
 * sends every message and another one receives them.  Each run has a process
 * of its own, so that its peak of memory is its own too. */

#include <distsys.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/common/measure.h"
#include "bench/common/model.h"
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
    size_t model;
    size_t sizes;
    size_t nodes;
    size_t times;
    double size;
    double rate;
    double latency;
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

/* Sixteen messages a node, at random moments, which keep the ports busy for
 * half the time on average. */
static void draw_random(traffic *t)
{
    const double load = 0.5;
    double gap = t->size / (load * t->rate * (double)t->nodes);
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

typedef struct result {
    double ns;  /* real nanoseconds a message */
    double end; /* virtual seconds */
    double mib; /* of memory at the peak */
    uint64_t messages;
    uint64_t sent; /* bytes */
    uint64_t arrived;
    uint64_t lost;
} result;

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

static void plug_in(world *w, model_room *room)
{
    const traffic *t = w->traffic;

    for (size_t i = 0; i < t->nodes; i++) {
        w->nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(w->nodes[i]);
    }
    for (size_t i = 0; i < t->plan.n; i++)
        w->expected[t->plan.shipments[i].dest]++;
    w->net = ds_switched_net_new(
        w->loop, &(ds_switched_net_config){
                     .nodes = w->nodes,
                     .num_nodes = t->nodes,
                     .model = model_make(t->model, t->nodes, t->rate, room),
                     .latency = t->latency,
                     .idle_latency = t->idle_latency,
                 });
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
    world_free(&w);
    count(&t->plan, r);
    free(t->plan.shipments);
    return why;
}

/* ---- The command line -----------------------------------------------------*/

typedef struct options {
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

/* A row of output, which begins with what was run. */
typedef struct figure {
    traffic t;
    result r;
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
        .preset = "16,64,256",
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
        .preset = "greedy,maxmin",
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
        .preset = "1G",
        .help = "Bytes a second of each port",
        .column = COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, t.rate),
    },
    [LATENCY] = {
        .name = "latency",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, rest.latency),
        .range = &setting_latency_range,
        .preset = "0",
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
    [FORMAT] = {
        .name = "format",
        .unit = "FORMAT",
        .type = ARGS_CHOICE,
        .at = offsetof(options, format),
        .known = &args_formats,
        .shown = ARGS_FORMAT_SHOWN,
        .help = "text, md, csv or json",
    },
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

/* The first so many are for people too.  Programs may count columns: new ones
 * come last. */
#define RESULT(name, title, type, get, member)                                 \
    &(const rows_column)COLUMN(name, title, type, get, member)
static const rows_column *const columns[] = {
    &table[PATTERN].column,
    &table[SIZES].column,
    &table[MODEL].column,
    &table[NODES].column,
    RESULT("messages", "Messages", ROWS_COUNT, rows_get_word, r.messages),
    RESULT("ns", "ns a message", ROWS_REAL, rows_get_real, r.ns),
    RESULT("peak_mib", "Peak, MiB", ROWS_REAL, rows_get_real, r.mib),
    RESULT("seconds", "Virtual end, s", ROWS_SECONDS, rows_get_real, r.end),
    RESULT("bytes_sent", "Bytes sent", ROWS_COUNT, rows_get_word, r.sent),
    RESULT("bytes_arrived", "Arrived", ROWS_COUNT, rows_get_word, r.arrived),
    RESULT("bytes_lost", "Lost", ROWS_COUNT, rows_get_word, r.lost),
    &table[SIZE].column,
    &table[RATE].column,
    &table[LATENCY].column,
    &table[IDLE].column,
    &table[TIMES].column,
    &table[SEED].column,
    &table[EXEC].column,
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), FOR_PEOPLE = 11 };

/* The best time and the least memory; all else is the same each time. */
static failure measure(figure *f, size_t repeat)
{
    double ns = INFINITY;
    double mib = INFINITY;
    failure why = SUCCESS;

    for (size_t i = 0; i < repeat && why.status == 0; i++) {
        double peak;

        f->r = (result){ 0 };
        why = measure_apart(simulate, &f->t, &f->r, sizeof(f->r), &peak);
        ns = fmin(ns, f->r.ns);
        mib = fmin(mib, peak / (1024 * 1024));
    }
    f->r.ns = measure_rounded(ns);
    f->r.mib = measure_rounded(mib);
    return why;
}

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

static failure measure_all(const options *o)
{
    rows_format format = (rows_format)o->format;
    rows_table rows = { stdout, format, columns,
                        rows_for_people(format) ? FOR_PEOPLE : COLUMNS };
    size_t n = o->patterns.n * o->sizes.n * o->models.n * o->nodes.n;
    failure why = traced_begin(o->trace, (double)(n * o->repeat));

    if (why.status == 0 && !rows_begin(&rows))
        why = failure_of_output();
    for (size_t i = 0; i < n && why.status == 0; i++) {
        figure f = { .t = combination(o, i) };

        why = measure(&f, o->repeat);
        if (why.status == 0 && !rows_add(&rows, &f))
            why = failure_of_output();
    }
    return why;
}

static void list_patterns(void)
{
    for (size_t i = 0; i < PATTERNS; i++)
        printf("%-12s %s\n", patterns[i].name, patterns[i].what);
}

static const args_program program = {
    PROGRAM,
    "Measures what a message costs in real time on the switched network, from "
    "the first one sent to the last one received, and how much memory the "
    "whole takes.",
};

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < PATTERNS; i++)
        pattern_names[i] = patterns[i].name;
    failure why = args_parse(&program, tables, 1, argc, argv);
    if (why.status == 0 && o.list)
        list_patterns();
    else if (why.status == 0)
        why = measure_all(&o);
    args_free(tables, 1);
    return args_end(why);
}
