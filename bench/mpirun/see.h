/* The options of distsys-mpirun about what is simulated besides messages, and
 * what is told of it. */
#ifndef BENCH_MPIRUN_SEE_H
#define BENCH_MPIRUN_SEE_H

#include "bench/common/args.h"
#include "mpi/run/compute.h"

typedef struct see_options {
    const char *compute; /* as it was given */
    bool profile;
    bool explain;
    size_t format; /* a rows_format */
} see_options;

enum {
    SEE_COMPUTE,
    SEE_PROFILE,
    SEE_EXPLAIN,
    SEE_FORMAT,
    SEE_OPTIONS,
};
extern const args_option see_table[SEE_OPTIONS];
#define SEE_HEADING "What is simulated besides messages, and what is told:"

/* Reads what --compute says. */
failure see_compute(const see_options *o, ds__compute_config *config);

/* What the last line of a run says of it; to be freed. */
char *see_compute_words(const ds__compute_config *config);

#endif
