/* The seam to watch a run through; see the header. */

#include "loop/probe.h"

#include <stdlib.h>

#include "loop/state.h"

/* In their order.  Mostly there is only one. */
__attribute__((noinline)) static void tell_each(ds__probe *first,
                                                const ds__record *record)
{
    for (ds__probe *p = first; p != NULL; p = p->next)
        p->record(p, record);
}

void ds__tell(ds_loop *loop, ds__record *record)
{
    ds__probe *first = loop->probe;

    record->time = loop->now;
    if (__builtin_expect(first->next != NULL, 0))
        tell_each(first, record);
    else
        first->record(first, record);
}

void ds__tell_probe(ds_loop *loop, ds__record record)
{
    ds__tell(loop, &record);
}

void ds__loop_watch(ds_loop *loop, ds__probe *probe)
{
    probe->next = loop->probe;
    loop->probe = probe;
}

/* Those up to the last one, which is not asked. */
static void end_before(ds_loop *loop, const ds__probe *last)
{
    for (ds__probe *p = loop->probe; p != last; p = p->next)
        if (p->end != NULL)
            p->end(p);
}

bool ds__probes_begin(ds_loop *loop)
{
    for (ds__probe *p = loop->probe; p != NULL; p = p->next) {
        if (p->begin == NULL || p->begin(p, loop))
            continue;
        end_before(loop, p);
        return false;
    }
    return true;
}

void ds__probes_end(ds_loop *loop)
{
    end_before(loop, NULL);
}

void ds__probes_show(ds_loop *loop)
{
    for (ds__probe *p = loop->probe; p != NULL; p = p->next)
        if (p->show != NULL)
            p->show(p);
}

void ds__probes_free(ds_loop *loop)
{
    while (loop->probe != NULL) {
        ds__probe *first = loop->probe;
        loop->probe = first->next;
        if (first->free != NULL)
            first->free(first);
    }
}

bool ds__loop_wants_steps(const ds_loop *loop)
{
    for (const ds__probe *p = loop->probe; p != NULL; p = p->next)
        if (p->steps)
            return true;
    return false;
}

void ds__tell_name(ds_loop *loop, ds__named_what what, uint32_t number,
                   const char *name)
{
    if (ds__is_watched(loop))
        ds__tell_probe(loop, (ds__record){ .kind = DS__TELL_NAME,
                                           .flag = what,
                                           .a = number,
                                           .text = name });
}

bool ds__handle_is_watched(const ds_handle *h)
{
    return ds__is_watched(h->loop);
}

void ds__about_message(void *name)
{
}

void ds__about_with_data(void *about)
{
    free(about);
}
