/* Info objects, and those of communicators: hints, of which those that MPI has
 * names for are kept, and change nothing here.
 *
 * Calls about info objects alone are allowed at any time. */

#include <string.h>

#include "mpi/bind/abi.h"

/* What a program may read and not change; nothing is known about how the
 * program was started. */
static ds__info env;

ds__info *ABI_NAME(info)(MPI_Info handle)
{
    if (handle == MPI_INFO_ENV)
        return &env;
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__INFO);
}

#define NEED_INFO(c, i, handle)                                                \
    ds__info *const i = INFO(handle);                                          \
    if (i == NULL)                                                             \
    FAIL(c, ERR_INFO, "this is no info object, or it has been freed")

#define NEED_OWN_INFO(c, i, handle)                                            \
    NEED_INFO(c, i, handle);                                                   \
    if (i == &env)                                                             \
    FAIL(c, ERR_INFO, "MPI_INFO_ENV cannot be changed")

#define NEED_KEY(c, key)                                                       \
    if ((key) == NULL || (key)[0] == '\0' || strlen(key) > DS__INFO_KEY)       \
    FAIL(c, ERR_INFO_KEY, "a key has 1 to %d characters", DS__INFO_KEY)

static int give(ds__info *made, MPI_Info *info)
{
    ds__object_add(made, DS__INFO);
    *info = HANDLE(MPI_Info, made);
    return MPI_SUCCESS;
}

API int F(Info_create)(MPI_Info *info)
{
    const ds__rank *me = ENTER_ALWAYS(Info_create);

    NEED_RESULT(me->world, info);
    return give(ds__info_new(), info);
}

API int F(Info_create_env)(int argc, char *argv[], MPI_Info *info)
{
    const ds__rank *me = ENTER_ALWAYS(Info_create_env);

    NEED_RESULT(me->world, info);
    return give(ds__info_copy(&env), info);
}

API int F(Info_dup)(MPI_Info info, MPI_Info *newinfo)
{
    const ds__rank *me = ENTER_ALWAYS(Info_dup);

    NEED_INFO(me->world, i, info);
    NEED_RESULT(me->world, newinfo);
    return give(ds__info_copy(i), newinfo);
}

API int F(Info_free)(MPI_Info *info)
{
    const ds__rank *me = ENTER_ALWAYS(Info_free);

    NEED_RESULT(me->world, info);
    NEED_OWN_INFO(me->world, i, *info);
    ds__object_remove(i);
    ds__info_free(i);
    *info = MPI_INFO_NULL;
    return MPI_SUCCESS;
}

API int F(Info_set)(MPI_Info info, const char *key, const char *value)
{
    const ds__rank *me = ENTER_ALWAYS(Info_set);

    NEED_OWN_INFO(me->world, i, info);
    NEED_KEY(me->world, key);
    if (value == NULL || strlen(value) > DS__INFO_VALUE)
        FAIL(me->world, ERR_INFO_VALUE, "a value has at most %d characters",
             DS__INFO_VALUE);
    ds__info_set(i, key, value);
    return MPI_SUCCESS;
}

API int F(Info_delete)(MPI_Info info, const char *key)
{
    const ds__rank *me = ENTER_ALWAYS(Info_delete);

    NEED_OWN_INFO(me->world, i, info);
    NEED_KEY(me->world, key);
    if (!ds__info_remove(i, key))
        FAIL(me->world, ERR_INFO_NOKEY, "there is nothing under '%s'", key);
    return MPI_SUCCESS;
}

/* Stores as much of a value as there is room for, with its end. */
static void store(const char *value, size_t room, char *to)
{
    const size_t length = strlen(value);
    const size_t n = length < room ? length : room - 1;

    if (room == 0)
        return;
    memcpy(to, value, n);
    to[n] = '\0';
}

API int F(Info_get)(MPI_Info info, const char *key, int valuelen, char *value,
                    int *flag)
{
    const ds__rank *me = ENTER_ALWAYS(Info_get);

    NEED_INFO(me->world, i, info);
    NEED_KEY(me->world, key);
    NEED_RESULT(me->world, value);
    NEED_RESULT(me->world, flag);
    if (valuelen < 0)
        FAIL(me->world, ERR_ARG, "a length of %d; it is at least 0", valuelen);
    const char *found = ds__info_get(i, key);
    *flag = found != NULL;
    if (found != NULL)
        store(found, (size_t)valuelen + 1, value);
    return MPI_SUCCESS;
}

API int F(Info_get_string)(MPI_Info info, const char *key, int *buflen,
                           char *value, int *flag)
{
    const ds__rank *me = ENTER_ALWAYS(Info_get_string);

    NEED_INFO(me->world, i, info);
    NEED_KEY(me->world, key);
    NEED_RESULT(me->world, buflen);
    NEED_RESULT(me->world, flag);
    if (*buflen < 0)
        FAIL(me->world, ERR_ARG, "a length of %d; it is at least 0", *buflen);
    const char *found = ds__info_get(i, key);
    *flag = found != NULL;
    if (found == NULL)
        return MPI_SUCCESS;
    if (*buflen > 0)
        NEED_RESULT(me->world, value);
    store(found, (size_t)*buflen, value);
    *buflen = (int)strlen(found) + 1;
    return MPI_SUCCESS;
}

API int F(Info_get_valuelen)(MPI_Info info, const char *key, int *valuelen,
                             int *flag)
{
    const ds__rank *me = ENTER_ALWAYS(Info_get_valuelen);

    NEED_INFO(me->world, i, info);
    NEED_KEY(me->world, key);
    NEED_RESULT(me->world, valuelen);
    NEED_RESULT(me->world, flag);
    const char *found = ds__info_get(i, key);
    *flag = found != NULL;
    if (found != NULL)
        *valuelen = (int)strlen(found);
    return MPI_SUCCESS;
}

API int F(Info_get_nkeys)(MPI_Info info, int *nkeys)
{
    const ds__rank *me = ENTER_ALWAYS(Info_get_nkeys);

    NEED_INFO(me->world, i, info);
    NEED_RESULT(me->world, nkeys);
    *nkeys = (int)i->n;
    return MPI_SUCCESS;
}

API int F(Info_get_nthkey)(MPI_Info info, int n, char *key)
{
    const ds__rank *me = ENTER_ALWAYS(Info_get_nthkey);

    NEED_INFO(me->world, i, info);
    NEED_RESULT(me->world, key);
    if (n < 0 || (size_t)n >= i->n)
        FAIL(me->world, ERR_ARG, "a key %d among %zu, which count from 0", n,
             i->n);
    strcpy(key, i->entries[n].key);
    return MPI_SUCCESS;
}

/* ---- Communicators --------------------------------------------------------*/

static const char *const known_of_comm[] = {
    "mpi_assert_no_any_tag",
    "mpi_assert_no_any_source",
    "mpi_assert_exact_length",
    "mpi_assert_allow_overtaking",
    NULL,
};

static const char *const known_of_window[] = {
    "no_locks",
    "accumulate_ordering",
    "accumulate_ops",
    "same_size",
    "mpi_accumulate_granularity",
    "alloc_shared_noncontig",
    "same_disp_unit",
    NULL,
};

/* Keeps what is known of from, which may be NULL, in hints, which are made if
 * there are none. */
static void keep_known(ds__info **hints, const ds__info *from,
                       const char *const *known)
{
    if (*hints == NULL)
        *hints = ds__info_new();
    for (; *known != NULL; known++) {
        const char *value = from == NULL ? NULL : ds__info_get(from, *known);
        if (value != NULL)
            ds__info_set(*hints, *known, value);
    }
}

API int F(Comm_set_info)(MPI_Comm comm, MPI_Info info)
{
    ENTER(Comm_set_info);
    NEED_COMM(c, comm);
    NEED_INFO_OR_NULL(c, i, info);
    keep_known(&c->hints, i, known_of_comm);
    return MPI_SUCCESS;
}

API int F(Comm_get_info)(MPI_Comm comm, MPI_Info *info)
{
    ENTER(Comm_get_info);
    NEED_COMM(c, comm);
    NEED_RESULT(c, info);
    return give(c->hints != NULL ? ds__info_copy(c->hints) : ds__info_new(),
                info);
}

API int F(Comm_dup_with_info)(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm)
{
    ENTER(Comm_dup_with_info);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    NEED_INFO_OR_NULL(c, i, info);
    ds__info *hints = NULL;
    keep_known(&hints, i, known_of_comm);
    const int error = ABI_NAME(comm_dup)(c, hints, newcomm);
    ds__info_free(hints);
    return error;
}

API int F(Comm_idup_with_info)(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm,
                               MPI_Request *request)
{
    ENTER(Comm_idup_with_info);
    NEED_COMM(c, comm);
    NEED_RESULT(c, newcomm);
    NEED_RESULT(c, request);
    NEED_INFO_OR_NULL(c, i, info);
    ds__info *hints = NULL;
    keep_known(&hints, i, known_of_comm);
    const int error = ABI_NAME(comm_idup)(c, hints, newcomm, request);
    ds__info_free(hints);
    return error;
}

/* ---- Windows --------------------------------------------------------------*/

void ABI_NAME(win_hints)(ds__win *w, const ds__info *from)
{
    keep_known(&w->hints, from, known_of_window);
}

API int F(Win_set_info)(MPI_Win win, MPI_Info info)
{
    ENTER(Win_set_info);
    NEED_WIN(w, win);
    NEED_INFO_OR_NULL(w->comm, i, info);
    keep_known(&w->hints, i, known_of_window);
    return MPI_SUCCESS;
}

API int F(Win_get_info)(MPI_Win win, MPI_Info *info)
{
    ENTER(Win_get_info);
    NEED_WIN(w, win);
    NEED_RESULT(w->comm, info);
    return give(ds__info_copy(w->hints), info);
}

#define LIST(N)                                                                \
    N(Comm_dup_with_info)                                                      \
    N(Comm_get_info)                                                           \
    N(Comm_idup_with_info)                                                     \
    N(Comm_set_info)                                                           \
    N(Info_create)                                                             \
    N(Info_create_env)                                                         \
    N(Info_delete)                                                             \
    N(Info_dup)                                                                \
    N(Info_free)                                                               \
    N(Info_get)                                                                \
    N(Info_get_nkeys)                                                          \
    N(Info_get_nthkey)                                                         \
    N(Info_get_string)                                                         \
    N(Info_get_valuelen)                                                       \
    N(Info_set)                                                                \
    N(Win_get_info)                                                            \
    N(Win_set_info)
DEFINE_NAMES(info_names, LIST)
