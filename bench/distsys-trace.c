/* distsys-trace: shows what a trace tells: who was late and why, which port was
 * full, what was lost; or where two runs begin to differ. */

#include <math.h>
#include <stdio.h>

#include "bench/common/args.h"
#include "bench/trace/diff.h"
#include "bench/trace/json.h"
#include "bench/trace/page.h"
#include "bench/trace/summary.h"
#include "bench/trace/svg.h"
#include "bench/trace/text.h"
#include "bench/trace/writers.h"

#define PROGRAM "distsys-trace"

typedef struct options {
    double from;
    double to;
    const char *rows;
    const char *html;
    const char *svg;
    const char *perfetto;
    const char *mermaid;
    const char *sqlite;
    bool text;
    bool json;
    bool diff;
} options;

static const args_range time_range = {
    .allowed = "0 or more seconds",
    .min = 0,
    .max = INFINITY,
    .units = args_seconds,
};

static const args_option table[] = {
    {
        .name = "text",
        .letter = 't',
        .type = ARGS_FLAG,
        .at = offsetof(options, text),
        .help = "Show a diagram in 80 columns, a line for each node",
    },
    {
        .name = "json",
        .type = ARGS_FLAG,
        .at = offsetof(options, json),
        .help = "Show everything, an object a line",
    },
    {
        .name = "html",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, html),
        .shown = "none",
        .help = "Write a page for a browser to FILE, which needs no other",
    },
    {
        .name = "svg",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, svg),
        .shown = "none",
        .help = "Write a figure, for papers",
    },
    {
        .name = "perfetto",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, perfetto),
        .shown = "none",
        .help = "Write it for ui.perfetto.dev",
    },
    {
        .name = "mermaid",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, mermaid),
        .shown = "none",
        .help = "Write a diagram for Markdown",
    },
    {
        .name = "sqlite",
        .unit = "FILE",
        .type = ARGS_STRING,
        .at = offsetof(options, sqlite),
        .shown = "none",
        .help = "Write tables, to be asked by SQL",
    },
    {
        .name = "diff",
        .type = ARGS_FLAG,
        .at = offsetof(options, diff),
        .help = "Show where two traces begin to differ",
    },
    {
        .name = "from",
        .unit = "SECONDS",
        .type = ARGS_REAL,
        .at = offsetof(options, from),
        .range = &time_range,
        .shown = "the beginning",
        .help = "What is shown begins there",
    },
    {
        .name = "to",
        .unit = "SECONDS",
        .type = ARGS_REAL,
        .at = offsetof(options, to),
        .range = &time_range,
        .shown = "the end",
        .help = "... and ends there",
    },
    {
        .name = "rows",
        .unit = "LIST",
        .type = ARGS_STRING,
        .at = offsetof(options, rows),
        .shown = "all",
        .help = "Rows by name or by number from 0, such as server,3,8-11",
    },
};

enum { OPTIONS = sizeof(table) / sizeof(*table) };

static const args_program program = {
    PROGRAM,
    "Shows what a trace tells, which DISTSYS_TRACE=FILE has any program of the "
    "library write.\v"
    "Without an option: what the run waited for, who was late and because of "
    "whom, and which ports were full.  The status is 0, or of --diff 1 if the "
    "runs differ.",
};

/* Outputs that go to a file; any number of them. */
static const struct {
    size_t at; /* offset of its name */
    failure (*write)(const trace_view *view, const char *file);
} writers[] = {
    { offsetof(options, html), trace_page },
    { offsetof(options, svg), trace_svg },
    { offsetof(options, mermaid), trace_mermaid },
    { offsetof(options, perfetto), trace_perfetto },
    { offsetof(options, sqlite), trace_sqlite },
};

enum { WRITERS = sizeof(writers) / sizeof(*writers) };

static const char *file_of(const options *o, size_t writer)
{
    return *(const char *const *)((const char *)o + writers[writer].at);
}

static bool writes_files(const options *o)
{
    for (size_t i = 0; i < WRITERS; i++)
        if (file_of(o, i) != NULL)
            return true;
    return false;
}

static failure write_files(const options *o, const trace_view *view)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < WRITERS && why.status == 0; i++)
        if (file_of(o, i) != NULL)
            why = writers[i].write(view, file_of(o, i));
    return why;
}

static failure check_usage(const options *o, const args_operands *files)
{
    const int outputs = o->text + o->json + o->diff;

    if (outputs > 1)
        return failure_new(BAD_USAGE,
                           "--text, --json and --diff exclude each other");
    if (outputs > 0 && writes_files(o))
        return failure_new(BAD_USAGE, "--text, --json and --diff write no "
                                      "files beside what they print");
    if ((o->perfetto != NULL || o->sqlite != NULL) &&
        (!isnan(o->from) || !isnan(o->to) || o->rows != NULL))
        return failure_new(BAD_USAGE,
                           "--perfetto and --sqlite are of all that there is");
    if (o->diff && files->n != 2)
        return failure_new(BAD_USAGE, "--diff wants two files");
    if (o->diff && (!isnan(o->from) || !isnan(o->to) || o->rows != NULL))
        return failure_new(BAD_USAGE, "--diff is of all that there is");
    if (!o->diff && files->n != 1)
        return failure_new(BAD_USAGE,
                           "which trace?  It wants one file, see --help");
    return SUCCESS;
}

static failure show(const options *o, const char *file)
{
    trace_model model;
    trace_view view;
    failure why = trace_model_read(&model, file);

    if (why.status != 0)
        return why;
    if (model.damaged > 0)
        args_warn("%s: %s", file, model.trouble);
    why = trace_view_make(&view, &model, o->from, o->to, o->rows);
    if (why.status == 0) {
        if (o->text)
            trace_text(&view);
        else if (o->json)
            trace_json(&view);
        else if (writes_files(o))
            why = write_files(o, &view);
        else
            trace_summary(&view);
        trace_view_free(&view);
    }
    trace_model_free(&model);
    return why;
}

int main(int argc, char **argv)
{
    options o = { .from = NAN, .to = NAN };
    const char *files[2];
    args_operands operands = { .shown = "FILE\n--diff FILE FILE",
                               .values = files,
                               .most = 2 };
    const args_option *all[OPTIONS];
    const args_table tables[] = { { NULL, all, OPTIONS, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        all[i] = &table[i];
    failure why = args_parse_with(&program, tables, 1, &operands, argc, argv);
    if (why.status == 0)
        why = check_usage(&o, &operands);
    if (why.status == 0)
        why = o.diff ? trace_diff(files[0], files[1]) : show(&o, files[0]);
    args_free(tables, 1);
    return args_end(why);
}
