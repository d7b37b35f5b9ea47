/* See tell.h. */

#include "mpi/run/tell.h"

#include <assert.h>

#include "loop/loop.h"
#include "loop/probe.h"
#include "mpi/run/site.h"

static void tell(ds__rank *me, const ds__told *told, bool ends, double elements)
{
    const ds__thread *t = me->now;
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s", t->call);
    if (t->site != NULL)
        ds__text_add(&text, " %s", ds__site_line(me, t->site));
    ds__tell_probe(ds__the_world.loop,
                   (ds__record){ .kind = DS__TELL_CALL,
                                 .flag = ends,
                                 .who = ds__handle_number(t->h),
                                 .a = told->number,
                                 .x = elements,
                                 .text = buf });
}

void ds__tell_begin(ds__rank *me, ds__told *told, double elements)
{
    if (told->is || !ds__handle_is_watched(me->now->h))
        return;
    told->is = true;
    told->number++;
    assert(me->now->call != NULL);
    tell(me, told, false, elements);
}

void ds__tell_end(ds__rank *me, ds__told *told)
{
    assert(told->number > 0 || !told->is);
    if (told->is)
        tell(me, told, true, 0);
    told->is = false;
}
