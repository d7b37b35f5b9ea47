/* What --profile and --explain show. */
#ifndef BENCH_MPIRUN_TABLES_H
#define BENCH_MPIRUN_TABLES_H

#include "bench/common/fabric.h"
#include "bench/common/rows.h"

typedef struct tables_options {
    bool profile;
    bool explain;
    rows_format format;
    const fabric *fabric; /* not open: a switch of these */
    double latency;
    double rate;
    double eager;   /* bytes of the largest message that leaves at once */
    double seconds; /* of the run */
    size_t ranks;
} tables_options;

/* How long bytes take between ranks of an idle network; arg is a
 * tables_options. */
double tables_idle(void *arg, int from, int to, double bytes);

/* Prints them, of what has been added up. */
failure tables_show(const tables_options *t);

#endif
