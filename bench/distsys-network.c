/* distsys-network: what a message costs on the switched network.
 *
 * It measures the network and not the switching between threads: one thread
 * sends every message and another one receives them.  Each run has a process
 * of its own, so that its peak of memory is its own too. */

#include <distsys.h>
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/args.h"
#include "bench/report.h"
#include "config.h"

/* ---- What to send ---------------------------------------------------------*/

/* A message as the plan has it.  The network gets a pointer to it, and counts
 * into it what it loses. */
struct shipment {
    double time;
    uint64_t bytes;
    uint32_t source;
    uint32_t dest;
    bool lost;
};

struct plan {
    struct shipment *shipments;
    size_t n;
    size_t room;
};

/* One run: the options that matter, and what came out. */
struct run {
    const struct pattern *pattern;
    size_t model;
    bool random_sizes;
    size_t nodes;
    uint64_t times;
    double size;
    double rate;
    double latency;
    bool idle_latency;
    uint64_t seed;
    uint64_t draws;
    struct plan plan;
};

struct pattern {
    const char *name;
    const char *what;
    void (*draw)(struct run *run);
};

/* Splitmix64, so that a plan depends on nothing but its seed. */
static uint64_t draw_word(struct run *run)
{
    uint64_t x = run->seed + ++run->draws * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static double draw_unit(struct run *run)
{
    return (double)(draw_word(run) >> 11) * 0x1p-53;
}

static size_t draw_below(struct run *run, size_t n)
{
    return (size_t)(draw_unit(run) * (double)n);
}

/* Whole bytes, so that sums of them are exact. */
static uint64_t draw_bytes(struct run *run)
{
    if (!run->random_sizes)
        return (uint64_t)run->size;
    return (uint64_t)(2 * run->size * draw_unit(run)) + 1;
}

static void ship(struct run *run, double seconds, size_t source, size_t dest)
{
    struct plan *plan = &run->plan;

    if (plan->n == plan->room) {
        plan->room = plan->room == 0 ? 1024 : plan->room * 2;
        plan->shipments =
            realloc(plan->shipments, plan->room * sizeof(*plan->shipments));
        if (plan->shipments == NULL)
            errx(1, "out of memory");
    }
    plan->shipments[plan->n++] = (struct shipment){
        .time = seconds,
        .bytes = draw_bytes(run),
        .source = (uint32_t)source,
        .dest = (uint32_t)dest,
    };
}

static void draw_alltoall(struct run *run)
{
    for (size_t s = 0; s < run->nodes; s++)
        for (size_t i = 1; i < run->nodes; i++)
            ship(run, 0, s, (s + i) % run->nodes);
}

static void draw_incast(struct run *run)
{
    for (size_t s = 1; s < run->nodes; s++)
        ship(run, 0, s, 0);
}

static void draw_ring(struct run *run)
{
    for (size_t s = 0; s < run->nodes; s++)
        ship(run, 0, s, (s + 1) % run->nodes);
}

/* One cycle through all nodes, so that nobody sends to himself (Sattolo). */
static void draw_permutation(struct run *run)
{
    size_t *to = args_alloc(run->nodes, sizeof(*to));

    for (size_t i = 0; i < run->nodes; i++)
        to[i] = i;
    for (size_t i = run->nodes - 1; i > 0; i--) {
        size_t j = draw_below(run, i);
        size_t other = to[i];
        to[i] = to[j];
        to[j] = other;
    }
    for (size_t s = 0; s < run->nodes; s++)
        ship(run, 0, s, to[s]);
    free(to);
}

/* Sixteen messages a node, at random moments, which keep the ports busy for
 * half the time on average. */
static void draw_random(struct run *run)
{
    const double load = 0.5;
    double gap = run->size / (load * run->rate * (double)run->nodes);
    double now = 0;

    for (size_t i = 0; i < 16 * run->nodes; i++) {
        now -= gap * log(1 - draw_unit(run));
        ship(run, now, draw_below(run, run->nodes),
             draw_below(run, run->nodes));
    }
}

static const struct pattern patterns[] = {
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
    const struct shipment *x = a;
    const struct shipment *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x > y) - (x < y);
}

static void draw_plan(struct run *run)
{
    for (uint64_t i = 0; i < run->times; i++)
        run->pattern->draw(run);
    if (run->times > 1 && run->pattern->draw == draw_random)
        qsort(run->plan.shipments, run->plan.n, sizeof(*run->plan.shipments),
              by_time);
}

/* ---- Sending it -----------------------------------------------------------*/

struct world {
    struct run *run;
    ds_loop *loop;
    ds_net *net;
    ds_node **nodes;
    ds_port **ports;
    size_t *expected; /* messages, by port */
    uint64_t messages_arrived;
    uint64_t bytes_arrived;
};

struct result {
    double wall; /* nanoseconds a message */
    double end;  /* virtual seconds */
    double peak; /* bytes */
    uint64_t messages;
    uint64_t sent;
    uint64_t arrived;
    uint64_t lost;
};

static void count_lost(void *data)
{
    struct shipment *shipment = data;

    shipment->lost = true;
}

/* How many shipments, from the one at i on, leave at its time. */
static size_t batch_from(const struct plan *plan, size_t i, size_t most)
{
    size_t n = 1;

    while (i + n < plan->n && n < most &&
           plan->shipments[i + n].time <= plan->shipments[i].time)
        n++;
    return n;
}

static void send_batch(ds_handle *h, const struct world *w,
                       struct shipment *shipments, size_t n)
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
    const struct world *w = arg;
    const struct plan *plan = &w->run->plan;
    size_t n;

    for (size_t i = 0; i < plan->n; i += n) {
        struct shipment *first = &plan->shipments[i];
        if (first->time > ds_now(h) && !ds_sleep(h, first->time - ds_now(h)))
            return;
        n = batch_from(plan, i, 64);
        send_batch(h, w, first, n);
    }
}

/* One port after the other: what arrives elsewhere meanwhile waits there, and
 * wakes nobody. */
static void receive_plan(ds_handle *h, void *arg)
{
    struct world *w = arg;
    ds_msg msg;

    for (size_t p = 0; p < w->run->nodes; p++) {
        for (size_t i = 0; i < w->expected[p]; i++) {
            if (!ds_recv(h, w->ports[p], &msg))
                return;
            w->messages_arrived++;
            w->bytes_arrived += (uint64_t)msg.size;
        }
    }
}

static const char *const model_names[] = { "greedy", "maxmin", "dense" };
enum { GREEDY, MAXMIN, DENSE, MODELS };

static double clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void plug_in(struct world *w, const ds_switch *model)
{
    const struct run *run = w->run;

    w->nodes = args_alloc(run->nodes, sizeof(ds_node *));
    w->ports = args_alloc(run->nodes, sizeof(ds_port *));
    w->expected = args_alloc(run->nodes, sizeof(size_t));
    for (size_t i = 0; i < run->nodes; i++) {
        w->nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(w->nodes[i]);
        w->expected[i] = 0;
    }
    for (size_t i = 0; i < run->plan.n; i++)
        w->expected[run->plan.shipments[i].dest]++;
    w->net = ds_switched_net_new(w->loop, &(ds_switched_net_config){
                                              .nodes = w->nodes,
                                              .num_nodes = run->nodes,
                                              .model = model,
                                              .latency = run->latency,
                                              .idle_latency = run->idle_latency,
                                          });
}

static struct result result_of(const struct world *w, double wall)
{
    const struct plan *plan = &w->run->plan;
    struct result result = {
        .wall = wall / (double)plan->n,
        .end = ds_loop_now(w->loop),
        .messages = plan->n,
        .arrived = w->bytes_arrived,
    };

    for (size_t i = 0; i < plan->n; i++)
        result.sent += plan->shipments[i].bytes;
    return result;
}

static struct result simulate(struct run *run, const ds_switch *model)
{
    struct world w = {
        .run = run,
        .loop = ds_loop_new(&(ds_loop_config){ .seed = run->seed }),
    };

    plug_in(&w, model);
    ds_spawn(w.loop, send_plan, &w);
    ds_spawn(w.loop, receive_plan, &w);
    double begin = clock_ns();
    if (ds_loop_run(w.loop) != DS_OK)
        errx(1, "%s, %zu nodes: %s", run->pattern->name, run->nodes,
             ds_loop_error(w.loop));
    struct result result = result_of(&w, clock_ns() - begin);
    ds_loop_free(w.loop); /* what is still in flight is lost */
    for (size_t i = 0; i < run->plan.n; i++)
        if (run->plan.shipments[i].lost)
            result.lost += run->plan.shipments[i].bytes;
    free(w.nodes);
    free(w.ports);
    free(w.expected);
    return result;
}

static struct result simulate_model(struct run *run)
{
    ds_greedy_switch greedy = ds_greedy_switch_uniform(run->nodes, run->rate);
    ds_maxmin_switch maxmin = ds_maxmin_switch_uniform(run->nodes, run->rate);

    if (run->model == DENSE)
        greedy.base.engine = NULL;
    draw_plan(run);
    struct result result =
        simulate(run, run->model == MAXMIN ? &maxmin.base : &greedy.base);
    free(run->plan.shipments);
    return result;
}

/* ---- A process for each run -----------------------------------------------*/

static void run_child(struct run *run, int to)
{
    struct result result = simulate_model(run);

    if (write(to, &result, sizeof(result)) != sizeof(result))
        err(1, "write");
    _exit(0);
}

static struct result simulate_apart(struct run *run)
{
    struct result result;
    struct rusage usage;
    int ends[2];
    int status;

    fflush(stdout);
    if (pipe(ends) != 0)
        err(1, "pipe");
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child == 0) {
        close(ends[0]);
        run_child(run, ends[1]);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &result, sizeof(result));
    close(ends[0]);
    if (wait4(child, &status, 0, &usage) != child || status != 0 ||
        got != sizeof(result))
        exit(1); /* the child has said why */
    result.peak = (double)usage.ru_maxrss * 1024;
    return result;
}

/* ---- The command line -----------------------------------------------------*/

static const char *const size_names[] = { "equal", "random" };

struct options {
    struct args_names patterns;
    struct args_names models;
    struct args_names sizes;
    struct args_reals nodes;
    double times;
    double size;
    double rate;
    double latency;
    bool idle_latency;
    uint64_t seed;
    double repeat;
    size_t format;
};

static const struct args_range nodes_range = {
    .allowed = "whole numbers from 2 to 100k",
    .min = 2,
    .max = 1e5,
    .whole = true,
    .units = args_counts,
};
static const struct args_range times_range = {
    .allowed = "a whole number from 1 to 1M",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const struct args_range size_range = {
    .allowed = "a whole number from 0 to 1T",
    .min = 0,
    .max = 1e12,
    .whole = true,
    .units = args_counts,
};
static const struct args_range rate_range = {
    .allowed = "a number greater than 0, at most 1e18",
    .min = 0,
    .max = 1e18,
    .above = true,
    .units = args_rates,
};
static const struct args_range latency_range = {
    .allowed = "a number from 0 to 1e9",
    .min = 0,
    .max = 1e9,
    .units = args_seconds,
};
static const struct args_range repeat_range = {
    .allowed = "a whole number from 1 to 1000",
    .min = 1,
    .max = 1000,
    .whole = true,
};

static const char *const *pattern_names(void)
{
    static const char *names[PATTERNS];

    for (size_t i = 0; i < PATTERNS; i++)
        names[i] = patterns[i].name;
    return names;
}

enum {
    OPT_SIZES = 256,
    OPT_SIZE,
    OPT_RATE,
    OPT_LATENCY,
    OPT_IDLE,
    OPT_TIMES,
    OPT_SEED,
    OPT_REPEAT,
    OPT_FORMAT,
    OPT_LIST,
};

static const struct argp_option option_table[] = {
    { "pattern", 'p', "NAMES", 0, "Who sends to whom (alltoall)", 0 },
    { "nodes", 'n', "LIST", 0, "How many nodes (16,64,256)", 0 },
    { "model", 'm', "NAMES", 0,
      "greedy, maxmin, or dense: greedy by its definition (greedy,maxmin)", 0 },
    { "sizes", OPT_SIZES, "NAMES", 0, "equal, random, or both (random)", 0 },
    { "size", OPT_SIZE, "BYTES", 0, "Mean size of a message (1M)", 0 },
    { "rate", OPT_RATE, "RATE", 0, "Bytes a second of each port (1G)", 0 },
    { "latency", OPT_LATENCY, "TIME", 0, "Of each message (0)", 0 },
    { "idle-latency", OPT_IDLE, NULL, 0,
      "A message takes no capacity until its latency has passed", 0 },
    { "times", OPT_TIMES, "N", 0, "Send the pattern so many times over (1)",
      0 },
    { "seed", OPT_SEED, "N", 0, "Of sizes, moments and partners (1)", 0 },
    { "repeat", OPT_REPEAT, "N", 0, "Show the best of N runs (1)", 0 },
    { "format", OPT_FORMAT, "FORMAT", 0, "md, csv or json (md)", 0 },
    { "list", OPT_LIST, NULL, 0, "List the patterns", 0 },
    { 0 },
};

static void list_patterns(void)
{
    for (size_t i = 0; i < PATTERNS; i++)
        printf("%-12s %s\n", patterns[i].name, patterns[i].what);
    exit(0);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'p':
        args_names(&o->patterns, "--pattern", arg, pattern_names(), PATTERNS);
        return 0;
    case 'n':
        args_reals(&o->nodes, "--nodes", arg, &nodes_range);
        return 0;
    case 'm':
        args_names(&o->models, "--model", arg, model_names, MODELS);
        return 0;
    case OPT_SIZES:
        args_names(&o->sizes, "--sizes", arg, size_names, 2);
        return 0;
    case OPT_SIZE:
        o->size = args_real("--size", arg, &size_range);
        return 0;
    case OPT_RATE:
        o->rate = args_real("--rate", arg, &rate_range);
        return 0;
    case OPT_LATENCY:
        o->latency = args_real("--latency", arg, &latency_range);
        return 0;
    case OPT_IDLE:
        o->idle_latency = true;
        return 0;
    case OPT_TIMES:
        o->times = args_real("--times", arg, &times_range);
        return 0;
    case OPT_SEED:
        o->seed = args_word("--seed", arg);
        return 0;
    case OPT_REPEAT:
        o->repeat = args_real("--repeat", arg, &repeat_range);
        return 0;
    case OPT_FORMAT:
        o->format =
            args_choice("--format", arg, report_formats, REPORT_FORMATS);
        return 0;
    case OPT_LIST:
        list_patterns();
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = option_table,
    .parser = parse_option,
    .doc = "Measures what a message costs in real time on the switched "
           "network, from the first one sent to the last one received, and "
           "how much memory the whole takes.",
};

/* ---- Results --------------------------------------------------------------*/

static const struct report_column columns[] = {
    { "pattern", "Pattern", REPORT_TEXT },
    { "sizes", "Sizes", REPORT_TEXT },
    { "model", "Model", REPORT_TEXT },
    { "nodes", "Nodes", REPORT_COUNT },
    { "messages", "Messages", REPORT_COUNT },
    { "ns", "ns a message", REPORT_REAL },
    { "peak_mib", "Peak, MiB", REPORT_REAL },
    { "seconds", "Virtual end, s", REPORT_SECONDS },
    { "bytes_sent", "Bytes sent", REPORT_COUNT },
    { "bytes_arrived", "Arrived", REPORT_COUNT },
    { "bytes_lost", "Lost", REPORT_COUNT },
    /* from here on not for people */
    { "size", "Size", REPORT_REAL },
    { "rate", "Rate", REPORT_RATE },
    { "latency", "Latency", REPORT_REAL },
    { "idle_latency", "Idle latency", REPORT_BOOL },
    { "times", "Times", REPORT_COUNT },
    { "seed", "Seed", REPORT_COUNT },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), COLUMNS_MD = 11 };

static double rounded(double x)
{
    return round(x * 10) / 10;
}

static void show(const struct report *report, const struct run *run,
                 const struct result *result)
{
    const struct report_value row[COLUMNS] = {
        report_text(run->pattern->name),
        report_text(size_names[run->random_sizes]),
        report_text(model_names[run->model]),
        report_word(run->nodes),
        report_word(result->messages),
        report_real(rounded(result->wall)),
        report_real(rounded(result->peak / (1024 * 1024))),
        report_real(result->end),
        report_word(result->sent),
        report_word(result->arrived),
        report_word(result->lost),
        report_real(run->size),
        report_real(run->rate),
        report_real(run->latency),
        report_bool(run->idle_latency),
        report_word(run->times),
        report_word(run->seed),
    };
    report_row(report, row);
}

/* The best time and the least memory; all else is the same each time. */
static void measure(const struct options *o, const struct report *report,
                    size_t pattern, size_t model, size_t sizes, size_t nodes)
{
    struct run run = {
        .pattern = &patterns[pattern],
        .model = model,
        .random_sizes = sizes == 1,
        .nodes = nodes,
        .times = (uint64_t)o->times,
        .size = o->size,
        .rate = o->rate,
        .latency = o->latency,
        .idle_latency = o->idle_latency,
        .seed = o->seed,
    };
    struct result best = simulate_apart(&run);

    for (int i = 1; i < (int)o->repeat; i++) {
        struct result again = simulate_apart(&run);
        best.wall = fmin(best.wall, again.wall);
        best.peak = fmin(best.peak, again.peak);
    }
    show(report, &run, &best);
}

static void measure_all(const struct options *o, const struct report *report)
{
    for (size_t p = 0; p < o->patterns.n; p++)
        for (size_t s = 0; s < o->sizes.n; s++)
            for (size_t m = 0; m < o->models.n; m++)
                for (size_t n = 0; n < o->nodes.n; n++)
                    measure(o, report, o->patterns.index[p], o->models.index[m],
                            o->sizes.index[s], (size_t)o->nodes.values[n]);
}

int main(int argc, char **argv)
{
    struct options o = {
        .times = 1,
        .size = 1e6,
        .rate = 1e9,
        .seed = 1,
        .repeat = 1,
    };

    args_names(&o.patterns, "--pattern", "alltoall", pattern_names(), PATTERNS);
    args_names(&o.models, "--model", "greedy,maxmin", model_names, MODELS);
    args_names(&o.sizes, "--sizes", "random", size_names, 2);
    args_reals(&o.nodes, "--nodes", "16,64,256", &nodes_range);
    args_parse("distsys-network", &argp, argc, argv, &o);

    struct report report = {
        .out = stdout,
        .format = (enum report_format)o.format,
        .columns = columns,
        .n = o.format == REPORT_MD ? COLUMNS_MD : COLUMNS,
    };
    report_begin(&report);
    measure_all(&o, &report);
    free(o.patterns.index);
    free(o.models.index);
    free(o.sizes.index);
    free(o.nodes.values);
    return 0;
}
