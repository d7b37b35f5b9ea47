/* What came out of contests, as it was asked for: a table, a row for each
 * trial, where the best one changes, or a picture. */
#ifndef BENCH_SHOW_H
#define BENCH_SHOW_H

#include "bench/common/contest.h"
#include "bench/common/rows.h"

typedef struct show_options {
    size_t format; /* a rows_format */
    bool best;
    bool costs;
    bool explain;
    bool points;
    bool crossover;
    const char *plot;  /* file, or NULL */
    const char *trace; /* likewise */
    bool list;         /* the algorithms, which the program does itself */
} show_options;

/* The options, whose input is a show_options. */
enum {
    SHOW_FORMAT,
    SHOW_BEST,
    SHOW_COSTS,
    SHOW_EXPLAIN,
    SHOW_POINTS,
    SHOW_CROSSOVER,
    SHOW_PLOT,
    SHOW_TRACE,
    SHOW_LIST,
    SHOW_OPTIONS, /* how many there are */
};
extern const args_option show_table[SHOW_OPTIONS];

/* Whether sizes are swept, to see where things change; then they must ascend,
 * see setting_complete(). */
bool show_is_sweep(const show_options *o);

/* Whether n contests can be shown like that; to be asked before anything is
 * said or run. */
failure show_check(const contest *contests, size_t n, const show_options *o);

/* Runs n contests, one after another, and prints what was asked for. */
failure show(contest *contests, size_t n, const show_options *o);

#endif
