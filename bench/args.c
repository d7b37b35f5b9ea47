/* See args.h.
 *
 * How argp is kept to one line: messages about options that do not exist or
 * lack their value come from getopt, one line each; the second line, "Try ...",
 * is argp's own and goes to a stream that the parser may take away. */

#include "bench/args.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

enum { BAD_USAGE = 2, NUMBER_MAX = 64 };

static const char *program_name = "";

const struct args_unit args_counts[] = {
    { "k", 3, 1 }, { "M", 6, 1 }, { "G", 9, 1 }, { "T", 12, 1 }, { 0 },
};

const struct args_unit args_seconds[] = {
    { "s", 0, 1 }, { "ms", -3, 1 }, { "us", -6, 1 }, { "ns", -9, 1 }, { 0 },
};

const struct args_unit args_rates[] = {
    { "k", 3, 1 },        { "M", 6, 1 },         { "G", 9, 1 },
    { "T", 12, 1 },       { "kbit", 3, 0.125 },  { "Mbit", 6, 0.125 },
    { "Gbit", 9, 0.125 }, { "Tbit", 12, 0.125 }, { 0 },
};

/* ---- Messages, and ending early -------------------------------------------*/

static void __attribute__((format(printf, 1, 0)))
say(const char *format, va_list list)
{
    fprintf(stderr, "%s: ", program_name);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
}

void args_warn(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
}

void args_fail(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
    exit(BAD_USAGE);
}

void args_give_up(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
    exit(EXIT_FAILURE);
}

static void __attribute__((noreturn)) out_of_memory(void)
{
    args_give_up("out of memory");
}

void *args_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        out_of_memory();
    return memory;
}

static void __attribute__((noreturn)) output_failed(int error)
{
    fprintf(stderr, "%s: cannot write the output: %s\n", program_name,
            error != 0 ? strerror(error) : "unknown reason");
    _exit(EXIT_FAILURE);
}

void args_check_output(void)
{
    int error = errno;

    if (ferror(stdout))
        output_failed(error);
}

/* The last look: a full disk may show only now. */
static void close_output(void)
{
    bool failed = ferror(stdout) != 0;

    errno = 0;
    if (fclose(stdout) != 0 || failed)
        output_failed(errno);
}

/* ---- argp -----------------------------------------------------------------*/

static error_t parse_any(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        state->err_stream = NULL;
        return 0;
    case ARGP_KEY_ARG:
        args_fail("unexpected argument '%s'; only options are allowed, see "
                  "--help",
                  arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    fprintf(stream, "%s (dist-sys) %s\n", program_name, PACKAGE_VERSION);
}

void args_parse(const char *program, const struct argp *argp, int argc,
                char **argv, void *input)
{
    const struct argp_child children[] = { { .argp = argp }, { 0 } };
    const struct argp whole = { .parser = parse_any, .children = children };

    program_name = program;
    argp_program_version_hook = print_version;
    argp_err_exit_status = BAD_USAGE;
    atexit(close_output);
    argv[0] = (char *)program; /* which getopt prints, and only reads */

    error_t error = argp_parse(&whole, argc, argv, 0, NULL, input);
    if (error == ENOMEM)
        out_of_memory();
    if (error != 0)
        exit(BAD_USAGE);
}

/* ---- Numbers --------------------------------------------------------------*/

static void refuse(const char *option, const char *value, int length,
                   const char *allowed)
{
    args_fail("%s: bad value '%.*s'; allowed: %s", option, length, value,
              allowed);
}

/* The length of a plain decimal number, so that strtod() sees nothing of its
 * richer tastes such as "inf", "nan" and "0x1p3". */
static size_t mantissa_length(const char *text)
{
    size_t sign = *text == '-' || *text == '+';

    return sign + strspn(text + sign, "0123456789.");
}

static const struct args_unit *find_unit(const struct args_unit *units,
                                         const char *name, size_t length)
{
    static const struct args_unit one = { "", 0, 1 };

    if (length == 0)
        return &one;
    for (; units != NULL && units->name != NULL; units++)
        if (strlen(units->name) == length &&
            memcmp(units->name, name, length) == 0)
            return units;
    return NULL;
}

/* Reads a number and its unit.  The unit's power of ten is added to the
 * exponent before anything becomes binary: 100 * 1e-6 is not 1e-4. */
static bool read_real(const char *text, size_t length,
                      const struct args_unit *units, double *value)
{
    char number[NUMBER_MAX];
    char *end;
    size_t digits = mantissa_length(text);
    const char *rest = text + digits;
    long exponent = 0;

    if (length >= NUMBER_MAX / 2 || digits > length)
        return false;
    if (*rest == 'e' || *rest == 'E') {
        exponent = strtol(rest + 1, &end, 10);
        if (end == rest + 1 || isspace((unsigned char)rest[1]))
            return false;
        rest = end;
    }

    const struct args_unit *unit =
        find_unit(units, rest, (size_t)(text + length - rest));
    if (unit == NULL || exponent < -9999 || exponent > 9999)
        return false;
    snprintf(number, sizeof(number), "%.*se%ld", (int)digits, text,
             exponent + unit->power);
    *value = strtod(number, &end) * unit->factor;
    return end != number && *end == '\0';
}

static bool in_range(double value, const struct args_range *range)
{
    if (!isfinite(value) || value < range->min || value > range->max)
        return false;
    if (range->above && value <= range->min)
        return false;
    return !range->whole || value == floor(value);
}

static double real_of(const char *option, const char *text, size_t length,
                      const struct args_range *range)
{
    double value;

    if (!read_real(text, length, range->units, &value) ||
        !in_range(value, range))
        refuse(option, text, (int)length, range->allowed);
    return value;
}

double args_real(const char *option, const char *text,
                 const struct args_range *range)
{
    return real_of(option, text, strlen(text), range);
}

static size_t count_items(const char *text)
{
    size_t n = 1;

    for (; *text != '\0'; text++)
        n += *text == ',';
    return n;
}

void args_reals(struct args_reals *list, const char *option, const char *text,
                const struct args_range *range)
{
    free(list->values);
    list->n = count_items(text);
    list->values = args_alloc(list->n, sizeof(*list->values));
    for (size_t i = 0; i < list->n; i++) {
        size_t length = strcspn(text, ",");

        list->values[i] = real_of(option, text, length, range);
        text += length + 1;
    }
}

uint64_t args_word(const char *option, const char *text)
{
    static const char allowed[] = "a whole number from 0 to 2^64 - 1";
    char *end;

    errno = 0;
    uint64_t value = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0)
        refuse(option, text, (int)strlen(text), allowed);
    return value;
}

/* ---- Names ----------------------------------------------------------------*/

static void refuse_name(const char *option, const char *text, size_t length,
                        const char *const *known, size_t n, const char *more)
{
    size_t room = 1 + strlen(more);

    for (size_t i = 0; i < n; i++)
        room += strlen(known[i]) + 2;
    char *names = args_alloc(room, 1);
    for (size_t i = 0; i < n; i++) {
        strcat(names, i > 0 ? ", " : "");
        strcat(names, known[i]);
    }
    strcat(names, more);
    args_fail("%s: unknown name '%.*s'; known are %s", option, (int)length,
              text, names);
}

/* The index of a name, or n. */
static size_t find_name(const char *text, size_t length,
                        const char *const *known, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(known[i]) == length && memcmp(known[i], text, length) == 0)
            return i;
    return n;
}

void args_names(struct args_names *list, const char *option, const char *text,
                const char *const *known, size_t n)
{
    free(list->index);
    list->n = 0;
    list->index = args_alloc(count_items(text) * n, sizeof(*list->index));
    for (size_t items = count_items(text); items > 0; items--) {
        size_t length = strcspn(text, ",");
        size_t found = find_name(text, length, known, n);

        if (found < n)
            list->index[list->n++] = found;
        else if (length == 3 && memcmp(text, "all", 3) == 0)
            for (size_t i = 0; i < n; i++)
                list->index[list->n++] = i;
        else
            refuse_name(option, text, length, known, n, "; or all");
        text += length + 1;
    }
}

size_t args_choice(const char *option, const char *text,
                   const char *const *known, size_t n)
{
    size_t found = find_name(text, strlen(text), known, n);

    if (found == n)
        refuse_name(option, text, strlen(text), known, n, "");
    return found;
}
