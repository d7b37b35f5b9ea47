/* Edges that anybody tells are put together in one place, from which each
 * member takes its own when all have come. */

#include "mpi/telling.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/coll.h"

/* What the members of one call tell.  Invariant: it goes when all have taken
 * what is theirs; by_to is there from the first one on who does. */
typedef struct telling {
    struct telling *next;
    int context;
    unsigned call;
    int takers; /* who have not taken theirs */
    size_t n;
    ds__arc *by_from;
    ds__arc *by_to;
} telling;

static telling *tellings;

static telling *find(const ds__comm *c)
{
    telling *t = tellings;

    while (t != NULL && (t->context != c->context || t->call != c->calls))
        t = t->next;
    if (t != NULL)
        return t;
    t = ds__mpi_alloc(1, sizeof(*t));
    t->context = c->context;
    t->call = c->calls;
    t->takers = ds__comm_size(c);
    t->next = tellings;
    tellings = t;
    return t;
}

static void tell(telling *t, const ds__arc *edges, size_t n)
{
    if (n == 0)
        return;
    t->by_from = ds__mpi_realloc(t->by_from, t->n + n, sizeof(*t->by_from));
    memcpy(t->by_from + t->n, edges, n * sizeof(*edges));
    t->n += n;
}

static int compare(int a, int b)
{
    return (a > b) - (a < b);
}

/* All of an edge, so that it does not matter who told it when. */
static int compare_from(const void *x, const void *y)
{
    const ds__arc *a = x;
    const ds__arc *b = y;

    return a->from != b->from ? compare(a->from, b->from)
           : a->to != b->to   ? compare(a->to, b->to)
                              : compare(a->weight, b->weight);
}

static int compare_to(const void *x, const void *y)
{
    const ds__arc *a = x;
    const ds__arc *b = y;

    return a->to != b->to ? compare(a->to, b->to) : compare_from(x, y);
}

static void sort(telling *t)
{
    const size_t size = t->n * sizeof(ds__arc);

    t->by_to = ds__mpi_room(size);
    if (t->n == 0)
        return;
    memcpy(t->by_to, t->by_from, size);
    qsort(t->by_from, t->n, sizeof(ds__arc), compare_from);
    qsort(t->by_to, t->n, sizeof(ds__arc), compare_to);
}

/* Where the edges of a rank begin in a sorted list. */
static size_t first_of(const ds__arc *edges, size_t n, int rank, bool by_to)
{
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int at = by_to ? edges[mid].to : edges[mid].from;
        if (at < rank)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static ds__ends take(const ds__arc *edges, size_t n, int rank, bool by_to,
                     bool is_weighted)
{
    const size_t first = first_of(edges, n, rank, by_to);
    const size_t count = first_of(edges, n, rank + 1, by_to) - first;
    ds__ends e = { .n = (int)count };

    e.ranks = ds__mpi_alloc(count, sizeof(*e.ranks));
    if (is_weighted)
        e.weights = ds__mpi_alloc(count, sizeof(*e.weights));
    for (size_t i = 0; i < count; i++) {
        const ds__arc *edge = &edges[first + i];
        e.ranks[i] = by_to ? edge->from : edge->to;
        if (is_weighted)
            e.weights[i] = edge->weight;
    }
    return e;
}

static void leave(telling *t)
{
    telling **at = &tellings;

    assert(t->takers > 0);
    if (--t->takers > 0)
        return;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    free(t->by_from);
    free(t->by_to);
    free(t);
}

ds__graph *ds__graph_told(ds__comm *c, const ds__arc *edges, size_t n,
                          bool is_weighted)
{
    ds__graph *g = ds__mpi_alloc(1, sizeof(*g));
    telling *t = find(c);

    g->refs = 1;
    g->is_weighted = is_weighted;
    tell(t, edges, n);
    ds__mpi_barrier(c);
    if (t->by_to == NULL)
        sort(t);
    g->in = take(t->by_to, t->n, c->rank, true, is_weighted);
    g->out = take(t->by_from, t->n, c->rank, false, is_weighted);
    leave(t);
    return g;
}
