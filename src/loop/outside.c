/* The way in from outside; see the header. */

#include "loop/outside.h"

#include <assert.h>
#include <stdlib.h>

#include "loop/state.h"

bool ds__outside_init(ds__outside *outside)
{
    atomic_init(&outside->any, false);
    outside->first = NULL;
    outside->last = &outside->first;
    return pthread_mutex_init(&outside->lock, NULL) == 0;
}

/* With the lock. */
static void ring(ds_loop *loop)
{
    atomic_store_explicit(&loop->outside.any, true, memory_order_relaxed);
    ds__make_urgent(loop);
}

static void append(ds_loop *loop, ds__letter *letter)
{
    ds__outside *outside = &loop->outside;

    pthread_mutex_lock(&outside->lock);
    *outside->last = letter;
    outside->last = &letter->next;
    ring(loop);
    pthread_mutex_unlock(&outside->lock);
}

void ds__outside_knock(ds_loop *loop)
{
    pthread_mutex_lock(&loop->outside.lock);
    ring(loop);
    pthread_mutex_unlock(&loop->outside.lock);
}

static ds__letter *take_all(ds__outside *outside)
{
    pthread_mutex_lock(&outside->lock);
    ds__letter *list = outside->first;
    outside->first = NULL;
    outside->last = &outside->first;
    atomic_store_explicit(&outside->any, false, memory_order_relaxed);
    pthread_mutex_unlock(&outside->lock);
    return list;
}

void ds__outside_free(ds__outside *outside)
{
    ds__letter *list = take_all(outside);

    while (list != NULL) {
        ds__letter *letter = list;
        list = letter->next;
        ds_event_drop(&letter->payload);
        free(letter);
    }
    pthread_mutex_destroy(&outside->lock);
}

void ds__outside_take(ds_loop *loop)
{
    ds__letter *list = take_all(&loop->outside);

    while (list != NULL) {
        ds__letter *letter = list;
        ds_event payload = letter->payload;
        ds_timer timer;
        list = letter->next;
        free(letter);
        assert(payload.stream->loop == loop);
        ds__post(loop, payload.stream, 0, payload.data, payload.free, &timer,
                 "ds_stream_post");
    }
}

void ds_stream_post(ds_stream *to, void *data, ds_free_fn *free_data)
{
    ds_event payload = { to, data, free_data };

    if (to != NULL && to->reserved) {
        ds__fail(to->loop, DS_EMISUSE,
                 "ds_stream_post: the stream is a port's, and only networks "
                 "write to ports");
    } else if (to != NULL) {
        ds__letter *letter = malloc(sizeof(*letter));
        if (letter != NULL) {
            *letter = (ds__letter){ .payload = payload };
            append(to->loop, letter);
            return;
        }
        ds__fail_memory(to->loop, "ds_stream_post");
    }
    ds_event_drop(&payload);
}
