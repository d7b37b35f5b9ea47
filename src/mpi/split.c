/* Members tell each other what they want, and each makes its own object. */

#include "mpi/split.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/nonblocking.h"
#include "mpi/step.h"

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

static ds__comm *twin_of(const ds__comm *parent, int context)
{
    ds__comm *made = ds__comm_new(ds__object_hold(parent->group), parent->rank,
                                  context, parent->errors);

    made->cart = ds__cart_copy(parent->cart);
    return made;
}

/* Nothing has to be told, but all must have come. */
ds__comm *ds__comm_dup(ds__comm *parent)
{
    const unsigned call = parent->calls;

    ds__mpi_barrier(parent);
    return twin_of(parent, ds__comm_context(parent, call, 0));
}

ds__comm *ds__comm_create(ds__comm *parent, const ds__group *group)
{
    const int number = parent->group->world[parent->rank];
    const int rank = ds__group_find(group, number);

    return ds__comm_split(parent, rank < 0 ? DS__UNDEFINED : group->world[0],
                          rank);
}

ds__comm *ds__comm_idup(ds__comm *parent, ds__request **request)
{
    const int context = ds__comm_context(parent, parent->calls, 0);

    *request =
        ds__work_start(&(ds__work){ .run = ds__work_barrier, .comm = parent });
    return twin_of(parent, context);
}

/* ---- By some members alone ------------------------------------------------*/

/* Up a binomial tree it is told who has come, and down what the first of them
 * chose; returns that. */
static int agree_on_context(ds__comm *parent, const ds__group *group, int me,
                            int tag)
{
    static int made;
    const ds__mpi_call c = ds__mpi_call_tagged(parent, tag);
    ds__type *type = ds__type_basic(DS__BASIC_INT);
    int context = 0;
    int mask = 1;

    assert(me >= 0 && me < group->size);
#define RANK_OF(i) ds__group_find(parent->group, group->world[i])
    for (; mask < group->size && (me & mask) == 0; mask *= 2)
        if (me + mask < group->size)
            ds__mpi_step_receive(&c, &context, 1, type, RANK_OF(me + mask));
    if (me == 0) {
        context = ds__comm_context(parent, UINT_MAX, made++);
    } else {
        ds__mpi_step_send(&c, &context, 1, type, RANK_OF(me - mask));
        ds__mpi_step_receive(&c, &context, 1, type, RANK_OF(me - mask));
    }
    while ((mask /= 2) > 0)
        if (me + mask < group->size)
            ds__mpi_step_send(&c, &context, 1, type, RANK_OF(me + mask));
#undef RANK_OF
    return context;
}

ds__comm *ds__comm_create_group(ds__comm *parent, const ds__group *group,
                                int tag)
{
    const int me = ds__group_find(group, parent->group->world[parent->rank]);
    const size_t size = (size_t)group->size * sizeof(int);

    if (me < 0)
        return NULL;
    const int context = agree_on_context(parent, group, me, tag);
    int *world = memcpy(ds__mpi_room(size), group->world, size);
    return ds__comm_new(ds__group_new(world, group->size), me, context,
                        parent->errors);
}
