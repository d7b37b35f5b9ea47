/* A picture of times against sizes, drawn by gnuplot. */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include <stddef.h>

/* One line of it; y[i] belongs to x[i] of the plot. */
struct plot_line {
    const char *name;
    double *y; /* seconds */
};

struct plot {
    const char *file; /* ends in .svg or .png */
    const char *title;
    size_t n;        /* points of each line */
    const double *x; /* elements */
    size_t num_lines;
    const struct plot_line *lines; /* the last one is a bound: dashed */
};

/* Ends the program as bad usage if the file is of another kind, and with
 * status 1 if it cannot be written or gnuplot is not installed; to be called
 * before long work. */
void plot_check(const char *option, const char *file);

/* Draws it, both axes logarithmic; or ends the program with status 1. */
void plot_draw(const struct plot *plot);

#endif
