/* Which simulated thread is running here, and what reports call one. */

#include "loop/state.h"

_Thread_local ds_handle *ds__here;

ds_handle *ds__self(void)
{
    return ds__here;
}

ds_handle *ds_current(const ds_loop *loop)
{
    ds_handle *h = ds__here;

    return h != NULL && h->state == DS__RUNNING &&
                   (loop == NULL || h->loop == loop)
               ? h
               : NULL;
}

void ds__handle_describe(const ds_handle *h, ds__text *text)
{
    ds__text_add(text, "%s %llu", h->daemon ? "daemon" : "thread",
                 (unsigned long long)h->number);
    if (h->name != NULL)
        ds__text_add(text, " \"%s\"", h->name);
}
