/* The messages of a figure, and the critical path.
 *
 * A message is a line from its sending to its arrival.  If its bytes take long
 * enough to be seen, it is a parallelogram: the left edge is the first byte,
 * the right edge the last one, so that latency is a slope and bytes are a
 * width.  One that is put off goes to where it has come, and from there along
 * the row, at the side from which it came, to its arrival. */

#include <math.h>

#include "bench/trace/figure.h"

enum { FEW = 400 }; /* messages with arrow heads */

typedef struct flight {
    double x0; /* sent */
    double y0;
    double x1; /* through */
    double y1;
    double x2; /* at its end, which is later if it is put off */
} flight;

/* The row of a node, or of a thread if that node has none. */
static double row_y(const figure *f, uint32_t node, uint32_t thread)
{
    return node < f->view->model->num_nodes && f->rows[node] != SIZE_MAX
               ? figure_node_y(f, node)
               : figure_thread_y(f, thread);
}

static double source_y(const figure *f, const trace_message *msg)
{
    return row_y(f, trace_node_of(f->view->model, msg->source), msg->sender);
}

static double dest_y(const figure *f, const trace_message *msg)
{
    const trace_model *m = f->view->model;
    const uint32_t owner =
        msg->dest < m->num_streams ? m->streams[msg->dest].owner : 0;

    return row_y(f, trace_node_of(m, msg->dest),
                 msg->taker != 0 ? msg->taker : owner);
}

static double end_of(const figure *f, const trace_message *msg)
{
    return isnan(msg->ended) ? f->view->model->end : msg->ended;
}

static bool is_told(const figure *f, const trace_message *msg)
{
    return msg->fate != TRACE_FORGOTTEN && !isnan(msg->sent) &&
           figure_in_view(f, msg->sent, end_of(f, msg));
}

/* false: it is not in the figure. */
static bool place(const figure *f, const trace_message *msg, flight *at)
{
    *at = (flight){
        .x0 = figure_x(f, msg->sent),
        .y0 = source_y(f, msg),
        .y1 = dest_y(f, msg),
        .x2 = figure_x(f, end_of(f, msg)),
    };
    at->x1 = isnan(msg->came) ? at->x2 : figure_x(f, msg->came);
    return !isnan(at->y0) && !isnan(at->y1);
}

/* ---- Which ones -----------------------------------------------------------*/

/* Counts those in view, and decides how many of them are drawn: all, or one in
 * so many, and those of the path. */
static size_t choose(figure *f)
{
    const trace_model *m = f->view->model;
    size_t n = 0;
    flight at;

    f->hidden = 0;
    for (size_t i = 1; i < m->num_messages; i++) {
        if (!is_told(f, &m->messages[i]))
            continue;
        if (place(f, &m->messages[i], &at))
            n++;
        else
            f->hidden++;
    }
    f->one_in = n <= FIGURE_MESSAGES ? 1 : n / FIGURE_MESSAGES + 1;
    return n;
}

/* Not every so manieth, which would be the same ones of each round. */
static bool is_drawn(const figure *f, size_t i)
{
    const uint64_t mixed = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);

    return f->one_in == 1 || (mixed >> 32) % f->one_in == 0;
}

/* ---- One of them ----------------------------------------------------------*/

/* To itself: over its row. */
static void put_bow(figure *f, const flight *at)
{
    const double top = at->y0 - 0.4 * f->pitch;
    const double middle = (at->x0 + at->x1) / 2;

    figure_line(f, at->x0, at->y0, middle, top);
    figure_line(f, middle, top, at->x1, at->y1);
}

/* How wide its bytes are, in pixels. */
static double width_of(const figure *f, const trace_message *msg)
{
    return isnan(msg->begun) || msg->fate != TRACE_ARRIVED
               ? 0
               : (trace_through(msg) - msg->begun) * f->scale;
}

static bool is_wide(const figure *f, const trace_message *msg, const flight *at)
{
    return width_of(f, msg) >= 2 && at->y0 != at->y1;
}

static bool is_far(const figure *f, const flight *at)
{
    return fabs(at->y1 - at->y0) > 1.5 * f->pitch;
}

static void put_transfer(figure *f, const trace_message *msg, const flight *at)
{
    const trace_model *m = f->view->model;
    const double known =
        msg->net < m->num_nets ? m->nets[msg->net].latency : NAN;
    const double most = msg->begun - msg->sent;
    const double latency = (known <= most ? known : most) * f->scale;
    const double first = figure_x(f, msg->begun);
    const figure_point points[] = {
        { first - latency, at->y0 },
        { at->x1 - latency, at->y0 },
        { at->x1, at->y1 },
        { first, at->y1 },
    };

    figure_shape(f, points, 4);
}

/* Towards its end, but not all of the way. */
static void shorten(const figure *f, flight *at)
{
    const double y = at->y1 - at->y0;
    const double most = 0.62 * f->pitch;

    at->y1 = at->y0 + (fabs(y) < most ? y : y < 0 ? -most : most);
    at->x1 =
        fmin(fmax(at->x1, at->x0 + 0.2 * f->pitch), at->x0 + 0.5 * f->pitch);
}

static void put_put_off(figure *f, const flight *at)
{
    const double side = at->y0 < at->y1 ? -0.3 : 0.3;
    const double y = at->y1 + side * f->pitch;

    figure_line(f, at->x1, y, at->x2, y);
}

static void put_cross(figure *f, const flight *at)
{
    const double r = fmin(2.4, 0.14 * f->pitch);

    if (at->x1 < f->left || at->x1 > f->right)
        return;
    figure_line(f, at->x1 - r, at->y1 - r, at->x1 + r, at->y1 + r);
    figure_line(f, at->x1 - r, at->y1 + r, at->x1 + r, at->y1 - r);
}

static void put_message(figure *f, figure_style style, const trace_message *msg,
                        flight at)
{
    const bool lost = msg->fate == TRACE_LOST;
    const bool held = !lost && !isnan(msg->came);
    const bool arrived = msg->fate == TRACE_ARRIVED || held;

    switch (style) {
    case FIGURE_TRANSFER:
    case FIGURE_FAR:
        if (is_wide(f, msg, &at) && is_far(f, &at) == (style == FIGURE_FAR))
            put_transfer(f, msg, &at);
        break;
    case FIGURE_MESSAGE:
        if (arrived && at.y0 == at.y1)
            put_bow(f, &at);
        else if (arrived && !is_wide(f, msg, &at))
            figure_line(f, at.x0, at.y0, at.x1, at.y1);
        break;
    case FIGURE_UNDER_WAY:
        shorten(f, &at);
        if (!lost && !arrived)
            figure_line(f, at.x0, at.y0, at.x1, at.y1);
        break;
    case FIGURE_PUT_OFF:
        if (held)
            put_put_off(f, &at);
        break;
    case FIGURE_LOST:
        shorten(f, &at);
        if (lost)
            figure_line(f, at.x0, at.y0, at.x1, at.y1);
        break;
    default:
        shorten(f, &at);
        if (lost)
            put_cross(f, &at);
        break;
    }
}

static void put_all(figure *f, figure_style style)
{
    const trace_model *m = f->view->model;
    flight at;

    if (style == FIGURE_TRANSFER || style == FIGURE_FAR)
        figure_begin_each(f, style);
    else
        figure_begin(f, style);
    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (is_told(f, msg) && is_drawn(f, i) && place(f, msg, &at))
            put_message(f, style, msg, at);
    }
    figure_end(f);
}

static void put_heads(figure *f)
{
    const trace_model *m = f->view->model;
    flight at;

    figure_begin(f, FIGURE_MESSAGE_HEAD);
    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (is_told(f, msg) && msg->fate == TRACE_ARRIVED &&
            place(f, msg, &at) && at.y0 != at.y1 && !is_wide(f, msg, &at))
            figure_head(f, at.x0, at.y0, at.x1, at.y1, 4);
    }
    figure_end(f);
}

void figure_messages(figure *f)
{
    const size_t n = choose(f);

    put_all(f, FIGURE_FAR);
    put_all(f, FIGURE_TRANSFER);
    put_all(f, FIGURE_MESSAGE);
    if (n <= FEW && f->pitch >= 16)
        put_heads(f);
    put_all(f, FIGURE_UNDER_WAY);
    put_all(f, FIGURE_PUT_OFF);
    put_all(f, FIGURE_LOST);
    put_all(f, FIGURE_CROSS);
}

/* ---- The critical path ----------------------------------------------------*/

/* Where a piece begins and ends; false: not in the figure. */
static bool place_piece(const figure *f, const trace_piece *p, flight *at)
{
    const trace_message *msg =
        p->message == 0 ? NULL : trace_message_of(f->view->model, p->message);

    at->x0 = figure_x(f, p->from);
    at->x1 = figure_x(f, p->to);
    at->y0 = msg != NULL ? source_y(f, msg) : figure_thread_y(f, p->thread);
    at->y1 = msg != NULL ? dest_y(f, msg) : at->y0;
    return !isnan(at->y0) && !isnan(at->y1) &&
           figure_in_view(f, p->from, p->to);
}

/* What is too short to be seen is not drawn.  Where one thread made another's
 * message leave, as the last to come to a rendezvous does, the path goes from
 * row to row at that moment. */
static void put_pieces(figure *f, figure_style style)
{
    const trace_path *p = &f->view->model->path;
    flight last = { .x1 = NAN };
    size_t n = 0;
    flight at;

    figure_begin(f, style);
    for (size_t i = 0; i < p->n; i++) {
        if (!place_piece(f, &p->pieces[i], &at))
            continue;
        const bool jumps = at.x0 == last.x1 && at.y0 != last.y1;
        const bool seen = at.y0 != at.y1 || at.x1 - at.x0 >= 0.1;
        n += seen || jumps;
        if (n > FIGURE_MESSAGES) {
            f->path_left += style == FIGURE_PATH;
            continue;
        }
        if (jumps)
            figure_line(f, last.x1, last.y1, at.x0, at.y0);
        if (seen)
            figure_line(f, at.x0, at.y0, at.x1, at.y1);
        last = at;
    }
}

void figure_path(figure *f)
{
    const trace_path *p = &f->view->model->path;
    flight at;
    flight last = { .x1 = -INFINITY };

    put_pieces(f, FIGURE_CASE);
    put_pieces(f, FIGURE_PATH);
    figure_begin(f, FIGURE_HEAD);
    for (size_t i = 0; f->pitch >= 12 && i < p->n; i++)
        if (place_piece(f, &p->pieces[i], &at) && at.y0 != at.y1 &&
            at.x1 - last.x1 >= 0.5) {
            figure_head(f, at.x0, at.y0, at.x1, at.y1, 6);
            last = at;
        }
    figure_end(f);
}
