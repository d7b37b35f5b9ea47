/* What must hold between any two events of a run: the walks over the structures
 * of a loop, for DISTSYS_CHECK=1 and for tests. */

#include <math.h>

#include "base/invariant.h"
#include "loop/state.h"

/* A list is a ring that can be walked both ways. */
static void check_list(const ds__link *list)
{
    const ds__link *l = list;

    do {
        assert(l->next->prev == l);
        l = l->next;
    } while (l != list);
}

static void check_wait(const ds_handle *h, const ds__wait *wait)
{
    const ds_stream *stream = wait->stream;

    assert(wait->handle == h && stream->loop == h->loop);
    assert(wait->place < stream->num_places);
    assert(stream->line[wait->place].wait == wait);
}

static void check_handle(const ds_handle *h, bool live)
{
    bool waits = h->state == DS__WAITING || h->state == DS__COMPUTING;
    bool held = !ds__list_empty(&h->turn);

    assert(live == (h->state != DS__NEW && h->state != DS__ENDED));
    assert(!ds__due_pending(&h->due) || waits);
    assert(h->got == NULL || h->state == DS__WAITING);
    assert(!held || h->state == DS__NEW || waits);
    assert(h->state != DS__NEW || held);
    assert(h->num_waits <= h->max_waits);
    assert(h->num_waits == 0 || h->state == DS__WAITING || h->got != NULL ||
           h->rang);
    for (size_t i = 0; i < h->num_waits; i++)
        check_wait(h, &h->waits[i]);
}

static size_t check_live(const ds__link *list, bool gone)
{
    size_t regulars = 0;

    check_list(list);
    for (const ds__link *l = list->next; l != list; l = l->next) {
        const ds_handle *h = ds__container(l, ds_handle, link);
        assert(h->gone == gone);
        check_handle(h, true);
        regulars += !h->daemon;
    }
    return regulars;
}

/* Threads whose turn it would be: those that are NEW are on no other list. */
static size_t check_turns(const ds__link *list, const ds__scope *scope)
{
    size_t regulars = 0;

    check_list(list);
    for (const ds__link *l = list->next; l != list; l = l->next) {
        const ds_handle *h = ds__container(l, ds_handle, turn);
        assert(scope == NULL || h->scope == scope);
        assert(!h->gone);
        if (h->state != DS__NEW)
            continue;
        check_handle(h, false);
        regulars += !h->daemon;
    }
    return regulars;
}

/* Those in scopes that are paused are found through any of their threads. */
static size_t check_held(const ds_loop *loop)
{
    size_t regulars = 0;

    for (const ds_handle *h = loop->made; h != NULL; h = h->next) {
        const ds__link *held = &h->scope->held;
        if (held->next == &h->turn) /* the first one, once for each scope */
            regulars += check_turns(held, h->scope);
    }
    return regulars;
}

void ds__roster_check(const ds_loop *loop)
{
    size_t regulars = check_live(&loop->live, false) +
                      check_live(&loop->leaving, true) +
                      check_turns(&loop->ready, NULL) + check_held(loop);

    assert(regulars == loop->regulars);
    assert(
        ds__is_urgent(loop) ||
        ((regulars + loop->expected > 0 || ds__budget_rests(loop, INFINITY)) &&
         ds__list_empty(&loop->leaving) && ds__list_empty(&loop->ready)));
    assert(ds__count_live(loop) >= loop->scope.num_live);
}

void ds__stream_check(const ds_stream *stream)
{
    assert(stream->num_places <= stream->max_places);
    assert(stream->queue.ring != NULL || stream->queue.len == 0);
    for (uint32_t i = 0; i < stream->num_places; i++) {
        const ds__wait *wait = stream->line[i].wait;
        assert(wait->stream == stream && wait->place == i);
    }
}

void ds__loop_check(const ds_loop *loop)
{
    ds__roster_check(loop);
    ds__agenda_check(&loop->agenda);
    for (const ds_stream *s = loop->streams; s != NULL; s = s->next)
        ds__stream_check(s);
    for (const ds__resident *r = loop->residents; r != NULL; r = r->next)
        if (r->check != NULL)
            r->check(r);
}
