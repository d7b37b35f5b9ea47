/* Passes on what is watched to those who want it. */

#include "mpi/run/watch.h"

#include <assert.h>

#include "mpi/run/profile.h"
#include "mpi/run/tell.h"

static ds__watch_config how;

/* What is kept with each thread.  Invariant: is_open from the beginning of a
 * call to that of the next one. */
typedef struct watched {
    bool is_open;
    ds__told told;
    ds__profiled profiled;
} watched;

static watched *of_thread(ds__thread *t)
{
    if (t->watched == NULL)
        t->watched = ds__mpi_alloc(1, sizeof(watched));
    return t->watched;
}

static bool is_program(const ds__rank *me)
{
    return me->now == &me->program;
}

static void close_call(ds__rank *me, watched *w)
{
    if (!w->is_open)
        return;
    w->is_open = false;
    ds__tell_end(me, &w->told);
    if (how.profiles)
        ds__profile_end(me, &w->profiled);
}

/* Threads that work for the program do not compute. */
static void hear_call(ds__rank *me, const char *call, void *site)
{
    watched *w = of_thread(me->now);

    assert(me == ds__me());
    if (call != NULL)
        close_call(me, w);
    if (how.computes && is_program(me))
        ds__mpi_compute(me, ds__compute_take(me, call, site));
    w->is_open = w->is_open || call != NULL;
}

static void hear_end(ds__rank *me)
{
    close_call(me, of_thread(me->now));
}

static void hear_work(ds__rank *me)
{
    if (how.computes && is_program(me))
        ds__compute_start();
}

static void hear_block(ds__rank *me)
{
    if (how.tells)
        ds__tell_begin(me, &of_thread(me->now)->told, 0);
}

static void hear_post(ds__request *r)
{
    ds__rank *me = r->owner;
    watched *w = of_thread(me->now);

    if (how.tells)
        ds__tell_begin(me, &w->told, (double)r->count);
    if (how.profiles)
        ds__profile_post(me, &w->profiled, r);
}

static void hear_wait(ds__rank *me, double since, const ds__request *request)
{
    if (how.profiles)
        ds__profile_wait(me, &of_thread(me->now)->profiled, since, request);
}

static void hear_collective(ds__rank *me, const ds__work *work)
{
    const ds__pieces *p = work->in.count > 0 ? &work->in : &work->out;
    watched *w = of_thread(me->now);

    if (how.tells)
        ds__tell_begin(me, &w->told, (double)p->count);
    if (how.profiles)
        ds__profile_collective_begins(me, &w->profiled, work);
}

static const ds__watch watch = {
    .call = hear_call,
    .end = hear_end,
    .work = hear_work,
    .block = hear_block,
    .post = hear_post,
    .wait = hear_wait,
    .collective = hear_collective,
};

const ds__watch *ds__watch_begin(const ds__watch_config *config)
{
    how = *config;
    return how.computes || how.tells || how.profiles ? &watch : NULL;
}
