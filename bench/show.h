/* What came out of contests, as it was asked for: a table, a row for each
 * trial, where the best one changes, or a picture. */
#ifndef BENCH_SHOW_H
#define BENCH_SHOW_H

#include "bench/contest.h"
#include "bench/report.h"

struct show_options {
    enum report_format format;
    bool best;
    bool costs;
    bool explain;
    bool crossover;
    const char *plot; /* file, or NULL */
    bool list;        /* the algorithms, which the program does itself */
};

/* The options of these names, for the children of another argp; the input is a
 * struct show_options.  Their help belongs to group 2. */
extern const struct argp show_argp;

/* Whether sizes are swept, to see where things change; then they must ascend,
 * see setting_complete(). */
bool show_is_sweep(const struct show_options *o);

/* Runs n contests, one after another, and prints what was asked for. */
void show(const struct contest *contests, size_t n,
          const struct show_options *o);

#endif
