/* Walks over what types describe. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/type.h"

/* Where the blocks of one entry begin and end. */
static ptrdiff_t low_of(const ds__block *b)
{
    return b->at + (b->step < 0 ? (ptrdiff_t)(b->count - 1) * b->step : 0);
}

static ptrdiff_t high_of(const ds__block *b)
{
    return b->at + (ptrdiff_t)b->size +
           (b->step > 0 ? (ptrdiff_t)(b->count - 1) * b->step : 0);
}

void ds__type_true(const ds__type *t, ptrdiff_t *lb, ptrdiff_t *end)
{
    *lb = t->n > 0 ? low_of(&t->blocks[0]) : 0;
    *end = *lb;
    for (size_t i = 0; i < t->n; i++) {
        const ptrdiff_t low = low_of(&t->blocks[i]);
        const ptrdiff_t high = high_of(&t->blocks[i]);
        if (low < *lb)
            *lb = low;
        if (high > *end)
            *end = high;
    }
}

/* Copies the blocks of one entry to bytes in a row; returns where these end. */
static char *pack_entry(char *to, const char *element, const ds__block *b)
{
    const char *from = element + b->at;

    assert(b->size > 0 && b->count > 0);
    for (size_t k = 0; k < b->count; k++) {
        memcpy(to, from, b->size);
        to += b->size;
        from += b->step;
    }
    return to;
}

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
        for (size_t i = 0; i < t->n; i++)
            to = pack_entry(to, element, &t->blocks[i]);
    }
}

/* Copies at most so many bytes back; returns how many there were. */
static size_t unpack_entry(char *element, const char *from, size_t bytes,
                           const ds__block *b)
{
    char *to = element + b->at;
    size_t done = 0;

    for (size_t k = 0; k < b->count && done < bytes; k++) {
        const size_t left = bytes - done;
        const size_t size = b->size < left ? b->size : left;
        memcpy(to, from + done, size);
        done += size;
        to += b->step;
    }
    return done;
}

void ds__type_unpack(void *to, const char *from, size_t bytes,
                     const ds__type *t)
{
    if (t->size == 0 || bytes == 0)
        return;
    assert(t->n > 0);
    if (t->row) {
        memcpy(ds__type_first(to, t), from, bytes);
        return;
    }
    for (char *element = to; bytes > 0; element += t->extent)
        for (size_t i = 0; i < t->n && bytes > 0; i++) {
            const size_t done =
                unpack_entry(element, from, bytes, &t->blocks[i]);
            from += done;
            bytes -= done;
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
