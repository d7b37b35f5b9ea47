/* Groups. */

#include <stdlib.h>

#include "mpi/bind/abi.h"

#define NEED_GROUP(g, handle)                                                  \
    const ds__group *const g = GROUP(handle);                                  \
    if (g == NULL)                                                             \
    FAIL(ds__me()->world, ERR_GROUP, "this is no group, or it has been freed")

API int F(Group_size)(MPI_Group group, int *size)
{
    ENTER(Group_size);
    NEED_GROUP(g, group);
    *size = g->size;
    return MPI_SUCCESS;
}

API int F(Group_rank)(MPI_Group group, int *rank)
{
    const ds__rank *me = ENTER(Group_rank);

    NEED_GROUP(g, group);
    *rank = ds__group_find(g, me->number);
    if (*rank < 0)
        *rank = MPI_UNDEFINED;
    return MPI_SUCCESS;
}

API int F(Group_free)(MPI_Group *group)
{
    ENTER(Group_free);
    NEED_GROUP(g, *group);
    if (g != ds__group_empty()) {
        ds__object_remove((ds__group *)g);
        ds__group_release((ds__group *)g);
    }
    *group = MPI_GROUP_NULL;
    return MPI_SUCCESS;
}

API int F(Group_compare)(MPI_Group group1, MPI_Group group2, int *result)
{
    ENTER(Group_compare);
    NEED_GROUP(a, group1);
    NEED_GROUP(b, group2);
    *result = ABI_NAME(compared)(ds__group_compare(a, b));
    return MPI_SUCCESS;
}

API int F(Group_translate_ranks)(MPI_Group group1, int n, const int ranks1[],
                                 MPI_Group group2, int ranks2[])
{
    const ds__rank *me = ENTER(Group_translate_ranks);

    NEED_GROUP(a, group1);
    NEED_GROUP(b, group2);
    NEED_COUNT(me->world, n);
    for (int i = 0; i < n; i++) {
        if (ranks1[i] == MPI_PROC_NULL) {
            ranks2[i] = MPI_PROC_NULL;
            continue;
        }
        if (ranks1[i] < 0 || ranks1[i] >= a->size)
            FAIL(me->world, ERR_RANK, "a rank of %d in a group of %d",
                 ranks1[i], a->size);
        ranks2[i] = ds__group_find(b, a->world[ranks1[i]]);
        if (ranks2[i] < 0)
            ranks2[i] = MPI_UNDEFINED;
    }
    return MPI_SUCCESS;
}

/* One without members is the empty one. */
static int give(ds__group *made, MPI_Group *group)
{
    if (made->size == 0) {
        ds__group_release(made);
        made = ds__group_empty();
    }
    *group = ABI_NAME(group_handle)(made);
    return MPI_SUCCESS;
}

#define OF_TWO(name, make)                                                     \
    API int F(name)(MPI_Group group1, MPI_Group group2, MPI_Group * newgroup)  \
    {                                                                          \
        ENTER(name);                                                           \
        NEED_GROUP(a, group1);                                                 \
        NEED_GROUP(b, group2);                                                 \
        return give(make(a, b), newgroup);                                     \
    }
OF_TWO(Group_union, ds__group_union)
OF_TWO(Group_intersection, ds__group_intersection)
OF_TWO(Group_difference, ds__group_difference)

/* Returns an error of the library. */
static int check_ranks(const ds__group *g, int n, const int *ranks)
{
    for (int i = 0; i < n; i++)
        if (ranks[i] < 0 || ranks[i] >= g->size)
            return ds__comm_fail(ds__me()->world, DS__ERR_RANK,
                                 "a rank of %d in a group of %d", ranks[i],
                                 g->size);
    return DS__SUCCESS;
}

#define OF_RANKS(name, make)                                                   \
    API int F(name)(MPI_Group group, int n, const int ranks[],                 \
                    MPI_Group *newgroup)                                       \
    {                                                                          \
        const ds__rank *me = ENTER(name);                                      \
        NEED_GROUP(g, group);                                                  \
        NEED_COUNT(me->world, n);                                              \
        const int error = check_ranks(g, n, ranks);                            \
        if (error != DS__SUCCESS)                                              \
            return ERROR(error);                                               \
        return give(make(g, n, ranks), newgroup);                              \
    }
OF_RANKS(Group_incl, ds__group_incl)
OF_RANKS(Group_excl, ds__group_excl)

/* Lists the ranks from first to last in steps, of each range; NULL: *error says
 * what is wrong. */
static int *list_ranges(const ds__group *g, int n, int ranges[][3], int *count,
                        int *error)
{
    int *ranks = NULL;

    *count = 0;
    *error = DS__SUCCESS;
    for (int i = 0; i < n; i++) {
        const long first = ranges[i][0];
        const long step = ranges[i][2];
        const long steps = step == 0 ? -1 : (ranges[i][1] - first) / step;
        if (step == 0)
            *error = ds__comm_fail(ds__me()->world, DS__ERR_ARG,
                                   "range %d has a step of 0", i);
        else if (steps >= g->size)
            *error = ds__comm_fail(ds__me()->world, DS__ERR_RANK,
                                   "range %d has more than the %d ranks of the "
                                   "group",
                                   i, g->size);
        if (*error != DS__SUCCESS)
            break;
        if (steps < 0 || (ranges[i][1] - first) * step < 0)
            continue;
        ranks = ds__mpi_realloc(ranks, (size_t)(*count + steps + 1),
                                sizeof(*ranks));
        for (long k = 0; k <= steps; k++)
            ranks[(*count)++] = (int)(first + k * step);
    }
    return ranks;
}

#define OF_RANGES(name, make)                                                  \
    API int F(name)(MPI_Group group, int n, int ranges[][3],                   \
                    MPI_Group *newgroup)                                       \
    {                                                                          \
        const ds__rank *me = ENTER(name);                                      \
        int count;                                                             \
        int error;                                                             \
        NEED_GROUP(g, group);                                                  \
        NEED_COUNT(me->world, n);                                              \
        int *ranks = list_ranges(g, n, ranges, &count, &error);                \
        if (error == DS__SUCCESS)                                              \
            error = check_ranks(g, count, ranks);                              \
        if (error == DS__SUCCESS)                                              \
            give(make(g, count, ranks), newgroup);                             \
        free(ranks);                                                           \
        return ERROR(error);                                                   \
    }
OF_RANGES(Group_range_incl, ds__group_incl)
OF_RANGES(Group_range_excl, ds__group_excl)

#define LIST(N)                                                                \
    N(Group_compare)                                                           \
    N(Group_difference)                                                        \
    N(Group_excl)                                                              \
    N(Group_free)                                                              \
    N(Group_incl)                                                              \
    N(Group_intersection)                                                      \
    N(Group_range_excl)                                                        \
    N(Group_range_incl)                                                        \
    N(Group_rank)                                                              \
    N(Group_size)                                                              \
    N(Group_translate_ranks)                                                   \
    N(Group_union)
DEFINE_NAMES(group_names, LIST)
