/* Arrays of a program's: the calls with int and those with MPI_Count hand over
 * others, and nobody copies them. */
#ifndef DS_MPI_LIST_H
#define DS_MPI_LIST_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* Whole numbers, as wide as the call has them. */
typedef struct ds__list {
    const void *items; /* NULL: there is none */
    size_t size;       /* of each: 4 or 8 bytes */
} ds__list;

static inline long long ds__list_at(ds__list list, int i)
{
    const char *at = (const char *)list.items + (size_t)i * list.size;
    int32_t narrow;
    int64_t wide;

    assert(list.items != NULL && i >= 0);
    if (list.size == sizeof(narrow))
        return memcpy(&narrow, at, sizeof(narrow)), narrow;
    return memcpy(&wide, at, sizeof(wide)), wide;
}

#endif
