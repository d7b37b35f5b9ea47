/* Sessions, and communicators of groups alone. */

#include <string.h>

#include "base/text.h"
#include "mpi/bind/abi.h"
#include "mpi/meet.h"
#include "mpi/session.h"

/* ---- Beginning and end ----------------------------------------------------*/

static const struct {
    const char *name;
    int level;
} levels[] = {
    { "MPI_THREAD_SINGLE", MPI_THREAD_SINGLE },
    { "MPI_THREAD_FUNNELED", MPI_THREAD_FUNNELED },
    { "MPI_THREAD_SERIALIZED", MPI_THREAD_SERIALIZED },
};

enum { LEVELS = sizeof(levels) / sizeof(*levels) };

/* Returns what is wanted, or the most that there is. */
static int level_of(const ds__info *info)
{
    const char *wanted =
        info == NULL ? NULL : ds__info_get(info, "thread_level");

    for (int i = 0; wanted != NULL && i < LEVELS; i++)
        if (strcmp(wanted, levels[i].name) == 0)
            return levels[i].level;
    return MPI_THREAD_SERIALIZED;
}

API int F(Session_init)(MPI_Info info, MPI_Errhandler errhandler,
                        MPI_Session *session)
{
    const ds__rank *me = ENTER_ALWAYS(Session_init);

    NEED_RESULT(me->world, session);
    NEED_INFO_OR_NULL(me->world, i, info);
    ds__session *s = ds__session_new(me->self->errors);
    const int error =
        ABI_NAME(errhandler_set)(s->comm, DS__SESSION, errhandler);
    if (error != MPI_SUCCESS) {
        ds__session_free(s);
        return error;
    }
    s->level = level_of(i);
    *session = HANDLE(MPI_Session, s);
    return MPI_SUCCESS;
}

API int F(Session_finalize)(MPI_Session *session)
{
    const ds__rank *me = ENTER(Session_finalize);

    NEED_RESULT(me->world, session);
    NEED_SESSION(s, *session);
    ds__session_free(s);
    *session = MPI_SESSION_NULL;
    return MPI_SUCCESS;
}

static int give_info(ds__info *made, const char *key, const char *value,
                     MPI_Info *info)
{
    ds__info_set(made, key, value);
    ds__object_add(made, DS__INFO);
    *info = HANDLE(MPI_Info, made);
    return MPI_SUCCESS;
}

API int F(Session_get_info)(MPI_Session session, MPI_Info *info_used)
{
    int i = 0;

    ENTER(Session_get_info);
    NEED_SESSION(s, session);
    NEED_RESULT(s->comm, info_used);
    while (levels[i].level != s->level)
        i++;
    return give_info(ds__info_new(), "thread_level", levels[i].name, info_used);
}

/* ---- Sets of processes ----------------------------------------------------*/

API int F(Session_get_num_psets)(MPI_Session session, MPI_Info info,
                                 int *npset_names)
{
    ENTER(Session_get_num_psets);
    NEED_SESSION(s, session);
    NEED_RESULT(s->comm, npset_names);
    *npset_names = DS__SETS;
    return MPI_SUCCESS;
}

/* Stores as much of the name as there is room for, with its end. */
API int F(Session_get_nth_pset)(MPI_Session session, MPI_Info info, int n,
                                int *pset_len, char *pset_name)
{
    ENTER(Session_get_nth_pset);
    NEED_SESSION(s, session);
    NEED_RESULT(s->comm, pset_len);
    if (n < 0 || n >= DS__SETS)
        FAIL(s->comm, ERR_ARG, "set %d among %d, which count from 0", n,
             DS__SETS);
    const char *name = ds__set_name(n);
    if (*pset_len > 0) {
        ds__text text;
        NEED_RESULT(s->comm, pset_name);
        ds__text_init(&text, pset_name, (size_t)*pset_len);
        ds__text_add(&text, "%s", name);
    }
    *pset_len = (int)strlen(name) + 1;
    return MPI_SUCCESS;
}

#define NEED_SET(s, group, name)                                               \
    const ds__group *const group =                                             \
        (name) == NULL ? NULL : ds__set_group(name);                           \
    if (group == NULL)                                                         \
    FAIL((s)->comm, ERR_ARG, "there is no set of processes of that name")

API int F(Session_get_pset_info)(MPI_Session session, const char *pset_name,
                                 MPI_Info *info)
{
    char size[16];

    ENTER(Session_get_pset_info);
    NEED_SESSION(s, session);
    NEED_SET(s, g, pset_name);
    NEED_RESULT(s->comm, info);
    ds__format(size, sizeof(size), "%d", g->size);
    return give_info(ds__info_new(), "mpi_size", size, info);
}

API int F(Group_from_session_pset)(MPI_Session session, const char *pset_name,
                                   MPI_Group *newgroup)
{
    ENTER(Group_from_session_pset);
    NEED_SESSION(s, session);
    NEED_SET(s, g, pset_name);
    NEED_RESULT(s->comm, newgroup);
    *newgroup = ABI_NAME(group_handle)(ds__group_copy(g));
    return MPI_SUCCESS;
}

/* ---- Handlers of errors ---------------------------------------------------*/

static void call_own(const ds__errhandler *handler, ds__comm *comm, int error)
{
    MPI_Session handle = HANDLE(MPI_Session, comm->session);
    int code = ERROR(error);

    ((MPI_Session_errhandler_function *)handler->own)(&handle, &code);
}

API int F(Session_create_errhandler)(MPI_Session_errhandler_function *function,
                                     MPI_Errhandler *errhandler)
{
    ENTER_ALWAYS(Session_create_errhandler);
    return ABI_NAME(errhandler_create)(DS__SESSION, (void (*)(void))function,
                                       call_own, errhandler);
}

API int F(Session_set_errhandler)(MPI_Session session,
                                  MPI_Errhandler errhandler)
{
    ENTER(Session_set_errhandler);
    NEED_SESSION(s, session);
    return ABI_NAME(errhandler_set)(s->comm, DS__SESSION, errhandler);
}

API int F(Session_get_errhandler)(MPI_Session session,
                                  MPI_Errhandler *errhandler)
{
    ENTER(Session_get_errhandler);
    NEED_SESSION(s, session);
    return ABI_NAME(errhandler_get)(s->comm, errhandler);
}

API int F(Session_call_errhandler)(MPI_Session session, int errorcode)
{
    ENTER(Session_call_errhandler);
    NEED_SESSION(s, session);
    if (errorcode != MPI_SUCCESS)
        ds__comm_call(s->comm, ABI_NAME(error_in)(errorcode));
    return MPI_SUCCESS;
}

/* ---- Communicators --------------------------------------------------------*/

/* Says if something is wrong of what both ways to make one have. */
static int check(const ds__group *g, const char *stringtag,
                 MPI_Errhandler errhandler)
{
    ds__rank *me = ds__me();
    const ds__errhandler *h = ERRHANDLER(errhandler);

    if (g == NULL)
        FAIL(me->world, ERR_GROUP, "this is no group, or it has been freed");
    if (g->size > 0 && ds__group_find(g, me->number) < 0)
        FAIL(me->world, ERR_GROUP, "this rank is not in the group");
    if (stringtag == NULL)
        FAIL(me->world, ERR_ARG, "NULL is no text");
    if (h == NULL || (h->own != NULL && h->of != DS__COMM))
        FAIL(me->world, ERR_ARG,
             "this is no handler of errors for a "
             "communicator");
    return MPI_SUCCESS;
}

API int F(Comm_create_from_group)(MPI_Group group, const char *stringtag,
                                  MPI_Info info, MPI_Errhandler errhandler,
                                  MPI_Comm *newcomm)
{
    const ds__rank *me = ENTER(Comm_create_from_group);
    const ds__group *g = GROUP(group);
    const int error = check(g, stringtag, errhandler);
    ds__comm *made = NULL;

    if (error != MPI_SUCCESS)
        return error;
    NEED_RESULT(me->world, newcomm);
    if (g->size > 0) {
        made = ds__comm_from_group(g, stringtag);
        ds__comm_handle(made, ERRHANDLER(errhandler));
    }
    *newcomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

API int F(Intercomm_create_from_groups)(MPI_Group local_group, int local_leader,
                                        MPI_Group remote_group,
                                        int remote_leader,
                                        const char *stringtag, MPI_Info info,
                                        MPI_Errhandler errhandler,
                                        MPI_Comm *newintercomm)
{
    const ds__rank *me = ENTER(Intercomm_create_from_groups);
    const ds__group *g = GROUP(local_group);
    const ds__group *others = GROUP(remote_group);
    const int error = check(g, stringtag, errhandler);

    if (error != MPI_SUCCESS)
        return error;
    NEED_RESULT(me->world, newintercomm);
    if (others == NULL)
        FAIL(me->world, ERR_GROUP,
             "the remote group is none, or it has been freed");
    *newintercomm = MPI_COMM_NULL;
    if (g->size == 0 || others->size == 0)
        return MPI_SUCCESS;
    if (local_leader < 0 || local_leader >= g->size)
        FAIL(me->world, ERR_RANK, "a local leader of %d among %d", local_leader,
             g->size);
    if (g->world[local_leader] == me->number &&
        (remote_leader < 0 || remote_leader >= others->size))
        FAIL(me->world, ERR_RANK, "a remote leader of %d among %d",
             remote_leader, others->size);
    ds__comm *made = ds__inter_from_groups(g, local_leader, others,
                                           remote_leader, stringtag);
    if (made == NULL)
        FAIL(me->world, ERR_GROUP, "the two groups have a member in common");
    ds__comm_handle(made, ERRHANDLER(errhandler));
    *newintercomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_create_from_group)                                                  \
    N(Group_from_session_pset)                                                 \
    N(Intercomm_create_from_groups)                                            \
    N(Session_call_errhandler)                                                 \
    N(Session_create_errhandler)                                               \
    N(Session_finalize)                                                        \
    N(Session_get_errhandler)                                                  \
    N(Session_get_info)                                                        \
    N(Session_get_nth_pset)                                                    \
    N(Session_get_num_psets)                                                   \
    N(Session_get_pset_info)                                                   \
    N(Session_init)                                                            \
    N(Session_set_errhandler)
DEFINE_NAMES(session_names, LIST)
