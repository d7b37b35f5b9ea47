/* Fetching what comes after the next thing; see the header. */

#include "loop/ahead.h"

#include "base/memory.h"
#include "loop/state.h"

/* What a switch touches of a handle is in its first lines. */
static void fetch_handle(const ds_handle *h)
{
    __builtin_prefetch(h);
    __builtin_prefetch((const char *)h + DS__CACHE_LINE);
}

/* Who waits for one stream has the wait inside, in the second of them. */
static void fetch_around(const ds__wait *wait)
{
    __builtin_prefetch(wait);
    __builtin_prefetch((const char *)wait - DS__CACHE_LINE);
}

static void fetch_from(ds__ahead *ahead, ds__due *due)
{
    switch (due->kind) {
    case DS__DUE_EVENT:
        ahead->stream = ds__container(due, ds__event, due)->payload.stream;
        __builtin_prefetch(ahead->stream);
        break;
    case DS__DUE_WAKE:
    case DS__DUE_TIMEOUT:
        ahead->sleeper = ds__container(due, ds_handle, due);
        fetch_handle(ahead->sleeper);
        break;
    case DS__DUE_ALARM:
    case DS__DUE_FIRST:
        break;
    }
}

void ds__ahead_take(ds_loop *loop)
{
    loop->ahead.due = ds__agenda_likely_second(&loop->agenda);
    __builtin_prefetch(loop->ahead.due);
}

void ds__ahead_begin(ds_loop *loop)
{
    ds__ahead before = loop->ahead;
    if (before.wait != NULL)
        loop->exec->fetch(before.wait->handle);
    else if (before.sleeper != NULL)
        loop->exec->fetch(before.sleeper);

    loop->ahead = (ds__ahead){ 0 };
    if (before.due != NULL)
        fetch_from(&loop->ahead, before.due);
}

void ds__ahead_end(ds_loop *loop)
{
    const ds_stream *stream = loop->ahead.stream;

    if (stream == NULL || stream->num_places == 0)
        return;
    loop->ahead.wait = stream->line[0].wait;
    fetch_around(loop->ahead.wait);
}
