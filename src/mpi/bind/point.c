/* Sending and receiving that blocks. */

#include "mpi/bind/message.h"

static int send_now(const ABI_NAME(arguments) * arguments)
{
    int error;
    ds__status status;
    ds__request *r = ABI_NAME(message)(arguments, &error);

    if (r == NULL)
        return ERROR(error);
    ds__mpi_post(r);
    ds__mpi_await(r, &status);
    return MPI_SUCCESS;
}

API int FC(Send)(const void *buf, ds__num count, MPI_Datatype type, int dest,
                 int tag, MPI_Comm comm)
{
    ENTER_COUNTED(Send);
    return send_now(SEND(DS__STANDARD, buf, count, type, dest, tag, comm));
}

/* A receiver that is ready is asked for nothing. */
API int FC(Rsend)(const void *buf, ds__num count, MPI_Datatype type, int dest,
                  int tag, MPI_Comm comm)
{
    ENTER_COUNTED(Rsend);
    return send_now(SEND(DS__STANDARD, buf, count, type, dest, tag, comm));
}

API int FC(Ssend)(const void *buf, ds__num count, MPI_Datatype type, int dest,
                  int tag, MPI_Comm comm)
{
    ENTER_COUNTED(Ssend);
    return send_now(SEND(DS__SYNCHRONOUS, buf, count, type, dest, tag, comm));
}

API int FC(Bsend)(const void *buf, ds__num count, MPI_Datatype type, int dest,
                  int tag, MPI_Comm comm)
{
    ENTER_COUNTED(Bsend);
    return send_now(SEND(DS__BUFFERED, buf, count, type, dest, tag, comm));
}

API int FC(Recv)(void *buf, ds__num count, MPI_Datatype type, int source,
                 int tag, MPI_Comm comm, MPI_Status *status)
{
    int error;
    ds__status got;

    ENTER_COUNTED(Recv);
    ds__request *r =
        ABI_NAME(message)(RECEIVE(buf, count, type, source, tag, comm), &error);
    if (r == NULL)
        return ERROR(error);
    ds__mpi_post(r);
    ds__mpi_await(r, &got);
    ABI_NAME(status_out)(status, &got, false);
    return ABI_NAME(received)(COMM(comm), &got);
}

#define COUNTED(N)                                                             \
    N(Bsend)                                                                   \
    N(Recv)                                                                    \
    N(Rsend)                                                                   \
    N(Send)                                                                    \
    N(Ssend)
#define LIST COUNTED
DEFINE_NAMES(point_names, LIST)
