/* distsys-sweep: runs a command with thousands of seeds and settings, on all
 * processors, and loses nothing. */

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/sweep/engine.h"
#include "bench/sweep/files.h"
#include "bench/sweep/look.h"
#include "bench/sweep/report.h"
#include "bench/sweep/shard.h"

/* What the program ends with if a point has failed. */
enum { FAILED_POINTS = 10 };

typedef struct options {
    const char *seeds;
    char *sets;
    const char *output;
    size_t jobs;
    double timeout;
    double memory;
    size_t stop_after;
    double seconds;
    size_t again;
    double twice;
    const char *shard;
    bool no_traces;
    bool force;
    bool quiet;
    bool show;
    bool merge;
    const char *sqlite;
} options;

static const args_unit long_seconds[] = { { "ms", -3, 1 },  { "min", 0, 60 },
                                          { "m", 0, 60 },   { "s", 0, 1 },
                                          { "h", 0, 3600 }, { "d", 0, 86400 },
                                          { NULL, 0, 0 } };
static const args_unit percent[] = { { "%", -2, 1 }, { NULL, 0, 0 } };

static const args_range jobs_range = {
    .allowed = "a whole number from 1 to 4096",
    .min = 1,
    .max = 4096,
    .whole = true,
};
static const args_range time_range = {
    .allowed = "a time above 0, such as 90, 500ms, 5min or 8h",
    .max = 1e9,
    .above = true,
    .units = long_seconds,
};
static const args_range memory_range = {
    .allowed = "bytes from 1M on, such as 2G",
    .min = 1e6,
    .max = 1e18,
    .units = args_counts,
};
static const args_range failures_range = {
    .allowed = "a whole number from 1 on",
    .min = 1,
    .max = 1e15,
    .whole = true,
    .units = args_counts,
};
static const args_range twice_range = {
    .allowed = "a share from 0 to 100%, such as 1%",
    .max = 1,
    .units = percent,
};

static const char *const again_names[] = { "failed" };
static const args_known again_known = { again_names, 1 };

static const args_option table[] = {
    {
        .name = "seeds",
        .letter = 's',
        .unit = "RANGE",
        .type = ARGS_STRING,
        .at = offsetof(options, seeds),
        .preset = "1",
        .help = "How many from 1 on, FROM-TO, or FROM- without an end",
    },
    {
        .name = "set",
        .unit = "NAME=LIST",
        .type = ARGS_JOINED,
        .joint = '\n',
        .at = offsetof(options, sets),
        .help = "Values of {NAME} in the command, such as n=8,16 or "
                "loss=0:0.1:0.02; for each name once",
    },
    {
        .name = "output",
        .letter = 'o',
        .unit = "DIR",
        .type = ARGS_STRING,
        .at = offsetof(options, output),
        .shown = "none is written",
        .help = "Write results to DIR, and leave out what is there",
    },
    {
        .name = "jobs",
        .letter = 'j',
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, jobs),
        .range = &jobs_range,
        .shown = "processors, or 1 for each rank of MPI",
        .help = "How many run at a time",
    },
    {
        .name = "timeout",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, timeout),
        .range = &time_range,
        .shown = "none",
        .help = "After which a process is killed, with those it has started",
    },
    {
        .name = "memory",
        .unit = "BYTES",
        .type = ARGS_REAL,
        .at = offsetof(options, memory),
        .range = &memory_range,
        .shown = "no limit",
        .help = "How much address space a process may have",
    },
    {
        .name = "stop-after",
        .unit = "NUMBER",
        .type = ARGS_COUNT,
        .at = offsetof(options, stop_after),
        .range = &failures_range,
        .shown = "never",
        .help = "Stop after so many failures",
    },
    {
        .name = "for",
        .unit = "TIME",
        .type = ARGS_REAL,
        .at = offsetof(options, seconds),
        .range = &time_range,
        .shown = "until all is done",
        .help = "Stop after that time, as in 8h",
    },
    {
        .name = "again",
        .unit = "WHICH",
        .type = ARGS_CHOICE,
        .at = offsetof(options, again),
        .known = &again_known,
        .shown = "none",
        .help = "Run those in DIR once more that have failed: failed",
    },
    {
        .name = "twice",
        .unit = "SHARE",
        .type = ARGS_REAL,
        .at = offsetof(options, twice),
        .range = &twice_range,
        .preset = "0",
        .help = "Run so many of those that went well again, on the other "
                "execution, and compare",
    },
    {
        .name = "shard",
        .unit = "I/N",
        .type = ARGS_STRING,
        .at = offsetof(options, shard),
        .shown = "from Slurm, SGE; N alone: I from PBS, Kubernetes",
        .help = "Run part I, from 0, of N",
    },
    {
        .name = "no-traces",
        .type = ARGS_FLAG,
        .at = offsetof(options, no_traces),
        .help = "Do not run failures again for a trace and a page in DIR",
    },
    {
        .name = "force",
        .letter = 'f',
        .type = ARGS_FLAG,
        .at = offsetof(options, force),
        .help = "Go on in DIR with another command or build",
    },
    {
        .name = "quiet",
        .letter = 'q',
        .type = ARGS_FLAG,
        .at = offsetof(options, quiet),
        .help = "Show no progress",
    },
};

static const args_option file_table[] = {
    {
        .name = "show",
        .type = ARGS_FLAG,
        .at = offsetof(options, show),
        .help = "Show what has come of it so far",
    },
    {
        .name = "merge",
        .type = ARGS_FLAG,
        .at = offsetof(options, merge),
        .help = "Make one file of those of all shards",
    },
    {
        .name = "sqlite",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, sqlite),
        .help = "Write a table of all points, to be asked by SQL",
    },
};

enum {
    OPTIONS = sizeof(table) / sizeof(*table),
    FILE_OPTIONS = sizeof(file_table) / sizeof(*file_table),
};

/* What a command line asks for. */
typedef struct request {
    options options;
    args_operands operands;
    const char *first[1]; /* operand */
    char **command;       /* all of them */
    grid grid;
    pool_config pool;
    desk_config desk;
} request;

/* ---- The command line -----------------------------------------------------*/

static bool is_about_files(const options *o)
{
    return o->show || o->merge || o->sqlite != NULL;
}

static failure check_files(const request *r)
{
    const options *o = &r->options;

    if (o->show + o->merge + (o->sqlite != NULL) > 1)
        return failure_new(BAD_USAGE,
                           "--show, --merge and --sqlite exclude each other");
    if (r->operands.n == 0)
        return failure_new(BAD_USAGE, "which DIR?  See --help");
    if (r->command[1] != NULL)
        return failure_new(BAD_USAGE, "'%s' is one too many; see --help",
                           r->command[1]);
    return SUCCESS;
}

static failure check_usage(const request *r)
{
    const options *o = &r->options;

    if (is_about_files(o))
        return check_files(r);
    if (r->operands.n == 0)
        return failure_new(
            BAD_USAGE, "which command?  As in: %s --seeds=1000 -- ./program",
            the_engine.program);
    if (o->output == NULL && o->again != SIZE_MAX)
        return failure_new(BAD_USAGE,
                           "--again wants -o DIR, which has results");
    if (o->output != NULL && strchr(o->output, ',') != NULL)
        return failure_new(BAD_USAGE,
                           "--output: '%s' has a comma, behind which the "
                           "library looks for options of traces",
                           o->output);
    return SUCCESS;
}

/* What does not depend on the results of others. */
static failure prepare(request *r)
{
    const options *o = &r->options;
    failure why = grid_read(&r->grid, o->seeds, o->sets, r->command);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);

    r->pool = (pool_config){
        .grid = &r->grid,
        .jobs = o->jobs > 0           ? o->jobs
                : the_engine.jobs > 0 ? the_engine.jobs
                : processors > 0      ? (size_t)processors
                                      : 1,
        .limits = { .seconds = o->timeout, .memory = (uint64_t)o->memory },
        .twice = o->twice,
    };
    r->desk = (desk_config){
        .grid = &r->grid,
        .folder = o->output,
        .stop_after = o->stop_after,
        .seconds = o->seconds > 0 ? o->seconds : INFINITY,
        .again = o->again != SIZE_MAX,
        .forced = o->force,
        .quiet = o->quiet,
    };
    if (why.status == 0)
        why = shard_find(o->shard, &r->desk.shard, &r->desk.shards);
    if (why.status == 0 && r->desk.shards > 1 && o->output == NULL)
        why = failure_new(BAD_USAGE,
                          "a shard wants -o DIR, since it is not all of it");
    return why;
}

/* ---- A sweep --------------------------------------------------------------*/

static void say_what_is_left(const desk *d)
{
    if (desk_left(d) > 0 || d->given < d->handed)
        printf("\nnot all has been run%s\n",
               d->config->folder == NULL
                   ? ""
                   : "; the same command goes on from here");
}

static failure sweep(const request *r, int *status)
{
    desk d;
    failure why = desk_open(&d, &r->desk);

    if (why.status == 0) {
        the_engine.run(&d, &r->pool);
        if (d.shown.any)
            fputs("\r\033[K", stderr);
        why = d.why;
    }
    the_engine.end();
    if (why.status == 0 && r->desk.folder != NULL && !r->options.no_traces &&
        desk_signal() == 0)
        why = look_at_all(&d.tally, &r->grid, r->desk.folder, &r->pool.limits);
    if (why.status == 0) {
        why = report_print(&d.tally, &r->grid, r->desk.folder);
        say_what_is_left(&d);
    }
    *status = desk_signal() != 0   ? 128 + desk_signal()
              : d.tally.failed > 0 ? FAILED_POINTS
                                   : 0;
    failure closed = desk_close(&d);
    if (why.status == 0)
        return closed;
    free(closed.text);
    return why;
}

static failure work_on_files(const request *r, int *status)
{
    const char *folder = r->first[0];

    if (r->options.merge)
        return files_merge(folder);
    if (r->options.sqlite != NULL)
        return files_sqlite(folder, r->options.sqlite);
    return files_show(folder, FAILED_POINTS, status);
}

int main(int argc, char **argv)
{
    const args_program program = {
        the_engine.program,
        "Runs a command with many seeds and settings, each in a process of its "
        "own, and groups what fails.\v"
        "The seed is in DISTSYS_SEED and stands for {seed}.  The status is 0 "
        "if all went well, 10 if a point has failed, 1 if the sweep could not "
        "go on, 2 after bad usage.",
    };
    request r = { .options = { .again = SIZE_MAX } };
    const args_option *all[OPTIONS + FILE_OPTIONS];
    const args_table tables[] = {
        { NULL, all, OPTIONS, &r.options },
        { "Of a DIR that has results:", all + OPTIONS, FILE_OPTIONS,
          &r.options },
    };
    int status = 0;

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    for (size_t i = 0; i < FILE_OPTIONS; i++)
        all[OPTIONS + i] = &file_table[i];
    r.operands = (args_operands){ .shown = "[--] COMMAND [ARGUMENT]...\n"
                                           "--show|--merge|--sqlite=FILE DIR",
                                  .values = r.first,
                                  .most = 1,
                                  .command = true };
    process_prepare();
    failure why = args_parse_with(&program, tables, 2, &r.operands, argc, argv);
    for (r.command = argv; *r.command != NULL && *r.command != r.first[0];)
        r.command++;
    if (why.status == 0)
        why = check_usage(&r);
    const bool runs = why.status == 0 && !is_about_files(&r.options);
    if (runs)
        why = prepare(&r);
    desk_catch_signals();
    if (!the_engine.begin(runs && why.status == 0 ? &r.pool : NULL)) {
        free(why.text); /* the process with the desk says the same */
        why = SUCCESS;
        the_engine.end();
    } else if (runs && why.status == 0) {
        why = sweep(&r, &status);
    } else {
        the_engine.end();
        if (why.status == 0)
            why = work_on_files(&r, &status);
    }
    grid_free(&r.grid);
    args_free(tables, 2);
    return why.status != 0 ? args_end(why) : status;
}
