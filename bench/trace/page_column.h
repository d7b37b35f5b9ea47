/* A column of numbers as text that a page can hold.
 *
 * Small numbers and those that occur often take little: a message of a ring
 * takes some twelve bytes instead of a hundred. */
#ifndef BENCH_TRACE_PAGE_COLUMN_H
#define BENCH_TRACE_PAGE_COLUMN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes n numbers, each below 2^53, as the element `name` of a page. */
void page_column(FILE *out, const char *name, const uint64_t *values, size_t n);

/* A number that may be negative as one that is not: 0, -1, 1, -2, 2 ... */
uint64_t page_folded(int64_t value);

#endif
