/* Marks; see the header.  There are few, so they are looked for one by one. */

#include "explore/runner/marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "explore/runner/inside.h"
#include "loop/loop.h"

/* ---- The table ------------------------------------------------------------*/

static ds__mark *find(const ds__marks *marks, const char *name)
{
    for (size_t i = 0; i < marks->count; i++)
        if (strncmp(marks->list[i].name, name, DS__MARK_SIZE - 1) == 0)
            return &marks->list[i];
    return NULL;
}

static ds__mark *make(ds__marks *marks, const char *name, uint64_t seed)
{
    if (marks->count == marks->capacity) {
        size_t capacity = marks->capacity == 0 ? 8 : 2 * marks->capacity;
        ds__mark *list = realloc(marks->list, capacity * sizeof(*list));
        if (list == NULL)
            return NULL;
        marks->list = list;
        marks->capacity = capacity;
    }

    ds__mark *mark = &marks->list[marks->count++];
    *mark = (ds__mark){ .first = seed };
    ds__format(mark->name, sizeof(mark->name), "%s", name);
    return mark;
}

static ds__mark *find_or_make(ds__marks *marks, const char *name, uint64_t seed)
{
    ds__mark *mark = find(marks, name);

    return mark == NULL ? make(marks, name, seed) : mark;
}

bool ds__marks_add(ds__marks *marks, const char *name, uint64_t seed,
                   uint64_t n)
{
    ds__mark *mark = find_or_make(marks, name, seed);

    if (mark == NULL)
        return false;
    assert(n > 0 && seed > 0);
    mark->trials += n;
    if (seed < mark->first)
        mark->first = seed;
    return true;
}

bool ds__marks_know_one(ds__marks *marks, const char *name)
{
    return find_or_make(marks, name, UINT64_MAX) != NULL;
}

bool ds__marks_reach(ds__marks *marks, const char *name, uint64_t seed)
{
    ds__mark *mark = find_or_make(marks, name, seed);

    if (mark == NULL)
        return false;
    assert(mark->first <= seed || mark->trials > 0);
    mark->trials += mark->latest != seed;
    mark->latest = seed;
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const ds__mark *)a)->name, ((const ds__mark *)b)->name);
}

void ds__marks_sort(ds__marks *marks)
{
    if (marks->count > 0)
        qsort(marks->list, marks->count, sizeof(*marks->list), compare);
}

void ds__marks_clear(ds__marks *marks)
{
    marks->count = 0;
}

void ds__marks_free(ds__marks *marks)
{
    free(marks->list);
    *marks = (ds__marks){ 0 };
}

/* ---- What a test says -----------------------------------------------------*/

void(ds_sometimes)(ds_handle *h, const char *what)
{
    ds_trial *t;

    if (!ds__ask(h, "ds_sometimes"))
        return;
    if (what == NULL) {
        ds__fail(ds_handle_loop(h), DS_EMISUSE, "ds_sometimes: what is NULL");
        return;
    }
    t = ds_handle_trial(h);
    if (t != NULL && t->order->marks != NULL &&
        !ds__marks_reach(t->order->marks, what, t->order->seed))
        ds__fail_memory(t->loop, "ds_sometimes");
}
