/* The report for people; see the header. */

#include "explore/runner/report.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { SAID_LINES = 12 };

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

void ds__report_repeat(const ds__campaign *c, uint64_t seed, bool after_others,
                       char *buf, size_t size)
{
    const ds__options *o = c->options;
    ds__text text;

    ds__text_init(&text, buf, size);
    add_word(&text, o->path);
    ds__text_add(&text, " --test=");
    add_word(&text, c->test.name);
    add_seeds(&text, o, seed, after_others);
    if (o->plan_file != NULL) {
        ds__text_add(&text, " --plan=");
        add_word(&text, o->plan_file);
    }
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

static void print_kind(const ds__campaign *c, const ds__kind *kind)
{
    const ds__finding *finding = kind->finding;
    const ds__result *result = &finding->result;
    char repeat[1024];

    printf("%s: seed %llu fails: %s\n", c->test.name,
           (unsigned long long)finding->seed, result->why);
    if (result->judge == DS__BY_BODY || result->judge == DS__BY_TEST ||
        result->judge == DS__BY_HISTORY)
        printf("  It was over at %.9g s.\n", result->time);
    if (result->judge == DS__BY_SYSTEM)
        print_said(finding->said);
    print_odds(c, kind);
    ds__report_repeat(c, finding->seed, finding->after_others, repeat,
                      sizeof(repeat));
    printf("  again:  %s\n", repeat);
}

/* ---- The whole ------------------------------------------------------------*/

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
        printf("  speed: %.3g s, %.3g trials and %.3g simulated seconds a "
               "second\n",
               c->seconds, (double)t->trials / c->seconds,
               (double)t->nanoseconds / 1e9 / c->seconds);
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

void ds__report_text(ds__campaign *c)
{
    bool well = ds__campaign_fate(c) == DS__WELL;

    if (well && c->options->one)
        printf("%s: seed %llu: all is well\n", c->test.name,
               (unsigned long long)c->options->first);
    else if (well)
        printf("%s: all is well\n", c->test.name);
    for (size_t i = 0; i < c->num_kinds; i++)
        if (c->kinds[i].finding->result.fate != DS__WELL)
            print_kind(c, &c->kinds[i]);
    print_sums(c);
    print_marks(c);
}
