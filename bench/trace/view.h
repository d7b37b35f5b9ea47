/* What part of a trace is shown: from when to when, and which rows.
 *
 * A row is a node with all its threads, through all its lives, or a thread that
 * has none. */
#ifndef BENCH_TRACE_VIEW_H
#define BENCH_TRACE_VIEW_H

#include "bench/trace/model.h"

enum { TRACE_ROW_NAME = 64 };

typedef struct trace_row {
    char name[TRACE_ROW_NAME];
    uint32_t node;   /* or 0: it is one of */
    uint32_t thread; /* this; of a node, its first */
    bool shown;
} trace_row;

typedef struct trace_view {
    const trace_model *model;
    double from;
    double to;
    trace_row *rows; /* all; threads[i].row is the index of each */
    size_t num_rows;
    size_t num_shown;
} trace_view;

/* What is asked for; from and to are NAN and rows is NULL if nothing is.  rows
 * is a list, separated by commas, of names and of numbers or ranges of numbers
 * from 0, such as: server,3,8-11.  Refuses what is not there. */
failure trace_view_make(trace_view *view, trace_model *model, double from,
                        double to, const char *rows);
void trace_view_free(trace_view *view);

/* How a node is called, as its row is if it has one. */
const char *trace_view_node(const trace_view *view, uint32_t node, char *buf,
                            size_t size);

/* A number with a unit, such as: 28.2 ms, 496 MB, 0 s. */
enum { TRACE_UNITS_MAX = 40 };
const char *trace_units(char buf[TRACE_UNITS_MAX], double x, const char *unit);

#endif
