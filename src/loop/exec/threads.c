/* Bodies on POSIX threads: one each, which waits in a park of its own while
 * others have the baton.
 *
 * A thread is created when the baton first comes to it, and its creation hands
 * the baton over, so that starting costs no wake-up.  Threads inherit the
 * processor of their creator: the first one goes to the processor where the
 * baton is passed and all others are born there.  Passing it there costs about
 * a quarter of what it costs between processors. */

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "loop/limits.h"
#include "loop/exec/overflow.h"
#include "loop/exec/stack.h"
#include "loop/exec/threads.h"
#include "loop/state.h"

_Static_assert(sizeof(ds__thread) <= DS__TASK_SIZE, "a task has room for it");

static ds__thread *thread_in(ds__task *task)
{
    return (ds__thread *)(void *)task->bytes;
}

static ds__thread *thread_of(ds_handle *h)
{
    return thread_in(&h->task);
}

static ds__thread_crew *crew_of(const ds_loop *loop)
{
    return loop->crew;
}

static bool stack_possible(size_t size)
{
    return ds__stack_possible(size, true);
}

static bool task_init(ds__task *task)
{
    ds__list_init(&thread_in(task)->ended);
    thread_in(task)->beside = false;
    return ds__park_init(&thread_in(task)->park);
}

static void task_free(ds__task *task)
{
    ds__park_destroy(&thread_in(task)->park);
}

/* ---- Where threads run ----------------------------------------------------*/

/* How many loops of this process pin their threads; only one ever does. */
static atomic_int pinning;

static void choose_cpu(ds_loop *loop)
{
    ds__thread_crew *crew = crew_of(loop);
    int none = 0;

    crew->cpu = -1;
    if (!loop->pin ||
        sched_getaffinity(0, sizeof(crew->allowed), &crew->allowed) != 0)
        return;
    if (!atomic_compare_exchange_strong(&pinning, &none, 1))
        return;

    crew->cpu = sched_getcpu();
    if (crew->cpu < 0)
        atomic_store(&pinning, 0);
}

static void go_to(int cpu)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
}

static void go_to_baton(const ds__thread_crew *crew)
{
    if (crew->cpu >= 0)
        go_to(crew->cpu);
}

/* The simulation counts as one worker where the baton is. */
static int least_busy(ds__thread_crew *crew)
{
    unsigned least = UINT_MAX;
    int best = crew->cpu;

    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &crew->allowed))
            continue;
        unsigned load = atomic_load(&crew->workers[cpu]) + (cpu == crew->cpu);
        if (load < least) {
            least = load;
            best = cpu;
        }
    }
    return best;
}

/* The system takes milliseconds to notice that another processor idles, so a
 * thread is sent there; once on its way it may go where it likes. */
static int go_to_work(ds__thread_crew *crew)
{
    if (crew->cpu < 0)
        return -1;

    int cpu = least_busy(crew);
    atomic_fetch_add(&crew->workers[cpu], 1);
    go_to(cpu);
    sched_setaffinity(0, sizeof(crew->allowed), &crew->allowed);
    return cpu;
}

static void return_from_work(ds__thread_crew *crew, int cpu)
{
    if (cpu < 0)
        return;
    atomic_fetch_sub(&crew->workers[cpu], 1);
    go_to_baton(crew);
}

/* ---- Beginning and end of a run -------------------------------------------*/

static bool begin(ds_loop *loop)
{
    ds__thread_crew *crew = crew_of(loop);

    ds__list_init(&crew->ended);
    if (pthread_attr_init(&crew->attr) != 0) {
        ds__fail_memory(loop, "ds_loop_run");
        return false;
    }
    pthread_attr_setguardsize(&crew->attr, ds__guard_size());
    if (pthread_attr_setstacksize(&crew->attr, loop->config.stack_size) != 0) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stack_size is %zu; the system refuses that",
                 loop->config.stack_size);
        pthread_attr_destroy(&crew->attr);
        return false;
    }
    choose_cpu(loop);
    ds__overflow_begin();
    return true;
}

/* Joins the threads that have ended, except the one that asks.  Each has given
 * its baton away, so it is on its way out and this does not take long. */
static void reap(ds__thread_crew *crew)
{
    ds__link *link = crew->ended.next;

    while (link != &crew->ended) {
        ds__thread *thread = ds__container(link, ds__thread, ended);
        link = link->next;
        if (pthread_equal(thread->id, pthread_self()))
            continue;
        pthread_join(thread->id, NULL);
        ds__list_remove(&thread->ended);
    }
}

/* The new thread would be in the way of joining the old one. */
static void settle(ds_handle *h)
{
    if (ds__list_empty(&thread_of(h)->ended))
        return;
    pthread_join(thread_of(h)->id, NULL);
    ds__list_remove(&thread_of(h)->ended);
}

static void end(ds_loop *loop)
{
    reap(crew_of(loop));
    assert(ds__list_empty(&crew_of(loop)->ended));
    ds__overflow_end();
    pthread_attr_destroy(&crew_of(loop)->attr);
    if (crew_of(loop)->cpu >= 0)
        atomic_store(&pinning, 0);
}

/* ---- The baton ------------------------------------------------------------*/

/* Debuggers and top(1) show it; the system keeps 15 bytes. */
static void take_name(const ds_handle *h)
{
    char name[16];

    if (h->name != NULL)
        ds__format(name, sizeof(name), "%s", h->name);
    else
        ds__format(name, sizeof(name), "ds-%llu",
                   (unsigned long long)h->number);
    pthread_setname_np(pthread_self(), name);
}

/* The body has called pthread_exit().  What it should have done by returning
 * is done for it, with the baton. */
static void has_exited(void *arg)
{
    ds_handle *h = arg;

    if (thread_of(h)->beside)
        ds__park_wait(&thread_of(h)->park);
    thread_of(h)->beside = false;
    ds__end_exited(h);
    ds__overflow_leave();
}

static void *thread_main(void *arg)
{
    ds_handle *h = arg;

    thread_of(h)->id = pthread_self();
    take_name(h);
    ds__overflow_own_stack();
    ds__overflow_enter();
    pthread_cleanup_push(has_exited, h);
    ds__run_body(h);
    pthread_cleanup_pop(0);
    ds__overflow_leave();
    return NULL;
}

static void *first_thread_main(void *arg)
{
    ds_handle *h = arg;

    go_to_baton(crew_of(h->loop));
    return thread_main(arg);
}

static void report_refusal(ds_loop *loop, const ds_handle *refused, int error)
{
    const size_t stack_size = ds__stack_size_of(refused);
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__limits_of_thread(&text, error, stack_size);
    ds__fail(loop, DS_ETHREAD,
             "ds_spawn: the system refuses to start thread %llu (%s) while "
             "%zu run, with a stack of %zu bytes: %s",
             (unsigned long long)refused->number, strerror(error),
             ds__count_live(loop) - 1, stack_size, buf);
}

/* Creates a thread with its size of stack.  From that moment on it may have
 * the baton, so what comes after it touches only what is the caller's. */
static int create(ds_handle *to, void *(*fn)(void *arg))
{
    const pthread_attr_t *usual = &crew_of(to->loop)->attr;
    pthread_attr_t attr;
    pthread_t id;

    if (to->stack_size == 0)
        return pthread_create(&id, usual, fn, to);
    int error = pthread_attr_init(&attr);
    if (error != 0)
        return error;
    pthread_attr_setguardsize(&attr, ds__guard_size());
    error = pthread_attr_setstacksize(&attr, to->stack_size);
    if (error == 0)
        error = pthread_create(&id, &attr, fn, to);
    pthread_attr_destroy(&attr);
    return error;
}

/* From the moment of its creation the new thread has the baton. */
static bool start(ds_handle *from, ds_handle *to)
{
    ds_loop *loop = to->loop;
    bool first = from == &loop->main;

    reap(crew_of(loop));
    int error = create(to, first ? first_thread_main : thread_main);
    if (error == 0)
        return true;

    report_refusal(loop, to, error);
    ds__never_start(to);
    return false;
}

static bool hand_over(ds_handle *from, ds_handle *to)
{
    if (to->state == DS__NEW)
        return start(from, to);
    ds__park_wake(&thread_of(to)->park);
    return true;
}

static bool pass(ds_handle *from, ds_handle *to)
{
    assert(from != to && to->state != DS__ENDED);
    if (!hand_over(from, to))
        return false;
    ds__park_wait(&thread_of(from)->park);
    return true;
}

static bool leave(ds_handle *from, ds_handle *to)
{
    assert(from->state == DS__ENDED && to->state != DS__ENDED);
    if (ds__list_empty(&thread_of(from)->ended))
        ds__list_append(&crew_of(from->loop)->ended, &thread_of(from)->ended);
    return hand_over(from, to);
}

static void work_beside(ds_handle *h, void (*fn)(void *arg), void *arg)
{
    ds__thread_crew *crew = crew_of(h->loop);
    int cpu = go_to_work(crew);

    assert(!thread_of(h)->beside);
    thread_of(h)->beside = true;
    fn(arg);
    thread_of(h)->beside = false;
    return_from_work(crew, cpu);
}

/* The baton may come back while fn still runs: then whoever gave it has no one
 * to wait for but this thread, and the clock stands still until fn is done.
 * Whether the run is over must be asked while the baton is still here. */
static void compute(ds_handle *from, void (*fn)(void *arg), void *arg)
{
    ds_loop *loop = from->loop;
    ds_handle *to;
    bool over;

    do {
        to = ds__next_holder(loop);
        over = ds__gone(from);
    } while (to != from && !hand_over(from, to));

    if (to == from) {
        if (!over)
            fn(arg);
        return;
    }
    if (!over)
        work_beside(from, fn, arg);
    ds__park_wait(&thread_of(from)->park);
}

const ds__exec ds__exec_threads = {
    .crew_size = sizeof(ds__thread_crew),
    .stack_possible = stack_possible,
    .task_init = task_init,
    .task_free = task_free,
    .settle = settle,
    .begin = begin,
    .end = end,
    .pass = pass,
    .leave = leave,
    .compute = compute,
    .rename = take_name,
};
