/* Communicators, groups, and handlers of errors. */

#include <stdlib.h>
#include <string.h>

#include "mpi/bind/abi.h"
#include "mpi/split.h"

/* ---- Communicators --------------------------------------------------------*/

API int F(Comm_rank)(MPI_Comm comm, int *rank)
{
    ENTER(Comm_rank);
    NEED_COMM(c, comm);
    NEED_RESULT(c, rank);
    *rank = c->rank;
    return MPI_SUCCESS;
}

API int F(Comm_size)(MPI_Comm comm, int *size)
{
    ENTER(Comm_size);
    NEED_COMM(c, comm);
    NEED_RESULT(c, size);
    *size = ds__comm_size(c);
    return MPI_SUCCESS;
}

/* There are no communicators between groups yet. */
API int F(Comm_test_inter)(MPI_Comm comm, int *flag)
{
    ENTER(Comm_test_inter);
    NEED_COMM(c, comm);
    *flag = 0;
    return MPI_SUCCESS;
}

static int compared(int result)
{
    static const int results[] = {
        [DS__IDENT] = MPI_IDENT,
        [DS__CONGRUENT] = MPI_CONGRUENT,
        [DS__SIMILAR] = MPI_SIMILAR,
        [DS__UNEQUAL] = MPI_UNEQUAL,
    };

    return results[result];
}

API int F(Comm_compare)(MPI_Comm comm1, MPI_Comm comm2, int *result)
{
    int how;

    ENTER(Comm_compare);
    NEED_COMM(a, comm1);
    NEED_COMM(b, comm2);
    how = ds__group_compare(a->group, b->group);
    if (how == DS__IDENT && a != b)
        how = DS__CONGRUENT;
    *result = compared(how);
    return MPI_SUCCESS;
}

/* Throws away a communicator that the program has not seen. */
static void forget(ds__comm *made)
{
    ds__attrs_clear(&made->attrs, made);
    ds__object_remove(made);
    ds__comm_release(made);
}

/* Gives out one that has been made as a duplicate of c. */
static int give_dup(ds__comm *c, ds__comm *made, const ds__info *hints,
                    MPI_Comm *newcomm)
{
    const int error = ABI_NAME(attrs_copy)(c, c->attrs, c, &made->attrs);

    if (error != MPI_SUCCESS) {
        forget(made);
        made = NULL;
    }
    if (made != NULL)
        made->hints = ds__info_copy(hints);
    *newcomm = ABI_NAME(comm_handle)(made);
    return error;
}

int ABI_NAME(comm_dup)(ds__comm *c, const ds__info *hints, MPI_Comm *newcomm)
{
    return give_dup(c, ds__comm_dup(c), hints, newcomm);
}

int ABI_NAME(comm_idup)(ds__comm *c, const ds__info *hints, MPI_Comm *newcomm,
                        MPI_Request *request)
{
    ds__request *r;
    ds__comm *made = ds__comm_idup(c, &r);

    *request = HANDLE(MPI_Request, r);
    return give_dup(c, made, hints, newcomm);
}

API int F(Comm_dup)(MPI_Comm comm, MPI_Comm *newcomm)
{
    ENTER(Comm_dup);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    return ABI_NAME(comm_dup)(c, c->hints, newcomm);
}

API int F(Comm_idup)(MPI_Comm comm, MPI_Comm *newcomm, MPI_Request *request)
{
    ENTER(Comm_idup);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    NEED_RESULT(c, request);
    return ABI_NAME(comm_idup)(c, c->hints, newcomm, request);
}

API int F(Comm_split)(MPI_Comm comm, int color, int key, MPI_Comm *newcomm)
{
    ENTER(Comm_split);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    if (color < 0 && color != MPI_UNDEFINED)
        FAIL(c, ERR_ARG, "a color of %d; it is at least 0, or MPI_UNDEFINED",
             color);
    *newcomm = ABI_NAME(comm_handle)(
        ds__comm_split(c, color == MPI_UNDEFINED ? DS__UNDEFINED : color, key));
    return MPI_SUCCESS;
}

/* Each rank is on a machine of its own. */
API int F(Comm_split_type)(MPI_Comm comm, int split_type, int key,
                           MPI_Info info, MPI_Comm *newcomm)
{
    ENTER(Comm_split_type);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    if (split_type != MPI_COMM_TYPE_SHARED && split_type != MPI_UNDEFINED)
        FAIL(c, ERR_ARG, "a type of %d; there is MPI_COMM_TYPE_SHARED",
             split_type);
    *newcomm = ABI_NAME(comm_handle)(ds__comm_split(
        c, split_type == MPI_UNDEFINED ? DS__UNDEFINED : c->rank, key));
    return MPI_SUCCESS;
}

API int F(Comm_create)(MPI_Comm comm, MPI_Group group, MPI_Comm *newcomm)
{
    ENTER(Comm_create);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    const ds__group *g = GROUP(group);
    if (g == NULL)
        FAIL(c, ERR_GROUP, "this is no group, or it has been freed");
    *newcomm = ABI_NAME(comm_handle)(ds__comm_create(c, g));
    return MPI_SUCCESS;
}

API int F(Comm_create_group)(MPI_Comm comm, MPI_Group group, int tag,
                             MPI_Comm *newcomm)
{
    ENTER(Comm_create_group);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    const ds__group *g = GROUP(group);
    if (g == NULL)
        FAIL(c, ERR_GROUP, "this is no group, or it has been freed");
    if (tag < 0)
        FAIL(c, ERR_TAG, "a tag of %d; it is at least 0", tag);
    for (int i = 0; i < g->size; i++)
        if (ds__group_find(c->group, g->world[i]) < 0)
            FAIL(c, ERR_GROUP, "member %d is not in the communicator", i);
    *newcomm = ABI_NAME(comm_handle)(ds__comm_create_group(c, g, tag));
    return MPI_SUCCESS;
}

API int F(Comm_free)(MPI_Comm *comm)
{
    ds__rank *me = ENTER(Comm_free);

    NEED_RESULT(me->world, comm);
    NEED_COMM(c, *comm);
    if (c == me->world || c == me->self)
        FAIL(c, ERR_COMM, "a predefined communicator cannot be freed");
    const int error = ABI_NAME(attrs_clear)(c, &c->attrs, c);
    if (error != MPI_SUCCESS)
        return error;
    ds__object_remove(c);
    ds__comm_release(c);
    *comm = MPI_COMM_NULL;
    return MPI_SUCCESS;
}

API int F(Comm_group)(MPI_Comm comm, MPI_Group *group)
{
    ENTER(Comm_group);
    NEED_COMM(c, comm);
    NEED_RESULT(c, group);
    const int size = ds__comm_size(c);
    int *world = ds__mpi_alloc((size_t)size, sizeof(*world));
    memcpy(world, c->group->world, (size_t)size * sizeof(*world));
    const ds__group *made = ds__group_new(world, size);
    *group = HANDLE(MPI_Group, made);
    return MPI_SUCCESS;
}

API int F(Comm_set_name)(MPI_Comm comm, const char *name)
{
    ENTER(Comm_set_name);
    NEED_COMM(c, comm);
    strncpy(c->name, name, sizeof(c->name) - 1);
    return MPI_SUCCESS;
}

API int F(Comm_get_name)(MPI_Comm comm, char *name, int *resultlen)
{
    const ds__rank *me = ENTER(Comm_get_name);

    NEED_COMM(c, comm);
    if (c->name[0] != '\0')
        strcpy(name, c->name);
    else
        strcpy(name, c == me->world  ? "MPI_COMM_WORLD"
                     : c == me->self ? "MPI_COMM_SELF"
                                     : "");
    *resultlen = (int)strlen(name);
    return MPI_SUCCESS;
}

/* ---- Groups ---------------------------------------------------------------*/

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
    *result = compared(ds__group_compare(a, b));
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

static int give(const ds__group *made, MPI_Group *group)
{
    *group = HANDLE(MPI_Group, made);
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

/* ---- Handlers of errors ---------------------------------------------------*/

static void call_own(const ds__errhandler *handler, ds__comm *comm, int error)
{
    MPI_Comm handle = ABI_NAME(comm_handle)(comm);
    int code = ERROR(error);

    ((MPI_Comm_errhandler_function *)handler->own)(&handle, &code);
}

API int F(Comm_create_errhandler)(MPI_Comm_errhandler_function *function,
                                  MPI_Errhandler *errhandler)
{
    const ds__rank *me = ENTER(Comm_create_errhandler);

    NEED_RESULT(me->world, errhandler);
    ds__errhandler *h = ds__mpi_alloc(1, sizeof(*h));
    h->own = (void (*)(void))function;
    h->call = call_own;
    ds__object_add(h, DS__ERRHANDLER);
    *errhandler = HANDLE(MPI_Errhandler, h);
    return MPI_SUCCESS;
}

API int F(Comm_set_errhandler)(MPI_Comm comm, MPI_Errhandler errhandler)
{
    ENTER(Comm_set_errhandler);
    NEED_COMM(c, comm);
    ds__errhandler *h = ERRHANDLER(errhandler);
    if (h == NULL)
        FAIL(c, ERR_ARG, "this is no handler of errors");
    ds__object_hold(h);
    if (ds__object_drop(c->errors))
        free(c->errors);
    c->errors = h;
    return MPI_SUCCESS;
}

API int F(Comm_get_errhandler)(MPI_Comm comm, MPI_Errhandler *errhandler)
{
    ENTER(Comm_get_errhandler);
    NEED_COMM(c, comm);
    NEED_RESULT(c, errhandler);
    *errhandler = ABI_NAME(errhandler_handle)(c->errors);
    return MPI_SUCCESS;
}

API int F(Comm_call_errhandler)(MPI_Comm comm, int errorcode)
{
    ENTER(Comm_call_errhandler);
    NEED_COMM(c, comm);
    ds__comm_fail(c, ABI_NAME(error_in)(errorcode), "called by the program");
    return MPI_SUCCESS;
}

/* What a communicator still has is kept for it. */
API int F(Errhandler_free)(MPI_Errhandler *errhandler)
{
    const ds__rank *me = ENTER(Errhandler_free);

    NEED_RESULT(me->world, errhandler);
    ds__errhandler *h = ERRHANDLER(*errhandler);
    if (h == NULL)
        FAIL(me->world, ERR_ARG, "this is no handler of errors");
    if (h->own != NULL) {
        ds__object_remove(h);
        if (ds__object_drop(h))
            free(h);
    }
    *errhandler = MPI_ERRHANDLER_NULL;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_call_errhandler)                                                    \
    N(Comm_compare)                                                            \
    N(Comm_create)                                                             \
    N(Comm_create_errhandler)                                                  \
    N(Comm_create_group)                                                       \
    N(Comm_dup)                                                                \
    N(Comm_free)                                                               \
    N(Comm_get_errhandler)                                                     \
    N(Comm_get_name)                                                           \
    N(Comm_group)                                                              \
    N(Comm_idup)                                                               \
    N(Comm_rank)                                                               \
    N(Comm_set_errhandler)                                                     \
    N(Comm_set_name)                                                           \
    N(Comm_size)                                                               \
    N(Comm_split)                                                              \
    N(Comm_split_type)                                                         \
    N(Comm_test_inter)                                                         \
    N(Errhandler_free)                                                         \
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
DEFINE_NAMES(comm_names, LIST)
