/* What a figure says in words: marks, states and faults, each where it
 * happened. A text that has no room is left out and counted; its sign is always
 * there. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/trace/figure.h"

enum { SAID = 32 /* characters */ };

static double size_of(const figure *f)
{
    return f->pitch >= 20 ? 7.5 : f->pitch >= 12 ? 6 : 5;
}

/* On white, so that lines do not make it illegible. */
static void put(figure *f, double x, double y, const char *anchor,
                const char *text)
{
    figure_text(f, x, y, anchor, size_of(f),
                " stroke='#fff' stroke-width='2' stroke-opacity='.8'", text,
                SAID);
    figure_text(f, x, y, anchor, size_of(f), "", text, SAID);
}

/* To the right of x, or else to the left of it; not beyond the plot. */
static void say(figure *f, double *end, double x, double y, const char *text)
{
    const double width = figure_text_width(text, size_of(f), SAID) + 3;

    if (x + 2 >= *end && x + width <= f->right) {
        put(f, x + 2, y, "start", text);
        *end = x + width;
    } else if (x - width >= *end && x > f->right - width) {
        put(f, x - 2, y, "end", text);
        *end = x;
    } else {
        f->unsaid++;
    }
}

static bool is_seen(const figure *f, double y, double time)
{
    return !isnan(y) && figure_in_view(f, time, time);
}

/* ---- Marks ----------------------------------------------------------------*/

static void put_flag(figure *f, double x, double y)
{
    const double top = y - 0.44 * f->pitch;
    const figure_point points[] = {
        { x, y }, { x, top }, { x + 3, top + 1.5 }, { x, top + 3 }
    };

    figure_shape(f, points, 4);
}

static void put_flags(figure *f)
{
    const trace_model *m = f->view->model;
    size_t n = 0;

    figure_begin(f, FIGURE_FLAG);
    for (size_t i = 0; i < m->num_notes; i++) {
        const trace_note *note = &m->notes[i];
        const double y = figure_thread_y(f, note->thread);
        if (note->kind != TRACE_MARK || !is_seen(f, y, note->time))
            continue;
        if (++n <= FIGURE_NOTES)
            put_flag(f, figure_x(f, note->time), y);
        else
            f->notes++;
    }
    figure_end(f);
}

static void say_marks(figure *f, double *ends)
{
    const trace_model *m = f->view->model;
    size_t n = 0;

    for (size_t i = 0; i < m->num_notes && n < FIGURE_NOTES; i++) {
        const trace_note *note = &m->notes[i];
        const double y = figure_thread_y(f, note->thread);
        if (note->kind != TRACE_MARK || note->text == NULL ||
            !is_seen(f, y, note->time))
            continue;
        n++;
        say(f, &ends[m->threads[note->thread].row], figure_x(f, note->time) + 2,
            y - 0.24 * f->pitch, note->text);
    }
}

/* A state has its name if there is room until the next one of its thread; the
 * legend has it in any case. */
static void say_states(figure *f)
{
    const trace_model *m = f->view->model;
    double *next = args_alloc(m->num_threads + 1, sizeof(*next));

    for (size_t i = 0; i < m->num_threads; i++)
        next[i] = f->right;
    for (size_t i = m->num_notes; i > 0; i--) {
        const trace_note *note = &m->notes[i - 1];
        const double y = figure_thread_y(f, note->thread);
        const double x = fmax(figure_x(f, note->time), f->left);
        if (note->kind != TRACE_STATE)
            continue;
        if (note->text != NULL && !isnan(y) && x < f->right &&
            x + 4 + figure_text_width(note->text, size_of(f), SAID) <
                fmin(next[note->thread], f->right))
            put(f, x + 2, y + 0.28 * f->pitch, "start", note->text);
        if (note->text != NULL)
            next[note->thread] = figure_x(f, note->time);
    }
    free(next);
}

/* ---- Faults ---------------------------------------------------------------*/

/* Rows are, or it is nothing that went wrong, as a disk that is set. */
static bool is_shown_otherwise(const trace_fault *f)
{
    const unsigned what = f->what;

    return what == DS__FAULT_CRASH || what == DS__FAULT_RESTART ||
           what == DS__FAULT_PAUSE || what == DS__FAULT_RESUME ||
           what == DS__FAULT_PART || what == DS__FAULT_HEAL ||
           (what == DS__FAULT_DISK && f->value != 1);
}

static void put_diamond(figure *f, double x, double y)
{
    const figure_point points[] = {
        { x - 2.5, y }, { x, y - 2.5 }, { x + 2.5, y }, { x, y + 2.5 }
    };

    figure_shape(f, points, 4);
}

static void say_fault(figure *f, double *ends, const trace_fault *fault,
                      double y)
{
    char text[2 * TRACE_ROW_NAME], other[TRACE_ROW_NAME];
    const char *name = trace_fault_name(fault->what);

    if (trace_fault_is_of_links(fault))
        snprintf(text, sizeof(text), "%s to %s", name,
                 trace_view_node(f->view, fault->b, other, sizeof(other)));
    else if (fault->what == DS__FAULT_DISK)
        snprintf(text, sizeof(text), "new disk");
    else
        snprintf(text, sizeof(text), "%s %g", name, fault->value);
    say(f, &ends[f->rows[fault->a]], figure_x(f, fault->time) + 2,
        y - 0.24 * f->pitch, text);
}

/* Those of machines and links that are not the row's for some time. */
static void put_faults(figure *f, double *ends)
{
    const trace_model *m = f->view->model;

    for (int round = 0; round < 2; round++) {
        size_t n = 0;
        figure_begin(f, FIGURE_FAULT);
        for (size_t i = 0; i < m->num_faults; i++) {
            const trace_fault *fault = &m->faults[i];
            const double y = figure_node_y(f, fault->a);
            if (is_shown_otherwise(fault) || !is_seen(f, y, fault->time))
                continue;
            if (++n > FIGURE_NOTES)
                f->notes += round == 0;
            else if (round == 0)
                put_diamond(f, figure_x(f, fault->time), y);
            else
                say_fault(f, ends, fault, y);
        }
        figure_end(f);
    }
}

/* ---- All of them ----------------------------------------------------------*/

void figure_notes(figure *f)
{
    const size_t rows = f->view->num_rows;
    /* Where there are texts already, by row: the end of the last one. */
    double *ends = args_alloc(rows + 1, sizeof(*ends));

    for (size_t i = 0; i <= rows; i++)
        ends[i] = f->left;
    put_flags(f);
    say_states(f);
    say_marks(f, ends);
    put_faults(f, ends);
    free(ends);
}
