/* How full the ports of a switched network were, slice by slice of the run. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/page_data.h"
#include "bench/trace/ports.h"

/* Levels are sixteenths: 0 is nothing at all, 15 is full. */
enum { FINEST = 2048, COARSEST = 64, FULL = 15, SPARE = 100000 };

typedef struct strip {
    const page_data *p;
    size_t ways; /* as in ports.h */
    size_t slices;
    double width; /* of a slice, in seconds */
    double *bytes;
} strip;

static double capacity(const trace_model *m, size_t way)
{
    const trace_node *node = &m->nodes[way / 2];

    return way % 2 ? node->recv_rate : node->send_rate;
}

static void add(void *arg, double from, double to, const double *rates)
{
    const strip *s = arg;
    const double start = s->p->view->from;

    from = fmax(from, start);
    to = fmin(to, s->p->view->to);
    if (from >= to)
        return;
    size_t first = (size_t)((from - start) / s->width);
    const size_t last =
        (size_t)fmin((to - start) / s->width, (double)s->slices - 1);
    for (; first <= last; first++) {
        const double begin = start + (double)first * s->width;
        const double part = fmin(to, begin + s->width) - fmax(from, begin);
        for (size_t way = 2; part > 0 && way < s->ways; way++)
            s->bytes[way * s->slices + first] += rates[way] * part;
    }
}

static unsigned level(const strip *s, size_t way, size_t slice)
{
    const double share =
        s->bytes[way * s->slices + slice] / (capacity(s->p->m, way) * s->width);

    return !(share > 0) ? 0 : (unsigned)fmin(FULL, 1 + share * FULL);
}

/* Where a run of slices with one level ends. */
static size_t end_of_run(const strip *s, size_t way, size_t from)
{
    const unsigned mine = level(s, way, from);

    while (++from < s->slices && level(s, way, from) == mine)
        continue;
    return from;
}

static size_t count_runs(const strip *s)
{
    size_t runs = 0;

    for (size_t way = 2; way < s->ways; way++)
        for (size_t i = 0; i < s->slices; i = end_of_run(s, way, i))
            runs++;
    return runs;
}

static void make_coarser(strip *s)
{
    s->slices /= 2;
    s->width *= 2;
    for (size_t i = 0; i < s->ways * s->slices; i++)
        s->bytes[i] = s->bytes[2 * i] + s->bytes[2 * i + 1];
}

/* Ways of nodes without a row, and of unknown capacity, are left out. */
static bool is_shown(const strip *s, size_t way)
{
    return page_row_of_node(s->p, (uint32_t)(way / 2)) != 0 &&
           capacity(s->p->m, way) > 0;
}

static void put_strip(page_data *p, const strip *s)
{
    const char *comma = "";

    for (size_t way = 2; way < s->ways; way++)
        for (size_t i = 0, end; i < s->slices && is_shown(s, way); i = end) {
            end = end_of_run(s, way, i);
            page_add(p, (end - i - 1) * (FULL + 1) + level(s, way, i));
        }
    page_end(p, "ports");
    fprintf(p->out,
            "<script type=\"application/json\" id=\"ways\">"
            "{\"slices\":%zu,\"width\":%.17g,\"ways\":[",
            s->slices, s->width);
    for (size_t way = 2; way < s->ways; way++)
        if (is_shown(s, way)) {
            fprintf(p->out, "%s[%lu,%zu,%.17g]", comma,
                    (unsigned long)page_row_of_node(p, (uint32_t)(way / 2)),
                    way % 2, capacity(p->m, way));
            comma = ",";
        }
    fprintf(p->out, "]}</script>\n");
}

static void put_nothing(page_data *p, const char *why)
{
    page_end(p, "ports");
    fprintf(p->out, "<script type=\"application/json\" id=\"ways\">"
                    "{\"slices\":0,\"width\":1,\"ways\":[],\"why\":");
    page_put_text(p->out, why);
    fprintf(p->out, "}</script>\n");
}

/* They are as fine as they can be without being much more than messages are. */
void page_ports(page_data *p)
{
    strip s = { .p = p, .ways = 2 * p->m->num_nodes, .slices = FINEST };
    const double seconds = p->view->to - p->view->from;
    char why[120] = "";

    while (s.slices > COARSEST && s.slices * s.ways > 4000000)
        s.slices /= 2;
    s.width = seconds / (double)s.slices;
    s.bytes = args_alloc(s.ways * s.slices + 1, sizeof(*s.bytes));
    memset(s.bytes, 0, (s.ways * s.slices + 1) * sizeof(*s.bytes));
    if (seconds > 0 && trace_rates_each(p->m, add, &s, why)) {
        while (s.slices > COARSEST && count_runs(&s) > SPARE + p->num_messages)
            make_coarser(&s);
        put_strip(p, &s);
    } else {
        put_nothing(p, why);
    }
    free(s.bytes);
}
