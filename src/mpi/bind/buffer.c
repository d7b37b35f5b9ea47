/* Buffers for sends: of the rank, of a communicator, of a session.
 *
 * A buffered message is kept by the library, however much room there is; so a
 * buffer is only remembered, and what was kept has left when it is asked for.
 */

#include "mpi/bind/message.h"
#include "mpi/session.h"

static int attach(ds__comm *c, ds__buffer *b, void *buffer, ds__num size)
{
    if (b->at != NULL)
        FAIL(c, ERR_BUFFER, "a buffer is attached already");
    if (size < 0)
        FAIL(c, ERR_ARG, "a size of %lld; it is at least 0", (long long)size);
    *b = (ds__buffer){ buffer, buffer == MPI_BUFFER_AUTOMATIC ? 0 : size };
    return MPI_SUCCESS;
}

static int detach(ds__comm *c, ds__buffer *b, void *buffer, ds__num *size)
{
    NEED_RESULT(c, buffer);
    NEED_RESULT(c, size);
    *(void **)buffer = b->at;
    *size = (ds__num)b->size;
    *b = (ds__buffer){ 0 };
    return MPI_SUCCESS;
}

API int FC(Buffer_attach)(void *buffer, ds__num size)
{
    ds__rank *me = ENTER_COUNTED(Buffer_attach);

    return attach(me->world, &me->attached, buffer, size);
}

API int FC(Buffer_detach)(void *buffer, ds__num *size)
{
    ds__rank *me = ENTER_COUNTED(Buffer_detach);

    return detach(me->world, &me->attached, buffer, size);
}

API int FC(Comm_attach_buffer)(MPI_Comm comm, void *buffer, ds__num size)
{
    ENTER_COUNTED(Comm_attach_buffer);
    NEED_COMM(c, comm);
    return attach(c, &c->attached, buffer, size);
}

API int FC(Comm_detach_buffer)(MPI_Comm comm, void *buffer_addr, ds__num *size)
{
    ENTER_COUNTED(Comm_detach_buffer);
    NEED_COMM(c, comm);
    return detach(c, &c->attached, buffer_addr, size);
}

API int FC(Session_attach_buffer)(MPI_Session session, void *buffer,
                                  ds__num size)
{
    ENTER_COUNTED(Session_attach_buffer);
    NEED_SESSION(s, session);
    return attach(s->comm, &s->comm->attached, buffer, size);
}

API int FC(Session_detach_buffer)(MPI_Session session, void *buffer_addr,
                                  ds__num *size)
{
    ENTER_COUNTED(Session_detach_buffer);
    NEED_SESSION(s, session);
    return detach(s->comm, &s->comm->attached, buffer_addr, size);
}

#define COUNTED(N)                                                             \
    N(Buffer_attach)                                                           \
    N(Buffer_detach)                                                           \
    N(Comm_attach_buffer)                                                      \
    N(Comm_detach_buffer)                                                      \
    N(Session_attach_buffer)                                                   \
    N(Session_detach_buffer)

#ifndef DS_LARGE
/* ---- Flushing -------------------------------------------------------------*/

/* A request that is done. */
static int begin_flush(ds__comm *c, MPI_Request *request)
{
    NEED_RESULT(c, request);
    ds__request *r =
        ds__request_new(true, NULL, 0, ds__type_basic(DS__BASIC_BYTE),
                        DS__PROC_NULL, 0, c, DS__STANDARD);
    r->user = true;
    return ABI_NAME(begin)(r, DS__SUCCESS, request);
}

API int F(Buffer_flush)(void)
{
    ENTER(Buffer_flush);
    return MPI_SUCCESS;
}

API int F(Buffer_iflush)(MPI_Request *request)
{
    ds__rank *me = ENTER(Buffer_iflush);

    return begin_flush(me->self, request);
}

API int F(Comm_flush_buffer)(MPI_Comm comm)
{
    ENTER(Comm_flush_buffer);
    NEED_COMM(c, comm);
    (void)c;
    return MPI_SUCCESS;
}

API int F(Comm_iflush_buffer)(MPI_Comm comm, MPI_Request *request)
{
    ENTER(Comm_iflush_buffer);
    NEED_COMM(c, comm);
    return begin_flush(c, request);
}

API int F(Session_flush_buffer)(MPI_Session session)
{
    ENTER(Session_flush_buffer);
    NEED_SESSION(s, session);
    (void)s;
    return MPI_SUCCESS;
}

API int F(Session_iflush_buffer)(MPI_Session session, MPI_Request *request)
{
    ENTER(Session_iflush_buffer);
    NEED_SESSION(s, session);
    return begin_flush(s->comm, request);
}

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Buffer_flush)                                                            \
    N(Buffer_iflush)                                                           \
    N(Comm_flush_buffer)                                                       \
    N(Comm_iflush_buffer)                                                      \
    N(Session_flush_buffer)                                                    \
    N(Session_iflush_buffer)
#endif
DEFINE_NAMES(buffer_names, LIST)
