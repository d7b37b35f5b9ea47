/* A trace as a page for a browser: one file that needs no other and no network,
 * in which the run can be looked at from afar and from near. */
#ifndef BENCH_TRACE_PAGE_H
#define BENCH_TRACE_PAGE_H

#include "bench/trace/view.h"

/* Writes it to a file of that name. */
failure trace_page(const trace_view *view, const char *file);

#endif
