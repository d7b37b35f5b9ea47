/* The command line, by getopt_long(), which every system has; what is said of
 * bad values, in one line, is ours.
 */

#include "explore/runner/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/version.h>

#include "base/text.h"
#include "explore/runner/left_out.h"

enum {
    PRESET_LAST = 1000,
    PRESET_RECHECK = 2,
    PRESET_HANG = 60,
    MOST_JOBS = 1024
};

/* An option and its place in the table. */
typedef enum key {
    KEY_LIST,
    KEY_TEST,
    KEY_SEEDS,
    KEY_SEED,
    KEY_PLAN,
    KEY_JOBS,
    KEY_RECHECK,
    KEY_KEEP_GOING,
    KEY_NO_SHRINK,
    KEY_BUDGET,
    KEY_HANG,
    KEY_FORMAT,
    KEY_HISTORY,
    KEY_TRACE,
    KEY_CHART,
    KEY_LEAVE_OUT,
    KEY_TIES,
    KEY_HELP,
    KEY_VERSION,
    KEYS,
} key;

typedef struct option_row {
    const char *name;
    const char *value; /* what help calls it; NULL: it takes none */
    const char *help;
} option_row;

static const option_row table[KEYS] = {
    [KEY_LIST] = { "list", NULL, "List the tests" },
    [KEY_TEST] = { "test", "NAMES", "Only these, separated by commas" },
    [KEY_SEEDS] = { "seeds", "N | FROM-TO", "Which seeds (1-1000)" },
    [KEY_SEED] = { "seed", "N", "One seed, with all that it says" },
    [KEY_PLAN] = { "plan", "FILE",
                   "These faults instead of those of the seed" },
    [KEY_JOBS] = { "jobs", "N", "Workers (the number of cores)" },
    [KEY_RECHECK] = { "recheck", "PERCENT",
                      "How many of the trials are run twice (2)" },
    [KEY_KEEP_GOING] = { "keep-going", NULL, "Count all failures, by kind" },
    [KEY_NO_SHRINK] = { "no-shrink", NULL, "Do not make failures small" },
    [KEY_BUDGET] = { "budget", "SECONDS",
                     "Of real time, after which it stops and says how far it "
                     "got" },
    [KEY_HANG] = { "hang", "SECONDS",
                   "Of real time, after which one trial counts as endless "
                   "(60)" },
    [KEY_FORMAT] = { "format", "text | json", "What is printed (text)" },
    [KEY_HISTORY] = { "history", "FILE",
                      "Write the history of the one seed there, in EDN" },
    [KEY_TRACE] = { "trace", "FILE",
                    "Write all that happens with the one seed, or with the "
                    "failure that is reported, there, for distsys-trace" },
    [KEY_CHART] = { "chart", NULL, "Show when a failure became inevitable" },
    [KEY_LEAVE_OUT] = { "leave-out", "CLIENT:FIRST-LAST,...",
                        "Without these operations of clients" },
    [KEY_TIES] = { "ties", "random | fifo",
                   "In which order things happen that happen at one instant "
                   "(random)" },
    [KEY_HELP] = { "help", NULL, "Say how the program is used" },
    [KEY_VERSION] = { "version", NULL, "Say of which version the library is" },
};

/* ---- Complaints -----------------------------------------------------------*/

__attribute__((format(printf, 2, 3))) static int
complain(const ds__options *o, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s: ", o->program);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return DS__BAD_USAGE;
}

static int bad_value(const ds__options *o, const char *name, const char *value,
                     const char *allowed)
{
    return complain(o, "--%s: bad value '%s'; allowed: %s", name, value,
                    allowed);
}

/* ---- Values ---------------------------------------------------------------*/

/* Reads digits up to an end; false: there are others, or too many. */
static bool read_whole(const char *text, const char *end, uint64_t *number)
{
    uint64_t value = 0;

    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        unsigned digit = (unsigned)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *number = value;
    return true;
}

static int take_seed(ds__options *o, const char *name, const char *text)
{
    if (!read_whole(text, strchr(text, '\0'), &o->first) || o->first == 0)
        return bad_value(o, name, text, "a whole number from 1 to 2^64 - 1");
    o->last = o->first;
    o->one = true;
    return 0;
}

static int take_seeds(ds__options *o, const char *text)
{
    const char *end = strchr(text, '\0');
    const char *dash = strchr(text, '-');
    bool good;

    o->first = 1;
    o->one = false;
    if (dash == NULL)
        good = read_whole(text, end, &o->last);
    else
        good = read_whole(text, dash, &o->first) &&
               read_whole(dash + 1, end, &o->last);
    if (!good || o->first == 0 || o->last < o->first || o->last == UINT64_MAX)
        return bad_value(o, "seeds", text,
                         "how many, or FROM-TO, from 1 to 2^64 - 2");
    return 0;
}

static int take_number(const ds__options *o, const char *name, const char *text,
                       double least, double most, const char *allowed,
                       double *number)
{
    char *end;
    double value = ds__to_double(text, &end);

    if (end == text || *end != '\0' || !(value >= least && value <= most))
        return bad_value(o, name, text, allowed);
    *number = value;
    return 0;
}

static int take_jobs(ds__options *o, const char *text)
{
    uint64_t jobs;

    if (!read_whole(text, strchr(text, '\0'), &jobs) || jobs == 0 ||
        jobs > MOST_JOBS)
        return bad_value(o, "jobs", text, "a whole number from 1 to 1024");
    o->jobs = (size_t)jobs;
    return 0;
}

static int take_format(ds__options *o, const char *text)
{
    o->json = strcmp(text, "json") == 0;
    if (!o->json && strcmp(text, "text") != 0)
        return bad_value(o, "format", text, "text, json");
    return 0;
}

static bool is_named(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static int unknown_test(const ds__options *o, const char *text, size_t length)
{
    fprintf(stderr, "%s: --test: there is no test '%.*s'; there %s", o->program,
            (int)length, text, o->num_tests == 1 ? "is" : "are");
    for (size_t i = 0; i < o->num_tests; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", o->tests[i]->name);
    fputc('\n', stderr);
    return DS__BAD_USAGE;
}

static int take_tests(ds__options *o, const char *text)
{
    memset(o->chosen, 0, o->num_tests * sizeof(*o->chosen));
    for (;;) {
        size_t length = strcspn(text, ",");
        bool found = false;
        for (size_t i = 0; i < o->num_tests; i++)
            if (is_named(o->tests[i]->name, text, length))
                o->chosen[i] = found = true;
        if (!found)
            return unknown_test(o, text, length);
        if (text[length] == '\0')
            return 0;
        text += length + 1;
    }
}

static int take_left_out(ds__options *o, const char *text)
{
    free(o->left_out);
    if (!ds__left_out_parse(text, &o->left_out, &o->num_left_out))
        return bad_value(o, "leave-out", text,
                         "CLIENT:FIRST-LAST, as a report has them");
    return 0;
}

static int take_ties(ds__options *o, const char *text)
{
    o->fifo = strcmp(text, "fifo") == 0;
    if (!o->fifo && strcmp(text, "random") != 0)
        return bad_value(o, "ties", text, "random, fifo");
    return 0;
}

/* ---- The plan -------------------------------------------------------------*/

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "re");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        return NULL;
    ssize_t length = getdelim(&text, &size, '\0', file);
    if (length < 0 && !ferror(file)) {
        free(text);
        text = strdup("");
    } else if (length < 0 || !feof(file)) {
        free(text);
        text = NULL;
        if (length >= 0)
            errno = EINVAL; /* there is a NUL in it */
    }
    fclose(file);
    return text;
}

static int read_plan(ds__options *o)
{
    char why[256];

    if (o->plan_file == NULL)
        return 0;
    char *text = read_file(o->plan_file);
    if (text == NULL)
        return complain(o, "--plan: %s: %s", o->plan_file, strerror(errno));
    o->plan = ds_plan_parse(text, why, sizeof(why));
    free(text);
    if (o->plan == NULL)
        return complain(o, "--plan: %s: %s", o->plan_file, why);
    return 0;
}

/* ---- All of it ------------------------------------------------------------*/

static size_t count_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (size_t)CPU_COUNT(&set);
}

/* ---- Help -----------------------------------------------------------------*/

/* Where what an option does begins, and where lines end. */
enum { HELP_COLUMN = 29, LAST_COLUMN = 79 };

/* Writes words from a column on, and the lines after the first from left. */
static void write_words(const char *words, size_t column, size_t left)
{
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");
        if (column > left && column + length > LAST_COLUMN) {
            printf("\n%*s", (int)left, "");
            column = left;
        }
        printf("%.*s", (int)length, words);
        column += length;
        words += length;
        if (*words == ' ') {
            words++;
            column++;
            if (column + strcspn(words, " ") <= LAST_COLUMN)
                putchar(' ');
        }
    }
    putchar('\n');
}

static void write_row(const option_row *row)
{
    size_t column = (size_t)printf("      --%s", row->name);

    if (row->value != NULL)
        column += (size_t)printf("=%s", row->value);
    if (column + 1 > HELP_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", (int)(HELP_COLUMN - column), "");
    write_words(row->help, HELP_COLUMN, HELP_COLUMN);
}

static void write_help(const ds__options *o)
{
    printf("Usage: %s [OPTION...]\n"
           "Tries the tests of this program with many seeds.\n\n",
           o->program);
    for (int i = 0; i < KEYS; i++)
        write_row(&table[i]);
    putchar('\n');
    write_words("The status is 0 if all is well, 10 if something was wrong, 11 "
                "if something did not end, 12 if a process died, 13 if a trial "
                "is not deterministic, 14 if a history is undecided, 15 if a "
                "hazard was allowed and bit nowhere, 2 after bad usage.",
                0, 0);
}

/* ---- Parsing --------------------------------------------------------------*/

static int take(ds__options *o, key which, char *text)
{
    switch (which) {
    case KEY_LIST:
        o->list = true;
        return 0;
    case KEY_TEST:
        return take_tests(o, text);
    case KEY_SEEDS:
        return take_seeds(o, text);
    case KEY_SEED:
        return take_seed(o, "seed", text);
    case KEY_PLAN:
        o->plan_file = text;
        return 0;
    case KEY_JOBS:
        return take_jobs(o, text);
    case KEY_RECHECK:
        return take_number(o, "recheck", text, 0, 100, "0 to 100 percent",
                           &o->recheck);
    case KEY_KEEP_GOING:
        o->keep_going = true;
        return 0;
    case KEY_NO_SHRINK:
        o->no_shrink = true;
        return 0;
    case KEY_BUDGET:
        return take_number(o, "budget", text, 1e-3, 1e9,
                           "seconds, from 0.001 to 1e9", &o->budget);
    case KEY_HANG:
        return take_number(o, "hang", text, 1e-3, 1e9,
                           "seconds, from 0.001 to 1e9", &o->hang);
    case KEY_FORMAT:
        return take_format(o, text);
    case KEY_HISTORY:
        o->history_file = text;
        return 0;
    case KEY_TRACE:
        o->trace_file = text;
        return 0;
    case KEY_CHART:
        o->chart = true;
        return 0;
    case KEY_LEAVE_OUT:
        return take_left_out(o, text);
    case KEY_TIES:
        return take_ties(o, text);
    default:
        return 0;
    }
}

/* These are all that the program does. */
static void answer(const ds__options *o, key which)
{
    if (which == KEY_HELP)
        write_help(o);
    else
        printf("%s (dist-sys) %s\n", o->program, ds_version());
    exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int parse_all(ds__options *o, int argc, char **argv)
{
    struct option options[KEYS + 1] = { 0 };
    int status = 0, which = 0;

    for (int i = 0; i < KEYS; i++)
        options[i] = (struct option){
            .name = table[i].name,
            .has_arg = table[i].value == NULL ? no_argument : required_argument,
            .flag = &which,
            .val = i,
        };
    optind = 0; /* there may have been another command line before */
    opterr = 1;
    while (status == 0) {
        const int found = getopt_long(argc, argv, "", options, NULL);
        if (found == -1)
            break;
        if (found != 0)
            return DS__BAD_USAGE; /* getopt has said why */
        if (which == KEY_HELP || which == KEY_VERSION)
            answer(o, (key)which);
        status = take(o, (key)which, optarg);
    }
    if (status == 0 && optind < argc)
        return complain(o,
                        "unexpected argument '%s'; only options are allowed, "
                        "see --help",
                        argv[optind]);
    return status;
}

static int parse(ds__options *o, int argc, char **argv)
{
    char *name = argv[0];

    argv[0] = (char *)o->program; /* which getopt prints, and only reads */
    const int status = parse_all(o, argc, argv);
    argv[0] = name;
    return status;
}

/* As in other programs of this library, DISTSYS_SEED names the one seed, unless
 * the command line does. */
static int read_environment(ds__options *o)
{
    const char *seed = getenv("DISTSYS_SEED");

    return seed == NULL ? 0 : take_seed(o, "seed, from DISTSYS_SEED", seed);
}

static int check_tests(const ds__options *o)
{
    char why[256];

    if (o->tests == NULL || o->num_tests == 0)
        return complain(o, "there are no tests");
    for (size_t i = 0; i < o->num_tests; i++) {
        if (ds__test_is_wrong(o->tests[i], why, sizeof(why)))
            return complain(o, "%s", why);
        for (size_t k = 0; k < i; k++)
            if (strcmp(o->tests[i]->name, o->tests[k]->name) == 0)
                return complain(o, "two tests are named %s", o->tests[i]->name);
    }
    return 0;
}

/* Behind a comma are options of the recorder, see ds_loop_config. */
static bool can_trace(const ds__options *o)
{
    char *name;
    FILE *file;

    if (o->trace_file == NULL)
        return true;
    name = strndup(o->trace_file, strcspn(o->trace_file, ","));
    file = name == NULL ? NULL : fopen(name, "we");
    free(name);
    return file != NULL && fclose(file) == 0;
}

static int check_together(ds__options *o)
{
    for (size_t i = 0; i < o->num_tests; i++)
        o->num_chosen += o->chosen[i];
    if (o->trace_file == NULL && o->one && o->num_chosen == 1)
        o->trace_file = getenv("DISTSYS_TRACE");
    if (o->history_file != NULL && (!o->one || o->num_chosen != 1))
        return complain(o, "--history: it is of one seed of one test; see "
                           "--seed and --test");
    if (o->trace_file != NULL && (o->num_chosen != 1 || o->keep_going))
        return complain(o, "--trace: it is of one seed, or one failure, of "
                           "one test; see --test, and not --keep-going");
    if (!can_trace(o))
        return complain(o, "--trace: %s: %s", o->trace_file, strerror(errno));
    assert(o->first >= 1 && o->first <= o->last && o->jobs >= 1);
    return read_plan(o);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

int ds__options_read(ds__options *o, int argc, char **argv,
                     const ds_test *const *tests, size_t n)
{
    static char *nobody[] = { (char *)"test", NULL };

    if (argc < 1 || argv == NULL) {
        argc = 1;
        argv = nobody;
    }
    *o = (ds__options){
        .program = last_part(argv[0]),
        .path = argv[0],
        .tests = tests,
        .num_tests = n,
        .first = 1,
        .last = PRESET_LAST,
        .jobs = count_cores(),
        .recheck = PRESET_RECHECK,
        .hang = PRESET_HANG,
    };
    int status = check_tests(o);
    if (status != 0)
        return status;
    o->chosen = malloc(n * sizeof(*o->chosen));
    if (o->chosen == NULL)
        return complain(o, "out of memory");
    memset(o->chosen, 1, n * sizeof(*o->chosen));
    status = read_environment(o);
    if (status == 0)
        status = parse(o, argc, argv);
    return status == 0 ? check_together(o) : status;
}

void ds__options_free(ds__options *o)
{
    free(o->chosen);
    free(o->left_out);
    ds_plan_free(o->plan);
}

ds__trial_order ds__options_order(const ds__options *o, uint64_t seed)
{
    return (ds__trial_order){
        .seed = seed,
        .exec = DS_FIBERS,
        .ties = o->fifo ? DS_TIES_FIFO : DS_TIES_RANDOM,
        .plan = o->plan,
        .left_out = o->left_out,
        .num_left_out = o->num_left_out,
    };
}
