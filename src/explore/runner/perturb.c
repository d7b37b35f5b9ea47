/* Another memory; see the header.
 *
 * Three things are usually the same by accident: that memory which nobody has
 * filled is zero, that of two blocks the one that was asked for first lies
 * lower, and where anything lies at all.  So the C library is told to fill what
 * it gives and takes; there are holes in the heap of all small sizes, which are
 * handed out in an order that is drawn; and a piece of the address space is
 * taken away, so that what is mapped afterwards lies elsewhere. */

#include "explore/runner/perturb.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/rng.h"

enum { SIZES = 64, STEP = 16, BLOCKS = 32, FILL = 0x5a, PAGES = 4096 };
#define PAGE ((size_t)4096)

static uint64_t draw(uint64_t seed, uint64_t *count)
{
    return ds__rng_bits(seed, DS__RNG_RECHECK, 1, (*count)++);
}

static void fill(void)
{
#ifdef __GLIBC__
    mallopt(M_PERTURB, FILL);
    mallopt(M_ARENA_MAX, 1); /* threads share the holes */
#endif
}

/* Frees every other block, in an order that is drawn: holes that touch would
 * become one. */
static void dig(void **blocks, size_t n, uint64_t seed, uint64_t *count)
{
    assert(n > 0 && n <= BLOCKS);
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)ds__rng_below(draw(seed, count), i);
        void *last = blocks[2 * (i - 1)];
        blocks[2 * (i - 1)] = blocks[2 * k];
        blocks[2 * k] = last;
    }
    for (size_t i = 0; i < n; i++)
        free(blocks[2 * i]);
}

void ds__perturb(uint64_t seed)
{
    void *blocks[2 * BLOCKS];
    uint64_t count = 0;
    size_t pages = 1 + (size_t)ds__rng_below(draw(seed, &count), PAGES);

    mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fill();
    for (size_t size = 1; size <= SIZES; size++) {
        for (size_t i = 0; i < 2 * BLOCKS; i++)
            blocks[i] = malloc(size * STEP - sizeof(size_t));
        dig(blocks, BLOCKS, seed, &count);
    }
}
