/* What the event loop offers to the layers above it, besides <distsys/loop.h>.
 *
 * Everything here is called with the baton, or while the loop does not run,
 * unless it says otherwise. */
#ifndef DS_LOOP_LOOP_H
#define DS_LOOP_LOOP_H

#include <distsys/loop.h>

#include "base/list.h"
#include "base/text.h"
#include "loop/agenda.h"
#include "loop/event.h"
#include "loop/probe.h"
#include "loop/queue.h"
#include "loop/scope.h"

/* ---- Failure --------------------------------------------------------------*/

/* Ends the run, or prevents the next one; the first reason sticks.  Any thread
 * may call it at any time.  A NULL loop is allowed: a constructor has failed
 * before, and ds_loop_run(NULL) will say so. */
__attribute__((cold, format(printf, 3, 4))) void
ds__fail(ds_loop *loop, ds_status status, const char *format, ...);

__attribute__((cold)) void ds__vfail(ds_loop *loop, ds_status status,
                                     const char *format, va_list args);

/* The same for "CALL: out of memory". */
__attribute__((cold)) void ds__fail_memory(ds_loop *loop, const char *call);

/* Why the run is going to end; empty: nobody has said. */
const char *ds__fail_text(const ds_loop *loop);

bool ds__over(const ds_loop *loop); /* for all */

/* Whether it is over for one thread: its blocking calls fail, what it sends is
 * dropped. */
bool ds__gone(const ds_handle *h);

/* ---- Who may call ---------------------------------------------------------*/

/* Whether the calling thread is h's, holds the baton and is in its body.  If
 * not, that is misuse of call, the name of a public function. */
bool ds__enter(ds_handle *h, const char *call);

/* The same for a call that only asks, and so is no crash point. */
bool ds__ask(ds_handle *h, const char *call);

/* Whether the caller may build things that belong to the loop: anyone before
 * and between runs, only the holder of the baton during one.  False, and
 * nothing to report, if loop is NULL. */
bool ds__may_build(ds_loop *loop, const char *call);

/* Whether the caller may do to networks what an operation of one may: as above,
 * and inside one.  The question alone; the text is the caller's. */
bool ds__may_touch(const ds_loop *loop);

/* The same around something that is done; if it is true, end it.  A run does
 * not begin in between. */
bool ds__touch_begin(ds_loop *loop);
void ds__touch_end(ds_loop *loop);

/* Around each operation of a network, and whatever else is called for the loop
 * by whichever thread has the baton.  What begin returns is for end. */
const ds_loop *ds__operation_begin(const ds_loop *loop);
void ds__operation_end(const ds_loop *before);

/* Around what is done to machines by none of the bodies, by whichever thread
 * has the baton: it may build, and is no simulated thread meanwhile.  What
 * begin returns is for end. */
ds_handle *ds__acting_begin(const ds_loop *loop);
void ds__acting_end(ds_handle *before);
bool ds__acting(const ds_loop *loop);

/* The handle of the simulated thread that is calling; NULL: it is none. */
ds_handle *ds__self(void);

/* A thread whose body runs a network's operation may not call the loop through
 * its handle meanwhile. */
void ds__close_handle(ds_handle *h);
void ds__open_handle(ds_handle *h);

/* ---- What goes with the loop ----------------------------------------------*/

/* Freed by ds_loop_free(), the newest first, after every payload that is still
 * in the agenda. */
typedef struct ds__resident ds__resident;
struct ds__resident {
    ds__resident *next;
    void (*free)(ds__resident *self);

    /* Adds lines, "\n  ...", to the report of a deadlock; or NULL. */
    void (*report)(const ds__resident *self, ds__text *text);

    /* Asserts its invariants, for DISTSYS_CHECK=1; or NULL. */
    void (*check)(const ds__resident *self);

    /* Is told, by the holder of the baton, that all threads but daemons have
     * returned and the run would end as DS_OK.  May fail it; or NULL. */
    void (*ended)(ds__resident *self);

    /* How many messages have been sent by what it is about; or NULL. */
    uint64_t (*messages)(const ds__resident *self);
};

void ds__loop_keep(ds_loop *loop, ds__resident *resident);

/* The same for memory that payloads lie in: freed after all other residents,
 * which may still have some. */
void ds__loop_keep_longest(ds_loop *loop, ds__resident *resident);

/* One pointer that the layer above may keep with the loop. */
void *ds__loop_annex(const ds_loop *loop);

/* The same for who has the baton of the loop; NULL for all others.  The loop
 * may have gone, since nothing of it is read before that is known. */
void *ds__own_annex(const ds_loop *loop);
void ds__loop_set_annex(ds_loop *loop, void *annex);

/* Who is told what threads say of themselves, see <distsys/observe.h>; NULL:
 * nobody. */
struct ds_observer;
struct ds_observer *ds__loop_observer(const ds_loop *loop);
void ds__loop_set_observer(ds_loop *loop, struct ds_observer *observer);

uint64_t ds__loop_events(const ds_loop *loop);   /* that have happened */
uint64_t ds__loop_messages(const ds_loop *loop); /* that have been sent */

/* The trial that it is of, see <distsys/explore.h>; NULL: none. */
struct ds_trial;
struct ds_trial *ds__loop_trial(const ds_loop *loop);
void ds__loop_set_trial(ds_loop *loop, struct ds_trial *trial);

/* Uniform in [0, 1), from the loop's seed. */
double ds__loop_random(const ds_loop *loop, int kind, uint64_t who,
                       uint64_t count);
uint64_t ds__loop_seed(const ds_loop *loop);

/* Half of the key of such draws, for ds__rng_whole(); good for this instant. */
uint64_t ds__loop_half(const ds_loop *loop, int kind, uint64_t who);

/* From now on whatever is drawn from the loop's seed is drawn from a mix of
 * that and this number, and so is the order of simultaneous events. */
void ds__loop_reseed(ds_loop *loop, uint64_t number);

/* Something is to come that will spawn threads which keep the run alive, and so
 * keeps it alive itself; and when it has come, or will not. */
void ds__loop_expect(ds_loop *loop);
void ds__loop_expect_no_more(ds_loop *loop);

/* ---- Threads --------------------------------------------------------------*/

ds_handle *ds__spawn(ds_loop *loop, ds_thread_fn *fn, void *arg, bool daemon,
                     const char *call); /* NULL: refused, and recorded */

__attribute__((format(printf, 2, 3))) bool
ds__set_handle_name(ds_handle *h, const char *format, ...);

uint64_t ds__handle_number(const ds_handle *h); /* from 1, as spawned */

/* Whether it is still that of the thread of this number, which has not
 * returned. */
bool ds__handle_is_alive(const ds_handle *h, uint64_t number);

uint64_t ds__handle_place(const ds_handle *h); /* from 0, in the present life of
                                                * where it belongs */

/* From now on h draws the random numbers of who, from the first one on. */
void ds__draw_as(ds_handle *h, int kind, uint64_t who);

/* Whether somebody listens to the loop of a handle. */
bool ds__handle_is_watched(const ds_handle *h);

/* What its time goes into, for who listens: the name of an operator, or NULL.
 * Returns what it was before. */
const char *ds__set_work(ds_handle *h, const char *name);

/* Tells whom a thread waits for: it goes on as soon as any of them does what it
 * is to do, and not before.  Returns how many they are; 0: that is not known.
 */
#define DS__MAX_WHOM 12
typedef size_t ds__whom_fn(const void *arg, ds_handle *whom[DS__MAX_WHOM]);

/* Sets what a report says of h while it waits, beside what the program says by
 * ds_set_note(); either function may be NULL. */
void ds__set_note(ds_handle *h, ds_note_fn *fn, ds__whom_fn *whom,
                  const void *arg);

/* Where a thread belongs, and its time of day. */
ds__scope *ds__handle_scope(const ds_handle *h);
double ds__handle_clock(const ds_handle *h);

/* ---- Streams --------------------------------------------------------------*/

/* One thread's place in the line of one stream. */
typedef struct ds__place {
    uint64_t number; /* who came first has the lesser one */
    struct ds__wait *wait;
} ds__place;

/* Events that have happened and that nobody has received wait in queue, the
 * oldest first; threads that poll have places in line, in no order.  Invariant:
 * queue or line is empty, except while a thread that was woken has not left the
 * line yet.  Where nobody may wait the line has no places, max_places is 0, so
 * that only who finds no place need ask why. */
struct ds_stream {
    /* First, in one cache line, what each event touches. */
    ds_loop *loop;
    uint32_t number;    /* from 1, in the order of making */
    bool reserved;      /* for networks: ds_schedule() is misuse */
    bool freed;         /* loop is NULL, and what arrives is dropped */
    uint16_t under_way; /* events that have not arrived; at most this many, if
                         * it is UINT16_MAX; means nothing if reserved */
    ds__queue queue;
    ds__place *line;
    uint32_t num_places;
    uint32_t max_places;
    ds__place one_place; /* line points here until it needs more */

    uint64_t draws; /* how often a receiver has been drawn */
    char *name;     /* or NULL */
    void (*describe)(const ds_stream *stream, ds__text *text); /* or NULL */
    ds_stream *next;  /* of those from ds_stream_new() */
    ds_stream *spare; /* ... which wait for being used again */
};

/* For streams inside other things. */
void ds__stream_init(ds_stream *stream, ds_loop *loop);
void ds__stream_clear(ds_stream *stream); /* frees payloads, name, waiters */
void ds__stream_drop_queue(ds_stream *stream); /* what nobody has received */

/* Schedules without a handle: the same as ds_schedule() after its checks, so
 * seconds is finite and not negative.  False, and the payload freed, if the
 * run is over or there is no memory, which is recorded. */
bool ds__post(ds_loop *loop, ds_stream *stream, double seconds, void *data,
              ds_free_fn *free, ds_timer *timer, const char *call);

/* The same for an event that is embedded in its payload and not pending. False:
 * nothing has happened, and the payload is still the caller's. */
bool ds__post_embedded(ds_loop *loop, ds_stream *stream, double seconds,
                       ds__event *event, const char *call);

/* Whether threads may wait for a stream; nobody does when this is called. */
void ds__stream_open_line(ds_stream *stream, bool open);

/* ds_schedule() by a scope, and none of its threads: with the same checks of
 * what is asked for, which is in the scope's own seconds. */
ds_timer ds__scope_schedule(ds__scope *scope, ds_stream *to, double seconds,
                            void *data, ds_free_fn *free, const char *call);

/* Notes that what has arrived at a stream, and is the message of this name, is
 * received by what is no thread: for the digest, and for who listens. */
void ds__handled(ds_loop *loop, const ds_stream *stream, uint64_t message);

/* What is called for each event that is about to arrive at a port, if there are
 * guards or the loop is watched: true lets it go on, false has taken it over.
 */
typedef bool ds__gate_fn(ds__event *event);
void ds__loop_set_gate(ds_loop *loop, ds__gate_fn *gate, bool guarded);

/* From now on it is asked about each. */
void ds__loop_guard(ds_loop *loop);

/* Has the report of a time limit name the threads that keep the run alive. */
void ds__loop_name_late(ds_loop *loop);

/* From now on it listens to the loop, too, and stays the caller's unless it
 * says how to free it. */
void ds__loop_watch(ds_loop *loop, ds__probe *probe);

/* Whether anybody who listens wants to hear of the steps of collectives. */
bool ds__loop_wants_steps(const ds_loop *loop);

/* Returns the name of the message that a payload of a port is; 0: it has none.
 */
typedef uint64_t ds__name_fn(const void *payload);
void ds__loop_set_names(ds_loop *loop, ds__name_fn *name_of);

/* Where it says who listens to the loop; NULL is there if nobody does. */
ds__probe *const *ds__loop_probe(const ds_loop *loop);

/* Tells who listens, if anybody does, what something is called.  Rare, so that
 * it need not be inline. */
void ds__tell_name(ds_loop *loop, ds__named_what what, uint32_t number,
                   const char *name);

/* ds_poll_timeout() under the name of another call; without a timeout if
 * seconds is INFINITY.  The caller has checked everything but the streams. */
bool ds__poll(ds_handle *h, ds_stream *const *streams, size_t n, double seconds,
              ds_event *event, const char *call);

/* Misuse unless seconds is a number that is not negative, and finite unless
 * it may be infinite. */
bool ds__check_seconds(ds_loop *loop, double seconds, bool infinite,
                       const char *call);

/* until.c: how long to wait until h's clock shows this time, which is 0 if it
 * has passed.  False, and misuse: it is no number, or infinite where it may not
 * be. */
bool ds__seconds_until(ds_handle *h, double time, bool infinite,
                       const char *call, double *seconds);

/* ---- Alarms ---------------------------------------------------------------*/

/* Rings once at the time it was last set to, after the events and before the
 * timeouts of its instant; alarms of one instant ring in the order of their
 * numbers, which no two have in common. */
typedef struct ds__alarm ds__alarm;
struct ds__alarm {
    ds__due due;
    uint64_t number;
    void (*ring)(ds__alarm *self);
};

/* Sees to it that setting the alarm needs no memory; false: there is none. */
bool ds__alarm_init(ds__alarm *alarm, ds_loop *loop, uint64_t number,
                    void (*ring)(ds__alarm *));

/* The same for one that rings before all else that happens at its instant;
 * there is one at most. */
bool ds__alarm_init_first(ds__alarm *alarm, ds_loop *loop,
                          void (*ring)(ds__alarm *));

/* Replaces what was set before; INFINITY: never. */
void ds__alarm_set(ds_loop *loop, ds__alarm *alarm, double seconds);
void ds__alarm_set_to(ds_loop *loop, ds__alarm *alarm, double time);

#endif
