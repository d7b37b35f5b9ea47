/* The watchdog; see the header.
 *
 * It looks at a counter now and then.  What it reads of others is atomic or
 * never changes, names are copied under the loop's lock, and it changes
 * nothing, so that a run is the same with it and without. */

#include "loop/watchdog.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loop/limits.h"
#include "loop/state.h"

#define LOOKS    8     /* for each span that it waits */
#define PACE     0.05  /* ... or so often, if a signal may come */
#define TAIL     256   /* bytes kept free for what comes after a name */
#define MAX_REST 86400 /* between looks; a time_t holds no number at all */

static double real_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct timespec to_timespec(double seconds)
{
    struct timespec time = { .tv_sec = (time_t)seconds };

    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    return time;
}

/* A name may be of any length; what comes after it must get through. */
static void add_name(ds_loop *loop, const ds_handle *h, ds__text *text)
{
    text->size -= TAIL;
    pthread_mutex_lock(&loop->lock);
    ds__handle_describe(h, text);
    pthread_mutex_unlock(&loop->lock);
    text->size += TAIL;
}

static void add_last_call(const ds_handle *h, ds__text *text)
{
    const char *call = atomic_load_explicit(&h->call, memory_order_relaxed);

    if (call == NULL)
        ds__text_add(text, "; it has called nothing yet\n");
    else
        ds__text_add(text, "; its last call was %s()\n", call);
}

static void add_work(ds_loop *loop, const ds_handle *h, double since,
                     ds__text *text)
{
    if (ds__over(loop))
        ds__text_add(text, "the simulation is over since %.9g s, but waits",
                     since);
    else
        ds__text_add(text, "the clock waits at %.9g s", since);
    ds__text_add(text, " for the work that ");
    add_name(loop, h, text);
    ds__text_add(text, " does in ds_compute()\n");
}

static void add_body(ds_loop *loop, const ds_handle *h, double since,
                     ds__text *text)
{
    if (ds__over(loop)) {
        ds__text_add(text, "the simulation is over since %.9g s, but ", since);
        add_name(loop, h, text);
        ds__text_add(text, " does not return, although its calls return false");
    } else {
        add_name(loop, h, text);
        ds__text_add(text,
                     " has had the baton since %.9g s and does not give it up "
                     "(it works, loops, or waits for a lock)",
                     since);
    }
    add_last_call(h, text);
}

static void report(ds_loop *loop, double span)
{
    char buf[1024];
    ds__text text;
    const ds_handle *h = atomic_load(&loop->watchdog.holder);
    const double since = ds__watchdog_time(&loop->watchdog);

    if (h == NULL || h == &loop->main)
        return;
    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "distsys: nothing has happened for %g s: ", span);
    if (atomic_load_explicit(&h->computing, memory_order_relaxed))
        add_work(loop, h, since, &text);
    else
        add_body(loop, h, since, &text);
    fputs(buf, stderr);
}

/* Waits for a part of the span; false: the run is over. */
static bool pause_for(ds__watchdog *dog, double seconds)
{
    struct timespec until = to_timespec(real_time() + seconds);
    int error = 0;

    pthread_mutex_lock(&dog->lock);
    while (!dog->over && error == 0)
        error = pthread_cond_timedwait(&dog->wake, &dog->lock, &until);
    bool over = dog->over;
    pthread_mutex_unlock(&dog->lock);
    return !over;
}

/* True, once: for as long as that nothing has happened. */
static bool stalls(ds_loop *loop, double now)
{
    ds__watchdog *dog = &loop->watchdog;
    uint_fast64_t beats =
        atomic_load(&dog->beats) + ds__budget_events(&loop->budget);

    if (dog->told || loop->config.stall == 0)
        return false;
    if (beats != dog->seen) {
        dog->seen = beats;
        dog->since = now;
    } else if (now - dog->since >= loop->config.stall) {
        dog->told = true;
    }
    return dog->told;
}

static double choose_rest(const ds_loop *loop)
{
    double rest = MAX_REST;

    if (loop->config.stall > 0)
        rest = fmin(rest, loop->config.stall / LOOKS);
    return loop->dump.on ? fmin(rest, PACE) : rest;
}

static void *watch(void *arg)
{
    ds_loop *loop = arg;
    ds__watchdog *dog = &loop->watchdog;
    double rest = choose_rest(loop);

    dog->seen = 0;
    dog->since = real_time();
    dog->told = false;
    while (pause_for(dog, rest)) {
        double now = real_time();
        if (stalls(loop, now))
            report(loop, loop->config.stall);
        if (ds__dump_overdue(loop, now))
            report(loop, DS__DUMP_PATIENCE);
    }
    return NULL;
}

/* The program's signals are for its own threads. */
static int start(ds_loop *loop)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&loop->watchdog.thread, NULL, watch, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void destroy(ds__watchdog *dog)
{
    pthread_cond_destroy(&dog->wake);
    pthread_mutex_destroy(&dog->lock);
}

static void report_refusal(ds_loop *loop, int error)
{
    char buf[256];
    ds__text text;
    pthread_attr_t usual;
    size_t stack_size = 0;

    if (pthread_attr_init(&usual) == 0) {
        pthread_attr_getstacksize(&usual, &stack_size);
        pthread_attr_destroy(&usual);
    }
    ds__text_init(&text, buf, sizeof(buf));
    ds__limits_of_thread(&text, error, stack_size);
    ds__fail(loop, DS_ETHREAD,
             "ds_loop_run: the system refuses to start the watchdog (%s): %s",
             strerror(error), buf);
}

bool ds__watchdog_begin(ds_loop *loop)
{
    ds__watchdog *dog = &loop->watchdog;
    pthread_condattr_t monotonic;

    if (loop->config.stall == 0 && !loop->dump.on)
        return true;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dog->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&dog->lock, NULL);
    dog->over = false;

    ds__dump_begin(loop);
    int error = start(loop);
    dog->watching = error == 0;
    if (dog->watching)
        return true;
    ds__dump_end(loop);
    destroy(dog);
    report_refusal(loop, error);
    return false;
}

void ds__watchdog_end(ds_loop *loop)
{
    ds__watchdog *dog = &loop->watchdog;

    if (!dog->watching)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->over = true;
    pthread_mutex_unlock(&dog->lock);
    pthread_cond_signal(&dog->wake);
    pthread_join(dog->thread, NULL);
    ds__dump_end(loop);
    dog->watching = false;
    destroy(dog);
}
