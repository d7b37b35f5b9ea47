/* Stacks for fibers; see the header. */

#include "loop/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"

#if HAVE_VALGRIND_VALGRIND_H
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(id)      (void)(id)
#endif

#define USUAL_MAX_MAPS 65530

#define STACK_MAP (MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK)

bool ds__stack_possible(size_t size, bool set_aside)
{
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       STACK_MAP | (set_aside ? 0 : MAP_NORESERVE), -1, 0);

    return stack != MAP_FAILED && munmap(stack, size) == 0;
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
        .max_guarded = max_maps() / 4,
    };
}

/* Huge pages would give a stack two megabytes at its first touch. */
static ds__stack *map(ds__stacks *stacks)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t guard = stacks->guarded < stacks->max_guarded ? page : 0;
    size_t total = stacks->size + guard;
    ds__stack *stack = malloc(sizeof(*stack));

    if (stack == NULL)
        return NULL;
    char *base = mmap(NULL, total, PROT_READ | PROT_WRITE,
                      STACK_MAP | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        goto no_map;
    madvise(base, total, MADV_NOHUGEPAGE);
    if (guard > 0 && mprotect(base, guard, PROT_NONE) != 0)
        goto no_guard;

    *stack = (ds__stack){
        .low = base + guard,
        .size = stacks->size,
        .guard = guard,
    };
    stacks->guarded += guard > 0;
    stack->valgrind_id =
        VALGRIND_STACK_REGISTER(stack->low, stack->low + stack->size);
    return stack;

no_guard:
    munmap(base, total);
no_map:
    free(stack);
    return NULL;
}

ds__stack *ds__stack_get(ds__stacks *stacks)
{
    ds__stack *stack = stacks->unused;

    if (stack == NULL)
        return map(stacks);
    stacks->unused = stack->next;
    return stack;
}

void ds__stack_put(ds__stacks *stacks, ds__stack *stack)
{
    stack->next = stacks->unused;
    stacks->unused = stack;
}

void ds__stacks_free(ds__stacks *stacks)
{
    while (stacks->unused != NULL) {
        ds__stack *stack = stacks->unused;
        stacks->unused = stack->next;
        VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
        munmap(stack->low - stack->guard, stack->size + stack->guard);
        free(stack);
    }
}
