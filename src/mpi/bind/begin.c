/* Sending and receiving that does not block, at once or when it is started. */

#include "mpi/bind/message.h"
#include "mpi/partition.h"

static int begin(const ABI_NAME(arguments) * arguments, bool persistent,
                 MPI_Request *request)
{
    int error;

    NEED_RESULT(ds__me()->world, request);
    ds__request *r = ABI_NAME(message)(arguments, &error);
    if (r != NULL)
        r->persistent = persistent;
    return ABI_NAME(begin)(r, error, request);
}

#define SENDS(isend, send_init, mode)                                          \
    API int FC(isend)(const void *buf, ds__num count, MPI_Datatype type,       \
                      int dest, int tag, MPI_Comm comm, MPI_Request *request)  \
    {                                                                          \
        ENTER_COUNTED(isend);                                                  \
        return begin(SEND(mode, buf, count, type, dest, tag, comm), false,     \
                     request);                                                 \
    }                                                                          \
    API int FC(send_init)(const void *buf, ds__num count, MPI_Datatype type,   \
                          int dest, int tag, MPI_Comm comm,                    \
                          MPI_Request *request)                                \
    {                                                                          \
        ENTER_COUNTED(send_init);                                              \
        return begin(SEND(mode, buf, count, type, dest, tag, comm), true,      \
                     request);                                                 \
    }
SENDS(Isend, Send_init, DS__STANDARD)
SENDS(Irsend, Rsend_init, DS__STANDARD)
SENDS(Issend, Ssend_init, DS__SYNCHRONOUS)
SENDS(Ibsend, Bsend_init, DS__BUFFERED)

API int FC(Irecv)(void *buf, ds__num count, MPI_Datatype type, int source,
                  int tag, MPI_Comm comm, MPI_Request *request)
{
    ENTER_COUNTED(Irecv);
    return begin(RECEIVE(buf, count, type, source, tag, comm), false, request);
}

API int FC(Recv_init)(void *buf, ds__num count, MPI_Datatype type, int source,
                      int tag, MPI_Comm comm, MPI_Request *request)
{
    ENTER_COUNTED(Recv_init);
    return begin(RECEIVE(buf, count, type, source, tag, comm), true, request);
}

#define COUNTED(N)                                                             \
    N(Bsend_init)                                                              \
    N(Ibsend)                                                                  \
    N(Irecv)                                                                   \
    N(Irsend)                                                                  \
    N(Isend)                                                                   \
    N(Issend)                                                                  \
    N(Recv_init)                                                               \
    N(Rsend_init)                                                              \
    N(Send_init)                                                               \
    N(Ssend_init)

#ifndef DS_LARGE
static int start(MPI_Request *request)
{
    ds__request *r = REQUEST(*request);

    if (r == NULL || !r->persistent)
        FAIL(ds__me()->world, ERR_REQUEST,
             "this is no request that can be started");
    if (r->active)
        FAIL(r->comm, ERR_REQUEST, "the request has been started already");
    if (r->parts != NULL)
        ds__partition_start(r);
    else
        ds__mpi_post(r);
    return MPI_SUCCESS;
}

API int F(Start)(MPI_Request *request)
{
    ENTER(Start);
    return start(request);
}

API int F(Startall)(int count, MPI_Request requests[])
{
    ENTER(Startall);
    NEED_COUNT(ds__me()->world, count);
    for (int i = 0; i < count; i++) {
        const int error = start(&requests[i]);
        if (error != MPI_SUCCESS)
            return error;
    }
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Start)                                                                   \
    N(Startall)
#endif
DEFINE_NAMES(begin_names, LIST)
