/* See rows.h. */

#include "bench/common/rows.h"

#include <inttypes.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const rows_formats[] = { "md", "csv", "json", "text" };

bool rows_for_people(rows_format format)
{
    return format == ROWS_MD || format == ROWS_ALIGNED;
}

/* ---- Numbers --------------------------------------------------------------*/

enum { SIGNIFICANT = 12 };

/* The digits of x != 0, rounded to 12, without point and sign; returns where
 * the point is: the number is 0.d1d2d3... * 10^point. */
static int decimal_digits(double x, char digits[SIGNIFICANT])
{
    char text[SIGNIFICANT + 16];

    snprintf(text, sizeof(text), "%.*e", SIGNIFICANT - 1, fabs(x));
    digits[0] = text[0];
    memcpy(digits + 1, text + 2, SIGNIFICANT - 1);
    return atoi(strchr(text, 'e') + 1) + 1;
}

/* Adds one in the last place of digits that are not all 9. */
static void increment(char *digits, size_t n)
{
    while (digits[n - 1] == '9')
        digits[--n] = '0';
    digits[n - 1]++;
}

/* Lays the digits out from a spare zero in front, which takes a carry, to the
 * first place that is not printed, which decides it. */
static void round_digits(char *places, size_t n, const char *digits, long first)
{
    for (size_t i = 0; i <= n; i++) {
        long d = (long)i - first;

        places[i] = d >= 0 && d < SIGNIFICANT ? digits[d] : '0';
    }
    bool up = places[n] >= '5';
    places[n] = '\0';
    if (up)
        increment(places, n);
}

const char *rows_fixed(char text[ROWS_NUMBER_MAX], double x, int decimals)
{
    char digits[SIGNIFICANT];
    char places[ROWS_NUMBER_MAX];

    if (!isfinite(x) || x == 0) {
        snprintf(text, ROWS_NUMBER_MAX, "%.*f", decimals, x);
        return text;
    }

    int point = decimal_digits(x, digits);
    int whole = 1 + (point > 0 ? point : 1);
    round_digits(places, (size_t)(whole + decimals), digits, whole - point);

    size_t skip = strspn(places, "0");
    bool zero = places[skip] == '\0';
    if (skip >= (size_t)whole)
        skip = (size_t)whole - 1;
    snprintf(text, ROWS_NUMBER_MAX, "%s%.*s%s%s", x < 0 && !zero ? "-" : "",
             whole - (int)skip, places + skip, decimals > 0 ? "." : "",
             places + whole);
    return text;
}

const char *rows_seconds(char text[ROWS_NUMBER_MAX], double x)
{
    if (x == 0 || fabs(x) >= 1e-5)
        return rows_fixed(text, x, 6);
    snprintf(text, ROWS_NUMBER_MAX, "%.3G", x);
    return text;
}

/* The fewest digits, from some number of them on, that read back as x. */
static const char *shortest(char text[ROWS_NUMBER_MAX], double x, int digits,
                            bool capital)
{
    for (; digits <= 17; digits++) {
        snprintf(text, ROWS_NUMBER_MAX, capital ? "%.*G" : "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    return text;
}

/* Whole numbers up to 2^53 in digits, rather than as 1e+07. */
static const char *in_full(char text[ROWS_NUMBER_MAX], double x, bool people)
{
    if (x != floor(x) || fabs(x) >= 0x1p53)
        return shortest(text, x, people ? 6 : 1, people);
    snprintf(text, ROWS_NUMBER_MAX, "%.0f", x);
    return text;
}

/* ---- Values ---------------------------------------------------------------*/

static const void *member(const void *row, const rows_column *self)
{
    return (const char *)row + self->at;
}

rows_value rows_get_size(const void *row, const rows_column *self)
{
    return rows_word(*(const size_t *)member(row, self));
}

rows_value rows_get_word(const void *row, const rows_column *self)
{
    return rows_word(*(const uint64_t *)member(row, self));
}

rows_value rows_get_real(const void *row, const rows_column *self)
{
    return rows_real(*(const double *)member(row, self));
}

rows_value rows_get_bool(const void *row, const rows_column *self)
{
    return (rows_value){ .truth = *(const bool *)member(row, self) };
}

rows_value rows_get_text(const void *row, const rows_column *self)
{
    return rows_text(*(const char *const *)member(row, self));
}

static bool is_real(rows_type type)
{
    return type >= ROWS_REAL && type <= ROWS_SHORT;
}

static bool is_quoted(rows_type type)
{
    return type == ROWS_TEXT || type == ROWS_DIGEST;
}

static bool is_nothing(rows_type type, rows_value value)
{
    return value.none || (is_real(type) && !isfinite(value.real));
}

static const char *real_text(char text[ROWS_NUMBER_MAX], rows_type type,
                             double x, bool people)
{
    if (!people)
        return in_full(text, x, false);
    if (type == ROWS_SECONDS)
        return rows_seconds(text, x);
    if (type == ROWS_SHORT)
        return rows_fixed(text, x, 2);
    return type == ROWS_RATE ? shortest(text, x, 6, true)
                             : in_full(text, x, true);
}

/* Without quotes; it may be in text. */
static const char *value_text(char text[ROWS_NUMBER_MAX], rows_type type,
                              rows_value value, bool people)
{
    if (is_nothing(type, value))
        return "";
    if (type == ROWS_TEXT)
        return value.text;
    if (type == ROWS_BOOL)
        return value.truth ? "true" : "false";
    if (is_real(type))
        return real_text(text, type, value.real, people);
    snprintf(text, ROWS_NUMBER_MAX,
             type == ROWS_DIGEST ? "%016" PRIx64 : "%" PRIu64, value.word);
    return text;
}

static void print_quoted_json(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void print_quoted_csv(FILE *out, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', out);
}

/* A bar would end the cell. */
static void print_cell_md(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

/* ---- Cells ----------------------------------------------------------------*/

/* What most values of a type have room in. */
static size_t width_of(const rows_column *column)
{
    static const size_t usual[] = {
        [ROWS_TEXT] = 12, [ROWS_BOOL] = 5,    [ROWS_COUNT] = 8,
        [ROWS_REAL] = 7,  [ROWS_RATE] = 8,    [ROWS_SECONDS] = 11,
        [ROWS_SHORT] = 8, [ROWS_DIGEST] = 16,
    };
    size_t width = usual[column->type];

    if (column->width > width)
        width = column->width;
    return strlen(column->title) > width ? strlen(column->title) : width;
}

/* Text to the left, numbers to the right, and then room for a star. */
static void print_aligned(const rows_table *rows, size_t i, const char *text,
                          char mark)
{
    const rows_column *column = rows->columns[i];
    bool left = is_quoted(column->type) || column->type == ROWS_BOOL;
    int width = (int)width_of(column);

    if (i + 1 < rows->n)
        fprintf(rows->out, "%*s%c ", left ? -width : width, text, mark);
    else if (mark == ' ')
        fprintf(rows->out, "%*s\n", left ? 0 : width, text);
    else
        fprintf(rows->out, "%*s%c\n", left ? 0 : width, text, mark);
}

static void print_md(const rows_table *rows, size_t i, const char *text,
                     bool strong)
{
    fputs(i > 0 ? " | " : "| ", rows->out);
    fputs(strong ? "**" : "", rows->out);
    print_cell_md(rows->out, text);
    fputs(strong ? "**" : "", rows->out);
    fputs(i + 1 < rows->n ? "" : " |\n", rows->out);
}

static void print_csv(const rows_table *rows, size_t i, const char *text)
{
    fputs(i > 0 ? "," : "", rows->out);
    print_quoted_csv(rows->out, text);
    fputs(i + 1 < rows->n ? "" : "\n", rows->out);
}

static void print_json(const rows_table *rows, size_t i, const char *text,
                       bool none)
{
    const rows_column *column = rows->columns[i];

    fprintf(rows->out, "%s\"%s\": ", i > 0 ? ", " : "{", column->name);
    if (none)
        fputs("null", rows->out);
    else if (is_quoted(column->type))
        print_quoted_json(rows->out, text);
    else
        fputs(text, rows->out);
    fputs(i + 1 < rows->n ? "" : "}\n", rows->out);
}

static void print_cell(const rows_table *rows, size_t i, rows_value value)
{
    rows_type type = rows->columns[i]->type;
    char room[ROWS_NUMBER_MAX];
    const char *text =
        value_text(room, type, value, rows_for_people(rows->format));

    if (rows->format == ROWS_MD)
        print_md(rows, i, text, value.strong);
    else if (rows->format == ROWS_CSV)
        print_csv(rows, i, text);
    else if (rows->format == ROWS_JSON)
        print_json(rows, i, text, is_nothing(type, value));
    else
        print_aligned(rows, i, text, value.strong ? '*' : ' ');
}

/* ---- Rows -----------------------------------------------------------------*/

static bool flush(const rows_table *rows)
{
    int error = errno; /* of what was written before, if anything failed */

    if (fflush(rows->out) != 0)
        return false;
    errno = error;
    return ferror(rows->out) == 0;
}

static void begin_md(const rows_table *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        fprintf(rows->out, "| %s ", rows->columns[i]->title);
    fputs("|\n", rows->out);
    for (size_t i = 0; i < rows->n; i++)
        fputs("|:--", rows->out);
    fputs("|\n", rows->out);
}

bool rows_begin(const rows_table *rows)
{
    if (rows->format == ROWS_MD)
        begin_md(rows);
    else if (rows->format == ROWS_CSV)
        for (size_t i = 0; i < rows->n; i++)
            print_csv(rows, i, rows->columns[i]->name);
    else if (rows->format == ROWS_ALIGNED)
        for (size_t i = 0; i < rows->n; i++)
            print_aligned(rows, i, rows->columns[i]->title, ' ');
    return flush(rows);
}

bool rows_add(const rows_table *rows, const void *row)
{
    for (size_t i = 0; i < rows->n; i++) {
        const rows_column *column = rows->columns[i];

        print_cell(rows, i, column->get(row, column));
    }
    return flush(rows);
}
