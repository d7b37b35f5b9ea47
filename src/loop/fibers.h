/* What bodies on fibers need for each body, and for all of a run; see exec.h
 * and fibers.c. */
#ifndef DS_LOOP_FIBERS_H
#define DS_LOOP_FIBERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <distsys/loop.h>

#include "loop/context.h"
#include "loop/pool.h"
#include "loop/stack.h"

/* The last three are for sanitizers, which must know which stack is in use. */
typedef struct ds__fiber {
    ds__context context;
    ds__stack *stack; /* NULL before its start; the caller's own for main */
    void *asan_stack;
    void *tsan_fiber;
} ds__fiber;

typedef struct ds__fiber_crew {
    ds__stacks stacks;
    ds__stack main_stack; /* where ds_loop_run() runs, for AddressSanitizer */
    ds_handle *current;   /* whose stack is in use, or being left */
    ds_handle *ended;     /* whose stack can go once it has been left */
    ds__pool *pool;       /* computes; made when first needed */
    ds_loop *outer;       /* whose fibers this thread runs otherwise */
    void *signal_stack;   /* ours, or NULL */
} ds__fiber_crew;

#endif
