/* How something went: a status to exit with, and the line that says why.
 *
 * What fails returns one of these instead of ending the program, so that
 * whoever began something can clean up; only main exits. */
#ifndef BENCH_FAILURE_H
#define BENCH_FAILURE_H

#include <stddef.h>

/* All zero: it went well. */
typedef struct failure {
    int status;
    char *text; /* NULL: it has been said already; belongs to who has it */
} failure;

enum { BAD_USAGE = 2 };

#define SUCCESS ((failure){ 0 })

/* Of that status, with a text like printf's. */
failure failure_new(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* That standard output could not be written, for the reason errno has. */
failure failure_of_output(void);

#endif
