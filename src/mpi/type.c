/* Makes types, and walks over what they describe. */

#include "mpi/type.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    size_t size;
    size_t align;
    size_t extent;
    ds__class of_class;
} basics[DS__BASICS] = {
#define DS__B(name, type, class)                                               \
    [DS__BASIC_##                                                              \
        name] = { sizeof(type), _Alignof(type), sizeof(type), DS__##class },
    DS__BASIC_TYPES(DS__B)
#undef DS__B
};

/* The pad behind or before an index is not sent. */
#define PAIR_BLOCKS(name, type)                                                \
    [DS__BASIC_##name] = { { 0, sizeof(((type *)0)->value) },                  \
                           { offsetof(type, index), sizeof(int) } }
static ds__block pair_blocks[DS__BASICS][2] = {
    PAIR_BLOCKS(FLOAT_INT, ds__float_int),
    PAIR_BLOCKS(DOUBLE_INT, ds__double_int),
    PAIR_BLOCKS(LONG_INT, ds__long_int),
    PAIR_BLOCKS(2INT, ds__int_int),
    PAIR_BLOCKS(SHORT_INT, ds__short_int),
    PAIR_BLOCKS(LONG_DOUBLE_INT, ds__long_double_int),
};

static ds__type basic_types[DS__BASICS];
static ds__block whole[DS__BASICS];

ds__class ds__type_class(ds__basic basic)
{
    return basics[basic].of_class;
}

size_t ds__pair_value_size(ds__basic basic)
{
    return pair_blocks[basic][0].size;
}

static void note_row(ds__type *t)
{
    t->row = t->n == 0 || (t->n == 1 && t->extent == (ptrdiff_t)t->size);
}

static void make_basic(ds__basic b)
{
    ds__type *t = &basic_types[b];
    const bool is_pair = basics[b].of_class == DS__PAIR;

    *t = (ds__type){
        .extent = (ptrdiff_t)basics[b].extent,
        .size = basics[b].size,
        .align = basics[b].align,
        .n = 1,
        .basic = (int)b,
        .base = (int)b,
        .committed = true,
    };
    t->object.kind = DS__TYPE;
    t->object.refs = 1;
    whole[b] = (ds__block){ 0, basics[b].size };
    t->blocks = &whole[b];
    if (is_pair && pair_blocks[b][1].at != (ptrdiff_t)pair_blocks[b][0].size) {
        t->blocks = pair_blocks[b];
        t->n = 2;
    }
    if (is_pair)
        t->size = pair_blocks[b][0].size + pair_blocks[b][1].size;
    if (is_pair && t->n == 1)
        whole[b].size = t->size;
    note_row(t);
}

ds__type *ds__type_basic(ds__basic basic)
{
    assert(basic < DS__BASICS);
    if (basic_types[basic].n == 0)
        make_basic(basic);
    return &basic_types[basic];
}

/* ---- Making ---------------------------------------------------------------*/

static void add_block(ds__type *t, ptrdiff_t at, size_t size)
{
    ds__block *last = t->n > 0 ? &t->blocks[t->n - 1] : NULL;

    assert(last == NULL || last->size > 0);
    if (size == 0)
        return;
    if (last != NULL && last->at + (ptrdiff_t)last->size == at)
        last->size += size;
    else
        t->blocks[t->n++] = (ds__block){ at, size };
}

/* Elements in a row of a type that has rows are one block. */
static void add_part(ds__type *t, const ds__part *p)
{
    const ds__type *old = p->old;

    if (old->row && p->count > 0 && old->n > 0) {
        add_block(t, p->at + old->blocks[0].at, p->count * old->size);
    } else {
        for (size_t k = 0; k < p->count; k++)
            for (size_t i = 0; i < old->n; i++)
                add_block(
                    t, p->at + (ptrdiff_t)k * old->extent + old->blocks[i].at,
                    old->blocks[i].size);
    }
    t->size += p->count * old->size;
    if (t->align < old->align)
        t->align = old->align;
}

/* Of the bounds of its parts; a part without elements has none. */
static void find_bounds(ds__type *t, const ds__part *parts, size_t n)
{
    ptrdiff_t lb = 0;
    ptrdiff_t ub = 0;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const ds__type *old = parts[i].old;
        if (parts[i].count == 0)
            continue;
        const ptrdiff_t first = parts[i].at + old->lb;
        const ptrdiff_t last =
            first + (ptrdiff_t)(parts[i].count - 1) * old->extent;
        const ptrdiff_t low = first < last ? first : last;
        const ptrdiff_t high = (first < last ? last : first) + old->extent;
        if (!any || low < lb)
            lb = low;
        if (!any || high > ub)
            ub = high;
        any = true;
        t->has_bounds |= old->has_bounds;
    }
    t->lb = lb;
    t->extent = ub - lb;
}

static size_t count_blocks(const ds__part *parts, size_t n)
{
    size_t blocks = 0;

    for (size_t i = 0; i < n; i++)
        blocks += parts[i].old->row ? 1 : parts[i].count * parts[i].old->n;
    return blocks;
}

static void keep_parts(ds__type *t, const ds__part *parts, size_t n)
{
    t->parts = ds__mpi_alloc(n, sizeof(*parts));
    t->num_parts = n;
    for (size_t i = 0; i < n; i++) {
        t->parts[i] = parts[i];
        ds__object_hold(parts[i].old);
    }
}

ds__type *ds__type_new(const ds__part *parts, size_t n, bool padded)
{
    ds__type *t = ds__mpi_alloc(1, sizeof(*t));

    t->blocks = ds__mpi_alloc(count_blocks(parts, n), sizeof(*t->blocks));
    t->basic = -1;
    t->align = 1;
    t->base = n > 0 ? parts[0].old->base : -1;
    for (size_t i = 0; i < n; i++) {
        add_part(t, &parts[i]);
        if (parts[i].old->base != t->base)
            t->base = -1;
    }
    if (t->base < 0)
        keep_parts(t, parts, n);
    find_bounds(t, parts, n);
    if (padded && !t->has_bounds && t->align > 1) {
        const ptrdiff_t align = (ptrdiff_t)t->align;
        t->extent = (t->extent + align - 1) / align * align;
    }
    note_row(t);
    assert(t->n > 0 || t->size == 0);
    ds__object_add(t, DS__TYPE);
    return t;
}

void ds__type_resize(ds__type *t, ptrdiff_t lb, ptrdiff_t extent)
{
    t->lb = lb;
    t->extent = extent;
    t->has_bounds = true;
    note_row(t);
}

void ds__type_release(ds__type *t)
{
    if (t->basic >= 0 || !ds__object_drop(t))
        return;
    for (size_t i = 0; i < t->num_parts; i++)
        ds__type_release(t->parts[i].old);
    free(t->parts);
    free(t->blocks);
    free(t->notes.name);
    free(t);
}

ds__notes *ds__type_notes(ds__rank *me, ds__type *t)
{
    if (t->basic < 0)
        return &t->notes;
    if (me->basics == NULL)
        me->basics = ds__mpi_alloc(DS__BASICS, sizeof(*me->basics));
    return &me->basics[t->basic];
}

void ds__type_true(const ds__type *t, ptrdiff_t *lb, ptrdiff_t *end)
{
    *lb = t->n > 0 ? t->blocks[0].at : 0;
    *end = *lb;
    for (size_t i = 0; i < t->n; i++) {
        const ptrdiff_t last = t->blocks[i].at + (ptrdiff_t)t->blocks[i].size;
        if (t->blocks[i].at < *lb)
            *lb = t->blocks[i].at;
        if (last > *end)
            *end = last;
    }
}

/* ---- Walking --------------------------------------------------------------*/

void ds__type_pack(char *to, const void *from, size_t count, const ds__type *t)
{
    if (t->size == 0 || count == 0)
        return;
    if (t->row) {
        memcpy(to, ds__type_first(from, t), count * t->size);
        return;
    }
    for (size_t k = 0; k < count; k++) {
        const char *element = (const char *)from + (ptrdiff_t)k * t->extent;
        for (size_t i = 0; i < t->n; i++) {
            memcpy(to, element + t->blocks[i].at, t->blocks[i].size);
            to += t->blocks[i].size;
        }
    }
}

void ds__type_unpack(void *to, const char *from, size_t bytes,
                     const ds__type *t)
{
    if (t->size == 0 || bytes == 0)
        return;
    if (t->row) {
        memcpy(ds__type_first(to, t), from, bytes);
        return;
    }
    assert(t->n > 0);
    for (char *element = to; bytes > 0; element += t->extent)
        for (size_t i = 0; i < t->n && bytes > 0; i++) {
            const size_t whole_block = t->blocks[i].size;
            const size_t size = whole_block < bytes ? whole_block : bytes;
            memcpy(element + t->blocks[i].at, from, size);
            from += size;
            bytes -= size;
        }
}

void ds__type_copy(void *to, size_t n, const ds__type *to_type,
                   const void *from, size_t m, const ds__type *from_type)
{
    const size_t bytes = m * from_type->size;
    const size_t room = n * to_type->size;
    const size_t size = bytes < room ? bytes : room;

    if (from_type->row) {
        if (to_type->row && size > 0)
            memmove(ds__type_first(to, to_type),
                    ds__type_first(from, from_type), size);
        else
            ds__type_unpack(to, ds__type_first(from, from_type), size, to_type);
        return;
    }
    char *packed = ds__mpi_room(bytes);
    ds__type_pack(packed, from, m, from_type);
    ds__type_unpack(to, packed, size, to_type);
    free(packed);
}
