/* What can be said of a run, and what is not said. */

#include "bench/mpirun/options.h"

#include <math.h>

#include "bench/common/model.h"
#include "bench/common/setting.h"

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
};

_Static_assert(QUIET + 1 == RUN_OPTIONS, "the header has room for them");

const args_option run_table[RUN_OPTIONS] = {
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

/* ---- What goes with what --------------------------------------------------*/

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

failure options_complete(options *o, const fabric *f)
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

/* What is of one run, and goes without --seeds. */
failure options_check_seeds(options *o)
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

failure options_read_coll(options *o, const fabric *f)
{
    static chooser rules;

    o->chooser = &rules;
    rules.latency = o->latency;
    rules.rate = o->rate;
    rules.reading = o->reading;
    return o->coll == NULL ? SUCCESS
                           : choose_read(&rules, o->coll, !fabric_is_open(f));
}
