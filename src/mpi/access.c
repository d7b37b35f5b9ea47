/* An access goes to its target as one message, with what it gives, and comes
 * back as an answer if it takes something, with that.  A long one that gives
 * does so from the program's buffer when it arrives, like a long message. */

#include "mpi/access.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/call.h"
#include "mpi/combine.h"
#include "mpi/guard.h"
#include "mpi/remote.h"
#include "mpi/overlap.h"

/* An access under way.  Invariants: it holds its types; bytes is NULL if it
 * gives nothing, or while what it gives is read from where the program has it,
 * which is only while that waits for it to leave. */
typedef struct travel {
    ds__remote remote;
    ds__win *origin;
    ds__access access;
    ds__request *request;
    ds__spot spot;
    uint64_t sum; /* of where it takes something to, until that comes; or 0 */
    bool leaves;  /* its arrival says that the buffer may be used again */
    size_t size;  /* of what it gives, or has taken */
    char *bytes;
    char compare[16];
} travel;

static size_t size_of(const ds__elements *e)
{
    return e->type == NULL ? 0 : e->n * e->type->size;
}

static void hold(const ds__elements *e)
{
    if (e->type != NULL)
        ds__object_hold(e->type);
}

static void release(const ds__elements *e)
{
    if (e->type != NULL)
        ds__type_release(e->type);
}

static char *pack(const ds__elements *e)
{
    char *bytes = ds__mpi_room(size_of(e));

    ds__type_pack(bytes, e->buf, e->n, e->type);
    return bytes;
}

/* The program may use its buffers again. */
static void let_go(travel *t)
{
    if (t->request != NULL)
        ds__request_complete(t->request);
    t->request = NULL;
    ds__mpi_wake(&t->origin->owner->program);
}

static void end(travel *t)
{
    assert(t->request == NULL && !t->leaves);
    release(&t->access.gives);
    release(&t->access.takes);
    release(&t->access.there);
    free(t->bytes);
    free(t);
}

/* ---- At the target --------------------------------------------------------*/

static void leave(travel *t)
{
    ds__peer *p = ds__win_peer(t->origin, t->access.target);

    if (!t->leaves)
        return;
    assert(p->leaving > 0);
    t->leaves = false;
    p->leaving--;
    let_go(t);
}

/* It has arrived before others of its sender. */
static void keep(ds__remote *r)
{
    travel *t = (travel *)r;

    if (t->leaves && t->bytes == NULL)
        t->bytes = pack(&t->access.gives);
    leave(t);
}

static void give(const travel *t)
{
    const ds__access *a = &t->access;
    const char *bytes = t->bytes != NULL
                            ? t->bytes
                            : ds__type_first(a->gives.buf, a->gives.type);

    assert(a->op->code != DS__OP_OWN);
    if (a->compare == NULL ||
        memcmp(a->there.buf, t->compare, a->there.type->size) == 0)
        ds__combine(a->op, bytes, t->size, a->there.buf, a->there.type);
}

static uint64_t sum_of(const ds__elements *e)
{
    if (e->type == NULL || ds__the_world.checking == DS__CHECK_NONE)
        return 0;
    return ds__guard_sum(e->buf, e->n, e->type);
}

static void come_back(ds__remote *r)
{
    travel *t = (travel *)r;
    ds__peer *p = ds__win_peer(t->origin, t->access.target);

    assert(p->answers > 0);
    if (t->sum != sum_of(&t->access.takes))
        ds__overlap_touched(&t->spot);
    ds__type_unpack(t->access.takes.buf, t->bytes, t->size,
                    t->access.takes.type);
    p->answers--;
    let_go(t);
    end(t);
}

static void come_there(ds__remote *r)
{
    travel *t = (travel *)r;
    const ds__access *a = &t->access;
    char *taken = a->takes.type != NULL ? pack(&a->there) : NULL;

    assert(a->there.type != NULL);
    if (a->gives.type != NULL)
        give(t);
    leave(t);
    if (taken == NULL) {
        end(t);
        return;
    }
    free(t->bytes);
    t->bytes = taken;
    t->size = size_of(&a->there);
    ds__remote_answer(r, t->size, come_back);
}

/* ---- At the origin --------------------------------------------------------*/

void ds__access_begin(ds__win *w, const ds__access *access,
                      ds__request *request)
{
    travel *t = ds__mpi_alloc(1, sizeof(*t));
    ds__peer *p = ds__win_peer(w, access->target);
    const bool only_gives = access->takes.type == NULL;
    ds__overlap_begin(w, access, p->lock, request != NULL);
    size_t bytes = size_of(&access->gives);

    *t = (travel){
        .remote = { .run = come_there, .keep = keep },
        .origin = w,
        .access = *access,
        .request = request,
        .spot = ds__spot_here(),
        .sum = sum_of(&access->takes),
        .size = bytes,
        .leaves = only_gives && (double)bytes > ds__the_world.eager,
    };
    hold(&access->gives);
    hold(&access->takes);
    hold(&access->there);
    if (access->gives.type != NULL && !(t->leaves && access->gives.type->row))
        t->bytes = pack(&access->gives);
    if (access->compare != NULL) {
        assert(bytes <= sizeof(t->compare));
        memcpy(t->compare, access->compare, bytes);
        bytes *= 2;
    }
    if (t->leaves)
        p->leaving++;
    else if (only_gives)
        let_go(t);
    if (!only_gives)
        p->answers++;
    p->unconfirmed = only_gives;
    w->used = true;
    ds__remote_send(w, access->target, &t->remote, bytes, false);
}

ds__request *ds__access_request(ds__win *w, int target)
{
    ds__request *r =
        ds__request_new(true, NULL, 0, ds__type_basic(DS__BASIC_BYTE), target,
                        0, w->comm, DS__STANDARD);

    r->context = w->comm->context + 1;
    r->active = true;
    r->user = true;
    ds__object_add(r, DS__REQUEST);
    return r;
}

/* ---- Waiting for them -----------------------------------------------------*/

static bool is_meant(const ds__win *w, const ds__peer *p)
{
    return w->wait_only < 0 || w->wait_only == p->rank;
}

static int unsettled(const ds__win *w)
{
    for (const ds__peer *p = w->peers; p != NULL; p = p->next)
        if (is_meant(w, p) && (p->answers > 0 || p->leaving > 0))
            return p->rank;
    return -1;
}

void ds__access_settle(ds__win *w, int target)
{
    w->wait_only = target;
    ds__win_wait(w, unsettled, "for accesses to");
}

static void probe(ds__remote *r)
{
    ds__remote_answer(r, 0, ds__remote_answered);
}

void ds__access_ask(ds__win *w, ds__peer *p)
{
    if (!p->unconfirmed)
        return;
    p->unconfirmed = false;
    p->answers++;
    ds__remote_tell(w, p->rank, probe, false);
}

void ds__access_flush(ds__win *w, int target)
{
    w->wait_only = target;
    for (ds__peer *p = w->peers; p != NULL; p = p->next)
        if (is_meant(w, p))
            ds__access_ask(w, p);
    ds__access_settle(w, target);
}
