/* Sending and receiving. */

#include <stdlib.h>

#include "mpi/bind/abi.h"
#include "mpi/guard.h"
#include "mpi/request.h"

/* ---- Checks ---------------------------------------------------------------*/

/* Checks the arguments that all of these have; a receive may name anybody. */
static int check(ds__comm *c, const ds__type *type, int count, int peer,
                 int tag, bool is_send)
{
    const int lowest_tag = is_send ? 0 : DS__MPI_ANY_TAG;

    if (type == NULL)
        return ds__comm_fail(c, DS__ERR_TYPE,
                             "this is no datatype, or it has been freed");
    if (!type->committed)
        return ds__comm_fail(c, DS__ERR_TYPE,
                             "the datatype has not been committed");
    if (count < 0)
        return ds__comm_fail(c, DS__ERR_COUNT,
                             "a count of %d; it is at least 0", count);
    if (peer != DS__PROC_NULL && (is_send || peer != DS__MPI_ANY_SOURCE) &&
        (peer < 0 || peer >= ds__comm_peers(c)))
        return ds__comm_fail(c, DS__ERR_RANK, "a rank of %d among %d",
                             rank_out(peer), ds__comm_peers(c));
    if (tag < lowest_tag || tag == -1)
        return ds__comm_fail(c, DS__ERR_TAG,
                             "a tag that is none; it is at least 0");
    return DS__SUCCESS;
}

/* Makes a request of checked arguments; NULL: *error says why not. */
static ds__request *make(bool is_send, const void *buf, int count,
                         MPI_Datatype type, int peer, int tag, MPI_Comm comm,
                         ds__mode mode, int *error)
{
    ds__comm *c = COMM(comm);
    ds__type *t = TYPE(type);
    ds__request *r;

    if (c == NULL) {
        *error = ds__comm_fail(ds__me()->world, DS__ERR_COMM,
                               "this is no communicator, or it has been freed");
        return NULL;
    }
    *error = check(c, t, count, rank_in(peer), tag_in(tag), is_send);
    if (*error != DS__SUCCESS)
        return NULL;
    r = ds__request_new(is_send, buf, (size_t)count, t, rank_in(peer),
                        tag_in(tag), c, mode);
    r->user = true;
    return r;
}

/* Reports what a request that is done says. */
static int settle(ds__comm *c, const ds__status *s)
{
    if (s->error == DS__SUCCESS)
        return MPI_SUCCESS;
    return ERROR(ds__comm_fail(
        c, s->error,
        "the message from rank %d with tag %d is longer than the buffer",
        s->source, s->tag));
}

/* ---- Blocking -------------------------------------------------------------*/

static int send_now(const void *buf, int count, MPI_Datatype type, int to,
                    int tag, MPI_Comm comm, ds__mode mode)
{
    int error;
    ds__status status;
    ds__request *r = make(true, buf, count, type, to, tag, comm, mode, &error);

    if (r == NULL)
        return ERROR(error);
    ds__mpi_post(r);
    ds__mpi_await(r, &status);
    return MPI_SUCCESS;
}

API int F(Send)(const void *buf, int count, MPI_Datatype type, int dest,
                int tag, MPI_Comm comm)
{
    ENTER(Send);
    return send_now(buf, count, type, dest, tag, comm, DS__STANDARD);
}

/* A receiver that is ready is asked for nothing. */
API int F(Rsend)(const void *buf, int count, MPI_Datatype type, int dest,
                 int tag, MPI_Comm comm)
{
    ENTER(Rsend);
    return send_now(buf, count, type, dest, tag, comm, DS__STANDARD);
}

API int F(Ssend)(const void *buf, int count, MPI_Datatype type, int dest,
                 int tag, MPI_Comm comm)
{
    ENTER(Ssend);
    return send_now(buf, count, type, dest, tag, comm, DS__SYNCHRONOUS);
}

API int F(Bsend)(const void *buf, int count, MPI_Datatype type, int dest,
                 int tag, MPI_Comm comm)
{
    ENTER(Bsend);
    return send_now(buf, count, type, dest, tag, comm, DS__BUFFERED);
}

API int F(Recv)(void *buf, int count, MPI_Datatype type, int source, int tag,
                MPI_Comm comm, MPI_Status *status)
{
    int error;
    ds__status got;

    ENTER(Recv);
    ds__request *r =
        make(false, buf, count, type, source, tag, comm, DS__STANDARD, &error);
    if (r == NULL)
        return ERROR(error);
    ds__mpi_post(r);
    ds__mpi_await(r, &got);
    ABI_NAME(status_out)(status, &got, false);
    return settle(COMM(comm), &got);
}

API int F(Sendrecv)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                    int dest, int sendtag, void *recvbuf, int recvcount,
                    MPI_Datatype recvtype, int source, int recvtag,
                    MPI_Comm comm, MPI_Status *status)
{
    int error;
    ds__status got;
    ds__status sent;

    ENTER(Sendrecv);
    ds__request *in = make(false, recvbuf, recvcount, recvtype, source, recvtag,
                           comm, DS__STANDARD, &error);
    if (in == NULL)
        return ERROR(error);
    ds__request *out = make(true, sendbuf, sendcount, sendtype, dest, sendtag,
                            comm, DS__STANDARD, &error);
    if (out == NULL) {
        ds__request_free(in);
        return ERROR(error);
    }
    if (ds__guard_overlap(in->buf, in->count, in->type, out->buf, out->count,
                          out->type)) {
        ds__request_free(in);
        ds__request_free(out);
        FAIL(COMM(comm), ERR_BUFFER,
             "what is sent and what is received overlap; "
             "MPI_Sendrecv_replace() is for that");
    }
    ds__mpi_post(in);
    ds__mpi_post(out);
    ds__mpi_await(out, &sent);
    ds__mpi_await(in, &got);
    ABI_NAME(status_out)(status, &got, false);
    return settle(COMM(comm), &got);
}

API int F(Sendrecv_replace)(void *buf, int count, MPI_Datatype type, int dest,
                            int sendtag, int source, int recvtag, MPI_Comm comm,
                            MPI_Status *status)
{
    int error;
    ds__status got;
    ds__status sent;

    ENTER(Sendrecv_replace);
    ds__request *in = make(false, buf, count, type, source, recvtag, comm,
                           DS__STANDARD, &error);
    if (in == NULL)
        return ERROR(error);
    error =
        check(in->comm, in->type, count, rank_in(dest), tag_in(sendtag), true);
    if (error != DS__SUCCESS) {
        ds__request_free(in);
        return ERROR(error);
    }
    const size_t bytes = in->count * in->type->size;
    char *copy = ds__mpi_alloc(1, bytes + 1);
    ds__type_pack(copy, buf, in->count, in->type);
    ds__request *out =
        ds__request_new(true, copy, bytes, ds__type_basic(DS__BASIC_BYTE),
                        rank_in(dest), tag_in(sendtag), in->comm, DS__STANDARD);
    out->user = true;
    ds__mpi_post(in);
    ds__mpi_post(out);
    ds__mpi_await(out, &sent);
    ds__mpi_await(in, &got);
    free(copy);
    ABI_NAME(status_out)(status, &got, false);
    return settle(COMM(comm), &got);
}

/* ---- Not blocking ---------------------------------------------------------*/

static int begin(ds__request *r, int error, MPI_Request *request)
{
    if (r == NULL)
        return ERROR(error);
    ds__object_add(r, DS__REQUEST);
    *request = HANDLE(MPI_Request, r);
    if (!r->persistent)
        ds__mpi_post(r);
    return MPI_SUCCESS;
}

#define SENDS(isend, send_init, mode)                                          \
    API int F(isend)(const void *buf, int count, MPI_Datatype type, int dest,  \
                     int tag, MPI_Comm comm, MPI_Request *request)             \
    {                                                                          \
        int error;                                                             \
        ENTER(isend);                                                          \
        NEED_RESULT(ds__me()->world, request);                                 \
        ds__request *r =                                                       \
            make(true, buf, count, type, dest, tag, comm, mode, &error);       \
        return begin(r, error, request);                                       \
    }                                                                          \
    API int F(send_init)(const void *buf, int count, MPI_Datatype type,        \
                         int dest, int tag, MPI_Comm comm,                     \
                         MPI_Request *request)                                 \
    {                                                                          \
        int error;                                                             \
        ENTER(send_init);                                                      \
        NEED_RESULT(ds__me()->world, request);                                 \
        ds__request *r =                                                       \
            make(true, buf, count, type, dest, tag, comm, mode, &error);       \
        if (r != NULL)                                                         \
            r->persistent = true;                                              \
        return begin(r, error, request);                                       \
    }
SENDS(Isend, Send_init, DS__STANDARD)
SENDS(Irsend, Rsend_init, DS__STANDARD)
SENDS(Issend, Ssend_init, DS__SYNCHRONOUS)
SENDS(Ibsend, Bsend_init, DS__BUFFERED)

API int F(Irecv)(void *buf, int count, MPI_Datatype type, int source, int tag,
                 MPI_Comm comm, MPI_Request *request)
{
    int error;

    ENTER(Irecv);
    NEED_RESULT(ds__me()->world, request);
    ds__request *r =
        make(false, buf, count, type, source, tag, comm, DS__STANDARD, &error);
    return begin(r, error, request);
}

API int F(Recv_init)(void *buf, int count, MPI_Datatype type, int source,
                     int tag, MPI_Comm comm, MPI_Request *request)
{
    int error;

    ENTER(Recv_init);
    NEED_RESULT(ds__me()->world, request);
    ds__request *r =
        make(false, buf, count, type, source, tag, comm, DS__STANDARD, &error);
    if (r != NULL)
        r->persistent = true;
    return begin(r, error, request);
}

static int start(MPI_Request *request)
{
    ds__request *r = REQUEST(*request);

    if (r == NULL || !r->persistent)
        FAIL(ds__me()->world, ERR_REQUEST,
             "this is no request that can be started");
    if (r->active)
        FAIL(r->comm, ERR_REQUEST, "the request has been started already");
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

/* ---- Buffers --------------------------------------------------------------*/

/* A buffered message is kept by the library, however much room there is. */
API int F(Buffer_attach)(void *buffer, int size)
{
    ds__rank *me = ENTER(Buffer_attach);

    if (me->attached != NULL)
        FAIL(me->world, ERR_BUFFER, "a buffer is attached already");
    me->attached = buffer;
    me->attached_size = size;
    return MPI_SUCCESS;
}

API int F(Buffer_detach)(void *buffer, int *size)
{
    ds__rank *me = ENTER(Buffer_detach);

    *(void **)buffer = me->attached;
    *size = me->attached_size;
    me->attached = NULL;
    me->attached_size = 0;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Bsend)                                                                   \
    N(Bsend_init)                                                              \
    N(Buffer_attach)                                                           \
    N(Buffer_detach)                                                           \
    N(Ibsend)                                                                  \
    N(Irecv)                                                                   \
    N(Irsend)                                                                  \
    N(Isend)                                                                   \
    N(Issend)                                                                  \
    N(Recv)                                                                    \
    N(Recv_init)                                                               \
    N(Rsend)                                                                   \
    N(Rsend_init)                                                              \
    N(Send)                                                                    \
    N(Send_init)                                                               \
    N(Sendrecv)                                                                \
    N(Sendrecv_replace)                                                        \
    N(Ssend)                                                                   \
    N(Ssend_init)                                                              \
    N(Start)                                                                   \
    N(Startall)
DEFINE_NAMES(point_names, LIST)
