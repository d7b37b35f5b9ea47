/* A sum multiplies and adds, word after word. */

#include "mpi/guard.h"

#include <assert.h>
#include <string.h>

/* How much is looked at of what is large: so many words of a row, so many
 * elements and blocks of them of what has gaps. */
enum { WORDS = 8, ELEMENTS = 4, BLOCKS = 4 };

uint64_t ds__guard_join(uint64_t sum, uint64_t more)
{
    if (more == 0)
        return sum;
    sum = (sum ^ more) * UINT64_C(0x9e3779b97f4a7c15);
    return sum == 0 ? 1 : sum ^ sum >> 32;
}

static uint64_t add_bytes(uint64_t sum, const char *bytes, size_t n)
{
    uint64_t word;

    for (; n >= sizeof(word); n -= sizeof(word), bytes += sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        sum = ds__guard_join(sum, word + 1);
    }
    word = 0;
    memcpy(&word, bytes, n);
    return ds__guard_join(sum, word + 1);
}

static uint64_t add_row(uint64_t sum, const char *bytes, size_t n)
{
    const size_t size = sizeof(uint64_t);
    assert(n > 0);

    if (ds__the_world.checking == DS__CHECK_FULL || n <= WORDS * size)
        return add_bytes(sum, bytes, n);
    for (size_t i = 0; i < WORDS; i++)
        sum = add_bytes(sum, bytes + (n - size) / (WORDS - 1) * i, size);
    return add_bytes(sum, bytes + n - size, size);
}

static uint64_t add_element(uint64_t sum, const char *element,
                            const ds__type *t)
{
    const bool full = ds__the_world.checking == DS__CHECK_FULL;
    const size_t step = full || t->n <= BLOCKS ? 1 : t->n / BLOCKS;

    assert(!t->row && t->n > 0);
    for (size_t i = 0; i < t->n; i += step)
        sum = add_row(sum, element + t->blocks[i].at, t->blocks[i].size);
    return sum;
}

uint64_t ds__guard_sum(const void *buf, size_t count, const ds__type *t)
{
    const bool full = ds__the_world.checking == DS__CHECK_FULL;
    const size_t step = full || count <= ELEMENTS ? 1 : count / ELEMENTS;
    uint64_t sum = 1;

    assert(ds__the_world.checking != DS__CHECK_NONE);
    if (count == 0 || t->size == 0)
        return sum;
    if (t->row)
        return add_row(sum, ds__type_first(buf, t), count * t->size);
    for (size_t k = 0; k < count; k += step)
        sum = add_element(sum, (const char *)buf + (ptrdiff_t)k * t->extent, t);
    return sum;
}

/* Of types with gaps only the first byte is looked at. */
static size_t count_bytes(size_t n, const ds__type *t)
{
    if (n == 0 || t->size == 0)
        return 0;
    return t->row ? n * t->size : 1;
}

bool ds__guard_overlap(const void *a, size_t n, const ds__type *of_a,
                       const void *b, size_t m, const ds__type *of_b)
{
    const char *x = ds__type_first(a, of_a);
    const char *y = ds__type_first(b, of_b);

    return x < y + count_bytes(m, of_b) && y < x + count_bytes(n, of_a);
}
