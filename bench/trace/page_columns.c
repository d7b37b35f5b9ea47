/* The columns of a page, and what each says of its line: bench/trace/page has
 * them as arrays of the same names.  A difference is to the line before; one
 * that may be negative is folded. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/page_column.h"
#include "bench/trace/page_data.h"

enum { MOST_SIZES = 4096, ON_PATH = 4, DOUBLED = 8, LOSS = 16 };

static void put_times(page_data *p)
{
    for (size_t i = 0; i < p->num_times; i++)
        page_add(p, p->ticks[i] - (i == 0 ? 0 : p->ticks[i - 1]));
    page_end(p, "times");
}

/* 1 more than how much later something happens; 0: it does not. */
static void add_after(page_data *p, double time, double later)
{
    page_add(p,
             isnan(later) ? 0 : 1 + page_when(p, later) - page_when(p, time));
}

static void add_folded(page_data *p, uint32_t *last, uint32_t value)
{
    page_add(p, page_folded((int64_t)value - (int64_t)*last));
    *last = value;
}

/* ---- Messages -------------------------------------------------------------*/

#define EACH_MESSAGE(p, msg, i)                                                \
    for (size_t i = 1; i < (p)->m->num_messages; i++)                          \
        for (const trace_message *msg = &(p)->m->messages[i];                  \
             msg != NULL && (p)->messages[i] != 0; msg = NULL)

static void put_moments(page_data *p)
{
    size_t last = 0;

    EACH_MESSAGE(p, msg, i)
    {
        const size_t sent = page_when(p, msg->sent);
        page_add(p, sent - last);
        last = sent;
    }
    page_end(p, "sent");
    EACH_MESSAGE(p, msg, i)
    add_after(p, msg->sent, msg->begun);
    page_end(p, "begun");
    EACH_MESSAGE(p, msg, i)
    add_after(p, msg->sent, msg->ended);
    page_end(p, "ended");
    EACH_MESSAGE(p, msg, i)
    add_after(p, isnan(msg->ended) ? msg->sent : msg->ended, msg->taken);
    page_end(p, "taken");
}

/* A message is mostly sent to where the last one of its sender went, and taken
 * where the last one to that port was. */
static void put_ends(page_data *p)
{
    uint32_t *last = args_alloc(p->m->num_threads + 1, sizeof(*last));
    uint32_t before = 0;
    uint64_t name = p->m->message_base;

    memset(last, 0, (p->m->num_threads + 1) * sizeof(*last));
    EACH_MESSAGE(p, msg, i)
    {
        page_add(p, p->m->message_base + i - name - 1);
        name = p->m->message_base + i;
    }
    page_end(p, "name");
    EACH_MESSAGE(p, msg, i)
    add_folded(p, &before, p->threads[msg->sender]);
    page_end(p, "sender");
    EACH_MESSAGE(p, msg, i)
    add_folded(p, &last[msg->sender], page_stream(p, msg->dest));
    page_end(p, "port");
    memset(last, 0, (p->m->num_threads + 1) * sizeof(*last));
    EACH_MESSAGE(p, msg, i)
    add_folded(p, &last[msg->sender], p->threads[msg->taker]);
    page_end(p, "taker");
    free(last);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sizes are lines of a list, unless there are many: then they are whole bytes,
 * and the list is empty. */
static void put_sizes(page_data *p)
{
    double *sizes = args_alloc(p->num_messages + 1, sizeof(*sizes));
    size_t all = 0, n = 0;

    EACH_MESSAGE(p, msg, i)
    sizes[all++] = msg->size;
    qsort(sizes, all, sizeof(*sizes), compare);
    for (size_t i = 0; i < all; i++)
        if (n == 0 || sizes[i] > sizes[n - 1])
            sizes[n++] = sizes[i];
    if (n > MOST_SIZES)
        n = 0;
    EACH_MESSAGE(p, msg, i)
    {
        const double *at = bsearch(&msg->size, sizes, n, sizeof(*at), compare);
        page_add(p, at != NULL ? (uint64_t)(at - sizes)
                               : (uint64_t)fmin(msg->size + 0.5, 9e15));
    }
    page_end(p, "size");
    fprintf(p->out, "<script type=\"application/json\" id=\"sizes\">[");
    for (size_t i = 0; i < n; i++)
        fprintf(p->out, "%s%.17g", i > 0 ? "," : "", sizes[i]);
    fprintf(p->out, "]</script>\n");
    free(sizes);
}

static void put_fates(page_data *p)
{
    EACH_MESSAGE(p, msg, i)
    page_add(p, msg->fate | (msg->on_path ? ON_PATH : 0) |
                    (msg->copies > 0 ? DOUBLED : 0) | LOSS * msg->loss);
    page_end(p, "fate");
}

/* Walks through what happened with the message for which each thread has last
 * waited, by its number on the page.  A thread begins with that of whoever
 * spawned it. */
typedef struct causes {
    const page_data *p;
    uint32_t *last; /* by thread */
    size_t span;
    size_t cause;
    uint32_t thread;
} causes;

static void take_spawns(causes *c, uint64_t at)
{
    const trace_model *m = c->p->m;

    for (; c->thread < m->num_threads; c->thread++) {
        const trace_thread *t = &m->threads[c->thread];
        if (isnan(t->spawned))
            continue;
        if (t->spawned_at >= at)
            return;
        c->last[c->thread] = c->last[t->parent];
    }
}

/* Everything before the record of that index. */
static void go_to(causes *c, uint64_t at)
{
    const trace_model *m = c->p->m;

    for (;;) {
        const trace_span *s =
            c->span < m->num_spans ? &m->spans[c->span] : NULL;
        const trace_cause *b =
            c->cause < m->num_causes ? &m->causes[c->cause] : NULL;
        if (s != NULL && s->at >= at)
            s = NULL;
        if (b != NULL && b->at >= at)
            b = NULL;
        if (s == NULL && b == NULL)
            break;
        const bool by_span = b == NULL || (s != NULL && s->at < b->at);
        const uint64_t name = by_span ? s->message : b->message;
        const uint32_t thread = by_span ? s->thread : b->thread;
        take_spawns(c, by_span ? s->at : b->at);
        if (name != 0 && (!by_span || s->to > s->from))
            c->last[thread] = page_message(c->p, name);
        c->span += by_span;
        c->cause += !by_span;
    }
    take_spawns(c, at);
}

/* How many messages before this one; 0: none. */
static void put_causes(page_data *p)
{
    causes c = { .p = p, .thread = 1 };

    c.last = args_alloc(p->m->num_threads + 1, sizeof(*c.last));
    memset(c.last, 0, (p->m->num_threads + 1) * sizeof(*c.last));
    EACH_MESSAGE(p, msg, i)
    {
        go_to(&c, msg->at);
        const uint32_t cause = c.last[msg->sender];
        page_add(p, cause == 0 || cause >= p->messages[i]
                        ? 0
                        : p->messages[i] - cause);
    }
    page_end(p, "cause");
    free(c.last);
}

/* ---- Spans ----------------------------------------------------------------*/

/* Kinds of spans that occur, in the order in which they do. */
typedef struct kinds {
    struct kind {
        unsigned doing;
        unsigned why;
        bool on_path;
        const char *what;
    } * all;
    size_t n;
    size_t room;
} kinds;

static size_t kind_of(kinds *k, const trace_span *s)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->all[i].doing == s->doing && k->all[i].why == s->why &&
            k->all[i].on_path == s->on_path && k->all[i].what == s->what)
            return i;
    if (k->n == k->room) {
        k->room = k->room == 0 ? 16 : 2 * k->room;
        k->all = args_realloc(k->all, k->room, sizeof(*k->all));
    }
    k->all[k->n++] = (struct kind){ s->doing, s->why, s->on_path, s->what };
    return k->n - 1;
}

/* By thread, and then in their order. */
#define EACH_SPAN(p, s)                                                        \
    for (size_t k_ = 0; k_ < (p)->m->num_spans; k_++)                          \
        for (const trace_span *s = &(p)->m->spans[(p)->m->by_thread[k_]];      \
             s != NULL && page_has_span(p, s); s = NULL)

static void put_span_times(page_data *p)
{
    uint32_t last = 0;
    size_t before = 0;

    for (uint32_t i = 1; i < p->m->num_threads; i++) {
        const trace_thread *t = &p->m->threads[i];
        size_t n = 0;
        for (size_t k = 0; k < t->spans; k++)
            n += page_has_span(p, &p->m->spans[p->m->by_thread[t->first + k]]);
        if (p->threads[i] != 0)
            page_add(p, n);
    }
    page_end(p, "spans");
    EACH_SPAN(p, s)
    {
        const size_t from = page_when(p, s->from);
        if (s->thread != last)
            before = 0;
        page_add(p, from - before);
        before = page_when(p, s->to);
        last = s->thread;
    }
    page_end(p, "span_from");
    EACH_SPAN(p, s)
    page_add(p, page_when(p, s->to) - page_when(p, s->from));
    page_end(p, "span_length");
}

static void put_span_kinds(page_data *p)
{
    kinds k = { .n = 0 };

    EACH_SPAN(p, s)
    page_add(p, kind_of(&k, s));
    page_end(p, "span_kind");
    fprintf(p->out, "<script type=\"application/json\" id=\"kinds\">[");
    for (size_t i = 0; i < k.n; i++)
        fprintf(p->out, "%s[%u,%u,%d,%zu]", i > 0 ? "," : "", k.all[i].doing,
                k.all[i].why, k.all[i].on_path, page_text(p, k.all[i].what));
    fprintf(p->out, "]</script>\n");
    free(k.all);
}

/* 1 more than the difference to the last one of the thread, folded; 0: none. */
static void put_span_messages(page_data *p)
{
    uint32_t last = 0;
    uint32_t before = 0;

    EACH_SPAN(p, s)
    {
        const uint32_t message = page_message(p, s->message);
        if (s->thread != last)
            before = 0;
        last = s->thread;
        page_add(p, message == 0
                        ? 0
                        : 1 + page_folded((int64_t)message - (int64_t)before));
        if (message != 0)
            before = message;
    }
    page_end(p, "span_message");
    EACH_SPAN(p, s)
    page_add(p, s->doing == TRACE_WAITS && page_message(p, s->message) == 0
                    ? page_stream(p, s->stream)
                    : 0);
    page_end(p, "span_stream");
}

/* ---- The rest -------------------------------------------------------------*/

static void add_moment(page_data *p, size_t *last, double time)
{
    const size_t when = page_when(p, time);

    page_add(p, page_folded((int64_t)when - (int64_t)*last));
    *last = when;
}

#define EACH(p, one)                                                           \
    for (size_t e_ = 0; e_ < (p)->m->num_##one##s; e_++)                       \
        for (const trace_##one *one = &(p)->m->one##s[e_]; one != NULL;        \
             one = NULL)

static void put_calls(page_data *p)
{
    size_t last = 0;

#define EACH_CALL                                                              \
    EACH(p, call)                                                              \
    if (page_has(p, call->thread, call->from, call->to))
    EACH_CALL
    add_moment(p, &last, call->from);
    page_end(p, "call_from");
    EACH_CALL
    add_after(p, call->from, call->to);
    page_end(p, "call_length");
    EACH_CALL
    page_add(p, p->threads[call->thread]);
    page_end(p, "call_thread");
    EACH_CALL
    page_add(p, call->number);
    page_end(p, "call_number");
    EACH_CALL
    page_add(p, page_text(p, call->what));
    page_end(p, "call_what");
#undef EACH_CALL
}

static void put_notes(page_data *p)
{
    size_t last = 0;

#define EACH_NOTE                                                              \
    EACH(p, note)                                                              \
    if (page_has(p, note->thread, note->time, note->time))
    EACH_NOTE
    add_moment(p, &last, note->time);
    page_end(p, "note_time");
    EACH_NOTE
    page_add(p, p->threads[note->thread]);
    page_end(p, "note_thread");
    EACH_NOTE
    page_add(p, note->kind);
    page_end(p, "note_kind");
    EACH_NOTE
    page_add(p, page_text(p, note->text));
    page_end(p, "note_text");
    fprintf(p->out, "<script type=\"application/json\" id=\"counts\">[");
    const char *comma = "";
    EACH_NOTE
    if (note->kind == TRACE_COUNT) {
        if (isfinite(note->value))
            fprintf(p->out, "%s%.17g", comma, note->value);
        else
            fprintf(p->out, "%snull", comma);
        comma = ",";
    }
    fprintf(p->out, "]</script>\n");
#undef EACH_NOTE
}

static void put_path(page_data *p)
{
    const trace_path *path = &p->m->path;
    size_t last = 0;

#define EACH_PIECE                                                             \
    for (size_t e_ = 0; e_ < path->n; e_++)                                    \
        for (const trace_piece *piece = &path->pieces[e_]; piece != NULL;      \
             piece = NULL)                                                     \
            if (page_has(p, piece->thread, piece->from, piece->to))
    EACH_PIECE
    add_moment(p, &last, piece->from);
    page_end(p, "piece_from");
    EACH_PIECE
    add_after(p, piece->from, piece->to);
    page_end(p, "piece_length");
    EACH_PIECE
    page_add(p, piece->kind);
    page_end(p, "piece_kind");
    EACH_PIECE
    page_add(p, p->threads[piece->thread]);
    page_end(p, "piece_thread");
    EACH_PIECE
    page_add(p, page_message(p, piece->message));
    page_end(p, "piece_message");
#undef EACH_PIECE
}

void page_columns(page_data *p)
{
    put_times(p);
    put_moments(p);
    put_ends(p);
    put_sizes(p);
    put_fates(p);
    put_causes(p);
    put_span_times(p);
    put_span_kinds(p);
    put_span_messages(p);
    put_calls(p);
    put_notes(p);
    put_path(p);
}
