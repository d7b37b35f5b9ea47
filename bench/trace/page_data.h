/* What of a trace is on a page, and under which numbers.
 *
 * All times of it are in one list, in order and each once, and everything else
 * says at which of them it happened: so order is exact, however the times are
 * rounded.  Rows, threads, streams and messages that are left out have no
 * number, so those that are there count anew, from 1 on; 0 is none. */
#ifndef BENCH_TRACE_PAGE_DATA_H
#define BENCH_TRACE_PAGE_DATA_H

#include <stdio.h>

#include "bench/trace/view.h"

typedef struct page_data {
    const trace_view *view;
    const trace_model *m;
    FILE *out;

    /* A time is origin + tick * its ticks; they are 2^40 at most. */
    double origin;
    double tick;
    uint64_t *ticks;
    size_t num_times;

    uint32_t *rows;    /* by place in the view */
    uint32_t *threads; /* by number in the model, likewise the next two */
    uint32_t *streams;
    uint32_t *messages;
    size_t num_streams;
    size_t num_messages;

    char **texts; /* of the model, in the order of strcmp() */

    uint64_t *values; /* a column that is being made */
    size_t n;
    size_t room;
} page_data;

void page_data_make(page_data *page, const trace_view *view, FILE *out);
void page_data_free(page_data *page);

/* Where a time is in the list; it is one of those that were collected. */
size_t page_when(const page_data *page, double time);

/* Whether something of a thread is on the page. */
bool page_has(const page_data *page, uint32_t thread, double from, double to);
bool page_has_span(const page_data *page, const trace_span *span);

/* The number of a stream, which it gets when it is first asked for. */
uint32_t page_stream(page_data *page, uint32_t stream);

/* The row of a node; 0: it has none. */
uint32_t page_row_of_node(const page_data *page, uint32_t node);

/* The number of a message by its name in the trace. */
uint32_t page_message(const page_data *page, uint64_t name);

/* Adds to the column; ends and writes it. */
void page_add(page_data *page, uint64_t value);
void page_end(page_data *page, const char *name);

/* Parts: page_columns.c, page_facts.c, page_ports.c. */
void page_columns(page_data *page);
void page_facts(page_data *page);
void page_ports(page_data *page);

/* The index of a text of the model, from 1 on, in its order; 0: NULL. */
size_t page_text(const page_data *page, const char *text);

/* Writes a text as JSON that may stand in HTML. */
void page_put_text(FILE *out, const char *text);

#endif
