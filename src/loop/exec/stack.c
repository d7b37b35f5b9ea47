/* Stacks for fibers; see the header. */

#include "loop/exec/stack.h"

#include <assert.h>
#include <pthread.h>
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
#define KEPT_MEMORY    ((size_t)256 << 10) /* of each stack that is kept */

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

/* False: there cannot be a guard.  If maps are short before their time, the
 * program needs the rest itself. */
static bool guard(ds__stacks *stacks, void *base, size_t size)
{
    if (madvise(base, size, MADV_GUARD_INSTALL) == 0)
        return true;
    if (stacks->max_split == 0)
        stacks->max_split = max_maps() / 4;
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
    assert(stacks->count > 0 && stack->size == stacks->size);
    assert(stack->guard == 0 || stack->guard == stack->below);
    stack->next = stacks->unused;
    stacks->unused = stack;
}

/* Neighbours are one map to the system, and a hole in the middle makes two of
 * it, for which there may be no more room; so they go as they came, from one
 * end. */
static void unmap_newest(ds__stacks *stacks)
{
    ds__stack *stack = stacks->newest;

    assert(stack != NULL && (stacks->count > 1) == (stack->older != NULL));
    stacks->newest = stack->older;
    stacks->count--;
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
    munmap(stack->low - stack->below, stack->below + stack->size);
    free(stack);
}

static void unmap_to(ds__stacks *stacks, size_t count)
{
    while (stacks->count > count)
        unmap_newest(stacks);
}

/* ---- From one run to the next ---------------------------------------------*/

static _Thread_local ds__stacks kept;

/* Its destructor frees what a thread has kept when that ends. */
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;

static void forget(void *stacks)
{
    unmap_to(stacks, 0);
    *(ds__stacks *)stacks = (ds__stacks){ 0 };
}

static void make_key(void)
{
    key_made = pthread_key_create(&key, forget) == 0;
}

/* The library may be unloaded, and the destructor with it. */
__attribute__((destructor)) static void drop_key(void)
{
    if (key_made)
        pthread_key_delete(key);
}

static bool may_keep(void)
{
    pthread_once(&key_once, make_key);
    return kept.count == 0 && key_made && pthread_setspecific(key, &kept) == 0;
}

/* What was used deeply goes back to the system. */
static void give_back(ds__stack *stack)
{
    if (stack->size > KEPT_MEMORY)
        madvise(stack->low, stack->size - KEPT_MEMORY, MADV_DONTNEED);
}

/* The guards that have split maps are those of the oldest stacks. */
static void keep(ds__stacks *stacks)
{
    assert(stacks->count <= DS__STACKS_KEPT && kept.count == 0);
    stacks->unused = stacks->newest;
    if (stacks->split > stacks->count)
        stacks->split = stacks->count;
    for (ds__stack *s = stacks->newest; s != NULL; s = s->older) {
        s->next = s->older;
        give_back(s);
    }
    kept = *stacks;
}

void ds__stacks_forget(void)
{
    forget(&kept);
}

static void init(ds__stacks *stacks, size_t size, size_t guard_size)
{
    stacks->size = size;
    stacks->guard = guard_size;
    stacks->page = (size_t)sysconf(_SC_PAGESIZE);
}

void ds__stacks_init(ds__stacks *stacks, size_t size)
{
    size_t guard_size = ds__guard_size();

    if (kept.size != size || kept.guard != guard_size)
        ds__stacks_forget();
    *stacks = kept;
    kept = (ds__stacks){ 0 };
    init(stacks, size, guard_size);
}

void ds__stacks_init_new(ds__stacks *stacks, size_t size)
{
    *stacks = (ds__stacks){ 0 };
    init(stacks, size, ds__guard_size());
}

void ds__stacks_unmap(ds__stacks *stacks)
{
    unmap_to(stacks, 0);
}

void ds__stacks_free(ds__stacks *stacks)
{
    unmap_to(stacks, may_keep() ? DS__STACKS_KEPT : 0);
    if (stacks->count > 0)
        keep(stacks);
}
