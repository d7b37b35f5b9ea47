/* The column of a figure that says who waits for whom at a deadlock.
 *
 * Those of one circle are in bold lines with full dots; whoever merely waits
 * for one of them has a thin and broken line, and an open dot. */

#include <math.h>
#include <stdio.h>

#include "bench/trace/figure.h"

enum { SAID = 34, DOT = 14, BOWS = 60 /* pixels, from the plot */ };

static double dot_x(const figure *f)
{
    return f->right + DOT;
}

/* Whether it is what holds the circle together: of several that a thread waits
 * for, the first. */
static bool is_of_circle(const trace_model *m, size_t i)
{
    const trace_wait *w = &m->waits[i];

    for (size_t k = 0; k < i; k++)
        if (m->waits[k].who == w->who)
            return false;
    return m->threads[w->who].in_circle && m->threads[w->whom].in_circle;
}

/* A curve from the dot of one to that of the other, with a head.  What goes
 * further bows out further. */
static void put_bow(figure *f, double from, double to, double most)
{
    const double x = dot_x(f);
    const double out =
        x + 8 + (BOWS - DOT - 12) * fmin(fabs(to - from) / most, 1);
    const double end = x + 3;
    const double top = to < from ? 1 : -1;

    fprintf(f->file, "<path %s d='M", figure_attributes(f->style));
    figure_number(f, end);
    putc(' ', f->file);
    figure_number(f, from);
    fputs("C", f->file);
    figure_number(f, out + 14);
    putc(' ', f->file);
    figure_number(f, from);
    putc(' ', f->file);
    figure_number(f, out + 14);
    putc(' ', f->file);
    figure_number(f, to + 3 * top);
    putc(' ', f->file);
    figure_number(f, end + 4);
    putc(' ', f->file);
    figure_number(f, to + 0.8 * top);
    fputs("'/>\n", f->file);
    f->used[f->style] = true;
}

static void put_end(figure *f, double y)
{
    const double x = dot_x(f) + 2.5;
    const figure_point points[] = { { x, y },
                                    { x + 6, y - 3 },
                                    { x + 6, y + 3 } };

    fprintf(f->file, "<path stroke='none' %s d='M",
            f->style == FIGURE_CIRCLE ? "fill='#c0143c'" : "fill='#777'");
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            putc('L', f->file);
        figure_number(f, points[i].x);
        putc(' ', f->file);
        figure_number(f, points[i].y);
    }
    fputs("z'/>\n", f->file);
}

static void put_bows(figure *f, bool circle)
{
    const trace_model *m = f->view->model;
    double most = f->pitch;
    size_t n = 0;

    for (size_t i = 0; i < m->num_waits; i++) {
        const double far = fabs(figure_thread_y(f, m->waits[i].who) -
                                figure_thread_y(f, m->waits[i].whom));
        most = far > most ? far : most;
    }
    figure_begin(f, circle ? FIGURE_CIRCLE : FIGURE_WAIT);
    for (size_t i = 0; i < m->num_waits; i++) {
        const double from = figure_thread_y(f, m->waits[i].who);
        const double to = figure_thread_y(f, m->waits[i].whom);
        if (isnan(from) || isnan(to) || is_of_circle(m, i) != circle)
            continue;
        if (++n > FIGURE_NOTES) {
            f->notes++;
            continue;
        }
        /* Beside those of the circle, which are the thicker ones. */
        const double end = to + (circle ? 0 : from < to ? -4 : 4);
        put_bow(f, from, end, most);
        put_end(f, end);
    }
}

static void put_dot(figure *f, double y, bool circle)
{
    fputs("<circle cx='", f->file);
    figure_number(f, dot_x(f));
    fputs("' cy='", f->file);
    figure_number(f, y);
    fprintf(f->file, "' r='2.5' %s/>\n",
            circle ? "fill='#c0143c'" : "fill='#fff' stroke='#777'");
}

/* One text for each row, of its first thread that is stuck. */
static void put_rows(figure *f)
{
    const trace_model *m = f->view->model;
    const double size = f->pitch >= 12 ? 8 : 6;

    for (size_t row = 0; row < f->view->num_rows; row++) {
        const trace_thread *first = NULL;
        size_t n = 0;
        if (isnan(f->y[row]))
            continue;
        for (uint32_t i = 1; i < m->num_threads; i++) {
            const trace_thread *t = &m->threads[i];
            if (!t->known || t->row != row || t->stuck == NULL)
                continue;
            if (first == NULL || (t->in_circle && !first->in_circle))
                first = t;
            n++;
        }
        if (first == NULL)
            continue;
        put_dot(f, f->y[row], first->in_circle);
        figure_text(f, f->right + BOWS + 10, f->y[row] + 0.35 * size, "start",
                    size,
                    first->in_circle ? " font-weight='bold' fill='#c0143c'"
                                     : " fill='#555'",
                    first->stuck, n > 1 ? SAID - 8 : SAID);
        if (n > 1) {
            char more[40];
            snprintf(more, sizeof(more), "+ %zu", n - 1);
            figure_text(f, FIGURE_WIDTH - 4, f->y[row] + 0.35 * size, "end",
                        size, " fill='#555'", more, SAID);
        }
    }
}

void figure_waits(figure *f)
{
    figure_text(f, f->right + 8, f->top - 6, "start", 9, " font-weight='bold'",
                "deadlock: waits for", SAID);
    put_bows(f, false);
    put_bows(f, true);
    put_rows(f);
    figure_end(f);
}
