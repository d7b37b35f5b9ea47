/* What a trace says in a screenful. */
#ifndef BENCH_TRACE_SUMMARY_H
#define BENCH_TRACE_SUMMARY_H

#include "bench/trace/ports.h"
#include "bench/trace/view.h"

/* Prints it to standard output. */
void trace_summary(const trace_view *view);

/* The thread at the other end of the messages for which a thread has waited the
 * most, and how long; 0: none. */
uint32_t trace_waited_most_for(const trace_model *model, uint32_t thread,
                               double *seconds);

#endif
