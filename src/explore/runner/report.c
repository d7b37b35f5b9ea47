/* The report for people; see the header. */

#include "explore/runner/report.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SAID_LINES = 12, SHOWN_LINES = 24 };

void ds__report_tests(const ds__options *o)
{
    for (size_t i = 0; i < o->num_tests; i++)
        printf("%s\n", o->tests[i]->name);
}

uint64_t ds__clean_trials(uint64_t failed, uint64_t trials)
{
    assert(failed > 0 && failed <= trials);
    return (uint64_t)ceil(log(20) * (double)trials / (double)failed);
}

/* ---- The line that repeats it ---------------------------------------------*/

static bool is_plain(const char *word)
{
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_-+=./:,@%";

    return word[0] != '\0' && word[strspn(word, plain)] == '\0';
}

/* As a shell reads it. */
static void add_word(ds__text *text, const char *word)
{
    if (is_plain(word)) {
        ds__text_add(text, "%s", word);
        return;
    }
    ds__text_add(text, "'");
    for (; *word != '\0'; word++)
        ds__text_add(text, *word == '\'' ? "'\\''" : "%c", *word);
    ds__text_add(text, "'");
}

/* What is so after other trials needs those, in one process. */
static void add_seeds(ds__text *text, const ds__options *o, uint64_t seed,
                      bool after_others)
{
    if (after_others)
        ds__text_add(text, " --seeds=%llu-%llu --jobs=1 --recheck=100",
                     (unsigned long long)o->first, (unsigned long long)seed);
    else
        ds__text_add(text, " --seed=%llu", (unsigned long long)seed);
}

void ds__report_repeat(const ds__campaign *c, uint64_t seed,
                       const ds__finding *finding, char buf[DS__REPEAT_SIZE])
{
    const ds__options *o = c->options;
    const ds__aftermath *after = finding == NULL ? NULL : finding->after;
    const char *plan =
        after != NULL && after->file[0] != '\0' ? after->file : o->plan_file;
    ds__text text;

    ds__text_init(&text, buf, DS__REPEAT_SIZE);
    add_word(&text, o->path);
    ds__text_add(&text, " --test=");
    add_word(&text, c->test.name);
    add_seeds(&text, o, seed, finding != NULL && finding->after_others);
    if (plan != NULL) {
        ds__text_add(&text, " --plan=");
        add_word(&text, plan);
    }
    ds__aftermath_options(after, o, &text);
}

/* ---- A failure ------------------------------------------------------------*/

/* The last lines of what the process printed. */
static void print_said(const char *said)
{
    size_t lines = 0;

    for (const char *at = said; *at != '\0'; at++)
        lines += *at == '\n' || at[1] == '\0';
    if (lines == 0)
        return;
    printf("  it printed%s:\n", lines > SAID_LINES ? ", at last" : "");
    while (*said != '\0') {
        size_t length = strcspn(said, "\n");
        if (lines-- <= SAID_LINES)
            printf("  | %.*s\n", (int)length, said);
        said += length + (said[length] == '\n');
    }
}

static void print_odds(const ds__campaign *c, const ds__kind *kind)
{
    unsigned long long trials = c->tally.trials;
    unsigned long long failed = kind->count;

    if (c->options->one || kind->finding->result.fate == DS__FICKLE)
        return;
    printf("  %llu of %llu trial%s %s.  After a fix, %llu clean trials mean "
           "95 %%.\n",
           failed, trials, trials == 1 ? "" : "s",
           c->options->keep_going ? "failed like this" : "so far",
           (unsigned long long)ds__clean_trials(failed, trials));
}

/* ---- Faults ---------------------------------------------------------------*/

/* The names of hazards, or-ed together. */
static void print_families(unsigned hazards)
{
    const char *between = "";

    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++)
        if ((hazards >> i & 1) != 0) {
            printf("%s%s", between, ds__family_names[i]);
            between = ", ";
        }
}

/* Returns the hazards of which some were counted. */
static unsigned counted(const uint64_t counts[DS__NUM_FAMILIES])
{
    unsigned hazards = 0;

    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++)
        if (counts[i] > 0)
            hazards |= 1U << i;
    return hazards;
}

/* A line that did nothing says so in a comment. */
static bool is_idle(const char *line, size_t length)
{
    return memchr(line, '#', length) != NULL;
}

/* Prints the lines of a plan, or those that did something; returns how many
 * those are. */
static size_t print_lines(const char *plan, bool all, size_t most)
{
    size_t n = 0;

    while (*plan != '\0') {
        size_t length = strcspn(plan, "\n");
        bool idle = is_idle(plan, length);
        if ((all || !idle) && n < most)
            printf("    %.*s\n", (int)length, plan);
        n += !idle;
        plan += length + (plan[length] == '\n');
    }
    return n;
}

/* One seed says all; of many, only what mattered is shown. */
static void print_plan(const ds__campaign *c, const ds__finding *f)
{
    unsigned off = c->test.hazards & ~counted(f->result.bites.bit);
    bool all = c->options->one;
    size_t busy;

    if (f->plan == NULL) {
        if (c->test.hazards != 0)
            printf("  There were no faults.\n");
        return;
    }
    printf(all ? "  plan, %zu line%s:\n"
               : "  plan, of %zu line%s those that did something:\n",
           f->plan_lines, f->plan_lines == 1 ? "" : "s");
    busy = print_lines(f->plan, all, all ? SIZE_MAX : SHOWN_LINES);
    if (!all && busy > SHOWN_LINES)
        printf("    and %zu more\n", busy - SHOWN_LINES);
    if (off != 0) {
        printf("  nothing was done by: ");
        print_families(off);
        printf("\n");
    }
}

/* Of many trials: what was planned, and what it did. */
static void print_table(const ds__campaign *c)
{
    const ds__bites *b = &c->tally.bites;

    if (counted(b->planned) == 0 && (c->test.hazards == 0 || c->options->one))
        return;
    printf("  faults         planned    happened         bit\n");
    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++)
        if ((c->test.hazards >> i & 1) != 0 || b->planned[i] > 0)
            printf("    %-9s %11llu %11llu %11llu\n", ds__family_names[i],
                   (unsigned long long)b->planned[i],
                   (unsigned long long)b->happened[i],
                   (unsigned long long)b->bit[i]);
    if (b->singles > 0)
        printf("    %llu messages were to arrive twice, but had data and no "
               "clone, see ds_msg(3)\n",
               (unsigned long long)b->singles);
}

static void print_harmless(const ds__campaign *c)
{
    unsigned harmless = ds__campaign_harmless(c);

    if (harmless == 0)
        return;
    printf("  Allowed, and bit nowhere: ");
    print_families(harmless);
    printf(".  A fault that does nothing makes every test pass.\n");
}

/* ---- A finding ------------------------------------------------------------*/

/* The plan, the chart. */
static void print_after(const ds__aftermath *after)
{
    const size_t size = 1 << 20;
    char *buf = after == NULL ? NULL : malloc(size);
    ds__text text;

    if (buf == NULL)
        return;
    ds__text_init(&text, buf, size);
    ds__aftermath_write(after, &text);
    if (text.used > 0)
        printf("%s\n", buf + 1); /* it begins with an end of line */
    free(buf);
}

/* How it can be seen. */
static void print_hint(const ds__options *o, const ds__finding *finding)
{
    const bool traced =
        o->one || (finding->after != NULL && finding->after->traced);
    const char *trace = traced ? o->trace_file : NULL;

    if (trace != NULL)
        printf("  see it: distsys-trace --text %.*s\n",
               (int)strcspn(trace, ","), trace);
    else if (!finding->after_others)
        printf("  see it: with --trace=run.dstrace, and "
               "distsys-trace --text run.dstrace\n");
}

static void print_kind(const ds__campaign *c, const ds__kind *kind)
{
    const ds__finding *finding = kind->finding;
    const ds__aftermath *after = finding->after;
    const ds__result *result = ds__aftermath_result(after, &finding->result);
    bool small = after != NULL && after->small.failed;
    char repeat[DS__REPEAT_SIZE];

    assert(finding->seed > 0 && result->why[0] != '\0');
    printf("%s: seed %llu fails: %s\n", c->test.name,
           (unsigned long long)finding->seed, result->why);
    if (result->judge == DS__BY_BODY || result->judge == DS__BY_TEST ||
        result->judge == DS__BY_HISTORY || result->judge == DS__BY_OBSERVER)
        printf("  It was over at %.9g s.\n", result->time);
    if (result->judge == DS__BY_SYSTEM)
        print_said(finding->said);
    if (result->fate != DS__FICKLE && !small)
        print_plan(c, finding);
    print_after(after);
    if (small)
        printf("  speed: %.3g s to make it small\n", after->small.seconds);
    print_odds(c, kind);
    ds__report_repeat(c, finding->seed, finding, repeat);
    printf("  again:  %s\n", repeat);
    print_hint(c->options, finding);
}

/* ---- The whole ------------------------------------------------------------*/

static void print_speed(const ds__campaign *c)
{
    double simulated = (double)c->tally.nanoseconds / 1e9;

    printf("  speed: %.3g s, %.3g trials and %.3g simulated seconds a second",
           c->seconds, (double)c->tally.trials / c->seconds,
           simulated / c->seconds);
    if (simulated > 0)
        printf(", %.3g messages a simulated second",
               (double)c->tally.messages / simulated);
    printf("\n");
}

static void print_sums(const ds__campaign *c)
{
    const ds__tally *t = &c->tally;

    printf("  %llu trial%s, ", (unsigned long long)t->trials,
           t->trials == 1 ? "" : "s");
    if (c->twice > 0)
        printf("%llu of them twice, ", (unsigned long long)c->twice);
    printf("%llu events, %llu messages, %llu calls, %.9g simulated seconds\n",
           (unsigned long long)t->events, (unsigned long long)t->messages,
           (unsigned long long)t->calls, (double)t->nanoseconds / 1e9);
    if (c->seconds > 0 && !c->options->one)
        print_speed(c);
    if (t->idle > 0)
        printf(
            "  In %llu trial%s all machines were down for good in the end.\n",
            (unsigned long long)t->idle, t->idle == 1 ? "" : "s");
    if (t->excused > 0)
        printf("  %llu trial%s did not end, and need not: the plan hurts more "
               "servers than max_down.\n",
               (unsigned long long)t->excused, t->excused == 1 ? "" : "s");
    if (c->out_of_time)
        printf("  The budget of %g s was over after %llu of %llu trials.\n",
               c->options->budget, (unsigned long long)t->trials,
               (unsigned long long)(c->options->last - c->options->first + 1));
}

static void print_marks(ds__campaign *c)
{
    ds__marks_sort(&c->marks);
    for (size_t i = 0; i < c->marks.count; i++) {
        const ds__mark *m = &c->marks.list[i];
        printf("  sometimes \"%s\": in %llu trial%s (%.3g %%), first with seed "
               "%llu\n",
               m->name, (unsigned long long)m->trials,
               m->trials == 1 ? "" : "s",
               100 * (double)m->trials / (double)c->tally.trials,
               (unsigned long long)m->first);
    }
}

void ds__report_unreached(ds__marks *marks)
{
    ds__marks_sort(marks);
    for (size_t i = 0; i < marks->count; i++)
        if (marks->list[i].trials == 0)
            printf("never \"%s\": in no trial of any test\n",
                   marks->list[i].name);
}

void ds__report_text(ds__campaign *c)
{
    ds__fate fate = ds__campaign_fate(c);

    if (fate == DS__WELL && c->options->one)
        printf("%s: seed %llu: all is well\n", c->test.name,
               (unsigned long long)c->options->first);
    else if (fate == DS__WELL)
        printf("%s: all is well\n", c->test.name);
    else if (fate == DS__HARMLESS)
        printf("%s: nothing was wrong, but not all hazards did anything\n",
               c->test.name);
    for (size_t i = 0; i < c->num_kinds; i++)
        if (c->kinds[i].finding->result.fate != DS__WELL)
            print_kind(c, &c->kinds[i]);
        else if (c->options->one)
            print_plan(c, c->kinds[i].finding);
    print_sums(c);
    print_table(c);
    print_harmless(c);
    print_marks(c);
}
