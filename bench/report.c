/* See report.h. */

#include "bench/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const report_formats[] = { "md", "csv", "json" };

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

const char *report_fixed(char text[REPORT_NUMBER_MAX], double x, int decimals)
{
    char digits[SIGNIFICANT];
    char places[REPORT_NUMBER_MAX];

    if (!isfinite(x) || x == 0) {
        snprintf(text, REPORT_NUMBER_MAX, "%.*f", decimals, x);
        return text;
    }

    int point = decimal_digits(x, digits);
    int whole = 1 + (point > 0 ? point : 1);
    round_digits(places, (size_t)(whole + decimals), digits, whole - point);

    size_t skip = strspn(places, "0");
    bool zero = places[skip] == '\0';
    if (skip >= (size_t)whole)
        skip = (size_t)whole - 1;
    snprintf(text, REPORT_NUMBER_MAX, "%s%.*s%s%s", x < 0 && !zero ? "-" : "",
             whole - (int)skip, places + skip, decimals > 0 ? "." : "",
             places + whole);
    return text;
}

/* The fewest digits, from some number of them on, that read back as x. */
static void print_shortest(FILE *out, double x, int digits, bool capital)
{
    char text[40];

    for (; digits <= 17; digits++) {
        snprintf(text, sizeof(text), capital ? "%.*G" : "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    fputs(text, out);
}

/* ---- Values ---------------------------------------------------------------*/

static bool is_real(enum report_type type)
{
    return type >= REPORT_REAL && type <= REPORT_SHORT;
}

static bool is_nothing(enum report_type type, struct report_value value)
{
    return value.none || (is_real(type) && !isfinite(value.real));
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

static void print_text(const struct report *report, const char *text)
{
    if (report->format == REPORT_JSON)
        print_quoted_json(report->out, text);
    else if (report->format == REPORT_CSV)
        print_quoted_csv(report->out, text);
    else
        print_cell_md(report->out, text);
}

/* Whole numbers up to 2^53 in digits, rather than as 1e+07. */
static void print_real_in_full(FILE *out, double x)
{
    if (x == floor(x) && fabs(x) < 0x1p53)
        fprintf(out, "%.0f", x);
    else
        print_shortest(out, x, 1, false);
}

static void print_real(const struct report *report, enum report_type type,
                       double x)
{
    char text[REPORT_NUMBER_MAX];

    if (report->format != REPORT_MD)
        print_real_in_full(report->out, x);
    else if (type == REPORT_SECONDS)
        fputs(report_fixed(text, x, 6), report->out);
    else if (type == REPORT_SHORT)
        fputs(report_fixed(text, x, 2), report->out);
    else
        print_shortest(report->out, x, 6, type == REPORT_RATE);
}

static void print_digest(const struct report *report, uint64_t word)
{
    char text[17];

    snprintf(text, sizeof(text), "%016" PRIx64, word);
    print_text(report, text);
}

static void print_value(const struct report *report, enum report_type type,
                        struct report_value value)
{
    if (is_nothing(type, value))
        fputs(report->format == REPORT_JSON ? "null" : "", report->out);
    else if (is_real(type))
        print_real(report, type, value.real);
    else if (type == REPORT_TEXT)
        print_text(report, value.text);
    else if (type == REPORT_BOOL)
        fputs(value.truth ? "true" : "false", report->out);
    else if (type == REPORT_COUNT)
        fprintf(report->out, "%" PRIu64, value.word);
    else
        print_digest(report, value.word);
}

/* ---- Rows -----------------------------------------------------------------*/

static void begin_md(const struct report *report)
{
    for (size_t i = 0; i < report->n; i++)
        fprintf(report->out, "| %s ", report->columns[i].title);
    fputs("|\n", report->out);
    for (size_t i = 0; i < report->n; i++)
        fputs("|:--", report->out);
    fputs("|\n", report->out);
}

static void begin_csv(const struct report *report)
{
    for (size_t i = 0; i < report->n; i++) {
        fputs(i > 0 ? "," : "", report->out);
        print_quoted_csv(report->out, report->columns[i].name);
    }
    fputc('\n', report->out);
}

void report_begin(const struct report *report)
{
    if (report->format == REPORT_MD)
        begin_md(report);
    else if (report->format == REPORT_CSV)
        begin_csv(report);
    fflush(report->out);
}

static void print_before(const struct report *report, size_t i)
{
    if (report->format == REPORT_MD)
        fputs(i > 0 ? " | " : "| ", report->out);
    else if (report->format == REPORT_CSV)
        fputs(i > 0 ? "," : "", report->out);
    else
        fputs(i > 0 ? ", " : "{", report->out);
    if (report->format == REPORT_JSON)
        fprintf(report->out, "\"%s\": ", report->columns[i].name);
}

void report_row(const struct report *report, const struct report_value *row)
{
    static const char *const ends[] = { " |\n", "\n", "}\n" };

    for (size_t i = 0; i < report->n; i++) {
        bool strong = report->format == REPORT_MD && row[i].strong;

        print_before(report, i);
        fputs(strong ? "**" : "", report->out);
        print_value(report, report->columns[i].type, row[i]);
        fputs(strong ? "**" : "", report->out);
    }
    fputs(ends[report->format], report->out);
    fflush(report->out);
}
