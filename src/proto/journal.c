/* Journals: states that a crash leaves, and the newest of each in memory. */
#include "proto/journal.h"

#include <assert.h>
#include <string.h>

#include <distsys/fault.h>

/* The newest are asked about most.  NULL: it is not there. */
static ds__state *find(const ds__journal *l, uint64_t key)
{
    for (size_t i = l->n; i-- > 0;)
        if (l->entries[i].key == key)
            return &l->entries[i];
    return NULL;
}

static bool make_room(ds_handle *h, ds__journal *l)
{
    size_t room = l->room > 0 ? 2 * l->room : 16;
    ds__state *more;

    if (l->n < l->room)
        return true;
    more = ds_alloc(h, room * sizeof(*more));
    if (more == NULL)
        return false;
    if (l->n > 0)
        memcpy(more, l->entries, l->n * sizeof(*more));
    l->entries = more;
    l->room = room;
    return true;
}

bool ds__journal_put(ds_handle *h, ds__journal *l, uint64_t key, int64_t state)
{
    ds__state *e = find(l, key);

    assert(state != 0);
    if (e == NULL && !make_room(h, l))
        return false;
    if (e == NULL)
        e = &l->entries[l->n++];
    *e = (ds__state){ key, state };
    assert(l->n <= l->room && ds__journal_state(l, key) == state);
    return true;
}

bool ds__journal_log(ds_handle *h, ds__journal *l, uint64_t key, int64_t state)
{
    const ds__state e = { key, state };

    return ds_disk_append(h, l->name, &e, sizeof(e)) && ds_disk_sync(h) &&
           ds__journal_put(h, l, key, state);
}

int64_t ds__journal_state(const ds__journal *l, uint64_t key)
{
    const ds__state *e = find(l, key);

    return e == NULL ? 0 : e->state;
}

bool ds__journal_open(ds_handle *h, ds__journal *l, const char *name)
{
    ds__state e;
    size_t got = sizeof(e);

    *l = (ds__journal){ .name = name };
    for (size_t at = 0; got == sizeof(e); at += got) {
        if (!ds_disk_get(h, name, at, &e, sizeof(e), &got))
            return false;
        assert(got == 0 || got == sizeof(e));
        if (got > 0 && !ds__journal_put(h, l, e.key, e.state))
            return false;
    }
    return true;
}
