/* Stacks for fibers: mapped when needed, used again by the next fiber, unmapped
 * at the end of the run.
 *
 * But for a few: a thread that runs one small loop after the other would spend
 * most of its time on mapping stacks.  So it keeps some for its next run, until
 * it ends.  Of each at most the upper 256 KiB stay in memory.
 *
 * Memory is reserved, not taken: a stack costs the pages that were touched.
 * Below each lies a guard, so large that a frame does not easily jump over it.
 * Since Linux 6.13 it costs entries of page tables only: next to nothing for
 * thousands of stacks, but gigabytes for a million, so the guards of those
 * after the first 16,384 are a page each.  Before 6.13 a guard splits the
 * address space into two maps more, of which the system allows
 * vm.max_map_count; so the first quarter of that many stacks is guarded, and
 * later ones are not. */
#ifndef DS_LOOP_EXEC_STACK_H
#define DS_LOOP_EXEC_STACK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ds__stack ds__stack;
struct ds__stack {
    ds__stack *next;  /* of those not in use */
    ds__stack *older; /* of all */
    char *low;        /* the lowest address that may be used */
    size_t size;
    size_t below; /* bytes that belong to it below low */
    size_t guard; /* ... and may not be touched: all of them, or 0 */
    unsigned valgrind_id;
};

/* Invariant: unused ones are among the count that begin with newest. */
typedef struct ds__stacks {
    ds__stack *unused;
    ds__stack *newest;
    size_t size;      /* of each, whole pages */
    size_t guard;     /* below the first ones */
    size_t page;      /* below later ones */
    size_t count;     /* how many there are */
    size_t split;     /* how many guards have split a map */
    size_t max_split; /* 0: nobody has asked the system yet */
} ds__stacks;

/* How many a thread keeps at most. */
#define DS__STACKS_KEPT 32

/* Whether the address space, and the memory too if it must be set aside, has
 * room for one stack of so many bytes. */
bool ds__stack_possible(size_t size, bool set_aside);

/* The guard that is put below a stack, in bytes.  A frame larger than that may
 * jump over it, onto what lies below.  It takes address space and no memory, so
 * it is large unless address space is limited. */
size_t ds__guard_size(void);

/* Begins with those that the calling thread has kept, if they are of this size.
 */
void ds__stacks_init(ds__stacks *stacks, size_t size);

/* Begins with none. */
void ds__stacks_init_new(ds__stacks *stacks, size_t size);

/* Unmaps them all; they have been put back. */
void ds__stacks_unmap(ds__stacks *stacks);

/* All have been put back.  The calling thread keeps some. */
void ds__stacks_free(ds__stacks *stacks);

/* Unmaps what the calling thread has kept. */
void ds__stacks_forget(void);

ds__stack *ds__stack_get(ds__stacks *stacks); /* NULL: no memory */
void ds__stack_put(ds__stacks *stacks, ds__stack *stack);

#endif
