/* Elements with gaps between them are left out: what lies in the gaps may be
 * anybody's. */

#include "mpi/overlap.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/finding.h"
#include "mpi/guard.h"
#include "mpi/race.h"

/* With DS__CHECK_USUAL no more than so many at a time are looked at. */
enum { MOST = 256 };

typedef struct touch {
    struct touch *next;
    ds__spot spot;
    const ds__win *win;
    ds__comm *comm; /* of the window */
    int target;
    const char *first;
    const char *end;
    bool writes;
    bool combines; /* as accumulates do, which do not disturb each other */
    bool there;    /* at the target */
    bool fenced;   /* between this fence and the next one */
    unsigned fence;
    ds__lock_type lock;
    ds__elements read; /* what may not change meanwhile */
    uint64_t sum;
} touch;

static touch *all;
static size_t num_touches;

/* ---- What is a mistake ----------------------------------------------------*/

/* Whether something else keeps them apart. */
static bool is_apart(const touch *a, const touch *b)
{
    if (a->comm->context != b->comm->context)
        return false;
    if (a->fenced && b->fenced && a->fence != b->fence)
        return true;
    return a->there && b->there && a->spot.rank != b->spot.rank &&
           (a->lock == DS__LOCK_EXCLUSIVE || b->lock == DS__LOCK_EXCLUSIVE);
}

static bool is_same_memory(const touch *t, const char *first, const char *end)
{
    return t->first < end && first < t->end;
}

static void compare(const touch *a, const touch *b)
{
    if (!is_same_memory(a, b->first, b->end) || !(a->writes || b->writes) ||
        (a->combines && b->combines) || is_apart(a, b))
        return;
    ds__find_with(
        &b->spot, &a->spot,
        "MPI_ERR_RMA_CONFLICT: what it touches is under way in another access, "
        "of");
}

/* ---- The list -------------------------------------------------------------*/

static void add(const touch *like, const ds__elements *e)
{
    touch *t;

    if (e->type == NULL || e->n * e->type->size == 0 || !e->type->row)
        return;
    if (ds__the_world.checking == DS__CHECK_USUAL && num_touches >= MOST)
        return;
    t = ds__mpi_alloc(1, sizeof(*t));
    *t = *like;
    t->first = ds__type_first(e->buf, e->type);
    t->end = t->first + e->n * e->type->size;
    for (const touch *other = all; other != NULL; other = other->next)
        compare(other, t);
    if (!t->there && !t->writes) {
        t->read = *e;
        ds__object_hold(e->type);
        t->sum = ds__guard_sum(e->buf, e->n, e->type);
    }
    t->next = all;
    all = t;
    num_touches++;
}

void ds__overlap_begin(const ds__win *w, const ds__access *a,
                       ds__lock_type lock, bool has_request)
{
    touch like = {
        .spot = ds__spot_here(),
        .win = w,
        .comm = w->comm,
        .target = a->target,
        .fenced = w->epoch == DS__FENCE_EPOCH,
        .fence = w->fences,
        .lock = lock,
    };

    /* Who waits for a request knows that what it takes is there. */
    if (ds__the_world.checking == DS__CHECK_NONE ||
        (has_request && a->takes.type != NULL))
        return;
    if (!has_request) {
        add(&like, &a->gives);
        like.writes = true;
        add(&like, &a->takes);
    }
    like.there = true;
    like.writes = a->gives.type != NULL;
    like.combines = !a->plain;
    add(&like, &a->there);
}

void ds__overlap_touched(const ds__spot *spot)
{
    ds__find(spot, "its buffer was written to while the access was under way; "
                   "that is over when its epoch is");
}

static void end(touch *t)
{
    if (t->sum != 0 &&
        t->sum != ds__guard_sum(t->read.buf, t->read.n, t->read.type))
        ds__overlap_touched(&t->spot);
    if (t->read.type != NULL)
        ds__type_release(t->read.type);
    assert(num_touches > 0);
    num_touches--;
    free(t);
}

void ds__overlap_end(const ds__win *w, int target)
{
    touch **at = &all;

    ds__race_learn_all();
    while (*at != NULL) {
        touch *t = *at;
        if (t->win != w || (target >= 0 && t->target != target)) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        end(t);
    }
}

void ds__overlap_message(const ds__spot *spot, const void *buf, size_t n,
                         const ds__type *type, bool writes)
{
    if (all == NULL || n * type->size == 0 || !type->row)
        return;
    const char *first = ds__type_first(buf, type);
    for (const touch *t = all; t != NULL; t = t->next)
        if (is_same_memory(t, first, first + n * type->size) &&
            (writes || t->writes))
            ds__find_with(
                spot, &t->spot,
                "MPI_ERR_RMA_CONFLICT: what it touches is under way in an "
                "access, of");
}
