/* What is made of a failure; see the header. */

#include "explore/runner/aftermath.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/plan/plan.h"
#include "explore/runner/apart.h"
#include "explore/runner/happened.h"
#include "explore/runner/left_out.h"

/* Of real time, that making it small may take, at most. */
enum { MOST_SECONDS = 30 };

static bool fail(ds__aftermath *a, const char *what, const char *why)
{
    if (a->why[0] == '\0')
        ds__format(a->why, sizeof(a->why), "%s: %s", what, why);
    return false;
}

/* ---- The small one --------------------------------------------------------*/

/* What is the same when it is run again. */
static bool is_firm(const ds__result *failure)
{
    return failure->fate == DS__WRONG || failure->fate == DS__ENDLESS ||
           failure->fate == DS__DIED;
}

static void make_small(ds__aftermath *a, const ds__options *o,
                       const ds_test *test, const ds__trial_order *order)
{
    const ds__small_config config = {
        .most_seconds =
            o->budget > 0 ? fmin(o->budget, MOST_SECONDS) : MOST_SECONDS,
        .hang = o->hang,
    };

    if (!ds__small_make(&a->small, test, order, &config))
        fail(a, "it could not be made small", a->small.why);
    else if (a->small.why[0] != '\0')
        fail(a, "it could not be made smaller", a->small.why);
}

/* The plan alone, of which a chart is drawn. */
static void see_plan(ds__aftermath *a, const ds__options *o,
                     const ds_test *test, const ds__trial_order *order)
{
    ds__happened h;

    if (!ds__happen(&h, test, order, o->hang)) {
        fail(a, "its plan is not known", strerror(errno));
        return;
    }
    if (h.exposed) {
        a->small.before = h.plan;
        h.plan = NULL;
    }
    ds__happened_free(&h);
}

/* ---- The file -------------------------------------------------------------*/

/* What has been given stays as it is. */
static void name_file(ds__aftermath *a, const ds__options *o,
                      const ds_test *test, uint64_t seed)
{
    ds__format(a->file, sizeof(a->file), "%.200s-%llu.plan", test->name,
               (unsigned long long)seed);
    if (o->plan_file != NULL && strcmp(o->plan_file, a->file) == 0)
        ds__format(a->file, sizeof(a->file), "%.200s-%llu-small.plan",
                   test->name, (unsigned long long)seed);
    for (char *c = a->file; *c != '\0'; c++)
        if (*c == '/')
            *c = '_';
}

static bool write_lines(const ds_plan *plan, FILE *file)
{
    char *text = ds_plan_print(plan);
    bool good = text != NULL && fputs(text, file) >= 0;

    free(text);
    return good;
}

static void write_file(ds__aftermath *a, const ds__options *o,
                       const ds_test *test, uint64_t seed)
{
    FILE *file;
    bool good;

    assert(a->small.failed && a->small.plan != NULL);
    name_file(a, o, test, seed);
    file = fopen(a->file, "we");
    good = file != NULL && fprintf(file, "# test %s, seed %llu\n", test->name,
                                   (unsigned long long)seed) > 0;
    good = good && write_lines(a->small.plan, file);
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (good)
        return;
    fail(a, a->file, strerror(errno));
    a->file[0] = '\0';
}

/* ---- The chart ------------------------------------------------------------*/

/* Of what happened, not of the small one: the question is how it came to it. */
static void draw_chart(ds__aftermath *a, const ds__options *o,
                       const ds_test *test, const ds__trial_order *given,
                       const ds__result *failure)
{
    ds__trial_order order = *given;

    order.plan = a->small.before;
    if (order.plan == NULL || failure->judge == DS__BY_SYSTEM)
        return;
    a->chart = calloc(1, sizeof(*a->chart));
    if (a->chart == NULL ||
        !ds__chart_draw(a->chart, test, &order, failure,
                        given->plan == NULL && test->hazards != 0, o->hang)) {
        fail(a, "there is no chart", "out of memory");
        free(a->chart);
        a->chart = NULL;
    }
}

/* ---- The trace ------------------------------------------------------------*/

/* Of the small one, if there is one; the same run as the report's. */
static void write_trace(ds__aftermath *a, const ds__options *o,
                        const ds_test *test, const ds__trial_order *given)
{
    ds__trial_order order =
        a->small.failed ? ds__small_order(&a->small, given) : *given;
    const ds__apart_config config = { .hang = o->hang };
    ds__apart apart;

    order.trace = o->trace_file;
    a->traced = ds__apart_run(&apart, test, &order, &config);
    if (!a->traced)
        fail(a, "there is no trace",
             apart.page == NULL ? strerror(errno) : apart.page->result.why);
    ds__apart_free(&apart);
}

/* ---- All of it ------------------------------------------------------------*/

ds__aftermath *ds__aftermath_make(const ds__options *o, const ds_test *test,
                                  uint64_t seed, const ds__result *failure)
{
    const ds__trial_order order = ds__options_order(o, seed);
    ds__aftermath *a = is_firm(failure) ? calloc(1, sizeof(*a)) : NULL;

    if (a == NULL)
        return NULL;
    if (!o->no_shrink)
        make_small(a, o, test, &order);
    else if (o->chart)
        see_plan(a, o, test, &order);
    if (a->small.failed && a->small.before != NULL)
        write_file(a, o, test, seed);
    if (o->chart)
        draw_chart(a, o, test, &order, failure);
    if (o->trace_file != NULL && !o->one)
        write_trace(a, o, test, &order);
    return a;
}

void ds__aftermath_free(ds__aftermath *a)
{
    if (a == NULL)
        return;
    ds__small_free(&a->small);
    free(a->chart);
    free(a);
}

const ds__result *ds__aftermath_result(const ds__aftermath *a,
                                       const ds__result *failure)
{
    return a != NULL && a->small.failed ? &a->small.result : failure;
}

/* ---- In words -------------------------------------------------------------*/

static void write_plan(const ds_plan *plan, ds__text *text)
{
    char *lines = ds_plan_print(plan);

    for (char *at = lines; at != NULL && *at != '\0';) {
        int length = (int)strcspn(at, "\n");
        ds__text_add(text, "\n    %.*s", length, at);
        at += length + (at[length] == '\n');
    }
    free(lines);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static size_t count_faults(const ds_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->count; i++)
        n += plan->lines[i].kind != DS__PLAN_RESEED;
    return n;
}

static void write_lines_left(const ds__small *s, ds__text *text)
{
    size_t before = ds_plan_size(s->before);
    size_t lines = ds_plan_size(s->plan);

    ds__text_add(text, "\n  plan");
    if (before > 0)
        ds__text_add(text, ", shrunk from %zu line%s to %zu", before,
                     plural(before), lines);
    if (count_faults(s->plan) == 0)
        ds__text_add(text, ": it fails without any faults");
    ds__text_add(text, " (%zu run%s", s->runs, plural(s->runs));
    if (s->draws > 0)
        ds__text_add(text, "; fails with %zu of %zu reseeds", s->fails,
                     s->draws);
    ds__text_add(text, ")%s", lines > 0 ? ":" : "");
    write_plan(s->plan, text);
}

static void write_small(const ds__small *s, ds__text *text)
{
    if (s->before != NULL)
        write_lines_left(s, text);
    else
        ds__text_add(text, "\n  made small (%zu run%s)", s->runs,
                     plural(s->runs));
    if (s->operations_before > 0)
        ds__text_add(text, "\n  with %zu of %zu operation%s", s->operations,
                     s->operations_before, plural(s->operations_before));
    if (!s->whole && s->late)
        ds__text_add(text, "\n  There was more to try, but real time was over: "
                           "another time it may become smaller, or less so.");
    else if (!s->whole)
        ds__text_add(text, "\n  There was more to try.");
}

void ds__aftermath_write(const ds__aftermath *a, ds__text *text)
{
    if (a->small.failed)
        write_small(&a->small, text);
    if (a->chart != NULL)
        ds__chart_write(a->chart, text);
    if (a->why[0] != '\0')
        ds__text_add(text, "\n  %s", a->why);
}

void ds__aftermath_options(const ds__aftermath *a, const ds__options *o,
                           ds__text *text)
{
    bool small = a != NULL && a->small.failed &&
                 (a->file[0] != '\0' || a->small.before == NULL);
    const ds__operation *list = small ? a->small.left_out : o->left_out;
    size_t n = small ? a->small.num_left_out : o->num_left_out;
    bool fifo = small ? a->small.ties == DS_TIES_FIFO : o->fifo;

    if (n > 0) {
        ds__text_add(text, " --leave-out=");
        ds__left_out_print(list, n, text);
    }
    if (fifo)
        ds__text_add(text, " --ties=fifo");
    if (small || o->no_shrink)
        ds__text_add(text, " --no-shrink");
}
