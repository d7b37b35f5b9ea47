/* Makes types of others: which blocks they have, and which bounds. */

#include <assert.h>

#include "mpi/type.h"

void ds__type_note_row(ds__type *t)
{
    t->row = t->n == 0 || (t->n == 1 && t->blocks[0].count == 1 &&
                           t->extent == (ptrdiff_t)t->size);
}

/* ---- Blocks ---------------------------------------------------------------*/

/* A list that grows.  Invariant: all but the last entry are joined with those
 * before them as far as they can be. */
typedef struct list {
    ds__block *all;
    size_t n;
    size_t max;
} list;

static void append(list *l, ds__block block)
{
    if (l->n == l->max) {
        l->max = l->max > 0 ? 2 * l->max : 1;
        l->all = ds__mpi_realloc(l->all, l->max, sizeof(*l->all));
    }
    l->all[l->n++] = block;
}

/* The last block does not become longer: it may be one more of those before. */
static void close_last(list *l)
{
    if (l->n < 2)
        return;
    ds__block *before = &l->all[l->n - 2];
    const ds__block *last = before + 1;
    const ptrdiff_t step = last->at - before->at;
    if (last->count > 1 || last->size != before->size ||
        (before->count > 1 && step != (ptrdiff_t)before->count * before->step))
        return;
    if (before->count == 1)
        before->step = step;
    before->count++;
    l->n--;
}

static void add_block(list *l, ptrdiff_t at, size_t size)
{
    ds__block *last = l->n > 0 ? &l->all[l->n - 1] : NULL;

    assert(last == NULL || last->size > 0);
    if (size == 0)
        return;
    if (last != NULL && last->count == 1 &&
        last->at + (ptrdiff_t)last->size == at) {
        last->size += size;
        return;
    }
    close_last(l);
    append(l, (ds__block){ .at = at, .size = size, .count = 1 });
}

/* Many that do not touch are an entry at once, but for a first one that touches
 * what is before it, and for the last one, which may touch what comes. */
static void add_blocks(list *l, ptrdiff_t at, const ds__block *b)
{
    const ds__block *last = l->n > 0 ? &l->all[l->n - 1] : NULL;
    size_t k = 0;

    at += b->at;
    if (b->count > 0 && last != NULL && last->count == 1 &&
        last->at + (ptrdiff_t)last->size == at)
        add_block(l, at + (ptrdiff_t)k++ * b->step, b->size);
    if (b->count > k + 1 && b->step != (ptrdiff_t)b->size) {
        close_last(l);
        append(l, (ds__block){ .at = at + (ptrdiff_t)k * b->step,
                               .size = b->size,
                               .count = b->count - 1 - k,
                               .step = b->step });
        k = b->count - 1;
    }
    for (; k < b->count; k++)
        add_block(l, at + (ptrdiff_t)k * b->step, b->size);
}

/* Elements in a row of a type that has rows are one block. */
static void add_part(list *l, const ds__part *p)
{
    const ds__type *old = p->old;

    assert(old->object.refs > 0);
    if (p->count == 0 || old->n == 0)
        return;
    if (old->row) {
        add_blocks(l, p->at,
                   &(ds__block){ .at = old->blocks[0].at,
                                 .size = p->count * old->size,
                                 .count = p->times,
                                 .step = p->step });
        return;
    }
    for (size_t i = 0; i < p->times; i++)
        for (size_t k = 0; k < p->count; k++)
            for (size_t b = 0; b < old->n; b++)
                add_blocks(l,
                           p->at + (ptrdiff_t)i * p->step +
                               (ptrdiff_t)k * old->extent,
                           &old->blocks[b]);
}

static void find_blocks(ds__type *t, const ds__part *parts, size_t n)
{
    list l = { .n = 0 };

    for (size_t i = 0; i < n; i++)
        add_part(&l, &parts[i]);
    close_last(&l);
    t->n = l.n;
    t->blocks =
        l.n == l.max ? l.all : ds__mpi_realloc(l.all, l.n, sizeof(*t->blocks));
}

/* ---- Bounds ---------------------------------------------------------------*/

/* How far the last of n goes beyond the first, downwards or upwards. */
static ptrdiff_t reach(size_t n, ptrdiff_t step, bool up)
{
    assert(n > 0);
    return (step > 0) == up ? (ptrdiff_t)(n - 1) * step : 0;
}

static ptrdiff_t bound(const ds__part *p, bool upper)
{
    return p->at + p->old->lb + (upper ? p->old->extent : 0) +
           reach(p->times, p->step, upper) +
           reach(p->count, p->old->extent, upper);
}

/* Finds the lowest lower bound of all parts, or the highest upper one.  A part
 * without elements has none but what is given; if some are given, they alone
 * count.  Returns whether they do. */
static bool find_bound(const ds__part *parts, size_t n, bool upper,
                       ptrdiff_t *found)
{
    bool any = false;
    bool given = false;

    *found = 0;
    for (size_t i = 0; i < n; i++) {
        const ds__part *p = &parts[i];
        const bool is_given = upper ? p->old->has_ub : p->old->has_lb;
        if (p->count == 0 || p->times == 0 ||
            (!is_given && (given || p->old->size == 0)))
            continue;
        const ptrdiff_t b = bound(p, upper);
        if (!any || (is_given && !given) || (upper ? b > *found : b < *found))
            *found = b;
        any = true;
        given |= is_given;
    }
    return given;
}

static void find_bounds(ds__type *t, const ds__part *parts, size_t n,
                        bool padded)
{
    const ptrdiff_t align = (ptrdiff_t)t->align;
    ptrdiff_t ub;

    t->has_lb = find_bound(parts, n, false, &t->lb);
    t->has_ub = find_bound(parts, n, true, &ub);
    t->extent = ub - t->lb;
    if (padded && !t->has_ub && align > 1)
        t->extent = (t->extent + align - 1) / align * align;
}

/* ---- Parts ----------------------------------------------------------------*/

static void keep_parts(ds__type *t, const ds__part *parts, size_t n)
{
    t->parts = ds__mpi_alloc(n, sizeof(*parts));
    t->num_parts = n;
    for (size_t i = 0; i < n; i++) {
        t->parts[i] = parts[i];
        ds__object_hold(parts[i].old);
    }
}

/* What is of no size consists of nothing. */
static void find_base(ds__type *t, const ds__part *parts, size_t n)
{
    t->base = -1;
    for (size_t i = 0; i < n; i++) {
        const ds__type *old = parts[i].old;
        const size_t size = old->size * parts[i].count * parts[i].times;
        if (size == 0)
            continue;
        if (t->align < old->align)
            t->align = old->align;
        if (t->size > 0 && old->base != t->base)
            t->base = -1;
        else
            t->base = old->base;
        t->size += size;
    }
}

ds__type *ds__type_new(const ds__part *parts, size_t n, bool padded,
                       ds__made *made)
{
    ds__type *t = ds__mpi_alloc(1, sizeof(*t));

    t->basic = -1;
    t->align = 1;
    t->made = made;
    find_base(t, parts, n);
    if (t->base < 0 && t->size > 0)
        keep_parts(t, parts, n);
    find_blocks(t, parts, n);
    find_bounds(t, parts, n, padded);
    ds__type_note_row(t);
    assert((t->n > 0) == (t->size > 0));
    ds__object_add(t, DS__TYPE);
    return t;
}
