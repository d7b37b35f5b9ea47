/* Many trials of one test; see the header. */

#include "explore/runner/campaign.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "explore/search.h"

enum {
    PATIENCE = 100, /* milliseconds between looks at the clock */
    MANY = 64,      /* trials in which each hazard must have bitten */
};

void ds__campaign_init(ds__campaign *c, const ds__options *options,
                       const ds_test *test)
{
    *c = (ds__campaign){
        .options = options,
        .given = test,
        .test = ds__test_whole(test),
    };
}

void ds__campaign_free(ds__campaign *c)
{
    for (size_t i = 0; i < c->num_kinds; i++) {
        ds__aftermath_free(c->kinds[i].finding->after);
        ds__finding_free(c->kinds[i].finding);
    }
    free(c->kinds);
    ds__marks_free(&c->marks);
}

static void give_up(ds__campaign *c, const char *why)
{
    if (!c->failed)
        ds__format(c->why, sizeof(c->why), "%s", why);
    c->failed = true;
}

/* ---- Failures -------------------------------------------------------------*/

static ds__kind *find_kind(const ds__campaign *c, const char *name)
{
    for (size_t i = 0; i < c->num_kinds; i++)
        if (strcmp(c->kinds[i].name, name) == 0)
            return &c->kinds[i];
    return NULL;
}

/* Looks again at a trial, and makes of it what there is to be made. */
static void find_out(ds__campaign *c, uint64_t seed,
                     const ds__news_failure *news, ds__finding *finding)
{
    if (!ds__look(c->options, &c->test, seed, news, finding))
        give_up(c, finding->result.why);
    else if (!finding->after_others)
        finding->after =
            ds__aftermath_make(c->options, &c->test, seed, &finding->result);
}

/* Makes a kind and looks again at the trial that is the first of it. */
static ds__kind *make_kind(ds__campaign *c, const char *name,
                           const ds__news_failure *news)
{
    ds__kind *kinds = realloc(c->kinds, (c->num_kinds + 1) * sizeof(*c->kinds));
    ds__finding *finding = malloc(sizeof(*finding));
    ds__kind *kind;

    if (kinds != NULL)
        c->kinds = kinds;
    if (kinds == NULL || finding == NULL) {
        free(finding);
        give_up(c, "out of memory");
        return NULL;
    }
    kind = &c->kinds[c->num_kinds++];
    *kind = (ds__kind){ .first = *news, .finding = finding };
    ds__format(kind->name, sizeof(kind->name), "%s", name);
    find_out(c, c->options->first + news->trial, news, finding);
    return kind;
}

static void take_failure(ds__campaign *c, const ds__news_failure *news)
{
    char name[DS__KIND_SIZE];
    const ds__finding *finding = NULL;
    ds__kind *kind;

    ds__kind_write(name, news->fate, news->judge, news->why);
    kind = find_kind(c, name);
    if (kind == NULL) {
        kind = make_kind(c, name, news);
        finding = kind == NULL ? NULL : kind->finding;
    }
    if (kind == NULL)
        return;
    assert(kind->finding != NULL && kind->first.trial <= news->trial);
    kind->count++;
    if (c->tell != NULL)
        c->tell(c, news, finding);
}

/* ---- Blocks ---------------------------------------------------------------*/

static void take_marks(ds__campaign *c, const ds__marks *marks)
{
    for (size_t i = 0; i < marks->count; i++) {
        const ds__mark *m = &marks->list[i];
        if (!ds__marks_add(&c->marks, m->name, m->first, m->trials))
            give_up(c, "out of memory");
    }
}

/* What follows on the first failure would depend on how far others are. */
static void take_block(ds__campaign *c, ds__twice *twice, const ds__block *b)
{
    if (c->stopped)
        return;
    ds__tally_add(&c->tally, &b->tally);
    take_marks(c, &b->marks);
    ds__twice_add(twice, &b->twice);
    c->out_of_time = c->out_of_time || b->cut;
    if (c->options->keep_going)
        for (size_t i = 0; i < b->failures.count; i++)
            take_failure(c, &b->failures.list[i]);
}

/* The first failure may yet be one of a trial that is not the same twice. */
static void note_first(ds__campaign *c, ds__news_failure *first,
                       const ds__block *b)
{
    if (c->options->keep_going || c->stopped || b->failures.count == 0)
        return;
    assert(b->failures.list[0].fate != DS__WELL);
    *first = b->failures.list[0];
    c->stopped = true;
}

static void take_blocks(ds__campaign *c, ds__crew *crew, ds__twice *twice,
                        ds__news_failure *first)
{
    ds__block *b;

    while ((b = ds__crew_next(crew)) != NULL) {
        take_block(c, twice, b);
        note_first(c, first, b);
        ds__block_free(b);
    }
}

/* ---- Trials that were not the same twice ----------------------------------*/

static int compare_trials(const void *a, const void *b)
{
    uint64_t x = ((const ds__news_failure *)a)->trial;
    uint64_t y = ((const ds__news_failure *)b)->trial;

    return x < y ? -1 : x > y;
}

/* Each of them is of one kind, whatever its first look was. */
static void take_others(ds__campaign *c, ds__news_list *others)
{
    if (others->count > 0)
        qsort(others->list, others->count, sizeof(*others->list),
              compare_trials);
    for (size_t i = 0; i < others->count; i++) {
        c->tally.failed++;
        take_failure(c, &others->list[i]);
        if (!c->options->keep_going)
            return;
    }
}

static void take_last(ds__campaign *c, ds__twice *twice,
                      const ds__news_failure *first)
{
    ds__news_list *others = &twice->other;
    uint64_t least = c->stopped ? first->trial : UINT64_MAX;

    for (size_t i = 0; i < others->count; i++)
        if (others->list[i].trial < least)
            least = others->list[i].trial;
    c->twice = twice->same;
    if (c->stopped && first->trial == least)
        take_failure(c, first);
    else
        take_others(c, others);
    if (twice->failed)
        give_up(c, "trials could not be run twice: out of memory or of "
                   "processes");
}

/* ---- All of it ------------------------------------------------------------*/

static bool is_time_up(const ds__campaign *c, double began)
{
    return c->options->budget > 0 &&
           ds__real_time() - began > c->options->budget;
}

static void wait_for(const int *files, size_t n)
{
    struct pollfd fds[DS__MOST_TWICE];

    for (size_t i = 0; i < n; i++)
        fds[i] = (struct pollfd){ .fd = files[i], .events = POLLIN };
    poll(fds, n, PATIENCE);
}

/* One round; false: all is done. */
static bool step(ds__campaign *c, ds__crew *crew, ds__twice *twice,
                 ds__news_failure *first)
{
    int files[DS__MOST_TWICE];
    size_t n = ds__twice_files(twice, files);
    bool working = ds__crew_step(crew, files, n, PATIENCE);
    bool again;

    if (!working && n > 0)
        wait_for(files, n);
    take_blocks(c, crew, twice, first);
    again = ds__twice_step(twice, working ? 1 : c->options->jobs,
                           c->stopped ? first->trial : UINT64_MAX);
    if (!c->options->keep_going)
        for (size_t i = 0; i < twice->other.count; i++)
            ds__crew_lower(crew, twice->other.list[i].trial);
    return (working || again) && !c->failed;
}

static void run_many(ds__campaign *c)
{
    double began = ds__real_time();
    ds__news_failure first;
    ds__twice twice;
    ds__crew crew;

    ds__twice_begin(&twice, c->options, &c->test);
    if (ds__crew_begin(&crew, c->options, &c->test))
        while (step(c, &crew, &twice, &first))
            if (is_time_up(c, began)) {
                ds__crew_close(&crew);
                ds__twice_close(&twice);
            }
    if (crew.failed)
        give_up(c, crew.why);
    if (is_time_up(c, began))
        c->out_of_time = true;
    if (!c->failed)
        take_last(c, &twice, &first);
    ds__twice_end(&twice);
    ds__crew_end(&crew);
}

/* One seed needs no worker; nothing was told of it before. */
static void run_one(ds__campaign *c)
{
    ds__finding *finding = malloc(sizeof(*finding));
    ds__kind *kind = calloc(1, sizeof(*kind));
    const ds__result *result;

    if (finding == NULL || kind == NULL) {
        give_up(c, "out of memory");
        free(finding);
        free(kind);
        return;
    }
    find_out(c, c->options->first, NULL, finding);
    result = &finding->result;
    kind->finding = finding;
    kind->count = 1;
    kind->first =
        (ds__news_failure){ .fate = result->fate, .judge = result->judge };
    c->kinds = kind;
    c->num_kinds = 1;
    ds__tally_count(&c->tally, result);
    if (c->tell != NULL && result->fate != DS__WELL)
        c->tell(c, &kind->first, finding);
}

void ds__campaign_run(ds__campaign *c)
{
    double began = ds__real_time();

    if (c->options->one)
        run_one(c);
    else
        run_many(c);
    c->seconds = ds__real_time() - began;
}

unsigned ds__campaign_harmless(const ds__campaign *c)
{
    const ds__tally *t = &c->tally;
    unsigned harmless = 0;

    if (c->options->plan != NULL || t->trials < MANY)
        return 0;
    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++)
        if ((c->test.hazards >> i & 1) != 0 && t->bites.bit[i] == 0)
            harmless |= 1U << i;
    return harmless;
}

ds__fate ds__campaign_fate(const ds__campaign *c)
{
    ds__fate least = DS__WELL;

    for (size_t i = 0; i < c->num_kinds; i++) {
        ds__fate fate = c->kinds[i].finding->result.fate;
        if (fate != DS__WELL && (least == DS__WELL || fate < least))
            least = fate;
    }
    if (c->failed)
        return DS__DIED;
    return least == DS__WELL && ds__campaign_harmless(c) != 0 ? DS__HARMLESS
                                                              : least;
}
