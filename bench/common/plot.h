/* A picture of times against sizes, or of whatever else, drawn by gnuplot. */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/common/failure.h"

/* One line of it; y[i] belongs to x[i] of the plot. */
typedef struct plot_line {
    const char *name;
    double *y;
} plot_line;

typedef struct plot {
    const char *file; /* ends in .svg or .png */
    const char *title;
    size_t n; /* points of each line */
    const double *x;
    const char *x_label; /* NULL: elements of 8 bytes */
    const char *y_label; /* NULL: seconds, or a part of these */
    size_t num_lines;
    const plot_line *lines;
    bool is_bounded; /* the last one is a bound: dashed */
} plot;

/* Bad usage if the file is of another kind, and a failure if it cannot be
 * written or gnuplot is not installed; to be called before long work. */
failure plot_check(const char *option, const char *file);

/* Draws it, both axes logarithmic. */
failure plot_draw(const plot *p);

#endif
