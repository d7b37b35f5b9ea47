/* Bells: a stream for each that waits. */
#include "proto/bell.h"

#include <assert.h>

bool ds__bell_wait(ds_handle *h, ds__bell *bell)
{
    ds__waiter me = { .stream = ds_stream_new(ds_handle_loop(h)) };
    ds__waiter **last = &bell->first;
    ds_event e;

    while (*last != NULL)
        last = &(*last)->next;
    *last = &me;
    bool rung = ds_poll(h, me.stream, &e);
    ds_stream_free(me.stream);
    return rung;
}

void ds__bell_ring(ds_handle *h, ds__bell *bell)
{
    ds__waiter *first = bell->first;

    if (first == NULL)
        return;
    assert(first->stream != NULL);
    bell->first = first->next;
    ds_schedule(h, first->stream, 0, NULL, NULL);
}

void ds__bell_ring_all(ds_handle *h, ds__bell *bell)
{
    while (bell->first != NULL)
        ds__bell_ring(h, bell);
}
