/* What clients asked and were told.
 *
 * The order is that of the calls to these functions, not of the seconds: much
 * happens at one virtual instant.  Each beginning and each end is a moment,
 * and moments are counted. */

#include "explore/history.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/text.h"

ds_history *ds_history_new(void)
{
    return calloc(1, sizeof(ds_history));
}

void ds_history_free(ds_history *history)
{
    if (history == NULL)
        return;
    free(history->calls);
    free(history);
}

void ds__history_check(const ds_history *history)
{
    assert(history->count <= history->capacity);
    for (size_t i = 0; i < history->count; i++) {
        const ds__recorded *c = &history->calls[i];
        assert(c->first < c->last && c->first < history->moments);
        assert(i == 0 || history->calls[i - 1].first < c->first);
        assert((c->last != DS__NEVER) == c->call.returned);
        assert(c->last == DS__NEVER || c->last < history->moments);
        assert(!c->call.returned || !c->call.forgotten);
    }
}

/* Makes room for one more; false: no memory, nothing changed. */
static bool reserve(ds_history *history)
{
    if (history->count < history->capacity)
        return true;

    size_t capacity = history->capacity == 0 ? 16 : history->capacity * 2;
    if (capacity > SIZE_MAX / sizeof(*history->calls))
        return false;
    ds__recorded *calls = realloc(history->calls, capacity * sizeof(*calls));
    if (calls == NULL)
        return false;
    history->calls = calls;
    history->capacity = capacity;
    return true;
}

size_t ds_history_begin(ds_history *history, double now, uint64_t process,
                        int op, int64_t key, int64_t arg0, int64_t arg1)
{
    if (history == NULL)
        return SIZE_MAX;
    if (!reserve(history)) {
        history->out_of_memory = true;
        return SIZE_MAX;
    }
    history->calls[history->count] = (ds__recorded){
        .call = { .process = process,
                  .op = op,
                  .key = key,
                  .arg = { arg0, arg1 },
                  .began = now },
        .first = history->moments++,
        .last = DS__NEVER,
    };
    return history->count++;
}

/* Notes the first mistake, which stays. */
static void mistake(ds_history *history, const char *name, size_t call,
                    const char *what)
{
    if (history->mistake[0] == '\0')
        ds__format(history->mistake, sizeof(history->mistake),
                   "%s: call %zu %s", name, call, what);
}

/* Finds a call that is under way.  NULL: it is none, which is a mistake unless
 * there was no memory for it. */
static ds__recorded *under_way(ds_history *history, size_t call,
                               const char *name)
{
    if (history == NULL || (call == SIZE_MAX && history->out_of_memory))
        return NULL;
    if (call >= history->count) {
        mistake(history, name, call, "has never begun");
        return NULL;
    }

    ds__recorded *c = &history->calls[call];
    if (c->call.returned || c->call.forgotten) {
        mistake(history, name, call,
                c->call.returned ? "has returned before"
                                 : "has been forgotten before");
        return NULL;
    }
    return c;
}

void ds_history_end(ds_history *history, double now, size_t call,
                    int64_t result)
{
    ds__recorded *c = under_way(history, call, "ds_history_end");

    if (c == NULL)
        return;
    c->call.result = result;
    c->call.returned = true;
    c->call.ended = now;
    c->last = history->moments++;
}

void ds_history_forget(ds_history *history, size_t call)
{
    ds__recorded *c = under_way(history, call, "ds_history_forget");

    if (c != NULL)
        c->call.forgotten = true;
}

size_t ds_history_size(const ds_history *history)
{
    return history == NULL ? 0 : history->count;
}

const ds_call *ds_history_at(const ds_history *history, size_t call)
{
    return call < ds_history_size(history) ? &history->calls[call].call : NULL;
}
