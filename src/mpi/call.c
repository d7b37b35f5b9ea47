/* Every call of a program begins here, and every wait is made here. */

#include "mpi/call.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "image/site.h"
#include "image/start.h"
#include "image/unwind.h"
#include "mpi/watch.h"

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

/* A thread that is not the program's works for the call that made it. */
static size_t get_frames(const ds__rank *me, void **frames)
{
    if (me->now == &me->program)
        return ds__image_frames(me->image, frames, DS__FRAMES);
    frames[0] = me->now->site;
    return 1;
}

static _Noreturn void leave(ds__rank *me, int code)
{
    if (me->now == &me->program)
        ds__image_leave(code);
    longjmp(me->now->out, 1);
}

_Noreturn void ds__mpi_die(int code, const char *format, ...)
{
    ds__rank *me = ds__me();
    void *frames[DS__FRAMES];
    const size_t n = get_frames(me, frames);
    char buf[1024];
    ds__text text;
    va_list args;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s: rank %d in %s", ds__the_world.program, me->number,
                 me->now->call);
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
    ds__the_world.code = (code & 0xff) != 0 ? code : 1; /* no success */
    me->code = code;
    me->returned = true;
    ds_fail(me->now->h, "rank %d failed", me->number);
    leave(me, code);
}

/* ---- Entering -------------------------------------------------------------*/

ds__rank *ds__mpi_enter_always(const char *call, void *site)
{
    ds__rank *me = ds__me();

    if (ds__the_world.watch != NULL)
        ds__the_world.watch->call(me, call, site);
    me->now->call = call;
    me->now->agreed = NULL;
    me->now->site = site;
    me->now->since = ds_now(me->now->h);
    return me;
}

ds__rank *ds__mpi_enter(const char *call, void *site)
{
    ds__rank *me = ds__mpi_enter_always(call, site);

    me->clock_looks = 0;
    if (me->sessions > 0)
        return me;
    if (!me->initialized)
        ds__mpi_die(DS__ERR_OTHER, "it comes before MPI_Init()");
    if (me->finalized)
        ds__mpi_die(DS__ERR_OTHER, "it comes after MPI_Finalize()");
    return me;
}

/* ---- Waiting --------------------------------------------------------------*/

static void describe(ds__thread *t)
{
    ds__stuck *s = &t->stuck;
    ds__text text;

    s->since = t->since;
    ds__text_init(&text, s->waits, sizeof(s->waits));
    s->whom = t->explain == NULL ? -1 : t->explain(t, &text);
}

_Noreturn void ds__mpi_over(ds__rank *me)
{
    ds__thread *t = me->now;

    if (!t->stuck.is) {
        t->stuck.is = true;
        describe(t);
        t->stuck.num_frames = get_frames(me, t->stuck.frames);
    }
    leave(me, 0);
}

bool ds__mpi_wait(ds__rank *me, ds_stream *const *streams, size_t n,
                  double seconds, ds_event *event)
{
    ds__thread *t = me->now;
    assert(ds__me() == me && n > 0);
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->block(me);
    const bool alive = isinf(seconds)
                           ? ds_poll_any(t->h, streams, n, event)
                           : ds_poll_timeout(t->h, streams, n, seconds, event);
    ds__image_resume(me->image);
    me->now = t;
    if (!alive)
        ds__mpi_over(me);
    ds__watch_work(me);
    return event->stream != NULL;
}

static void compute_nothing(void *arg)
{
}

void ds__mpi_compute(ds__rank *me, double seconds)
{
    ds__thread *t = me->now;
    assert(ds__me() == me && seconds >= 0);
    const bool alive =
        seconds == 0 || ds_compute(t->h, seconds, compute_nothing, NULL);

    ds__image_resume(me->image);
    me->now = t;
    if (!alive)
        ds__mpi_over(me);
}

void ds__mpi_wake(ds__thread *thread)
{
    if (!thread->waiting || thread->woken)
        return;
    thread->woken = true;
    if (ds__the_world.handling != NULL)
        ds_port_schedule(ds__the_world.handling, thread->wake, 0, NULL, NULL);
    else
        ds_schedule(ds__me()->now->h, thread->wake, 0, NULL, NULL);
}

double ds__mpi_look_time(ds__rank *me)
{
    enum { FIRST_NS = 100 };
    ds__thread *t = me->now;
    const double now = ds_now(t->h);

    if (t->step == 0)
        t->look_since = now;
    t->step = fmax(FIRST_NS * 1e-9, (now - t->look_since) / 100);
    return t->step;
}
