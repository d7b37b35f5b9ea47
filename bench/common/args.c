/* See args.h.
 *
 * How argp is kept to one line: messages about options that do not exist or
 * lack their value come from getopt, one line each; the second line, "Try ...",
 * is argp's own and goes to a stream that the parser takes away. */

#include "bench/common/args.h"

#include <argp.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/common/completion.h"
#include "config.h"

enum {
    NUMBER_MAX = 64,
    COMPLETION_KEY = 256,
    FIRST_KEY, /* of options without a letter */
};

static const char *program_name = "";
static bool overrules;
static bool failed; /* and it has been said why */

const args_unit args_counts[] = {
    { "k", 3, 1 }, { "M", 6, 1 }, { "G", 9, 1 }, { "T", 12, 1 }, { 0 },
};

const args_unit args_seconds[] = {
    { "s", 0, 1 }, { "ms", -3, 1 }, { "us", -6, 1 }, { "ns", -9, 1 }, { 0 },
};

const args_unit args_rates[] = {
    { "k", 3, 1 },        { "M", 6, 1 },         { "G", 9, 1 },
    { "T", 12, 1 },       { "kbit", 3, 0.125 },  { "Mbit", 6, 0.125 },
    { "Gbit", 9, 0.125 }, { "Tbit", 12, 0.125 }, { 0 },
};

const args_known args_formats = { rows_formats, ROWS_FORMATS };

rows_format args_format(void)
{
    return isatty(STDOUT_FILENO) ? ROWS_ALIGNED : ROWS_MD;
}

/* ---- Messages, and the end ------------------------------------------------*/

void args_warn(const char *format, ...)
{
    va_list list;

    fprintf(stderr, "%s: ", program_name);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

int args_end(failure why)
{
    if (why.text != NULL)
        args_warn("%s", why.text);
    free(why.text);
    failed = why.status != 0;
    return why.status;
}

void *args_need(void *memory)
{
    if (memory == NULL)
        exit(args_end(failure_new(EXIT_FAILURE, "out of memory")));
    return memory;
}

void *args_alloc(size_t count, size_t size)
{
    return args_need(calloc(count > 0 ? count : 1, size));
}

void *args_realloc(void *old, size_t count, size_t size)
{
    return args_need(reallocarray(old, count, size));
}

/* The last look: a full disk may show only now.  If it showed while help was
 * written, errno still says so. */
static void close_output(void)
{
    bool incomplete = ferror(stdout) != 0;
    int error = errno;

    if (fclose(stdout) != 0 && !incomplete) {
        incomplete = true;
        error = errno;
    }
    if (!incomplete || failed)
        return;
    errno = error;
    _exit(args_end(failure_of_output()));
}

/* ---- Numbers --------------------------------------------------------------*/

static failure refuse(const char *label, const char *value, size_t length,
                      const char *allowed)
{
    return failure_new(BAD_USAGE, "%s: bad value '%.*s'; allowed: %s", label,
                       (int)length, value, allowed);
}

/* The length of a plain decimal number, so that strtod() sees nothing of its
 * richer tastes such as "inf", "nan" and "0x1p3". */
static size_t mantissa_length(const char *text)
{
    size_t sign = *text == '-' || *text == '+';

    return sign + strspn(text + sign, "0123456789.");
}

static const args_unit *find_unit(const args_unit *units, const char *name,
                                  size_t length)
{
    static const args_unit one = { "", 0, 1 };

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
static bool read_real(const char *text, size_t length, const args_unit *units,
                      double *value)
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

    const args_unit *unit =
        find_unit(units, rest, (size_t)(text + length - rest));
    if (unit == NULL || exponent < -9999 || exponent > 9999)
        return false;
    snprintf(number, sizeof(number), "%.*se%ld", (int)digits, text,
             exponent + unit->power);
    *value = strtod(number, &end) * unit->factor;
    return end != number && *end == '\0';
}

static bool in_range(double value, const args_range *range)
{
    if (!isfinite(value) || value < range->min || value > range->max)
        return false;
    if (range->above && value <= range->min)
        return false;
    return !range->whole || value == floor(value);
}

static failure read_number(const char *label, const char *text, size_t length,
                           const args_range *range, double *value)
{
    if (read_real(text, length, range->units, value) && in_range(*value, range))
        return SUCCESS;
    return refuse(label, text, length, range->allowed);
}

static failure read_count(const char *label, const char *text,
                          const args_range *range, size_t *count)
{
    double value;
    failure why = read_number(label, text, strlen(text), range, &value);

    if (why.status == 0)
        *count = (size_t)value;
    return why;
}

static size_t count_items(const char *text)
{
    size_t n = 1;

    for (; *text != '\0'; text++)
        n += *text == ',';
    return n;
}

static failure read_reals(const char *label, const char *text,
                          const args_range *range, args_reals *list)
{
    free(list->values);
    list->n = count_items(text);
    list->values = args_alloc(list->n, sizeof(*list->values));
    for (size_t i = 0; i < list->n; i++) {
        size_t length = strcspn(text, ",");
        failure why = read_number(label, text, length, range, &list->values[i]);

        if (why.status != 0)
            return why;
        text += length + 1;
    }
    return SUCCESS;
}

static failure read_word(const char *label, const char *text, uint64_t *word)
{
    static const char allowed[] = "a whole number from 0 to 2^64 - 1";
    char *end;

    errno = 0;
    *word = strtoull(text, &end, strncmp(text, "0x", 2) != 0 ? 10 : 16);
    if (isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0)
        return SUCCESS;
    return refuse(label, text, strlen(text), allowed);
}

/* ---- Names ----------------------------------------------------------------*/

static failure refuse_name(const char *label, const char *text, size_t length,
                           const args_known *known, const char *more)
{
    size_t room = 1 + strlen(more);

    for (size_t i = 0; i < known->n; i++)
        room += strlen(known->names[i]) + 2;
    char *names = args_alloc(room, 1);
    for (size_t i = 0; i < known->n; i++) {
        strcat(names, i > 0 ? ", " : "");
        strcat(names, known->names[i]);
    }
    strcat(names, more);
    failure why =
        failure_new(BAD_USAGE, "%s: unknown name '%.*s'; known are %s", label,
                    (int)length, text, names);
    free(names);
    return why;
}

/* The index of a name, or n. */
static size_t find_name(const char *text, size_t length,
                        const args_known *known)
{
    for (size_t i = 0; i < known->n; i++)
        if (strlen(known->names[i]) == length &&
            memcmp(known->names[i], text, length) == 0)
            return i;
    return known->n;
}

static failure read_names(const char *label, const char *text,
                          const args_known *known, args_names *list)
{
    free(list->index);
    list->n = 0;
    list->index =
        args_alloc(count_items(text) * known->n, sizeof(*list->index));
    for (size_t items = count_items(text); items > 0; items--) {
        size_t length = strcspn(text, ",");
        size_t found = find_name(text, length, known);

        if (found < known->n)
            list->index[list->n++] = found;
        else if (length == 3 && memcmp(text, "all", 3) == 0)
            for (size_t i = 0; i < known->n; i++)
                list->index[list->n++] = i;
        else
            return refuse_name(label, text, length, known, "; or all");
        text += length + 1;
    }
    return SUCCESS;
}

static failure read_choice(const char *label, const char *text,
                           const args_known *known, size_t *index)
{
    size_t found = find_name(text, strlen(text), known);

    if (found == known->n)
        return refuse_name(label, text, strlen(text), known, "");
    *index = found;
    return SUCCESS;
}

/* ---- Options --------------------------------------------------------------*/

static void *member(const args_option *o, void *input)
{
    return (char *)input + o->at;
}

static void join(const char *text, char joint, char **all)
{
    const size_t before = *all == NULL ? 0 : strlen(*all) + 1;
    char *joined = args_alloc(before + strlen(text) + 1, 1);

    if (before > 0) {
        memcpy(joined, *all, before - 1);
        joined[before - 1] = joint;
    }
    strcpy(joined + before, text);
    free(*all);
    *all = joined;
}

failure args_read(const args_option *o, const char *label, const char *text,
                  void *input)
{
    void *at = member(o, input);

    switch (o->type) {
    case ARGS_FLAG:
        *(bool *)at = true;
        return SUCCESS;
    case ARGS_REAL:
        return read_number(label, text, strlen(text), o->range, at);
    case ARGS_COUNT:
        return read_count(label, text, o->range, at);
    case ARGS_REALS:
        return read_reals(label, text, o->range, at);
    case ARGS_WORD:
        return read_word(label, text, at);
    case ARGS_CHOICE:
        return read_choice(label, text, o->known, at);
    case ARGS_NAMES:
        return read_names(label, text, o->known, at);
    case ARGS_STRING:
        *(const char **)at = text;
        return SUCCESS;
    case ARGS_JOINED:
        join(text, o->joint == 0 ? ',' : o->joint, at);
    }
    return SUCCESS;
}

/* Reads what was not typed by anybody, and whether it is understood. */
static bool read_silently(const args_option *o, const char *text, void *input)
{
    failure why = args_read(o, o->name, text, input);

    free(why.text);
    return why.status == 0;
}

static void set_preset(const args_option *o, void *input)
{
    bool understood = o->preset == NULL || read_silently(o, o->preset, input);

    assert(understood);
    (void)understood;
}

static bool is_list(const args_option *o)
{
    return o->type == ARGS_REALS || o->type == ARGS_NAMES;
}

/* Both kinds of lists begin alike. */
static bool is_empty(const args_option *o, void *input)
{
    return o->type == ARGS_REALS ? ((args_reals *)member(o, input))->n == 0
                                 : ((args_names *)member(o, input))->n == 0;
}

void args_complete(const args_option *option, void *input)
{
    if (is_list(option) && is_empty(option, input))
        set_preset(option, input);
}

static void free_list(const args_option *o, void *input)
{
    if (o->type == ARGS_REALS)
        free(((args_reals *)member(o, input))->values);
    if (o->type == ARGS_NAMES)
        free(((args_names *)member(o, input))->index);
    if (o->type == ARGS_JOINED)
        free(*(char **)member(o, input));
}

/* ---- All of a program -----------------------------------------------------*/

/* One option of all, by its place among them. */
typedef struct place {
    const args_option *option;
    void *input;
    const char *heading; /* of those that begin here */
    size_t group;
    bool given;
    char *help;
} place;

typedef struct parser {
    place *places;
    size_t n;
    args_operands *operands; /* or NULL */
    const args_table *tables;
    size_t num_tables;
    failure why;
} parser;

static parser parser_new(const args_table *tables, size_t n)
{
    parser p = { .tables = tables, .num_tables = n };
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        p.n += tables[i].n;
    p.places = args_alloc(p.n, sizeof(*p.places));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i].n; k++)
            p.places[at++] = (place){
                .option = tables[i].options[k],
                .input = tables[i].input,
                .heading = k == 0 ? tables[i].heading : NULL,
                .group = i + 1,
            };
    return p;
}

static void parser_free(parser *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->places[i].help);
    free(p->places);
}

static int key_of(const parser *p, size_t i)
{
    int letter = p->places[i].option->letter;

    return letter != 0 ? letter : FIRST_KEY + (int)i;
}

/* With what it is if nothing is said. */
static char *help_of(const args_option *o)
{
    const char *preset = o->shown != NULL ? o->shown : o->preset;
    char *help = NULL;
    int n;

    if (preset == NULL)
        n = asprintf(&help, "%s", o->help);
    else if (o->variable == NULL)
        n = asprintf(&help, "%s (%s)", o->help, preset);
    else
        n = asprintf(&help, "%s ($%s, or %s)", o->help, o->variable, preset);
    return n < 0 ? NULL : help;
}

/* What argp wants to know, to be freed. */
static struct argp_option *argp_options(parser *p)
{
    struct argp_option *all = args_alloc(2 * p->n + 3, sizeof(*all));
    struct argp_option *next = all;

    for (size_t i = 0; i < p->n; i++) {
        place *at = &p->places[i];

        if (at->heading != NULL)
            *next++ = (struct argp_option){ .doc = at->heading,
                                            .group = (int)at->group };
        at->help = help_of(at->option);
        *next++ = (struct argp_option){
            .name = at->option->name,
            .key = key_of(p, i),
            .arg = at->option->type != ARGS_FLAG ? at->option->unit : NULL,
            .doc = at->help,
            .group = (int)at->group,
        };
    }
    *next++ = (struct argp_option){ .doc = "About the program:", .group = -1 };
    *next = (struct argp_option){ .name = "completion",
                                  .key = COMPLETION_KEY,
                                  .arg = "SHELL",
                                  .flags = OPTION_HIDDEN };
    return all;
}

static error_t take(parser *p, size_t i, const char *text)
{
    place *at = &p->places[i];
    char label[NUMBER_MAX];

    snprintf(label, sizeof(label), "--%s", at->option->name);
    at->given = true;
    p->why = args_read(at->option, label, text, at->input);
    return p->why.status != 0 ? EINVAL : 0;
}

static error_t take_operand(parser *p, const char *value)
{
    args_operands *o = p->operands;

    if (o->n < o->most) {
        o->values[o->n++] = value;
        return 0;
    }
    p->why = failure_new(BAD_USAGE, "'%s' is one too many; see --help", value);
    return EINVAL;
}

/* Like --help, it is all that the program does. */
static error_t complete(parser *p, const char *shell)
{
    p->why = completion_write(stdout, shell, program_name, p->tables,
                              p->num_tables, p->operands);
    if (p->why.status == 0)
        exit(EXIT_SUCCESS);
    return EINVAL;
}

static error_t parse_one(int key, char *arg, struct argp_state *state)
{
    parser *p = state->input;

    if (key == ARGP_KEY_INIT)
        state->err_stream = NULL;
    if (key == ARGP_KEY_ARG && p->operands != NULL) {
        if (p->operands->command)
            state->next = state->argc;
        return take_operand(p, arg);
    }
    if (key == ARGP_KEY_ARG) {
        p->why = failure_new(BAD_USAGE,
                             "unexpected argument '%s'; only options are "
                             "allowed, see --help",
                             arg);
        return EINVAL;
    }
    if (key == COMPLETION_KEY)
        return complete(p, arg);
    for (size_t i = 0; i < p->n; i++)
        if (key == key_of(p, i))
            return take(p, i, arg);
    return ARGP_ERR_UNKNOWN;
}

static void print_version(FILE *stream, struct argp_state *state)
{
    fprintf(stream, "%s (dist-sys) %s\n", program_name, PACKAGE_VERSION);
}

static failure parse_line(parser *p, const char *doc, int argc, char **argv)
{
    struct argp_option *options = argp_options(p);
    const struct argp argp = { .options = options,
                               .parser = parse_one,
                               .args_doc = p->operands == NULL
                                               ? NULL
                                               : p->operands->shown,
                               .doc = doc };
    const bool ordered = p->operands != NULL && p->operands->command;
    error_t error =
        argp_parse(&argp, argc, argv, ordered ? ARGP_IN_ORDER : 0, NULL, p);

    free(options);
    if (error == ENOMEM)
        return failure_new(EXIT_FAILURE, "out of memory");
    if (error != 0 && p->why.status == 0)
        p->why.status = BAD_USAGE; /* getopt has said why */
    return p->why;
}

bool args_overrule(void)
{
    return overrules;
}

/* They count where nothing was said on the command line. */
static void read_variables(const parser *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const place *at = &p->places[i];
        const char *name = at->option->variable;

        if (name == NULL || getenv(name) == NULL)
            continue;
        if (at->given)
            overrules = true;
        else if (!read_silently(at->option, getenv(name), at->input))
            set_preset(at->option, at->input);
    }
}

failure args_parse(const args_program *program, const args_table *tables,
                   size_t n, int argc, char **argv)
{
    return args_parse_with(program, tables, n, NULL, argc, argv);
}

failure args_parse_with(const args_program *program, const args_table *tables,
                        size_t n, args_operands *operands, int argc,
                        char **argv)
{
    parser p = parser_new(tables, n);

    p.operands = operands;
    program_name = program->name;
    argp_program_version_hook = print_version;
    argp_err_exit_status = BAD_USAGE;
    atexit(close_output);
    argv[0] = (char *)program->name; /* which getopt prints, and only reads */

    for (size_t i = 0; i < p.n; i++)
        if (!p.places[i].option->late)
            set_preset(p.places[i].option, p.places[i].input);
    failure why = parse_line(&p, program->doc, argc, argv);
    if (why.status == 0)
        read_variables(&p);
    parser_free(&p);
    return why;
}

void args_free(const args_table *tables, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i].n; k++)
            free_list(tables[i].options[k], tables[i].input);
}
