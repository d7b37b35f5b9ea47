/* The critical path: from the end of whoever ended last backwards, to whatever
 * each moment had to wait for.
 *
 * A member of a group says itself because of which message it went on, which is
 * what ds_comm_path() counts.  Elsewhere the message that ended a wait is it.
 * So the path goes from a thread to the sender of the message, and on from the
 * moment of its sending; through work and sleep it stays with its thread; and
 * at the beginning of a thread it goes to whoever spawned that. */

#include <math.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/trace/model.h"

/* Where the walk is: everything of this thread before this record. */
typedef struct walk {
    trace_model *m;
    size_t *causes;      /* by thread, and then in their order */
    size_t *first_cause; /* by thread, and one more */
    uint32_t thread;
    uint64_t at;
    double time;
    size_t room;
} walk;

/* ---- Looking things up ----------------------------------------------------*/

static void sort_causes(walk *w)
{
    const trace_model *m = w->m;
    size_t *count = args_alloc(m->num_threads + 1, sizeof(*count));

    w->causes = args_alloc(m->num_causes + 1, sizeof(*w->causes));
    w->first_cause = count;
    for (size_t i = 0; i <= m->num_threads; i++)
        count[i] = 0;
    for (size_t i = 0; i < m->num_causes; i++)
        count[m->causes[i].thread + 1]++;
    for (size_t i = 1; i <= m->num_threads; i++)
        count[i] += count[i - 1];

    size_t *next = args_alloc(m->num_threads + 1, sizeof(*next));
    for (size_t i = 0; i <= m->num_threads; i++)
        next[i] = count[i];
    for (size_t i = 0; i < m->num_causes; i++)
        w->causes[next[m->causes[i].thread]++] = i;
    free(next);
}

/* The last cause of the thread before the walk's record, or NULL. */
static const trace_cause *last_cause(const walk *w)
{
    size_t low = w->first_cause[w->thread];
    size_t high = w->first_cause[w->thread + 1];
    const size_t first = low;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (w->m->causes[w->causes[middle]].at < w->at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == first ? NULL : &w->m->causes[w->causes[low - 1]];
}

/* Likewise the last span that took any time. */
static trace_span *last_span(const walk *w)
{
    const trace_thread *t = &w->m->threads[w->thread];
    size_t low = 0;
    size_t high = t->spans;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (w->m->spans[w->m->by_thread[t->first + middle]].at < w->at)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > 0) {
        trace_span *s = &w->m->spans[w->m->by_thread[t->first + --low]];
        if (s->to > s->from)
            return s;
    }
    return NULL;
}

/* ---- Pieces ---------------------------------------------------------------*/

static void add(walk *w, trace_piece_kind kind, double from, uint64_t message)
{
    trace_path *p = &w->m->path;

    if (p->n == w->room) {
        w->room = w->room == 0 ? 64 : w->room * 2;
        p->pieces = args_realloc(p->pieces, w->room, sizeof(*p->pieces));
    }
    p->pieces[p->n++] = (trace_piece){
        .kind = kind,
        .from = from,
        .to = w->time,
        .thread = w->thread,
        .message = message,
    };
}

/* Beyond what it takes on an idle network; less than a billionth is nothing but
 * rounding. */
static void add_terms(trace_path *p, const trace_model *m,
                      const trace_message *message, double travel)
{
    trace_idle idle;

    p->messages++;
    p->bytes += message->size;
    if (!isnan(message->came)) {
        const double held = fmin(fmax(trace_put_off(m, message), 0), travel);
        p->held += held;
        travel -= held;
    }
    if (!trace_idle_of(m, message, &idle)) {
        p->elsewhere += travel;
        return;
    }
    p->alpha += idle.latency;
    p->beta += idle.bytes;
    p->sharing += travel; /* all of it, until the end */
}

/* Goes along a message; false: nothing is known of it. */
static bool go_by_message(walk *w, uint64_t number)
{
    trace_model *m = w->m;

    trace_message *message = trace_message_of(m, number);

    if (message == NULL || isnan(message->sent) || message->at >= w->at)
        return false;
    message->on_path = true;
    add_terms(&m->path, m, message, w->time - message->sent);
    add(w, TRACE_BY_MESSAGE, message->sent, number);
    w->thread = message->sender;
    w->time = message->sent;
    w->at = message->at;
    return w->thread != 0;
}

static void go_by_span(walk *w, trace_span *s)
{
    trace_path *p = &w->m->path;
    const double seconds = s->to - s->from;

    s->on_path = true;
    w->time = s->to;
    if (s->doing == TRACE_COMPUTES && s->what != NULL) {
        p->gamma += seconds;
        add(w, TRACE_BY_WORK, s->from, 0);
    } else if (s->doing == TRACE_COMPUTES) {
        p->computing += seconds;
        add(w, TRACE_BY_COMPUTING, s->from, 0);
    } else if (s->doing == TRACE_SLEEPS || s->why == DS__WOKEN_TIME) {
        p->sleeping += seconds;
        add(w, TRACE_BY_SLEEP, s->from, 0);
    } else {
        p->other += seconds;
        add(w, TRACE_BY_EVENT, s->from, 0);
    }
    w->time = s->from;
    w->at = s->at;
}

/* ---- The walk -------------------------------------------------------------*/

/* Goes to whoever spawned the thread; false: nobody did. */
static bool go_to_parent(walk *w)
{
    const trace_thread *t = &w->m->threads[w->thread];

    if (t->parent == 0 || isnan(t->spawned) || t->spawned_at >= w->at)
        return false;
    w->thread = t->parent;
    w->at = t->spawned_at;
    return true;
}

static bool step(walk *w)
{
    const trace_cause *cause = last_cause(w);
    trace_span *span = last_span(w);

    if (cause != NULL && (span == NULL || cause->at > span->at)) {
        w->time = cause->time;
        if (go_by_message(w, cause->message))
            return true;
        w->at = cause->at; /* it is forgotten, and so the wait tells */
        return span != NULL;
    }
    if (span == NULL)
        return go_to_parent(w);
    if (span->doing == TRACE_WAITS && span->why == DS__WOKEN_EVENT &&
        span->message != 0) {
        span->on_path = true;
        w->time = span->to;
        return go_by_message(w, span->message);
    }
    go_by_span(w, span);
    return true;
}

/* Whoever ended last and in good order; else who was last awake. */
static void choose_end(walk *w)
{
    const trace_model *m = w->m;

    w->time = -1;
    for (uint32_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        if (t->daemon || t->unwound || isnan(t->ended))
            continue;
        if (t->ended > w->time ||
            (t->ended == w->time && t->ended_at < w->at)) {
            w->thread = i;
            w->time = t->ended;
            w->at = t->ended_at;
        }
    }
    if (w->thread != 0)
        return;
    for (size_t i = 0; i < m->num_spans; i++) {
        const trace_span *s = &m->spans[i];
        if (s->why == DS__WOKEN_OVER || m->threads[s->thread].daemon)
            continue;
        w->thread = s->thread;
        w->time = s->to;
        w->at = s->at + 1;
    }
}

static void reverse(trace_path *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        const trace_piece piece = p->pieces[i];
        p->pieces[i] = p->pieces[p->n - 1 - i];
        p->pieces[p->n - 1 - i] = piece;
    }
}

void trace_path_find(trace_model *m)
{
    walk w = { .m = m };
    trace_path *p = &m->path;

    choose_end(&w);
    p->thread = w.thread;
    p->from = p->to = w.thread == 0 ? 0 : w.time;
    if (w.thread == 0)
        return;
    sort_causes(&w);
    while (step(&w))
        continue;
    p->from = w.time;
    reverse(p);
    const double travelling = p->sharing;
    p->sharing -= p->alpha + p->beta;
    if (p->sharing <= 1e-9 * travelling)
        p->sharing = 0;
    free(w.causes);
    free(w.first_cause);
}
