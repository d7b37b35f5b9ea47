/* Rows of named values, printed as a Markdown table, as CSV (RFC 4180) or as
 * JSON, one object a line.
 *
 * A program says once which columns it has, and then hands over rows; each is
 * printed at once.  CSV and JSON show numbers in full: reading one back gives
 * the same bits.  Markdown rounds them for people. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum report_format { REPORT_MD, REPORT_CSV, REPORT_JSON };

extern const char *const report_formats[]; /* md, csv, json */
enum { REPORT_FORMATS = 3 };

/* How a column shows its values.  Those marked * are reals. */
enum report_type {
    REPORT_TEXT,
    REPORT_BOOL,
    REPORT_COUNT,   /* a whole number */
    REPORT_REAL,    /* * as short as it can be without losing anything */
    REPORT_RATE,    /* * the same, in Markdown with a capital E: 1E+09 */
    REPORT_SECONDS, /* * in Markdown with six decimals, report_fixed() */
    REPORT_SHORT,   /* * in Markdown with two decimals */
    REPORT_DIGEST,  /* a word of 64 bits as a string of 16 hex digits */
};

struct report_column {
    const char *name;  /* in CSV and JSON */
    const char *title; /* in Markdown */
    enum report_type type;
};

/* A value fits its column; REPORT_NONE fits any and prints as nothing, in
 * JSON as null.  So does a real that is infinite or no number. */
struct report_value {
    bool none;
    bool strong; /* in Markdown, printed in bold */
    union {
        const char *text; /* borrowed while the row is printed */
        bool truth;
        uint64_t word;
        double real;
    };
};

#define REPORT_NONE ((struct report_value){ .none = true })

static inline struct report_value report_text(const char *text)
{
    return (struct report_value){ .text = text };
}

static inline struct report_value report_bool(bool truth)
{
    return (struct report_value){ .truth = truth };
}

static inline struct report_value report_word(uint64_t word)
{
    return (struct report_value){ .word = word };
}

static inline struct report_value report_real(double real)
{
    return (struct report_value){ .real = real };
}

/* A plain value: it lives where you put it and needs no freeing. */
struct report {
    FILE *out;
    enum report_format format;
    const struct report_column *columns; /* borrowed */
    size_t n;
};

/* Both leave out flushed, and errno as that left it. */
void report_begin(const struct report *report); /* the heading, if any */
void report_row(const struct report *report, const struct report_value *row);

enum { REPORT_NUMBER_MAX = 400 }; /* room for any double, 6 decimals */

/* Writes x with decimals of them, after rounding it to 12 significant digits;
 * ties go away from zero.  The first rounding takes the noise of arithmetic
 * off, so that a tie on paper is a tie here: 1.0200255 prints as 1.020026
 * whatever its last bit happens to be. */
const char *report_fixed(char text[REPORT_NUMBER_MAX], double x, int decimals);

#endif
