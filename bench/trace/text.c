/* See text.h.
 *
 * A character says what the row did for the most of its time.  The sending of
 * a message goes before that: one that is lost, and one of the critical path,
 * which winds through the diagram so. */

#include "bench/trace/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/summary.h"

enum { NAME = 14, COLUMNS = TRACE_TEXT_COLUMNS - NAME - 3, DOINGS = 3 };

/* One row's, as it is found. */
typedef struct strip {
    double seconds[COLUMNS][DOINGS];
    bool alive[COLUMNS];
    bool lost[COLUMNS];
    bool on_path[COLUMNS];
    bool down[COLUMNS];
    bool paused[COLUMNS];
    bool put_off[COLUMNS]; /* what has come to it is */
} strip;

typedef struct diagram {
    const trace_view *view;
    strip *strips; /* by row */
    double width;  /* seconds of a column */
} diagram;

/* ---- Where things are -----------------------------------------------------*/

static double column_of(const diagram *d, double time)
{
    return d->width > 0 ? (time - d->view->from) / d->width : 0;
}

static int clamp(double column)
{
    if (!(column > 0))
        return 0;
    return column >= COLUMNS ? COLUMNS - 1 : (int)column;
}

static bool in_view(const diagram *d, double from, double to)
{
    return from <= d->view->to && to >= d->view->from;
}

/* ---- What there is --------------------------------------------------------*/

static void put_span(diagram *d, const trace_span *s)
{
    strip *row = &d->strips[d->view->model->threads[s->thread].row];

    if (!in_view(d, s->from, s->to))
        return;
    const double first = column_of(d, s->from);
    const double last = column_of(d, s->to);
    for (int c = clamp(first); c <= clamp(last); c++) {
        const double share = fmin(last, c + 1) - fmax(first, c);
        if (share > 0)
            row->seconds[c][s->doing] += share;
    }
}

static void put_life(diagram *d, const trace_thread *t)
{
    const double from = isnan(t->started) ? d->view->from : t->started;
    const double to = isnan(t->ended) ? d->view->to : t->ended;

    if (!in_view(d, from, to))
        return;
    for (int c = clamp(column_of(d, from)); c <= clamp(column_of(d, to)); c++)
        d->strips[t->row].alive[c] = true;
}

static void put_message(diagram *d, const trace_message *m)
{
    if (m->fate == TRACE_FORGOTTEN || m->sender == 0 ||
        !in_view(d, m->sent, m->sent))
        return;
    strip *row = &d->strips[d->view->model->threads[m->sender].row];
    const int c = clamp(column_of(d, m->sent));
    row->lost[c] = row->lost[c] || m->fate == TRACE_LOST;
    row->on_path[c] = row->on_path[c] || m->on_path;
}

/* false: nobody is known to receive there. */
static bool row_of_port(const trace_view *v, uint32_t stream, size_t *row)
{
    const trace_model *m = v->model;
    const uint32_t node = trace_node_of(m, stream);
    const uint32_t owner =
        stream < m->num_streams ? m->streams[stream].owner : 0;

    for (*row = 0; node != 0 && *row < v->num_rows; ++*row)
        if (v->rows[*row].node == node)
            return true;
    *row = m->threads[owner].row;
    return owner != 0;
}

static void put_put_off(diagram *d, const trace_message *m)
{
    const double to = isnan(m->ended) ? d->view->to : m->ended;
    size_t row;

    if (isnan(m->came) || !in_view(d, m->came, to) ||
        !row_of_port(d->view, m->dest, &row))
        return;
    for (int c = clamp(column_of(d, m->came)); c <= clamp(column_of(d, to));
         c++)
        d->strips[row].put_off[c] = true;
}

/* A machine is down, or paused. */
static void put_outage(diagram *d, const trace_fault *f, bool *columns)
{
    const double to = isnan(f->until) ? d->view->to : f->until;

    if (!in_view(d, f->time, to))
        return;
    for (int c = clamp(column_of(d, f->time)); c <= clamp(column_of(d, to));
         c++)
        columns[c] = true;
}

static void put_faults(diagram *d, size_t row)
{
    const trace_model *m = d->view->model;
    const uint32_t node = d->view->rows[row].node;

    for (size_t i = 0; node != 0 && i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        if (f->a == node && f->what == DS__FAULT_CRASH)
            put_outage(d, f, d->strips[row].down);
        if (f->a == node && f->what == DS__FAULT_PAUSE)
            put_outage(d, f, d->strips[row].paused);
    }
}

/* ---- Printing -------------------------------------------------------------*/

static char character(const strip *row, int c)
{
    static const char doings[DOINGS] = { '.', 'z', '#' };
    const double *seconds = row->seconds[c];
    int most = 0;

    if (row->lost[c])
        return 'x';
    if (row->on_path[c])
        return '\\';
    if (row->down[c])
        return '/';
    if (row->paused[c])
        return '=';
    for (int i = 1; i < DOINGS; i++)
        if (seconds[i] > seconds[most])
            most = i;
    if (row->put_off[c] && most == TRACE_WAITS)
        return 'h';
    if (seconds[most] > 0)
        return doings[most];
    return row->alive[c] ? '-' : ' ';
}

/* Whom the threads of a row wait for at a deadlock. */
static void print_waits(const trace_view *v, size_t row)
{
    const trace_model *m = v->model;
    char name[TRACE_ROW_NAME];
    bool circle = false;
    size_t n = 0;

    for (size_t i = 0; i < m->num_waits; i++) {
        const trace_wait *w = &m->waits[i];
        if (m->threads[w->who].row != row)
            continue;
        printf("%s%s", n++ == 0 ? " waits for " : ", ",
               trace_thread_name(m, w->whom, name, sizeof(name)));
        circle = circle || m->threads[w->who].in_circle;
    }
    if (circle)
        printf(" (in a circle)");
    for (uint32_t i = 1; n == 0 && i < m->num_threads; i++)
        if (m->threads[i].row == row && m->threads[i].stuck != NULL) {
            printf(" waits for %s", m->threads[i].stuck);
            n++;
        }
}

static void print_row(const diagram *d, size_t row)
{
    printf("%*.*s |", NAME, NAME, d->view->rows[row].name);
    for (int c = 0; c < COLUMNS; c++)
        putchar(character(&d->strips[row], c));
    putchar('|');
    print_waits(d->view, row);
    putchar('\n');
}

static void print_scale(const diagram *d)
{
    char from[TRACE_UNITS_MAX], to[TRACE_UNITS_MAX];
    const int left =
        printf("%*s  %s", NAME, "", trace_units(from, d->view->from, "s"));

    printf("%*s\n", TRACE_TEXT_COLUMNS - left,
           trace_units(to, d->view->to, "s"));
}

/* What is in view of what has gone wrong, or right again. */
static void print_faults(const trace_view *v)
{
    const trace_model *m = v->model;
    char words[TRACE_FAULT_MAX], time[TRACE_UNITS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        if (f->time < v->from || f->time > v->to ||
            trace_fault_is_told_before(m, f) || n++ >= TRACE_TEXT_FAULTS)
            continue;
        printf("%*s  %.*s\n", NAME, trace_units(time, f->time, "s"),
               TRACE_TEXT_COLUMNS - NAME - 2, trace_fault_words(m, f, words));
    }
    if (n > TRACE_TEXT_FAULTS)
        printf("%*s  and %zu more faults; --from and --to choose\n", NAME, "",
               n - TRACE_TEXT_FAULTS);
}

void trace_text(const trace_view *v)
{
    const trace_model *m = v->model;
    diagram d = { .view = v };
    size_t shown = 0;

    d.width = (v->to - v->from) / COLUMNS;
    d.strips = args_alloc(v->num_rows + 1, sizeof(*d.strips));
    memset(d.strips, 0, (v->num_rows + 1) * sizeof(*d.strips));
    for (size_t i = 0; i < m->num_spans; i++)
        put_span(&d, &m->spans[i]);
    for (size_t i = 1; i < m->num_threads; i++)
        if (m->threads[i].known)
            put_life(&d, &m->threads[i]);
    for (size_t i = 1; i < m->num_messages; i++) {
        put_message(&d, &m->messages[i]);
        put_put_off(&d, &m->messages[i]);
    }
    print_scale(&d);
    for (size_t i = 0; i < v->num_rows && shown < TRACE_TEXT_ROWS; i++) {
        if (!v->rows[i].shown)
            continue;
        put_faults(&d, i);
        print_row(&d, i);
        shown++;
    }
    if (shown < v->num_shown)
        printf("%*s  and %zu more rows; --rows chooses\n", NAME, "",
               v->num_shown - shown);
    printf("%*s  # computes  z sleeps  . waits  - runs  / is down  = is "
           "paused\n"
           "%*s  \\ sends what the critical path goes by  x sends what is "
           "lost\n",
           NAME, "", NAME, "");
    if (m->put_off > 0)
        printf("%*s  h waits while what has come to it is put off\n", NAME, "");
    print_faults(v);
    free(d.strips);
    trace_print_circle(m);
}
