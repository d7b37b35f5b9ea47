/* Settings: so many nodes on such a network, each with so many elements, and
 * how that is simulated.
 *
 * The one idea: options are lists, and every combination of what they contain
 * is a setting.  Each option is a row of one table, from which programs take
 * those that they have, and which knows how a setting is shown. */
#ifndef BENCH_SETTING_H
#define BENCH_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys.h>

#include "bench/common/args.h"
#include "bench/common/fabric.h"
#include "bench/common/model.h"

extern const args_known setting_execs; /* by ds_exec */

/* How members send to each other, and whether the network has connections, in
 * which messages do not overtake or hold up each other. */
typedef struct setting_mode {
    ds_comm_mode mode;
    bool in_order;
    const char *obstacle; /* what is said of what runs only asynchronously */
} setting_mode;

/* The modes; the first is what programs run if nobody says, and the second is
 * that of the three algorithms of the original alone. */
enum {
    SETTING_MPI,
    SETTING_ORIGINAL,
    SETTING_ASYNC,
    SETTING_RENDEZVOUS,
    SETTING_EAGER_MODE,
    SETTING_MODES, /* how many there are */
};
extern const setting_mode setting_modes[SETTING_MODES];

/* Ranges that other programs have too. */
extern const args_range setting_latency_range;
extern const args_range setting_rate_range;
extern const args_range setting_bytes_range;     /* 0 to 1e15 */
extern const args_range setting_parameter_range; /* 1 to 1e9 */

typedef struct setting {
    size_t nodes;
    const fabric *fabric; /* NULL or not open: a switch */
    double latency;       /* seconds; NAN on a topology */
    double rate;          /* of every port, bytes per second; likewise */
    size_t size;          /* elements of each node's vector */
    size_t root;          /* rank of the root, where there is one */
    size_t mode;          /* of setting_modes; SETTING_MODES: nobody has said */
    double eager; /* bytes of the largest vector that leaves at once, in modes
                   * that ask */
    size_t model; /* index of its name; MODELS: nobody has said */
    size_t exec;  /* likewise, and a ds_exec */
    bool real;    /* vectors have memory, and results are checked */
    uint64_t seed;
    const char *ties; /* which of simultaneous events goes first */

    /* Parameters of algorithms that have them; 0: their defaults. */
    size_t granularity;
    size_t group;
    size_t chunk;
} setting;

/* What was asked for; a list that was not given has n = 0. */
typedef struct setting_options {
    args_reals nodes;
    args_reals latency;
    args_reals rate;
    args_reals size;
    setting rest; /* what is the same in every setting */
} setting_options;

/* The options; their input is a setting_options, and their columns show rows
 * that begin with a setting. */
enum {
    SETTING_NODES,
    SETTING_LATENCY,
    SETTING_RATE,
    SETTING_SIZE,
    SETTING_MODE,
    SETTING_EAGER,
    SETTING_MODEL,
    SETTING_REAL,
    SETTING_SEED,
    SETTING_EXEC,
    SETTING_ROOT,
    SETTING_GRANULARITY,
    SETTING_GROUP,
    SETTING_CHUNK,
    SETTING_OPTIONS, /* how many there are */
};

/* The row of --exec of programs that have no settings; words are who runs. */
#define SETTING_EXEC_ROW(place, words)                                         \
    {                                                                          \
        .name = "exec", .unit = "NAME", .type = ARGS_CHOICE, .at = place,      \
        .known = &setting_execs, .preset = "fibers",                           \
        .variable = "DISTSYS_EXEC",                                            \
        .help = "What " words " run on: fibers or threads"                     \
    }

extern const args_option setting_table[SETTING_OPTIONS];

/* A loop with that seed and that execution, whatever the environment says of
 * them; for the rest it counts.  exec is the index of its name. */
ds_loop *setting_loop_new(uint64_t seed, size_t exec);

const char *setting_mode_name(const setting *s);
const char *setting_model_name(const setting *s);

/* Its mode, network and seed in words, for headings; to be freed. */
char *setting_words(const setting *s);

/* The same in two lines, of which the first one has its nodes, and their ports
 * or the topology that these are on. */
char *setting_two_lines(const setting *s);

extern const rows_column setting_ties_column;
extern const rows_column setting_topology_column;
extern const rows_column setting_map_column;

/* Makes its network, in which messages of a pair go one after the other where
 * its mode has connections; the room is the switch's, and outlives that. */
ds_net *setting_net(const setting *s, ds_loop *loop, ds_node *const *nodes,
                    model_room *room);

/* Fills in what help promises where nothing was given: all, or sizes only; with
 * a topology, a rank for each host, and nothing that is of the switch, which is
 * refused if it was given.  In
 * a sweep, which is to show where things change, sizes are made to ascend, each
 * of them once, and are the powers of two from 1 to 2^24 by default. */
failure setting_complete(setting_options *o, const fabric *f, bool is_sweep);
void setting_complete_sizes(setting_options *o, bool is_sweep);

/* In groups of num_sizes, which differ in their sizes alone. */
typedef struct settings {
    setting *list;
    size_t n;
    size_t num_sizes;
} settings;

/* Every combination; the sizes change fastest, then the rates, the latencies
 * and the nodes.  The caller frees the list. */
settings setting_combine(const setting_options *o);

#endif
