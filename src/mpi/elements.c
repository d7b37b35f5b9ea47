/* Counts by the parts of a type, whole elements of it at once. */

#include "mpi/elements.h"

#include <assert.h>

/* Of a type that consists of one basic one. */
static size_t count_basic(const ds__type *basic, size_t bytes, size_t *rest)
{
    const size_t first = ds__pair_value_size((ds__basic)basic->basic);
    size_t n = bytes / basic->size;

    assert(basic->size > 0);
    *rest = bytes % basic->size;
    if (first == 0)
        return n;
    n *= 2;
    if (*rest >= first) {
        *rest -= first;
        n++;
    }
    return n;
}

/* Of the beginning of one element, or of all of it. */
static size_t count_one(const ds__type *t, size_t bytes, size_t *rest)
{
    size_t n = 0;

    assert(bytes <= t->size);
    *rest = bytes;
    for (size_t i = 0; i<t->num_parts && * rest> 0; i++) {
        const ds__part *p = &t->parts[i];
        const size_t all = p->count * p->times * p->old->size;
        const size_t some = *rest < all ? *rest : all;
        size_t left;

        n += ds__type_elements(p->old, some, &left);
        *rest -= some - left;
        if (left > 0)
            break;
    }
    return n;
}

size_t ds__type_elements(const ds__type *t, size_t bytes, size_t *rest)
{
    *rest = bytes;
    if (t->size == 0)
        return 0;
    if (t->base >= 0)
        return count_basic(ds__type_basic((ds__basic)t->base), bytes, rest);
    const size_t whole = bytes / t->size;
    const size_t each = whole > 0 ? count_one(t, t->size, rest) : 0;
    return whole * each + count_one(t, bytes % t->size, rest);
}

/* ---- And back -------------------------------------------------------------*/

static size_t bytes_of_basic(const ds__type *basic, size_t elements)
{
    const size_t first = ds__pair_value_size((ds__basic)basic->basic);

    if (first == 0)
        return elements * basic->size;
    return elements / 2 * basic->size + elements % 2 * first;
}

/* Of the beginning of one element, or of all of it. */
static size_t bytes_of_one(const ds__type *t, size_t elements)
{
    size_t bytes = 0;

    for (size_t i = 0; i < t->num_parts && elements > 0; i++) {
        const ds__part *p = &t->parts[i];
        const size_t whole = p->count * p->times * p->old->size;
        size_t rest;
        const size_t all = ds__type_elements(p->old, whole, &rest);
        const size_t some = elements < all ? elements : all;
        bytes += ds__type_bytes(p->old, some);
        elements -= some;
    }
    assert(bytes <= t->size);
    return bytes;
}

size_t ds__type_bytes(const ds__type *t, size_t elements)
{
    size_t rest;

    if (t->size == 0)
        return 0;
    if (t->base >= 0)
        return bytes_of_basic(ds__type_basic((ds__basic)t->base), elements);
    const size_t each = ds__type_elements(t, t->size, &rest);
    return elements / each * t->size + bytes_of_one(t, elements % each);
}
