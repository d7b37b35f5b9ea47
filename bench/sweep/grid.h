/* What is swept over: a command, seeds, and the values of names that stand in
 * it as {name}.
 *
 * A point is one combination of values with one seed.  Values vary fastest, so
 * that what has been done early covers the grid; and more seeds are more
 * points, whose numbers come after the others. */
#ifndef BENCH_SWEEP_GRID_H
#define BENCH_SWEEP_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/common/failure.h"

typedef struct grid_axis {
    char *name;
    char **values;
    size_t n;
} grid_axis;

/* Invariants: combinations is the product of all n; points is that times the
 * number of seeds, at most 2^62. */
typedef struct grid {
    uint64_t first; /* seed */
    uint64_t points;
    uint64_t combinations;
    grid_axis *axes;
    size_t num_axes;
    char **command; /* ends with NULL */
    bool owned;   /* the command is freed with the grid; else it is borrowed */
    bool endless; /* there is no last seed */
    char build[20]; /* of the file that the command names; "": it names one
                     * with a value */
} grid;

/* Seeds are N, FROM-TO, or FROM- without an end; sets has a line for each axis,
 * NAME=VALUE,..., or is NULL.  A value FROM:TO:STEP is a range, likewise
 * FROM:TO:*FACTOR. */
failure grid_read(grid *g, const char *seeds, const char *sets, char **command);
void grid_free(grid *g);

/* Of points that files have beyond the last seed as well. */
uint64_t grid_seed(const grid *g, uint64_t point);
const char *grid_value(const grid *g, uint64_t point, size_t axis);

/* The command of a point, to be freed. */
char **grid_command(const grid *g, uint64_t point);
void grid_command_free(char **command);

/* Writes what a shell takes for that command, after its seed. */
void grid_put_command(const grid *g, uint64_t point, FILE *file);

/* Writes members of JSON, each after a comma: the seed and the values. */
void grid_put_values(const grid *g, uint64_t point, FILE *file);

/* Writes an object, a line, which says what is swept over: all that the number
 * of a point and what comes of it depend on. */
void grid_put_head(const grid *g, FILE *file);

/* The same in memory, for free(): n bytes with the newline at their end. */
char *grid_head(const grid *g, size_t *n);

/* Compares with such a line of a file; forced: only what numbers of points
 * depend on.  *same: all is. */
failure grid_compare(const grid *g, const char *line, size_t n,
                     const char *file, bool forced, bool *same);

/* Makes a grid of such a line, without a last seed; false: it is none. */
bool grid_read_head(grid *g, const char *line, size_t n);

#endif
