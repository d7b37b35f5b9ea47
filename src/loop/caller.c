/* Who is calling, and whether it may: every public call asks here first. */

#include <assert.h>
#include <math.h>

#include "loop/state.h"

/* The loop that this thread is in an operation of.  No switch happens there. */
static _Thread_local const ds_loop *operating
    __attribute__((tls_model("initial-exec")));

/* The loop to whose machines this thread does something. */
static _Thread_local const ds_loop *acting
    __attribute__((tls_model("initial-exec")));

static uint64_t number_of(ds_handle *h)
{
    pthread_mutex_lock(&h->loop->lock);
    uint64_t number = h->number;
    pthread_mutex_unlock(&h->loop->lock);
    return number;
}

/* Nothing else may be read of a handle of somebody else. */
__attribute__((cold, noinline)) static void refuse(ds_handle *h,
                                                   const char *call)
{
    if (h == NULL) {
        if (ds__here != NULL)
            ds__fail(ds__here->loop, DS_EMISUSE, "%s: the handle is NULL",
                     call);
    } else if (acting == h->loop) {
        ds__fail(h->loop, DS_EMISUSE,
                 "%s: called from inside the handler of a port; only the body "
                 "itself may call",
                 call);
    } else if (h != ds__here) {
        ds__fail(h->loop, DS_EMISUSE,
                 "%s: the handle of thread %llu is used by another thread, or "
                 "after its own has ended",
                 call, (unsigned long long)number_of(h));
    } else {
        ds__fail(h->loop, DS_EMISUSE,
                 "%s: called from inside %s; only the body itself may call",
                 call,
                 h->state == DS__COMPUTING ? "ds_compute()"
                                           : "a network's operation");
    }
}

bool ds__ask(ds_handle *h, const char *call)
{
    if (h == NULL || h != ds__here || h->state != DS__RUNNING) {
        refuse(h, call);
        return false;
    }
    atomic_store_explicit(&h->call, call, memory_order_relaxed);
    return true;
}

/* Counts a call of a scope that counts them.  If this was the one, and all is
 * over for h now, it has no effect: false. */
__attribute__((noinline)) static bool count_call(ds_handle *h)
{
    ds__scope *scope = h->scope;

    if (scope->calls_left == 0 || --scope->calls_left > 0)
        return true;
    scope->loop->num_counting--;
    scope->struck(scope, h);
    return !scope->over && !ds__is_gone(h);
}

bool ds__enter(ds_handle *h, const char *call)
{
    return ds__ask_in(h, call) &&
           (__builtin_expect(h->loop->num_counting == 0, 1) || count_call(h));
}

void ds__close_handle(ds_handle *h)
{
    h->state = DS__CLOSED;
}

void ds__open_handle(ds_handle *h)
{
    h->state = DS__RUNNING;
}

const ds_loop *ds__operation_begin(const ds_loop *loop)
{
    const ds_loop *before = operating;

    operating = loop;
    return before;
}

void ds__operation_end(const ds_loop *before)
{
    operating = before;
}

ds_handle *ds__acting_begin(const ds_loop *loop)
{
    ds_handle *before = ds__here;

    assert(acting == NULL);
    acting = loop;
    ds__here = NULL;
    return before;
}

void ds__acting_end(ds_handle *before)
{
    acting = NULL;
    ds__here = before;
}

bool ds__acting(const ds_loop *loop)
{
    return acting == loop;
}

/* Nobody's business, or the caller's own. */
static bool is_free(const ds_loop *loop)
{
    if (!atomic_load(&loop->running))
        return !atomic_load(&loop->going);
    return ds__here != NULL
               ? ds__here->loop == loop && ds__here->state == DS__RUNNING
               : acting == loop;
}

bool ds__may_touch(const ds_loop *loop)
{
    return operating == loop || is_free(loop);
}

/* Whether the calling thread has the baton of the loop. */
static bool has_baton(const ds_loop *loop)
{
    return operating == loop || (ds__here != NULL && ds__here->loop == loop &&
                                 ds__here->state == DS__RUNNING);
}

void *ds__own_annex(const ds_loop *loop)
{
    return has_baton(loop) ? loop->annex : NULL;
}

/* A run that begins meanwhile waits for visitors to leave, and a visitor that
 * comes meanwhile sees that it is late: each first says that it is there and
 * then looks for the other. */
bool ds__touch_begin(ds_loop *loop)
{
    if (has_baton(loop))
        return true;
    atomic_fetch_add(&loop->visitors, 1);
    if (is_free(loop))
        return true;
    atomic_fetch_sub(&loop->visitors, 1);
    return false;
}

void ds__touch_end(ds_loop *loop)
{
    if (!has_baton(loop))
        atomic_fetch_sub(&loop->visitors, 1);
}

bool ds__may_build(ds_loop *loop, const char *call)
{
    if (loop == NULL)
        return false;
    if (is_free(loop))
        return true;
    ds__fail(loop, DS_EMISUSE,
             atomic_load(&loop->going)
                 ? "%s: the loop is being freed, and with it what it has"
                 : "%s: the loop is running, and only the bodies of its own "
                   "threads may call this now",
             call);
    return false;
}

bool ds__check_seconds(ds_loop *loop, double seconds, bool infinite,
                       const char *call)
{
    if (seconds >= 0 && loop->now + seconds <= DBL_MAX)
        return true;
    if (infinite && seconds == INFINITY)
        return true;
    ds__fail(loop, DS_EMISUSE, "%s: seconds is %g; it must be %s", call,
             seconds, infinite ? "at least 0" : "finite and at least 0");
    return false;
}
