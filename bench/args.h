/* Command lines: what argp leaves to be done.
 *
 * The one idea: bad usage ends the program with status 2 and exactly one line
 * on standard error, which names the option, the value and what is allowed.
 * argp by itself prints two lines, and knows no lists and no units. */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses a command line that consists of options only.  Names the program in
 * its messages, answers --help, --usage and --version, and returns only if
 * everything was understood.  From here on the program cannot end with status
 * 0 without everything it wrote to standard output having been written. */
void args_parse(const char *program, const struct argp *argp, int argc,
                char **argv, void *input);

/* Ends the program as bad usage does: "PROGRAM: text", status 2. */
void args_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* The same with status 1, for failures that are not a matter of usage. */
void args_give_up(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* One such line, without ending anything. */
void args_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program with status 1 if the last thing written to standard output
 * could not be, so that a long run need not go on for nothing. */
void args_check_output(void);

/* Memory, or the end of the program, with status 1. */
void *args_alloc(size_t count, size_t size);

/* A unit that may follow a number: the number counts for 10^power * factor. */
struct args_unit {
    const char *name;
    int power;
    double factor;
};

/* Which numbers an option takes.  The text says so in a message, and fits
 * after "allowed: ". */
struct args_range {
    const char *allowed;
    double min;
    double max;
    bool whole;                    /* no fractions */
    bool above;                    /* min itself is not allowed */
    const struct args_unit *units; /* ends with a name of NULL; NULL: none */
};

extern const struct args_unit args_counts[];  /* k, M, G, T */
extern const struct args_unit args_seconds[]; /* s, ms, us, ns */
extern const struct args_unit args_rates[];   /* k ... T, kbit ... Tbit */

struct args_reals {
    size_t n;
    double *values;
};

/* Numbers separated by commas, as in "1e6,10G".  Each is the double nearest to
 * what is written: 100us is the same as 0.0001.  The list replaces what was
 * there before and belongs to the caller. */
void args_reals(struct args_reals *list, const char *option, const char *text,
                const struct args_range *range);

double args_real(const char *option, const char *text,
                 const struct args_range *range);

/* A whole number of 64 bits, such as a seed, decimal or after 0x. */
uint64_t args_word(const char *option, const char *text);

struct args_names {
    size_t n;
    size_t *index; /* into the names that are known */
};

/* Names separated by commas, each one of the n known; "all" stands for every
 * one of them, in their order. */
void args_names(struct args_names *list, const char *option, const char *text,
                const char *const *known, size_t n);

/* One name of those known; returns its index. */
size_t args_choice(const char *option, const char *text,
                   const char *const *known, size_t n);

#endif
