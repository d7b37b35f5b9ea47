/* Texts that have a number: equal ones have the same. */
#ifndef BENCH_TRACE_TEXTS_H
#define BENCH_TRACE_TEXTS_H

#include <stddef.h>

/* All zero: none.  Invariants: all[i] is a copy that stays where it is, and has
 * the number i + 1; table holds numbers by hash, and is at most half full. */
typedef struct trace_texts {
    char **all;
    size_t n;
    size_t *table; /* 0: free */
    size_t room;   /* of the table; 0 or a power of two */
} trace_texts;

/* Returns the number of a text, which it gets if it has none: n afterwards. */
size_t trace_texts_number(trace_texts *texts, const char *text);

void trace_texts_free(trace_texts *texts);

#endif
