/* A trace as JSON, an object a line, each of which says what it is. */
#ifndef BENCH_TRACE_JSON_H
#define BENCH_TRACE_JSON_H

#include "bench/trace/view.h"

/* Prints it to standard output. */
void trace_json(const trace_view *view);

#endif
