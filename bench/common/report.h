/* What the links of a topology were used for: which of them held messages back,
 * and for how long.
 *
 * Of each link it is told how it is used; then the hottest one, which is that
 * which held back most; then the sums of links of a kind.  The kind is where a
 * link leads: how far from the hosts are the switches at its ends? */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/common/fabric.h"
#include "bench/common/rows.h"

/* One run, of that many seconds of virtual time. */
typedef struct report {
    const fabric *fabric;
    const ds_link_use *uses; /* by link */
    double seconds;
    const char *heading; /* what was run, for people */
    const void *run;     /* and for programs, in columns of its own */
    const rows_column *const *columns;
    size_t num_columns;
} report;

/* What the links have been used for up to now, to be freed; NULL if nobody has
 * asked for a report. */
ds_link_use *report_take(const fabric *f, const ds_net *net);

/* Prints as many links as were asked for.  Programs get rows of links alone,
 * with a line of names before the first report. */
failure report_show(const report *r, rows_format format, bool first);

#endif
