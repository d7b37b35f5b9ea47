/* Buffers for sends. */

#include "mpi/bind/message.h"

/* A buffered message is kept by the library, however much room there is. */
API int FC(Buffer_attach)(void *buffer, ds__num size)
{
    ds__rank *me = ENTER_COUNTED(Buffer_attach);

    if (me->attached != NULL)
        FAIL(me->world, ERR_BUFFER, "a buffer is attached already");
    me->attached = buffer;
    me->attached_size = size;
    return MPI_SUCCESS;
}

API int FC(Buffer_detach)(void *buffer, ds__num *size)
{
    ds__rank *me = ENTER_COUNTED(Buffer_detach);

    *(void **)buffer = me->attached;
    *size = (ds__num)me->attached_size;
    me->attached = NULL;
    me->attached_size = 0;
    return MPI_SUCCESS;
}

#define COUNTED(N)                                                             \
    N(Buffer_attach)                                                           \
    N(Buffer_detach)

#ifndef DS_LARGE
/* What was kept has left. */
API int F(Buffer_flush)(void)
{
    ENTER(Buffer_flush);
    return MPI_SUCCESS;
}

API int F(Buffer_iflush)(MPI_Request *request)
{
    ds__rank *me = ENTER(Buffer_iflush);

    NEED_RESULT(me->world, request);
    ds__request *r =
        ds__request_new(true, NULL, 0, ds__type_basic(DS__BASIC_BYTE),
                        DS__PROC_NULL, 0, me->self, DS__STANDARD);
    r->user = true;
    return ABI_NAME(begin)(r, DS__SUCCESS, request);
}

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Buffer_flush)                                                            \
    N(Buffer_iflush)
#endif
DEFINE_NAMES(buffer_names, LIST)
