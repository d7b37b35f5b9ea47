/* What is done with a folder of results when nothing is run. */
#ifndef BENCH_SWEEP_FILES_H
#define BENCH_SWEEP_FILES_H

#include "bench/common/failure.h"

/* Prints what a sweep prints at its end; *status: failed, if a point has. */
failure files_show(const char *folder, int failed, int *status);

/* Makes one file of those of a folder, with the last word on each point, in
 * their order, in the place of the others. */
failure files_merge(const char *folder);

/* Writes a new database: a row for each point, and views. */
failure files_sqlite(const char *folder, const char *file);

#endif
