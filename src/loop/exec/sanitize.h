/* What AddressSanitizer and ThreadSanitizer must be told of fibers; nothing in
 * a build without them. */
#ifndef DS_LOOP_EXEC_SANITIZE_H
#define DS_LOOP_EXEC_SANITIZE_H

#include <stdint.h>

#include "loop/exec/fibers.h"

#if defined(__SANITIZE_ADDRESS__)
#define DS__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DS__ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define DS__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DS__TSAN 1
#endif
#endif

#ifdef DS__ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef DS__TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Before and after each change of stacks.  last: from never comes back, and
 * the frames that it leaves must not stay marked for who uses the stack next.
 */
static inline void ds__sanitize_leave(ds__fiber *from, ds__fiber *to, bool last)
{
#ifdef DS__ASAN
    if (last)
        __asan_handle_no_return();
    __sanitizer_start_switch_fiber(last ? NULL : &from->asan_stack,
                                   to->stack->low, to->stack->size);
#endif
#ifdef DS__TSAN
    __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
}

/* Only the first switch away from it tells where the caller's stack is. */
static inline void ds__sanitize_arrive(ds__fiber_crew *crew, ds__fiber *here)
{
#ifdef DS__ASAN
    const void *low;
    size_t size;
    __sanitizer_finish_switch_fiber(here->asan_stack, &low, &size);
    if (crew->main_stack.low == NULL) {
        crew->main_stack.low = (char *)(uintptr_t)low;
        crew->main_stack.size = size;
    }
#endif
}

static inline void ds__sanitize_made(ds__fiber *fiber)
{
#ifdef DS__TSAN
    fiber->tsan_fiber = __tsan_create_fiber(0);
#endif
}

static inline void ds__sanitize_gone(ds__fiber *fiber)
{
#ifdef DS__TSAN
    __tsan_destroy_fiber(fiber->tsan_fiber);
#endif
}

static inline void ds__sanitize_is_main(ds__fiber *fiber)
{
#ifdef DS__TSAN
    fiber->tsan_fiber = __tsan_get_current_fiber();
#endif
}

#endif
