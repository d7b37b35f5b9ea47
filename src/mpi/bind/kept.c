/* Receiving a message that was kept. */

#include "mpi/bind/abi.h"
#include "mpi/request.h"

/* Begins to receive what was kept; returns an error of the ABI. */
static int begin(ds__rank *me, void *buf, ds__num count, MPI_Datatype type,
                 MPI_Message *message, ds__request **r)
{
    NEED_RESULT(me->world, message);
    NEED_COUNT(me->world, count);
    NEED_TYPE(me->world, t, type);
    if (!t->committed)
        FAIL(me->world, ERR_TYPE, "the datatype has not been committed");
    if (*message == MPI_MESSAGE_NO_PROC) {
        *r = ds__request_new(false, buf, (size_t)count, t, DS__PROC_NULL,
                             DS__MPI_ANY_TAG, me->world, DS__STANDARD);
        ds__mpi_post(*r);
    } else {
        ds__kept *kept =
            ds__object_get((uintptr_t)*message & UINT32_MAX, DS__MESSAGE);
        if (kept == NULL)
            FAIL(me->world, ERR_REQUEST,
                 "this is no message, or it has been received");
        *r = ds__mpi_receive_kept(kept, buf, (size_t)count, t);
    }
    (*r)->user = true;
    *message = MPI_MESSAGE_NULL;
    return MPI_SUCCESS;
}

API int FC(Mrecv)(void *buf, ds__num count, MPI_Datatype type,
                  MPI_Message *message, MPI_Status *status)
{
    ds__rank *me = ENTER_COUNTED(Mrecv);
    ds__status got;
    ds__request *r;
    const int error = begin(me, buf, count, type, message, &r);

    if (error != MPI_SUCCESS)
        return error;
    ds__mpi_await(r, &got);
    ABI_NAME(status_out)(status, &got, false);
    if (got.error != DS__SUCCESS)
        FAIL(me->world, ERR_TRUNCATE,
             "the message from rank %d with tag %d is longer than the buffer",
             got.source, got.tag);
    return MPI_SUCCESS;
}

API int FC(Imrecv)(void *buf, ds__num count, MPI_Datatype type,
                   MPI_Message *message, MPI_Request *request)
{
    ds__rank *me = ENTER_COUNTED(Imrecv);
    ds__request *r;

    NEED_RESULT(me->world, request);
    const int error = begin(me, buf, count, type, message, &r);
    if (error != MPI_SUCCESS)
        return error;
    ds__object_add(r, DS__REQUEST);
    *request = HANDLE(MPI_Request, r);
    return MPI_SUCCESS;
}

#define COUNTED(N)                                                             \
    N(Imrecv)                                                                  \
    N(Mrecv)
#define LIST COUNTED
DEFINE_NAMES(kept_names, LIST)
