/* Memory that begins with a cache line, for things that thousands of threads
 * take turns with: each then touches as few lines as it must. */
#ifndef DS_BASE_MEMORY_H
#define DS_BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DS__CACHE_LINE 64

/* Zeroed; NULL: no memory.  For free(). */
static inline void *ds__new_lines(size_t size)
{
    size_t whole = (size + DS__CACHE_LINE - 1) & ~(size_t)(DS__CACHE_LINE - 1);
    void *memory = whole < size ? NULL : aligned_alloc(DS__CACHE_LINE, whole);

    return memory == NULL ? NULL : memset(memory, 0, whole);
}

#endif
