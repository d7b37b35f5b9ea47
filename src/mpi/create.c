/* Makes windows and frees them.
 *
 * Members tell each other where their objects are and what the others have to
 * know of them, around a ring, as they would have to on machines. */

#include "mpi/create.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/coll.h"
#include "mpi/remote.h"
#include "mpi/split.h"

/* What a member tells. */
typedef struct card {
    ds__win *win; /* stands for its base and its unit */
    size_t size;
    int64_t has_memory; /* for it */
} card;

/* Makes what is common to all, by whoever first knows of all. */
static void meet(const card *cards, int n)
{
    ds__win_all *all =
        ds__mpi_alloc(1, sizeof(*all) + (size_t)n * sizeof(ds__win *));

    assert(n > 0);
    all->refs = n;
    for (int i = 0; i < n; i++) {
        all->members[i] = cards[i].win;
        cards[i].win->all = all;
    }
}

/* By whoever comes first.  Parts that need not be close begin where any type
 * may. */
static bool share_memory(ds__win_all *all, int n, bool close)
{
    enum { ALIGN = 64 };
    size_t total = 0;

    if (all->shared)
        return all->memory != NULL;
    all->shared = true;
    for (int i = 0; i < n; i++) {
        const size_t size = all->members[i]->size;
        if (size > SIZE_MAX / 2 - total)
            return false;
        total += close ? size : (size + ALIGN - 1) / ALIGN * ALIGN;
    }
    all->memory = calloc(1, total + ALIGN);
    if (all->memory == NULL)
        return false;
    char *part = all->memory;
    for (int i = 0; i < n; i++) {
        const size_t size = all->members[i]->size;
        all->members[i]->base = part;
        part += close ? size : (size + ALIGN - 1) / ALIGN * ALIGN;
    }
    return true;
}

static ds__win *make(ds__comm *comm, ds__flavor flavor, void *base, size_t size,
                     ptrdiff_t unit)
{
    ds__win *w = ds__mpi_alloc(1, sizeof(*w));

    w->owner = ds__me();
    w->comm = comm;
    w->flavor = flavor;
    w->base = base;
    w->size = size;
    w->unit = unit;
    w->small_unit = (int)unit;
    w->last_peer = &w->peers;
    ds__table_init(&w->places, sizeof(ds__entry) + sizeof(ds__peer *));
    ds__sequences_init(&w->sequences);
    w->lock.exclusive = -1;
    w->lock.end = &w->lock.waiters;
    return w;
}

/* Returns whether all have memory for what they allocate. */
static bool tell_all(ds__win *w)
{
    const int n = ds__comm_size(w->comm);
    card *cards = ds__mpi_alloc((size_t)n, sizeof(*cards));
    const bool allocates = w->flavor == DS__WIN_ALLOCATE;
    const card mine = { w, w->size, !allocates || w->memory != NULL };
    ds__type *byte = ds__type_basic(DS__BASIC_BYTE);
    const ds__pieces pieces = { .buf = cards,
                                .count = sizeof(*cards),
                                .type = byte };

    ds__mpi_allgather(w->comm, &mine, sizeof(mine), byte, &pieces);
    if (w->all == NULL)
        meet(cards, n);
    bool have = true;
    for (int i = 0; i < n; i++)
        have &= cards[i].has_memory != 0;
    free(cards);
    return have;
}

/* The communicator of a window has no handle and reports by its own handler. */
static ds__comm *comm_for(ds__comm *comm)
{
    ds__comm *made = ds__comm_dup(comm);

    ds__object_remove(made);
    ds__comm_handle(made, &ds__errors_are_fatal);
    return made;
}

ds__win *ds__win_new(ds__comm *comm, ds__flavor flavor, void *base, size_t size,
                     ptrdiff_t unit, bool close)
{
    ds__agree_on_call(comm);
    ds__remote_open(ds__me());
    ds__win *w = make(comm_for(comm), flavor, base, size, unit);

    assert(unit > 0);
    w->comm->window = w;
    if (flavor == DS__WIN_ALLOCATE)
        w->base = w->memory = calloc(1, size > 0 ? size : 1);
    bool have = tell_all(w);
    if (flavor == DS__WIN_SHARED)
        have = share_memory(w->all, ds__comm_size(w->comm), close);
    if (!have) {
        ds__win_drop(w);
        return NULL;
    }
    ds__object_add(w, DS__WIN);
    return w;
}

void ds__win_free(ds__win *w)
{
    assert(w->posted == NULL);
    ds__agree_on_call(w->comm);
    ds__mpi_barrier(w->comm);
    ds__object_remove(w);
    w->freed = true;
    ds__win_settle(w);
}
