/* Proposals by instance, some of which may not be there. */
#include "proto/paxos_log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const ds__proposal *ds__slots_at(const ds__slots *l, int64_t index)
{
    if (index <= l->base || index > l->last)
        return NULL;
    const ds__proposal *p = &l->all[index - l->base - 1];
    assert(p->ballot == 0 || p->index == index);
    return p->ballot > 0 ? p : NULL;
}

static bool make_room(ds_handle *h, ds__slots *l, int64_t n)
{
    int64_t room = l->room == 0 ? 32 : l->room * 2;

    if (n <= l->room)
        return true;
    if (room < n)
        room = n;
    ds__proposal *all = realloc(l->all, (size_t)room * sizeof(*all));
    if (all == NULL) {
        ds_fail(h, "ds_paxos_log_serve: there is no memory for %lld proposals",
                (long long)room);
        return false;
    }
    l->all = all;
    l->room = room;
    return true;
}

bool ds__slots_put(ds_handle *h, ds__slots *l, const ds__proposal *p)
{
    assert(p->ballot > 0 && p->index > l->base);
    if (!make_room(h, l, p->index - l->base))
        return false;
    for (; l->last < p->index; l->last++)
        l->all[l->last - l->base] = (ds__proposal){ .ballot = 0 };
    l->all[p->index - l->base - 1] = *p;
    return true;
}

int64_t ds__slots_all_of(const ds__slots *l, int64_t index, int64_t ballot)
{
    const ds__proposal *p;

    while ((p = ds__slots_at(l, index + 1)) != NULL && p->ballot == ballot)
        index++;
    return index;
}

void ds__slots_rebase(ds__slots *l, int64_t base)
{
    const int64_t left = l->last > base ? l->last - base : 0;

    assert(base >= l->base);
    if (left > 0)
        memmove(l->all, &l->all[base - l->base],
                (size_t)left * sizeof(*l->all));
    l->base = base;
    l->last = base + left;
}

int64_t ds__slots_copy(const ds__slots *l, int64_t index, ds__proposal *to)
{
    const ds__proposal *p;
    int64_t n = 0;

    for (int64_t i = index > l->base ? index + 1 : l->base + 1; i <= l->last;
         i++)
        if ((p = ds__slots_at(l, i)) != NULL)
            to[n++] = *p;
    return n;
}
