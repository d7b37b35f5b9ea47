/* The options of distsys-mpirun that are of a run itself; others are of
 * topologies, bench/common/fabric.h, and of seeing, bench/mpirun/see.h. */
#ifndef BENCH_MPIRUN_OPTIONS_H
#define BENCH_MPIRUN_OPTIONS_H

#include "bench/common/args.h"
#include "bench/common/fabric.h"
#include "bench/mpirun/choose.h"
#include "bench/mpirun/see.h"
#include "mpi/run/output.h"

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

enum { RUN_OPTIONS = 17 };

/* Of an options. */
extern const args_option run_table[RUN_OPTIONS];

/* Puts in what nobody has said, and refuses what does not go with a topology;
 * f is open if there is one. */
failure options_complete(options *o, const fabric *f);

/* Reads what --coll says, which stays till the end of the program. */
failure options_read_coll(options *o, const fabric *f);

/* With --seeds, refuses what is of one run; wildcards are drawn then. */
failure options_check_seeds(options *o);

#endif
