/* Why a run ends: the first reason sticks, whoever gives it. */

#include "loop/state.h"

bool ds__fail_open(ds_loop *loop, ds_status status, ds__text *text)
{
    pthread_mutex_lock(&loop->lock);
    if (loop->pending.status != DS_OK) {
        pthread_mutex_unlock(&loop->lock);
        return false;
    }
    loop->pending.status = status;
    ds__text_init(text, loop->pending.text, sizeof(loop->pending.text));
    return true;
}

void ds__fail_close(ds_loop *loop)
{
    atomic_store(&loop->over, true);
    pthread_mutex_unlock(&loop->lock);
}

void ds__vfail(ds_loop *loop, ds_status status, const char *format,
               va_list args)
{
    ds__text text;

    if (loop == NULL || !ds__fail_open(loop, status, &text))
        return;
    ds__text_addv(&text, format, args);
    ds__fail_close(loop);
}

void ds__fail(ds_loop *loop, ds_status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ds__vfail(loop, status, format, args);
    va_end(args);
}

void ds__fail_memory(ds_loop *loop, const char *call)
{
    ds__fail(loop, DS_ENOMEM, "%s: out of memory", call);
}

bool ds__gone(const ds_handle *h)
{
    return h->gone || ds__over(h->loop);
}

bool ds__over(const ds_loop *loop)
{
    return atomic_load_explicit(&loop->over, memory_order_acquire);
}
