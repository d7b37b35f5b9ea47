/* Shortest ways; see the header. */

#include "topology/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

/* ---- Arcs by place --------------------------------------------------------*/

static size_t end_of(const ds__arc *arc, bool in)
{
    return in ? arc->to : arc->from;
}

/* Sorts the numbers of the arcs by one of their ends, by counting, so that they
 * stay in their order otherwise. */
static void sort_arcs(const ds__graph *graph, bool in, uint32_t *first,
                      uint32_t *sorted)
{
    for (size_t i = 0; i < graph->num_arcs; i++)
        first[end_of(&graph->arcs[i], in) + 1]++;
    for (size_t p = 0; p < graph->num_places; p++)
        first[p + 1] += first[p];
    for (size_t i = 0; i < graph->num_arcs; i++)
        sorted[first[end_of(&graph->arcs[i], in)]++] = (uint32_t)i;
    /* Each is now where the next one should be. */
    memmove(first + 1, first, graph->num_places * sizeof(*first));
    first[0] = 0;
}

static void *new_array(size_t n, size_t size)
{
    return calloc(n > 0 ? n : 1, size);
}

ds__graph *ds__graph_new(const ds__arc *arcs, size_t num_arcs,
                         size_t num_places, size_t num_closed)
{
    ds__graph *graph = malloc(sizeof(*graph));

    if (graph == NULL)
        return NULL;
    *graph = (ds__graph){
        .arcs = arcs,
        .num_arcs = num_arcs,
        .num_places = num_places,
        .num_closed = num_closed,
        .first_out = new_array(num_places + 1, sizeof(uint32_t)),
        .out = new_array(num_arcs, sizeof(uint32_t)),
        .first_in = new_array(num_places + 1, sizeof(uint32_t)),
        .in = new_array(num_arcs, sizeof(uint32_t)),
        .fields = new_array(num_places, sizeof(*graph->fields)),
    };
    if (graph->first_out == NULL || graph->out == NULL ||
        graph->first_in == NULL || graph->in == NULL || graph->fields == NULL) {
        ds__graph_free(graph);
        return NULL;
    }
    sort_arcs(graph, false, graph->first_out, graph->out);
    sort_arcs(graph, true, graph->first_in, graph->in);
    return graph;
}

void ds__graph_free(ds__graph *graph)
{
    if (graph == NULL)
        return;
    if (graph->fields != NULL)
        for (size_t p = 0; p < graph->num_places; p++)
            free(atomic_load(&graph->fields[p]));
    free(graph->fields);
    free(graph->first_out);
    free(graph->out);
    free(graph->first_in);
    free(graph->in);
    free(graph);
}

/* ---- Fields ---------------------------------------------------------------*/

/* Goes backwards along arcs, in circles around the destination; the queue has
 * each place once. */
static void fill_field(const ds__graph *graph, uint32_t to, uint32_t *field,
                       uint32_t *queue)
{
    size_t n = 0;

    for (size_t p = 0; p < graph->num_places; p++)
        field[p] = DS__FAR;
    field[to] = 0;
    queue[n++] = to;
    for (size_t i = 0; i < n; i++) {
        uint32_t near = queue[i];

        if (near < graph->num_closed && near != to)
            continue;
        for (uint32_t k = graph->first_in[near]; k < graph->first_in[near + 1];
             k++) {
            uint32_t p = graph->arcs[graph->in[k]].from;

            if (field[p] != DS__FAR)
                continue;
            field[p] = field[near] + 1;
            queue[n++] = p;
        }
    }
    assert(n <= graph->num_places);
}

const uint32_t *ds__graph_field(ds__graph *graph, size_t to)
{
    uint32_t *field = atomic_load(&graph->fields[to]);

    if (field != NULL)
        return field;
    uint32_t *made = new_array(graph->num_places, sizeof(*made));
    uint32_t *queue = new_array(graph->num_places, sizeof(*queue));
    if (made != NULL && queue != NULL) {
        fill_field(graph, (uint32_t)to, made, queue);
        if (atomic_compare_exchange_strong(&graph->fields[to], &field, made)) {
            field = made;
            made = NULL;
        }
    }
    free(made);
    free(queue);
    return field;
}

/* ---- Ways -----------------------------------------------------------------*/

static bool is_downhill(const ds__graph *graph, const uint32_t *field,
                        const ds__arc *arc)
{
    return field[arc->to] < field[arc->from] &&
           (arc->to >= graph->num_closed || field[arc->to] == 0);
}

/* How many arcs lead downhill from a place. */
static uint32_t count_downhill(const ds__graph *graph, const uint32_t *field,
                               size_t place)
{
    uint32_t n = 0;

    for (uint32_t k = graph->first_out[place]; k < graph->first_out[place + 1];
         k++)
        n += is_downhill(graph, field, &graph->arcs[graph->out[k]]);
    return n;
}

/* The one of them with so many before it. */
static const ds__arc *downhill(const ds__graph *graph, const uint32_t *field,
                               size_t place, uint32_t before)
{
    for (uint32_t k = graph->first_out[place];; k++) {
        const ds__arc *arc = &graph->arcs[graph->out[k]];

        assert(k < graph->first_out[place + 1]);
        if (is_downhill(graph, field, arc) && before-- == 0)
            return arc;
    }
}

static void walk(const ds__graph *graph, const uint32_t *field, size_t from,
                 const ds__chooser *chooser, ds__trail *path)
{
    for (size_t place = from; field[place] > 0;) {
        uint32_t before = 0;

        if (chooser != NULL) {
            uint32_t n = count_downhill(graph, field, place);

            before = chooser->choose(chooser, place, n);
            assert(before < n);
        }
        const ds__arc *arc = downhill(graph, field, place, before);
        ds__trail_add(path, arc->link);
        place = arc->to;
    }
}

ds__way ds__graph_route(ds__graph *graph, size_t from, size_t to,
                        const ds__chooser *chooser, ds__trail *path)
{
    const ds__arc *last = NULL;

    if (from == to)
        return DS__WAY_FOUND;
    if (graph->first_in[to + 1] - graph->first_in[to] == 1) {
        const ds__arc *only = &graph->arcs[graph->in[graph->first_in[to]]];

        if (only->from >= graph->num_closed) {
            last = only;
            to = only->from;
        }
    }
    const uint32_t *field = ds__graph_field(graph, to);
    if (field == NULL)
        return DS__WAY_NO_MEMORY;
    if (field[from] == DS__FAR)
        return DS__WAY_NONE;
    walk(graph, field, from, chooser, path);
    if (last != NULL)
        ds__trail_add(path, last->link);
    return DS__WAY_FOUND;
}

void ds__graph_check(const ds__graph *graph)
{
    assert(graph->first_out[graph->num_places] == graph->num_arcs);
    assert(graph->first_in[graph->num_places] == graph->num_arcs);
    for (size_t p = 0; p < graph->num_places; p++) {
        const uint32_t *field = atomic_load(&graph->fields[p]);

        for (uint32_t k = graph->first_out[p]; k < graph->first_out[p + 1]; k++)
            assert(graph->arcs[graph->out[k]].from == p);
        for (uint32_t k = graph->first_in[p]; k < graph->first_in[p + 1]; k++)
            assert(graph->arcs[graph->in[k]].to == p);
        for (size_t i = 0; field != NULL && i < graph->num_arcs; i++) {
            uint32_t after = field[graph->arcs[i].to];

            assert(after == DS__FAR || field[graph->arcs[i].from] <= after + 1);
        }
    }
}
