/* distsys-mpirun: runs an MPI program in virtual time, all of its ranks in this
 * process. */

#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/common/fabric.h"
#include "bench/common/model.h"
#include "bench/common/report.h"
#include "bench/common/setting.h"
#include "bench/common/traced.h"
#include "bench/mpirun/choose.h"
#include "bench/mpirun/see.h"
#include "bench/mpirun/seeds.h"
#include "bench/mpirun/tables.h"
#include "image/locals.h"
#include "image/room.h"
#include "mpi/bind/names.h"
#include "mpi/run/host.h"
#include "mpi/run/missing.h"
#include "mpi/run/output.h"
#include "mpi/run/signal.h"
#include "mpi/run/profile.h"
#include "mpi/run/watch.h"

#define PROGRAM "distsys-mpirun"

typedef struct options {
    size_t ranks;   /* 0: nobody said */
    double latency; /* NAN: nobody said */
    double rate;    /* the same */
    double eager;
    double reading;
    char *coll;
    chooser *chooser;
    double stack;
    size_t model;
    size_t exec;
    uint64_t seed;
    const char *trace;
    ds__output_config output;
    size_t check;
    bool strict;
    bool missing;
    bool quiet;
    fabric_options fabric;
    see_options see;
    ds__compute_config compute;
    double bare_from; /* bytes */
} options;

static const char *const checks[] = { "none", "usual", "full" };
static const args_known check_names = { checks, 3 };

static const args_range ranks_range = {
    .allowed = "whole numbers from 1 to 1000000, also as in 1k",
    .min = 1,
    .max = 1e6,
    .whole = true,
    .units = args_counts,
};
static const args_range stack_range = {
    .allowed = "bytes from 64k to 1G, also as in 8M",
    .min = 64e3,
    .max = 1e9,
    .units = args_counts,
};

enum {
    RANKS,
    LATENCY,
    RATE,
    MODEL,
    EAGER,
    OPERATOR,
    COLL,
    STACK,
    SEED,
    EXEC,
    TRACE,
    CHECK,
    STRICT,
    TAG,
    OUTPUT,
    MISSING,
    QUIET,
    OPTIONS,
};

static const args_option table[OPTIONS] = {
    [RANKS] = {
        .name = "ranks",
        .letter = 'n',
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, ranks),
        .range = &ranks_range,
        .shown = "1, or one for each host of a topology",
        .help = "How many ranks there are",
    },
    [LATENCY] = {
        .name = "latency",
        .letter = 'l',
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, latency),
        .range = &setting_latency_range,
        .shown = "1us",
        .help = "Of each message",
    },
    [RATE] = {
        .name = "rate",
        .letter = 'r',
        .unit = "RATE",
        .type = ARGS_REAL,
        .at = offsetof(options, rate),
        .range = &setting_rate_range,
        .shown = "10G",
        .help = "Bytes a second of each rank's port, in each direction",
    },
    [MODEL] = {
        .name = "model",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, model),
        .known = &model_names,
        .preset = "maxmin",
        .help = "How messages share ports: greedy or maxmin",
    },
    [EAGER] = {
        .name = "eager",
        .unit = "BYTES",
        .type = ARGS_REAL,
        .at = offsetof(options, eager),
        .range = &setting_bytes_range,
        .preset = "65536",
        .help = "A message of more bytes than this leaves when its receiver "
                "has come",
    },
    [OPERATOR] = {
        .name = "operator",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, reading),
        .range = &setting_latency_range,
        .preset = "1ns",
        .help = "For each element that the operator of a reduction reads",
    },
    [COLL] = {
        .name = "coll",
        .unit = "LIST",
        .type = ARGS_JOINED,
        .at = offsetof(options, coll),
        .shown = "the first algorithm of each kind",
        .help = "How collectives are done: NAME:ALGORITHM, such as "
                "allreduce:ring; mpich or ompi, as these libraries choose; "
                "best, by closed forms; or a FILE of rules",
    },
    [STACK] = {
        .name = "stack",
        .unit = "BYTES",
        .type = ARGS_REAL,
        .at = offsetof(options, stack),
        .range = &stack_range,
        .preset = "1M",
        .help = "Of each rank",
    },
    [SEED] = {
        .name = "seed",
        .unit = "SEED",
        .type = ARGS_WORD,
        .at = offsetof(options, seed),
        .preset = "0",
        .variable = "DISTSYS_SEED",
        .help = "Of the order of what happens at one instant",
    },
    [EXEC] = SETTING_EXEC_ROW(offsetof(options, exec), "ranks"),
    [TRACE] = {
        .name = "trace",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, trace),
        .help = "Write a trace of the run",
    },
    [CHECK] = {
        .name = "check",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, check),
        .known = &check_names,
        .preset = "usual",
        .help = "How much is looked for mistakes: none, usual or full",
    },
    [STRICT] = {
        .name = "strict",
        .type = ARGS_FLAG,
        .at = offsetof(options, strict),
        .help = "Mistakes that did not stop the program make the run fail",
    },
    [TAG] = {
        .name = "tag",
        .type = ARGS_FLAG,
        .at = offsetof(options, output.tag),
        .help = "Put rank and virtual time before each line that is printed",
    },
    [OUTPUT] = {
        .name = "output",
        .unit = "FOLDER",
        .type = ARGS_STRING,
        .at = offsetof(options, output.folder),
        .help = "Put what ranks print into FOLDER/rank.0 and so on",
    },
    [MISSING] = {
        .name = "missing",
        .type = ARGS_FLAG,
        .at = offsetof(options, missing),
        .help = "Only list what the program uses of MPI that is not there",
    },
    [QUIET] = {
        .name = "quiet",
        .letter = 'q',
        .type = ARGS_FLAG,
        .at = offsetof(options, quiet),
        .help = "Say nothing of the run at its end",
    },
};

static const args_program program = {
    PROGRAM,
    "Runs a program that uses MPI, with all its ranks in one process and in "
    "virtual time.\v"
    "The program has been compiled by distsys-mpicc, or for the ABI of MPI 5.0 "
    "or of MPICH.  Options before it are for distsys-mpirun, those behind it "
    "are its own.",
};

/* Status 1: there are some. */
static int list_missing(void)
{
    const size_t n = ds__missing_count();

    for (size_t i = 0; i < n; i++)
        printf("%s\n", ds__missing_name(i));
    return n > 0;
}

static void say_missing(const char *file)
{
    const size_t n = ds__missing_count();

    if (n == 0)
        return;
    fprintf(stderr, PROGRAM ": %s uses what is not there:", file);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, " %s", ds__missing_name(i));
    fprintf(stderr, "\n");
}

/* ---- On which network -----------------------------------------------------*/

/* A topology, and what went wrong in telling how its links were used. */
typedef struct network {
    const fabric *fabric;
    rows_format format;
    failure why;
} network;

static ds_net *make_net(void *arg, ds_loop *loop, ds_node *const *nodes,
                        size_t n)
{
    const network *net = arg;

    return fabric_net(net->fabric, loop, nodes, n, false, NULL);
}

/* Behind all that the program has printed. */
static void report_links(void *arg, const ds_net *net, double seconds)
{
    network *told = arg;
    ds_link_use *uses = report_take(told->fabric, net);

    if (uses != NULL)
        told->why = report_show(&(report){ .fabric = told->fabric,
                                           .uses = uses,
                                           .seconds = seconds,
                                           .heading = "the whole run" },
                                told->format, false);
    free(uses);
}

static failure complete_on_topology(options *o, const fabric *f)
{
    if (!isnan(o->rate))
        return fabric_refuse("--rate", "rate= in its text");
    if (!isnan(o->latency))
        return fabric_refuse("--latency", "latency= in its text");
    if (o->model != MODEL_MAXMIN)
        return fabric_refuse("--model", "maxmin");
    if (o->ranks == 0)
        o->ranks = f->most;
    return fabric_check(f, "--ranks", (double)o->ranks);
}

static failure complete(options *o, const fabric *f)
{
    if (fabric_is_open(f))
        return complete_on_topology(o, f);
    if (o->ranks == 0)
        o->ranks = 1;
    if (isnan(o->latency))
        o->latency = 1e-6;
    if (isnan(o->rate))
        o->rate = 1e10;
    return SUCCESS;
}

/* ---- The run --------------------------------------------------------------*/

static void say_network(const options *o, const fabric *f)
{
    if (fabric_is_open(f))
        fprintf(stderr, "topology %s, map %s", f->topology_text, f->map);
    else
        fprintf(stderr, "%g s and %g B/s", o->latency, o->rate);
}

/* What is not as usual. */
static void say_unusual(const options *o)
{
    if (!isinf(o->bare_from))
        fprintf(stderr, ", messages of %g B and more without bytes",
                o->bare_from);
    if (o->reading != DS_FLOP_TIME)
        fprintf(stderr, ", operators at %g s an element", o->reading);
    if (o->see.jitter > 0)
        fprintf(stderr, ", messages up to %g s late", o->see.jitter);
    if (o->see.wildcards == SEE_DRAWN)
        fprintf(stderr, ", wildcards drawn");
    if (o->seed != 0)
        fprintf(stderr, ", seed %" PRIu64, o->seed);
}

static void say_result(const options *o, const fabric *f,
                       const ds__world_result *result)
{
    char *computing = see_compute_words(&o->compute);

    fprintf(stderr, PROGRAM ": %zu ranks, ", o->ranks);
    say_network(o, f);
    fprintf(stderr, ", eager to %g B", o->eager);
    say_unusual(o);
    fprintf(stderr, "; %.9g s of virtual time%s; digest %016" PRIx64 "\n",
            result->seconds, computing, result->digest);
    free(computing);
}

static bool say_computing(const options *o, const char *what)
{
    fprintf(stderr, PROGRAM ": --compute: %s: %s\n", o->compute.file, what);
    return false;
}

static bool begin_computing(const options *o, const char *file)
{
    char buf[512];
    ds__text why;

    ds__text_init(&why, buf, sizeof(buf));
    return ds__compute_begin(&o->compute, file, (int)o->ranks, &why) ||
           say_computing(o, buf);
}

static bool end_computing(const options *o)
{
    char buf[512];
    ds__text why;

    ds__text_init(&why, buf, sizeof(buf));
    return ds__compute_end(&why) || say_computing(o, buf);
}

/* One run of the program, which is loaded; returns the exit status. */
static int simulate(const options *o, const fabric *f, const char *file,
                    seeds_result *came)
{
    network net = { .fabric = f, .format = (rows_format)o->see.format };
    tables_options told = {
        .profile = o->see.profile,
        .explain = o->see.explain,
        .format = (rows_format)o->see.format,
        .fabric = f,
        .latency = o->latency,
        .rate = o->rate,
        .eager = o->eager,
        .ranks = o->ranks,
    };
    ds__world_config config = {
        .program = PROGRAM,
        .num_ranks = (int)o->ranks,
        .latency = o->latency,
        .rate = o->rate,
        .eager = o->eager,
        .reading = o->reading,
        .chooser = { o->chooser->n > 0 ? choose : NULL, o->chooser },
        .greedy = o->model == MODEL_GREEDY,
        .net = fabric_is_open(f) ? make_net : NULL,
        .used = fabric_is_open(f) ? report_links : NULL,
        .arg = &net,
        .checking = (ds__checking)o->check,
        .strict = o->strict,
        .draws = o->see.wildcards == SEE_DRAWN,
        .jitter = o->see.jitter,
        .exec = (ds_exec)o->exec,
        .seed = o->seed,
        .stack_size = (size_t)o->stack,
        .image = ds__host_image,
        .run = ds__host_run,
    };
    uint64_t *orders =
        o->see.seeds == 0 ? NULL : args_alloc(o->ranks, sizeof(*orders));

    if (!begin_computing(o, file))
        return BAD_USAGE;
    ds__profile_begin(
        &(ds__profile_config){ .idle = tables_idle, .arg = &told });
    config.watch = ds__watch_begin(&(ds__watch_config){
        .computes = o->compute.mode != DS__COMPUTE_NONE,
        .tells = getenv("DISTSYS_TRACE") != NULL,
        .profiles = told.profile || told.explain,
        .bare_from = o->bare_from,
        .orders = orders,
    });
    ds__signals_catch();
    came->world = ds__world_run(&config);
    for (size_t i = 0; i < o->ranks && orders != NULL; i++)
        came->orders = came->orders * 31 + orders[i];
    free(orders);
    const bool recorded = end_computing(o);
    const bool written = ds__output_end() && recorded;
    told.seconds = came->world.seconds;
    const int shown = args_end(tables_show(&told));
    if (!o->quiet) {
        choose_report(o->chooser, PROGRAM);
        say_result(o, f, &came->world);
    }
    if (came->world.code != 0)
        return came->world.code;
    return written && shown == 0 ? args_end(net.why) : EXIT_FAILURE;
}

/* ---- Many runs ------------------------------------------------------------*/

typedef struct trial {
    const options *o;
    const char *file;
} trial;

/* A map that is drawn is that of the seed. */
static void run_seed(void *arg, uint64_t seed, seeds_result *result)
{
    const trial *t = arg;
    options o = *t->o;
    fabric f = { 0 };

    o.seed = seed;
    failure why = fabric_open(&f, &o.fabric, seed);
    if (why.status == 0)
        result->world.code = simulate(&o, &f, t->file, result);
    else
        result->world.code = args_end(why);
}

/* What is of one run, and goes without --seeds. */
static failure check_seeds(options *o)
{
    const struct {
        const char *name;
        bool given;
    } of_one[] = {
        { "--trace", o->trace != NULL },
        { "--output", o->output.folder != NULL },
        { "--missing", o->missing },
        { "--profile", o->see.profile },
        { "--explain", o->see.explain },
        { "--compute=record", o->compute.mode == DS__COMPUTE_RECORD },
        { "--links", o->fabric.links != NULL },
    };

    if (o->see.seeds == 0)
        return SUCCESS;
    for (size_t i = 0; i < sizeof(of_one) / sizeof(*of_one); i++)
        if (of_one[i].given)
            return failure_new(BAD_USAGE,
                               "--seeds: %s is of one run; allowed: the seed "
                               "of one, by --seed",
                               of_one[i].name);
    o->see.wildcards = SEE_DRAWN;
    return SUCCESS;
}

/* Copies of what ranks send come and go by megabytes.  What is freed stays, and
 * the system has not to clear it anew each time. */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

static int run(const options *o, const fabric *f, int argc, char **argv,
               int operand)
{
    char **own = &argv[operand];
    trial t = { o, own[0] };
    seeds_result came = { 0 };

    keep_memory();
    ds__locals_offer(ds__room_here);
    if (!ds__host_load(PROGRAM, own[0], o->missing ? 1 : (int)o->ranks))
        return BAD_USAGE;
    if (o->missing)
        return list_missing();
    say_missing(own[0]);
    if (!ds__output_begin(&o->output, PROGRAM, (int)o->ranks))
        return BAD_USAGE;
    ds__host_arguments(argc - operand, own);
    if (o->see.seeds == 0)
        return simulate(o, f, own[0], &came);
    return seeds_run(&(seeds_config){
        .first = o->seed,
        .n = o->see.seeds,
        .format = (rows_format)o->see.format,
        .run = run_seed,
        .arg = &t,
        .argv = argv,
        .argc = argc,
        .operand = operand,
    });
}

static failure read_coll(options *o, const fabric *f)
{
    static chooser rules;

    o->chooser = &rules;
    rules.latency = o->latency;
    rules.rate = o->rate;
    rules.reading = o->reading;
    return o->coll == NULL ? SUCCESS
                           : choose_read(&rules, o->coll, !fabric_is_open(f));
}

int main(int argc, char **argv)
{
    enum { TABLES = 3 };
    options o = { .latency = NAN,
                  .rate = NAN,
                  .see.format = (size_t)args_format() };
    fabric f = { 0 };
    const args_option *all[OPTIONS];
    const args_option *fabrics[FABRIC_OPTIONS];
    const args_option *sees[SEE_OPTIONS];
    const args_table tables[TABLES] = {
        { NULL, all, OPTIONS, &o },
        { FABRIC_HEADING, fabrics, FABRIC_OPTIONS, &o.fabric },
        { SEE_HEADING, sees, SEE_OPTIONS, &o.see },
    };
    const char *file[1];
    args_operands operands = { .shown = "PROGRAM [ARGUMENT]...",
                               .values = file,
                               .most = 1,
                               .command = true };
    int first = argc;

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < FABRIC_OPTIONS; i++)
        fabrics[i] = &fabric_table[i];
    for (size_t i = 0; i < SEE_OPTIONS; i++)
        sees[i] = &see_table[i];
    failure why =
        args_parse_with(&program, tables, TABLES, &operands, argc, argv);
    if (why.status == 0 && operands.n == 0)
        why = failure_new(BAD_USAGE, "which program?  See --help");
    if (why.status == 0)
        why = fabric_open(&f, &o.fabric, o.seed);
    if (why.status == 0)
        why = complete(&o, &f);
    if (why.status == 0)
        why = read_coll(&o, &f);
    if (why.status == 0)
        why = see_compute(&o.see, &o.compute);
    if (why.status == 0)
        why = see_payload(&o.see, &o.bare_from);
    if (why.status == 0)
        why = check_seeds(&o);
    if (why.status == 0)
        why = traced_begin(o.trace, 1);
    args_free(tables, TABLES);
    if (why.status != 0) {
        if (o.chooser != NULL)
            choose_free(o.chooser);
        fabric_close(&f);
        return args_end(why);
    }
    while (first > 0 && argv[first - 1] != file[0])
        first--;
    const int code = run(&o, &f, argc, argv, first - 1);
    /* Nothing of the images may run again. */
    fflush(NULL);
    _exit(code & 0xff);
}
