/* Why a run ends: the first reason sticks, whoever gives it. */

#include <signal.h>
#include <unistd.h>

#include "loop/state.h"

#define TAIL 256 /* bytes kept free for who it was, and when */
#define TIME 40  /* ... for when */

/* ---- Stopping for a debugger ----------------------------------------------*/

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

/* A debugger stops in the middle of the call that failed, and can go on;
 * without one the program dies here. */
static void stop_here(const ds_loop *loop)
{
    say("distsys: ");
    say(loop->pending.text);
    say("\n");
    raise(SIGTRAP);
}

/* ---- The reason -----------------------------------------------------------*/

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
    bool stop = loop->abort && loop->pending.status != DS_STOPPED;

    ds__set_over(loop);
    pthread_mutex_unlock(&loop->lock);
    if (stop)
        stop_here(loop);
}

/* Whose body is at work here, if one is: not that of a thread which looks for
 * who is next, since what it meets then is not its own doing. */
static const ds_handle *culprit(const ds_loop *loop)
{
    const ds_handle *h = ds__self();

    if (h == NULL || h->loop != loop || h->state == DS__WAITING)
        return NULL;
    return h;
}

/* Texts of these do not say themselves who it was and when. */
static bool wants_place(ds_status status)
{
    return status == DS_EMISUSE || status == DS_ENOMEM || status == DS_ETHREAD;
}

/* Work runs beside the simulation, so all that is certain is when it began. */
static double when(const ds_loop *loop, const ds_handle *h)
{
    if (h != NULL && h->state == DS__COMPUTING)
        return h->since;
    return ds__watchdog_time(&loop->watchdog);
}

static void add_place(const ds_loop *loop, ds__text *text)
{
    const ds_handle *h = culprit(loop);

    if (!atomic_load(&loop->running))
        return;
    ds__text_add(text, " (");
    if (h != NULL) {
        text->size -= TIME;
        ds__handle_describe(h, text);
        text->size += TIME;
        ds__text_add(text, ", ");
    }
    ds__text_add(text, "at %.9g s)", when(loop, h));
}

void ds__vfail(ds_loop *loop, ds_status status, const char *format,
               va_list args)
{
    ds__text text;

    if (loop == NULL || !ds__fail_open(loop, status, &text))
        return;
    text.size -= TAIL;
    ds__text_addv(&text, format, args);
    text.size += TAIL;
    if (wants_place(status))
        add_place(loop, &text);
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

const char *ds__fail_text(const ds_loop *loop)
{
    return loop->pending.text;
}

bool ds__gone(const ds_handle *h)
{
    return ds__is_gone(h);
}

bool ds__over(const ds_loop *loop)
{
    return ds__is_over(loop);
}
