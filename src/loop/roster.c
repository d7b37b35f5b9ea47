/* The roster: which threads there are, from their spawning to their end.
 *
 * A thread is ready from its spawning until it starts, then live, then leaving
 * if it has been told that all is over, until its body has returned. */

#include <stdlib.h>

#include "base/invariant.h"
#include "base/memory.h"
#include "base/rng.h"
#include "loop/state.h"

/* ---- Beginning ------------------------------------------------------------*/

/* Threads belong where the one does that spawns them. */
static ds__scope *scope_of_caller(ds_loop *loop)
{
    const ds_handle *self = ds__self();

    return self != NULL && self->loop == loop ? self->scope : &loop->scope;
}

static void tell_spawn(const ds_handle *h)
{
    const ds_handle *self = ds__self();

    if (ds__is_watched(h->loop))
        ds__tell_probe(h->loop, (ds__record){
                                    .kind = DS__TELL_SPAWN,
                                    .flag = h->daemon,
                                    .who = h->number,
                                    .a = self == NULL || self->loop != h->loop
                                             ? 0
                                             : (uint32_t)self->number,
                                });
}

static ds_handle *make(ds_loop *loop)
{
    ds_handle *h = ds__new_lines(sizeof(*h));

    if (h == NULL || !loop->exec->task_init(&h->task)) {
        free(h);
        return NULL;
    }
    h->loop = loop;
    h->number = ++loop->num_handles;
    h->waits = &h->one_wait;
    h->max_waits = 1;
    ds__list_init(&h->link);
    h->next = loop->made;
    loop->made = h;
    return h;
}

/* Gives the last one that has ended to a new thread.  Its task stays as it is,
 * since whoever woke the old thread may not be quite done with that; its name
 * and number may be read elsewhere at this moment. */
static ds_handle *take_spare(ds_loop *loop, ds_handle **at)
{
    ds_handle *h = *at;

    assert(h->state == DS__ENDED && !ds__due_pending(&h->due));
    assert(h->num_waits == 0 && ds__list_empty(&h->link));
    *at = h->spare;
    if (loop->exec->settle != NULL)
        loop->exec->settle(h);

    pthread_mutex_lock(&loop->lock);
    free(h->name);
    h->name = NULL;
    h->number = ++loop->num_handles;
    pthread_mutex_unlock(&loop->lock);

    h->state = DS__NEW;
    h->gone = false;
    h->rang = false;
    h->got = NULL;
    h->note = NULL;
    h->whom = NULL;
    h->own_note = NULL;
    h->own_whom = NULL;
    h->stack_size = 0;
    h->work = NULL;
    h->scope = NULL;
    atomic_store_explicit(&h->call, NULL, memory_order_relaxed);
    return h;
}

static bool is_during_run(const ds_loop *loop)
{
    return loop->rests ||
           atomic_load_explicit(&loop->running, memory_order_relaxed);
}

/* The numbers of threads shift when another machine is restarted.  So a thread
 * that a machine starts during a run draws its random numbers by where it is,
 * and not by its number. */
void ds__enrol(ds_handle *h, ds__scope *scope)
{
    if (h->scope != NULL)
        h->scope->spawned--;
    h->scope = scope;
    h->place = scope->spawned++;
    h->draws = 0;
    h->draws_kind = DS__RNG_THREAD;
    h->draws_of = h->number;
    if (scope != &h->loop->scope && is_during_run(h->loop)) {
        h->draws_kind = DS__RNG_LIFE;
        h->draws_of =
            ds__rng_bits(scope->name, DS__RNG_LIFE, scope->life, h->place);
    }
}

/* Finds one that has ended.  Where no body is at work, the last one that was
 * may not have left its stack yet. */
static ds_handle **find_spare(ds_loop *loop)
{
    ds_handle **at = &loop->spare;

    if (ds__acting(loop))
        while (*at != NULL && *at == loop->departing)
            at = &(*at)->spare;
    return at;
}

ds_handle *ds__spawn(ds_loop *loop, ds_thread_fn *fn, void *arg, bool daemon,
                     const char *call)
{
    if (!ds__may_build(loop, call))
        return NULL;
    if (fn == NULL) {
        ds__fail(loop, DS_EMISUSE, "%s: the body is NULL", call);
        return NULL;
    }

    ds_handle **spare = find_spare(loop);
    ds_handle *h = *spare != NULL ? take_spare(loop, spare) : make(loop);
    if (h == NULL) {
        ds__fail_memory(loop, call);
        return NULL;
    }
    h->fn = fn;
    h->arg = arg;
    h->daemon = daemon;
    ds__enrol(h, scope_of_caller(loop));
    ds__list_append(&loop->ready, &h->turn);
    ds__make_urgent(loop);
    if (!daemon)
        loop->regulars++;
    tell_spawn(h);
    if (h->scope->over)
        ds__never_start(h);
    return h;
}

void ds_spawn(ds_loop *loop, ds_thread_fn *fn, void *arg)
{
    ds__spawn(loop, fn, arg, false, "ds_spawn");
}

void ds_spawn_daemon(ds_loop *loop, ds_thread_fn *fn, void *arg)
{
    ds__spawn(loop, fn, arg, true, "ds_spawn_daemon");
}

ds_handle *ds__start_next(ds_loop *loop)
{
    ds_handle *h = ds__container(ds__list_shift(&loop->ready), ds_handle, turn);

    assert(!h->gone && h->state != DS__RUNNING && h->state != DS__ENDED);
    if (h->scope->paused) {
        h->scope->held_up++;
        ds__list_append(&h->scope->held, &h->turn);
        return NULL;
    }
    if (h->state == DS__NEW) {
        ds__list_append(&loop->live, &h->link);
        h->scope->num_live++;
    }
    return h;
}

/* It stands in no line from now on, so that nothing else is given to it. */
void ds__hold(ds_handle *h)
{
    assert(h->scope->paused && ds__list_empty(&h->turn));
    ds__stream_leave_all(h);
    ds__agenda_remove(&h->loop->agenda, &h->due);
    h->scope->held_up++;
    ds__list_append(&h->scope->held, &h->turn);
}

/* ---- The end --------------------------------------------------------------*/

/* What it was woken for, and has not seen, it never will. */
static void take_back_turn(ds_handle *h)
{
    if (ds__list_empty(&h->turn))
        return;
    ds__list_remove(&h->turn);
    h->rang = false;
    if (h->got != NULL) {
        ds_event payload = h->got->payload;
        ds__event_put(&h->loop->events, h->got);
        h->got = NULL;
        ds_event_drop(&payload); /* the event may be part of it */
    }
}

void ds__leave(ds_handle *h)
{
    assert(h->state != DS__NEW && h->state != DS__ENDED && !h->gone);
    h->gone = true;
    take_back_turn(h);
    ds__list_remove(&h->link);
    ds__list_append(&h->loop->leaving, &h->link);
    ds__make_urgent(h->loop);
}

void ds__leave_all(ds_loop *loop)
{
    while (!ds__list_empty(&loop->live))
        ds__leave(ds__container(loop->live.next, ds_handle, link));
}

static size_t length(const ds__link *list)
{
    size_t n = 0;

    for (const ds__link *l = list->next; l != list; l = l->next)
        n++;
    return n;
}

size_t ds__count_live(const ds_loop *loop)
{
    return length(&loop->live) + length(&loop->leaving);
}

/* Each keeps the baton until it has returned. */
ds_handle *ds__unwind_next(const ds_loop *loop)
{
    if (ds__list_empty(&loop->leaving))
        return NULL;
    return ds__container(loop->leaving.next, ds_handle, link);
}

static void leave_scope(ds_handle *h)
{
    ds__scope *scope = h->scope;

    assert(scope->num_live > 0);
    if (--scope->num_live == 0 && h->gone && scope->emptied != NULL)
        scope->emptied(scope);
}

/* It counts no more: neither as alive nor as one that can be woken. */
void ds__retire(ds_handle *h)
{
    bool started = h->state != DS__NEW;

    assert(h->state != DS__ENDED && !ds__due_pending(&h->due));
    assert(h->daemon || h->loop->regulars > 0);
    h->state = DS__ENDED;
    ds__list_remove(&h->link);
    ds__list_remove(&h->turn);
    if (!h->daemon && --h->loop->regulars == 0)
        ds__make_urgent(h->loop);
    if (started)
        leave_scope(h);
    h->spare = h->loop->spare;
    h->loop->spare = h;
}

void ds__never_start(ds_handle *h)
{
    assert(h->state == DS__NEW);
    ds__retire(h);
}

void ds__roster_free(ds_loop *loop)
{
    while (loop->made != NULL) {
        ds_handle *first = loop->made;
        loop->made = first->next;
        loop->exec->task_free(&first->task);
        if (first->waits != &first->one_wait)
            free(first->waits);
        free(first->name);
        free(first);
    }
}
