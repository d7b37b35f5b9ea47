/* The main function of a program of tests. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "explore/runner/kind.h"
#include "explore/runner/known.h"
#include "explore/runner/report.h"
#include "loop/outcome.h"

/* The lesser one of those that say that something is not well. */
static int worse(int a, int b)
{
    assert(a >= 0 && b >= 0);
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* The text of what cannot be tried, if that is the verdict. */
static const char *odd(const ds__campaign *c)
{
    for (size_t i = 0; i < c->num_kinds; i++)
        if (c->kinds[i].finding->result.fate == DS__USAGE)
            return c->kinds[i].finding->result.why;
    return NULL;
}

static void tell(ds__campaign *c, const ds__news_failure *news,
                 const ds__finding *finding)
{
    if (finding == NULL || finding->result.fate != DS__USAGE)
        ds__report_json_failure(c, news, finding);
}

/* The history could not be written: the user has named a bad file. */
static bool complain(const ds__campaign *c)
{
    const char *error =
        c->num_kinds == 0 ? "" : c->kinds[0].finding->history_error;

    if (error[0] != '\0')
        fprintf(stderr, "%s: --history: %s\n", c->options->program, error);
    return error[0] != '\0';
}

/* What has started the program for one seed hears what came of it. */
static void tell_outcome(const ds__campaign *c)
{
    const char *value = getenv("DISTSYS_REPORT");
    const ds__result *r = &c->kinds[0].finding->result;
    const ds__outcome outcome = {
        .status =
            r->fate == DS__WELL ? ds_strstatus(DS_OK) : ds__fate_name(r->fate),
        .text = r->why,
        .digest = r->digest,
        .seconds = (double)r->nanoseconds / 1e9,
        .events = r->events,
        .messages = r->messages,
        .exec = DS_FIBERS,
    };
    int file = ds__outcome_file(value);

    if (file < 0)
        fprintf(stderr,
                "%s: DISTSYS_REPORT is \"%s\"; it must be the number of a "
                "file that is open\n",
                c->options->program, value);
    else
        ds__outcome_write(file, &outcome);
}

static int try_test(const ds__options *o, const ds_test *test,
                    ds__marks *reached)
{
    ds__campaign c;
    int status;

    ds__campaign_init(&c, o, test);
    c.tell = o->json ? tell : NULL;
    ds__campaign_run(&c);
    status = (int)ds__campaign_fate(&c);
    if (complain(&c))
        status = DS__USAGE;
    else if (c.failed)
        fprintf(stderr, "%s: test %s: %s\n", o->program, test->name, c.why);
    else if (odd(&c) != NULL)
        fprintf(stderr, "%s: test %s: %s\n", o->program, test->name, odd(&c));
    else if (o->json)
        ds__report_json(&c);
    else
        ds__report_text(&c);
    if (o->one && !c.failed && getenv("DISTSYS_REPORT") != NULL)
        tell_outcome(&c);
    for (size_t i = 0; i < c.marks.count; i++)
        ds__marks_add(reached, c.marks.list[i].name, c.marks.list[i].first,
                      c.marks.list[i].trials);
    ds__campaign_free(&c);
    return status;
}

static int try_all(const ds__options *o)
{
    ds__marks marks = { 0 };
    int status = 0;

    for (size_t i = 0; i < o->num_tests && status != DS__USAGE; i++)
        if (o->chosen[i])
            status = worse(status, try_test(o, o->tests[i], &marks));
    if (!o->json && !o->one && status != DS__USAGE && ds__marks_know(&marks))
        ds__report_unreached(&marks);
    ds__marks_free(&marks);
    return status;
}

int ds_test_main(int argc, char **argv, const ds_test *const *tests, size_t n)
{
    ds__options o;
    int status = ds__options_read(&o, argc, argv, tests, n);

    if (status == 0 && o.list)
        ds__report_tests(&o);
    else if (status == 0)
        status = try_all(&o);
    ds__options_free(&o);
    return status;
}
