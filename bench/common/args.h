/* Command lines: what argp leaves to be done.
 *
 * The one idea: an option is one row of a table, which says how it is called,
 * what it takes, where that goes, what it is if nothing was said, and which
 * column shows it.  Help, parser, default and output come from that row.
 *
 * Bad usage ends a program with status 2 and exactly one line on standard
 * error, which names the option, the value and what is allowed.  argp by itself
 * prints two lines, and knows no lists and no units. */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/common/failure.h"
#include "bench/common/rows.h"

/* ---- Values ---------------------------------------------------------------*/

/* A unit that may follow a number: the number counts for 10^power * factor. */
typedef struct args_unit {
    const char *name;
    int power;
    double factor;
} args_unit;

extern const args_unit args_counts[];  /* k, M, G, T */
extern const args_unit args_seconds[]; /* s, ms, us, ns */
extern const args_unit args_rates[];   /* k ... T, kbit ... Tbit */

/* Which numbers an option takes.  The text says so in a message, and fits
 * after "allowed: ". */
typedef struct args_range {
    const char *allowed;
    double min;
    double max;
    bool whole;             /* no fractions */
    bool above;             /* min itself is not allowed */
    const args_unit *units; /* ends with a name of NULL; NULL: none */
} args_range;

/* Which names it takes. */
typedef struct args_known {
    const char *const *names;
    size_t n;
} args_known;

extern const args_known args_formats; /* by rows_format */

/* What --format is if nothing is said, and how help puts that. */
rows_format args_format(void);
#define ARGS_FORMAT_SHOWN "text on a terminal, md elsewhere"

/* The row of --format, whose value goes there. */
#define ARGS_FORMAT_ROW(key, place)                                            \
    {                                                                          \
        .name = "format", .letter = key, .unit = "FORMAT",                     \
        .type = ARGS_CHOICE, .at = place, .known = &args_formats,              \
        .shown = ARGS_FORMAT_SHOWN, .help = "text, md, csv or json"            \
    }

/* Numbers separated by commas, as in "1e6,10G".  Each is the double nearest to
 * what is written: 100us is the same as 0.0001. */
typedef struct args_reals {
    size_t n;
    double *values;
} args_reals;

/* Names separated by commas, each one of those known; "all" stands for every
 * one of them, in their order. */
typedef struct args_names {
    size_t n;
    size_t *index;
} args_names;

/* What an option takes, and of which type the member is that holds it. */
typedef enum args_type {
    ARGS_FLAG,   /* nothing; a bool */
    ARGS_REAL,   /* a double within the range */
    ARGS_COUNT,  /* the same as a size_t */
    ARGS_REALS,  /* an args_reals within the range */
    ARGS_WORD,   /* a uint64_t, decimal or after 0x, such as a seed */
    ARGS_CHOICE, /* one name of those known; its index as a size_t */
    ARGS_NAMES,  /* an args_names of those known */
    ARGS_STRING, /* a const char *, as it was given */
    ARGS_JOINED, /* a char *, all that were given with the joint between them */
} args_type;

/* ---- Options --------------------------------------------------------------*/

typedef struct args_option {
    const char *name;
    int letter;       /* 0: none */
    const char *unit; /* what help calls the value */
    args_type type;
    size_t at;               /* offset of the member */
    const args_range *range; /* of numbers */
    const args_known *known; /* of names */
    char joint;              /* of ARGS_JOINED; 0: a comma */
    const char *preset;      /* the value if nothing is said; NULL: all zero */
    const char *shown;       /* what help calls that; NULL: as it is */
    const char *variable;    /* of the environment, which goes before preset */
    bool late;               /* whoever uses it calls args_complete() */
    const char *help;
    rows_column column; /* that shows it, if it has a name */
} args_option;

/* A group of them, and where their values go. */
typedef struct args_table {
    const char *heading; /* in help; NULL: none */
    const args_option *const *options;
    size_t n;
    void *input;
} args_table;

/* What a command line may have besides options, such as files. */
typedef struct args_operands {
    const char *shown;   /* what help calls them */
    const char **values; /* as they were given, n of them, most at most */
    size_t n;
    size_t most;
    bool command; /* the first one is a program, and all that follows is its
                   * own, which is left where it is in the command line */
} args_operands;

typedef struct args_program {
    const char *name;
    const char *doc; /* before the options, and after a \v behind them */
} args_program;

/* Fills in the inputs of the tables from a command line of options only.
 * Answers --help, --usage and --version, which end the program.  From here on
 * it cannot end with status 0 without everything that it wrote to standard
 * output having been written.
 *
 * A variable whose value is not understood counts for nothing here: the loop
 * reads it too, and complains. */
failure args_parse(const args_program *program, const args_table *tables,
                   size_t n, int argc, char **argv);

/* The same for a program that takes operands, too. */
failure args_parse_with(const args_program *program, const args_table *tables,
                        size_t n, args_operands *operands, int argc,
                        char **argv);

/* Whether an option was given whose variable is set as well.  What is said on
 * the command line goes before the environment. */
bool args_overrule(void);

/* Gives a list its preset if it is empty. */
void args_complete(const args_option *option, void *input);

/* Frees the lists. */
void args_free(const args_table *tables, size_t n);

/* Reads one value; label is what a message calls the option. */
failure args_read(const args_option *option, const char *label,
                  const char *text, void *input);

/* ---- Messages, and the end ------------------------------------------------*/

/* One line on standard error, which begins with the program's name. */
void args_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says what went wrong, if anything did, frees it, and returns the status for
 * main to return. */
int args_end(failure why);

/* Memory, or the end of the program, with status 1. */
void *args_alloc(size_t count, size_t size);
void *args_realloc(void *old, size_t count, size_t size);

/* Likewise: returns what could be had, or ends the program if that is NULL. */
void *args_need(void *got);

#endif
