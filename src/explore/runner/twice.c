/* Trials that are run twice; see the header. */

#include "explore/runner/twice.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "explore/search.h"

void ds__twice_begin(ds__twice *t, const ds__options *options,
                     const ds_test *test)
{
    *t = (ds__twice){ .options = options, .test = test };
}

void ds__twice_add(ds__twice *t, const ds__news_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!ds__news_push(&t->queue, &list->list[i]))
            t->failed = true;
}

static void begin(ds__twice *t)
{
    const ds__news_failure *news = &t->queue.list[t->begun];
    ds__trial_order order =
        ds__options_order(t->options, t->options->first + news->trial);
    const ds__apart_config config = { .memory = order.seed,
                                      .hang = t->options->hang };

    assert(t->count < DS__MOST_TWICE);
    order.exec = DS_THREADS;
    t->places[t->count] = t->begun++;
    if (ds__apart_begin(&t->running[t->count], t->test, &order, &config))
        t->count++;
    else {
        ds__apart_free(&t->running[t->count]);
        t->failed = true;
    }
}

static void finish(ds__twice *t, size_t i)
{
    ds__apart *a = &t->running[i];
    const ds__news_failure *news = &t->queue.list[t->places[i]];
    const ds__result *result;

    assert(i < t->count && t->places[i] < t->begun);
    ds__apart_end(a);
    result = &a->page->result;
    if (result->fate == news->fate && result->digest == news->digest &&
        result->history == news->history)
        t->same++;
    else if (!ds__news_push(&t->other, news))
        t->failed = true;
    ds__apart_free(a);
    t->count--;
    t->running[i] = t->running[t->count];
    t->places[i] = t->places[t->count];
}

static bool has_ended(const ds__apart *a)
{
    struct pollfd fd = { .fd = a->end, .events = POLLIN };

    return poll(&fd, 1, 0) > 0 || ds__real_time() > a->began + a->config.hang;
}

bool ds__twice_step(ds__twice *t, size_t most, uint64_t last)
{
    if (most > DS__MOST_TWICE)
        most = DS__MOST_TWICE;
    for (size_t i = t->count; i > 0; i--)
        if (has_ended(&t->running[i - 1]))
            finish(t, i - 1);
    while (!t->failed && t->count < most && t->begun < t->queue.count) {
        if (t->queue.list[t->begun].trial > last)
            t->begun++;
        else
            begin(t);
    }
    assert(t->begun <= t->queue.count && t->count <= DS__MOST_TWICE);
    return t->count > 0 || (!t->failed && t->begun < t->queue.count);
}

size_t ds__twice_files(const ds__twice *t, int files[DS__MOST_TWICE])
{
    for (size_t i = 0; i < t->count; i++)
        files[i] = t->running[i].end;
    return t->count;
}

void ds__twice_close(ds__twice *t)
{
    t->begun = t->queue.count;
}

void ds__twice_end(ds__twice *t)
{
    while (t->count > 0) {
        ds__apart *a = &t->running[--t->count];
        kill(a->pid, SIGKILL);
        ds__apart_end(a);
        ds__apart_free(a);
    }
    free(t->queue.list);
    free(t->other.list);
}
