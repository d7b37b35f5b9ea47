/* The basic types, and the life of those that are made. */

#include "mpi/type.h"

#include <assert.h>
#include <stdlib.h>

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
    [DS__BASIC_##name] = {                                                     \
        { .size = sizeof(((type *)0)->value), .count = 1 },                    \
        { .at = offsetof(type, index),                                         \
          .size = sizeof(((type *)0)->index),                                  \
          .count = 1 },                                                        \
    }
static ds__block pair_blocks[DS__BASICS][2] = {
    PAIR_BLOCKS(FLOAT_INT, ds__float_int),
    PAIR_BLOCKS(DOUBLE_INT, ds__double_int),
    PAIR_BLOCKS(LONG_INT, ds__long_int),
    PAIR_BLOCKS(2INT, ds__int_int),
    PAIR_BLOCKS(SHORT_INT, ds__short_int),
    PAIR_BLOCKS(LONG_DOUBLE_INT, ds__long_double_int),
    PAIR_BLOCKS(2INTEGER, ds__int_int),
    PAIR_BLOCKS(2REAL, ds__real_real),
    PAIR_BLOCKS(2DOUBLE_PRECISION, ds__double_double),
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

/* A bound of MPI 1 is at a place, and is no element. */
static void make_mark(ds__type *t)
{
    t->extent = 0;
    t->size = 0;
    t->align = 1;
    t->has_lb = t->basic == DS__BASIC_LB;
    t->has_ub = t->basic == DS__BASIC_UB;
    t->base = -1;
    t->n = 0;
}

static void make_pair(ds__type *t)
{
    ds__block *blocks = pair_blocks[t->basic];

    t->size = blocks[0].size + blocks[1].size;
    if (blocks[1].at == (ptrdiff_t)blocks[0].size) {
        t->blocks->size = t->size;
        return;
    }
    t->blocks = blocks;
    t->n = 2;
}

static void make_basic(ds__basic b)
{
    ds__type *t = &basic_types[b];

    *t = (ds__type){
        .object = { .kind = DS__TYPE, .refs = 1 },
        .extent = (ptrdiff_t)basics[b].extent,
        .size = basics[b].size,
        .align = basics[b].align,
        .n = 1,
        .blocks = &whole[b],
        .basic = (int)b,
        .base = (int)b,
        .committed = true,
    };
    whole[b] = (ds__block){ .size = basics[b].size, .count = 1 };
    if (basics[b].of_class == DS__PAIR)
        make_pair(t);
    if (basics[b].of_class == DS__MARK)
        make_mark(t);
    ds__type_note_row(t);
}

ds__type *ds__type_basic(ds__basic basic)
{
    assert(basic < DS__BASICS);
    if (basic_types[basic].object.refs == 0)
        make_basic(basic);
    return &basic_types[basic];
}

void ds__type_resize(ds__type *t, ptrdiff_t lb, ptrdiff_t extent)
{
    t->lb = lb;
    t->extent = extent;
    t->has_lb = true;
    t->has_ub = true;
    ds__type_note_row(t);
}

ds__type *ds__type_same(ds__type *old, ds__made *made)
{
    const ds__part part = { .old = old, .count = 1, .times = 1 };
    ds__type *t = ds__type_new(&part, 1, false, made);

    assert(t->size == old->size);
    t->committed = old->committed;
    t->lb = old->lb;
    t->extent = old->extent;
    t->has_lb = old->has_lb;
    t->has_ub = old->has_ub;
    ds__type_note_row(t);
    return t;
}

void ds__type_remove(ds__type *t)
{
    assert(t->basic < 0);
    ds__object_remove(t);
    ds__type_release(t);
}

/* Several types may have been made by one call. */
static void release_made(ds__made *m)
{
    if (m == NULL || --m->refs > 0)
        return;
    for (size_t i = 0; i < m->num_types; i++)
        ds__type_release(m->types[i]);
    free((void *)m->types);
    free(m->integers.all);
    free(m->addresses.all);
    free(m->large.all);
    free(m);
}

void ds__type_release(ds__type *t)
{
    if (t->basic >= 0 || !ds__object_drop(t))
        return;
    for (size_t i = 0; i < t->num_parts; i++)
        ds__type_release(t->parts[i].old);
    free(t->parts);
    free(t->blocks);
    release_made(t->made);
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
