/* Where two traces begin to differ. */
#ifndef BENCH_TRACE_DIFF_H
#define BENCH_TRACE_DIFF_H

#include "bench/common/failure.h"

enum { TRACE_DIFFERENT = 1 };

/* Prints the first records that differ, with time, thread and call; the status
 * is 0 if none do, and TRACE_DIFFERENT if some do. */
failure trace_diff(const char *a, const char *b);

#endif
