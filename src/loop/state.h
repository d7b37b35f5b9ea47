/* The structs behind a loop and its handles, private to src/loop. */
#ifndef DS_LOOP_STATE_H
#define DS_LOOP_STATE_H

#include <assert.h>
#include <fenv.h>
#include <float.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/rng.h"
#include "loop/ahead.h"
#include "loop/budget.h"
#include "loop/dump.h"
#include "loop/event.h"
#include "loop/exec.h"
#include "loop/loop.h"
#include "loop/outcome.h"
#include "loop/outside.h"
#include "loop/probe.h"
#include "loop/scope.h"
#include "loop/watchdog.h"

/* One thread's wait for one stream. */
typedef struct ds__wait {
    ds_handle *handle;
    ds_stream *stream;
    uint32_t place; /* in the stream's line */
} ds__wait;

typedef enum ds__handle_state {
    DS__NEW,       /* spawned; its body has not started */
    DS__RUNNING,   /* it has the baton, and its body the processor */
    DS__CLOSED,    /* it has the baton, and a network's operation the rest */
    DS__COMPUTING, /* its function runs beside the simulation */
    DS__WAITING,   /* parked, or looking for who is next */
    DS__ENDED,     /* its body has returned, or will never start */
} ds__handle_state;

/* One simulated thread.  Lives as long as the loop, for one thread after the
 * other: when one has ended, one that is spawned later takes it over.
 *
 * loop never changes, and number only with the loop's lock; any thread may read
 * them so, since misuse from anywhere is reported.  The rest belongs to the
 * holder of the baton.
 * Invariants, which ds__roster_check() asserts: one that has started and has
 * not ended is by its link in loop->leaving if it is gone, else in loop->live,
 * and all others are in neither.  One that is NEW is by its turn in loop->ready
 * or in its scope's held, and so is one whose scope was paused when its turn
 * came; all others are in neither.  due is in the agenda only while WAITING or
 * COMPUTING. */
struct ds_handle {
    /* First what each event touches, so that it lies in few cache lines. */
    ds_loop *loop;
    uint64_t number; /* from 1, in the order of spawning; 0: ds_loop_run() */

    /* What it waits for, from block() until it goes on. */
    ds__handle_state state;
    ds__due due;    /* a wake-up or a timeout */
    bool rang;      /* ... which has come */
    bool gone;      /* its scope has ended */
    ds__event *got; /* the event that woke it, until it has received it */
    ds__scope *scope;
    ds__wait *waits; /* in which lines of streams */
    size_t num_waits;
    ds__wait one_wait; /* waits points here until it needs more */
    size_t max_waits;
    double since;
    _Atomic(const char *) call; /* the last one, NULL: none yet */
    ds__task task;              /* what runs it: see exec.h */

    atomic_bool computing; /* it and call are also for the watchdog */
    bool daemon;
    bool stuck; /* see circle.c */
    ds_thread_fn *fn;
    void *arg;
    char *name;
    ds_note_fn *note;  /* says in a report what it waits for; or NULL */
    ds__whom_fn *whom; /* ... and for whom; or NULL */
    const void *note_arg;
    ds_note_fn *own_note; /* the same, said by the program */
    const void *own_note_arg;
    ds_whom_fn *own_whom;
    const void *own_whom_arg;
    size_t stack_size; /* in bytes, whole pages; 0: that of the loop */
    const char *work;  /* the operator that it works for, or NULL */
    uint64_t draws;    /* how often it has asked for a random number */
    uint64_t draws_of; /* ... and whose these are */
    int draws_kind;    /* likewise */
    uint64_t place;    /* from 0, in this life of its scope */
    ds__link link;     /* in loop->live or loop->leaving */
    ds__link turn;     /* in loop->ready or scope->held */
    ds_handle *next;   /* in loop->made */
    ds_handle *spare;  /* in loop->spare, from ENDED until it is used again */
};

typedef struct ds__failure {
    ds_status status;
    char text[8192];
} ds__failure;

/* One simulation.  The middle part belongs to the holder of the baton during a
 * run, and to the caller outside. */
struct ds_loop {
    /* Fixed when it is made. */
    ds_loop_config config;
    const ds__exec *exec;
    bool pin;
    bool abort; /* a failure stops the program, for a debugger */
    bool walks; /* ds__checking() */
    int report; /* the file of its outcomes, -1: none; see outcome.h */

    double now;
    ds__agenda agenda;
    ds__event_pool events;
    ds__ahead ahead;
    ds__budget budget;
    uint64_t digest;
    uint64_t seed; /* of all that is drawn; at first that of config */
    uint64_t keys[DS__NUM_RNG_KINDS]; /* ... as each kind of draw needs it */
    uint64_t num_handles;
    uint32_t num_streams;
    uint64_t num_waits;   /* places in line given out so far */
    size_t regulars;      /* NEW or live ones that are no daemons */
    size_t expected;      /* things that will spawn such */
    size_t num_paused;    /* scopes */
    size_t num_counting;  /* scopes that count calls */
    ds__link ready;       /* may go on: spawned, in that order; or resumed */
    ds__link live;        /* started, in that order */
    ds__link leaving;     /* started, and gone, in the order of unwinding */
    ds__scope scope;      /* of those that are in no other */
    ds__probe *probe;     /* who listens, or NULL */
    ds_handle *made;      /* all of them */
    ds_handle *spare;     /* those that have ended, the last one first */
    ds_handle *departing; /* the last whose body has returned, or NULL */
    ds_stream *streams;
    ds_stream *spare_streams;
    ds__resident *residents;
    void *annex;
    struct ds_observer *observer; /* the newest, or NULL */
    struct ds_trial *trial;       /* or NULL */
    ds__gate_fn *gate;    /* of ports; NULL: there are none that are in use */
    bool guarded;         /* it is to be asked */
    ds__name_fn *name_of; /* messages at ports; NULL likewise */
    ds_handle main;       /* whoever called ds_loop_run(), as one who waits */
    fenv_t modes;     /* of floating point, of whoever called ds_loop_run() */
    pthread_t runner; /* which called it, while rests is true */
    bool rests;       /* a run has begun, and nobody has the baton */
    ds__past past;    /* before it began, for who hears how it ends */
    ds__watchdog watchdog;
    ds__dump dump;
    void *crew; /* what the execution keeps for a run */

    /* Any thread.  over is set with the lock held, or by the baton's holder;
     * between runs it means that the next one has failed already.
     *
     * Invariant: urgent is true if anything comes before the agenda: over is
     * true, something has come in from outside, leaving or ready is not empty,
     * or regulars and expected are 0 and the run is not to rest.  Whoever
     * brings that about sets it afterwards, so that one look is enough for all
     * who only want to go on. */
    atomic_bool urgent;
    ds__outside outside;
    atomic_bool going;   /* ds_loop_free() has begun */
    atomic_int visitors; /* threads that touch it outside a run */
    atomic_bool running;
    atomic_bool over;
    pthread_mutex_t lock;

    /* At the end: see ds_loop_new(). */
    ds__failure pending; /* under the lock: why the run ends */
    ds__failure last;    /* what ds_loop_run() returned */
};

/* fail.c: the reason of a failure, written piece by piece where it will stay,
 * since the stack of a simulated thread may be too small for it.  False: there
 * is one already, and nothing to close.  Other threads that fail wait in
 * between. */
bool ds__fail_open(ds_loop *loop, ds_status status, ds__text *text);
void ds__fail_close(ds_loop *loop);

/* self.c: the handle that the calling thread is, NULL outside simulated
 * threads.  All fibers of a run are on one thread of the system, so it does not
 * matter when the address of this is worked out. */
extern _Thread_local ds_handle *ds__here
    __attribute__((tls_model("initial-exec")));

/* name.c: what ds_set_name() does; false: no memory for it. */
bool ds__give_name(ds_handle *h, const char *name, const char *call);

/* How a report calls one, such as: thread 3 "server"; with the loop's lock, or
 * by who has the baton. */
void ds__handle_describe(const ds_handle *h, ds__text *text);

/* roster.c: how many threads have started and not ended. */
size_t ds__count_live(const ds_loop *loop);

/* Puts a thread that has just been spawned into a scope, instead of the one
 * that it may be in already. */
void ds__enrol(ds_handle *h, ds__scope *scope);

/* Takes the first of those that are ready.  NULL: its scope is paused, and
 * holds it from now on. */
ds_handle *ds__start_next(ds_loop *loop);

/* Holds a thread that has been woken, since its scope is paused. */
void ds__hold(ds_handle *h);

/* Tells a live thread that for it all is over: it will be unwound.  The same
 * for all of them. */
void ds__leave(ds_handle *h);
void ds__leave_all(ds_loop *loop);

/* Whose turn it is to be unwound, or NULL. */
ds_handle *ds__unwind_next(const ds_loop *loop);

/* Takes one whose body has returned, or one that will never start, out of the
 * simulation. */
void ds__retire(ds_handle *h);
void ds__never_start(ds_handle *h);

void ds__roster_free(ds_loop *loop);

/* config.c: checks what the loop was made with, reads the environment, and
 * chooses the execution. */
void ds__configure(ds_loop *loop);

/* Rounds up to whole pages of the system. */
size_t ds__whole_pages(size_t size);

/* run.c: finds out who has the baton next, letting time pass if nobody else
 * can go on; never NULL, it is loop->main when all is over. */
ds_handle *ds__next_holder(ds_loop *loop);

/* Ends a run that rests; false: this thread of the system must not. */
bool ds__run_end_rest(ds_loop *loop);

/* What a simulated thread does from its first to its last moment; the caller
 * is what runs it, and has nothing more to do when it returns. */
void ds__run_body(ds_handle *h);

/* Ends the run, and h, whose body has called pthread_exit(); with the baton.
 * The caller has nothing more to do when it returns. */
void ds__end_exited(ds_handle *h);

/* stream.c: event has happened.  Returns the thread that receives it, or NULL
 * if it was queued. */
ds_handle *ds__stream_arrive(ds_loop *loop, ds__event *event);

/* An event that is in the agenda will not happen; its payload is dropped. */
void ds__call_off(ds_loop *loop, ds__event *event);

bool ds__stream_grow_line(ds_stream *stream); /* false: no memory */
void ds__stream_describe(const ds_stream *stream, ds__text *text);

/* probe.c: asks all who listen to do that; false: one of them cannot begin. */
bool ds__probes_begin(ds_loop *loop);
void ds__probes_end(ds_loop *loop);
void ds__probes_show(ds_loop *loop);
void ds__probes_free(ds_loop *loop);

/* Returns how large the stack of h is, or is to be, in bytes. */
static inline size_t ds__stack_size_of(const ds_handle *h)
{
    return h->stack_size == 0 ? h->loop->config.stack_size : h->stack_size;
}

/* report.c: adds what a waiting thread waits for. */
void ds__report_wanted(const ds_handle *h, ds__text *text);

/* Adds a line on what a thread does or waits for. */
void ds__report_thread(const ds_handle *h, ds__text *text);

/* Adds lines on those that keep the run alive, as many as fit. */
void ds__report_late(const ds_loop *loop, ds__text *text);

/* circle.c: adds a line on who waits for whom in a circle, if any do.  All that
 * are live wait. */
void ds__report_circle(ds_loop *loop, ds__text *text);

/* Returns for how many threads h waits, so that any of them can wake it, and
 * puts them there; 0: that is not known. */
size_t ds__waits_for(const ds_handle *h, ds_handle *whom[DS__MAX_WHOM]);

/* Ends the run with a list of who waits for what. */
void ds__report_deadlock(ds_loop *loop);

/* check.c: asserts what stands above the structs, of all that a loop has. */
void ds__loop_check(const ds_loop *loop);
void ds__roster_check(const ds_loop *loop);
void ds__stream_check(const ds_stream *stream);

/* ---- What is asked often --------------------------------------------------*/

/* ds__over() and ds__gone() for those who can look inside. */
static inline bool ds__is_over(const ds_loop *loop)
{
    return atomic_load_explicit(&loop->over, memory_order_acquire);
}

static inline bool ds__is_urgent(const ds_loop *loop)
{
    return __builtin_expect(
        atomic_load_explicit(&loop->urgent, memory_order_acquire), 0);
}

static inline void ds__make_urgent(ds_loop *loop)
{
    atomic_store_explicit(&loop->urgent, true, memory_order_release);
}

static inline void ds__set_over(ds_loop *loop)
{
    atomic_store(&loop->over, true);
    ds__make_urgent(loop);
}

/* One that is gone is in loop->leaving, and so that is urgent. */
static inline bool ds__is_gone(const ds_handle *h)
{
    return ds__is_urgent(h->loop) && (h->gone || ds__is_over(h->loop));
}

static inline void ds__set_self(ds_handle *h)
{
    ds__here = h;
}

/* ds__enter(), which is asked only if it might refuse. */
static inline bool ds__let_in(ds_handle *h, const char *call)
{
    if (__builtin_expect(h == NULL || h != ds__here ||
                             h->state != DS__RUNNING ||
                             h->loop->num_counting > 0,
                         0))
        return ds__enter(h, call);
    atomic_store_explicit(&h->call, call, memory_order_relaxed);
    return true;
}

/* ds__ask() likewise: of calls that are not counted. */
static inline bool ds__ask_in(ds_handle *h, const char *call)
{
    if (__builtin_expect(h == NULL || h != ds__here || h->state != DS__RUNNING,
                         0))
        return ds__ask(h, call);
    atomic_store_explicit(&h->call, call, memory_order_relaxed);
    return true;
}

/* ds__check_seconds() of what must be finite, likewise. */
static inline bool ds__check_finite(ds_loop *loop, double seconds,
                                    const char *call)
{
    return (seconds >= 0 && loop->now + seconds <= DBL_MAX) ||
           ds__check_seconds(loop, seconds, false, call);
}

/* Whether it pays to look ahead: see ahead.h. */
#define DS__MANY_THREADS 2000

static inline bool ds__looks_ahead(const ds_loop *loop)
{
    return loop->num_handles >= DS__MANY_THREADS && loop->exec->fetch != NULL;
}

/* Gives the baton up until it comes back to h. */
static inline void ds__yield(ds_handle *h)
{
    ds_loop *loop = h->loop;
    ds_handle *to;

    do {
        to = ds__next_holder(loop);
    } while (to != h && !loop->exec->pass(h, to));
}

static inline bool ds__is_watched(const ds_loop *loop)
{
    return __builtin_expect(loop->probe != NULL, 0);
}

/* A wait takes a place in line; false: no memory. */
static inline bool ds__stream_join(ds_stream *stream, ds__wait *wait,
                                   uint64_t number)
{
    if (stream->num_places == stream->max_places &&
        !ds__stream_grow_line(stream))
        return false;
    wait->stream = stream;
    wait->place = stream->num_places++;
    stream->line[wait->place] = (ds__place){ number, wait };
    return true;
}

/* It gives the place up again, which the last one in the array takes. */
static inline void ds__stream_leave(const ds__wait *wait)
{
    ds_stream *stream = wait->stream;

    assert(stream->line[wait->place].wait == wait);
    ds__place last = stream->line[--stream->num_places];

    stream->line[wait->place] = last;
    last.wait->place = wait->place;
}

/* Each that h waits in. */
static inline void ds__stream_leave_all(ds_handle *h)
{
    for (size_t i = 0; i < h->num_waits; i++)
        ds__stream_leave(&h->waits[i]);
    h->num_waits = 0;
}

#endif
