/* What can be said of a network; see the header. */

#include "bench/topology/survey.h"

#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/common/cut.h"
#include "topology/topology.h"

/* ---- Ways -----------------------------------------------------------------*/

/* Room for a way that grows with the longest one. */
typedef struct way {
    size_t *links;
    size_t n;
    size_t max;
} way;

static failure find_way(way *w, const ds_topology *topology, size_t from,
                        size_t to)
{
    w->n = ds_topology_route(topology, from, to, 0, w->links, w->max);
    if (w->n == SIZE_MAX)
        return failure_new(EXIT_FAILURE,
                           ds_topology_error(topology)[0] != '\0'
                               ? "out of memory"
                               : "no way leads from host %zu to host %zu",
                           from, to);
    if (w->n <= w->max)
        return SUCCESS;
    w->max = 2 * w->n;
    w->links = args_realloc(w->links, w->max, sizeof(*w->links));
    return find_way(w, topology, from, to);
}

static double latency_of(const ds_topology *topology, const way *w)
{
    double sum = 0;

    for (size_t i = 0; i < w->n; i++)
        sum += ds_topology_link(topology, w->links[i])->latency;
    return sum;
}

static failure measure_ways(survey *s, const ds_topology *topology)
{
    way w = { 0 };
    failure why = SUCCESS;
    double sum = 0;

    for (size_t from = 0; from < s->hosts && why.status == 0; from++)
        for (size_t to = 0; to < s->hosts && why.status == 0; to++) {
            if (from == to)
                continue;
            why = find_way(&w, topology, from, to);
            if (why.status != 0)
                break;
            double latency = latency_of(topology, &w);
            s->diameter = w.n > s->diameter ? w.n : s->diameter;
            s->latency = latency > s->latency ? latency : s->latency;
            sum += (double)w.n;
        }
    if (s->hosts > 1)
        s->mean_way = sum / ((double)s->hosts * (double)(s->hosts - 1));
    free(w.links);
    return why;
}

failure survey_take(survey *s, const ds_topology *topology)
{
    *s = (survey){
        .hosts = ds_topology_num_hosts(topology),
        .switches = topology->num_places - topology->num_hosts,
        .links = ds_topology_num_links(topology),
        .bisection = cut_halves(topology),
    };
    return measure_ways(s, topology);
}

/* ---- A drawing ------------------------------------------------------------*/

static void draw_place(const ds_topology *topology, size_t place, FILE *out)
{
    const bool host = place < topology->num_hosts;

    fprintf(out, "%c%zu", host ? 'h' : 's',
            host ? place : place - topology->num_hosts);
}

/* A cable is two arcs, one after the other. */
void survey_draw(const ds_topology *topology, FILE *out)
{
    fprintf(out, "graph topology {\n"
                 "  node [shape=circle];\n");
    for (size_t i = topology->num_hosts; i < topology->num_places; i++) {
        fprintf(out, "  ");
        draw_place(topology, i, out);
        fprintf(out, " [shape=box];\n");
    }
    for (size_t i = 0; i + 1 < topology->num_arcs; i += 2) {
        const ds__arc *arc = &topology->arcs[i];

        fprintf(out, "  ");
        draw_place(topology, arc->from, out);
        fprintf(out, " -- ");
        draw_place(topology, arc->to, out);
        fprintf(out, ";\n");
    }
    fprintf(out, "}\n");
}

/* ---- Loads ----------------------------------------------------------------*/

typedef enum pattern {
    ALL_TO_ALL,
    SHIFT,
    XOR,
} pattern;

static failure read_pattern(const char *text, size_t n, pattern *which,
                            size_t *by)
{
    static const char *const names[] = { "alltoall", "shift:", "xor:" };
    char *end;

    for (size_t i = 0; i < 3; i++) {
        const size_t length = strlen(names[i]);

        if (strncmp(text, names[i], length) != 0)
            continue;
        *which = (pattern)i;
        *by = (size_t)strtoull(text + length, &end, 10);
        if (i == ALL_TO_ALL ? text[length] == '\0'
                            : text[length] >= '0' && text[length] <= '9' &&
                                  *end == '\0' && *by < n)
            return SUCCESS;
    }
    return failure_new(BAD_USAGE,
                       "--load: bad value '%s'; allowed: alltoall, or shift:N "
                       "or xor:N with N from 0 to %zu",
                       text, n - 1);
}

static failure add_message(load *l, way *w, size_t from, size_t to)
{
    failure why = find_way(w, l->topology, from, to);

    for (size_t i = 0; why.status == 0 && i < w->n; i++)
        l->messages[w->links[i]]++;
    return why;
}

static failure add_all(load *l, pattern which, size_t by)
{
    const size_t n = ds_topology_num_hosts(l->topology);
    way w = { 0 };
    failure why = SUCCESS;

    for (size_t from = 0; from < n && why.status == 0; from++) {
        const size_t to = which == SHIFT ? (from + by) % n : from ^ by;

        if (which != ALL_TO_ALL && to >= n)
            why =
                failure_new(BAD_USAGE,
                            "--load: host %zu has no partner: xor %zu is %zu, "
                            "and there are %zu hosts",
                            from, by, to, n);
        else if (which != ALL_TO_ALL)
            why = add_message(l, &w, from, to);
        for (size_t i = 0; which == ALL_TO_ALL && i < n && why.status == 0; i++)
            if (i != from)
                why = add_message(l, &w, from, i);
    }
    free(w.links);
    return why;
}

double load_seconds(const load *l, size_t link)
{
    const ds_link *properties = ds_topology_link(l->topology, link);
    const double messages = properties->sharing == DS_FATPIPE
                                ? l->messages[link] > 0
                                : (double)l->messages[link];

    return messages / properties->rate;
}

static int compare(const void *a, const void *b, void *of)
{
    const size_t one = *(const size_t *)a;
    const size_t two = *(const size_t *)b;
    const double x = load_seconds(of, one);
    const double y = load_seconds(of, two);

    if (x != y)
        return x > y ? -1 : 1;
    return (one > two) - (one < two);
}

failure load_count(load *l, const ds_topology *topology, const char *text)
{
    const size_t n = ds_topology_num_links(topology);
    pattern which = ALL_TO_ALL;
    size_t by = 0;

    *l = (load){ .topology = topology };
    failure why =
        read_pattern(text, ds_topology_num_hosts(topology), &which, &by);
    if (why.status != 0)
        return why;
    l->messages = args_alloc(n, sizeof(*l->messages));
    l->order = args_alloc(n, sizeof(*l->order));
    why = add_all(l, which, by);
    for (size_t i = 0; i < n; i++)
        if (l->messages[i] > 0)
            l->order[l->used++] = i;
    qsort_r(l->order, l->used, sizeof(*l->order), compare, l);
    return why;
}

void load_free(load *l)
{
    free(l->messages);
    free(l->order);
}
