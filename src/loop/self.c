/* Which simulated thread is running here, and what reports call one. */

#include "loop/state.h"

_Thread_local ds_handle *ds__here;

/* Not inlined into a function that switches fibers in between: the address of
 * a thread-local variable may be kept across the switch. */
__attribute__((noinline)) ds_handle *ds__self(void)
{
    return ds__here;
}

__attribute__((noinline)) void ds__set_self(ds_handle *h)
{
    ds__here = h;
}

void ds__handle_describe(const ds_handle *h, ds__text *text)
{
    ds__text_add(text, "%s %llu", h->daemon ? "daemon" : "thread",
                 (unsigned long long)h->number);
    if (h->name != NULL)
        ds__text_add(text, " \"%s\"", h->name);
}
