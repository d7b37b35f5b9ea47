/* Bodies on fibers: user-level contexts that take turns on the thread that
 * called ds_loop_run().
 *
 * Passing the baton is a switch of stacks, a few nanoseconds.  An ended body
 * cannot give its own stack back while it stands on it, so whoever comes next
 * does that. */

#include <assert.h>
#include <errno.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

#include "loop/exec/exits.h"
#include "loop/exec/fibers.h"
#include "loop/limits.h"
#include "loop/exec/overflow.h"
#include "loop/exec/sanitize.h"
#include "loop/state.h"

#define PREFETCHED_LINES 8

_Static_assert(sizeof(ds__fiber) <= DS__TASK_SIZE, "a task has room for it");

static ds__fiber *fiber_in(ds__task *task)
{
    return (ds__fiber *)(void *)task->bytes;
}

static ds__fiber *fiber_of(const ds_handle *h)
{
    return fiber_in((ds__task *)&h->task);
}

static ds__fiber_crew *crew_of(const ds_loop *loop)
{
    return loop->crew;
}

/* ---- What a thread has of its own -----------------------------------------*/

/* The exceptions of C++ that are being thrown and handled, as its ABI has them
 * (Itanium C++ ABI, 2.2.2).  Without its runtime there is no function. */
typedef struct exceptions {
    void *caught;
    unsigned uncaught;
} exceptions;

exceptions *__cxa_get_globals(void) __attribute__((weak));

/* The runtimes keep these for each thread of the system.  A body may wait in
 * the middle of a catch block, so each fiber must have them to itself. */
typedef struct belongings {
    int error; /* errno */
    exceptions exceptions;
} belongings;

static inline belongings put_aside(const int *error)
{
    belongings mine = { .error = *error };

    if (__cxa_get_globals != NULL)
        mine.exceptions = *__cxa_get_globals();
    return mine;
}

static inline void take_up(const belongings *mine, int *error)
{
    if (__cxa_get_globals != NULL)
        *__cxa_get_globals() = mine->exceptions;
    *error = mine->error;
}

/* ---- Beginning and end ----------------------------------------------------*/

static bool stack_possible(size_t size)
{
    return ds__stack_possible(size, false);
}

static bool task_init(ds__task *task)
{
    *fiber_in(task) = (ds__fiber){ 0 };
    return true;
}

static void task_free(ds__task *task)
{
}

static bool begin(ds_loop *loop)
{
    ds__fiber_crew *crew = crew_of(loop);

    *crew = (ds__fiber_crew){ 0 };
    ds__stacks_init(&crew->stacks, loop->config.stack_size);
    fiber_of(&loop->main)->stack = &crew->main_stack;
    ds__sanitize_is_main(fiber_of(&loop->main));
    ds__overflow_begin();
    ds__overflow_enter();
    crew->before = ds__exits_begin(loop);
    return true;
}

static void end(ds_loop *loop)
{
    ds__fiber_crew *crew = crew_of(loop);

    assert(crew->ended == NULL);
    ds__exits_end(crew->before);
    ds__pool_free(crew->pool); /* its threads have signal stacks too */
    ds__overflow_leave();
    ds__overflow_end();
    ds__stacks_free(&crew->stacks);
}

/* ---- The baton ------------------------------------------------------------*/

/* The first thing on every stack that is come to. */
static void landed(ds_handle *h)
{
    ds__fiber_crew *crew = crew_of(h->loop);

    assert(crew->ended != h);
    ds__sanitize_arrive(crew, fiber_of(h));
    if (crew->ended != NULL) {
        ds__stack_put(&crew->stacks, fiber_of(crew->ended)->stack);
        ds__sanitize_gone(fiber_of(crew->ended));
        crew->ended = NULL;
    }
}

static void fiber_main(void *arg)
{
    ds_handle *h = arg;

    landed(h);
    take_up(&(belongings){ 0 }, &errno);
    ds__run_body(h); /* ends in leave(), which does not return */
    abort();
}

/* Stacks lie at multiples of the page size, so without a shift of their tops
 * the innermost frames of all fibers would share a few sets of the caches. */
static size_t colour(const ds_handle *h)
{
    return h->number % 16 * 128;
}

static void report_no_stack(ds_loop *loop, const ds_handle *refused)
{
    const size_t size = loop->config.stack_size;
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__limits_of_memory(&text, size);
    ds__fail(loop, DS_ENOMEM,
             "ds_spawn: no memory for the stack of thread %llu, of %zu bytes, "
             "while %zu run: %s",
             (unsigned long long)refused->number, size,
             ds__count_live(loop) - 1, buf);
}

__attribute__((noinline)) static bool start(ds_handle *h)
{
    ds__fiber *fiber = fiber_of(h);
    ds_loop *loop = h->loop;

    fiber->stack = ds__stack_get(&crew_of(loop)->stacks);
    if (fiber->stack == NULL) {
        report_no_stack(loop, h);
        ds__never_start(h);
        return false;
    }
    ds__sanitize_made(fiber);
    ds__context_make(&fiber->context, fiber->stack->low,
                     fiber->stack->size - colour(h), fiber_main, h);
    return true;
}

static inline bool prepare(ds_handle *h)
{
    return h->state != DS__NEW || start(h);
}

/* The innermost frames of one that has waited for long are in no cache. */
static void prefetch(const ds__fiber *fiber)
{
#if DS__CONTEXT_NATIVE
    for (int line = 0; line < PREFETCHED_LINES; line++)
        __builtin_prefetch((const char *)fiber->context.at + line * 64);
#endif
}

static void stack_span(const ds_handle *h, ds__span *span)
{
    const ds__stack *stack = fiber_of(h)->stack;

    if (stack != NULL)
        *span = (ds__span){ stack->low, stack->size, stack->guard };
}

static void fetch(const ds_handle *to)
{
    prefetch(fiber_of(to));
}

static bool pass(ds_handle *from, ds_handle *to)
{
    assert(from != to && to->state != DS__ENDED);
    if (!prepare(to))
        return false;

    /* Every body of a loop is on one thread of the system, so errno stays
     * where it is. */
    int *error = &errno;
    const belongings mine = put_aside(error);
    if (ds__looks_ahead(from->loop))
        prefetch(fiber_of(to));
    ds__sanitize_leave(fiber_of(from), fiber_of(to), false);
    ds__context_go(&fiber_of(from)->context, &fiber_of(to)->context);
    landed(from);
    take_up(&mine, error);
    ds__set_self(from == &from->loop->main ? NULL : from);
    return true;
}

static bool leave(ds_handle *from, ds_handle *to)
{
    assert(from->state == DS__ENDED && to->state != DS__ENDED);
    if (!prepare(to))
        return false;
    crew_of(from->loop)->ended = from;
    ds__sanitize_leave(fiber_of(from), fiber_of(to), true);
    ds__context_go(&fiber_of(from)->context, &fiber_of(to)->context);
    return true;
}

/* ---- Work on other processors ---------------------------------------------*/

/* fn must find, and leave behind, what it would on a thread of its own,
 * whether one of the pool runs it or nobody does before its turn comes. */
typedef struct work {
    ds_handle *handle;
    void (*fn)(void *arg);
    void *arg;
    fenv_t modes;
    int error;
    bool exited; /* it has called pthread_exit() */
} work;

static void has_exited(void *arg)
{
    work *w = arg;

    w->exited = true;
}

static void do_work(void *arg)
{
    work *w = arg;
    ds_handle *before = ds__self();

    ds__set_self(w->handle);
    fesetenv(&w->modes);
    errno = w->error;
    pthread_cleanup_push(has_exited, w);
    w->fn(w->arg);
    pthread_cleanup_pop(0);
    w->error = errno;
    fegetenv(&w->modes);
    ds__set_self(before);
}

static void report_no_pool(ds_loop *loop, int error)
{
    const size_t stack_size = loop->config.stack_size;
    char buf[256];
    ds__text text;

    if (error == ENOMEM) {
        ds__fail_memory(loop, "ds_compute");
        return;
    }
    ds__text_init(&text, buf, sizeof(buf));
    ds__limits_of_thread(&text, error, stack_size);
    ds__fail(loop, DS_ETHREAD,
             "ds_compute: the system refuses to start a thread (%s) with a "
             "stack of %zu bytes: %s",
             strerror(error), stack_size, buf);
}

static bool queue_job(ds_loop *loop, ds__job *job)
{
    ds__fiber_crew *crew = crew_of(loop);
    int error = crew->pool == NULL
                    ? ds__pool_new(&crew->pool, loop->config.stack_size)
                    : 0;

    if (error != 0) {
        report_no_pool(loop, error);
        return false;
    }
    ds__pool_add(crew->pool, job);
    return true;
}

/* Work that nothing else happens beside needs no other thread. */
static void compute(ds_handle *from, void (*fn)(void *arg), void *arg)
{
    ds_loop *loop = from->loop;
    work w = { .handle = from, .fn = fn, .arg = arg, .error = errno };
    ds__job job = { .fn = do_work, .arg = &w };
    ds_handle *to = ds__next_holder(loop);
    bool over = ds__gone(from);

    if (to == from) {
        if (!over)
            fn(arg);
        return;
    }
    fegetenv(&w.modes);
    bool queued = !over && queue_job(loop, &job);
    while (to != from && !pass(from, to))
        to = ds__next_holder(loop);
    if (queued) {
        ds__pool_finish(crew_of(loop)->pool, &job);
        fesetenv(&w.modes);
        errno = w.error;
    }
    if (w.exited)
        ds__fail(loop, DS_EMISUSE,
                 "ds_compute: the work has called pthread_exit(); it must "
                 "return instead");
}

const ds__exec ds__exec_fibers = {
    .crew_size = sizeof(ds__fiber_crew),
    .stack_possible = stack_possible,
    .stack = stack_span,
    .task_init = task_init,
    .task_free = task_free,
    .begin = begin,
    .end = end,
    .pass = pass,
    .leave = leave,
    .fetch = fetch,
    .compute = compute,
};
