/* The columns of a page: bench/trace/page/run.js reads them.
 *
 * A table has lines, of which some are left out, and a column is a function of
 * a line.  A difference is to the line before, and folded (page_column.h) if it
 * may be negative. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/page_column.h"
#include "bench/trace/page_data.h"

enum {
    MOST_SIZES = 4096,
    ON_PATH = 4,
    DOUBLED = 8,
    LOSS = 16,
    BY_LINK = 128,
};

/* What functions of columns share; all of it is 0 at the first line. */
typedef struct writing {
    page_data *p;
    const trace_model *m;
    uint64_t last;
    uint32_t *last_of; /* by thread, as numbered on the page */
    uint32_t thread;   /* of the line before */
} writing;

typedef uint64_t value_fn(writing *w, size_t line);
typedef bool has_fn(const page_data *p, size_t line);

typedef struct column {
    const char *name;
    value_fn *value;
} column;

static void put_column(writing *w, const column *c, size_t lines, has_fn *has)
{
    w->last = 0;
    w->thread = 0;
    memset(w->last_of, 0, (w->m->num_threads + 1) * sizeof(*w->last_of));
    for (size_t i = 0; i < lines; i++)
        if (has(w->p, i))
            page_add(w->p, c->value(w, i));
    page_end(w->p, c->name);
}

#define PUT_TABLE(w, columns, lines, has)                                      \
    for (size_t i_ = 0; i_ < sizeof(columns) / sizeof(*(columns)); i_++)       \
    put_column(w, &(columns)[i_], lines, has)

/* ---- Values ---------------------------------------------------------------*/

static uint64_t rising(writing *w, uint64_t value)
{
    const uint64_t more = value - w->last;

    w->last = value;
    return more;
}

static uint64_t difference(writing *w, uint64_t value)
{
    return page_folded((int64_t)rising(w, value));
}

/* To the last line of the same thread, as far as that is on the page. */
static uint64_t difference_of(writing *w, uint32_t thread, uint32_t value)
{
    uint32_t *last = &w->last_of[w->p->threads[thread]];
    const int64_t more = (int64_t)value - (int64_t)*last;

    *last = value;
    return page_folded(more);
}

/* 1 more than how much later something happens; 0: it does not. */
static uint64_t after(const writing *w, double time, double later)
{
    return isnan(later) ? 0
                        : 1 + page_when(w->p, later) - page_when(w->p, time);
}

/* ---- Times ----------------------------------------------------------------*/

static bool has_all(const page_data *p, size_t i)
{
    return i < p->num_times;
}

static uint64_t ticks(writing *w, size_t i)
{
    return rising(w, w->p->ticks[i]);
}

static const column time_columns[] = { { "times", ticks } };

/* ---- Messages -------------------------------------------------------------*/

static bool has_message(const page_data *p, size_t i)
{
    return p->messages[i] != 0;
}

static uint64_t name(writing *w, size_t i)
{
    return rising(w, w->m->message_base + i) - 1;
}

static uint64_t sent(writing *w, size_t i)
{
    return rising(w, page_when(w->p, w->m->messages[i].sent));
}

static uint64_t begun(writing *w, size_t i)
{
    return after(w, w->m->messages[i].sent, w->m->messages[i].begun);
}

static uint64_t came(writing *w, size_t i)
{
    return after(w, w->m->messages[i].sent, w->m->messages[i].came);
}

static uint64_t ended(writing *w, size_t i)
{
    return after(w, w->m->messages[i].sent, w->m->messages[i].ended);
}

static uint64_t taken(writing *w, size_t i)
{
    const trace_message *msg = &w->m->messages[i];

    return after(w, isnan(msg->ended) ? msg->sent : msg->ended, msg->taken);
}

static uint64_t sender(writing *w, size_t i)
{
    return difference(w, w->p->threads[w->m->messages[i].sender]);
}

/* Mostly it is where the last message of the sender went to, and who took it.
 */
static uint64_t port(writing *w, size_t i)
{
    const trace_message *msg = &w->m->messages[i];

    return difference_of(w, msg->sender, page_stream(w->p, msg->dest));
}

static uint64_t taker(writing *w, size_t i)
{
    const trace_message *msg = &w->m->messages[i];

    return difference_of(w, msg->sender, w->p->threads[msg->taker]);
}

static uint64_t fate(writing *w, size_t i)
{
    const trace_message *msg = &w->m->messages[i];

    return msg->fate | (msg->on_path ? ON_PATH : 0) |
           (msg->copies > 0 ? DOUBLED : 0) | (unsigned)LOSS * msg->loss |
           (!isnan(msg->came) && msg->held == DS__HELD_BY_LINK ? BY_LINK : 0);
}

static const column message_columns[] = {
    { "name", name },   { "sent", sent },   { "begun", begun },
    { "ended", ended }, { "taken", taken }, { "sender", sender },
    { "port", port },   { "taker", taker }, { "fate", fate },
    { "came", came },
};

/* ---- Sizes ----------------------------------------------------------------*/

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static size_t collect_sizes(const page_data *p, double *sizes)
{
    size_t all = 0, n = 0;

    for (size_t i = 1; i < p->m->num_messages; i++)
        if (has_message(p, i))
            sizes[all++] = p->m->messages[i].size;
    qsort(sizes, all, sizeof(*sizes), compare);
    for (size_t i = 0; i < all; i++)
        if (n == 0 || sizes[i] > sizes[n - 1])
            sizes[n++] = sizes[i];
    return n;
}

/* They are lines of a list, unless that is long: then they are whole bytes, and
 * the list is empty. */
static void put_sizes(page_data *p)
{
    double *sizes = args_alloc(p->num_messages + 1, sizeof(*sizes));
    size_t n = collect_sizes(p, sizes);

    if (n > MOST_SIZES)
        n = 0;
    for (size_t i = 1; i < p->m->num_messages; i++) {
        if (!has_message(p, i))
            continue;
        const double size = p->m->messages[i].size;
        const double *at = bsearch(&size, sizes, n, sizeof(*at), compare);
        page_add(p, at != NULL ? (uint64_t)(at - sizes)
                               : (uint64_t)fmin(size + 0.5, 9e15));
    }
    page_end(p, "size");
    fprintf(p->out, "<script type=\"application/json\" id=\"sizes\">[");
    for (size_t i = 0; i < n; i++)
        fprintf(p->out, "%s%.17g", i > 0 ? "," : "", sizes[i]);
    fprintf(p->out, "]</script>\n");
    free(sizes);
}

/* ---- Causes ---------------------------------------------------------------*/

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

static void take_span(causes *c, const trace_span *s)
{
    take_spawns(c, s->at);
    if (s->message != 0 && s->to > s->from)
        c->last[s->thread] = page_message(c->p, s->message);
    c->span++;
}

static void take_cause(causes *c, const trace_cause *b)
{
    take_spawns(c, b->at);
    if (b->message != 0)
        c->last[b->thread] = page_message(c->p, b->message);
    c->cause++;
}

/* Everything before the record of that index. */
static void go_to(causes *c, uint64_t at)
{
    const trace_model *m = c->p->m;

    for (;;) {
        const uint64_t span =
            c->span < m->num_spans ? m->spans[c->span].at : UINT64_MAX;
        const uint64_t cause =
            c->cause < m->num_causes ? m->causes[c->cause].at : UINT64_MAX;
        if (span >= at && cause >= at)
            break;
        if (span < cause)
            take_span(c, &m->spans[c->span]);
        else
            take_cause(c, &m->causes[c->cause]);
    }
    take_spawns(c, at);
}

/* How many messages before this one; 0: none. */
static void put_causes(page_data *p)
{
    causes c = { .p = p, .thread = 1 };

    c.last = args_alloc(p->m->num_threads + 1, sizeof(*c.last));
    memset(c.last, 0, (p->m->num_threads + 1) * sizeof(*c.last));
    for (size_t i = 1; i < p->m->num_messages; i++) {
        const trace_message *msg = &p->m->messages[i];
        if (!has_message(p, i))
            continue;
        go_to(&c, msg->at);
        const uint32_t cause = c.last[msg->sender];
        const uint32_t mine = p->messages[i];
        page_add(p, cause == 0 || cause >= mine ? 0 : mine - cause);
    }
    page_end(p, "cause");
    free(c.last);
}

/* ---- Spans ----------------------------------------------------------------*/

/* By thread, and then in their order. */
static const trace_span *span_of(const page_data *p, size_t i)
{
    return &p->m->spans[p->m->by_thread[i]];
}

static bool has_span(const page_data *p, size_t i)
{
    return page_has_span(p, span_of(p, i));
}

/* The first of a thread has none before it. */
static const trace_span *enter_span(writing *w, size_t i)
{
    const trace_span *s = span_of(w->p, i);

    if (s->thread != w->thread)
        w->last = 0;
    w->thread = s->thread;
    return s;
}

static uint64_t span_from(writing *w, size_t i)
{
    const trace_span *s = enter_span(w, i);
    const uint64_t more = rising(w, page_when(w->p, s->from));

    w->last = page_when(w->p, s->to);
    return more;
}

static uint64_t span_length(writing *w, size_t i)
{
    const trace_span *s = span_of(w->p, i);

    return page_when(w->p, s->to) - page_when(w->p, s->from);
}

/* 1 more than the difference to the last one of the thread; 0: none. */
static uint64_t span_message(writing *w, size_t i)
{
    const trace_span *s = enter_span(w, i);
    const uint32_t message = page_message(w->p, s->message);

    return message == 0 ? 0 : 1 + difference(w, message);
}

static uint64_t span_stream(writing *w, size_t i)
{
    const trace_span *s = span_of(w->p, i);

    return s->doing == TRACE_WAITS && page_message(w->p, s->message) == 0
               ? page_stream(w->p, s->stream)
               : 0;
}

static const column span_columns[] = {
    { "span_from", span_from },
    { "span_length", span_length },
    { "span_message", span_message },
    { "span_stream", span_stream },
};

static void put_numbers_of_spans(page_data *p)
{
    for (uint32_t i = 1; i < p->m->num_threads; i++) {
        const trace_thread *t = &p->m->threads[i];
        size_t n = 0;
        for (size_t k = 0; k < t->spans; k++)
            n += has_span(p, t->first + k);
        if (p->threads[i] != 0)
            page_add(p, n);
    }
    page_end(p, "spans");
}

/* ---- Kinds of spans -------------------------------------------------------*/

typedef struct kind {
    unsigned doing;
    unsigned why;
    bool on_path;
    const char *what;
} kind;

/* Those that occur, in the order in which they do. */
typedef struct kinds {
    kind *all;
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
    k->all[k->n++] = (kind){ s->doing, s->why, s->on_path, s->what };
    return k->n - 1;
}

static void put_kinds(page_data *p)
{
    kinds k = { .n = 0 };

    for (size_t i = 0; i < p->m->num_spans; i++)
        if (has_span(p, i))
            page_add(p, kind_of(&k, span_of(p, i)));
    page_end(p, "span_kind");
    fprintf(p->out, "<script type=\"application/json\" id=\"kinds\">[");
    for (size_t i = 0; i < k.n; i++)
        fprintf(p->out, "%s[%u,%u,%d,%zu]", i > 0 ? "," : "", k.all[i].doing,
                k.all[i].why, k.all[i].on_path, page_text(p, k.all[i].what));
    fprintf(p->out, "]</script>\n");
    free(k.all);
}

/* ---- Calls ----------------------------------------------------------------*/

static bool has_call(const page_data *p, size_t i)
{
    const trace_call *c = &p->m->calls[i];

    return page_has(p, c->thread, c->from, c->to);
}

static uint64_t call_from(writing *w, size_t i)
{
    return difference(w, page_when(w->p, w->m->calls[i].from));
}

static uint64_t call_length(writing *w, size_t i)
{
    return after(w, w->m->calls[i].from, w->m->calls[i].to);
}

static uint64_t call_thread(writing *w, size_t i)
{
    return w->p->threads[w->m->calls[i].thread];
}

static uint64_t call_number(writing *w, size_t i)
{
    return w->m->calls[i].number;
}

static uint64_t call_what(writing *w, size_t i)
{
    return page_text(w->p, w->m->calls[i].what);
}

static const column call_columns[] = {
    { "call_from", call_from },     { "call_length", call_length },
    { "call_thread", call_thread }, { "call_number", call_number },
    { "call_what", call_what },
};

/* ---- Notes ----------------------------------------------------------------*/

static bool has_note(const page_data *p, size_t i)
{
    const trace_note *n = &p->m->notes[i];

    return page_has(p, n->thread, n->time, n->time);
}

static uint64_t note_time(writing *w, size_t i)
{
    return difference(w, page_when(w->p, w->m->notes[i].time));
}

static uint64_t note_thread(writing *w, size_t i)
{
    return w->p->threads[w->m->notes[i].thread];
}

static uint64_t note_kind(writing *w, size_t i)
{
    return w->m->notes[i].kind;
}

static uint64_t note_text(writing *w, size_t i)
{
    return page_text(w->p, w->m->notes[i].text);
}

static const column note_columns[] = {
    { "note_time", note_time },
    { "note_thread", note_thread },
    { "note_kind", note_kind },
    { "note_text", note_text },
};

/* The values of those that count, in their order. */
static void put_counts(page_data *p)
{
    const char *comma = "";

    fprintf(p->out, "<script type=\"application/json\" id=\"counts\">[");
    for (size_t i = 0; i < p->m->num_notes; i++) {
        const trace_note *n = &p->m->notes[i];
        if (n->kind != TRACE_COUNT || !has_note(p, i))
            continue;
        if (isfinite(n->value))
            fprintf(p->out, "%s%.17g", comma, n->value);
        else
            fprintf(p->out, "%snull", comma);
        comma = ",";
    }
    fprintf(p->out, "]</script>\n");
}

/* ---- The path -------------------------------------------------------------*/

static bool has_piece(const page_data *p, size_t i)
{
    const trace_piece *piece = &p->m->path.pieces[i];

    return page_has(p, piece->thread, piece->from, piece->to);
}

static uint64_t piece_from(writing *w, size_t i)
{
    return difference(w, page_when(w->p, w->m->path.pieces[i].from));
}

static uint64_t piece_length(writing *w, size_t i)
{
    return after(w, w->m->path.pieces[i].from, w->m->path.pieces[i].to);
}

static uint64_t piece_kind(writing *w, size_t i)
{
    return w->m->path.pieces[i].kind;
}

static uint64_t piece_thread(writing *w, size_t i)
{
    return w->p->threads[w->m->path.pieces[i].thread];
}

static uint64_t piece_message(writing *w, size_t i)
{
    return page_message(w->p, w->m->path.pieces[i].message);
}

static const column piece_columns[] = {
    { "piece_from", piece_from },       { "piece_length", piece_length },
    { "piece_kind", piece_kind },       { "piece_thread", piece_thread },
    { "piece_message", piece_message },
};

/* ---- All of them ----------------------------------------------------------*/

void page_columns(page_data *p)
{
    const trace_model *m = p->m;
    writing w = { .p = p, .m = m };

    w.last_of = args_alloc(m->num_threads + 1, sizeof(*w.last_of));
    PUT_TABLE(&w, time_columns, p->num_times, has_all);
    PUT_TABLE(&w, message_columns, m->num_messages, has_message);
    put_sizes(p);
    put_causes(p);
    put_numbers_of_spans(p);
    PUT_TABLE(&w, span_columns, m->num_spans, has_span);
    put_kinds(p);
    PUT_TABLE(&w, call_columns, m->num_calls, has_call);
    PUT_TABLE(&w, note_columns, m->num_notes, has_note);
    put_counts(p);
    PUT_TABLE(&w, piece_columns, m->path.n, has_piece);
    free(w.last_of);
}
