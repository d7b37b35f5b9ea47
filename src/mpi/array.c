/* A dimension is a row of what the dimensions before it are, resized to the
 * whole of them. */

#include "mpi/array.h"

ds__taken ds__taken_cyclic(ptrdiff_t size, ptrdiff_t block, int member,
                           int members)
{
    const ptrdiff_t round = block * members;
    const ptrdiff_t first = block * member;
    ds__taken t = { .size = size, .at = first, .count = block, .step = round };

    assert(block > 0 && member >= 0 && member < members);
    if (first >= size)
        return t;
    t.times = (size - first) / round;
    t.last_at = first + t.times * round;
    t.last_count = size - t.last_at;
    if (t.last_count > block)
        t.last_count = block;
    return t;
}

static ds__type *take(ds__type *old, const ds__taken *d, ds__made *made)
{
    const ds__part parts[] = {
        { .old = old,
          .at = d->at * old->extent,
          .count = (size_t)d->count,
          .times = (size_t)d->times,
          .step = d->step * old->extent },
        { .old = old,
          .at = d->last_at * old->extent,
          .count = (size_t)d->last_count,
          .times = 1 },
    };
    ds__type *t = ds__type_new(parts, 2, false, made);

    assert(d->last_at + d->last_count <= d->size);
    ds__type_resize(t, 0, d->size * old->extent);
    return t;
}

ds__type *ds__type_array(ds__type *old, const ds__taken *dims, int n,
                         ds__made *made)
{
    ds__type *t = old;

    assert(n > 0);
    for (int i = 0; i < n; i++) {
        ds__type *row = take(t, &dims[i], i == n - 1 ? made : NULL);
        if (t != old)
            ds__type_remove(t);
        t = row;
    }
    return t;
}
