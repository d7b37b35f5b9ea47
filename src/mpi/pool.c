/* One list of idle pieces for each size. */

#include "mpi/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/object.h"

/* Bytes, as powers of two, and how many may be idle together. */
enum { LEAST = 7, MOST = 14, IDLE = 20 };

/* Invariant: num pieces, of which each begins with where the next one is. */
static struct {
    void *first;
    size_t num;
} idle[MOST + 1];

/* Its power of two; one that is longer than all has the next one. */
static int class_of(size_t size)
{
    const size_t rest = (size - 1) >> LEAST;

    return size <= (size_t)1 << LEAST
               ? LEAST
               : LEAST + 64 - __builtin_clzll((unsigned long long)rest);
}

void *ds__pool_take(size_t size)
{
    const int k = class_of(size);

    if (k > MOST)
        return ds__mpi_room(size);
    if (idle[k].num == 0)
        return ds__mpi_room((size_t)1 << k);
    void *memory = idle[k].first;
    memcpy(&idle[k].first, memory, sizeof(void *));
    idle[k].num--;
    return memory;
}

void ds__pool_give(void *memory, size_t size)
{
    const int k = class_of(size);

    assert(memory != NULL);
    if (k > MOST || idle[k].num >= (size_t)1 << (IDLE - k)) {
        free(memory);
        return;
    }
    memcpy(memory, &idle[k].first, sizeof(void *));
    idle[k].first = memory;
    idle[k].num++;
}
