/* Judges a history: splits it into objects, and asks for an order of each. */

#include <stdlib.h>

#include "base/invariant.h"
#include "base/text.h"
#include "explore/explain.h"
#include "explore/history.h"
#include "explore/print.h"
#include "explore/search.h"

/* What the configurations of a search may take. */
#define MOST_MEMORY (UINT64_C(256) << 20)

/* A call, and which object it is about. */
typedef struct item {
    int64_t key;
    int64_t part;
    const ds__recorded *call;
} item;

/* One verdict in the making. */
typedef struct check {
    const ds_model *model;
    double deadline;
    ds__recorded *calls; /* of one object; room for all */
    ds__text *why;       /* or NULL */
    ds_verdict verdict;
} check;

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Calls of one object stay in the order in which they began. */
static int compare_items(const void *a, const void *b)
{
    const item *x = a;
    const item *y = b;
    int key = compare_numbers(x->key, y->key);
    int part = compare_numbers(x->part, y->part);

    if (key != 0)
        return key;
    return part != 0 ? part : (x->call->first > y->call->first) - 1;
}

/* Makes an item of each call that is to be judged; returns how many. */
static size_t list(const ds_history *history, const ds_model *model,
                   item *items)
{
    size_t n = 0;

    for (size_t i = 0; i < history->count; i++) {
        const ds_call *call = &history->calls[i].call;
        if (call->forgotten)
            continue;
        items[n++] = (item){
            .key = call->key,
            .part = model->part == NULL ? 0 : model->part(call),
            .call = &history->calls[i],
        };
    }
    if (n > 0)
        qsort(items, n, sizeof(*items), compare_items);
    return n;
}

/* Notes what an object was found to be.  What is wrong counts more than what
 * is not known, and the first of each is explained. */
static bool is_news(check *c, ds_verdict verdict)
{
    if (verdict == DS_LINEARIZABLE || c->verdict == DS_NOT_LINEARIZABLE ||
        c->verdict == verdict)
        return false;
    c->verdict = verdict;
    if (c->why != NULL)
        ds__text_init(c->why, c->why->buf, c->why->size);
    return c->why != NULL;
}

static void explain_undecided(check *c, const ds__question *q,
                              const ds__answer *a)
{
    char call[160];

    switch (a->outcome) {
    case DS__OUT_OF_MEMORY:
        ds__text_add(c->why, "undecided: out of memory");
        break;
    case DS__MEMORY_LIMIT:
        ds__text_add(c->why,
                     "undecided: %zu configurations of key %lld filled the "
                     "memory allowed",
                     a->configurations, (long long)q->calls[0].call.key);
        break;
    case DS__INCONSISTENT:
        ds__print_call(c->model, &q->calls[a->odd].call, call, sizeof(call));
        ds__text_add(c->why,
                     "undecided: the model \"%s\" does different things in "
                     "equal states, in %s; two states are equal if their "
                     "bytes are, and nothing else may count",
                     c->model->name, call);
        break;
    default:
        ds__text_add(c->why,
                     "undecided: key %lld took too long, after %zu "
                     "configurations",
                     (long long)q->calls[0].call.key, a->configurations);
        break;
    }
}

/* Judges n calls of one object. */
static void judge(check *c, size_t n)
{
    ds__question q = {
        .model = c->model,
        .calls = c->calls,
        .n = n,
        .limits = { .memory = MOST_MEMORY, .deadline = c->deadline },
        .watched = SIZE_MAX,
    };
    ds__answer a = ds__search(&q);
    ds_verdict verdict = DS_UNDECIDED;

    if (a.outcome == DS__ORDERED)
        verdict = DS_LINEARIZABLE;
    if (a.outcome == DS__NOT_ORDERED)
        verdict = DS_NOT_LINEARIZABLE;
    if (!is_news(c, verdict))
        return;
    if (verdict == DS_NOT_LINEARIZABLE)
        ds__explain(&q, c->why);
    else
        explain_undecided(c, &q, &a);
}

/* Judges object after object, until one is found that is wrong. */
static void judge_all(check *c, const item *items, size_t n)
{
    size_t i = 0;

    while (i < n && c->verdict != DS_NOT_LINEARIZABLE) {
        const item *first = &items[i];
        size_t count = 0;
        for (; i < n && items[i].key == first->key &&
               items[i].part == first->part;
             i++)
            c->calls[count++] = *items[i].call;
        judge(c, count);
    }
}

/* Finds a reason why there is nothing to judge by. */
static const char *spoiled(const ds_history *history, const ds_model *model)
{
    if (history == NULL || history->out_of_memory)
        return "out of memory";
    if (history->mistake[0] != '\0')
        return history->mistake;
    if (model == NULL || model->init == NULL || model->step == NULL)
        return "ds_history_check: the model is NULL, or has no init or step";
    return NULL;
}

static ds_verdict undecided(ds__text *why, const char *reason)
{
    if (why != NULL)
        ds__text_add(why, "undecided: %s", reason);
    return DS_UNDECIDED;
}

static ds_verdict check_sound(const ds_history *history, const ds_model *model,
                              double max_seconds, ds__text *why)
{
    item *items = calloc(history->count + 1, sizeof(*items));
    check c = {
        .model = model,
        .calls = calloc(history->count + 1, sizeof(*c.calls)),
        .why = why,
    };

    if (max_seconds > 0)
        c.deadline = ds__real_time() + max_seconds;
    if (items == NULL || c.calls == NULL)
        c.verdict = undecided(why, "out of memory");
    else
        judge_all(&c, items, list(history, model, items));
    free(items);
    free(c.calls);
    return c.verdict;
}

ds_verdict ds_history_check(const ds_history *history, const ds_model *model,
                            double max_seconds, char *why, size_t size)
{
    const char *reason = spoiled(history, model);
    ds__text text;
    ds__text *told = NULL;

    if (why != NULL && size > 0) {
        ds__text_init(&text, why, size);
        told = &text;
    }
    if (reason != NULL)
        return undecided(told, reason);
    if (ds__checking())
        ds__history_check(history);
    return check_sound(history, model, max_seconds, told);
}
