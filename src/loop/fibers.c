/* Bodies on fibers: user-level contexts that take turns on the thread that
 * called ds_loop_run().
 *
 * Passing the baton is a switch of stacks, a few nanoseconds.  An ended body
 * cannot give its own stack back while it stands on it, so whoever comes next
 * does that. */

#include "loop/limits.h"
#include "loop/state.h"

#include <errno.h>
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define DS__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DS__ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define DS__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DS__TSAN 1
#endif
#endif

#ifdef DS__ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef DS__TSAN
#include <sanitizer/tsan_interface.h>
#endif

#define PREFETCHED_LINES 8

/* ---- What sanitizers must be told -----------------------------------------*/

/* Before and after each change of stacks.  last: from never comes back, and
 * the frames that it leaves must not stay marked for who uses the stack next.
 */
static void announce(ds__fiber *from, ds__fiber *to, bool last)
{
#ifdef DS__ASAN
    if (last)
        __asan_handle_no_return();
    __sanitizer_start_switch_fiber(last ? NULL : &from->asan_stack,
                                   to->stack->low, to->stack->size);
#endif
#ifdef DS__TSAN
    __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
}

/* Only the first switch away from it tells where the caller's stack is. */
static void arrive(ds__fiber_crew *crew, ds__fiber *here)
{
#ifdef DS__ASAN
    const void *low;
    size_t size;
    __sanitizer_finish_switch_fiber(here->asan_stack, &low, &size);
    if (crew->main_stack.low == NULL) {
        crew->main_stack.low = (char *)(uintptr_t)low;
        crew->main_stack.size = size;
    }
#endif
}

static void fiber_made(ds__fiber *fiber)
{
#ifdef DS__TSAN
    fiber->tsan_fiber = __tsan_create_fiber(0);
#endif
}

static void fiber_gone(ds__fiber *fiber)
{
#ifdef DS__TSAN
    __tsan_destroy_fiber(fiber->tsan_fiber);
#endif
}

static void fiber_is_main(ds__fiber *fiber)
{
#ifdef DS__TSAN
    fiber->tsan_fiber = __tsan_get_current_fiber();
#endif
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

static belongings put_aside(void)
{
    belongings mine = { .error = errno };

    if (__cxa_get_globals != NULL)
        mine.exceptions = *__cxa_get_globals();
    return mine;
}

static void take_up(const belongings *mine)
{
    if (__cxa_get_globals != NULL)
        *__cxa_get_globals() = mine->exceptions;
    errno = mine->error;
}

/* ---- Stack overflow -------------------------------------------------------*/

/* The loop whose fibers the calling thread runs, the innermost one.  A signal
 * handler reads it, which must not be the first to ask for it. */
static _Thread_local ds_loop *fibers_of_thread
    __attribute__((tls_model("initial-exec")));

/* How many loops want the handler, and what was there before. */
static pthread_mutex_t handler_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned handler_users;
static struct sigaction handler_before;

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void say_number(size_t n)
{
    char digits[24];
    size_t i = sizeof(digits) - 1;

    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    say(digits + i);
}

static void report_overflow(const ds_handle *h)
{
    say("distsys: stack overflow in thread ");
    say_number((size_t)h->number);
    if (h->name != NULL) {
        say(" \"");
        say(h->name);
        say("\"");
    }
    say(": its stack has ");
    say_number(h->task.fiber.stack->size);
    say(" bytes; ds_loop_config.stack_size makes it larger\n");
}

/* Runs on a stack of its own.  Afterwards the same access faults again, and
 * the process dies as it would have without us. */
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    const ds_loop *loop = fibers_of_thread;
    const ds_handle *h = loop == NULL ? NULL : loop->crew.fibers.current;
    const ds__stack *stack = h == NULL ? NULL : h->task.fiber.stack;
    const char *at = info->si_addr;

    if (stack != NULL && stack->guard > 0 && at < stack->low &&
        at >= stack->low - stack->guard)
        report_overflow(h);
    signal(signal_number, SIG_DFL);
    if (info->si_code <= 0)
        raise(signal_number); /* somebody sent it: nothing will fault again */
}

/* A program with a handler of its own keeps it. */
static void install_handler(void)
{
    struct sigaction ours = {
        .sa_sigaction = on_fault,
        .sa_flags = SA_SIGINFO | SA_ONSTACK,
    };

    pthread_mutex_lock(&handler_lock);
    if (handler_users++ == 0) {
        sigaction(SIGSEGV, NULL, &handler_before);
        if (handler_before.sa_handler == SIG_DFL)
            sigaction(SIGSEGV, &ours, NULL);
    }
    pthread_mutex_unlock(&handler_lock);
}

static void remove_handler(void)
{
    struct sigaction now;

    pthread_mutex_lock(&handler_lock);
    if (--handler_users == 0) {
        sigaction(SIGSEGV, NULL, &now);
        if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == on_fault)
            sigaction(SIGSEGV, &handler_before, NULL);
    }
    pthread_mutex_unlock(&handler_lock);
}

/* A thread that has a signal stack already keeps that one. */
static void begin_signal_stack(ds__fiber_crew *crew)
{
    stack_t now;

    crew->signal_stack = NULL;
    if (sigaltstack(NULL, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0)
        return;
    size_t size = (size_t)SIGSTKSZ + 16384;
    crew->signal_stack = malloc(size);
    if (crew->signal_stack == NULL)
        return;
    sigaltstack(&(stack_t){ .ss_sp = crew->signal_stack, .ss_size = size },
                NULL);
}

/* One that the program has put in place meanwhile stays. */
static void end_signal_stack(ds__fiber_crew *crew)
{
    stack_t now;

    if (crew->signal_stack == NULL)
        return;
    if (sigaltstack(NULL, &now) == 0 && now.ss_sp == crew->signal_stack)
        sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
    free(crew->signal_stack);
}

/* ---- Beginning and end ----------------------------------------------------*/

static bool task_init(ds__task *task)
{
    task->fiber = (ds__fiber){ 0 };
    return true;
}

static void task_free(ds__task *task)
{
}

static bool begin(ds_loop *loop)
{
    ds__fiber_crew *crew = &loop->crew.fibers;

    *crew = (ds__fiber_crew){ .current = &loop->main };
    ds__stacks_init(&crew->stacks, loop->config.stack_size);
    loop->main.task.fiber.stack = &crew->main_stack;
    fiber_is_main(&loop->main.task.fiber);
    crew->outer = fibers_of_thread;
    fibers_of_thread = loop;
    begin_signal_stack(crew);
    install_handler();
    return true;
}

static void end(ds_loop *loop)
{
    ds__fiber_crew *crew = &loop->crew.fibers;

    remove_handler();
    end_signal_stack(crew);
    fibers_of_thread = crew->outer;
    ds__pool_free(crew->pool);
    ds__stacks_free(&crew->stacks);
}

/* ---- The baton ------------------------------------------------------------*/

/* The first thing on every stack that is come to. */
static void landed(ds_handle *h)
{
    ds__fiber_crew *crew = &h->loop->crew.fibers;

    arrive(crew, &h->task.fiber);
    crew->current = h;
    if (crew->ended != NULL) {
        ds__stack_put(&crew->stacks, crew->ended->task.fiber.stack);
        fiber_gone(&crew->ended->task.fiber);
        crew->ended = NULL;
    }
}

static void fiber_main(void *arg)
{
    ds_handle *h = arg;

    landed(h);
    take_up(&(belongings){ 0 });
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

static bool prepare(ds_handle *h)
{
    ds__fiber *fiber = &h->task.fiber;
    ds_loop *loop = h->loop;

    if (h->state != DS__NEW)
        return true;
    fiber->stack = ds__stack_get(&loop->crew.fibers.stacks);
    if (fiber->stack == NULL) {
        report_no_stack(loop, h);
        ds__never_start(h);
        return false;
    }
    fiber_made(fiber);
    ds__context_make(&fiber->context, fiber->stack->low,
                     fiber->stack->size - colour(h), fiber_main, h);
    return true;
}

/* The innermost frames of one that has waited for long are in no cache. */
static void prefetch(const ds__fiber *fiber)
{
#if DS__CONTEXT_NATIVE
    for (int line = 0; line < PREFETCHED_LINES; line++)
        __builtin_prefetch((const char *)fiber->context.sp + line * 64);
#endif
}

static void fetch(const ds_handle *to)
{
    prefetch(&to->task.fiber);
}

static bool pass(ds_handle *from, ds_handle *to)
{
    if (!prepare(to))
        return false;

    const belongings mine = put_aside();
    prefetch(&to->task.fiber);
    announce(&from->task.fiber, &to->task.fiber, false);
    ds__context_go(&from->task.fiber.context, &to->task.fiber.context);
    landed(from);
    take_up(&mine);
    ds__set_self(from == &from->loop->main ? NULL : from);
    return true;
}

static bool leave(ds_handle *from, ds_handle *to)
{
    if (!prepare(to))
        return false;
    from->loop->crew.fibers.ended = from;
    announce(&from->task.fiber, &to->task.fiber, true);
    ds__context_go(&from->task.fiber.context, &to->task.fiber.context);
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
} work;

static void do_work(void *arg)
{
    work *w = arg;
    ds_handle *before = ds__self();

    ds__set_self(w->handle);
    fesetenv(&w->modes);
    errno = w->error;
    w->fn(w->arg);
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
    ds__fiber_crew *crew = &loop->crew.fibers;
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
    bool over = ds__over(loop);

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
        ds__pool_finish(loop->crew.fibers.pool, &job);
        fesetenv(&w.modes);
        errno = w.error;
    }
}

const ds__exec ds__exec_fibers = {
    .name = "fibers",
    .task_init = task_init,
    .task_free = task_free,
    .begin = begin,
    .end = end,
    .pass = pass,
    .leave = leave,
    .fetch = fetch,
    .compute = compute,
};
