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

/* The exceptions of C++ that are being thrown and handled, as its ABI has them
 * (Itanium C++ ABI, 2.2.2). */
typedef struct ds__exceptions {
    void *caught;
    unsigned uncaught;
} ds__exceptions;

/* What a thread of the system has of its own is put aside while others have the
 * baton.  The last two are for sanitizers, which must know which stack is in
 * use. */
typedef struct ds__fiber {
    ds__context context;
    int error;        /* errno; beside what a switch touches anyway */
    ds__stack *stack; /* NULL before its start; the caller's own for main */
    ds__exceptions exceptions;
    void *asan_stack;
    void *tsan_fiber;
} ds__fiber;

/* Stacks of another size than those of most bodies. */
typedef struct ds__other_stacks {
    ds__stacks stacks;
    struct ds__other_stacks *next;
} ds__other_stacks;

/* All bodies of a run are on one thread of the system, so what it has of its
 * own stays where it is. */
typedef struct ds__fiber_crew {
    int *error;                 /* errno of that thread */
    ds__exceptions *exceptions; /* ... and these; NULL: not a program in C++ */
    ds__stacks stacks;
    ds__other_stacks *others; /* by size; that there are many is rare */
    ds__stack main_stack; /* where ds_loop_run() runs, for AddressSanitizer */
    ds_handle *ended;     /* whose stack can go once it has been left */
    ds__pool *pool;       /* computes; made when first needed */
    void *before;         /* of ds__exits_begin() */
} ds__fiber_crew;

#endif
