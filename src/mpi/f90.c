/* Which types there are by size, and what they can hold. */

#include "mpi/f90.h"

#include <float.h>

/* The smaller ones first. */
static const struct {
    ds__class of_class;
    ds__basic basic;
    int precision;
    int range;
} kinds[] = {
    { DS__INTEGER, DS__BASIC_INTEGER1, 0, 2 },
    { DS__INTEGER, DS__BASIC_INTEGER2, 0, 4 },
    { DS__INTEGER, DS__BASIC_INTEGER4, 0, 9 },
    { DS__INTEGER, DS__BASIC_INTEGER8, 0, 18 },
    { DS__REAL, DS__BASIC_REAL4, FLT_DIG, FLT_MAX_10_EXP - 1 },
    { DS__REAL, DS__BASIC_REAL8, DBL_DIG, DBL_MAX_10_EXP - 1 },
    { DS__REAL, DS__BASIC_LONG_DOUBLE, LDBL_DIG, LDBL_MAX_10_EXP - 1 },
    { DS__COMPLEX, DS__BASIC_COMPLEX8, FLT_DIG, FLT_MAX_10_EXP - 1 },
    { DS__COMPLEX, DS__BASIC_COMPLEX16, DBL_DIG, DBL_MAX_10_EXP - 1 },
    { DS__COMPLEX, DS__BASIC_C_LONG_DOUBLE_COMPLEX, LDBL_DIG,
      LDBL_MAX_10_EXP - 1 },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

ds__type *ds__type_sized(ds__class of_class, size_t bytes)
{
    for (int i = 0; i < KINDS; i++) {
        ds__type *t = ds__type_basic(kinds[i].basic);
        if (kinds[i].of_class == of_class && t->size == bytes)
            return t;
    }
    return NULL;
}

static ds__type *least(ds__class of_class, int precision, int range)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].of_class == of_class && kinds[i].precision >= precision &&
            kinds[i].range >= range)
            return ds__type_basic(kinds[i].basic);
    return NULL;
}

/* ---- One for each question ------------------------------------------------*/

struct ds__f90 {
    struct ds__f90 *next;
    ds__combiner combiner;
    int precision;
    int range;
    ds__type *type;
};

static ds__type *make(ds__combiner combiner, ds__type *like, int precision,
                      int range)
{
    ds__made *m = ds__made_new(combiner, false);
    ds__type *t;

    if (combiner != DS__COMBINER_F90_INTEGER)
        ds__made_integer(m, precision);
    ds__made_integer(m, range);
    t = ds__type_same(like, m);
    assert(t->committed && t->base == like->basic);
    return t;
}

ds__type *ds__type_f90(ds__rank *me, ds__combiner combiner, int precision,
                       int range)
{
    static const ds__class classes[DS__COMBINERS] = {
        [DS__COMBINER_F90_INTEGER] = DS__INTEGER,
        [DS__COMBINER_F90_REAL] = DS__REAL,
        [DS__COMBINER_F90_COMPLEX] = DS__COMPLEX,
    };
    ds__type *like;

    assert(classes[combiner] != 0 || combiner == DS__COMBINER_F90_INTEGER);
    for (struct ds__f90 *f = me->f90; f != NULL; f = f->next)
        if (f->combiner == combiner && f->precision == precision &&
            f->range == range)
            return f->type;
    like = least(classes[combiner], precision, range);
    if (like == NULL)
        return NULL;
    struct ds__f90 *f = ds__mpi_alloc(1, sizeof(*f));
    *f = (struct ds__f90){
        .next = me->f90,
        .combiner = combiner,
        .precision = precision,
        .range = range,
        .type = make(combiner, like, precision, range),
    };
    me->f90 = f;
    return f->type;
}
