/* A figure under way: what the parts of svg.h share.
 *
 * All that looks alike is one path, which is opened by its style and takes
 * lines, bars and shapes until it is closed; a style that has been used is in
 * the legend.  Shapes are cut off at the left and right edge here, so that no
 * number depends on how a viewer clips, and no reference needs a name that
 * another figure in the same page could have. */
#ifndef BENCH_TRACE_FIGURE_H
#define BENCH_TRACE_FIGURE_H

#include "bench/trace/output.h"
#include "bench/trace/view.h"

enum {
    FIGURE_WIDTH = 720,
    FIGURE_MESSAGES = 20000, /* drawn, at most */
    FIGURE_ROWS = 200,
    FIGURE_NOTES = 2000, /* marks, states, and faults, each */
    FIGURE_NAME = 20,    /* characters of a row's name */
    FIGURE_STATES = 6,   /* tints for them */
};

/* In the order of the legend. */
typedef enum figure_style {
    FIGURE_LIFE,
    FIGURE_MESSAGE,
    FIGURE_TRANSFER, /* from a row to its neighbour */
    FIGURE_FAR,      /* ... and to another one, which covers more */
    FIGURE_MESSAGE_HEAD,
    FIGURE_UNDER_WAY,
    FIGURE_PUT_OFF,
    FIGURE_LOST,
    FIGURE_CROSS,
    FIGURE_CASE, /* white beside the path, which may lead through dark */
    FIGURE_PATH,
    FIGURE_HEAD,
    FIGURE_COMPUTE,
    FIGURE_SLEEP,
    FIGURE_CUT_OFF,
    FIGURE_DOWN,
    FIGURE_PAUSED,
    FIGURE_CIRCLE,
    FIGURE_CIRCLE_DOT,
    FIGURE_WAIT,
    FIGURE_WAIT_DOT,
    FIGURE_FLAG,
    FIGURE_FAULT,
    FIGURE_GRID,
    FIGURE_STATE, /* the first tint */
    FIGURE_STYLES = FIGURE_STATE + FIGURE_STATES,
} figure_style;

typedef struct figure_point {
    double x;
    double y;
} figure_point;

typedef struct figure {
    FILE *file;
    const trace_view *view;
    double left; /* the plot */
    double right;
    double top;
    double bottom;
    double pitch; /* of rows */
    double scale; /* pixels a second */
    double *y;    /* of each row; NAN: it is not shown */
    size_t *rows; /* of each node; SIZE_MAX: it has none */
    figure_style style;
    bool open; /* a path is, of that style */
    bool each; /* a group is, of paths */
    bool used[FIGURE_STYLES];
    const char *states[FIGURE_STATES];
    size_t num_states;

    /* What is left out, to be said. */
    size_t one_in;    /* messages that are drawn */
    size_t path_left; /* pieces of the critical path */
    size_t hidden;    /* messages from or to rows that are not shown */
    size_t unsaid;    /* texts that had no room */
    size_t notes;     /* marks, states and faults */
    size_t rows_left;
} figure;

double figure_x(const figure *f, double time);
bool figure_in_view(const figure *f, double from, double to);

/* The y of a thread's row; NAN: it is not shown, or the thread is not known. */
double figure_thread_y(const figure *f, uint32_t thread);
double figure_node_y(const figure *f, uint32_t node);

/* What is drawn from here on is of that style. */
void figure_begin(figure *f, figure_style style);

/* ... but each shape is one of its own, so that those that overlap are darker
 * together. */
void figure_begin_each(figure *f, figure_style style);
void figure_end(figure *f);
const char *figure_attributes(figure_style style);

void figure_line(figure *f, double x0, double y0, double x1, double y1);
void figure_shape(figure *f, const figure_point *points, size_t n);
void figure_bar(figure *f, double from, double to, double y, double height);

/* Lines that slant over a bar. */
void figure_hatch(figure *f, double from, double to, double y, double height);

/* A triangle at the end of a line from (x0, y0) to (x1, y1). */
void figure_head(figure *f, double x0, double y0, double x1, double y1,
                 double size);

/* Text at a place; anchor: start, middle or end; rest: more attributes, or "".
 * At most so many characters. */
void figure_text(figure *f, double x, double y, const char *anchor, double size,
                 const char *rest, const char *text, size_t most);
double figure_text_width(const char *text, double size, size_t most);

/* Numbers as they are written: tenths of a pixel. */
void figure_number(figure *f, double x);

/* The parts, from the back to the front. */
void figure_back(figure *f);     /* figure_rows.c: sides, states, lives */
void figure_messages(figure *f); /* figure_messages.c */
void figure_front(figure *f);    /* figure_rows.c: computing, crashes */
void figure_path(figure *f);     /* figure_messages.c */
void figure_notes(figure *f);    /* figure_notes.c: marks, faults */
void figure_waits(figure *f);    /* figure_waits.c */

#endif
