/* The rows of a figure: what was true of each for some time.  Several threads
 * of a node share its row. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/figure.h"

/* ---- Machines -------------------------------------------------------------*/

/* What a machine suffers by one kind of fault, for as long as that lasts. */
static void put_plights(figure *f, figure_style style, unsigned what)
{
    const trace_model *m = f->view->model;

    figure_begin(f, style);
    for (size_t i = 0; i < m->num_faults; i++) {
        const trace_fault *fault = &m->faults[i];
        const double to = isnan(fault->until) ? INFINITY : fault->until;
        const double y = figure_node_y(f, fault->a);
        if (fault->what != what || isnan(y) ||
            !figure_in_view(f, fault->time, to))
            continue;
        if (style == FIGURE_CUT_OFF)
            figure_bar(f, fault->time, to, y, f->pitch);
        else
            figure_hatch(f, fault->time, to, y, 0.7 * f->pitch);
    }
}

/* ---- States ---------------------------------------------------------------*/

/* Of the legend, by the order of their first use; the last one is that of all
 * that are too many. */
static size_t tint_of(figure *f, const char *state)
{
    for (size_t i = 0; i < f->num_states; i++)
        if (strcmp(f->states[i], state) == 0)
            return i;
    if (f->num_states == FIGURE_STATES)
        return FIGURE_STATES - 1;
    f->states[f->num_states] = state;
    return f->num_states++;
}

static void put_state(figure *f, const trace_note *note, double to)
{
    const trace_thread *t = &f->view->model->threads[note->thread];
    const double y = figure_thread_y(f, note->thread);

    if (!isnan(t->ended) && t->ended < to)
        to = t->ended;
    if (note->text == NULL || isnan(y) || !figure_in_view(f, note->time, to))
        return;
    const size_t tint = tint_of(f, note->text);
    figure_begin(f, FIGURE_STATE + (figure_style)tint);
    figure_bar(f, note->time, to, y, 0.62 * f->pitch);
}

static void put_states(figure *f)
{
    const trace_model *m = f->view->model;
    const trace_note **last = args_alloc(m->num_threads + 1, sizeof(*last));
    size_t n = 0;

    for (size_t i = 0; i < m->num_threads; i++)
        last[i] = NULL;
    for (size_t i = 0; i < m->num_notes; i++) {
        const trace_note *note = &m->notes[i];
        if (note->kind != TRACE_STATE)
            continue;
        if (++n > FIGURE_NOTES) {
            f->notes++;
            continue;
        }
        if (last[note->thread] != NULL)
            put_state(f, last[note->thread], note->time);
        last[note->thread] = note;
    }
    for (size_t i = 0; i < m->num_threads; i++)
        if (last[i] != NULL)
            put_state(f, last[i], f->view->to);
    figure_end(f);
    free(last);
}

/* ---- Threads --------------------------------------------------------------*/

static void put_lives(figure *f)
{
    const trace_model *m = f->view->model;

    figure_begin(f, FIGURE_LIFE);
    for (uint32_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        const double y = figure_thread_y(f, i);
        const double from = isnan(t->started) ? m->begin : t->started;
        const double to = isnan(t->ended) ? m->end : t->ended;
        if (!isnan(y) && figure_in_view(f, from, to))
            figure_line(f, figure_x(f, from), y, figure_x(f, to), y);
    }
}

/* Neighbours with a gap that is too small to be seen are one bar, so that their
 * number has a limit: the pixels of the rows. */
static void put_doing(figure *f, trace_doing doing, double height)
{
    const trace_model *m = f->view->model;
    const double least = f->scale > 0 ? 0.15 / f->scale : 0;

    for (uint32_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        const double y = figure_thread_y(f, i);
        double from = NAN;
        double to = NAN;
        for (size_t k = 0; !isnan(y) && k < t->spans; k++) {
            const trace_span *s = &m->spans[m->by_thread[t->first + k]];
            if (s->doing != doing || !figure_in_view(f, s->from, s->to))
                continue;
            if (!(s->from - to <= least)) {
                if (!isnan(from))
                    figure_bar(f, from, to, y, height * f->pitch);
                from = s->from;
            }
            to = s->to;
        }
        if (!isnan(from))
            figure_bar(f, from, to, y, height * f->pitch);
    }
}

void figure_back(figure *f)
{
    put_plights(f, FIGURE_CUT_OFF, DS__FAULT_PART);
    put_states(f);
    put_lives(f);
    figure_begin(f, FIGURE_SLEEP);
    put_doing(f, TRACE_SLEEPS, 0.26);
    figure_end(f);
}

void figure_front(figure *f)
{
    figure_begin(f, FIGURE_COMPUTE);
    put_doing(f, TRACE_COMPUTES, 0.42);
    put_plights(f, FIGURE_PAUSED, DS__FAULT_PAUSE);
    put_plights(f, FIGURE_DOWN, DS__FAULT_CRASH);
    figure_end(f);
}
