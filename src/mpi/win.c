/* What a window is to one of its members. */

#include "mpi/win.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "mpi/call.h"
#include "mpi/message.h"

/* ---- Its end --------------------------------------------------------------*/

void ds__win_drop(ds__win *w)
{
    while (w->peers != NULL) {
        ds__peer *p = w->peers;
        w->peers = p->next;
        free(p);
    }
    ds__table_free(&w->places);
    ds__sequences_free(&w->sequences, NULL);
    ds__info_free(w->hints);
    ds__comm_release(w->comm);
    free(w->regions);
    free(w->started);
    free(w->posted);
    free(w->memory);
    if (--w->all->refs == 0) {
        free(w->all->memory);
        free(w->all);
    }
    free(w);
}

void ds__win_settle(ds__win *w)
{
    if (w->freed && w->coming == 0)
        ds__win_drop(w);
}

/* ---- Memory ---------------------------------------------------------------*/

static bool overlaps(const ds__region *r, const char *base, size_t size)
{
    return base < r->base + r->size && r->base < base + size;
}

int ds__win_attach(ds__win *w, void *base, size_t size)
{
    for (size_t i = 0; i < w->num_regions; i++)
        if (overlaps(&w->regions[i], base, size))
            return ds__comm_fail(w->comm, DS__ERR_RMA_ATTACH,
                                 "some of this memory is attached already");
    w->regions =
        ds__mpi_realloc(w->regions, w->num_regions + 1, sizeof(*w->regions));
    w->regions[w->num_regions++] = (ds__region){ base, size };
    return DS__SUCCESS;
}

int ds__win_detach(ds__win *w, const void *base)
{
    for (size_t i = 0; i < w->num_regions; i++)
        if (w->regions[i].base == base) {
            w->regions[i] = w->regions[--w->num_regions];
            return DS__SUCCESS;
        }
    return ds__comm_fail(w->comm, DS__ERR_BASE,
                         "no memory that is attached begins here");
}

static const ds__region *region_at(const ds__win *w, const char *at)
{
    for (size_t i = 0; i < w->num_regions; i++)
        if (at >= w->regions[i].base &&
            at < w->regions[i].base + w->regions[i].size)
            return &w->regions[i];
    return NULL;
}

/* What is attached in pieces may be accessed as one. */
bool ds__win_has(const ds__win *w, const char *first, const char *end)
{
    if (w->flavor != DS__WIN_DYNAMIC)
        return first >= w->base && end <= w->base + w->size;
    while (first < end) {
        const ds__region *r = region_at(w, first);
        if (r == NULL)
            return false;
        first = r->base + r->size;
    }
    return true;
}

/* ---- Peers ----------------------------------------------------------------*/

typedef struct place {
    ds__entry entry;
    ds__peer *peer;
} place;

ds__peer *ds__win_peer(ds__win *w, int rank)
{
    place *at =
        ds__table_put(&w->places, (ds__table_key){ (uint64_t)rank, 0, 0 });

    assert(rank >= 0 && rank < ds__comm_size(w->comm));
    if (at == NULL)
        ds__mpi_no_memory();
    if (at->peer == NULL) {
        at->peer = ds__mpi_alloc(1, sizeof(*at->peer));
        at->peer->rank = rank;
        *w->last_peer = at->peer;
        w->last_peer = &at->peer->next;
    }
    return at->peer;
}

/* ---- Waiting --------------------------------------------------------------*/

/* A lock that somebody has alone is waited for until that one gives it back. */
static int explain(const ds__thread *t, ds__text *text)
{
    const ds__win *w = t->win;
    const int whom = w->wait_whom(w);
    const int has = w->wants_lock ? w->all->members[whom]->lock.exclusive : -1;

    assert(w->wait_words != NULL && whom >= 0);
    ds__text_add(text, "%s rank %d", w->wait_words, ds__win_number(w, whom));
    if (has < 0)
        return ds__win_number(w, whom);
    ds__text_add(text, ", which rank %d has", ds__win_number(w, has));
    return ds__win_number(w, has);
}

void ds__win_wait(ds__win *w, int (*whom)(const ds__win *), const char *words)
{
    ds__rank *me = w->owner;

    if (whom(w) < 0)
        return;
    w->wait_words = words;
    w->wait_whom = whom;
    me->now->win = w;
    me->now->explain = explain;
    while (whom(w) >= 0)
        ds__mpi_progress(me, INFINITY);
    me->now->explain = NULL;
    me->now->step = 0;
    ds__mpi_pass_on(me);
}

void ds__win_look(ds__win *w)
{
    enum { LOOKS = 100, LOOK_NS = 100 };
    ds__rank *me = w->owner;
    const double now = ds_now(me->now->h);

    if (now != me->window_since)
        me->window_looks = 0;
    me->window_since = now;
    if (me->window_looks++ < LOOKS)
        return;
    ds__mpi_progress(me, LOOK_NS * 1e-9);
    ds__mpi_pass_on(me);
    me->window_looks = LOOKS;
    me->window_since = ds_now(me->now->h);
}
