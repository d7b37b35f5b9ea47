/* A figure for papers and pages: a row for each node, messages as lines that
 * slant, and at a deadlock who waits for whom.  No script, no fonts of its own,
 * and the same bytes for the same trace. */
#ifndef BENCH_TRACE_SVG_H
#define BENCH_TRACE_SVG_H

#include "bench/trace/view.h"

/* Writes it.  What had to be left out is said in the figure, and by a warning
 * for each. */
failure trace_svg(const trace_view *view, const char *file);

#endif
