/* Reports on the links of a topology, of each run of contests. */
#ifndef BENCH_REPORTS_H
#define BENCH_REPORTS_H

#include "bench/common/contest.h"
#include "bench/common/rows.h"

/* Whether they were asked for. */
bool reports_wanted(const contest *c);

/* Runs n contests and shows nothing. */
failure reports_run(contest *contests, size_t n);

/* Prints one for each run there was, after what else people are shown. */
failure reports_show(const contest *contests, size_t n, rows_format format);

#endif
