/* The second look; see the header. */

#include "explore/runner/look.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "explore/runner/kind.h"

/* How often two runs that should differ are looked at. */
enum { TRIES = 6, EARLIER = 8 };

typedef struct look {
    const ds__options *o;
    const ds_test *test;
    uint64_t seed;
    ds__finding *finding;
} look;

typedef enum way { ALONE, AGAIN, OTHER, AFTER, WAYS } way;

/* How each is called in a report. */
static const char *const names[WAYS] = { "on fibers", "again", "on threads",
                                         "after others" };

/* Each variant has another memory, if the way has. */
static bool run(const look *l, way w, bool traced, uint64_t variant,
                ds__apart *a)
{
    ds__trial_order order = ds__options_order(l->o, l->seed);
    uint64_t earlier = l->seed - l->o->first;
    const ds__apart_config config = {
        .memory = w == OTHER ? l->seed + variant : 0,
        .traced = traced,
        .before = w != AFTER          ? 0
                  : earlier < EARLIER ? earlier
                                      : EARLIER,
        .shown = l->o->one && w == ALONE && !traced,
        .hang = l->o->hang,
        .history = w == ALONE && !traced ? l->o->history_file : NULL,
    };

    order.exec = w == OTHER ? DS_THREADS : DS_FIBERS;
    order.trace = w == ALONE && !traced ? l->o->trace_file : NULL;
    order.stall = l->o->hang / 2;
    return ds__apart_run(a, l->test, &order, &config);
}

static bool same(const ds__result *a, const ds__result *b)
{
    return a->fate == b->fate && a->judge == b->judge &&
           a->digest == b->digest && a->history == b->history;
}

/* ---- What differs ---------------------------------------------------------*/

/* Runs it in two ways and adds what differs first; false: nothing did. */
static bool compare_once(const look *l, way one, way other, uint64_t variant,
                         ds__text *text)
{
    ds__apart a;
    ds__apart b;
    bool differs = false;

    if (run(l, one, true, variant, &a)) {
        if (run(l, other, true, variant, &b))
            differs =
                ds__trace_compare(&a.page->trace, names[one], &b.page->trace,
                                  names[other], l->test->model, text);
        ds__apart_free(&b);
    }
    ds__apart_free(&a);
    return differs;
}

static bool compare(const look *l, way one, way other, ds__text *text)
{
    for (uint64_t i = 0; i < TRIES; i++)
        if (compare_once(l, one, other, i, text))
            return true;
    return false;
}

static void add_verdict(ds__text *text, const ds__result *result)
{
    ds__text_add(text, "%s", ds__fate_name(result->fate));
    if (result->fate != DS__WELL)
        ds__text_add(text, ": %.*s", (int)strcspn(result->why, "\n"),
                     result->why);
}

/* Makes the verdict that the trial is not deterministic. */
static void begin(look *l, ds__text *text)
{
    ds__result *result = &l->finding->result;

    result->fate = DS__FICKLE;
    result->judge = DS__BY_RUNNER;
    ds__text_init(text, result->why, sizeof(result->why));
}

/* What was told of it is not so in a fresh process. */
static void blame_earlier(look *l, const ds__news_failure *claim)
{
    const ds__result alone = l->finding->result;
    ds__result told = { .fate = claim->fate };
    ds__text text;

    ds__format(told.why, sizeof(told.why), "%s", claim->why);
    begin(l, &text);
    l->finding->after_others = true;
    ds__text_add(&text,
                 "it depends on what ran before it in the process (a global? "
                 "an address?)"
                 "\n  after other seeds: ");
    add_verdict(&text, &told);
    ds__text_add(&text, "\n  in a fresh process: ");
    add_verdict(&text, &alone);
    if (alone.fate == told.fate)
        ds__text_add(&text, ", with other events");
    compare(l, ALONE, AFTER, &text);
}

static void blame_way(look *l, const ds__result *other, way w)
{
    const ds__result alone = l->finding->result;
    ds__text text;

    begin(l, &text);
    ds__text_add(&text, w == OTHER
                            ? "it is not the same on threads and on fibers, "
                              "with memory elsewhere"
                            : "it is not the same when it is run again");
    if (alone.fate != other->fate) {
        ds__text_add(&text, "\n  %s: ", names[ALONE]);
        add_verdict(&text, &alone);
        ds__text_add(&text, "\n  %s: ", names[w]);
        add_verdict(&text, other);
    }
    if (!compare(l, ALONE, w, &text))
        ds__text_add(&text, "\n  and when both were looked at, they were the "
                            "same");
}

static void blame_once(look *l)
{
    ds__text text;

    begin(l, &text);
    ds__text_add(&text, "it has once been another one, and never again");
}

/* ---- Looking --------------------------------------------------------------*/

/* Runs it in another way; true: it was not the same, and that is the finding.
 */
static bool is_other(look *l, way w, uint64_t variant)
{
    ds__apart a;
    bool other = false;

    if (run(l, w, false, variant, &a) &&
        !same(&a.page->result, &l->finding->result)) {
        blame_way(l, &a.page->result, w);
        other = true;
    }
    ds__apart_free(&a);
    return other;
}

/* What ends a process or takes for ever is looked at once only: it has no
 * digest. */
static bool is_whole(const ds__result *result)
{
    return result->judge != DS__BY_SYSTEM && result->fate != DS__USAGE;
}

static bool is_as_told(const ds__result *result, const ds__news_failure *claim)
{
    if (result->fate != claim->fate || result->judge != claim->judge)
        return false;
    return !is_whole(result) || (result->digest == claim->digest &&
                                 result->history == claim->history);
}

static void judge(look *l, const ds__news_failure *claim)
{
    ds__result *result = &l->finding->result;
    bool told = claim == NULL || is_as_told(result, claim);

    /* What was not the same twice is likely to be so again, but need not. */
    int tries = claim != NULL && claim->fate == DS__WELL ? TRIES : 1;

    for (int i = 0; i < tries && is_whole(result); i++)
        if (is_other(l, AGAIN, 0) || is_other(l, OTHER, (uint64_t)i))
            return;
    if (!told)
        blame_earlier(l, claim);
    else if (claim != NULL && result->fate == DS__WELL)
        blame_once(l);
}

static void take(ds__finding *finding, const ds__apart *a)
{
    const ds__apart_page *page = a->page;

    finding->result = page->result;
    memcpy(finding->said, a->said, sizeof(a->said));
    memcpy(finding->history_error, page->history_error,
           sizeof(page->history_error));
    assert(finding->plan == NULL);
    finding->plan_lines = page->plan_lines;
    if (page->plan_lines > 0 && !page->plan_cut)
        finding->plan = strdup(page->plan);
}

void ds__finding_free(ds__finding *finding)
{
    if (finding != NULL)
        free(finding->plan);
    free(finding);
}

bool ds__look(const ds__options *o, const ds_test *test, uint64_t seed,
              const ds__news_failure *claim, ds__finding *finding)
{
    look l = { o, test, seed, finding };
    ds__apart a;

    assert(seed >= o->first && seed <= o->last);
    *finding = (ds__finding){ .seed = seed };
    if (!run(&l, ALONE, false, 0, &a)) {
        finding->result.fate = DS__DIED;
        ds__format(finding->result.why, sizeof(finding->result.why), "%s",
                   a.page == NULL ? "out of memory" : a.page->result.why);
        ds__apart_free(&a);
        return false;
    }
    take(finding, &a);
    ds__apart_free(&a);
    judge(&l, claim);
    return true;
}
