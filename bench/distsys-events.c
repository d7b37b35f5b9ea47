/* distsys-events: what an event costs, beside what its thread switch costs
 * with nothing on top.
 *
 * Each workload runs its bodies up to a common start, lets a number of events
 * happen, and keeps everyone waiting until the last one is through, so that
 * neither the creation nor the end of threads is in the figure.  A figure is
 * the best of several runs, and the floor is measured between them. */

#include <distsys.h>
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/args.h"
#include "bench/floor.h"
#include "bench/report.h"
#include "config.h"

/* ---- What to run ----------------------------------------------------------*/

struct bench;

struct workload {
    const char *name;
    const char *what;
    void (*body)(ds_handle *h, void *arg);
    enum { FLOOR_HANDOFF, FLOOR_CREATE, FLOOR_SERIAL, FLOOR_NONE } floor;
};

/* One run of one workload.  The bodies share it, one at a time. */
struct bench {
    const struct workload *workload;
    size_t nodes;
    uint64_t rounds; /* events of each body */
    ds_loop *loop;
    ds_stream **streams; /* one for each body */
    struct body *bodies;
    size_t started;
    size_t finished;
    double since;    /* real time, in nanoseconds, from which the rest counts */
    double spent;    /* what has been counted; 0: nobody came to the end */
    double resident; /* bytes, when everyone was through */
};

struct body {
    struct bench *bench;
    size_t index;
};

static double resident_bytes(void)
{
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %lf", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

/* Counts the time since the last time that was taken. */
static void count_time(struct bench *b)
{
    double now = clock_ns();

    b->spent += now - b->since;
    b->since = now;
}

/* The first body to come back after everyone has started takes the time. */
static bool at_start(ds_handle *h, struct bench *b)
{
    if (!ds_sleep(h, 1))
        return false;
    if (b->started++ == 0)
        b->since = clock_ns();
    return true;
}

/* The last one takes it again; then they all may go. */
static void at_end(ds_handle *h, struct bench *b)
{
    ds_event never;

    if (++b->finished == b->nodes) {
        count_time(b);
        b->resident = resident_bytes();
        ds_stop(h);
        return;
    }
    ds_poll_timeout(h, NULL, 0, INFINITY, &never);
}

/* ---- The workloads --------------------------------------------------------*/

static void sleep_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;
    uint64_t random = body->index;

    if (!at_start(h, body->bench))
        return;
    for (uint64_t i = 0; i < body->bench->rounds; i++) {
        random = random * UINT64_C(6364136223846793005) +
                 UINT64_C(1442695040888963407);
        if (!ds_sleep(h, 1 + (double)(random >> 40)))
            return;
    }
    at_end(h, body->bench);
}

static void lockstep_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;

    if (!at_start(h, body->bench))
        return;
    for (uint64_t i = 0; i < body->bench->rounds; i++)
        if (!ds_sleep(h, 1))
            return;
    at_end(h, body->bench);
}

/* Sends to one stream and receives from the body's own. */
static void exchange(ds_handle *h, const struct body *body, size_t to)
{
    struct bench *b = body->bench;
    ds_event event;

    if (!at_start(h, b))
        return;
    for (uint64_t i = 0; i < b->rounds; i++) {
        ds_schedule(h, b->streams[to], 1, NULL, NULL);
        if (!ds_poll(h, b->streams[body->index], &event))
            return;
    }
    at_end(h, b);
}

static void ring_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;

    exchange(h, body, (body->index + 1) % body->bench->nodes);
}

/* Body 2i has the ball first; body 2i + 1 sends it back.  A last one without a
 * partner plays alone. */
static void pingpong_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;
    struct bench *b = body->bench;
    size_t partner = body->index ^ 1;
    bool first = body->index % 2 == 0;
    ds_event event;

    if (partner >= b->nodes)
        partner = body->index;
    if (!at_start(h, b))
        return;
    for (uint64_t i = 0; i < b->rounds; i++) {
        if (first)
            ds_schedule(h, b->streams[partner], 1, NULL, NULL);
        if (!ds_poll(h, b->streams[body->index], &event))
            return;
        if (!first)
            ds_schedule(h, b->streams[partner], 1, NULL, NULL);
    }
    at_end(h, b);
}

/* The bodies fill their streams in virtual time, then empty them in none.  What
 * it takes to get from one body to the next does not count. */
static void pending_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;
    struct bench *b = body->bench;
    ds_stream *stream = b->streams[body->index];
    ds_event event;

    for (uint64_t i = 0; i < b->rounds; i++)
        ds_schedule(h, stream, 0.5, NULL, NULL);
    if (!at_start(h, b))
        return;
    b->since = clock_ns();
    for (uint64_t i = 0; i < b->rounds; i++)
        if (!ds_poll(h, stream, &event))
            return;
    count_time(b);
    at_end(h, b);
}

/* When the last one starts, all others wait. */
static void spawn_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;
    struct bench *b = body->bench;
    ds_event never;

    if (++b->started == b->nodes) {
        count_time(b);
        b->resident = resident_bytes();
        ds_stop(h);
        return;
    }
    ds_poll_timeout(h, NULL, 0, INFINITY, &never);
}

/* About a millisecond of real work, which no compiler may skip. */
static void work(void *arg)
{
    volatile double *result = arg;
    double sum = 0;

    for (int i = 1; i < 800000; i++)
        sum += 1 / (double)i;
    *result = sum;
}

static void compute_body(ds_handle *h, void *arg)
{
    const struct body *body = arg;
    volatile double result;

    if (!at_start(h, body->bench))
        return;
    for (uint64_t i = 0; i < body->bench->rounds; i++)
        if (!ds_compute(h, 1, work, (void *)&result))
            return;
    at_end(h, body->bench);
}

static const struct workload workloads[] = {
    { "sleep", "each sleeps varying times", sleep_body, FLOOR_HANDOFF },
    { "lockstep", "all sleep to the same instants", lockstep_body,
      FLOOR_HANDOFF },
    { "ring", "a token each to the neighbour", ring_body, FLOOR_HANDOFF },
    { "pingpong", "one ball between two", pingpong_body, FLOOR_HANDOFF },
    { "pending", "poll alone, the events are there", pending_body, FLOOR_NONE },
    { "spawn", "create, and wait for the first time", spawn_body,
      FLOOR_CREATE },
    { "compute", "a millisecond of real work each", compute_body,
      FLOOR_SERIAL },
};
enum { WORKLOADS = sizeof(workloads) / sizeof(*workloads) };

/* ---- Running one ----------------------------------------------------------*/

static void check_run(const struct bench *b, ds_status status)
{
    if (status != DS_STOPPED || b->spent == 0)
        errx(1, "%s with %zu nodes: %s", b->workload->name, b->nodes,
             ds_loop_error(b->loop));
}

/* Nanoseconds an event; adds to *resident_each the bytes for each node. */
static double run_once(struct bench *b, ds_exec exec, double *resident_each)
{
    double before = resident_bytes();

    b->loop = ds_loop_new(&(ds_loop_config){ .exec = exec });
    b->streams = args_alloc(b->nodes, sizeof(*b->streams));
    b->bodies = args_alloc(b->nodes, sizeof(*b->bodies));
    b->started = b->finished = 0;
    b->spent = 0;
    b->since = clock_ns();
    for (size_t i = 0; i < b->nodes; i++) {
        b->streams[i] = ds_stream_new(b->loop);
        b->bodies[i] = (struct body){ b, i };
        ds_spawn(b->loop, b->workload->body, &b->bodies[i]);
    }
    check_run(b, ds_loop_run(b->loop));
    *resident_each = (b->resident - before) / (double)b->nodes;
    ds_loop_free(b->loop);
    free(b->streams);
    free(b->bodies);
    return b->spent / ((double)b->nodes * (double)b->rounds);
}

/* What the work takes when one processor does it all. */
static double floor_serial(uint64_t times)
{
    volatile double result;
    double begin = clock_ns();

    for (uint64_t i = 0; i < times; i++)
        work((void *)&result);
    return (clock_ns() - begin) / (double)times;
}

/* NaN: there is none to compare with. */
static double run_floor(const struct bench *b, ds_exec exec)
{
    uint64_t events = b->nodes * b->rounds;

    switch (b->workload->floor) {
    case FLOOR_HANDOFF:
        if (exec == DS_THREADS && b->nodes >= 2)
            return floor_handoff(b->nodes, events);
        break;
    case FLOOR_CREATE:
        if (exec == DS_THREADS)
            return floor_create(b->nodes, 256 * 1024);
        break;
    case FLOOR_SERIAL:
        return floor_serial(events);
    case FLOOR_NONE:
        break;
    }
    return NAN;
}

/* Events of each body: enough to measure, few enough to wait for. */
static uint64_t choose_rounds(const struct workload *w, ds_exec exec,
                              size_t nodes, double events)
{
    if (w->body == spawn_body)
        return 1;
    if (events == 0) {
        events = exec == DS_FIBERS ? 2e6 : 1e5;
        if (w->body == compute_body)
            events = 64;
        if (w->body == pending_body)
            events = 1e5;
    }
    double rounds = ceil(events / (double)nodes);
    return rounds < 5 ? 5 : (uint64_t)rounds;
}

/* ---- The command line -----------------------------------------------------*/

struct options {
    struct args_names workloads;
    struct args_names execs;
    struct args_reals nodes;
    double events;
    double repeat;
    size_t format;
};

static const char *const exec_names[] = { "threads", "fibers" };

static const struct args_range nodes_range = {
    .allowed = "whole numbers from 1 to 10M",
    .min = 1,
    .max = 1e7,
    .whole = true,
    .units = args_counts,
};
static const struct args_range events_range = {
    .allowed = "a whole number from 1 to 1T",
    .min = 1,
    .max = 1e12,
    .whole = true,
    .units = args_counts,
};
static const struct args_range repeat_range = {
    .allowed = "a whole number from 1 to 1000",
    .min = 1,
    .max = 1000,
    .whole = true,
};

static const char *const *workload_names(void)
{
    static const char *names[WORKLOADS];

    for (size_t i = 0; i < WORKLOADS; i++)
        names[i] = workloads[i].name;
    return names;
}

enum { OPT_EXEC = 256, OPT_EVENTS, OPT_REPEAT, OPT_FORMAT, OPT_LIST };

static const struct argp_option option_table[] = {
    { "workload", 'w', "NAMES", 0, "Which workloads to run (all)", 0 },
    { "nodes", 'n', "LIST", 0, "How many simulated threads (64,1000)", 0 },
    { "exec", OPT_EXEC, "NAMES", 0, "threads, fibers, or both (threads)", 0 },
    { "events", OPT_EVENTS, "N", 0,
      "How many events in all (100k on threads, 2M on fibers)", 0 },
    { "repeat", OPT_REPEAT, "N", 0, "Show the best of N runs (3)", 0 },
    { "format", OPT_FORMAT, "FORMAT", 0, "md, csv or json (md)", 0 },
    { "list", OPT_LIST, NULL, 0, "List the workloads", 0 },
    { 0 },
};

static void list_workloads(void)
{
    for (size_t i = 0; i < WORKLOADS; i++)
        printf("%-10s %s\n", workloads[i].name, workloads[i].what);
    exit(0);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'w':
        args_names(&o->workloads, "--workload", arg, workload_names(),
                   WORKLOADS);
        return 0;
    case 'n':
        args_reals(&o->nodes, "--nodes", arg, &nodes_range);
        return 0;
    case OPT_EXEC:
        args_names(&o->execs, "--exec", arg, exec_names, 2);
        return 0;
    case OPT_EVENTS:
        o->events = args_real("--events", arg, &events_range);
        return 0;
    case OPT_REPEAT:
        o->repeat = args_real("--repeat", arg, &repeat_range);
        return 0;
    case OPT_FORMAT:
        o->format =
            args_choice("--format", arg, report_formats, REPORT_FORMATS);
        return 0;
    case OPT_LIST:
        list_workloads();
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = option_table,
    .parser = parse_option,
    .doc = "Measures what an event costs in real time, and beside it the "
           "floor: a bare handoff among as many threads on one processor.  "
           "ns is the best of several runs; ratio is ns / floor.",
};

/* ---- Results --------------------------------------------------------------*/

static const struct report_column columns[] = {
    { "workload", "Workload", REPORT_TEXT },
    { "exec", "Execution", REPORT_TEXT },
    { "nodes", "Nodes", REPORT_COUNT },
    { "events", "Events", REPORT_COUNT },
    { "ns", "ns an event", REPORT_REAL },
    { "floor_ns", "Floor, ns", REPORT_REAL },
    { "ratio", "Ratio", REPORT_REAL },
    { "resident_kib", "Resident, KiB a node", REPORT_REAL },
};

static double rounded(double x)
{
    double unit = fabs(x) < 10 ? 100 : 1;

    return round(x * unit) / unit;
}

static void measure(const struct options *o, const struct report *report,
                    const struct workload *w, ds_exec exec, size_t nodes)
{
    struct bench b = {
        .workload = w,
        .nodes = nodes,
        .rounds = choose_rounds(w, exec, nodes, o->events),
    };
    double ns = INFINITY;
    double least = NAN;
    double resident = INFINITY;

    for (int i = 0; i < (int)o->repeat; i++) {
        double each;
        least = fmin(run_floor(&b, exec), least);
        ns = fmin(run_once(&b, exec, &each), ns);
        if (i == 0)
            resident = each; /* later runs find memory that was used before */
    }
    const struct report_value row[] = {
        report_text(w->name),
        report_text(exec_names[exec]),
        report_word(nodes),
        report_word(nodes * b.rounds),
        report_real(rounded(ns)),
        report_real(rounded(least)),
        report_real(rounded(ns / least)),
        report_real(rounded(resident / 1024)),
    };
    report_row(report, row);
    args_check_output();
}

int main(int argc, char **argv)
{
    struct options o = { .repeat = 3 };

    args_names(&o.workloads, "--workload", "all", workload_names(), WORKLOADS);
    args_names(&o.execs, "--exec", "threads", exec_names, 2);
    args_reals(&o.nodes, "--nodes", "64,1000", &nodes_range);
    args_parse("distsys-events", &argp, argc, argv, &o);

    struct report report = {
        .out = stdout,
        .format = (enum report_format)o.format,
        .columns = columns,
        .n = sizeof(columns) / sizeof(*columns),
    };
    unsetenv("DISTSYS_EXEC");
    report_begin(&report);
    for (size_t w = 0; w < o.workloads.n; w++)
        for (size_t e = 0; e < o.execs.n; e++)
            for (size_t n = 0; n < o.nodes.n; n++)
                measure(&o, &report, &workloads[o.workloads.index[w]],
                        (ds_exec)o.execs.index[e], (size_t)o.nodes.values[n]);
    free(o.workloads.index);
    free(o.execs.index);
    free(o.nodes.values);
    return 0;
}
