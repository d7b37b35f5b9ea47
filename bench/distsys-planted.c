/* distsys-planted: how many seeds it takes to find bugs that are known to be
 * there, and whether what is right is ever blamed. */

#include <stdio.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/common/rows.h"
#include "bench/planted/hunt.h"
#include "bench/planted/planted.h"

#define PROGRAM "distsys-planted"

enum { MISSED = 10 };

/* ---- What to hunt ---------------------------------------------------------*/

static args_known known_rows;

/* Memory for the names is the program's until it ends. */
static failure gather_rows(void)
{
    const char **names;
    size_t n = 0;

    while (planted_row_at(n) != NULL)
        n++;
    names = malloc(n * sizeof(*names));
    if (names == NULL)
        return failure_new(EXIT_FAILURE, "out of memory");
    for (size_t i = 0; i < n; i++)
        names[i] = planted_row_at(i)->name;
    known_rows = (args_known){ names, n };
    return SUCCESS;
}

/* ---- Options --------------------------------------------------------------*/

typedef struct options {
    args_names only;
    size_t from;
    size_t seeds;
    size_t jobs;
    size_t format;
    bool correct;
    bool until_found;
    bool no_shrink;
    bool list;
} options;

static const args_range seed_range = {
    .allowed = "a whole number from 1 to 1e12",
    .min = 1,
    .max = 1e12,
    .whole = true,
    .units = args_counts,
};

static const args_range jobs_range = {
    .allowed = "a whole number from 1 to 1024",
    .min = 1,
    .max = 1024,
    .whole = true,
};

static const args_option table[] = {
    {
        .name = "only",
        .unit = "NAMES",
        .type = ARGS_NAMES,
        .at = offsetof(options, only),
        .known = &known_rows,
        .preset = "all",
        .help = "These bugs; see --list",
    },
    {
        .name = "from",
        .unit = "SEED",
        .type = ARGS_COUNT,
        .at = offsetof(options, from),
        .range = &seed_range,
        .preset = "1",
        .help = "The first seed",
    },
    {
        .name = "seeds",
        .letter = 'n',
        .unit = "N",
        .type = ARGS_COUNT,
        .at = offsetof(options, seeds),
        .range = &seed_range,
        .preset = "10000",
        .shown = "10000",
        .help = "How many seeds are tried",
    },
    {
        .name = "until-found",
        .type = ARGS_FLAG,
        .at = offsetof(options, until_found),
        .help = "Try no more seeds when one has failed",
    },
    {
        .name = "correct",
        .type = ARGS_FLAG,
        .at = offsetof(options, correct),
        .help = "Try the correct versions instead: none may fail",
    },
    {
        .name = "no-shrink",
        .type = ARGS_FLAG,
        .at = offsetof(options, no_shrink),
        .help = "Do not make the first failure small",
    },
    {
        .name = "jobs",
        .letter = 'j',
        .unit = "N",
        .type = ARGS_COUNT,
        .at = offsetof(options, jobs),
        .range = &jobs_range,
        .preset = "1",
        .help = "How many processes try the seeds, but for the time to the "
                "first failure",
    },
    {
        .name = "list",
        .type = ARGS_FLAG,
        .at = offsetof(options, list),
        .help = "List the bugs, and where they were published",
    },
    {
        .name = "format",
        .unit = "NAME",
        .type = ARGS_CHOICE,
        .at = offsetof(options, format),
        .known = &args_formats,
        .shown = ARGS_FORMAT_SHOWN,
        .help = "How rows are printed: md, csv, json or text",
    },
};

enum { OPTIONS = sizeof(table) / sizeof(*table) };

static const args_program program = {
    PROGRAM,
    "Counts how many seeds it takes to find published bugs, each of which is "
    "planted into an algorithm that is right but for it.\v"
    "The status is 0 if every bug with a budget was found within that, as far "
    "as there were seeds, and nothing that is right was blamed; else 10.",
};

/* ---- What came of it ------------------------------------------------------*/

typedef struct result {
    const planted_row *row;
    const ds_test *test;
    bool correct;
    hunt first; /* until one has failed */
    hunt all;
    hunt small;
} result;

/* How they end, by what a program of tests ends with. */
static const char *end_name(int status)
{
    switch (status) {
    case 0:
        return "well";
    case 10:
        return "wrong";
    case 11:
        return "stuck";
    case 12:
        return "died";
    case 13:
        return "fickle";
    case 14:
        return "undecided";
    case 15:
        return "harmless";
    default:
        return "not tried";
    }
}

static bool is_good(const result *r)
{
    if (r->correct)
        return r->first.first == 0 && r->first.status == 0;
    return r->row->budget == 0 || r->first.trials < r->row->budget ||
           (r->first.first != 0 && r->first.first <= r->row->budget);
}

static rows_value get_test(const void *row, const rows_column *self)
{
    return rows_text(((const result *)row)->test->name);
}

static rows_value get_end(const void *row, const rows_column *self)
{
    const result *r = row;
    bool other = r->correct ? r->first.status != 0
                            : r->first.status != 0 &&
                                  r->first.status != (int)r->row->end;

    return (rows_value){ .text = end_name(r->first.status), .strong = other };
}

/* The first seed; what comes after it is of that one. */
static rows_value get_first(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->first.first == 0 ? ROWS_NONE : rows_word(r->first.first);
}

static rows_value get_seconds(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->first.first == 0 ? ROWS_NONE : rows_real(r->first.seconds);
}

static rows_value get_rate(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->all.trials == 0
               ? ROWS_NONE
               : rows_real(1e5 * (double)r->all.failed / (double)r->all.trials);
}

static rows_value get_trials(const void *row, const rows_column *self)
{
    const result *r = row;

    return rows_word(r->all.trials > 0 ? r->all.trials : r->first.trials);
}

static rows_value get_failed(const void *row, const rows_column *self)
{
    const result *r = row;

    return rows_word(r->all.trials > 0 ? r->all.failed : r->first.failed);
}

/* The hunt that tried most seeds. */
static const hunt *longest(const result *r)
{
    return r->all.trials > 0 ? &r->all : &r->first;
}

static rows_value quotient(double a, double b)
{
    return b > 0 ? rows_real(a / b) : ROWS_NONE;
}

static rows_value get_speed(const void *row, const rows_column *self)
{
    const hunt *h = longest(row);

    return quotient((double)h->trials, h->seconds);
}

static rows_value get_simulated(const void *row, const rows_column *self)
{
    const hunt *h = longest(row);

    return quotient(h->simulated, h->seconds);
}

static rows_value get_messages(const void *row, const rows_column *self)
{
    const hunt *h = longest(row);

    return quotient((double)h->messages, h->simulated);
}

static rows_value get_before(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->small.lines_before == 0 ? ROWS_NONE
                                      : rows_word(r->small.lines_before);
}

static rows_value get_after(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->small.lines_before == 0 ? ROWS_NONE
                                      : rows_word(r->small.lines_after);
}

static rows_value get_shrinking(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->small.lines_before == 0 ? ROWS_NONE : rows_real(r->small.seconds);
}

static rows_value get_budget(const void *row, const rows_column *self)
{
    const result *r = row;

    if (r->correct || r->row->budget == 0)
        return ROWS_NONE;
    return (rows_value){ .word = r->row->budget, .strong = !is_good(r) };
}

static rows_value get_note(const void *row, const rows_column *self)
{
    const result *r = row;

    return r->correct || r->row->note == NULL ? ROWS_NONE
                                              : rows_text(r->row->note);
}

static const rows_column columns[] = {
    { "test", "test", ROWS_TEXT, get_test, 0, 20 },
    { "end", "ends", ROWS_TEXT, get_end, 0, 9 },
    { "first", "first seed", ROWS_COUNT, get_first, 0, 0 },
    { "seconds", "CPU s", ROWS_SECONDS, get_seconds, 0, 0 },
    { "per_100000", "in 100,000", ROWS_SHORT, get_rate, 0, 0 },
    { "trials", "of seeds", ROWS_COUNT, get_trials, 0, 0 },
    { "failed", "failed", ROWS_COUNT, get_failed, 0, 0 },
    { "seeds_per_second", "seeds in 1 CPU s", ROWS_SHORT, get_speed, 0, 0 },
    { "simulated_per_second", "simulated s in 1", ROWS_SHORT, get_simulated, 0,
      0 },
    { "messages_per_simulated_second", "messages in 1 simulated s", ROWS_SHORT,
      get_messages, 0, 0 },
    { "lines_before", "lines", ROWS_COUNT, get_before, 0, 0 },
    { "lines_after", "shrunk to", ROWS_COUNT, get_after, 0, 0 },
    { "shrink_seconds", "in CPU s", ROWS_SECONDS, get_shrinking, 0, 0 },
    { "budget", "budget", ROWS_COUNT, get_budget, 0, 0 },
    { "note", "note", ROWS_TEXT, get_note, 0, 0 },
};

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

/* ---- The hunt -------------------------------------------------------------*/

static failure hunt_one(const options *o, result *r)
{
    uint64_t last = o->from + o->seeds - 1;
    failure why =
        hunt_first(r->test, o->from, last, r->correct ? o->jobs : 1, &r->first);
    bool found = r->first.first != 0;

    if (why.status == 0 && !found)
        r->all = r->first;
    if (why.status == 0 && found && !o->until_found)
        why = hunt_all(r->test, o->from, last, o->jobs, &r->all);
    if (why.status == 0 && found && !o->no_shrink)
        why = hunt_small(r->test, r->first.first, &r->small);
    return why;
}

static const planted_row *chosen(const options *o, size_t i)
{
    return planted_row_at(o->only.index[i]);
}

/* Rows share what is right, which is tried once. */
static bool is_tried(const options *o, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (chosen(o, k)->correct == chosen(o, i)->correct)
            return true;
    return false;
}

static failure hunt_rows(const options *o, const rows_table *out, bool *good)
{
    failure why = rows_begin(out) ? SUCCESS : failure_of_output();

    for (size_t i = 0; i < o->only.n && why.status == 0; i++) {
        const planted_row *row = chosen(o, i);
        result r = {
            .row = row,
            .test = o->correct ? row->correct : row->planted,
            .correct = o->correct,
        };
        if (o->correct && is_tried(o, i))
            continue;
        why = hunt_one(o, &r);
        if (why.status == 0 && !rows_add(out, &r))
            why = failure_of_output();
        *good = *good && is_good(&r);
    }
    return why;
}

static failure hunt_them(const options *o)
{
    const rows_column *all[COLUMNS];
    const rows_table out = { stdout, (rows_format)o->format, all, COLUMNS };
    bool good = true;

    for (size_t i = 0; i < COLUMNS; i++)
        all[i] = &columns[i];
    failure why = hunt_rows(o, &out, &good);
    if (why.status == 0 && !good)
        why = (failure){ MISSED, NULL };
    return why;
}

static void list_rows(const options *o)
{
    for (size_t i = 0; i < o->only.n; i++) {
        const planted_row *row = chosen(o, i);
        printf("%-6s %s%s%s%s\n       in %s; %s\n", row->name, row->title,
               row->note == NULL ? "" : " (",
               row->note == NULL ? "" : row->note, row->note == NULL ? "" : ")",
               row->correct->name, row->source);
    }
}

int main(int argc, char **argv)
{
    options o = { .format = args_format() };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    failure why = gather_rows();
    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    if (why.status == 0)
        why = args_parse(&program, tables, 1, argc, argv);
    if (why.status == 0 && o.list)
        list_rows(&o);
    else if (why.status == 0)
        why = hunt_them(&o);
    args_free(tables, 1);
    free((void *)known_rows.names);
    return args_end(why);
}
