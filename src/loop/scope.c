/* Scopes: threads that end, pause and tell the time together; see the header.
 */

#include "loop/scope.h"

#include <assert.h>

#include "loop/state.h"

void ds__scope_init(ds__scope *scope, ds_loop *loop)
{
    *scope = (ds__scope){ .loop = loop, .speed = 1 };
    ds__list_init(&scope->held);
}

void ds__scope_renew(ds__scope *scope)
{
    assert(ds__list_empty(&scope->held));
    scope->over = false;
    scope->spawned = 0;
    scope->life++;
}

/* ---- The end --------------------------------------------------------------*/

/* A thread that has not started has nothing to unwind. */
static void drop_unstarted(ds__scope *scope, ds__link *list)
{
    for (ds__link *l = list->next; l != list;) {
        ds_handle *h = ds__container(l, ds_handle, turn);
        l = l->next;
        if (h->scope == scope && h->state == DS__NEW)
            ds__never_start(h);
    }
}

/* What a thread of it has scheduled was in its memory. */
static void drop_event(ds__event *event, void *arg)
{
    const ds__scope *scope = arg;

    if (event->owner == scope)
        ds__call_off(scope->loop, event);
}

void ds__scope_end(ds__scope *scope)
{
    ds_loop *loop = scope->loop;

    if (scope->over)
        return;
    scope->over = true;
    drop_unstarted(scope, &loop->ready);
    drop_unstarted(scope, &scope->held);
    for (ds__link *l = loop->live.next; l != &loop->live;) {
        ds_handle *h = ds__container(l, ds_handle, link);
        l = l->next;
        if (h->scope == scope)
            ds__leave(h);
    }
    assert(ds__list_empty(&scope->held));
    ds__events_each(&loop->events, drop_event, scope);
    if (scope->paused)
        ds__scope_resume(scope);
}

/* ---- Pauses ---------------------------------------------------------------*/

void ds__scope_pause(ds__scope *scope)
{
    if (scope->paused)
        return;
    scope->paused = true;
    scope->loop->num_paused++;
}

void ds__scope_resume(ds__scope *scope)
{
    ds__link *link;

    if (!scope->paused)
        return;
    assert(scope->loop->num_paused > 0);
    scope->paused = false;
    scope->loop->num_paused--;
    while ((link = ds__list_shift(&scope->held)) != NULL)
        ds__list_append(&scope->loop->ready, link);
    ds__make_urgent(scope->loop);
}

/* ---- Clocks ---------------------------------------------------------------*/

void ds__scope_set_clock(ds__scope *scope, double step, double drift)
{
    bool asked = scope->clock.asked;

    assert(drift > -1);
    scope->clock = (ds__clock){
        .since = scope->loop->now,
        .shown = ds__scope_now(scope, scope->loop->now),
        .rate = 1 + drift,
        .asked = asked,
    };
    scope->step += step;
    scope->has_clock = true;
}

/* ---- Threads --------------------------------------------------------------*/

void ds__scope_count_calls(ds__scope *scope, uint64_t k,
                           void (*struck)(ds__scope *self, ds_handle *h))
{
    scope->loop->num_counting += k > 0;
    scope->loop->num_counting -= scope->calls_left > 0;
    scope->calls_left = k;
    scope->struck = struck;
}

ds__scope *ds__handle_scope(const ds_handle *h)
{
    return h->scope;
}

double ds__handle_clock(const ds_handle *h)
{
    return ds__scope_now(h->scope, h->loop->now) + h->scope->step;
}

ds_handle *ds__scope_spawn(ds__scope *scope, ds_thread_fn *fn, void *arg,
                           bool daemon, const char *call)
{
    ds_handle *h = ds__spawn(scope->loop, fn, arg, daemon, call);

    if (h == NULL)
        return NULL;
    ds__enrol(h, scope);
    if (scope->over)
        ds__never_start(h);
    return h;
}
