/* The options of distsys-mpirun about what is simulated besides messages, and
 * what is told of it. */
#ifndef BENCH_MPIRUN_SEE_H
#define BENCH_MPIRUN_SEE_H

#include "bench/common/args.h"
#include "mpi/run/compute.h"

typedef struct see_options {
    const char *compute; /* as it was given */
    const char *payload; /* the same */
    size_t wildcards;    /* a see_wildcards */
    double jitter;       /* seconds */
    size_t seeds;        /* 0: one run, and no report of it */
    bool profile;
    bool explain;
    size_t format; /* a rows_format */
} see_options;

/* Which message a receive from anybody takes. */
typedef enum see_wildcards {
    SEE_FIRST, /* the one that has come first */
    SEE_DRAWN, /* any of those that have come */
} see_wildcards;

enum {
    SEE_COMPUTE,
    SEE_PAYLOAD,
    SEE_WILDCARDS,
    SEE_JITTER,
    SEE_SEEDS,
    SEE_PROFILE,
    SEE_EXPLAIN,
    SEE_FORMAT,
    SEE_OPTIONS,
};
extern const args_option see_table[SEE_OPTIONS];
#define SEE_HEADING "What is simulated besides messages, and what is told:"

/* Reads what --compute says. */
failure see_compute(const see_options *o, ds__compute_config *config);

/* Reads what --payload says: from how many bytes on a message has none. */
failure see_payload(const see_options *o, double *bare_from);

/* What the last line of a run says of it; to be freed. */
char *see_compute_words(const ds__compute_config *config);

#endif
