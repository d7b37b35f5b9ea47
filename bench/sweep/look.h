/* A second look at failures: the quickest point of each kind is run again with
 * a trace, and a page is made of that.
 *
 *     DIR/failures/KIND/point        its number and the command that repeats it
 *     DIR/failures/KIND/stdout, stderr
 *     DIR/failures/KIND/run.dstrace, run.html
 *                                    of a program that uses the library */
#ifndef BENCH_SWEEP_LOOK_H
#define BENCH_SWEEP_LOOK_H

#include "bench/sweep/grid.h"
#include "bench/sweep/process.h"
#include "bench/sweep/tally.h"

/* Looks at the kinds, the most frequent ones first, that have not been looked
 * at yet by this point. */
failure look_at_all(const tally *t, const grid *g, const char *folder,
                    const process_limits *limits);

/* The path of a file of a kind, to be freed. */
char *look_name(const char *folder, const char *kind, const char *file);

#endif
