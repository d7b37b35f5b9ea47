/* A trace as text: a line for each row, and a character for each moment. */
#ifndef BENCH_TRACE_TEXT_H
#define BENCH_TRACE_TEXT_H

#include "bench/trace/view.h"

enum {
    TRACE_TEXT_COLUMNS = 80,
    TRACE_TEXT_ROWS = 40,
    TRACE_TEXT_FAULTS = 20,
};

/* Prints it to standard output. */
void trace_text(const trace_view *view);

#endif
