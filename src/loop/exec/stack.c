/* Stacks for fibers; see the header. */

#include "loop/exec/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config.h"

#if HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#else
#define VALGRIND_STACK_REGISTER(low, high)     0
#define VALGRIND_STACK_DEREGISTER(id)          (void)(id)
#define VALGRIND_MAKE_MEM_UNDEFINED(low, size) (void)(low)
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define USUAL_MAX_MAPS 65530
#define LARGE_GUARD    ((size_t)1 << 20)
#define LARGE_GUARDS   16384

#define STACK_MAP (MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK)

bool ds__stack_possible(size_t size, bool set_aside)
{
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       STACK_MAP | (set_aside ? 0 : MAP_NORESERVE), -1, 0);

    return stack != MAP_FAILED && munmap(stack, size) == 0;
}

size_t ds__guard_size(void)
{
    struct rlimit space;
    bool limited = sizeof(void *) < 8 || getrlimit(RLIMIT_AS, &space) != 0 ||
                   space.rlim_cur != RLIM_INFINITY;

    return limited ? (size_t)sysconf(_SC_PAGESIZE) : LARGE_GUARD;
}

static size_t max_maps(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    size_t maps = USUAL_MAX_MAPS;

    if (file == NULL)
        return maps;
    if (fscanf(file, "%zu", &maps) != 1)
        maps = USUAL_MAX_MAPS;
    fclose(file);
    return maps;
}

void ds__stacks_init(ds__stacks *stacks, size_t size)
{
    *stacks = (ds__stacks){
        .size = size,
        .guard = ds__guard_size(),
        .page = (size_t)sysconf(_SC_PAGESIZE),
        .max_split = max_maps() / 4,
    };
}

/* False: there cannot be a guard.  If maps are short before their time, the
 * program needs the rest itself. */
static bool guard(ds__stacks *stacks, void *base, size_t size)
{
    if (madvise(base, size, MADV_GUARD_INSTALL) == 0)
        return true;
    if (stacks->split == stacks->max_split)
        return false;
    if (mprotect(base, size, PROT_NONE) == 0) {
        stacks->split++;
        return true;
    }
    stacks->max_split = stacks->split;
    return false;
}

/* Huge pages would give a stack two megabytes at its first touch. */
static ds__stack *map(ds__stacks *stacks)
{
    size_t below = stacks->count < LARGE_GUARDS ? stacks->guard : stacks->page;
    size_t total = below + stacks->size;
    ds__stack *stack = malloc(sizeof(*stack));

    if (stack == NULL)
        return NULL;
    char *base = mmap(NULL, total, PROT_READ | PROT_WRITE,
                      STACK_MAP | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        free(stack);
        return NULL;
    }
    madvise(base, total, MADV_NOHUGEPAGE);

    *stack = (ds__stack){
        .older = stacks->newest,
        .low = base + below,
        .size = stacks->size,
        .below = below,
        .guard = guard(stacks, base, below) ? below : 0,
    };
    stacks->newest = stack;
    stacks->count++;
    stack->valgrind_id =
        VALGRIND_STACK_REGISTER(stack->low, stack->low + stack->size);
    return stack;
}

/* For valgrind, what lies below the last frame of the body before is out of
 * bounds. */
ds__stack *ds__stack_get(ds__stacks *stacks)
{
    ds__stack *stack = stacks->unused;

    if (stack == NULL)
        return map(stacks);
    stacks->unused = stack->next;
    VALGRIND_MAKE_MEM_UNDEFINED(stack->low, stack->size);
    return stack;
}

void ds__stack_put(ds__stacks *stacks, ds__stack *stack)
{
    stack->next = stacks->unused;
    stacks->unused = stack;
}

/* Neighbours are one map to the system, and a hole in the middle makes two of
 * it, for which there may be no more room; so they go as they came, from one
 * end. */
void ds__stacks_free(ds__stacks *stacks)
{
    while (stacks->newest != NULL) {
        ds__stack *stack = stacks->newest;
        stacks->newest = stack->older;
        VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
        munmap(stack->low - stack->below, stack->below + stack->size);
        free(stack);
    }
}
