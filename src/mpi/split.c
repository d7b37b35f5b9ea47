/* Members tell each other what they want, and each makes its own object. */

#include "mpi/split.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/coll.h"

/* What a member wants, as it goes around. */
typedef struct wish {
    int color;
    int key;
    int rank; /* in the parent */
} wish;

static int compare(const void *a, const void *b)
{
    const wish *x = a;
    const wish *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static ds__comm *make(ds__comm *parent, const wish *wishes, int n,
                      unsigned call, int color)
{
    int *world = ds__mpi_alloc((size_t)n, sizeof(*world));
    int rank = 0;

    assert(n > 0 && n <= ds__comm_size(parent));
    for (int i = 0; i < n; i++) {
        world[i] = parent->group->world[wishes[i].rank];
        if (wishes[i].rank == parent->rank)
            rank = i;
    }
    return ds__comm_new(ds__group_new(world, n), rank,
                        ds__comm_context(parent, call, color), parent->errors);
}

ds__comm *ds__comm_split(ds__comm *parent, int color, int key)
{
    const int p = ds__comm_size(parent);
    const unsigned call = parent->calls;
    wish mine = { color, key, parent->rank };
    wish *all = ds__mpi_alloc((size_t)p, sizeof(*all));
    ds__type *byte = ds__type_basic(DS__BASIC_BYTE);
    const ds__pieces pieces = { .buf = all,
                                .count = sizeof(*all),
                                .type = byte };
    ds__comm *made = NULL;
    int n = 0;

    ds__mpi_allgather(parent, &mine, sizeof(mine), byte, &pieces);
    for (int i = 0; i < p; i++)
        if (all[i].color == color)
            all[n++] = all[i];
    assert(n > 0);
    qsort(all, (size_t)n, sizeof(*all), compare);
    if (color != DS__UNDEFINED)
        made = make(parent, all, n, call, color);
    free(all);
    return made;
}

/* Nothing has to be told, but all must have come. */
ds__comm *ds__comm_dup(ds__comm *parent)
{
    const unsigned call = parent->calls;
    ds__comm *made;

    ds__mpi_barrier(parent);
    made = ds__comm_new(ds__object_hold(parent->group), parent->rank,
                        ds__comm_context(parent, call, 0), parent->errors);
    return made;
}

ds__comm *ds__comm_create(ds__comm *parent, const ds__group *group)
{
    const int number = parent->group->world[parent->rank];
    const int rank = ds__group_find(group, number);

    return ds__comm_split(parent, rank < 0 ? DS__UNDEFINED : group->world[0],
                          rank);
}
