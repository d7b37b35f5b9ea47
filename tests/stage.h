/* What the tests of simulations share: a log, payloads that count, and a loop
 * that is made, filled and judged in a line each.
 *
 * Simulated threads write into the log and the main thread reads it after the
 * run.  Nothing here locks: only one simulated thread runs at a time, which
 * ThreadSanitizer checks along the way. */

#ifndef STAGE_H
#define STAGE_H

#include "harness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/loop.h>
#include <distsys/net.h>

/* ---- The log --------------------------------------------------------------*/

/* Appends to the log; what does not fit fails the test. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);

const char *noted(void);
void note_clear(void);

/* The log must be exactly this; it is cleared. */
#define ck_noted(text)                                                         \
    do {                                                                       \
        ck_assert_str_eq(noted(), text);                                       \
        note_clear();                                                          \
    } while (0)

/* ---- Payloads -------------------------------------------------------------*/

/* Counts how often it is called for each payload: the number of frees of
 * &freed[i] is freed[i]. */
enum { num_freed = 64 };
extern int freed[num_freed];
void count_free(void *data);

/* Every payload from the first up to the n-th was freed exactly once. */
void ck_each_freed_once(int n);

/* ---- Loops ----------------------------------------------------------------*/

ds_loop *loop_fifo(void);            /* ties go to the first scheduled */
ds_loop *loop_seeded(uint64_t seed); /* ties drawn from this seed */
ds_loop *loop_on_threads(void);      /* POSIX threads, whatever the
                                      * environment says */

/* Runs the loop, which must end this way.  If text is not NULL, it must be
 * part of the report. */
void ck_run(ds_loop *loop, ds_status want, const char *text);

/* Likewise, and frees it. */
void ck_run_once(ds_loop *loop, ds_status want, const char *text);

/* Runs the loop, which must end this way, and returns what is written on
 * standard error meanwhile, until the next time. */
const char *run_and_listen(ds_loop *loop, ds_status want);

/* text holds part. */
void ck_contains(const char *text, const char *part);

/* How many threads of the system the process has. */
size_t count_tasks(void);

/* A sender that needs no further thought: an event without data at now +
 * seconds. */
ds_timer ring(ds_handle *h, ds_stream *to, double seconds);

#endif
