/* Passes on what is watched to those who want it. */

#include "mpi/run/watch.h"

#include <assert.h>
#include <math.h>

#include "mpi/run/profile.h"
#include "mpi/run/tell.h"

static ds__watch_config how;

/* What is kept with each thread.  Invariant: is_open from the beginning of a
 * call to that of the next one. */
typedef struct watched {
    bool is_open;
    bool carries; /* a collective of the program, not of a function that needs
                   * what its messages say */
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
    assert(w == me->now->watched);
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
    w->carries = w->carries && call == NULL;
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

    assert(r->active && !r->done);
    r->bare = r->is_send && (r->user || w->carries) &&
              (double)r->count * (double)r->type->size >= how.bare_from;
    if (how.tells)
        ds__tell_begin(me, &w->told, (double)r->count);
    if (how.profiles)
        ds__profile_post(me, &w->profiled, r);
}

/* Of each rank by itself, since who of two ranks was the first is no matter. */
static void hear_match(const ds__request *r, int from)
{
    const uint64_t words[] = { (uint64_t)r->context, (uint64_t)from };
    uint64_t *hash;

    if (how.orders == NULL)
        return;
    assert(!r->is_send && from >= 0);
    hash = &how.orders[r->owner->number];
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        *hash = (*hash ^ words[i]) * 0x100000001b3u + 1;
}

static void hear_wait(ds__rank *me, double since, const ds__request *request)
{
    assert(since < ds_now(me->now->h));
    if (how.profiles)
        ds__profile_wait(me, &of_thread(me->now)->profiled, since, request);
}

static bool hear_bare(ds__rank *me, double bytes)
{
    return of_thread(me->now)->carries && bytes >= how.bare_from;
}

static void hear_collective(ds__rank *me, const ds__work *work)
{
    const ds__pieces *p = work->in.count > 0 ? &work->in : &work->out;
    watched *w = of_thread(me->now);

    w->carries = true;
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
    .match = hear_match,
    .wait = hear_wait,
    .bare = hear_bare,
    .collective = hear_collective,
};

const ds__watch *ds__watch_begin(const ds__watch_config *config)
{
    how = *config;
    assert(how.bare_from >= 0);
    return how.computes || how.tells || how.profiles || how.orders != NULL ||
                   how.bare_from < INFINITY
               ? &watch
               : NULL;
}
