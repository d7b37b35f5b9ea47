/* Members tell each other what they want, and each makes its own object. */

#include "mpi/split.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "mpi/between.h"
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

typedef void gather_fn(ds__comm *c, const void *in, size_t n, ds__type *type,
                       const ds__pieces *out);

/* Hears what the members of a group want, and returns those among them that
 * want what this one does; NULL: nobody. */
static ds__group *hear(ds__comm *comm, gather_fn *gather,
                       const ds__group *group, const wish *mine)
{
    const size_t p = (size_t)group->size;
    wish *all = ds__mpi_alloc(p, sizeof(*all));
    ds__type *byte = ds__type_basic(DS__BASIC_BYTE);
    const ds__pieces pieces = { .buf = all,
                                .count = sizeof(*all),
                                .type = byte };
    ds__group *like = NULL;
    int n = 0;

    gather(comm, mine, sizeof(*mine), byte, &pieces);
    for (size_t i = 0; i < p; i++)
        if (all[i].color == mine->color)
            all[n++] = all[i];
    qsort(all, (size_t)n, sizeof(*all), compare);
    if (n > 0 && mine->color != DS__UNDEFINED) {
        int *world = ds__mpi_alloc((size_t)n, sizeof(*world));
        for (int i = 0; i < n; i++)
            world[i] = group->world[all[i].rank];
        like = ds__group_new(world, n);
    }
    assert(n <= group->size);
    free(all);
    return like;
}

/* Between groups a side of which nobody is left has no other side. */
ds__comm *ds__comm_split(ds__comm *parent, int color, int key)
{
    const unsigned call = parent->calls;
    const wish mine = { color, key, parent->rank };
    const bool inter = ds__comm_is_inter(parent);
    ds__agree_on_call(parent);
    ds__group *group =
        hear(ds__comm_side(parent), ds__mpi_allgather, parent->group, &mine);
    ds__group *remote =
        inter ? hear(parent, ds__inter_allgather, parent->remote, &mine) : NULL;

    if (group == NULL || (inter && remote == NULL)) {
        if (group != NULL)
            ds__group_release(group);
        return NULL;
    }
    const int number = parent->group->world[parent->rank];
    const int rank = ds__group_find(group, number);
    const int context = ds__comm_context(parent, call, color);
    return inter ? ds__comm_new_inter(group, rank, remote, context,
                                      parent->errors)
                 : ds__comm_new(group, rank, context, parent->errors);
}

static ds__comm *twin_of(const ds__comm *parent, int context)
{
    ds__group *group = ds__object_hold(parent->group);
    ds__comm *made;

    if (ds__comm_is_inter(parent))
        return ds__comm_new_inter(group, parent->rank,
                                  ds__object_hold(parent->remote), context,
                                  parent->errors);
    made = ds__comm_new(group, parent->rank, context, parent->errors);
    made->cart = ds__cart_copy(parent->cart);
    made->graph = ds__graph_hold(parent->graph);
    return made;
}

/* Nothing has to be told, but all must have come. */
ds__comm *ds__comm_dup(ds__comm *parent)
{
    const unsigned call = parent->calls;

    ds__agree_on_call(parent);
    ds__work_barrier(&(ds__work){ .comm = parent });
    return twin_of(parent, ds__comm_context(parent, call, 0));
}

/* Between groups there is one of all whom both sides name. */
ds__comm *ds__comm_create(ds__comm *parent, const ds__group *group)
{
    const int number = parent->group->world[parent->rank];
    const int rank = ds__group_find(group, number);
    const int color = rank < 0                    ? DS__UNDEFINED
                      : ds__comm_is_inter(parent) ? 0
                                                  : group->world[0];

    return ds__comm_split(parent, color, rank);
}

ds__comm *ds__comm_idup(ds__comm *parent, ds__request **request)
{
    const int context = ds__comm_context(parent, parent->calls, 0);

    ds__agree_on_call(parent);
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
        context = ds__comm_context_alone(parent);
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

    if (me < 0)
        return NULL;
    const int context = agree_on_context(parent, group, me, tag);
    return ds__comm_new(ds__group_copy(group), me, context, parent->errors);
}
