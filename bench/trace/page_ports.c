/* How full ports, or links, were, slice by slice of the run. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/page_data.h"
#include "bench/trace/loads.h"

/* Levels are sixteenths: 0 is nothing at all, 15 is full. */
enum {
    FINEST = 2048,
    COARSEST = 64,
    FULL = 15,
    SPARE = 100000,
    MOST_LINKS = 1000,
};

typedef struct strip {
    const page_data *p;
    trace_carriers carriers;
    size_t slices;
    double width;   /* of a slice, in seconds */
    double *shares; /* of its capacity that each has carried, in seconds */
    bool *shown;
} strip;

static void add(void *arg, double from, double to, const trace_load *loads)
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
        for (size_t i = 0; part > 0 && i < s->carriers.n; i++)
            s->shares[i * s->slices + first] += loads[i].share * part;
    }
}

static unsigned level(const strip *s, size_t way, size_t slice)
{
    const double share = s->shares[way * s->slices + slice] / s->width;

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

    for (size_t way = 0; way < s->carriers.n; way++)
        for (size_t i = 0; s->shown[way] && i < s->slices;
             i = end_of_run(s, way, i))
            runs++;
    return runs;
}

static void make_coarser(strip *s)
{
    s->slices /= 2;
    s->width *= 2;
    for (size_t i = 0; i < s->carriers.n * s->slices; i++)
        s->shares[i] = s->shares[2 * i] + s->shares[2 * i + 1];
}

/* ---- Which ones -----------------------------------------------------------*/

/* How much one carried, of a link. */
typedef struct ranked {
    double share;
    size_t index;
} ranked;

static int compare(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;

    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Ports of nodes that have a row; and of links that carried something those
 * that were used the most. */
static void choose(strip *s)
{
    const size_t n = s->carriers.n;
    ranked *list = args_alloc(n + 1, sizeof(*list));

    for (size_t i = 0; i < n; i++) {
        const trace_carrier *c = &s->carriers.all[i];
        list[i] = (ranked){ .index = i };
        for (size_t k = 0; k < s->slices; k++)
            list[i].share += s->shares[i * s->slices + k];
        s->shown[i] = c->node == 0
                          ? list[i].share > 0
                          : page_row_of_node(s->p, c->node) != 0 && c->rate > 0;
    }
    qsort(list, n, sizeof(*list), compare);
    for (size_t i = MOST_LINKS; s->carriers.are_links && i < n; i++)
        s->shown[list[i].index] = false;
    free(list);
}

/* ---- The strip ------------------------------------------------------------*/

static void put_way(const strip *s, const trace_carrier *c)
{
    char name[TRACE_ROW_NAME];

    fprintf(s->p->out, "[%lu,%d,%.17g",
            (unsigned long)page_row_of_node(s->p, c->node), c->in, c->rate);
    if (c->node == 0) {
        putc(',', s->p->out);
        page_put_text(s->p->out,
                      trace_carrier_name(s->p->view, c, name, sizeof(name)));
    }
    putc(']', s->p->out);
}

/* When a link was off, if its number among the ways is this: from and until, 1
 * more, or 0: to the end. */
static const char *put_offs(const strip *s, const trace_carrier *c, size_t way,
                            const char *comma)
{
    const trace_model *m = s->p->m;

    for (size_t i = 0; c->node == 0 && i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        if (f->what != DS__FAULT_OFF || f->net != s->carriers.net + 1 ||
            f->link != c->number + 1)
            continue;
        fprintf(s->p->out, "%s[%zu,%zu,%zu]", comma, way,
                page_when(s->p, f->time),
                isnan(f->until) ? 0 : 1 + page_when(s->p, f->until));
        comma = ",";
    }
    return comma;
}

/* Row, whether it receives, rate, and of a link its name. */
static void put_strip(page_data *p, const strip *s)
{
    const char *comma = "";

    for (size_t way = 0; way < s->carriers.n; way++)
        for (size_t i = 0, end; s->shown[way] && i < s->slices; i = end) {
            end = end_of_run(s, way, i);
            page_add(p, (end - i - 1) * (FULL + 1) + level(s, way, i));
        }
    page_end(p, "ports");
    fprintf(p->out,
            "<script type=\"application/json\" id=\"ways\">"
            "{\"slices\":%zu,\"width\":%.17g,\"ways\":[",
            s->slices, s->width);
    for (size_t way = 0; way < s->carriers.n; way++)
        if (s->shown[way]) {
            fputs(comma, p->out);
            put_way(s, &s->carriers.all[way]);
            comma = ",";
        }
    fprintf(p->out, "],\"off\":[");
    comma = "";
    for (size_t way = 0, n = 0; way < s->carriers.n; way++)
        if (s->shown[way])
            comma = put_offs(s, &s->carriers.all[way], n++, comma);
    fprintf(p->out, "]}</script>\n");
}

static void put_nothing(page_data *p, const char *why)
{
    page_end(p, "ports");
    fprintf(p->out,
            "<script type=\"application/json\" id=\"ways\">"
            "{\"slices\":0,\"width\":1,\"ways\":[],\"off\":[],\"why\":");
    page_put_text(p->out, why);
    fprintf(p->out, "}</script>\n");
}

/* They are as fine as they can be without being much more than messages are. */
static bool make(strip *s, double seconds)
{
    const size_t n = s->carriers.n;

    while (s->slices > COARSEST && s->slices * n > 4000000)
        s->slices /= 2;
    s->width = seconds / (double)s->slices;
    s->shares = args_alloc(n * s->slices + 1, sizeof(*s->shares));
    s->shown = args_alloc(n + 1, sizeof(*s->shown));
    memset(s->shares, 0, (n * s->slices + 1) * sizeof(*s->shares));
    if (!trace_loads_each(s->p->m, &s->carriers, add, s))
        return false;
    choose(s);
    while (s->slices > COARSEST && count_runs(s) > SPARE + s->p->num_messages)
        make_coarser(s);
    return true;
}

void page_ports(page_data *p)
{
    strip s = { .p = p, .slices = FINEST };
    const double seconds = p->view->to - p->view->from;
    char why[TRACE_WHY];

    if (!trace_carriers_find(&s.carriers, p->m, why)) {
        put_nothing(p, why);
        return;
    }
    if (seconds > 0 && make(&s, seconds))
        put_strip(p, &s);
    else
        put_nothing(p, seconds > 0 ? "there is too much to work out" : "");
    trace_carriers_free(&s.carriers);
    free(s.shares);
    free(s.shown);
}
