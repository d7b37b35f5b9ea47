/* See svg.h.  This is the frame of the figure: where everything is, the axis,
 * the legend, and words for what is left out. */

#include "bench/trace/svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/status.h>

#include "bench/common/args.h"
#include "bench/trace/figure.h"

enum {
    WAITS = 236, /* pixels of the column at a deadlock */
    MARGIN = 14,
    LEGEND_LINE = 14,
    WORDS = 240, /* characters of a line */
};

/* ---- Where everything is --------------------------------------------------*/

static bool is_deadlock(const trace_model *m)
{
    for (size_t i = 0; i < m->num_threads; i++)
        if (m->threads[i].stuck != NULL)
            return true;
    return false;
}

static double pitch_for(size_t rows)
{
    return rows <= 12 ? 28 : rows <= 24 ? 20 : rows <= 48 ? 13 : 9;
}

static double name_size(const figure *f)
{
    return f->pitch >= 20 ? 10 : f->pitch >= 12 ? 9 : 7;
}

static void place_rows(figure *f)
{
    const trace_view *v = f->view;
    const size_t shown =
        v->num_shown < FIGURE_ROWS ? v->num_shown : FIGURE_ROWS;
    double widest = 0;
    size_t n = 0;

    f->rows_left = v->num_shown - shown;
    f->pitch = pitch_for(shown);
    f->y = args_alloc(v->num_rows + 1, sizeof(*f->y));
    for (size_t i = 0; i < v->num_rows; i++) {
        f->y[i] = NAN;
        if (!v->rows[i].shown || n == shown)
            continue;
        f->y[i] = f->top + f->pitch * ((double)n++ + 0.5);
        widest = fmax(widest, figure_text_width(v->rows[i].name, name_size(f),
                                                FIGURE_NAME));
    }
    f->bottom = f->top + f->pitch * (double)n;
    f->left = MARGIN + widest + 6;
}

static void place_nodes(figure *f)
{
    const trace_view *v = f->view;

    f->rows = args_alloc(v->model->num_nodes + 1, sizeof(*f->rows));
    for (size_t i = 0; i < v->model->num_nodes; i++)
        f->rows[i] = SIZE_MAX;
    for (size_t i = 0; i < v->num_rows; i++)
        if (v->rows[i].node != 0)
            f->rows[v->rows[i].node] = i;
}

static void place_all(figure *f)
{
    const double seconds = f->view->to - f->view->from;

    f->top = is_deadlock(f->view->model) ? 24 : 12;
    f->one_in = 1;
    place_rows(f);
    place_nodes(f);
    f->right = FIGURE_WIDTH - (is_deadlock(f->view->model) ? WAITS : MARGIN);
    f->scale = seconds > 0 ? (f->right - f->left) / seconds : 0;
}

/* ---- The axis -------------------------------------------------------------*/

/* The smallest of 1, 2, 5, 10, 20, ... that is not less. */
static double round_up(double x, int *power)
{
    *power = (int)floor(log10(x));
    const double unit = pow(10, *power);
    const double digit = x / unit;

    if (digit <= 1 + 1e-9)
        return unit;
    if (digit <= 2 + 1e-9)
        return 2 * unit;
    if (digit <= 5 + 1e-9)
        return 5 * unit;
    ++*power;
    return 10 * unit;
}

/* What times are shown in: a power of 1000 below seconds. */
static const char *unit_of(double most, int *power)
{
    static const char *const units[] = { "s", "ms", "us", "ns", "ps" };
    int i = 0;

    while (i < 4 && most < pow(1000, -i))
        i++;
    *power = -3 * i;
    return units[i];
}

static void put_tick(figure *f, double time, int unit, int digits,
                     const char *name)
{
    char text[60];

    snprintf(text, sizeof(text), "%.*f %s", digits, time * pow(10, -unit),
             name);
    figure_text(f, figure_x(f, time), f->bottom + 13, "middle", 8.5,
                " fill='#444'", text, sizeof(text));
}

static void put_axis(figure *f)
{
    const double from = f->view->from;
    const double to = f->view->to;
    int power = 0;
    int unit;
    const char *name = unit_of(fmax(fabs(from), fabs(to)), &unit);

    if (!(f->scale > 0) || !isfinite(to) || !isfinite(from)) {
        put_tick(f, from, unit, 3, name);
        return;
    }
    /* Wider texts have fewer ticks. */
    double step = round_up((to - from) / 8, &power);
    const int digits = unit - power > 0 ? unit - power : 0;
    if (digits > 5)
        step = round_up((to - from) / 4, &power);
    const double first = ceil(from / step - 1e-9);
    figure_begin(f, FIGURE_GRID);
    for (double i = first; i * step <= to + 1e-9 * step; i++)
        figure_line(f, figure_x(f, i * step), f->top, figure_x(f, i * step),
                    f->bottom + 3);
    figure_end(f);
    for (double i = first; i * step <= to + 1e-9 * step; i++)
        put_tick(f, i * step == 0 ? 0 : i * step, unit,
                 unit - power > 0 ? unit - power : 0, name);
}

static void put_names(figure *f)
{
    const double size = name_size(f);

    for (size_t i = 0; i < f->view->num_rows; i++)
        if (!isnan(f->y[i]))
            figure_text(f, f->left - 6, f->y[i] + 0.35 * size, "end", size, "",
                        f->view->rows[i].name, FIGURE_NAME);
}

/* ---- The legend -----------------------------------------------------------*/

static const char *meaning(const figure *f, figure_style style)
{
    static const char *const meanings[FIGURE_STATE] = {
        [FIGURE_LIFE] = "waits",
        [FIGURE_MESSAGE] = "message",
        [FIGURE_TRANSFER] = "bytes on their way",
        [FIGURE_FAR] = "bytes on their way",
        [FIGURE_UNDER_WAY] = "still under way",
        [FIGURE_PUT_OFF] = "has come, is put off",
        [FIGURE_LOST] = "lost",
        [FIGURE_PATH] = "critical path",
        [FIGURE_COMPUTE] = "computes",
        [FIGURE_SLEEP] = "sleeps",
        [FIGURE_CUT_OFF] = "cut off",
        [FIGURE_DOWN] = "down",
        [FIGURE_PAUSED] = "paused",
        [FIGURE_CIRCLE] = "waits in a circle",
        [FIGURE_WAIT] = "waits for another",
        [FIGURE_FLAG] = "mark",
        [FIGURE_FAULT] = "fault",
    };

    if (!f->used[style] || (style == FIGURE_FAR && f->used[FIGURE_TRANSFER]))
        return NULL;
    if (style < FIGURE_STATE)
        return meanings[style];
    return f->num_states == FIGURE_STATES &&
                   style == FIGURE_STATE + FIGURE_STATES - 1
               ? "other states"
               : f->states[style - FIGURE_STATE];
}

enum { SWATCH = 18, SWATCH_HIGH = 7 };

/* What a style looks like, small. */
static void put_swatch(figure *f, figure_style style, double x, double y)
{
    const double low = y + SWATCH_HIGH / 2.0;
    const double high = y - SWATCH_HIGH / 2.0;
    const figure_point box[] = {
        { x, high }, { x + SWATCH, high }, { x + SWATCH, low }, { x, low }
    };
    const figure_point slanted[] = {
        { x, high }, { x + 10, high }, { x + SWATCH, low }, { x + 8, low }
    };
    const figure_point flag[] = { { x + 8, low },
                                  { x + 8, high },
                                  { x + 11, high + 1.5 },
                                  { x + 8, high + 3 } };
    const figure_point diamond[] = {
        { x + 6.5, y }, { x + 9, y - 2.5 }, { x + 11.5, y }, { x + 9, y + 2.5 }
    };

    figure_begin(f, style);
    switch (style) {
    case FIGURE_TRANSFER:
    case FIGURE_FAR:
        figure_shape(f, slanted, 4);
        break;
    case FIGURE_FLAG:
        figure_shape(f, flag, 4);
        break;
    case FIGURE_FAULT:
        figure_shape(f, diamond, 4);
        break;
    case FIGURE_DOWN:
    case FIGURE_PAUSED:
        for (double at = x; at + SWATCH_HIGH <= x + SWATCH; at += 3)
            figure_line(f, at, low, at + SWATCH_HIGH, high);
        break;
    case FIGURE_COMPUTE:
    case FIGURE_SLEEP:
    case FIGURE_CUT_OFF:
        figure_shape(f, box, 4);
        break;
    default:
        if (style >= FIGURE_STATE)
            figure_shape(f, box, 4);
        else
            figure_line(f, x, y, x + SWATCH, y);
    }
    if (style == FIGURE_LOST) {
        figure_begin(f, FIGURE_CROSS);
        figure_line(f, x + SWATCH - 2, y - 2, x + SWATCH + 2, y + 2);
        figure_line(f, x + SWATCH - 2, y + 2, x + SWATCH + 2, y - 2);
    }
    figure_end(f);
}

/* Returns the y behind it. */
static double put_legend(figure *f, double y)
{
    const double left = f->left;
    const double right = f->right;
    double x = left;
    bool used[FIGURE_STYLES];

    memcpy(used, f->used, sizeof(used));
    f->right = FIGURE_WIDTH; /* swatches are not of the plot */
    for (int style = 0; style < FIGURE_STYLES; style++) {
        memcpy(f->used, used, sizeof(used));
        const char *text = meaning(f, (figure_style)style);
        if (text == NULL)
            continue;
        const double width =
            SWATCH + 5 + figure_text_width(text, 8.5, FIGURE_NAME) + 14;
        if (x > left && x + width > FIGURE_WIDTH) {
            x = left;
            y += LEGEND_LINE;
        }
        put_swatch(f, (figure_style)style, x, y);
        figure_text(f, x + SWATCH + 5, y + 3, "start", 8.5, " fill='#333'",
                    text, FIGURE_NAME);
        x += width;
    }
    f->right = right;
    return y + LEGEND_LINE;
}

/* ---- Words ----------------------------------------------------------------*/

/* A line below the legend, and a warning. */
static double leave_word(figure *f, double y, const char *text)
{
    figure_text(f, f->left, y + 3, "start", 8.5,
                " fill='#333' font-style='italic'", text, WORDS);
    args_warn("%s: %s", f->view->model->file, text);
    return y + LEGEND_LINE;
}

static double leave_words(figure *f, double y)
{
    const struct {
        size_t n;
        const char *format;
    } words[] = {
        { f->one_in > 1 ? f->one_in : 0,
          "one in %zu messages is drawn, and all of the critical path; --from "
          "and --to choose" },
        { f->path_left,
          "%zu pieces of the critical path are not drawn; --from and --to "
          "choose" },
        { f->hidden, "%zu messages from or to rows that are not shown are not "
                     "drawn" },
        { f->rows_left, "%zu more rows are not drawn; --rows chooses" },
        { f->notes, "%zu marks, states, faults or waits are not drawn; --from "
                    "and --to choose" },
        { f->unsaid,
          "%zu texts of marks or faults had no room; --from and --to make "
          "some" },
    };
    char text[WORDS];

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (words[i].n > 0) {
            snprintf(text, sizeof(text), words[i].format, words[i].n);
            y = leave_word(f, y, text);
        }
    return y;
}

/* ---- The figure -----------------------------------------------------------*/

/* For those who cannot see it, and for whoever finds the file. */
static void put_title(figure *f)
{
    const trace_model *m = f->view->model;
    char time[TRACE_UNITS_MAX];
    char text[WORDS];
    size_t threads = 0;

    for (size_t i = 1; i < m->num_threads; i++)
        threads += m->threads[i].known;
    snprintf(text, sizeof(text),
             "A run of %s, %s: %zu threads, %zu messages; seed %llu",
             trace_units(time, m->end, "s"),
             !m->ended            ? "cut off"
             : m->status == DS_OK ? "done"
                                  : ds_strstatus((ds_status)m->status),
             threads, m->sent, (unsigned long long)m->seed);
    fputs("<title>", f->file);
    trace_put_text(f->file, text, WORDS, trace_escape_xml);
    fputs("</title>\n", f->file);
}

/* What is on the paper, into memory: its height is known only at the end. */
static double draw(figure *f)
{
    put_title(f);
    fputs("<g font-family='Helvetica,Arial,sans-serif' fill='#000'>\n",
          f->file);
    put_axis(f);
    put_names(f);
    figure_back(f);
    figure_messages(f);
    figure_front(f);
    figure_path(f);
    figure_notes(f);
    if (is_deadlock(f->view->model))
        figure_waits(f);
    const double y = leave_words(f, put_legend(f, f->bottom + 30));
    fputs("</g>\n", f->file);
    return y;
}

static void put_file(FILE *file, const char *body, size_t size, double height)
{
    const long high = lround(height);

    fprintf(file,
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%ld' "
            "viewBox='0 0 %d %ld'>\n"
            "<rect width='%d' height='%ld' fill='#fff'/>\n",
            FIGURE_WIDTH, high, FIGURE_WIDTH, high, FIGURE_WIDTH, high);
    fwrite(body, 1, size, file);
    fputs("</svg>\n", file);
}

failure trace_svg(const trace_view *v, const char *name)
{
    figure f = { .view = v };
    char *body = NULL;
    size_t size = 0;
    FILE *file;
    failure why = trace_output_open(&file, name);

    if (why.status != 0)
        return why;
    f.file = open_memstream(&body, &size);
    if (f.file == NULL)
        return trace_output_close(file, name,
                                  failure_new(EXIT_FAILURE, "out of memory"));
    place_all(&f);
    const double height = draw(&f);
    if (fclose(f.file) != 0)
        why = failure_new(EXIT_FAILURE, "out of memory");
    else
        put_file(file, body, size, height);
    free(body);
    free(f.y);
    free(f.rows);
    return trace_output_close(file, name, why);
}
