/* A thread works on a communicator that is like the one of the call, but whose
 * calls have numbers that were kept for it when the program made the call; so
 * what several of them send does not mix, whenever it is sent. */

#include "mpi/nonblocking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/start.h"
#include "mpi/between.h"
#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/near.h"
#include "mpi/guard.h"
#include "mpi/step.h"
#include "mpi/watch.h"

/* ---- The collectives ------------------------------------------------------*/

/* Within a group or between two. */
#define CALL(w, name)                                                          \
    (ds__comm_is_inter((w)->comm) ? ds__inter_##name : ds__mpi_##name)

void ds__work_barrier(const ds__work *w)
{
    CALL(w, barrier)(w->comm);
}

void ds__work_bcast(const ds__work *w)
{
    CALL(w, bcast)(w->comm, w->out.buf, w->out.count, w->out.type, w->root);
}

void ds__work_gather(const ds__work *w)
{
    CALL(w, gather)
    (w->comm, w->in.buf, w->in.count, w->in.type, &w->out, w->root);
}

void ds__work_scatter(const ds__work *w)
{
    CALL(w, scatter)
    (w->comm, &w->in, w->out.buf, w->out.count, w->out.type, w->root);
}

void ds__work_gatherv(const ds__work *w)
{
    (ds__comm_is_inter(w->comm) ? ds__inter_gather : ds__mpi_gatherv)(
        w->comm, w->in.buf, w->in.count, w->in.type, &w->out, w->root);
}

void ds__work_scatterv(const ds__work *w)
{
    (ds__comm_is_inter(w->comm) ? ds__inter_scatter : ds__mpi_scatterv)(
        w->comm, &w->in, w->out.buf, w->out.count, w->out.type, w->root);
}

void ds__work_allgather(const ds__work *w)
{
    CALL(w, allgather)(w->comm, w->in.buf, w->in.count, w->in.type, &w->out);
}

void ds__work_alltoall(const ds__work *w)
{
    CALL(w, alltoall)(w->comm, &w->in, &w->out);
}

static ds__reduction reduction(const ds__work *w)
{
    assert(w->op != NULL && w->out.type != NULL);
    return (ds__reduction){
        .in = w->in.buf,
        .out = w->out.buf,
        .n = w->out.count,
        .type = w->out.type,
        .op = w->op,
    };
}

void ds__work_reduce(const ds__work *w)
{
    const ds__reduction r = reduction(w);

    CALL(w, reduce)(w->comm, &r, w->root);
}

void ds__work_allreduce(const ds__work *w)
{
    const ds__reduction r = reduction(w);

    CALL(w, allreduce)(w->comm, &r);
}

void ds__work_scan(const ds__work *w)
{
    const ds__reduction r = reduction(w);

    ds__mpi_scan(w->comm, &r, false);
}

void ds__work_exscan(const ds__work *w)
{
    const ds__reduction r = reduction(w);

    ds__mpi_scan(w->comm, &r, true);
}

void ds__work_reduce_scatter(const ds__work *w)
{
    const int p = ds__comm_size(w->comm);
    size_t *counts = ds__mpi_alloc((size_t)p, sizeof(*counts));
    ds__reduction r = reduction(w);

    r.n = 0;
    for (int i = 0; i < p; i++) {
        counts[i] = ds__piece_count(&w->out, i);
        r.n += counts[i];
    }
    CALL(w, reduce_scatter)(w->comm, &r, counts);
    free(counts);
}

/* The call counts, as it does at all others. */
void ds__work_outside(const ds__work *w)
{
    ds__mpi_call_begin(w->comm);
}

/* ---- Keeping what it needs ------------------------------------------------*/

/* Invariant: it holds all that the work names but the buffers. */
typedef struct ds__job {
    ds__work work;
    const char *call; /* that it is of */
    ds__thread *thread;
    ds__request *request;
    uint64_t in; /* sums of what is in its buffers */
    uint64_t out;
} job;

static void copy_list(ds__list *list, int n)
{
    const size_t size = (size_t)n * list->size;

    if (list->items != NULL)
        list->items = memcpy(ds__mpi_room(size), list->items, size);
}

static void hold_pieces(ds__pieces *p, int n)
{
    if (p->type != NULL)
        ds__object_hold(p->type);
    copy_list(&p->counts, n);
    copy_list(&p->places, n);
    if (p->types == NULL)
        return;
    ds__type **types = ds__mpi_alloc((size_t)n, sizeof(ds__type *));
    for (int i = 0; i < n; i++)
        types[i] = ds__object_hold(p->types[i]);
    p->types = types;
}

static void release_pieces(ds__pieces *p, int n)
{
    if (p->type != NULL)
        ds__type_release(p->type);
    free((void *)p->counts.items);
    free((void *)p->places.items);
    for (int i = 0; i < n && p->types != NULL; i++)
        ds__type_release(p->types[i]);
    free((void *)p->types);
}

/* How many pieces it has lists of, to give or to take: what is reduced is
 * scattered on one's own side, all else comes from the other and goes there. */
static int count_pieces(const ds__work *w, bool in)
{
    if (w->run == ds__work_near)
        return ds__near_count(w->comm, in);
    return w->run == ds__work_reduce_scatter ? ds__comm_size(w->comm)
                                             : ds__comm_peers(w->comm);
}

static void hold(ds__work *w, ds__comm *comm)
{
    w->comm = comm;
    hold_pieces(&w->in, count_pieces(w, false));
    hold_pieces(&w->out, count_pieces(w, true));
    if (w->op != NULL)
        w->op = ds__op_hold(w->op);
}

static void release(ds__work *w)
{
    release_pieces(&w->in, count_pieces(w, false));
    release_pieces(&w->out, count_pieces(w, true));
    if (w->op != NULL)
        ds__op_release(w->op);
    ds__comm_release(w->comm);
}

/* ---- Buffers --------------------------------------------------------------*/

static uint64_t sum_pieces(const ds__pieces *p, int n)
{
    uint64_t sum = 0;

    if (p->buf == DS__IN_PLACE || ds__the_world.checking == DS__CHECK_NONE)
        return 0;
    for (int i = 0; i < n; i++) {
        const bool one = n == 1;
        const void *piece = one ? p->buf : ds__piece(p, i);
        const size_t count = one ? p->count : ds__piece_count(p, i);
        sum = ds__guard_join(
            sum,
            ds__guard_sum(piece, count, one ? p->type : ds__piece_type(p, i)));
    }
    return sum;
}

/* Of what is reduced the type is that of the result. */
static uint64_t sum_in(const ds__work *w)
{
    ds__pieces in = w->in;

    if (w->op != NULL) {
        in.count = w->out.count;
        in.type = w->out.type;
    }
    return sum_pieces(&in, w->num_in);
}

static uint64_t sum_out(const ds__work *w)
{
    return sum_pieces(&w->out, w->num_out);
}

static void check_sum(const job *j, uint64_t before, uint64_t now)
{
    if (before != now)
        ds__find(&j->request->posted,
                 "a buffer was written to while the collective was under way; "
                 "that is over when it is waited for");
}

/* ---- Threads --------------------------------------------------------------*/

/* Streams go only with the loop, so threads that are done are used again. */
static ds__thread *begin_thread(ds__rank *me, const char *call)
{
    ds__thread *t = me->idle;

    if (t != NULL) {
        me->idle = t->next;
    } else {
        t = ds__mpi_alloc(1, sizeof(*t));
        t->wake = ds_stream_new(ds__the_world.loop);
    }
    t->h = NULL;
    t->call = call;
    t->site = me->now->site;
    t->agreed = ds__agree_hold(me->now->agreed);
    t->since = me->now->since;
    t->next = me->helpers;
    me->helpers = t;
    return t;
}

static void end_thread(ds__rank *me, ds__thread *t)
{
    ds__thread **at = &me->helpers;

    assert(!t->waiting && t->explain == NULL);
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    ds__agree_release(t->agreed);
    t->next = me->idle;
    me->idle = t;
}

static void drop(job *j)
{
    release(&j->work);
    free(j);
}

static void body(ds_handle *h, void *arg)
{
    job *j = arg;
    ds__rank *me = j->request->owner;
    ds__thread *t = j->thread;

    ds__image_resume(me->image);
    me->now = t;
    t->h = h;
    if (setjmp(t->out) != 0)
        return; /* the simulation is over */
    if (ds__the_world.watch != NULL) {
        ds__the_world.watch->call(me, t->call, t->site);
        ds__the_world.watch->collective(me, &j->work);
    }
    check_sum(j, j->in, sum_in(&j->work));
    check_sum(j, j->out, sum_out(&j->work));
    j->in = sum_in(&j->work);
    j->work.run(&j->work);
    check_sum(j, j->in, sum_in(&j->work));
    const bool again = j->request->persistent;
    if (again)
        j->request->helper = NULL;
    ds__request_complete(j->request);
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->end(me);
    end_thread(me, t);
    ds__mpi_pass_on(me);
    if (!again)
        drop(j);
}

/* Has a thread do it. */
static void begin(job *j)
{
    /* All that may run there of a program are its operators. */
    ds_spawn_config config = { .stack_size = (size_t)256 << 10 };
    ds__rank *me = ds__me();
    char name[64];

    assert(j->request->active && !j->request->done);
    j->thread = begin_thread(me, j->call);
    j->request->helper = j->thread;
    j->in = sum_in(&j->work);
    j->out = sum_out(&j->work);
    if (ds__the_world.watch != NULL) {
        ds__format(name, sizeof(name), "%s of rank %d", j->call, me->number);
        config.name = name;
    }
    ds_spawn_with(ds__the_world.loop, body, j, &config);
}

static job *job_new(const ds__work *work)
{
    job *j = ds__mpi_alloc(1, sizeof(*j));

    assert(work->run != NULL);
    j->work = *work;
    j->call = ds__me()->now->call;
    hold(&j->work, ds__comm_part(work->comm));
    j->request = ds__request_new(false, NULL, 0, ds__type_basic(DS__BASIC_BYTE),
                                 DS__PROC_NULL, 0, j->work.comm, DS__STANDARD);
    j->request->user = true;
    ds__object_add(j->request, DS__REQUEST);
    return j;
}

ds__request *ds__work_start(const ds__work *work)
{
    job *j = job_new(work);

    j->request->active = true;
    begin(j);
    return j->request;
}

ds__request *ds__work_prepare(const ds__work *work)
{
    job *j = job_new(work);

    j->request->persistent = true;
    j->request->job = j;
    j->request->begin = begin;
    j->request->drop = drop;
    return j->request;
}
