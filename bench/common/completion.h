/* Completion: scripts by which shells complete the options of a program and
 * the names that these take.
 *
 * They are written by the program itself, from the tables that its command line
 * is read by, so that they say what it does. */
#ifndef BENCH_COMPLETION_H
#define BENCH_COMPLETION_H

#include <stdio.h>

#include "bench/common/args.h"

/* Writes the script for a shell, which is bash, fish or zsh; another one is bad
 * usage. */
failure completion_write(FILE *out, const char *shell, const char *program,
                         const args_table *tables, size_t n,
                         const args_operands *operands);

#endif
