/* distsys-mpirun: runs an MPI program in virtual time, all of its ranks in this
 * process. */

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/common/traced.h"
#include "bench/mpirun/simulate.h"
#include "image/locals.h"
#include "image/room.h"
#include "mpi/run/host.h"
#include "mpi/run/missing.h"
#include "mpi/run/sanitizer.h"

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

    if (!ds__sanitizer_first(PROGRAM, own[0], argv))
        return BAD_USAGE;
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

int main(int argc, char **argv)
{
    enum { TABLES = 3 };
    options o = { .latency = NAN,
                  .rate = NAN,
                  .see.format = (size_t)args_format() };
    fabric f = { 0 };
    const args_option *all[RUN_OPTIONS];
    const args_option *fabrics[FABRIC_OPTIONS];
    const args_option *sees[SEE_OPTIONS];
    const args_table tables[TABLES] = {
        { NULL, all, RUN_OPTIONS, &o },
        { FABRIC_HEADING, fabrics, FABRIC_OPTIONS, &o.fabric },
        { SEE_HEADING, sees, SEE_OPTIONS, &o.see },
    };
    const char *file[1];
    args_operands operands = { .shown = "PROGRAM [ARGUMENT]...",
                               .values = file,
                               .most = 1,
                               .command = true };
    int first = argc;

    for (size_t i = 0; i < RUN_OPTIONS; i++)
        all[i] = &run_table[i];
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
        why = options_complete(&o, &f);
    if (why.status == 0)
        why = options_read_coll(&o, &f);
    if (why.status == 0)
        why = see_compute(&o.see, &o.compute);
    if (why.status == 0)
        why = see_payload(&o.see, &o.bare_from);
    if (why.status == 0)
        why = options_check_seeds(&o);
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
