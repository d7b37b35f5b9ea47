/* Windows: making and freeing them, and what is known of them. */

#include <string.h>

#include "mpi/bind/abi.h"
#include "mpi/create.h"
#include "mpi/epoch.h"

/* ---- Making ---------------------------------------------------------------*/

/* Arguments that all of those have who make one of memory; false: *error is
 * what was said. */
static bool check(ds__comm *c, MPI_Aint size, ds__place unit,
                  const MPI_Win *win, int *error)
{
    *error = DS__SUCCESS;
    if (win == NULL)
        *error = ds__comm_fail(c, DS__ERR_ARG, "NULL is no place for a result");
    else if (size < 0)
        *error = ds__comm_fail(c, DS__ERR_SIZE,
                               "a size of %td; it is at least 0", size);
    else if (unit <= 0)
        *error = ds__comm_fail(c, DS__ERR_DISP,
                               "a unit of %lld bytes for displacements; it "
                               "is at least 1",
                               (long long)unit);
    return *error == DS__SUCCESS;
}

static bool is_hinted(const ds__info *info, const char *key)
{
    const char *value = info == NULL ? NULL : ds__info_get(info, key);

    return value != NULL && strcmp(value, "true") == 0;
}

static int make(ds__comm *c, ds__flavor flavor, void *base, MPI_Aint size,
                ds__place unit, MPI_Info info, MPI_Win *win)
{
    int error;

    NEED_INFO_OR_NULL(c, hints, info);
    if (!check(c, size, unit, win, &error))
        return ERROR(error);
    ds__win *w = ds__win_new(c, flavor, base, (size_t)size, unit,
                             !is_hinted(hints, "alloc_shared_noncontig"));
    if (w == NULL)
        FAIL(c, ERR_NO_MEM, "there is no memory for the window of some member");
    ABI_NAME(win_hints)(w, hints);
    *win = HANDLE(MPI_Win, w);
    return MPI_SUCCESS;
}

API int FC(Win_create)(void *base, MPI_Aint size, ds__place disp_unit,
                       MPI_Info info, MPI_Comm comm, MPI_Win *win)
{
    ENTER_COUNTED(Win_create);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    return make(c, DS__WIN_CREATE, base, size, disp_unit, info, win);
}

static int allocate(ds__comm *c, ds__flavor flavor, MPI_Aint size,
                    ds__place unit, MPI_Info info, void *baseptr, MPI_Win *win)
{
    NEED_RESULT(c, baseptr);
    const int error = make(c, flavor, NULL, size, unit, info, win);
    if (error == MPI_SUCCESS)
        *(void **)baseptr = ABI_NAME(win)(*win)->base;
    return error;
}

API int FC(Win_allocate)(MPI_Aint size, ds__place disp_unit, MPI_Info info,
                         MPI_Comm comm, void *baseptr, MPI_Win *win)
{
    ENTER_COUNTED(Win_allocate);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    return allocate(c, DS__WIN_ALLOCATE, size, disp_unit, info, baseptr, win);
}

API int FC(Win_allocate_shared)(MPI_Aint size, ds__place disp_unit,
                                MPI_Info info, MPI_Comm comm, void *baseptr,
                                MPI_Win *win)
{
    ENTER_COUNTED(Win_allocate_shared);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    return allocate(c, DS__WIN_SHARED, size, disp_unit, info, baseptr, win);
}

/* ---- Memory ---------------------------------------------------------------*/

/* The first one that has any, if no rank is asked for. */
static int shared_rank(const ds__win *w, int rank)
{
    if (rank != MPI_PROC_NULL)
        return rank;
    for (int i = 0; i < ds__comm_size(w->comm); i++)
        if (w->all->members[i]->size > 0)
            return i;
    return 0;
}

/* Memory that is not shared can only be reached by its owner. */
API int FC(Win_shared_query)(MPI_Win win, int rank, MPI_Aint *size,
                             ds__place *disp_unit, void *baseptr)
{
    ENTER_COUNTED(Win_shared_query);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, size);
    NEED_RESULT(w->comm, disp_unit);
    NEED_RESULT(w->comm, baseptr);
    rank = shared_rank(w, rank);
    if (rank < 0 || rank >= ds__comm_size(w->comm))
        FAIL(w->comm, ERR_RANK, "a rank of %d among %d", rank,
             ds__comm_size(w->comm));
    if (w->flavor == DS__WIN_DYNAMIC)
        FAIL(w->comm, ERR_RMA_FLAVOR,
             "memory that is attached to a window is not shared");
    const ds__win *target = w->all->members[rank];
    const bool has = w->flavor == DS__WIN_SHARED || target == w;
    *size = has ? (MPI_Aint)target->size : 0;
    *disp_unit = has ? (ds__place)target->unit : 1;
    *(void **)baseptr = has ? target->base : NULL;
    return MPI_SUCCESS;
}

#ifndef DS_LARGE
/* ---- Without sizes --------------------------------------------------------*/

API int F(Win_create_dynamic)(MPI_Info info, MPI_Comm comm, MPI_Win *win)
{
    ENTER(Win_create_dynamic);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    return make(c, DS__WIN_DYNAMIC, NULL, 0, 1, info, win);
}

API int F(Win_free)(MPI_Win *win)
{
    const ds__rank *me = ENTER(Win_free);

    NEED_RESULT(me->world, win);
    NEED_WIN(w, *win);
    int error = ds__epoch_end(w);
    if (error != DS__SUCCESS)
        return ERROR(error);
    error = ABI_NAME(attrs_clear)(w->comm, &w->attrs, w);
    if (error != MPI_SUCCESS)
        return error;
    ds__win_free(w);
    *win = MPI_WIN_NULL;
    return MPI_SUCCESS;
}

/* ---- Memory that is attached ----------------------------------------------*/

#define NEED_DYNAMIC(w)                                                        \
    if ((w)->flavor != DS__WIN_DYNAMIC)                                        \
    FAIL((w)->comm, ERR_RMA_FLAVOR,                                            \
         "only a window of MPI_Win_create_dynamic() has memory attached")

API int F(Win_attach)(MPI_Win win, void *base, MPI_Aint size)
{
    ENTER(Win_attach);
    NEED_WIN(w, win);
    NEED_DYNAMIC(w);
    if (size < 0)
        FAIL(w->comm, ERR_SIZE, "a size of %td; it is at least 0", size);
    return ERROR(ds__win_attach(w, base, (size_t)size));
}

API int F(Win_detach)(MPI_Win win, const void *base)
{
    ENTER(Win_detach);
    NEED_WIN(w, win);
    NEED_DYNAMIC(w);
    return ERROR(ds__win_detach(w, base));
}

/* ---- Group and name -------------------------------------------------------*/

API int F(Win_get_group)(MPI_Win win, MPI_Group *group)
{
    ENTER(Win_get_group);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, group);
    const ds__group *members = w->comm->group;
    const size_t bytes = (size_t)members->size * sizeof(int);
    int *world = memcpy(ds__mpi_room(bytes), members->world, bytes);
    const ds__group *made = ds__group_new(world, members->size);
    *group = HANDLE(MPI_Group, made);
    return MPI_SUCCESS;
}

API int F(Win_set_name)(MPI_Win win, const char *name)
{
    ENTER(Win_set_name);
    NEED_WIN(w, win);
    if (name == NULL || strlen(name) >= MPI_MAX_OBJECT_NAME)
        FAIL(w->comm, ERR_ARG, "a name has less than %d characters",
             MPI_MAX_OBJECT_NAME);
    strcpy(w->name, name);
    return MPI_SUCCESS;
}

API int F(Win_get_name)(MPI_Win win, char *name, int *resultlen)
{
    ENTER(Win_get_name);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, name);
    NEED_RESULT(w->comm, resultlen);
    strcpy(name, w->name);
    *resultlen = (int)strlen(name);
    return MPI_SUCCESS;
}

/* ---- Errors ---------------------------------------------------------------*/

static void call_own(const ds__errhandler *handler, ds__comm *comm, int error)
{
    MPI_Win handle = HANDLE(MPI_Win, comm->window);
    int code = ERROR(error);

    ((MPI_Win_errhandler_function *)handler->own)(&handle, &code);
}

API int F(Win_create_errhandler)(MPI_Win_errhandler_function *function,
                                 MPI_Errhandler *errhandler)
{
    ENTER(Win_create_errhandler);
    return ABI_NAME(errhandler_create)(DS__WIN, (void (*)(void))function,
                                       call_own, errhandler);
}

API int F(Win_set_errhandler)(MPI_Win win, MPI_Errhandler errhandler)
{
    ENTER(Win_set_errhandler);
    NEED_WIN(w, win);
    return ABI_NAME(errhandler_set)(w->comm, DS__WIN, errhandler);
}

API int F(Win_get_errhandler)(MPI_Win win, MPI_Errhandler *errhandler)
{
    ENTER(Win_get_errhandler);
    NEED_WIN(w, win);
    return ABI_NAME(errhandler_get)(w->comm, errhandler);
}

API int F(Win_call_errhandler)(MPI_Win win, int errorcode)
{
    ENTER(Win_call_errhandler);
    NEED_WIN(w, win);
    if (errorcode != MPI_SUCCESS)
        ds__comm_call(w->comm, ABI_NAME(error_in)(errorcode));
    return MPI_SUCCESS;
}
#endif

#define COUNTED(N)                                                             \
    N(Win_allocate)                                                            \
    N(Win_allocate_shared)                                                     \
    N(Win_create)                                                              \
    N(Win_shared_query)

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Win_attach)                                                              \
    N(Win_call_errhandler)                                                     \
    N(Win_create_dynamic)                                                      \
    N(Win_create_errhandler)                                                   \
    N(Win_detach)                                                              \
    N(Win_free)                                                                \
    N(Win_get_errhandler)                                                      \
    N(Win_get_group)                                                           \
    N(Win_get_name)                                                            \
    N(Win_set_errhandler)                                                      \
    N(Win_set_name)
DEFINE_NAMES(win_names, LIST)
