/* What a trace says in a screenful. */
#ifndef BENCH_TRACE_SUMMARY_H
#define BENCH_TRACE_SUMMARY_H

#include "bench/trace/loads.h"
#include "bench/trace/view.h"

/* Prints it to standard output. */
void trace_summary(const trace_view *view);

/* A line with those that wait for each other in a circle at a deadlock; nothing
 * if there is none. */
void trace_print_circle(const trace_model *model);

/* The thread at the other end of the messages for which a thread has waited the
 * most, and how long; 0: none. */
uint32_t trace_waited_most_for(const trace_model *model, uint32_t thread,
                               double *seconds);

#endif
