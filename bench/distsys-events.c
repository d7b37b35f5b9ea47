/* distsys-events: what an event costs, beside what its thread switch costs
 * with nothing on top.
 *
 * Each workload runs its bodies up to a common start, lets a number of events
 * happen, and keeps everyone waiting until the last one is through, so that
 * neither the creation nor the end of threads is in the figure.  A figure is
 * the best of several runs, and the floor is measured between them. */

#include <distsys.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/common/measure.h"
#include "bench/common/rows.h"
#include "bench/common/setting.h"
#include "bench/common/traced.h"
#include "bench/floor.h"
#include "bench/trace/file.h"

/* ---- What to run ----------------------------------------------------------*/

typedef struct bench bench;

typedef struct workload {
    const char *name;
    const char *what;
    void (*body)(ds_handle *h, void *arg);
    enum { FLOOR_HANDOFF, FLOOR_CREATE, FLOOR_SERIAL, FLOOR_NONE } floor;
    ds_net *(*net)(bench *b); /* NULL: none */
} workload;

typedef struct body body;

/* One run of one workload.  The bodies share it, one at a time. */
struct bench {
    const workload *workload;
    size_t nodes;
    uint64_t rounds;       /* events of each body */
    double (*clock)(void); /* what time is taken by, in nanoseconds */
    ds_loop *loop;
    ds_stream **streams; /* one for each body, likewise the next two */
    ds_node **machines;  /* if there is a network */
    ds_port **ports;
    ds_net *net;
    ds_greedy_switch model;
    body *bodies;
    size_t started;
    size_t finished;
    double since;    /* real time, in nanoseconds, from which the rest counts */
    double spent;    /* what has been counted; 0: nobody came to the end */
    double resident; /* bytes, when everyone was through */
};

struct body {
    bench *bench;
    size_t index;
};

/* Of the thread that has all fibers: others may encode and write meanwhile. */
static double own_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

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
static void count_time(bench *b)
{
    double now = b->clock();

    b->spent += now - b->since;
    b->since = now;
}

/* The first body to come back after everyone has started takes the time. */
static bool at_start(ds_handle *h, bench *b)
{
    if (!ds_sleep(h, 1))
        return false;
    if (b->started++ == 0)
        b->since = b->clock();
    return true;
}

/* The last one takes it again; then they all may go. */
static void at_end(ds_handle *h, bench *b)
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
    const body *me = arg;
    uint64_t random = me->index;

    if (!at_start(h, me->bench))
        return;
    for (uint64_t i = 0; i < me->bench->rounds; i++) {
        if (!ds_sleep(h, 1 + (double)(measure_random(&random) >> 40)))
            return;
    }
    at_end(h, me->bench);
}

static void lockstep_body(ds_handle *h, void *arg)
{
    const body *me = arg;

    if (!at_start(h, me->bench))
        return;
    for (uint64_t i = 0; i < me->bench->rounds; i++)
        if (!ds_sleep(h, 1))
            return;
    at_end(h, me->bench);
}

/* Sends to one stream and receives from the body's own. */
static void exchange(ds_handle *h, const body *me, size_t to)
{
    bench *b = me->bench;
    ds_event event;

    if (!at_start(h, b))
        return;
    for (uint64_t i = 0; i < b->rounds; i++) {
        ds_schedule(h, b->streams[to], 1, NULL, NULL);
        if (!ds_poll(h, b->streams[me->index], &event))
            return;
    }
    at_end(h, b);
}

static void ring_body(ds_handle *h, void *arg)
{
    const body *me = arg;

    exchange(h, me, (me->index + 1) % me->bench->nodes);
}

/* Body 2i has the ball first; body 2i + 1 sends it back.  A last one without a
 * partner plays alone. */
static void pingpong_body(ds_handle *h, void *arg)
{
    const body *me = arg;
    bench *b = me->bench;
    size_t partner = me->index ^ 1;
    bool first = me->index % 2 == 0;
    ds_event event;

    if (partner >= b->nodes)
        partner = me->index;
    if (!at_start(h, b))
        return;
    for (uint64_t i = 0; i < b->rounds; i++) {
        if (first)
            ds_schedule(h, b->streams[partner], 1, NULL, NULL);
        if (!ds_poll(h, b->streams[me->index], &event))
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
    const body *me = arg;
    bench *b = me->bench;
    ds_stream *stream = b->streams[me->index];
    ds_event event;

    for (uint64_t i = 0; i < b->rounds; i++)
        ds_schedule(h, stream, 0.5, NULL, NULL);
    if (!at_start(h, b))
        return;
    b->since = b->clock();
    for (uint64_t i = 0; i < b->rounds; i++)
        if (!ds_poll(h, stream, &event))
            return;
    count_time(b);
    at_end(h, b);
}

/* Sends a message to the neighbour, and receives one. */
static void message_body(ds_handle *h, void *arg)
{
    const body *me = arg;
    bench *b = me->bench;
    ds_port *mine = b->ports[me->index];
    ds_port *next = b->ports[(me->index + 1) % b->nodes];
    ds_msg msg;

    if (!at_start(h, b))
        return;
    for (uint64_t i = 0; i < b->rounds; i++) {
        ds_send(h, b->net,
                (ds_msg){ .source = mine, .dest = next, .size = 1000 });
        if (!ds_recv(h, mine, &msg))
            return;
    }
    at_end(h, b);
}

static ds_net *random_net(bench *b)
{
    return ds_random_net_new(b->loop, 1);
}

/* Latencies and bytes take as long as each other. */
static ds_net *switched_net(bench *b)
{
    b->model = ds_greedy_switch_uniform(b->nodes, 1e9);
    return ds_switched_net_new(b->loop, &(ds_switched_net_config){
                                            .nodes = b->machines,
                                            .num_nodes = b->nodes,
                                            .model = &b->model.base,
                                            .latency = 1e-6,
                                        });
}

/* When the last one starts, all others wait. */
static void spawn_body(ds_handle *h, void *arg)
{
    const body *me = arg;
    bench *b = me->bench;
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
    const body *me = arg;
    volatile double result;

    if (!at_start(h, me->bench))
        return;
    for (uint64_t i = 0; i < me->bench->rounds; i++)
        if (!ds_compute(h, 1, work, (void *)&result))
            return;
    at_end(h, me->bench);
}

/* One of those for which a loop is made, run and freed. */
static void loops_body(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
}

static const workload workloads[] = {
    { "sleep", "each sleeps varying times", sleep_body, FLOOR_HANDOFF, NULL },
    { "lockstep", "all sleep to the same instants", lockstep_body,
      FLOOR_HANDOFF, NULL },
    { "ring", "a token each to the neighbour", ring_body, FLOOR_HANDOFF, NULL },
    { "pingpong", "one ball between two", pingpong_body, FLOOR_HANDOFF, NULL },
    { "pending", "poll alone, the events are there", pending_body, FLOOR_NONE,
      NULL },
    { "message", "a message each to the neighbour, by a random network",
      message_body, FLOOR_HANDOFF, random_net },
    { "switched", "the same by a switch", message_body, FLOOR_HANDOFF,
      switched_net },
    { "spawn", "create, and wait for the first time", spawn_body, FLOOR_CREATE,
      NULL },
    { "compute", "a millisecond of real work each", compute_body, FLOOR_SERIAL,
      NULL },
    { "loops", "make, run and free one loop after the other", loops_body,
      FLOOR_NONE, NULL },
};
enum { WORKLOADS = sizeof(workloads) / sizeof(*workloads) };

/* ---- Running one ----------------------------------------------------------*/

static failure failure_of(const bench *b, ds_status status)
{
    if (status == DS_STOPPED && b->spent > 0)
        return SUCCESS;
    return failure_new(EXIT_FAILURE, "%s with %zu nodes: %s", b->workload->name,
                       b->nodes, ds_loop_error(b->loop));
}

/* Each body has a machine with a port. */
static void plug_in(bench *b)
{
    for (size_t i = 0; i < b->nodes; i++) {
        b->machines[i] = ds_node_new(b->loop);
        b->ports[i] = ds_port_new(b->machines[i]);
    }
    b->net = b->workload->net(b);
}

static void spawn_bodies(bench *b)
{
    if (b->workload->net != NULL)
        plug_in(b);
    for (size_t i = 0; i < b->nodes; i++) {
        b->streams[i] = ds_stream_new(b->loop);
        b->bodies[i] = (body){ b, i };
        ds_spawn(b->loop, b->workload->body, &b->bodies[i]);
    }
}

static failure run_one_loop(bench *b, ds_exec exec)
{
    failure why = SUCCESS;

    b->loop = setting_loop_new(0, (size_t)exec);
    for (size_t i = 0; i < b->nodes; i++)
        ds_spawn(b->loop, b->workload->body, NULL);
    if (ds_loop_run(b->loop) != DS_OK)
        why = failure_new(EXIT_FAILURE, "%s with %zu nodes: %s",
                          b->workload->name, b->nodes, ds_loop_error(b->loop));
    ds_loop_free(b->loop);
    return why;
}

/* The same as run_once(), for which each body of each loop is an event. */
static failure run_loops(bench *b, ds_exec exec, double *ns,
                         double *resident_each)
{
    failure why = SUCCESS;
    double before = resident_bytes();
    double since = measure_clock();

    for (uint64_t i = 0; i < b->rounds && why.status == 0; i++)
        why = run_one_loop(b, exec);
    *ns = (measure_clock() - since) / ((double)b->nodes * (double)b->rounds);
    *resident_each = (resident_bytes() - before) / (double)b->nodes;
    return why;
}

/* Nanoseconds an event, and the bytes for each node. */
static failure run_once(bench *b, ds_exec exec, double *ns,
                        double *resident_each)
{
    double before = resident_bytes();

    if (b->workload->body == loops_body)
        return run_loops(b, exec, ns, resident_each);
    b->loop = setting_loop_new(0, (size_t)exec);
    b->streams = args_alloc(b->nodes, sizeof(*b->streams));
    b->machines = args_alloc(b->nodes, sizeof(*b->machines));
    b->ports = args_alloc(b->nodes, sizeof(*b->ports));
    b->bodies = args_alloc(b->nodes, sizeof(*b->bodies));
    b->started = b->finished = 0;
    b->spent = 0;
    b->since = b->clock();
    spawn_bodies(b);
    failure why = failure_of(b, ds_loop_run(b->loop));
    *ns = b->spent / ((double)b->nodes * (double)b->rounds);
    *resident_each = (b->resident - before) / (double)b->nodes;
    ds_loop_free(b->loop);
    free(b->streams);
    free(b->machines);
    free(b->ports);
    free(b->bodies);
    return why;
}

/* What the work takes when one processor does it all. */
static double floor_serial(uint64_t times)
{
    volatile double result;
    double begin = measure_clock();

    for (uint64_t i = 0; i < times; i++)
        work((void *)&result);
    return (measure_clock() - begin) / (double)times;
}

/* NaN: there is none to compare with. */
static failure run_floor(const bench *b, ds_exec exec, double *ns)
{
    uint64_t events = b->nodes * b->rounds;

    *ns = NAN;
    switch (b->workload->floor) {
    case FLOOR_HANDOFF:
        if (exec == DS_THREADS && b->nodes >= 2)
            return floor_handoff(b->nodes, events, ns);
        break;
    case FLOOR_CREATE:
        if (exec == DS_THREADS)
            return floor_create(b->nodes, 256 * 1024, ns);
        break;
    case FLOOR_SERIAL:
        *ns = floor_serial(events);
        break;
    case FLOOR_NONE:
        break;
    }
    return SUCCESS;
}

/* Events of each body: enough to measure, few enough to wait for. */
static uint64_t choose_rounds(const workload *w, ds_exec exec, size_t nodes,
                              double events)
{
    if (w->body == spawn_body)
        return 1;
    if (events == 0) {
        events = exec == DS_FIBERS ? 2e6 : 1e5;
        if (w->body == compute_body)
            events = 64;
        if (w->body == pending_body || w->body == loops_body)
            events = 1e5;
    }
    double rounds = ceil(events / (double)nodes);
    return rounds < 5 ? 5 : (uint64_t)rounds;
}

/* ---- The command line -----------------------------------------------------*/

typedef struct options {
    args_names workloads;
    args_names execs;
    args_reals nodes;
    double events;
    size_t repeat;
    const char *trace;
    size_t format;
    bool list;
} options;

static const args_range nodes_range = {
    .allowed = "whole numbers from 1 to 10M",
    .min = 1,
    .max = 1e7,
    .whole = true,
    .units = args_counts,
};
static const args_range events_range = {
    .allowed = "a whole number from 1 to 1T",
    .min = 1,
    .max = 1e12,
    .whole = true,
    .units = args_counts,
};

static const char *workload_names[WORKLOADS];
static const args_known known_workloads = { workload_names, WORKLOADS };

/* A row of output. */
typedef struct figure {
    const char *workload;
    const char *exec;
    size_t nodes;
    size_t events;
    double ns;
    double floor;
    double ratio;
    double resident; /* KiB a node */
    double traced;   /* ns an event, with a trace */
    double records;  /* of an event */
    double record;   /* ns each */
} figure;

#define COLUMN(name, title, type, get, member)                                 \
    {                                                                          \
        name, title, type, get, offsetof(figure, member), 0                    \
    }

enum { WORKLOAD, NODES, EXEC, EVENTS, REPEAT, TRACE, FORMAT, LIST, OPTIONS };
static const args_option table[OPTIONS] = {
    [WORKLOAD] = {
        .name = "workload",
        .letter = 'w',
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, workloads),
        .known = &known_workloads,
        .preset = "all",
        .help = "Which workloads to run",
        .column =
            COLUMN("workload", "Workload", ROWS_TEXT, rows_get_text, workload),
    },
    [NODES] = {
        .name = "nodes",
        .letter = 'n',
        .unit = "LIST",
        .type = ARGS_REALS,
        .at = offsetof(options, nodes),
        .range = &nodes_range,
        .preset = "64,1000",
        .help = "How many simulated threads",
        .column = COLUMN("nodes", "Nodes", ROWS_COUNT, rows_get_size, nodes),
    },
    [EXEC] = {
        .name = "exec",
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, execs),
        .known = &setting_execs,
        .preset = "fibers,threads",
        .help = "fibers, threads, or both",
        .column = COLUMN("exec", "Execution", ROWS_TEXT, rows_get_text, exec),
    },
    [EVENTS] = {
        .name = "events",
        .unit = "N",
        .type = ARGS_REAL,
        .at = offsetof(options, events),
        .range = &events_range,
        .shown = "100k on threads, 2M on fibers",
        .help = "How many events in all",
        .column = COLUMN("events", "Events", ROWS_COUNT, rows_get_size, events),
    },
    [REPEAT] = {
        .name = "repeat",
        .unit = "N",
        .type = ARGS_COUNT,
        .at = offsetof(options, repeat),
        .range = &measure_repeat_range,
        .preset = "3",
        .help = "Show the best of N runs",
    },
    [TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, trace),
        .help = "Run each a second time with a trace there, and show what a "
                "record costs",
    },
    [FORMAT] = ARGS_FORMAT_ROW(0, offsetof(options, format)),
    [LIST] = {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the workloads",
    },
};

/* ---- Results --------------------------------------------------------------*/

#define RESULT(name, title, member)                                            \
    &(const rows_column)COLUMN(name, title, ROWS_REAL, rows_get_real, member)
static const rows_column *const columns[] = {
    &table[WORKLOAD].column,
    &table[EXEC].column,
    &table[NODES].column,
    &table[EVENTS].column,
    RESULT("ns", "ns an event", ns),
    RESULT("floor_ns", "Floor, ns", floor),
    RESULT("ratio", "Ratio", ratio),
    RESULT("resident_kib", "Resident, KiB a node", resident),
    RESULT("traced_ns", "Traced, ns", traced),
    RESULT("records", "Records an event", records),
    RESULT("record_ns", "ns a record", record),
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), OF_TRACES = 3 };

/* How many records a traced run has made. */
static failure count_records(const char *trace, double *n)
{
    char *name = traced_file(trace);
    trace_file file;
    failure why = trace_open(&file, name);
    if (why.status == 0) {
        *n = (double)file.total;
        trace_close(&file);
    }
    free(name);
    return why;
}

static failure measure_traced(bench *b, ds_exec exec, const char *trace,
                              figure *f)
{
    double ns, resident, records;

    setenv("DISTSYS_TRACE", trace, 1);
    failure why = run_once(b, exec, &ns, &resident);
    unsetenv("DISTSYS_TRACE");
    if (why.status == 0)
        why = count_records(trace, &records);
    if (why.status != 0)
        return why;
    f->traced = fmin(ns, f->traced);
    f->records = records / (double)f->events;
    return why;
}

static failure measure_once(bench *b, ds_exec exec, const char *trace,
                            figure *f)
{
    double floor, ns, resident;
    failure why = run_floor(b, exec, &floor);

    if (why.status == 0)
        why = run_once(b, exec, &ns, &resident);
    if (why.status == 0 && trace != NULL)
        why = measure_traced(b, exec, trace, f);
    if (why.status != 0)
        return why;
    f->floor = fmin(floor, f->floor);
    f->ns = fmin(ns, f->ns);
    if (isnan(f->resident)) /* later runs find memory that was used before */
        f->resident = resident / 1024;
    return why;
}

/* The best of several runs. */
static failure measure(bench *b, ds_exec exec, const options *o, figure *f)
{
    failure why = SUCCESS;

    *f = (figure){
        .workload = b->workload->name,
        .exec = setting_execs.names[exec],
        .nodes = b->nodes,
        .events = b->nodes * b->rounds,
        .ns = INFINITY,
        .floor = NAN,
        .resident = NAN,
        .traced = NAN,
    };
    for (size_t i = 0; i < o->repeat && why.status == 0; i++)
        why = measure_once(b, exec, o->trace, f);
    f->record = measure_rounded((f->traced - f->ns) / f->records);
    f->records = measure_rounded(f->records);
    f->traced = measure_rounded(f->traced);
    f->ratio = measure_rounded(f->ns / f->floor);
    f->ns = measure_rounded(f->ns);
    f->floor = measure_rounded(f->floor);
    f->resident = measure_rounded(f->resident);
    return why;
}

static failure measure_one(const options *o, const rows_table *rows, size_t w,
                           ds_exec exec, size_t nodes)
{
    const workload *what = &workloads[w];
    bench b = {
        .workload = what,
        .nodes = nodes,
        .rounds = choose_rounds(what, exec, nodes, o->events),
        .clock =
            o->trace != NULL && exec == DS_FIBERS ? own_clock : measure_clock,
    };
    figure f;
    failure why = measure(&b, exec, o, &f);

    if (why.status == 0 && !rows_add(rows, &f))
        why = failure_of_output();
    return why;
}

static failure measure_all(const options *o)
{
    rows_table rows = { stdout, (rows_format)o->format, columns,
                        o->trace == NULL ? COLUMNS - OF_TRACES : COLUMNS };
    size_t n = o->workloads.n * o->execs.n * o->nodes.n;
    failure why = traced_try(o->trace);

    if (why.status == 0 && !rows_begin(&rows))
        why = failure_of_output();
    if (o->trace != NULL)
        unsetenv("DISTSYS_TRACE");
    for (size_t i = 0; i < n && why.status == 0; i++) {
        size_t rest = i / o->nodes.n;

        why = measure_one(o, &rows, o->workloads.index[rest / o->execs.n],
                          (ds_exec)o->execs.index[rest % o->execs.n],
                          (size_t)o->nodes.values[i % o->nodes.n]);
    }
    return why;
}

static void list_workloads(void)
{
    for (size_t i = 0; i < WORKLOADS; i++)
        printf("%-10s %s\n", workloads[i].name, workloads[i].what);
}

static const args_program program = {
    "distsys-events",
    "Measures what an event costs in real time, and beside it the floor: a "
    "bare handoff among as many threads on one processor.  ns is the best of "
    "several runs; ratio is ns / floor.",
};

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < WORKLOADS; i++)
        workload_names[i] = workloads[i].name;
    failure why = args_parse(&program, tables, 1, argc, argv);
    if (why.status == 0 && o.list)
        list_workloads();
    else if (why.status == 0)
        why = measure_all(&o);
    args_free(tables, 1);
    return args_end(why);
}
