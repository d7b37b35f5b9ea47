/* See linktable.h. */

#include "bench/common/linktable.h"

#include <math.h>
#include <stdlib.h>

#include "bench/common/cut.h"

static row row_of(const report *r, const atlas *a, size_t i)
{
    const ds_link *link = ds_topology_link(r->fabric->topology, i);
    const ds_link_use *use = &r->uses[i];

    return (row){
        .report = r,
        .number = i,
        .name = link->name,
        .kind = kind_of(a, i),
        .rate = link->rate,
        .latency = link->latency,
        .bytes = use->bytes,
        .busy = use->busy,
        .full = use->full,
        .held = use->held,
        .messages = use->messages,
        .most = use->most,
    };
}

/* What is equal on paper is equal here. */
static bool is_tie(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(a, b);
}

static int compare(const void *a, const void *b)
{
    const row *x = a;
    const row *y = b;

    if (x->held != y->held)
        return x->held > y->held ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Roundings tell no links apart: what ties with the first of those before it
 * counts as that. */
static void sort(table *t)
{
    size_t first = 0;

    qsort(t->rows, t->n, sizeof(*t->rows), compare);
    for (size_t i = 1; i < t->n; i++) {
        if (is_tie(t->rows[i].held, t->rows[first].held))
            t->rows[i].held = t->rows[first].held;
        else
            first = i;
    }
    qsort(t->rows, t->n, sizeof(*t->rows), compare);
}

static void add_to_kind(table *t, kind k, const row *one)
{
    row *sum = &t->kinds[k];

    sum->report = one->report;
    sum->name = kind_names[k];
    sum->kind = k;
    sum->number++;
    sum->rate += one->rate;
    sum->bytes += one->bytes;
    sum->busy += one->busy;
    sum->full += one->full;
    sum->held += one->held;
    sum->messages += one->messages;
    sum->most = one->most > sum->most ? one->most : sum->most;
    sum->all_held = one->all_held;
}

/* Finds out which links lie between the halves of the hosts. */
static void find_cuts(table *t, const report *r)
{
    double *bytes = args_alloc(t->n, sizeof(*bytes));
    bool *there = args_alloc(t->n, sizeof(*there));
    bool *back = args_alloc(t->n, sizeof(*back));

    for (size_t i = 0; i < t->n; i++)
        bytes[i] = r->uses[i].bytes;
    cut_links(r->fabric->topology, false, bytes, there);
    cut_links(r->fabric->topology, true, bytes, back);
    for (size_t i = 0; i < t->n; i++) {
        t->rows[i].is_there = there[i];
        t->rows[i].is_back = back[i];
    }
    free(bytes);
    free(there);
    free(back);
}

static void fill_rows(table *t, const report *r)
{
    atlas a = atlas_new(r->fabric);
    double all = 0;

    for (size_t i = 0; i < t->n; i++) {
        t->rows[i] = row_of(r, &a, i);
        all += t->rows[i].held;
    }
    for (size_t i = 0; i < t->n; i++) {
        t->rows[i].all_held = all;
        t->rows[i].table = t;
    }
    atlas_free(&a);
    find_cuts(t, r);
}

static void add_up(table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const row *one = &t->rows[i];
        add_to_kind(t, one->kind, one);
        if (one->is_there)
            add_to_kind(t, KIND_THERE, one);
        if (one->is_back)
            add_to_kind(t, KIND_BACK, one);
    }
    for (size_t k = 0; k < KINDS; k++)
        if (t->kinds[k].number > 0) {
            t->kinds[k].busy /= (double)t->kinds[k].number;
            t->kinds[k].full /= (double)t->kinds[k].number;
        }
}

void table_init(table *t, const report *r)
{
    *t = (table){ .n = ds_topology_num_links(r->fabric->topology) };
    t->rows = args_alloc(t->n, sizeof(*t->rows));
    fill_rows(t, r);
    sort(t);
    add_up(t);
}

void table_free(table *t)
{
    free(t->rows);
}
