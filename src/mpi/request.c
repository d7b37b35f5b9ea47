/* What requests wait for, and waiting. */

#include "mpi/request.h"

#include <assert.h>
#include <math.h>

#include "image/site.h"
#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/partition.h"
#include "mpi/race.h"
#include "mpi/unbuffered.h"
#include "mpi/watch.h"

static bool is_open(const ds__request *r)
{
    return r != NULL && r->active && !r->done;
}

/* ---- What is waited for ---------------------------------------------------*/

static int helper_words(const ds__request *r, ds__text *text)
{
    const ds__thread *t = r->helper;
    int whom;

    ds__text_add(text, "for %s at ", t->call);
    ds__image_site(r->owner->image, t->site, text);
    ds__text_add(text, " ");
    whom = ds__agree_add_absent(t, text);
    if (whom >= 0 || (!t->stuck.is && t->explain == NULL))
        return whom;
    if (!t->stuck.is)
        return t->explain(t, text);
    ds__text_add(text, "%s", t->stuck.waits);
    return t->stuck.whom;
}

int ds__request_words(const ds__request *r, ds__text *text)
{
    const int number = r->peer >= 0 ? r->comm->remote->world[r->peer] : -1;

    if (r->helper != NULL)
        return helper_words(r, text);
    if (r->half)
        return ds__request_words(r->with, text);
    if (r->parts != NULL && r->parts->left > 0) {
        ds__text_add(text, "for MPI_Pready() of %d of %d partitions",
                     r->parts->left, r->parts->n);
        return -1;
    }
    if (r->general != NULL) {
        ds__text_add(text, "for MPI_Grequest_complete()");
        return -1;
    }
    ds__text_add(text, r->is_send ? "to " : "from ");
    if (number < 0)
        ds__text_add(text, "any rank");
    else
        ds__text_add(text, "rank %d", number);
    if (r->context != r->comm->context)
        return number;
    if (r->tag == DS__MPI_ANY_TAG)
        ds__text_add(text, ", any tag");
    else
        ds__text_add(text, ", tag %d", r->tag);
    if (r->comm != r->owner->world)
        ds__text_add(text, ", in a communicator of %d ranks",
                     ds__comm_size(r->comm));
    return number;
}

/* Of several requests the first few; if all of them are needed, the first says
 * whom the thread waits for. */
static int explain_requests(const ds__thread *t, ds__text *text)
{
    enum { SHOWN = 4 };
    size_t open = 0;
    int whom = -1;

    for (size_t i = 0; i < t->num_awaits; i++) {
        const ds__request *r = t->awaits[i];
        if (!is_open(r))
            continue;
        if (open++ >= SHOWN)
            continue;
        ds__text_add(text, open > 1 ? "; " : "");
        const int peer = ds__request_words(r, text);
        if (open == 1)
            whom = peer;
        else if (!t->needs_all)
            whom = -1;
    }
    if (open > SHOWN)
        ds__text_add(text, "; and %zu more", open - SHOWN);
    return whom;
}

static int explain_message(const ds__thread *t, ds__text *text)
{
    return ds__request_words(t->awaits[0], text);
}

/* Tells of a wait that has ended.  The request that was done last is what the
 * others did not have to wait for. */
static void tell_wait(ds__rank *me)
{
    const ds__thread *t = me->now;
    const ds__request *last = NULL;

    for (size_t i = 0; i < t->num_awaits; i++) {
        const ds__request *r = t->awaits[i];
        if (r != NULL && r->active && r->done &&
            (last == NULL || r->times.done > last->times.done))
            last = r;
    }
    if (ds_now(t->h) > t->waits_since)
        ds__the_world.watch->wait(me, t->waits_since, last);
    ds__watch_work(me);
}

static void begin_wait(ds__rank *me, ds__request *const *requests, size_t n,
                       bool needs_all)
{
    assert(me == ds__me());
    me->now->awaits = requests;
    me->now->num_awaits = n;
    me->now->needs_all = needs_all;
    me->now->explain = explain_requests;
    if (ds__the_world.watch != NULL)
        me->now->waits_since = ds_now(me->now->h);
}

static void end_wait(ds__rank *me)
{
    me->now->explain = NULL;
    ds__mpi_pass_on(me);
    if (ds__the_world.watch != NULL)
        tell_wait(me);
}

/* ---- Waiting --------------------------------------------------------------*/

size_t ds__mpi_count_active(ds__request *const *requests, size_t n,
                            size_t *done)
{
    size_t active = 0;

    *done = 0;
    for (size_t i = 0; i < n; i++) {
        active += requests[i] != NULL && requests[i]->active;
        *done +=
            requests[i] != NULL && requests[i]->active && requests[i]->done;
    }
    return active;
}

void ds__mpi_await_some(ds__rank *me, ds__request *const *requests, size_t n,
                        size_t least)
{
    size_t done;
    const size_t active = ds__mpi_count_active(requests, n, &done);

    if (least > active)
        least = active;
    begin_wait(me, requests, n, least == active);
    while (done < least) {
        ds__mpi_progress(me, INFINITY);
        ds__mpi_count_active(requests, n, &done);
    }
    end_wait(me);
    me->now->step = 0;
}

/* The buffer is the program's again, and it may know what its sender knew. */
static void settle_checks(ds__request *r)
{
    ds__request_check(r);
    if (r->mode != DS__BUFFERED)
        ds__unbuffered_wait(r->point);
    ds__race_learn(r->open_of, r->open, r->knowledge);
    ds__race_release(r->knowledge);
    r->knowledge = NULL;
    r->open = 0;
    r->sum = 0;
}

void ds__mpi_finish(ds__request *r, ds__status *status)
{
    assert(r->active && r->done);
    if (r->general != NULL) {
        r->status.error = ds__request_ask(r);
        const int error = ds__request_leave(r);
        if (r->status.error == DS__SUCCESS)
            r->status.error = error;
    }
    *status = r->status;
    r->active = false;
    r->done = false;
    settle_checks(r);
    if (r->with != NULL)
        settle_checks(r->with);
    if (r->persistent)
        return;
    if (r->object.handle != 0)
        ds__object_remove(r);
    ds__request_free(r);
}

void ds__mpi_await(ds__request *r, ds__status *status)
{
    ds__rank *me = r->owner;

    assert(r->active && !r->detached);
    if (!r->done) {
        begin_wait(me, &r, 1, true);
        while (!r->done)
            ds__mpi_progress(me, INFINITY);
        end_wait(me);
    }
    me->now->step = 0;
    ds__mpi_finish(r, status);
}

bool ds__mpi_look(ds__rank *me, ds__request *const *requests, size_t n,
                  size_t least)
{
    size_t done;
    const size_t active = ds__mpi_count_active(requests, n, &done);

    if (least > active)
        least = active;
    if (done < least) {
        begin_wait(me, requests, n, least == active);
        ds__mpi_progress(me, ds__mpi_look_time(me));
        end_wait(me);
        ds__mpi_count_active(requests, n, &done);
    }
    if (done >= least)
        me->now->step = 0;
    return done >= least;
}

void ds__mpi_await_message(ds__rank *me, ds__comm *comm, int source, int tag,
                           ds__status *status)
{
    ds__request like = {
        .owner = me,
        .active = true,
        .peer = source,
        .tag = tag,
        .comm = comm,
        .context = comm->context,
    };
    ds__request *const wanted = &like;

    assert(source == DS__MPI_ANY_SOURCE || source < ds__comm_peers(comm));
    begin_wait(me, &wanted, 1, true);
    me->now->explain = explain_message;
    while (!ds__mpi_find_message(me, comm, source, tag, status))
        ds__mpi_progress(me, INFINITY);
    like.done = true;
    if (ds__the_world.watch != NULL)
        ds__mpi_message_times(me, comm, source, tag, &like.times);
    end_wait(me);
    me->now->step = 0;
}
