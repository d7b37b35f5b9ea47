/* The option --trace of programs that run simulations. */
#ifndef BENCH_TRACED_H
#define BENCH_TRACED_H

#include "bench/common/failure.h"

/* Has the loops that are made from now on traced, as DISTSYS_TRACE does with
 * that text; NULL: nothing changes.  Refuses, by the name of the option, what
 * cannot be written, and any number of runs but one: a file holds one. */
failure traced_begin(const char *trace, double runs);

/* Only refuses what cannot be written. */
failure traced_try(const char *trace);

/* Returns the name of the file in that text, to be freed by the caller. */
char *traced_file(const char *trace);

#endif
