/* What bodies on fibers need for each body, and for all of a run; see exec.h
 * and fibers.c. */
#ifndef DS_LOOP_EXEC_FIBERS_H
#define DS_LOOP_EXEC_FIBERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <distsys/loop.h>

#include "loop/exec/context.h"
#include "loop/exec/pool.h"
#include "loop/exec/stack.h"

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
    ds_handle *ended;     /* whose stack can go once it has been left */
    ds__pool *pool;       /* computes; made when first needed */
    void *before;         /* of ds__exits_begin() */
} ds__fiber_crew;

#endif
