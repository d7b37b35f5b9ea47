/* Between two fences what one access changes no other one may touch, but for
 * accumulates, which are made for that.  Only accesses between fences are
 * looked at, where a program cannot mean an order, only those of bytes in a
 * row, and only the first of them, so that it costs little. */

#include "mpi/conflict.h"

#include <assert.h>

#include "mpi/finding.h"

enum { KEPT = 64 };

/* What is remembered of an access. */
struct ds__trail {
    const char *low;
    const char *high;
    bool changes;
    bool atomic;
    ds__spot spot;
};

static bool is_conflict(const ds__trail *a, const ds__trail *b)
{
    return a->low < b->high && b->low < a->high && (a->changes || b->changes) &&
           !(a->atomic && b->atomic);
}

void ds__conflict_note(ds__win *w, unsigned fence, const ds__access *a,
                       const ds__spot *spot)
{
    const ds__elements *e = &a->there;

    if (ds__the_world.checking == DS__CHECK_NONE || !e->type->row)
        return;
    const char *low = ds__type_first(e->buf, e->type);
    const ds__trail trail = {
        .low = low,
        .high = low + e->n * e->type->size,
        .changes = a->gives.type != NULL,
        .atomic = a->atomic,
        .spot = *spot,
    };
    if (w->trails == NULL)
        w->trails = ds__mpi_alloc(KEPT, sizeof(*w->trails));
    if (w->trails_since != fence)
        w->num_trails = 0;
    w->trails_since = fence;
    assert(w->num_trails <= KEPT);
    for (int i = 0; i < w->num_trails; i++)
        if (is_conflict(&trail, &w->trails[i])) {
            ds__find_with(
                spot, &w->trails[i].spot,
                "MPI_ERR_RMA_CONFLICT: it touches bytes of the window "
                "that another access between the same fences touches, "
                "and one of them changes:");
            return;
        }
    if (w->num_trails < KEPT)
        w->trails[w->num_trails++] = trail;
}
