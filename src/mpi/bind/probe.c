/* Looking for messages that have come, and keeping one to receive it later. */

#include "mpi/bind/abi.h"
#include "mpi/request.h"

static int check(ds__comm *c, int source, int tag)
{
    if (source != DS__PROC_NULL && source != DS__MPI_ANY_SOURCE &&
        (source < 0 || source >= ds__comm_peers(c)))
        return ds__comm_fail(c, DS__ERR_RANK, "a rank of %d among %d",
                             rank_out(source), ds__comm_peers(c));
    if (tag < 0 && tag != DS__MPI_ANY_TAG)
        return ds__comm_fail(c, DS__ERR_TAG,
                             "a tag that is none; it is at least 0");
    return DS__SUCCESS;
}

API int F(Probe)(int source, int tag, MPI_Comm comm, MPI_Status *status)
{
    ds__rank *me = ENTER(Probe);
    ds__status got = { .source = DS__PROC_NULL, .tag = DS__MPI_ANY_TAG };

    NEED_COMM(c, comm);
    const int error = check(c, rank_in(source), tag_in(tag));
    if (error != DS__SUCCESS)
        return ERROR(error);
    if (rank_in(source) != DS__PROC_NULL)
        ds__mpi_await_message(me, c, rank_in(source), tag_in(tag), &got);
    ABI_NAME(status_out)(status, &got, false);
    return MPI_SUCCESS;
}

/* Returns whether there is one, at once or when a little time has passed. */
static bool look(ds__rank *me, ds__comm *c, int source, int tag,
                 ds__status *got)
{
    bool found = source == DS__PROC_NULL ||
                 ds__mpi_find_message(me, c, source, tag, got);

    if (!found) {
        ds__mpi_progress(me, ds__mpi_look_time(me));
        ds__mpi_pass_on(me);
        found = ds__mpi_find_message(me, c, source, tag, got);
    }
    if (found)
        me->now->step = 0;
    return found;
}

API int F(Iprobe)(int source, int tag, MPI_Comm comm, int *flag,
                  MPI_Status *status)
{
    ds__rank *me = ENTER(Iprobe);
    ds__status got = { .source = DS__PROC_NULL, .tag = DS__MPI_ANY_TAG };

    NEED_COMM(c, comm);
    NEED_RESULT(c, flag);
    const int error = check(c, rank_in(source), tag_in(tag));
    if (error != DS__SUCCESS)
        return ERROR(error);
    *flag = look(me, c, rank_in(source), tag_in(tag), &got);
    if (*flag)
        ABI_NAME(status_out)(status, &got, false);
    return MPI_SUCCESS;
}

/* ---- Keeping what was found -----------------------------------------------*/

/* Keeps a message that a probe has seen at this moment. */
static int keep(ds__rank *me, ds__comm *c, ds__status *got,
                MPI_Message *message, MPI_Status *status)
{
    if (got->source == DS__PROC_NULL)
        *message = MPI_MESSAGE_NO_PROC;
    else
        *message = HANDLE(MPI_Message,
                          ds__mpi_keep(me, c, got->source, got->tag, got));
    ABI_NAME(status_out)(status, got, false);
    return MPI_SUCCESS;
}

API int F(Mprobe)(int source, int tag, MPI_Comm comm, MPI_Message *message,
                  MPI_Status *status)
{
    ds__rank *me = ENTER(Mprobe);
    ds__status got = { .source = DS__PROC_NULL, .tag = DS__MPI_ANY_TAG };

    NEED_COMM(c, comm);
    NEED_RESULT(c, message);
    const int error = check(c, rank_in(source), tag_in(tag));
    if (error != DS__SUCCESS)
        return ERROR(error);
    if (rank_in(source) != DS__PROC_NULL)
        ds__mpi_await_message(me, c, rank_in(source), tag_in(tag), &got);
    return keep(me, c, &got, message, status);
}

API int F(Improbe)(int source, int tag, MPI_Comm comm, int *flag,
                   MPI_Message *message, MPI_Status *status)
{
    ds__rank *me = ENTER(Improbe);
    ds__status got = { .source = DS__PROC_NULL, .tag = DS__MPI_ANY_TAG };

    NEED_COMM(c, comm);
    NEED_RESULT(c, flag);
    NEED_RESULT(c, message);
    const int error = check(c, rank_in(source), tag_in(tag));
    if (error != DS__SUCCESS)
        return ERROR(error);
    *flag = look(me, c, rank_in(source), tag_in(tag), &got);
    return *flag ? keep(me, c, &got, message, status) : MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Improbe)                                                                 \
    N(Iprobe)                                                                  \
    N(Mprobe)                                                                  \
    N(Probe)
DEFINE_NAMES(probe_names, LIST)
