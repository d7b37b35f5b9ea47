/* A context: a stack and a place in the code on it, to be left and resumed.
 *
 * On x86-64 and arm64 a switch is twenty instructions.  Elsewhere ucontext
 * does it, which is in every libc but makes a system call each time. */
#ifndef DS_LOOP_EXEC_CONTEXT_H
#define DS_LOOP_EXEC_CONTEXT_H

#include <stddef.h>

#include "config.h"

#if defined(__ELF__) && (defined(__x86_64__) || defined(__aarch64__)) &&       \
    !defined(DS_USE_UCONTEXT)
#define DS__CONTEXT_NATIVE 1
#else
#define DS__CONTEXT_NATIVE 0
#endif

/* What was saved when it was left lies on its own stack. */
typedef struct ds__context {
    void *at;
} ds__context;

/* Makes one that calls fn(arg), which must never return, on a stack of size
 * bytes whose lowest address is stack. */
void ds__context_make(ds__context *context, void *stack, size_t size,
                      void (*fn)(void *arg), void *arg);

/* Leaves the running context in *from and goes on in *to. */
#if DS__CONTEXT_NATIVE
void ds__context_switch(void **save, void *load); /* in context_switch.S */

static inline void ds__context_go(ds__context *from, ds__context *to)
{
    ds__context_switch(&from->at, to->at);
}
#else
void ds__context_go(ds__context *from, ds__context *to);
#endif

#endif
