/* Contexts: what lies on a fresh stack, and the way without machine code. */

#include "loop/exec/context.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if DS__CONTEXT_NATIVE

void ds__context_entry(void);

#if defined(__x86_64__)

/* As context_switch.S pops it, from r15 on.  The floating-point modes are those
 * that a program starts with; ds__run_body() sets others. */
struct frame {
    uint32_t mxcsr;
    uint16_t fpu_control;
    uint16_t unused;
    uint64_t r15, r14, r13, r12, rbx, rbp;
    uint64_t entry;
    uint64_t end[2]; /* of the chain of frames; keeps the stack aligned */
};

/* How much of it lies below the stack pointer. */
#define BELOW offsetof(struct frame, r15)

static void fill(struct frame *frame, void (*fn)(void *arg), void *arg)
{
    frame->mxcsr = 0x1f80;
    frame->fpu_control = 0x37f;
    frame->r12 = (uint64_t)(uintptr_t)fn;
    frame->r13 = (uint64_t)(uintptr_t)arg;
    frame->entry = (uint64_t)(uintptr_t)ds__context_entry;
}

#else

struct frame {
    uint64_t x19, x20, x21_to_x28[8], x29, x30;
    uint64_t d8_to_d15[8];
    uint64_t fpcr, unused;
};

#define BELOW 0

static void fill(struct frame *frame, void (*fn)(void *arg), void *arg)
{
    frame->x19 = (uint64_t)(uintptr_t)fn;
    frame->x20 = (uint64_t)(uintptr_t)arg;
    frame->x30 = (uint64_t)(uintptr_t)ds__context_entry;
}

#endif

void ds__context_make(ds__context *context, void *stack, size_t size,
                      void (*fn)(void *arg), void *arg)
{
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
    struct frame *frame = (struct frame *)(top - sizeof(*frame));

    assert(size > sizeof(*frame) && fn != NULL);
    memset(frame, 0, sizeof(*frame));
    fill(frame, fn, arg);
    context->at = (char *)frame + BELOW;
}

#else

#include <ucontext.h>

/* makecontext() passes nothing but ints, so a pointer goes in two halves. */
static void enter(unsigned fn_high, unsigned fn_low, unsigned arg_high,
                  unsigned arg_low)
{
    uintptr_t fn = (uintptr_t)((uint64_t)fn_high << 32 | fn_low);
    uintptr_t arg = (uintptr_t)((uint64_t)arg_high << 32 | arg_low);

    ((void (*)(void *))fn)((void *)arg);
}

void ds__context_make(ds__context *context, void *stack, size_t size,
                      void (*fn)(void *arg), void *arg)
{
    uint64_t f = (uint64_t)(uintptr_t)fn;
    uint64_t a = (uint64_t)(uintptr_t)arg;
    uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)63;
    ucontext_t *first = (ucontext_t *)((top - sizeof(*first)) & ~(uintptr_t)63);

    getcontext(first);
    first->uc_stack.ss_sp = stack;
    first->uc_stack.ss_size = (uintptr_t)first - (uintptr_t)stack;
    first->uc_link = NULL;
    makecontext(first, (void (*)(void))enter, 4, (unsigned)(f >> 32),
                (unsigned)f, (unsigned)(a >> 32), (unsigned)a);
    context->at = first;
}

void ds__context_go(ds__context *from, ds__context *to)
{
    ucontext_t here;

    from->at = &here;
    swapcontext(&here, to->at);
}

#endif
