/* See figure.h. */

#include "bench/trace/figure.h"

#include <math.h>
#include <string.h>

/* ---- Places ---------------------------------------------------------------*/

double figure_x(const figure *f, double time)
{
    return f->left + (time - f->view->from) * f->scale;
}

bool figure_in_view(const figure *f, double from, double to)
{
    return from <= f->view->to && to >= f->view->from;
}

double figure_thread_y(const figure *f, uint32_t thread)
{
    const trace_model *m = f->view->model;

    if (thread >= m->num_threads || !m->threads[thread].known)
        return NAN;
    return f->y[m->threads[thread].row];
}

double figure_node_y(const figure *f, uint32_t node)
{
    if (node >= f->view->model->num_nodes || f->rows[node] == SIZE_MAX)
        return NAN;
    return f->y[f->rows[node]];
}

/* ---- Styles ---------------------------------------------------------------*/

/* Told apart by width, height and dashes, too: print may be grey. */
const char *figure_attributes(figure_style style)
{
    static const char *const styles[FIGURE_STYLES] = {
        [FIGURE_LIFE] = "fill='none' stroke='#b4b4b4' stroke-width='.7'",
        [FIGURE_MESSAGE] = "fill='none' stroke='#4a6fa5' stroke-width='.6'",
        [FIGURE_TRANSFER] = "fill='#4a6fa5' fill-opacity='.24' "
                            "stroke='#4a6fa5' stroke-width='.4'",
        [FIGURE_FAR] = "fill='#4a6fa5' fill-opacity='.12' "
                       "stroke='#4a6fa5' stroke-width='.3'",
        [FIGURE_MESSAGE_HEAD] = "fill='#4a6fa5'",
        [FIGURE_UNDER_WAY] = "fill='none' stroke='#4a6fa5' stroke-width='.8' "
                             "stroke-dasharray='1,2'",
        [FIGURE_PUT_OFF] = "fill='none' stroke='#4a6fa5' stroke-width='2' "
                           "stroke-dasharray='.8,1.6'",
        [FIGURE_LOST] = "fill='none' stroke='#c0143c' stroke-width='.8' "
                        "stroke-dasharray='3,1.5'",
        [FIGURE_CROSS] = "fill='none' stroke='#c0143c' stroke-width='1.3'",
        [FIGURE_CASE] = "fill='none' stroke='#fff' stroke-width='3.6' "
                        "stroke-linejoin='round'",
        [FIGURE_PATH] = "fill='none' stroke='#d95f02' stroke-width='2' "
                        "stroke-linejoin='round'",
        [FIGURE_HEAD] = "fill='#d95f02'",
        [FIGURE_COMPUTE] = "fill='#14635a'",
        [FIGURE_SLEEP] = "fill='#b9c4d6'",
        [FIGURE_CUT_OFF] = "fill='#b8860b' fill-opacity='.22'",
        [FIGURE_DOWN] = "fill='none' stroke='#555' stroke-width='.7'",
        [FIGURE_PAUSED] = "fill='none' stroke='#777' stroke-width='.7' "
                          "stroke-dasharray='1,1.5'",
        [FIGURE_CIRCLE] = "fill='none' stroke='#c0143c' stroke-width='2'",
        [FIGURE_CIRCLE_DOT] = "fill='#c0143c'",
        [FIGURE_WAIT] = "fill='none' stroke='#777' stroke-width='.8' "
                        "stroke-dasharray='3,2'",
        [FIGURE_WAIT_DOT] = "fill='#777'",
        [FIGURE_FLAG] = "fill='#333' stroke='#333' stroke-width='.6'",
        [FIGURE_FAULT] = "fill='#fff' stroke='#333' stroke-width='.8'",
        [FIGURE_GRID] = "fill='none' stroke='#e4e4e4' stroke-width='.6'",
        [FIGURE_STATE] = "fill='#d9eedd' stroke='#2f7d4a' stroke-width='.5'",
        "fill='#e3b448' stroke='#7d5c00' stroke-width='.5'",
        "fill='#c9bdf0' stroke='#5b3fa0' stroke-width='.5'",
        "fill='#e89a80' stroke='#a0402a' stroke-width='.5'",
        "fill='#e2f3f9' stroke='#256f8c' stroke-width='.5'",
        "fill='#b5b5b5' stroke='#555555' stroke-width='.5'",
    };

    return styles[style];
}

void figure_begin(figure *f, figure_style style)
{
    figure_end(f);
    f->style = style;
}

void figure_begin_each(figure *f, figure_style style)
{
    figure_begin(f, style);
    f->each = true;
    fprintf(f->file, "<g %s>\n", figure_attributes(style));
}

void figure_end(figure *f)
{
    if (f->open)
        fputs("'/>\n", f->file);
    if (f->each)
        fputs("</g>\n", f->file);
    f->open = f->each = false;
}

/* A path without shapes is not there at all. */
static void open_path(figure *f)
{
    f->used[f->style] = true;
    if (f->each)
        fprintf(f->file, "%s<path d='", f->open ? "'/>\n" : "");
    else if (!f->open)
        fprintf(f->file, "<path %s d='", figure_attributes(f->style));
    f->open = true;
}

/* ---- Numbers --------------------------------------------------------------*/

/* What is far outside cannot be seen, and what is no number is far outside. */
void figure_number(figure *f, double x)
{
    const double most = 99999;
    const long tenths = lround((x < most ? x > -most ? x : -most : most) * 10);
    const long amount = tenths < 0 ? -tenths : tenths;

    if (tenths < 0)
        putc('-', f->file);
    if (amount >= 10 || amount == 0)
        fprintf(f->file, "%ld", amount / 10);
    if (amount % 10 != 0)
        fprintf(f->file, ".%ld", amount % 10);
}

static void put_point(figure *f, char command, figure_point p)
{
    putc(command, f->file);
    figure_number(f, p.x);
    putc(' ', f->file);
    figure_number(f, p.y);
}

/* ---- Shapes ---------------------------------------------------------------*/

enum { MOST_POINTS = 8 };

/* Cuts off what is beyond x, on the side that sign says, and returns how many
 * points are left: at most one more for each time that the edge is crossed. */
static size_t cut(figure_point *to, const figure_point *from, size_t n,
                  bool closed, double x, double sign)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        const figure_point a = from[i];
        const figure_point b = from[(i + 1) % n];
        const bool a_in = sign * (a.x - x) >= 0;
        const bool b_in = sign * (b.x - x) >= 0;
        if (a_in)
            to[kept++] = a;
        if (a_in != b_in && (closed || i + 1 < n)) {
            const double part = (x - a.x) / (b.x - a.x);
            to[kept++] = (figure_point){ x, a.y + part * (b.y - a.y) };
        }
    }
    return kept;
}

static void put_points(figure *f, const figure_point *points, size_t n,
                       bool closed)
{
    figure_point left[MOST_POINTS], both[MOST_POINTS];
    size_t kept = cut(left, points, n, closed, f->left, 1);

    kept = cut(both, left, kept, closed, f->right, -1);
    if (kept < 2)
        return;
    open_path(f);
    for (size_t i = 0; i < kept; i++)
        put_point(f, i == 0 ? 'M' : 'L', both[i]);
    if (closed)
        putc('z', f->file);
}

void figure_line(figure *f, double x0, double y0, double x1, double y1)
{
    const figure_point points[] = { { x0, y0 }, { x1, y1 } };

    put_points(f, points, 2, false);
}

void figure_shape(figure *f, const figure_point *points, size_t n)
{
    put_points(f, points, n, true);
}

void figure_bar(figure *f, double from, double to, double y, double height)
{
    const double x0 = figure_x(f, from);
    const double x1 = fmax(figure_x(f, to), x0 + 0.3); /* to be seen at all */
    const figure_point points[] = { { x0, y - height / 2 },
                                    { x1, y - height / 2 },
                                    { x1, y + height / 2 },
                                    { x0, y + height / 2 } };

    figure_shape(f, points, 4);
}

void figure_hatch(figure *f, double from, double to, double y, double height)
{
    const double x0 = fmax(figure_x(f, from), f->left);
    const double x1 = fmin(figure_x(f, to), f->right);
    const double step = 4;

    /* Each from the lower edge up to the right, cut off at both ends. */
    for (double x = x0 - height; x < x1; x += step) {
        const double low = fmax(x, x0);
        const double high = fmin(x + height, x1);
        if (high > low)
            figure_line(f, low, y + height / 2 - (low - x), high,
                        y + height / 2 - (high - x));
    }
    figure_line(f, x0, y - height / 2, x1, y - height / 2);
    figure_line(f, x0, y + height / 2, x1, y + height / 2);
}

void figure_head(figure *f, double x0, double y0, double x1, double y1,
                 double size)
{
    const double length = hypot(x1 - x0, y1 - y0);

    if (!(length > size) || !(x1 >= f->left && x1 <= f->right))
        return;
    const double dx = (x1 - x0) / length * size;
    const double dy = (y1 - y0) / length * size;
    const figure_point points[] = {
        { x1, y1 },
        { x1 - dx - 0.4 * dy, y1 - dy + 0.4 * dx },
        { x1 - dx + 0.4 * dy, y1 - dy - 0.4 * dx },
    };
    figure_shape(f, points, 3);
}

/* ---- Text -----------------------------------------------------------------*/

void figure_text(figure *f, double x, double y, const char *anchor, double size,
                 const char *rest, const char *text, size_t most)
{
    figure_end(f);
    fputs("<text x='", f->file);
    figure_number(f, x);
    fputs("' y='", f->file);
    figure_number(f, y);
    fputs("' font-size='", f->file);
    figure_number(f, size);
    putc('\'', f->file);
    if (strcmp(anchor, "start") != 0)
        fprintf(f->file, " text-anchor='%s'", anchor);
    fprintf(f->file, "%s>", rest);
    trace_put_text(f->file, text, most, trace_escape_xml);
    fputs("</text>\n", f->file);
}

/* About, of a font without serifs. */
double figure_text_width(const char *text, double size, size_t most)
{
    const size_t n = trace_characters(text);

    return 0.56 * size * (double)(n < most ? n : most);
}
