/* Rows of named values: aligned text, a Markdown table, CSV (RFC 4180), or JSON
 * with one object a line.
 *
 * A program says once which columns it has; each knows how to get its value out
 * of whatever a row is made of.  Rows are printed at once.  CSV and JSON show
 * numbers in full: reading one back gives the same bits.  Text and Markdown
 * round them for people. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum rows_format {
    ROWS_MD,
    ROWS_CSV,
    ROWS_JSON,
    ROWS_ALIGNED,
} rows_format;

extern const char *const rows_formats[]; /* md, csv, json, text */
enum { ROWS_FORMATS = 4 };

/* Whether a format is for people, who want what they asked for; programs get
 * all that there is. */
bool rows_for_people(rows_format format);

/* How a column shows its values.  Those marked * are reals. */
typedef enum rows_type {
    ROWS_TEXT,
    ROWS_BOOL,
    ROWS_COUNT,   /* a whole number */
    ROWS_REAL,    /* * as short as it can be without losing anything */
    ROWS_RATE,    /* * the same, for people always with an exponent: 1E+09 */
    ROWS_SECONDS, /* * for people as rows_seconds() has it */
    ROWS_SHORT,   /* * for people with two decimals */
    ROWS_DIGEST,  /* a word of 64 bits as a string of 16 hex digits */
} rows_type;

/* A value fits its column; ROWS_NONE fits any and prints as nothing, in JSON as
 * null.  So does a real that is infinite or no number. */
typedef struct rows_value {
    bool none;
    bool strong; /* for people, bold or with a star */
    union {
        const char *text; /* borrowed while the row is printed */
        bool truth;
        uint64_t word;
        double real;
    };
} rows_value;

#define ROWS_NONE ((rows_value){ .none = true })

static inline rows_value rows_text(const char *text)
{
    return (rows_value){ .text = text };
}

static inline rows_value rows_word(uint64_t word)
{
    return (rows_value){ .word = word };
}

static inline rows_value rows_real(double real)
{
    return (rows_value){ .real = real };
}

typedef struct rows_column rows_column;
struct rows_column {
    const char *name;  /* in CSV and JSON */
    const char *title; /* for people */
    rows_type type;
    rows_value (*get)(const void *row, const rows_column *self);
    size_t at;    /* for get: where in a row, or which */
    size_t width; /* of aligned text; less than usual: as usual */
};

/* Getters of a member at an offset: a size_t, a uint64_t, a double, a bool, a
 * const char *. */
rows_value rows_get_size(const void *row, const rows_column *self);
rows_value rows_get_word(const void *row, const rows_column *self);
rows_value rows_get_real(const void *row, const rows_column *self);
rows_value rows_get_bool(const void *row, const rows_column *self);
rows_value rows_get_text(const void *row, const rows_column *self);

/* A plain value: it lives where you put it and needs no freeing. */
typedef struct rows_table {
    FILE *out;
    rows_format format;
    const rows_column *const *columns; /* borrowed */
    size_t n;
} rows_table;

/* Both leave out flushed, and tell whether all has been written; if not, errno
 * says why. */
bool rows_begin(const rows_table *rows); /* the heading, if any */
bool rows_add(const rows_table *rows, const void *row);

enum { ROWS_NUMBER_MAX = 400 }; /* room for any double, 6 decimals */

/* Writes x with decimals of them, after rounding it to 12 significant digits;
 * ties go away from zero.  The first rounding takes the noise of arithmetic
 * off, so that a tie on paper is a tie here: 1.0200255 prints as 1.020026
 * whatever its last bit happens to be. */
const char *rows_fixed(char text[ROWS_NUMBER_MAX], double x, int decimals);

/* Six decimals, or three significant digits where these would show fewer than
 * two: 0.000103, 2.56E-06. */
const char *rows_seconds(char text[ROWS_NUMBER_MAX], double x);

#endif
