/* Settings: so many nodes on such a network, each with so many elements, and
 * how that is simulated.
 *
 * The one idea: options are lists, and every combination of what they contain
 * is a setting.  The programs about collectives have these options in common
 * and take them from here. */
#ifndef BENCH_SETTING_H
#define BENCH_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys.h>

#include "bench/args.h"

enum setting_model { SETTING_GREEDY, SETTING_MAXMIN };

/* The names of the members below, as on the command line. */
extern const char *const setting_modes[];
extern const char *const setting_models[];
extern const char *const setting_execs[];

struct setting {
    size_t nodes;
    double latency; /* seconds */
    double rate;    /* of every port, bytes per second */
    size_t size;    /* elements of each node's vector */
    size_t root;    /* rank of the root, where there is one */
    ds_comm_mode mode;
    enum setting_model model;
    bool real; /* vectors have memory, and results are checked */
    uint64_t seed;
    ds_exec exec;
};

/* What was asked for; a list that was not given has n = 0. */
struct setting_options {
    struct args_reals nodes;
    struct args_reals latency;
    struct args_reals rate;
    struct args_reals size;
    struct setting rest; /* what is the same in every setting */
};

/* The options --nodes, --latency, --rate, --size, --mode, --model, --real,
 * --seed and --exec, for the children of another argp; the input is a struct
 * setting_options.  Their help belongs to group 1. */
extern const struct argp setting_argp;

/* Numbers that an option of an algorithm takes, such as --chunk. */
extern const struct args_range setting_parameter_range;

/* Takes seed and exec from the environment, as the loop will, so that rows can
 * show them; options go before.  A value that is not known is left to the loop
 * to complain about. */
void setting_options_init(struct setting_options *o);
void setting_options_free(struct setting_options *o);

/* Fills in what help promises where nothing was given: all, or sizes only.  In
 * a sweep, which is to show where things change, sizes are made to ascend, each
 * of them once, and are the powers of two from 1 to 2^24 by default. */
void setting_complete(struct setting_options *o, bool is_sweep);
void setting_complete_sizes(struct setting_options *o, bool is_sweep);

/* In groups of num_sizes, which differ in their sizes alone. */
struct settings {
    struct setting *list;
    size_t n;
    size_t num_sizes;
};

/* Every combination; the sizes change fastest, then the rates, the latencies
 * and the nodes.  The caller frees the list. */
struct settings setting_combine(const struct setting_options *o);

/* How ties are drawn, which is up to the environment alone. */
const char *setting_ties(void);

#endif
