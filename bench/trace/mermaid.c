/* See writers.h.
 *
 * A diagram of sequences has no time, only an order: messages stand where they
 * arrive or are lost, and marks, states and faults where they happen. */

#include "bench/trace/writers.h"

#include <math.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/trace/output.h"

enum { MOST = 60, NAME = 40, TEXT = 80 };

/* A line of it; of several at a moment the order is that of the arrays. */
typedef struct line {
    double time;
    size_t order;
    const trace_message *message;
    const trace_note *note;
    const trace_fault *fault;
} line;

typedef struct diagram {
    const trace_view *view;
    FILE *file;
    line *lines;
    size_t n;
} diagram;

/* What would end a text or begin something else is written by its number. */
static void escape(FILE *file, unsigned c)
{
    if (c < 32)
        putc(' ', file);
    else if (c == ';' || c == '#' || c == '<' || c == '>' || c == '&' ||
             c == '"' || c == '%' || c == '{' || c == '}')
        fprintf(file, "#%u;", c);
    else
        trace_put_character(file, c);
}

static int compare(const void *a, const void *b)
{
    const line *x = a;
    const line *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* ---- Rows -----------------------------------------------------------------*/

static size_t row_of_node(const trace_view *v, uint32_t node)
{
    for (size_t i = 0; node != 0 && i < v->num_rows; i++)
        if (v->rows[i].node == node)
            return i;
    return SIZE_MAX;
}

static size_t row_of(const trace_view *v, uint32_t node, uint32_t thread)
{
    const trace_model *m = v->model;
    const size_t row = row_of_node(v, node);

    if (row != SIZE_MAX)
        return row;
    return thread != 0 && thread < m->num_threads && m->threads[thread].known
               ? m->threads[thread].row
               : SIZE_MAX;
}

static size_t source_row(const trace_view *v, const trace_message *m)
{
    return row_of(v, trace_node_of(v->model, m->source), m->sender);
}

static size_t dest_row(const trace_view *v, const trace_message *m)
{
    return row_of(v, trace_node_of(v->model, m->dest), m->taker);
}

static bool is_shown(const trace_view *v, size_t row)
{
    return row != SIZE_MAX && v->rows[row].shown;
}

/* Of a message, that of its source. */
static size_t row_of_line(const line *l, const trace_view *v)
{
    return l->message != NULL ? source_row(v, l->message)
           : l->note != NULL  ? v->model->threads[l->note->thread].row
                              : row_of_node(v, l->fault->a);
}

/* ---- Lines ----------------------------------------------------------------*/

static void add(diagram *d, line l)
{
    if (l.time < d->view->from || l.time > d->view->to || isnan(l.time))
        return;
    l.order = d->n;
    d->lines[d->n++] = l;
}

static void collect(diagram *d)
{
    const trace_view *v = d->view;
    const trace_model *m = v->model;

    d->lines = args_alloc(m->num_faults + m->num_notes + m->num_messages + 1,
                          sizeof(*d->lines));
    for (size_t i = 0; i < m->num_faults; i++)
        if (is_shown(v, row_of_node(v, m->faults[i].a)))
            add(d, (line){ .time = m->faults[i].time, .fault = &m->faults[i] });
    for (size_t i = 0; i < m->num_notes; i++)
        if (m->notes[i].kind != TRACE_COUNT && m->notes[i].text != NULL &&
            is_shown(v, m->threads[m->notes[i].thread].row))
            add(d, (line){ .time = m->notes[i].time, .note = &m->notes[i] });
    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (msg->fate != TRACE_FORGOTTEN && is_shown(v, source_row(v, msg)) &&
            is_shown(v, dest_row(v, msg)))
            add(d, (line){ .time = isnan(msg->ended) ? m->end : msg->ended,
                           .message = msg });
    }
    qsort(d->lines, d->n, sizeof(*d->lines), compare);
}

static void put_message(const diagram *d, const trace_message *m)
{
    char bytes[TRACE_UNITS_MAX], time[TRACE_UNITS_MAX];
    const bool lost = m->fate == TRACE_LOST;

    fprintf(d->file, "    r%zu%sr%zu: %s, %s %s%s", source_row(d->view, m),
            lost                       ? "--x"
            : m->fate == TRACE_ARRIVED ? "->>"
                                       : "-->>",
            dest_row(d->view, m), trace_units(bytes, m->size, "B"),
            lost                       ? "lost at"
            : m->fate == TRACE_ARRIVED ? "at"
                                       : "under way at",
            trace_units(time, isnan(m->ended) ? d->view->model->end : m->ended,
                        "s"),
            m->on_path ? " (critical)" : "");
    if (!isnan(m->came))
        fprintf(d->file, " (put off for %s)",
                trace_units(time, trace_put_off(d->view->model, m), "s"));
    putc('\n', d->file);
}

static void put_line(const diagram *d, const line *l)
{
    const trace_view *v = d->view;
    char time[TRACE_UNITS_MAX];

    if (l->message != NULL) {
        put_message(d, l->message);
        return;
    }
    fprintf(d->file, "    Note over r%zu: ", row_of_line(l, v));
    trace_put_text(d->file,
                   l->note != NULL ? l->note->text
                                   : trace_fault_name(l->fault->what),
                   TEXT, escape);
    fprintf(d->file, ", %s\n", trace_units(time, l->time, "s"));
}

/* At a deadlock: whom the threads of a row wait for. */
static size_t put_waits(const diagram *d)
{
    const trace_view *v = d->view;
    const trace_model *m = v->model;
    size_t left_out = 0;
    size_t n = 0;

    for (uint32_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        if (t->stuck == NULL || !is_shown(v, t->row))
            continue;
        if (++n > MOST) {
            left_out++;
            continue;
        }
        fprintf(d->file, "    Note over r%zu: waits for ", t->row);
        trace_put_text(d->file, t->stuck, TEXT, escape);
        fprintf(d->file, "%s\n", t->in_circle ? " (in a circle)" : "");
    }
    return left_out;
}

/* ---- The diagram ----------------------------------------------------------*/

static void put_rows(const diagram *d, size_t n)
{
    const trace_view *v = d->view;
    bool *used = args_alloc(v->num_rows + 1, sizeof(*used));

    for (size_t i = 0; i < v->num_rows; i++)
        used[i] = false;
    for (size_t i = 0; i < n; i++) {
        const line *l = &d->lines[i];
        if (l->message != NULL) {
            used[source_row(v, l->message)] = true;
            used[dest_row(v, l->message)] = true;
        } else {
            used[row_of_line(l, v)] = true;
        }
    }
    for (uint32_t i = 1; i < v->model->num_threads; i++)
        if (v->model->threads[i].stuck != NULL)
            used[v->model->threads[i].row] = true;
    for (size_t i = 0; i < v->num_rows; i++) {
        if (!used[i] || !v->rows[i].shown)
            continue;
        fprintf(d->file, "    participant r%zu as ", i);
        trace_put_text(d->file, v->rows[i].name, NAME, escape);
        putc('\n', d->file);
    }
    free(used);
}

failure trace_mermaid(const trace_view *v, const char *name)
{
    diagram d = { .view = v };
    failure why = trace_output_open(&d.file, name);

    if (why.status != 0)
        return why;
    collect(&d);
    const size_t shown = d.n < MOST ? d.n : MOST;
    fputs("sequenceDiagram\n", d.file);
    put_rows(&d, shown);
    for (size_t i = 0; i < shown; i++)
        put_line(&d, &d.lines[i]);
    if (shown < d.n) {
        fprintf(d.file, "    Note over r%zu: %zu more lines are left out\n",
                row_of_line(&d.lines[0], v), d.n - shown);
        args_warn("%s: the first %zu lines of %zu are in the diagram; --from, "
                  "--to and --rows choose",
                  v->model->file, shown, d.n);
    }
    const size_t left_out = put_waits(&d);
    if (left_out > 0)
        args_warn("%s: %zu more threads wait", v->model->file, left_out);
    free(d.lines);
    return trace_output_close(d.file, name, why);
}
