/* What threads are called, in reports, by the system and in traces. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/state.h"

bool ds__give_name(ds_handle *h, const char *name, const char *call)
{
    size_t size = strlen(name) + 1;
    char *copy = malloc(size);

    if (copy == NULL) {
        ds__fail_memory(h->loop, call);
        return false;
    }
    memcpy(copy, name, size);

    /* The watchdog may be reading the old one. */
    pthread_mutex_lock(&h->loop->lock);
    free(h->name);
    h->name = copy;
    pthread_mutex_unlock(&h->loop->lock);
    if (h == ds__self() && h->loop->exec->rename != NULL)
        h->loop->exec->rename(h);
    ds__tell_name(h->loop, DS__NAMED_THREAD, (uint32_t)h->number, copy);
    return true;
}

void ds_set_name(ds_handle *h, const char *name)
{
    if (!ds__enter(h, "ds_set_name"))
        return;
    if (name == NULL)
        ds__fail(h->loop, DS_EMISUSE, "ds_set_name: the name is NULL");
    else
        ds__give_name(h, name, "ds_set_name");
}

bool ds__set_handle_name(ds_handle *h, const char *format, ...)
{
    char name[64];
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof(name), format, args);
    va_end(args);
    return ds__give_name(h, name, "ds_set_name");
}
