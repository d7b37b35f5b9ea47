/* Every call of a program begins here, and every wait is made here. */

#include "mpi/call.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "image/site.h"
#include "image/start.h"
#include "image/unwind.h"

ds__world ds__the_world;

/* ---- Lines ----------------------------------------------------------------*/

void ds__mpi_add_lines(ds__text *text, const ds__image *image,
                       void *const *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds__text_add(text, i == 0 ? "" : ", ");
        ds__image_site(image, frames[i], text);
    }
}

_Noreturn void ds__mpi_die(int code, const char *format, ...)
{
    ds__rank *me = ds__me();
    void *frames[DS__FRAMES];
    const size_t n = ds__image_frames(me->image, frames, DS__FRAMES);
    char buf[1024];
    ds__text text;
    va_list args;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s: rank %d in %s", ds__the_world.program, me->number,
                 me->call);
    if (n > 0) {
        ds__text_add(&text, " at ");
        ds__mpi_add_lines(&text, me->image, frames, n);
    }
    ds__text_add(&text, ": ");
    va_start(args, format);
    ds__text_addv(&text, format, args);
    va_end(args);
    fflush(stdout);
    fprintf(stderr, "%s\n", buf);
    ds__the_world.told = true;
    ds__the_world.code = code;
    me->code = code;
    me->returned = true;
    ds_fail(me->h, "rank %d failed", me->number);
    ds__image_leave(code);
}

/* ---- Entering -------------------------------------------------------------*/

ds__rank *ds__mpi_enter_always(const char *call, void *site)
{
    ds__rank *me = ds__me();

    me->call = call;
    me->site = site;
    me->since = ds_now(me->h);
    return me;
}

ds__rank *ds__mpi_enter(const char *call, void *site)
{
    ds__rank *me = ds__mpi_enter_always(call, site);

    me->clock_looks = 0;
    if (!me->initialized)
        ds__mpi_die(DS__ERR_OTHER, "it comes before MPI_Init()");
    if (me->finalized)
        ds__mpi_die(DS__ERR_OTHER, "it comes after MPI_Finalize()");
    return me;
}

/* ---- Waiting --------------------------------------------------------------*/

static void describe(ds__rank *me)
{
    ds__stuck *s = &me->stuck;
    ds__text text;

    s->since = me->since;
    ds__text_init(&text, s->waits, sizeof(s->waits));
    s->whom = me->explain == NULL ? -1 : me->explain(me, &text);
}

_Noreturn void ds__mpi_over(ds__rank *me)
{
    if (!me->stuck.is) {
        me->stuck.is = true;
        describe(me);
        me->stuck.num_frames =
            ds__image_frames(me->image, me->stuck.frames, DS__FRAMES);
    }
    ds__image_leave(0);
}

bool ds__mpi_wait(ds__rank *me, ds_stream *const *streams, size_t n,
                  double seconds, ds_event *event)
{
    assert(ds__me() == me && n > 0);
    const bool alive = isinf(seconds)
                           ? ds_poll_any(me->h, streams, n, event)
                           : ds_poll_timeout(me->h, streams, n, seconds, event);
    ds__image_resume(me->image);
    if (!alive)
        ds__mpi_over(me);
    return event->stream != NULL;
}

void ds__mpi_wake(ds__rank *rank)
{
    ds__rank *me = ds__me();

    if (rank == me || !rank->waiting || rank->woken)
        return;
    rank->woken = true;
    ds_schedule(me->h, rank->wake, 0, NULL, NULL);
}

double ds__mpi_look_time(ds__rank *me)
{
    enum { FIRST_NS = 100 };
    const double now = ds_now(me->h);

    if (me->step == 0)
        me->look_since = now;
    me->step = fmax(FIRST_NS * 1e-9, (now - me->look_since) / 100);
    return me->step;
}
