/* Streams: queues of events in one direction. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "loop/state.h"

/* ---- Making them ----------------------------------------------------------*/

void ds__stream_init(ds_stream *stream, ds_loop *loop)
{
    *stream = (ds_stream){
        .loop = loop,
        .number = ++loop->num_streams,
    };
    stream->line = &stream->one_place;
    stream->max_places = 1;
}

void ds__stream_drop_queue(ds_stream *stream)
{
    ds_event event;

    while (ds__queue_shift(&stream->queue, &event))
        ds_event_drop(&event);
}

void ds__stream_clear(ds_stream *stream)
{
    ds__stream_drop_queue(stream);
    ds__queue_free(&stream->queue);
    if (stream->line != &stream->one_place)
        free(stream->line);
    free(stream->name);
}

static ds_stream *make(ds_loop *loop)
{
    ds_stream *stream = ds__new_lines(sizeof(*stream));

    if (stream == NULL)
        return NULL;
    ds__stream_init(stream, loop);
    stream->next = loop->streams;
    loop->streams = stream;
    return stream;
}

static ds_stream *take_spare(ds_loop *loop)
{
    ds_stream *stream = loop->spare_streams;

    assert(stream->freed && stream->num_places == 0 && stream->under_way == 0);
    loop->spare_streams = stream->spare;
    stream->loop = loop;
    stream->number = ++loop->num_streams;
    stream->freed = false;
    stream->draws = 0;
    return stream;
}

ds_stream *ds_stream_new(ds_loop *loop)
{
    if (!ds__may_build(loop, "ds_stream_new"))
        return NULL;

    ds_stream *stream =
        loop->spare_streams != NULL ? take_spare(loop) : make(loop);
    if (stream == NULL)
        ds__fail_memory(loop, "ds_stream_new");
    return stream;
}

static void refuse_freed(const ds_stream *stream, const char *call)
{
    const ds_handle *self = ds__self();

    if (self != NULL)
        ds__fail(self->loop, DS_EMISUSE,
                 "%s: the stream, number %u, has been freed", call,
                 (unsigned)stream->number);
}

static void refuse_in_use(const ds_stream *stream)
{
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__handle_describe(stream->line[0].wait->handle, &text);
    ds__fail(stream->loop, DS_EMISUSE,
             "ds_stream_free: %s waits for the stream", buf);
}

static bool may_free(const ds_stream *stream)
{
    if (stream->freed)
        refuse_freed(stream, "ds_stream_free");
    else if (!ds__may_build(stream->loop, "ds_stream_free"))
        return false;
    else if (stream->reserved)
        ds__fail(stream->loop, DS_EMISUSE,
                 "ds_stream_free: the stream is a port's, and goes with it");
    else if (stream->num_places > 0)
        refuse_in_use(stream);
    else
        return true;
    return false;
}

static void put_aside(ds_loop *loop, ds_stream *stream)
{
    if (stream->under_way > 0)
        return;
    stream->spare = loop->spare_streams;
    loop->spare_streams = stream;
}

void ds_stream_free(ds_stream *stream)
{
    if (stream == NULL || !may_free(stream))
        return;

    ds_loop *loop = stream->loop;
    stream->freed = true;
    stream->loop = NULL;
    free(stream->name);
    stream->name = NULL;
    ds__stream_drop_queue(stream);
    ds__queue_free(&stream->queue);
    stream->queue = (ds__queue){ 0 };
    put_aside(loop, stream);
}

void ds_stream_set_name(ds_stream *stream, const char *name)
{
    if (stream != NULL && stream->freed)
        refuse_freed(stream, "ds_stream_set_name");
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
    ds__tell_name(stream->loop, DS__NAMED_STREAM, stream->number, copy);
}

void ds__stream_describe(const ds_stream *stream, ds__text *text)
{
    if (stream->describe != NULL)
        stream->describe(stream, text);
    else
        ds__text_add(text, "stream %u", (unsigned)stream->number);
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

/* Count the events of a stream that have not arrived.  A count that was once at
 * its end is not known any more, and stays there. */
static inline void set_out(ds_stream *stream)
{
    if (stream->under_way != UINT16_MAX)
        stream->under_way++;
}

static inline void come_in(ds_stream *stream)
{
    if (stream->under_way != UINT16_MAX)
        stream->under_way--;
}

/* ds__post(), but returns the event, or NULL. */
static ds__event *post(ds_loop *loop, ds_stream *stream, double seconds,
                       void *data, ds_free_fn *free_data, const char *call)
{
    if (ds__is_over(loop)) {
        drop(data, free_data);
        return NULL;
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
    set_out(stream);
    return event;

no_memory:
    ds__fail_memory(loop, call);
    drop(data, free_data);
    return NULL;
}

bool ds__post(ds_loop *loop, ds_stream *stream, double seconds, void *data,
              ds_free_fn *free_data, ds_timer *timer, const char *call)
{
    ds__event *event = post(loop, stream, seconds, data, free_data, call);

    *timer = event == NULL ? (ds_timer){ 0 } : ds__event_timer(event);
    return event != NULL;
}

bool ds__post_embedded(ds_loop *loop, ds_stream *stream, double seconds,
                       ds__event *event, const char *call)
{
    assert(event->slot == DS__EMBEDDED && event->payload.data != NULL);
    if (ds__is_over(loop))
        return false;
    if (!ds__agenda_add(&loop->agenda, &event->due, loop->now + seconds)) {
        ds__fail_memory(loop, call);
        return false;
    }
    event->payload.stream = stream;
    return true;
}

static inline bool is_schedulable(ds_loop *loop, const ds_stream *to,
                                  double seconds, const char *call)
{
    if (to == NULL)
        ds__fail(loop, DS_EMISUSE, "%s: the stream is NULL", call);
    else if (to->freed)
        refuse_freed(to, call);
    else if (to->loop != loop)
        ds__fail(loop, DS_EMISUSE, "%s: the stream belongs to another loop",
                 call);
    else if (to->reserved)
        ds__fail(loop, DS_EMISUSE,
                 "%s: the stream is a port's, and only networks write to "
                 "ports; use ds_send()",
                 call);
    else
        return ds__check_finite(loop, seconds, call);
    return false;
}

static inline bool may_schedule(ds_handle *h, const ds_stream *to,
                                double seconds)
{
    return ds__let_in(h, "ds_schedule") &&
           is_schedulable(h->loop, to, seconds, "ds_schedule");
}

ds_timer ds_schedule(ds_handle *h, ds_stream *to, double seconds, void *data,
                     ds_free_fn *free_data)
{
    if (!may_schedule(h, to, seconds) || ds__is_gone(h)) {
        drop(data, free_data);
        return (ds_timer){ 0 };
    }
    ds__event *event = post(h->loop, to, ds__scope_span(h->scope, seconds),
                            data, free_data, "ds_schedule");
    if (event == NULL)
        return (ds_timer){ 0 };
    event->owner = h->scope;
    return ds__event_timer(event);
}

ds_timer ds__scope_schedule(ds__scope *scope, ds_stream *to, double seconds,
                            void *data, ds_free_fn *free_data, const char *call)
{
    if (!is_schedulable(scope->loop, to, seconds, call)) {
        drop(data, free_data);
        return (ds_timer){ 0 };
    }
    ds__event *event = post(scope->loop, to, ds__scope_span(scope, seconds),
                            data, free_data, call);
    if (event == NULL)
        return (ds_timer){ 0 };
    event->owner = scope;
    return ds__event_timer(event);
}

void ds__call_off(ds_loop *loop, ds__event *event)
{
    ds_event payload = event->payload;

    ds__agenda_remove(&loop->agenda, &event->due);
    ds__event_put(&loop->events, event);
    come_in(payload.stream);
    if (payload.stream->freed)
        put_aside(loop, payload.stream);
    ds_event_drop(&payload);
}

void ds_cancel(ds_handle *h, ds_timer timer)
{
    if (!ds__enter(h, "ds_cancel"))
        return;

    ds__event *event = ds__event_find(&h->loop->events, timer);
    if (event != NULL)
        ds__call_off(h->loop, event);
}

/* ---- Receivers ------------------------------------------------------------*/

bool ds__stream_grow_line(ds_stream *stream)
{
    uint32_t max = stream->max_places * 2;
    bool inside = stream->line == &stream->one_place;

    if (max <= stream->max_places)
        return false;
    ds__place *line =
        realloc(inside ? NULL : stream->line, max * sizeof(*line));
    if (line == NULL)
        return false;
    if (inside)
        line[0] = stream->one_place;
    stream->line = line;
    stream->max_places = max;
    return true;
}

void ds__stream_open_line(ds_stream *stream, bool open)
{
    assert(stream->num_places == 0);
    if (stream->line != &stream->one_place)
        free(stream->line);
    stream->line = &stream->one_place;
    stream->max_places = open;
}

static uint32_t longest_waiter(const ds_stream *stream)
{
    uint32_t first = 0;

    for (uint32_t i = 1; i < stream->num_places; i++)
        if (stream->line[i].number < stream->line[first].number)
            first = i;
    return first;
}

/* A place drawn uniformly, or the one of whoever came first. */
static uint32_t choose(ds_loop *loop, ds_stream *stream)
{
    if (stream->num_places == 1)
        return 0;
    if (loop->config.ties == DS_TIES_FIFO)
        return longest_waiter(stream);
    return (uint32_t)ds__rng_below(ds__rng_bits(loop->seed, DS__RNG_STREAM,
                                                stream->number,
                                                stream->draws++),
                                   stream->num_places);
}

/* Whether it is to arrive, which somebody may have been set to judge. */
static bool passes_gate(const ds_loop *loop, ds__event *event)
{
    if (__builtin_expect(!loop->guarded && loop->probe == NULL, 1))
        return true;
    return !event->payload.stream->reserved || loop->gate(event);
}

/* Nobody waits for it. */
static void enqueue(ds_loop *loop, ds__event *event)
{
    ds_event payload = event->payload;

    ds__event_put(&loop->events, event);
    if (payload.stream->freed) {
        put_aside(loop, payload.stream);
        ds_event_drop(&payload);
        return;
    }
    if (ds__queue_append(&payload.stream->queue, &payload))
        return;
    ds__fail_memory(loop, "ds_loop_run");
    ds_event_drop(&payload);
}

ds_handle *ds__stream_arrive(ds_loop *loop, ds__event *event)
{
    ds_stream *stream = event->payload.stream;

    assert(stream->loop == loop || stream->freed);
    assert(!ds__due_pending(&event->due));
    if (!passes_gate(loop, event))
        return NULL;
    come_in(stream);
    if (stream->num_places == 0) {
        enqueue(loop, event);
        return NULL;
    }
    ds_handle *h = stream->line[choose(loop, stream)].wait->handle;
    h->got = event;
    return h;
}
