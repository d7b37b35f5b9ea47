/* The coordinator: a function that whoever gives the baton up calls to find
 * out who has it next.
 *
 * There is no thread behind it.  Threads that were spawned at this instant
 * start first; when everyone is blocked, the earliest thing on the agenda
 * happens and the clock jumps to it.  Things happen one at a time, so a thread
 * that is woken can still cancel what is due at the same instant. */

#include <assert.h>
#include <sched.h>
#include <string.h>

#include "base/invariant.h"
#include "loop/state.h"

#define MANY 256 /* threads, and things that are due */

/* Ends a run in which only daemons are left.  That is success, and no reason is
 * recorded, unless a resident knows better. */
static void finish(ds_loop *loop)
{
    for (ds__resident *r = loop->residents; r != NULL; r = r->next)
        if (r->ended != NULL)
            r->ended(r);
    atomic_store(&loop->over, true);
}

static bool is_within_limits(ds_loop *loop, double time)
{
    return !ds__budget_is_near(&loop->budget, time) ||
           ds__budget_judge(loop, time);
}

/* Starting is no event, but a chain of threads that spawn one another at one
 * instant must end as well. */
__attribute__((noinline)) static ds_handle *start_one(ds_loop *loop)
{
    if (loop->budget.instant >= loop->config.instant_limit &&
        !ds__budget_judge(loop, loop->now))
        return NULL;
    loop->budget.instant++;
    return ds__start_next(loop);
}

static void set_now(ds_loop *loop, double time)
{
    uint64_t bits;

    loop->now = time;
    memcpy(&bits, &time, sizeof(bits));
    atomic_store_explicit(&loop->watchdog.now, bits, memory_order_relaxed);
}

/* Lets the earliest thing happen, at its time.  Returns the thread that it
 * wakes, if any. */
static ds_handle *happen(ds_loop *loop, double time)
{
    assert(time >= loop->now);
    if (time > loop->now) {
        set_now(loop, time);
        loop->budget.instant = 0;
    }
    loop->budget.instant++;
    loop->budget.events++;
    ds__watchdog_beat(&loop->watchdog);

    ds__due *due = ds__agenda_take(&loop->agenda);
    if (ds__looks_ahead(loop))
        ds__ahead_take(loop);
    switch (due->kind) {
    case DS__DUE_EVENT:
        return ds__stream_arrive(loop, ds__container(due, ds__event, due));
    case DS__DUE_ALARM:
    case DS__DUE_FIRST: {
        ds__alarm *alarm = ds__container(due, ds__alarm, due);
        alarm->ring(alarm);
        return NULL;
    }
    case DS__DUE_WAKE:
    case DS__DUE_TIMEOUT:
        break;
    }

    ds_handle *h = ds__container(due, ds_handle, due);
    h->rang = true;
    return h;
}

/* Walks over all that the loop has.  Where that is thousands of things not
 * after each event, or the walks would take nearly all of the time. */
__attribute__((cold, noinline)) static void check(const ds_loop *loop)
{
    uint64_t things = loop->num_handles + loop->agenda.count;

    if (loop->budget.events % (1 + things / MANY) == 0)
        ds__loop_check(loop);
}

/* Lets the earliest thing happen, unless the run ends before it; returns the
 * thread that it wakes, if one may go on. */
static ds_handle *wake_next(ds_loop *loop)
{
    double time = ds__agenda_time(&loop->agenda);

    if (!is_within_limits(loop, time))
        return NULL;
    ds_handle *h = happen(loop, time);

    if (ds__checking())
        check(loop);
    if (h == NULL || loop->num_paused == 0 || !h->scope->paused)
        return h;
    ds__hold(h);
    return NULL;
}

/* Those that must return have their turn before anything else. */
__attribute__((cold, noinline)) static ds_handle *leave_next(ds_loop *loop)
{
    if (ds__is_over(loop))
        ds__leave_all(loop);
    if (!ds__list_empty(&loop->leaving))
        return ds__unwind_next(loop);
    return &loop->main;
}

/* Somebody outside wants something. */
__attribute__((cold, noinline)) static void attend(ds_loop *loop)
{
    ds__outside_take(loop);
    ds__dump_write(loop);
}

static ds_handle *find_next(ds_loop *loop)
{
    for (;;) {
        ds_handle *h = NULL;

        if (ds__is_over(loop) || !ds__list_empty(&loop->leaving))
            return leave_next(loop);

        if (ds__outside_any(&loop->outside))
            attend(loop);
        if (loop->regulars == 0 && loop->expected == 0)
            finish(loop);
        else if (!ds__list_empty(&loop->ready))
            h = start_one(loop);
        else if (ds__agenda_empty(&loop->agenda))
            ds__report_deadlock(loop);
        else
            h = wake_next(loop);
        if (h != NULL)
            return h;
    }
}

ds_handle *ds__next_holder(ds_loop *loop)
{
    ds_handle *next = find_next(loop);

    ds__watchdog_beat(&loop->watchdog);
    atomic_store_explicit(&loop->watchdog.holder, next, memory_order_release);
    return next;
}

/* ---- One thread -----------------------------------------------------------*/

__attribute__((noinline)) static void tell_start(ds_handle *h)
{
    const ds__scope *scope = h->scope;

    ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_START,
                                          .who = h->number,
                                          .a = scope->number,
                                          .b = (uint32_t)scope->life });
}

__attribute__((noinline)) static void tell_end(ds_handle *h)
{
    ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_END,
                                          .who = h->number,
                                          .flag = ds__gone(h) });
}

static void end_body(ds_handle *h)
{
    ds_loop *loop = h->loop;

    if (ds__is_watched(loop))
        tell_end(h);
    ds__set_self(NULL);
    ds__retire(h);
    loop->departing = h;
    while (!loop->exec->leave(h, ds__next_holder(loop)))
        continue;
}

/* Every body begins with the floating-point modes of the caller of
 * ds_loop_run().  A new thread would inherit those of the body that passed it
 * the baton. */
void ds__run_body(ds_handle *h)
{
    ds_loop *loop = h->loop;

    fesetenv(&loop->modes);
    ds__set_self(h);
    h->state = DS__RUNNING;
    if (ds__is_watched(loop))
        tell_start(h);
    h->fn(h, h->arg);
    end_body(h);
}

void ds__end_exited(ds_handle *h)
{
    ds__fail(h->loop, DS_EMISUSE,
             "pthread_exit: called by a body, which must return instead");
    atomic_store_explicit(&h->computing, false, memory_order_relaxed);
    ds__agenda_remove(&h->loop->agenda, &h->due);
    end_body(h);
}

/* ---- A run ----------------------------------------------------------------*/

/* A failure from before the run is its result, and nothing starts. */
static bool may_start(ds_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    bool clean = loop->pending.status == DS_OK;
    pthread_mutex_unlock(&loop->lock);
    return clean;
}

/* What ended the run becomes what is reported, and is forgotten: from here on
 * the loop is as before its first run. */
static ds_status report(ds_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->last.status = loop->pending.status;
    strcpy(loop->last.text, loop->pending.text);
    loop->pending.status = DS_OK;
    loop->pending.text[0] = '\0';
    atomic_store(&loop->over, false);
    atomic_store(&loop->running, false);
    pthread_mutex_unlock(&loop->lock);
    return loop->last.status;
}

/* A spawn may have been forgotten, so that such a success has a text. */
static void note_idle(ds_loop *loop)
{
    bool daemons = !ds__list_empty(&loop->ready);
    ds__text text;

    pthread_mutex_lock(&loop->lock);
    if (loop->pending.status == DS_OK) {
        ds__text_init(&text, loop->pending.text, sizeof(loop->pending.text));
        ds__text_add(&text,
                     daemons
                         ? "nothing has run: only daemons were spawned, which "
                           "do not start unless ds_spawn() has added a thread"
                         : "nothing has run: no thread was spawned");
    }
    pthread_mutex_unlock(&loop->lock);
}

static void tell_run(ds_loop *loop)
{
    ds__tell_probe(loop, (ds__record){
                             .kind = DS__TELL_RUN,
                             .flag = loop->config.ties == DS_TIES_FIFO,
                             .id = loop->config.seed,
                         });
}

/* Nobody else runs any more, so that the reason is final. */
static void tell_ran(ds_loop *loop)
{
    ds__tell_probe(loop, (ds__record){
                             .kind = DS__TELL_RAN,
                             .flag = loop->pending.status,
                             .id = loop->digest,
                             .text = loop->pending.text,
                         });
}

static void run(ds_loop *loop)
{
    if (!may_start(loop))
        return;
    if (loop->regulars == 0 && loop->expected == 0) {
        note_idle(loop);
        return;
    }
    fegetenv(&loop->modes);
    loop->ahead = (ds__ahead){ 0 };
    ds__budget_begin(&loop->budget);
    if (!ds__watchdog_begin(loop))
        return;
    if (loop->exec->begin(loop)) {
        ds__yield(&loop->main);
        loop->exec->end(loop);
    }
    ds__watchdog_end(loop);
}

static void run_watched(ds_loop *loop)
{
    tell_run(loop);
    run(loop);
    tell_ran(loop);
    ds__probes_end(loop);
}

ds_status ds_loop_run(ds_loop *loop)
{
    if (loop == NULL)
        return DS_ENOMEM;
    if (atomic_exchange(&loop->running, true)) {
        ds__fail(loop, DS_EMISUSE, "ds_loop_run: the loop is running already");
        return DS_EMISUSE;
    }

    while (atomic_load(&loop->visitors) > 0)
        sched_yield(); /* they will not be long */

    ds_handle *self = ds__self();
    ds__set_self(NULL);
    if (!ds__is_watched(loop))
        run(loop);
    else if (ds__probes_begin(loop))
        run_watched(loop);
    ds__set_self(self);

    while (!ds__list_empty(&loop->ready))
        ds__never_start(ds__container(loop->ready.next, ds_handle, turn));
    assert(loop->regulars == 0 && ds__list_empty(&loop->live) &&
           ds__list_empty(&loop->leaving));
    return report(loop);
}
