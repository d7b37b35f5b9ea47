/* What the programs about collectives do: contests of algorithms, one for each
 * collective that was asked for.
 *
 * The options become settings (setting.h) and contenders; those are run
 * (contest.h), and what comes out is shown (show.h).  A program says which
 * collectives it is about, and what it runs if nobody says. */
#ifndef BENCH_LABORATORY_H
#define BENCH_LABORATORY_H

#include "bench/common/setting.h"

enum { LABORATORY_OPTIONS = 8 };

typedef struct laboratory {
    args_program program;
    /* Whether it is about allreduces, and no others; or about all others. */
    bool allreduces;
    const char *algorithm_help;
    const char *algorithms;       /* that are run if nobody says */
    const char *sweep_algorithms; /* and in a sweep over sizes */

    /* Those of the original: where only these are asked for, their mode is the
     * default. */
    const char *const *originals;
    size_t num_originals;

    /* Settings instead of the defaults of --nodes, --latency and --rate where
     * none of them is given; as those options would have them, one each. */
    const setting *table;
    size_t num_table;

    size_t options[LABORATORY_OPTIONS]; /* of its own: SETTING_... */
    size_t num_options;
} laboratory;

/* Returns what main is to return. */
int laboratory_main(const laboratory *lab, int argc, char **argv);

#endif
