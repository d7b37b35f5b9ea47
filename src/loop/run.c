/* The coordinator: a function that whoever gives the baton up calls to find
 * out who has it next.
 *
 * There is no thread behind it.  Threads that were spawned at this instant
 * start first; when everyone is blocked, the earliest thing on the agenda
 * happens and the clock jumps to it.  Things happen one at a time, so a thread
 * that is woken can still cancel what is due at the same instant. */

#include <assert.h>
#include <math.h>
#include <sched.h>
#include <string.h>

#include "loop/state.h"

#define MANY 256 /* threads, and things that are due */

/* Ends a run in which only daemons are left.  That is success, and no reason is
 * recorded, unless a resident knows better. */
static void finish(ds_loop *loop)
{
    for (ds__resident *r = loop->residents; r != NULL; r = r->next)
        if (r->ended != NULL)
            r->ended(r);
    ds__set_over(loop);
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

static inline void set_now(ds_loop *loop, double time)
{
    uint64_t bits;

    loop->now = time;
    memcpy(&bits, &time, sizeof(bits));
    atomic_store_explicit(&loop->watchdog.now, bits, memory_order_relaxed);
}

/* Lets the earliest thing, in this slot, happen at its time.  Returns the
 * thread that it wakes, if any. */
static inline ds_handle *happen(ds_loop *loop, uint32_t slot, double time)
{
    if (time > loop->now) {
        set_now(loop, time);
        loop->budget.instant = 0;
    } else {
        assert(time == loop->now);
    }
    ds__budget_count(&loop->budget);

    ds__due *due = ds__agenda_take_first(&loop->agenda, slot);
    if (ds__looks_ahead(loop))
        ds__ahead_take(loop);
    if (due->kind == DS__DUE_EVENT)
        return ds__stream_arrive(loop, ds__container(due, ds__event, due));
    if (ds__due_is_alarm(due->kind)) {
        ds__alarm *alarm = ds__container(due, ds__alarm, due);
        alarm->ring(alarm);
        return NULL;
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

    if (ds__budget_events(&loop->budget) % (1 + things / MANY) == 0)
        ds__loop_check(loop);
}

/* Lets it happen likewise, and returns the thread only if it may go on.  It has
 * three callers, so that the compiler would not make it part of them. */
__attribute__((always_inline)) static inline ds_handle *
wake(ds_loop *loop, uint32_t slot, double time)
{
    ds_handle *h = happen(loop, slot, time);

    if (loop->walks)
        check(loop);
    if (h == NULL || loop->num_paused == 0 || !h->scope->paused)
        return h;
    ds__hold(h);
    return NULL;
}

/* All that was due has happened, and the rest of the time has passed too. */
static ds_handle *rest(ds_loop *loop)
{
    if (loop->budget.rest_time > loop->now)
        set_now(loop, loop->budget.rest_time);
    loop->rests = true;
    return &loop->main;
}

/* Near a limit, or when it is time to rest. */
__attribute__((cold, noinline)) static ds_handle *judge_and_wake(ds_loop *loop,
                                                                 double time)
{
    if (ds__budget_rests(loop, time))
        return rest(loop);
    if (!ds__budget_judge(loop, time))
        return NULL;
    return wake(loop, ds__agenda_first(&loop->agenda), time);
}

/* Lets the earliest thing happen, unless the run ends before it. */
static inline ds_handle *wake_next(ds_loop *loop)
{
    uint32_t slot = ds__agenda_first(&loop->agenda);
    double time = ds__agenda_time_of(&loop->agenda, slot);

    if (ds__budget_is_near(&loop->budget, loop->now, time))
        return judge_and_wake(loop, time);
    return wake(loop, slot, time);
}

/* Those that must return have their turn before anything else. */
static ds_handle *leave_next(ds_loop *loop)
{
    if (ds__is_over(loop))
        ds__leave_all(loop);
    if (!ds__list_empty(&loop->leaving))
        return ds__unwind_next(loop);
    return &loop->main;
}

/* Somebody outside wants something. */
static void attend(ds_loop *loop)
{
    ds__outside_take(loop);
    ds__dump_write(loop);
}

/* What comes before the agenda.  It is forgotten before it is looked for, lest
 * something be missed that others bring about meanwhile. */
__attribute__((noinline)) static ds_handle *do_urgent(ds_loop *loop)
{
    atomic_exchange(&loop->urgent, false);
    ds__watchdog_beat(&loop->watchdog);

    if (ds__is_over(loop) || !ds__list_empty(&loop->leaving)) {
        ds__make_urgent(loop);
        return leave_next(loop);
    }
    if (ds__outside_any(&loop->outside))
        attend(loop);
    if (loop->regulars == 0 && loop->expected == 0 &&
        !ds__budget_rests(loop, INFINITY)) {
        finish(loop);
    } else if (!ds__list_empty(&loop->ready)) {
        ds__make_urgent(loop);
        return start_one(loop);
    }
    return NULL;
}

/* Nothing is due, and nobody can go on unless somebody outside sees to it. */
__attribute__((cold, noinline)) static ds_handle *run_dry(ds_loop *loop)
{
    if (ds__budget_rests(loop, INFINITY))
        return rest(loop);
    ds__report_deadlock(loop);
    return NULL;
}

/* One look; NULL: nobody can go on yet. */
static inline ds_handle *find_next(ds_loop *loop)
{
    if (ds__is_urgent(loop))
        return do_urgent(loop);
    if (!ds__agenda_empty(&loop->agenda))
        return wake_next(loop);
    return run_dry(loop);
}

/* Apart from the first look, which mostly is enough, and is shorter where it is
 * not in a loop. */
__attribute__((noinline)) static ds_handle *look_on(ds_loop *loop)
{
    ds_handle *h;

    do
        h = find_next(loop);
    while (h == NULL);
    return h;
}

ds_handle *ds__next_holder(ds_loop *loop)
{
    ds_handle *next = find_next(loop);

    if (__builtin_expect(next == NULL, 0))
        next = look_on(loop);
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

/* From when the caller gives the baton away until it is back, since all is over
 * or the run rests. */
static bool take_part(ds_loop *loop)
{
    const ds__exec *exec = loop->exec;

    loop->rests = false;
    if (exec->arrive != NULL)
        exec->arrive(loop);
    ds__yield(&loop->main);
    ds__set_self(NULL);
    if (exec->depart != NULL)
        exec->depart(loop);
    return !loop->rests;
}

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
static void report(ds_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->last.status = loop->pending.status;
    strcpy(loop->last.text, loop->pending.text);
    loop->pending.status = DS_OK;
    loop->pending.text[0] = '\0';
    atomic_store(&loop->over, false);
    atomic_store(&loop->running, false);
    pthread_mutex_unlock(&loop->lock);
}

/* A failure that somebody outside has brought about meanwhile is for when it
 * goes on. */
static ds_status report_rest(ds_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->last.status = DS_OK;
    loop->last.text[0] = '\0';
    atomic_store(&loop->running, false);
    pthread_mutex_unlock(&loop->lock);
    return DS_OK;
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

/* A run begins, or goes on that has rested. */
static void run(ds_loop *loop, double rest_time)
{
    const bool begins = !loop->rests;

    if (begins && !may_start(loop))
        return;
    if (begins && loop->regulars == 0 && loop->expected == 0 &&
        rest_time == INFINITY) {
        note_idle(loop);
        return;
    }
    if (begins)
        fegetenv(&loop->modes);
    loop->ahead = (ds__ahead){ 0 };
    ds__budget_begin(loop, rest_time);
    ds__make_urgent(loop);
    if (!ds__watchdog_begin(loop) && begins)
        return;
    if ((!begins || loop->exec->begin(loop)) && take_part(loop))
        loop->exec->end(loop);
    ds__watchdog_end(loop);
}

static void run_watched(ds_loop *loop, double rest_time)
{
    if (!loop->rests && !ds__probes_begin(loop))
        return;
    if (!loop->rests)
        tell_run(loop);
    run(loop, rest_time);
    if (loop->rests)
        return;
    tell_ran(loop);
    ds__probes_end(loop);
}

/* Fibers have the variables of the thread of the system that began the run. */
static bool is_elsewhere(ds_loop *loop, const char *call)
{
    if (!loop->rests || pthread_equal(loop->runner, pthread_self()))
        return false;
    ds__fail(loop, DS_EMISUSE,
             "%s: the loop rests since ds_loop_run_until(), and can be woken "
             "only in the thread of the system that called that",
             call);
    return true;
}

static ds_status run_until(ds_loop *loop, double rest_time, const char *call)
{
    if (atomic_exchange(&loop->running, true)) {
        ds__fail(loop, DS_EMISUSE, "%s: the loop is running already", call);
        return DS_EMISUSE;
    }
    if (is_elsewhere(loop, call)) {
        atomic_store(&loop->running, false);
        return DS_EMISUSE;
    }

    while (atomic_load(&loop->visitors) > 0)
        sched_yield(); /* they will not be long */

    if (!loop->rests)
        loop->past = ds__past_of(loop);
    ds_handle *self = ds__self();
    ds__set_self(NULL);
    loop->runner = pthread_self();
    if (!ds__is_watched(loop))
        run(loop, rest_time);
    else
        run_watched(loop, rest_time);
    ds__set_self(self);
    if (loop->rests)
        return report_rest(loop);

    while (!ds__list_empty(&loop->ready))
        ds__never_start(ds__container(loop->ready.next, ds_handle, turn));
    assert(loop->regulars == 0 && ds__list_empty(&loop->live) &&
           ds__list_empty(&loop->leaving));
    report(loop);
    if (loop->report >= 0)
        ds__outcome_tell(loop, &loop->past);
    return loop->last.status;
}

ds_status ds_loop_run(ds_loop *loop)
{
    if (loop == NULL)
        return DS_ENOMEM;
    return run_until(loop, INFINITY, "ds_loop_run");
}

ds_status ds_loop_run_until(ds_loop *loop, double time)
{
    if (loop == NULL)
        return DS_ENOMEM;
    if (!(time >= loop->now && time <= DBL_MAX))
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_run_until: time is %g; it must be finite, and at "
                 "least %g, which the clock shows",
                 time, loop->now);
    return run_until(loop, time, "ds_loop_run_until");
}

bool ds__run_end_rest(ds_loop *loop)
{
    if (is_elsewhere(loop, "ds_loop_free"))
        return false;
    if (!loop->rests)
        return true;
    ds__set_over(loop);
    run_until(loop, INFINITY, "ds_loop_free");
    return true;
}
