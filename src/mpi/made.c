/* Keeps the arguments of calls that make datatypes. */

#include "mpi/made.h"

#include "mpi/type.h"

ds__made *ds__made_new(ds__combiner combiner, bool is_large)
{
    ds__made *m = ds__mpi_alloc(1, sizeof(*m));

    assert(combiner > DS__COMBINER_NAMED && combiner < DS__COMBINERS);
    m->refs = 1;
    m->combiner = combiner;
    m->is_large = is_large;
    return m;
}

/* There is room for as many as the next power of two. */
static void add(ds__numbers *numbers, int64_t number)
{
    if ((numbers->n & (numbers->n - 1)) == 0)
        numbers->all =
            ds__mpi_realloc(numbers->all, numbers->n > 0 ? 2 * numbers->n : 1,
                            sizeof(*numbers->all));
    numbers->all[numbers->n++] = number;
}

void ds__made_integer(ds__made *m, int64_t integer)
{
    assert(integer >= INT32_MIN && integer <= INT32_MAX);
    add(&m->integers, integer);
}

void ds__made_count(ds__made *m, int64_t count)
{
    add(m->is_large ? &m->large : &m->integers, count);
}

void ds__made_place(ds__made *m, int64_t bytes)
{
    add(m->is_large ? &m->large : &m->addresses, bytes);
}

void ds__made_type(ds__made *m, ds__type *type)
{
    assert(type != NULL && m->refs == 1);
    m->types =
        ds__mpi_realloc((void *)m->types, m->num_types + 1, sizeof(ds__type *));
    m->types[m->num_types++] = ds__object_hold(type);
}

ds__made *ds__made_hold(ds__made *m)
{
    assert(m->refs > 0);
    m->refs++;
    return m;
}
