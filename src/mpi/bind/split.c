/* Communicators of some members of one: of those of a color, of a group, or of
 * those who share something. */

#include <string.h>

#include "mpi/bind/abi.h"
#include "mpi/session.h"
#include "mpi/split.h"

#ifdef DS_MPICH
#include <sys/stat.h>
#endif

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
    NEED_INTRA(c);
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

/* ---- Who share something --------------------------------------------------*/

/* Ranks of one host share a machine; all machines are of one kind, and of their
 * parts nothing is known. */
static const char type_key[] = "mpi_hw_resource_type";
static const char machine[] = "mpi_shared_memory";

static bool says(const ds__info *info, const char *key, const char *value)
{
    const char *said = info == NULL ? NULL : ds__info_get(info, key);

    return said != NULL && strcmp(said, value) == 0;
}

/* With whom a member is: alone, with those on its machine, or with all. */
static int alone(const ds__comm *c)
{
    return 1 + c->rank;
}

static int by_machine(const ds__comm *c)
{
    return (int)ds__host_of(c->group->world[c->rank]);
}

enum { ALL = 0 };

static bool are_on_one_machine(const ds__comm *c)
{
    const int *world = c->group->world;
    int i = 1;

    while (i < ds__comm_size(c) &&
           ds__host_of(world[i]) == ds__host_of(world[0]))
        i++;
    return i >= ds__comm_size(c);
}

/* The smaller part that a member is in is its machine, if there are others. */
static int by_some_hardware(const ds__comm *c, ds__info *info)
{
    if (are_on_one_machine(c))
        return DS__UNDEFINED;
    if (info != NULL)
        ds__info_set(info, type_key, machine);
    return by_machine(c);
}

#ifdef DS_MPICH
/* All see the same folders. */
static bool names_folder(const ds__info *info)
{
    struct stat s;
    const char *folder =
        info == NULL ? NULL : ds__info_get(info, "nbhd_common_dirname");

    return folder != NULL && stat(folder, &s) == 0;
}
#else
static bool names_folder(const ds__info *info)
{
    return false;
}
#endif

static int by_resource(const ds__comm *c, const ds__info *info)
{
    if (says(info, type_key, machine))
        return by_machine(c);
    if (says(info, "mpi_pset_name", ds__set_name(1)))
        return alone(c);
    return says(info, "mpi_pset_name", ds__set_name(0)) || names_folder(info)
               ? ALL
               : DS__UNDEFINED;
}

/* Returns whether there is that way to split. */
static bool find_color(const ds__comm *c, int split_type, ds__info *info,
                       int *color)
{
    switch (split_type) {
    case MPI_UNDEFINED:
        *color = DS__UNDEFINED;
        return true;
    case MPI_COMM_TYPE_SHARED:
        *color = by_machine(c);
        return true;
    case MPI_COMM_TYPE_HW_UNGUIDED:
        *color = by_some_hardware(c, info);
        return true;
    case MPI_COMM_TYPE_HW_GUIDED:
        *color = says(info, type_key, machine) ? by_machine(c) : DS__UNDEFINED;
        return true;
    case MPI_COMM_TYPE_RESOURCE_GUIDED:
#ifdef DS_MPICH
    case MPIX_COMM_TYPE_NEIGHBORHOOD:
#endif
        *color = by_resource(c, info);
        return true;
    default:
        return false;
    }
}

API int F(Comm_split_type)(MPI_Comm comm, int split_type, int key,
                           MPI_Info info, MPI_Comm *newcomm)
{
    int color;

    ENTER(Comm_split_type);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newcomm);
    NEED_INFO_OR_NULL(c, i, info);
    if (!find_color(c, split_type, i, &color))
        FAIL(c, ERR_ARG,
             "a type of %d; it is one of MPI_COMM_TYPE_..., or MPI_UNDEFINED",
             split_type);
    *newcomm = ABI_NAME(comm_handle)(ds__comm_split(c, color, key));
    return MPI_SUCCESS;
}

/* A rank stays on its machine. */
API int F(Get_hw_resource_info)(MPI_Info *hw_info)
{
    const ds__rank *me = ENTER_ALWAYS(Get_hw_resource_info);

    NEED_RESULT(me->world, hw_info);
    ds__info *made = ds__info_new();
    ds__info_set(made, machine, "true");
    ds__object_add(made, DS__INFO);
    *hw_info = HANDLE(MPI_Info, made);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_create)                                                             \
    N(Comm_create_group)                                                       \
    N(Comm_split)                                                              \
    N(Comm_split_type)                                                         \
    N(Get_hw_resource_info)
DEFINE_NAMES(split_names, LIST)
