/* See page_data.h. */

#include "bench/trace/page_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/page_column.h"

#define MOST_TICKS 1099511627776.0 /* 2^40 */

/* ---- Times ----------------------------------------------------------------*/

typedef struct times {
    double *values;
    size_t n;
    size_t room;
} times;

static void add_time(times *t, double time)
{
    if (isnan(time))
        return;
    if (t->n == t->room) {
        t->room = t->room == 0 ? 1024 : t->room * 2;
        t->values = args_realloc(t->values, t->room, sizeof(*t->values));
    }
    t->values[t->n++] = time;
}

static void collect_messages(const page_data *p, times *t)
{
    for (size_t i = 1; i < p->m->num_messages; i++) {
        const trace_message *msg = &p->m->messages[i];
        if (p->messages[i] == 0)
            continue;
        add_time(t, msg->sent);
        add_time(t, msg->begun);
        add_time(t, msg->came);
        add_time(t, msg->ended);
        add_time(t, msg->taken);
    }
}

static void collect_threads(const page_data *p, times *t)
{
    for (uint32_t i = 1; i < p->m->num_threads; i++) {
        const trace_thread *thread = &p->m->threads[i];
        if (p->threads[i] == 0)
            continue;
        add_time(t, thread->spawned);
        add_time(t, thread->started);
        add_time(t, thread->ended);
    }
    for (size_t i = 0; i < p->m->num_spans; i++) {
        const trace_span *s = &p->m->spans[i];
        if (!page_has_span(p, s))
            continue;
        add_time(t, s->from);
        add_time(t, s->to);
    }
}

static void collect_rest(const page_data *p, times *t)
{
    const trace_model *m = p->m;

    add_time(t, p->view->from);
    add_time(t, p->view->to);
    for (size_t i = 0; i < m->num_calls; i++) {
        add_time(t, m->calls[i].from);
        add_time(t, m->calls[i].to);
    }
    for (size_t i = 0; i < m->num_notes; i++)
        add_time(t, m->notes[i].time);
    for (size_t i = 0; i < m->num_faults; i++)
        add_time(t, m->faults[i].time);
    for (size_t i = 0; i < m->path.n; i++) {
        add_time(t, m->path.pieces[i].from);
        add_time(t, m->path.pieces[i].to);
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* A tick is a power of 2, so that nothing but the last bits are lost. */
static void make_ticks(page_data *p, times *t)
{
    int power;

    qsort(t->values, t->n, sizeof(*t->values), compare);
    p->origin = t->values[0];
    const double length = t->values[t->n - 1] - p->origin;
    frexp(length / MOST_TICKS, &power);
    p->tick = length > 0 ? ldexp(1, power) : 1;
    p->ticks = args_alloc(t->n, sizeof(*p->ticks));
    for (size_t i = 0; i < t->n; i++) {
        const uint64_t ticks =
            (uint64_t)((t->values[i] - p->origin) / p->tick + 0.5);
        if (i == 0 || ticks > p->ticks[p->num_times - 1])
            p->ticks[p->num_times++] = ticks;
    }
}

size_t page_when(const page_data *p, double time)
{
    const double x = (time - p->origin) / p->tick + 0.5;
    const uint64_t ticks = x > 0 ? (uint64_t)x : 0;
    size_t low = 0;
    size_t high = p->num_times - 1;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (p->ticks[middle] < ticks)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- What is there --------------------------------------------------------*/

bool page_has(const page_data *p, uint32_t thread, double from, double to)
{
    return p->threads[thread] != 0 && from <= p->view->to &&
           (isnan(to) || to >= p->view->from);
}

/* One that takes no time says nothing, unless it is the last. */
bool page_has_span(const page_data *p, const trace_span *s)
{
    return (s->to > s->from || s->why == DS__WOKEN_OVER) &&
           page_has(p, s->thread, s->from, s->to);
}

uint32_t page_row_of_node(const page_data *p, uint32_t node)
{
    for (size_t i = 0; node != 0 && i < p->view->num_rows; i++)
        if (p->view->rows[i].node == node)
            return p->rows[i];
    return 0;
}

uint32_t page_message(const page_data *p, uint64_t name)
{
    if (name <= p->m->message_base ||
        name - p->m->message_base >= p->m->num_messages)
        return 0;
    return p->messages[name - p->m->message_base];
}

uint32_t page_stream(page_data *p, uint32_t stream)
{
    if (stream == 0 || stream >= p->m->num_streams)
        return 0;
    if (p->streams[stream] == 0)
        p->streams[stream] = (uint32_t)++p->num_streams;
    return p->streams[stream];
}

static uint32_t *numbers(size_t n)
{
    uint32_t *all = args_alloc(n + 1, sizeof(*all));

    memset(all, 0, (n + 1) * sizeof(*all));
    return all;
}

static void number_rows(page_data *p)
{
    const trace_view *v = p->view;
    uint32_t rows = 0;
    uint32_t threads = 0;

    for (size_t i = 0; i < v->num_rows; i++)
        if (v->rows[i].shown)
            p->rows[i] = ++rows;
    for (uint32_t i = 1; i < p->m->num_threads; i++)
        if (p->m->threads[i].known && p->rows[p->m->threads[i].row] != 0)
            p->threads[i] = ++threads;
}

/* One is there if either end of it is. */
static void number_messages(page_data *p)
{
    const trace_model *m = p->m;

    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (msg->fate == TRACE_FORGOTTEN || isnan(msg->sent))
            continue;
        if (page_has(p, msg->sender, msg->sent, msg->ended) ||
            page_has(p, msg->taker, msg->sent, msg->ended))
            p->messages[i] = (uint32_t)++p->num_messages;
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The model has each text once. */
size_t page_text(const page_data *p, const char *text)
{
    if (text == NULL)
        return 0;
    char *const *at = bsearch(&text, p->texts, p->m->texts.n, sizeof(*p->texts),
                              compare_texts);
    return at == NULL ? 0 : 1 + (size_t)(at - p->texts);
}

/* ---- Columns --------------------------------------------------------------*/

void page_add(page_data *p, uint64_t value)
{
    if (p->n == p->room) {
        p->room = p->room == 0 ? 1024 : p->room * 2;
        p->values = args_realloc(p->values, p->room, sizeof(*p->values));
    }
    p->values[p->n++] = value;
}

void page_end(page_data *p, const char *name)
{
    page_column(p->out, name, p->values, p->n);
    p->n = 0;
}

/* ---- All of it ------------------------------------------------------------*/

void page_data_make(page_data *p, const trace_view *view, FILE *out)
{
    times t = { .values = NULL };

    *p = (page_data){ .view = view, .m = view->model, .out = out };
    p->rows = numbers(view->num_rows);
    p->threads = numbers(p->m->num_threads);
    p->streams = numbers(p->m->num_streams);
    p->messages = numbers(p->m->num_messages);
    p->texts = args_alloc(p->m->texts.n + 1, sizeof(*p->texts));
    for (size_t i = 0; i < p->m->texts.n; i++)
        p->texts[i] = p->m->texts.all[i];
    qsort(p->texts, p->m->texts.n, sizeof(*p->texts), compare_texts);
    number_rows(p);
    number_messages(p);
    collect_messages(p, &t);
    collect_threads(p, &t);
    collect_rest(p, &t);
    make_ticks(p, &t);
    free(t.values);
}

void page_data_free(page_data *p)
{
    free(p->ticks);
    free(p->rows);
    free(p->threads);
    free(p->streams);
    free(p->messages);
    free(p->texts);
    free(p->values);
}
