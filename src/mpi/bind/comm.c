/* Communicators: what they are, and those that are made of one. */

#include <string.h>

#include "mpi/agree.h"
#include "mpi/bind/abi.h"
#include "mpi/nonblocking.h"
#include "mpi/split.h"

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

API int F(Comm_compare)(MPI_Comm comm1, MPI_Comm comm2, int *result)
{
    ENTER(Comm_compare);
    NEED_COMM(a, comm1);
    NEED_COMM(b, comm2);
    NEED_RESULT(a, result);
    *result = ABI_NAME(compared)(ds__comm_compare(a, b));
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

static int free_comm(ds__rank *me, MPI_Comm *comm)
{
    NEED_RESULT(me->world, comm);
    NEED_COMM(c, *comm);
    if (c == me->world || c == me->self)
        FAIL(c, ERR_COMM, "a predefined communicator cannot be freed");
    ds__agree_on_call(c);
    const int error = ABI_NAME(attrs_clear)(c, &c->attrs, c);
    if (error != MPI_SUCCESS)
        return error;
    ds__object_remove(c);
    ds__comm_release(c);
    *comm = MPI_COMM_NULL;
    return MPI_SUCCESS;
}

API int F(Comm_free)(MPI_Comm *comm)
{
    return free_comm(ENTER(Comm_free), comm);
}

/* What has been begun goes on without the handle; all must have come. */
API int F(Comm_disconnect)(MPI_Comm *comm)
{
    ds__rank *me = ENTER(Comm_disconnect);

    NEED_RESULT(me->world, comm);
    NEED_COMM(c, *comm);
    if (c != me->world && c != me->self)
        ds__work_barrier(&(ds__work){ .comm = c });
    return free_comm(me, comm);
}

API int F(Comm_group)(MPI_Comm comm, MPI_Group *group)
{
    ENTER(Comm_group);
    NEED_COMM(c, comm);
    NEED_RESULT(c, group);
    *group = HANDLE(MPI_Group, ds__group_copy(c->group));
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

/* Nobody is spawned. */
API int F(Comm_get_parent)(MPI_Comm *parent)
{
    const ds__rank *me = ENTER(Comm_get_parent);

    NEED_RESULT(me->world, parent);
    *parent = MPI_COMM_NULL;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_compare)                                                            \
    N(Comm_disconnect)                                                         \
    N(Comm_dup)                                                                \
    N(Comm_free)                                                               \
    N(Comm_get_name)                                                           \
    N(Comm_get_parent)                                                         \
    N(Comm_group)                                                              \
    N(Comm_idup)                                                               \
    N(Comm_rank)                                                               \
    N(Comm_set_name)                                                           \
    N(Comm_size)
DEFINE_NAMES(comm_names, LIST)
