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

/* Without the runtime of C++ there is no such function. */
ds__exceptions *__cxa_get_globals(void) __attribute__((weak));

/* The runtimes keep these for each thread of the system.  A body may wait in
 * the middle of a catch block, so each fiber must have them to itself. */
static inline void put_aside(const ds__fiber_crew *crew, ds__fiber *fiber)
{
    fiber->error = *crew->error;
    if (crew->exceptions != NULL)
        fiber->exceptions = *crew->exceptions;
}

static inline void take_up(const ds__fiber_crew *crew, const ds__fiber *fiber)
{
    *crew->error = fiber->error;
    if (crew->exceptions != NULL)
        *crew->exceptions = fiber->exceptions;
}

/* ---- Stacks ---------------------------------------------------------------*/

/* Returns the stacks of this size, or NULL if there is no memory for any. */
static ds__stacks *stacks_of(ds__fiber_crew *crew, size_t size)
{
    ds__other_stacks *others = crew->others;

    if (size == crew->stacks.size)
        return &crew->stacks;
    while (others != NULL && others->stacks.size != size)
        others = others->next;
    if (others != NULL)
        return &others->stacks;

    others = malloc(sizeof(*others));
    if (others == NULL)
        return NULL;
    ds__stacks_init_new(&others->stacks, size);
    others->next = crew->others;
    crew->others = others;
    return &others->stacks;
}

static ds__stack *get_stack(ds__fiber_crew *crew, size_t size)
{
    ds__stacks *stacks = stacks_of(crew, size);

    return stacks == NULL ? NULL : ds__stack_get(stacks);
}

static void free_others(ds__fiber_crew *crew)
{
    while (crew->others != NULL) {
        ds__other_stacks *first = crew->others;
        crew->others = first->next;
        ds__stacks_unmap(&first->stacks);
        free(first);
    }
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

    *crew = (ds__fiber_crew){ .error = &errno };
    if (__cxa_get_globals != NULL)
        crew->exceptions = __cxa_get_globals();
    ds__stacks_init(&crew->stacks, loop->config.stack_size);
    fiber_of(&loop->main)->stack = &crew->main_stack;
    ds__overflow_begin();
    return true;
}

static void arrive(ds_loop *loop)
{
    ds__sanitize_is_main(fiber_of(&loop->main));
    ds__overflow_enter();
    crew_of(loop)->before = ds__exits_begin(loop);
}

static void depart(ds_loop *loop)
{
    assert(crew_of(loop)->ended == NULL);
    ds__exits_end(crew_of(loop)->before);
    ds__overflow_leave();
}

static void end(ds_loop *loop)
{
    ds__fiber_crew *crew = crew_of(loop);

    ds__pool_free(crew->pool); /* its threads have signal stacks too */
    ds__overflow_end();
    free_others(crew);
    ds__stacks_free(&crew->stacks);
}

/* ---- The baton ------------------------------------------------------------*/

/* Gives back the stack of one that has ended, which may change errno. */
__attribute__((noinline)) static void bury(ds__fiber_crew *crew, ds_handle *h)
{
    assert(crew->ended != h);
    ds__stack *stack = fiber_of(crew->ended)->stack;
    ds__stack_put(stacks_of(crew, stack->size), stack);
    ds__sanitize_gone(fiber_of(crew->ended));
    crew->ended = NULL;
    take_up(crew, fiber_of(h));
}

/* The first thing on every stack that is come to. */
static inline void landed(ds_handle *h)
{
    ds__fiber_crew *crew = crew_of(h->loop);

    ds__sanitize_arrive(crew, fiber_of(h));
    take_up(crew, fiber_of(h));
    if (crew->ended != NULL)
        bury(crew, h);
}

static void fiber_main(void *arg)
{
    ds_handle *h = arg;

    landed(h);
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
    const size_t size = ds__stack_size_of(refused);
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

    fiber->stack = get_stack(crew_of(loop), ds__stack_size_of(h));
    if (fiber->stack == NULL) {
        report_no_stack(loop, h);
        ds__never_start(h);
        return false;
    }
    fiber->exceptions = (ds__exceptions){ 0 };
    fiber->error = 0;
    ds__sanitize_made(fiber);
    ds__context_make(&fiber->context, fiber->stack->low,
                     fiber->stack->size - colour(h), fiber_main, h);
    return true;
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

static inline bool go(ds_handle *from, ds_handle *to)
{
    put_aside(crew_of(from->loop), fiber_of(from));
    if (ds__looks_ahead(from->loop))
        prefetch(fiber_of(to));
    ds__sanitize_leave(fiber_of(from), fiber_of(to), false);
    ds__context_go(&fiber_of(from)->context, &fiber_of(to)->context);
    landed(from);
    ds__set_self(from);
    return true;
}

__attribute__((noinline)) static bool start_and_go(ds_handle *from,
                                                   ds_handle *to)
{
    return start(to) && go(from, to);
}

/* Its one caller, ds__yield(), has just seen that they are two. */
static bool pass(ds_handle *from, ds_handle *to)
{
    assert(to->state != DS__ENDED);
    return to->state == DS__NEW ? start_and_go(from, to) : go(from, to);
}

static bool leave(ds_handle *from, ds_handle *to)
{
    assert(from->state == DS__ENDED && to->state != DS__ENDED);
    if (to->state == DS__NEW && !start(to))
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
    .arrive = arrive,
    .depart = depart,
    .pass = pass,
    .leave = leave,
    .fetch = fetch,
    .compute = compute,
};
