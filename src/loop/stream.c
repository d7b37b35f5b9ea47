/* Streams: queues of events in one direction. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "loop/state.h"

/* ---- Making them ----------------------------------------------------------*/

void ds__stream_init(ds_stream *stream, ds_loop *loop)
{
    *stream = (ds_stream){
        .loop = loop,
        .number = ++loop->num_streams,
    };
    ds__list_init(&stream->queue);
}

void ds__stream_clear(ds_stream *stream)
{
    ds__link *link;

    while ((link = ds__list_shift(&stream->queue)) != NULL)
        ds_event_drop(&ds__container(link, ds__event, link)->payload);
    ds__heap_free(&stream->waiters);
    free(stream->name);
}

ds_stream *ds_stream_new(ds_loop *loop)
{
    if (!ds__may_build(loop, "ds_stream_new"))
        return NULL;

    ds_stream *stream = malloc(sizeof(*stream));
    if (stream == NULL) {
        ds__fail_memory(loop, "ds_stream_new");
        return NULL;
    }
    ds__stream_init(stream, loop);
    stream->next = loop->streams;
    loop->streams = stream;
    return stream;
}

void ds_stream_set_name(ds_stream *stream, const char *name)
{
    if (stream == NULL || !ds__may_build(stream->loop, "ds_stream_set_name"))
        return;
    if (name == NULL) {
        ds__fail(stream->loop, DS_EMISUSE,
                 "ds_stream_set_name: the name is NULL");
        return;
    }

    size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (copy == NULL) {
        ds__fail_memory(stream->loop, "ds_stream_set_name");
        return;
    }
    memcpy(copy, name, size);
    free(stream->name);
    stream->name = copy;
}

void ds__stream_describe(const ds_stream *stream, ds__text *text)
{
    if (stream->describe != NULL)
        stream->describe(stream, text);
    else
        ds__text_add(text, "stream %llu", (unsigned long long)stream->number);
    if (stream->name != NULL)
        ds__text_add(text, " \"%s\"", stream->name);
}

/* ---- Events ---------------------------------------------------------------*/

void ds_event_drop(ds_event *event)
{
    if (event == NULL)
        return;

    ds_event dropped = *event;
    *event = (ds_event){ 0 };
    if (dropped.free != NULL)
        dropped.free(dropped.data);
}

static void drop(void *data, ds_free_fn *free_data)
{
    if (free_data != NULL)
        free_data(data);
}

bool ds__post(ds_loop *loop, ds_stream *stream, double seconds, void *data,
              ds_free_fn *free_data, ds_timer *timer, const char *call)
{
    *timer = (ds_timer){ 0 };
    if (ds__over(loop)) {
        drop(data, free_data);
        return false;
    }

    ds__event *event = ds__event_get(&loop->events);
    if (event == NULL)
        goto no_memory;
    event->time = loop->now + seconds;
    if (!ds__agenda_add(&loop->agenda, &event->due, event->time)) {
        ds__event_put(&loop->events, event);
        goto no_memory;
    }
    event->payload = (ds_event){ stream, data, free_data };
    *timer = ds__event_timer(event);
    return true;

no_memory:
    ds__fail_memory(loop, call);
    drop(data, free_data);
    return false;
}

static bool may_schedule(ds_handle *h, ds_stream *to, double seconds)
{
    if (!ds__enter(h, "ds_schedule"))
        return false;
    if (to == NULL)
        ds__fail(h->loop, DS_EMISUSE, "ds_schedule: the stream is NULL");
    else if (to->loop != h->loop)
        ds__fail(h->loop, DS_EMISUSE,
                 "ds_schedule: the stream belongs to another loop");
    else if (to->reserved)
        ds__fail(h->loop, DS_EMISUSE,
                 "ds_schedule: the stream is a port's, and only networks write "
                 "to ports; use ds_send()");
    else
        return ds__check_seconds(h->loop, seconds, false, "ds_schedule");
    return false;
}

ds_timer ds_schedule(ds_handle *h, ds_stream *to, double seconds, void *data,
                     ds_free_fn *free_data)
{
    ds_timer timer = { 0 };

    if (may_schedule(h, to, seconds))
        ds__post(h->loop, to, seconds, data, free_data, &timer, "ds_schedule");
    else
        drop(data, free_data);
    return timer;
}

void ds_cancel(ds_handle *h, ds_timer timer)
{
    if (!ds__enter(h, "ds_cancel"))
        return;

    ds__event *event = ds__event_find(&h->loop->events, timer);
    if (event == NULL)
        return;
    ds__agenda_remove(&h->loop->agenda, &event->due);
    ds_event payload = event->payload;
    ds__event_put(&h->loop->events, event);
    ds_event_drop(&payload);
}

/* ---- Receivers ------------------------------------------------------------*/

/* Any entry of the heap, drawn uniformly, or the one that came first. */
static ds__heap_node *choose(ds_loop *loop, ds_stream *stream)
{
    const ds__heap *waiters = &stream->waiters;
    size_t i = 0;

    if (loop->config.ties == DS_TIES_RANDOM && waiters->count > 1)
        i = (size_t)ds__rng_below(ds__rng_bits(loop->config.seed,
                                               DS__RNG_STREAM, stream->number,
                                               stream->draws++),
                                  waiters->count);
    return waiters->entries[i].node;
}

ds_handle *ds__stream_arrive(ds_loop *loop, ds__event *event)
{
    ds_stream *stream = event->payload.stream;

    if (stream->waiters.count == 0) {
        ds__list_append(&stream->queue, &event->link);
        return NULL;
    }
    ds__wait *wait = ds__container(choose(loop, stream), ds__wait, node);
    wait->handle->got = event;
    return wait->handle;
}
