/* The roster: which threads there are, from their spawning to their end.
 *
 * A thread is ready from its spawning until it starts, live until its body has
 * returned, and then on no list but that of all that were made. */

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loop/state.h"

ds_handle *ds__spawn(ds_loop *loop, ds_thread_fn *fn, void *arg, bool daemon,
                     const char *call)
{
    if (!ds__may_build(loop, call))
        return NULL;
    if (fn == NULL) {
        ds__fail(loop, DS_EMISUSE, "%s: the body is NULL", call);
        return NULL;
    }

    ds_handle *h = ds__new_lines(sizeof(*h));
    if (h == NULL || !loop->exec->task_init(&h->task)) {
        free(h);
        ds__fail_memory(loop, call);
        return NULL;
    }
    h->loop = loop;
    h->number = ++loop->num_handles;
    h->fn = fn;
    h->arg = arg;
    h->daemon = daemon;
    h->waits = &h->one_wait;
    h->max_waits = 1;
    h->next = loop->made;
    loop->made = h;
    ds__list_append(&loop->ready, &h->link);
    if (!daemon)
        loop->regulars++;
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
    ds_handle *h = ds__container(ds__list_shift(&loop->ready), ds_handle, link);

    ds__list_append(&loop->live, &h->link);
    return h;
}

size_t ds__count_live(const ds_loop *loop)
{
    size_t n = 0;

    for (const ds__link *l = loop->live.next; l != &loop->live; l = l->next)
        n++;
    return n;
}

/* The run is over: the live threads get the baton in the order of their
 * spawning, each until it has returned. */
ds_handle *ds__unwind_next(ds_loop *loop)
{
    if (ds__list_empty(&loop->live))
        return &loop->main;
    return ds__container(loop->live.next, ds_handle, link);
}

/* It counts no more: neither as alive nor as one that can be woken. */
void ds__retire(ds_handle *h)
{
    h->state = DS__ENDED;
    ds__list_remove(&h->link);
    if (!h->daemon)
        h->loop->regulars--;
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
