/* What a thread does through its handle: poll, sleep, compute, and the calls
 * about itself. */

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "loop/state.h"

/* ---- What is told ---------------------------------------------------------*/

static inline void fold(ds_loop *loop, uint64_t thread, uint64_t stream)
{
    uint64_t seen;

    memcpy(&seen, &loop->now, sizeof(seen));
    seen += thread * UINT64_C(0x9e3779b97f4a7c15);
    seen += stream * UINT64_C(0xc2b2ae3d27d4eb4f);
    loop->digest = ds__mix(loop->digest * UINT64_C(0xff51afd7ed558ccd) + seen);
}

/* Takes the name out of an event that tells that a message has arrived, and
 * leaves it the data that the sender has given it. */
static uint64_t take_name(ds_event *event)
{
    uint64_t name = (uintptr_t)event->data;
    void *data = NULL;

    if (event->free == ds__about_with_data) {
        ds__about *about = event->data;
        name = about->name;
        data = about->data;
        free(about);
    }
    event->data = data;
    event->free = NULL;
    return name;
}

/* The message that an event is about, or 0. */
static uint64_t message_of(const ds_loop *loop, ds_event *event)
{
    if (event->stream->reserved)
        return loop->name_of == NULL ? 0 : loop->name_of(event->data);
    if (event->free == ds__about_message || event->free == ds__about_with_data)
        return take_name(event);
    return 0;
}

__attribute__((noinline)) static void
tell_seen(ds_handle *h, ds__tell_kind kind, ds_event *event)
{
    ds__record record = {
        .kind = kind,
        .flag = event == NULL ? DS__WOKEN_TIME : DS__WOKEN_EVENT,
        .who = h->number,
    };

    if (event != NULL) {
        record.a = event->stream->number;
        record.id = message_of(h->loop, event);
    }
    ds__tell(h->loop, &record);
}

/* Whatever a thread gets to see, an event or (NULL) the end of a wait, goes
 * through here: into the digest, and to who listens. */
static inline void seen(ds_handle *h, ds__tell_kind kind, ds_event *event)
{
    fold(h->loop, h->number, event == NULL ? 0 : event->stream->number);
    if (ds__is_watched(h->loop))
        tell_seen(h, kind, event);
}

void ds__handled(ds_loop *loop, const ds_stream *stream, uint64_t message)
{
    fold(loop, 0, stream->number);
    if (ds__is_watched(loop))
        ds__tell_probe(loop, (ds__record){ .kind = DS__TELL_TAKE,
                                           .flag = DS__WOKEN_EVENT,
                                           .a = stream->number,
                                           .id = message });
}

/* Whoever works for an operator may sleep that time away. */
__attribute__((noinline)) static void tell_wait(ds_handle *h, double seconds)
{
    ds__record record = {
        .kind = DS__TELL_WAIT,
        .who = h->number,
        .x = h->loop->now + ds__scope_span(h->scope, seconds),
        .text = atomic_load(&h->call),
    };

    if (h->num_waits > 0) {
        record.a = h->waits[0].stream->number;
        record.b = (uint32_t)h->num_waits;
    } else if (h->state == DS__COMPUTING || h->work != NULL) {
        record.kind = DS__TELL_COMPUTE;
        record.text = h->work;
    } else {
        record.kind = DS__TELL_SLEEP;
    }
    ds__tell(h->loop, &record);
}

__attribute__((noinline)) static void tell_over(ds_handle *h)
{
    ds__tell_probe(h->loop, (ds__record){ .kind = DS__TELL_WAKE,
                                          .who = h->number,
                                          .flag = DS__WOKEN_OVER });
}

/* ---- Waiting --------------------------------------------------------------*/

/* Something else than its time has come. */
__attribute__((noinline)) static void wake_early(ds_handle *h)
{
    ds__agenda_remove(&h->loop->agenda, &h->due);
    if (ds__is_watched(h->loop) && h->got == NULL)
        tell_over(h);
}

/* Call before and after each wait.  Afterwards h->got is the event, or h->rang
 * is true, or it is over for h and neither is set. */
static inline void block(ds_handle *h, ds__handle_state state, double seconds)
{
    h->state = state;
    h->since = h->loop->now;
    h->rang = false;
    if (ds__is_watched(h->loop))
        tell_wait(h, seconds);
    if (ds__looks_ahead(h->loop))
        ds__ahead_end(h->loop);
}

static inline void unblock(ds_handle *h)
{
    h->state = DS__RUNNING;
    if (ds__looks_ahead(h->loop))
        ds__ahead_begin(h->loop);
    if (!h->rang && (ds__due_pending(&h->due) || ds__is_watched(h->loop)))
        wake_early(h);
}

/* Its time has come: true, and seen; or it is over for h. */
static inline bool rang(ds_handle *h)
{
    if (!h->rang)
        return false;
    seen(h, DS__TELL_WAKE, NULL);
    return true;
}

/* When a wait of so many seconds of h's clock is over.  One that is too short
 * for the loop's clock to show takes it to the next double: whoever waits for a
 * moment again and again must get somewhere. */
__attribute__((noinline)) static double end_of_wait(const ds_handle *h,
                                                    double seconds)
{
    double now = h->loop->now;
    double span = ds__scope_span(h->scope, seconds);

    if (now + span == now && span > 0)
        return fmin(nextafter(now, INFINITY), DBL_MAX);
    return now + span;
}

static inline bool set_due(ds_handle *h, ds__due_kind kind, double time,
                           const char *call)
{
    h->due.kind = kind;
    if (ds__agenda_add(&h->loop->agenda, &h->due, time))
        return true;
    ds__fail_memory(h->loop, call);
    return false;
}

static bool reserve_waits(ds_handle *h, size_t n)
{
    if (n <= h->max_waits)
        return true;

    ds__wait *waits = calloc(n, sizeof(*waits));
    if (waits == NULL)
        return false;
    if (h->waits != &h->one_wait)
        free(h->waits);
    h->waits = waits;
    h->max_waits = n;
    return true;
}

/* Takes a place in the line of each stream. */
__attribute__((always_inline)) static inline bool
line_up(ds_handle *h, ds_stream *const *streams, size_t n)
{
    if (!reserve_waits(h, n))
        return false;

    for (size_t i = 0; i < n; i++) {
        h->waits[i].handle = h;
        if (!ds__stream_join(streams[i], &h->waits[i], h->loop->num_waits++)) {
            ds__stream_leave_all(h);
            return false;
        }
        h->num_waits++;
    }
    return true;
}

/* Says why h cannot wait for one of these. */
__attribute__((cold, noinline)) static void
refuse_to_wait(ds_handle *h, ds_stream *const *streams, size_t n,
               const char *call)
{
    for (size_t i = 0; i < n; i++)
        if (streams[i]->max_places == 0) {
            ds__fail(h->loop, DS_EMISUSE,
                     "%s: the port has a handler, which gets what arrives "
                     "there; nobody else can wait for it",
                     call);
            return;
        }
    ds__fail_memory(h->loop, call);
}

__attribute__((always_inline)) static inline bool
receive_pending(ds_handle *h, ds_stream *const *streams, size_t n,
                ds_event *event)
{
    for (size_t i = 0; i < n; i++)
        if (ds__queue_shift(&streams[i]->queue, event)) {
            ds__watchdog_beat(&h->loop->watchdog);
            seen(h, DS__TELL_TAKE, event);
            return true;
        }
    return false;
}

/* What it was woken for. */
__attribute__((always_inline)) static inline void receive_got(ds_handle *h,
                                                              ds_event *event)
{
    *event = h->got->payload;
    if (h->got->slot != DS__EMBEDDED)
        ds__event_put(&h->loop->events, h->got);
    h->got = NULL;
    seen(h, DS__TELL_WAKE, event);
}

/* For any number of streams, and for the one that mostly is meant. */
__attribute__((always_inline)) static inline bool
poll(ds_handle *h, ds_stream *const *streams, size_t n, double seconds,
     ds_event *event, const char *call)
{
    *event = (ds_event){ 0 };
    if (ds__is_gone(h))
        return false;
    if (receive_pending(h, streams, n, event))
        return true;

    atomic_store_explicit(&h->call, call, memory_order_relaxed);
    if (!line_up(h, streams, n)) {
        refuse_to_wait(h, streams, n, call);
        return false;
    }
    const ds__due_kind kind = n == 0 ? DS__DUE_WAKE : DS__DUE_TIMEOUT;
    if (isfinite(seconds) && !set_due(h, kind, end_of_wait(h, seconds), call)) {
        ds__stream_leave_all(h);
        return false;
    }
    block(h, DS__WAITING, seconds);
    ds__yield(h);
    unblock(h);
    ds__stream_leave_all(h);

    if (h->got == NULL)
        return rang(h);
    receive_got(h, event);
    return true;
}

bool ds__poll(ds_handle *h, ds_stream *const *streams, size_t n, double seconds,
              ds_event *event, const char *call)
{
    return n == 1 ? poll(h, streams, 1, seconds, event, call)
                  : poll(h, streams, n, seconds, event, call);
}

/* As if its turn had just come. */
void ds__stand_still(ds_handle *h)
{
    assert(h->scope->paused);
    block(h, DS__WAITING, 0);
    h->rang = true;
    ds__hold(h);
    ds__yield(h);
    unblock(h);
    rang(h);
}

/* ---- The blocking calls ---------------------------------------------------*/

static const char *fault_of(const ds_stream *stream, const ds_loop *loop)
{
    if (stream == NULL)
        return "is NULL";
    if (stream->loop == loop)
        return NULL;
    return stream->freed ? "has been freed" : "belongs to another loop";
}

static bool check_streams(ds_loop *loop, ds_stream *const *streams, size_t n,
                          const char *call)
{
    if (n > 0 && streams == NULL) {
        ds__fail(loop, DS_EMISUSE, "%s: the array of streams is NULL", call);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const char *fault = fault_of(streams[i], loop);
        if (fault == NULL)
            continue;
        if (n == 1)
            ds__fail(loop, DS_EMISUSE, "%s: the stream %s", call, fault);
        else
            ds__fail(loop, DS_EMISUSE, "%s: stream %zu of %zu %s", call, i, n,
                     fault);
        return false;
    }
    return true;
}

static bool let_poll(ds_handle *h, ds_stream *const *streams, size_t n,
                     ds_event *event, const char *call)
{
    if (event != NULL)
        *event = (ds_event){ 0 };
    if (!ds__let_in(h, call))
        return false;
    if (event == NULL) {
        ds__fail(h->loop, DS_EMISUSE, "%s: the event is NULL", call);
        return false;
    }
    return check_streams(h->loop, streams, n, call);
}

static bool poll_checked(ds_handle *h, ds_stream *const *streams, size_t n,
                         double seconds, ds_event *event, const char *call)
{
    return let_poll(h, streams, n, event, call) &&
           (seconds == INFINITY ||
            ds__check_seconds(h->loop, seconds, true, call)) &&
           ds__poll(h, streams, n, seconds, event, call);
}

bool ds_poll(ds_handle *h, ds_stream *stream, ds_event *event)
{
    return poll_checked(h, &stream, 1, INFINITY, event, "ds_poll");
}

bool ds_poll_any(ds_handle *h, ds_stream *const *streams, size_t n,
                 ds_event *event)
{
    if (n == 0 && ds__enter(h, "ds_poll_any"))
        ds__fail(h->loop, DS_EMISUSE,
                 "ds_poll_any: n is 0; there must be a stream to wait for");
    return poll_checked(h, streams, n, INFINITY, event, "ds_poll_any");
}

bool ds_try_poll(ds_handle *h, ds_stream *const *streams, size_t n,
                 ds_event *event)
{
    return let_poll(h, streams, n, event, "ds_try_poll") && !ds__is_gone(h) &&
           receive_pending(h, streams, n, event);
}

bool ds_poll_timeout(ds_handle *h, ds_stream *const *streams, size_t n,
                     double seconds, ds_event *event)
{
    return poll_checked(h, streams, n, seconds, event, "ds_poll_timeout");
}

/* Checks a sleep, and works out when it is over.  The usual one needs no more
 * than three comparisons, since a sum is later than now only if seconds is a
 * number and not too small. */
static inline bool plan_sleep(ds_handle *h, double seconds, double *end)
{
    *end = h->loop->now + seconds;
    if (*end > h->loop->now && *end <= DBL_MAX && !h->scope->has_clock)
        return true;
    if (!ds__check_seconds(h->loop, seconds, false, "ds_sleep"))
        return false;
    *end = end_of_wait(h, seconds);
    return true;
}

bool ds_sleep(ds_handle *h, double seconds)
{
    double end;

    if (!ds__let_in(h, "ds_sleep") || !plan_sleep(h, seconds, &end) ||
        ds__is_gone(h) || !set_due(h, DS__DUE_WAKE, end, "ds_sleep"))
        return false;

    block(h, DS__WAITING, seconds);
    ds__yield(h);
    unblock(h);
    return rang(h);
}

bool ds_compute(ds_handle *h, double seconds, void (*fn)(void *arg), void *arg)
{
    if (!ds__enter(h, "ds_compute"))
        return false;
    if (fn == NULL)
        ds__fail(h->loop, DS_EMISUSE, "ds_compute: the function is NULL");
    if (!ds__check_seconds(h->loop, seconds, false, "ds_compute") ||
        ds__is_gone(h) ||
        !set_due(h, DS__DUE_WAKE, end_of_wait(h, seconds / h->scope->speed),
                 "ds_compute"))
        return false;

    h->scope->computed++;
    block(h, DS__COMPUTING, seconds / h->scope->speed);
    atomic_store_explicit(&h->computing, true, memory_order_relaxed);
    h->loop->exec->compute(h, fn, arg);
    atomic_store_explicit(&h->computing, false, memory_order_relaxed);
    unblock(h);
    return rang(h);
}

/* ---- About itself ---------------------------------------------------------*/

double ds_now(const ds_handle *h)
{
    return ds__ask_in((ds_handle *)h, "ds_now")
               ? ds__scope_now(h->scope, h->loop->now)
               : 0;
}

ds_loop *ds_handle_loop(const ds_handle *h)
{
    return h == NULL ? NULL : h->loop;
}

uint64_t ds__handle_number(const ds_handle *h)
{
    return h->number;
}

bool ds__handle_is_alive(const ds_handle *h, uint64_t number)
{
    return h->number == number && h->state != DS__ENDED;
}

double ds_random(ds_handle *h)
{
    if (!ds__ask_in(h, "ds_random"))
        return 0;
    return ds__loop_random(h->loop, h->draws_kind, h->draws_of, h->draws++);
}

void ds__draw_as(ds_handle *h, int kind, uint64_t who)
{
    h->draws_kind = kind;
    h->draws_of = who;
    h->draws = 0;
}

uint64_t ds__handle_place(const ds_handle *h)
{
    return h->place;
}

const char *ds__set_work(ds_handle *h, const char *name)
{
    const char *before = h->work;

    h->work = name;
    return before;
}

void ds_set_note(ds_handle *h, ds_note_fn *fn, const void *arg)
{
    if (!ds__ask_in(h, "ds_set_note"))
        return;
    h->own_note = fn;
    h->own_note_arg = arg;
}

void ds_set_whom(ds_handle *h, ds_whom_fn *fn, const void *arg)
{
    if (!ds__ask_in(h, "ds_set_whom"))
        return;
    h->own_whom = fn;
    h->own_whom_arg = arg;
}

void ds__set_note(ds_handle *h, ds_note_fn *fn, ds__whom_fn *whom,
                  const void *arg)
{
    h->note = fn;
    h->whom = whom;
    h->note_arg = arg;
}

/* ---- Ending the simulation ------------------------------------------------*/

void ds_stop(ds_handle *h)
{
    char buf[256];
    ds__text text;

    if (!ds__enter(h, "ds_stop") || ds__gone(h))
        return;
    ds__text_init(&text, buf, sizeof(buf));
    ds__handle_describe(h, &text);
    ds__fail(h->loop, DS_STOPPED, "ds_stop: %s stopped the simulation at %g s",
             buf, h->loop->now);
}

void ds_fail(ds_handle *h, const char *format, ...)
{
    va_list args;

    if (!ds__enter(h, "ds_fail") || ds__gone(h))
        return;
    if (format == NULL) {
        ds__fail(h->loop, DS_EMISUSE, "ds_fail: the format is NULL");
        return;
    }
    va_start(args, format);
    ds__vfail(h->loop, DS_FAILED, format, args);
    va_end(args);
}
