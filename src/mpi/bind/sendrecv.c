/* Sending and receiving at once: a receive that is not done before the send is.
 */

#include "mpi/bind/message.h"
#include "mpi/guard.h"

/* Makes both, of which the send goes with the receive; NULL: *error says why
 * not. */
static ds__request *make(const ABI_NAME(arguments) * out,
                         const ABI_NAME(arguments) * in, int *error)
{
    ds__request *r = ABI_NAME(message)(in, error);
    ds__request *s = r == NULL ? NULL : ABI_NAME(message)(out, error);

    if (s == NULL && r != NULL)
        ds__request_free(r);
    if (s == NULL)
        return NULL;
    ds__request_join(r, s);
    return r;
}

/* The same of two buffers. */
static ds__request *make_apart(const ABI_NAME(arguments) * out,
                               const ABI_NAME(arguments) * in, int *error)
{
    ds__request *r = make(out, in, error);
    const ds__request *s = r == NULL ? NULL : r->with;

    if (r == NULL || !ds__guard_overlap(r->buf, r->count, r->type, s->buf,
                                        s->count, s->type))
        return r;
    *error = ds__comm_fail(r->comm, DS__ERR_BUFFER,
                           "what is sent and what is received overlap; "
                           "MPI_Sendrecv_replace() is for that");
    ds__request_free(r);
    return NULL;
}

/* The same of one buffer, of which a copy is sent. */
static ds__request *make_replacing(const ABI_NAME(arguments) * out,
                                   const ABI_NAME(arguments) * in, int *error)
{
    ds__request *r = make(out, in, error);

    if (r == NULL)
        return NULL;
    ds__request *s = r->with;
    const size_t bytes = s->count * s->type->size;
    s->copy = ds__mpi_room(bytes);
    ds__type_pack(s->copy, s->buf, s->count, s->type);
    ds__type_release(s->type);
    s->type = ds__object_hold(ds__type_basic(DS__BASIC_BYTE));
    s->buf = s->copy;
    s->count = bytes;
    return r;
}

static int finish(ds__request *r, int error, MPI_Status *status, MPI_Comm comm)
{
    ds__status got;

    if (r == NULL)
        return ERROR(error);
    ds__request *s = r->with;
    ds__mpi_post(r);
    ds__mpi_post(s);
    ds__mpi_await(r, &got);
    ABI_NAME(status_out)(status, &got, false);
    return ABI_NAME(received)(COMM(comm), &got);
}

#define BOTH_WAYS                                                              \
    SEND(DS__STANDARD, sendbuf, sendcount, sendtype, dest, sendtag, comm),     \
        RECEIVE(recvbuf, recvcount, recvtype, source, recvtag, comm)
#define SAME_BUFFER                                                            \
    SEND(DS__STANDARD, buf, count, type, dest, sendtag, comm),                 \
        RECEIVE(buf, count, type, source, recvtag, comm)

API int FC(Sendrecv)(const void *sendbuf, ds__num sendcount,
                     MPI_Datatype sendtype, int dest, int sendtag,
                     void *recvbuf, ds__num recvcount, MPI_Datatype recvtype,
                     int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    int error;

    ENTER_COUNTED(Sendrecv);
    ds__request *r = make_apart(BOTH_WAYS, &error);
    return finish(r, error, status, comm);
}

API int FC(Sendrecv_replace)(void *buf, ds__num count, MPI_Datatype type,
                             int dest, int sendtag, int source, int recvtag,
                             MPI_Comm comm, MPI_Status *status)
{
    int error;

    ENTER_COUNTED(Sendrecv_replace);
    ds__request *r = make_replacing(SAME_BUFFER, &error);
    return finish(r, error, status, comm);
}

API int FC(Isendrecv)(const void *sendbuf, ds__num sendcount,
                      MPI_Datatype sendtype, int dest, int sendtag,
                      void *recvbuf, ds__num recvcount, MPI_Datatype recvtype,
                      int source, int recvtag, MPI_Comm comm,
                      MPI_Request *request)
{
    int error;

    ENTER_COUNTED(Isendrecv);
    NEED_RESULT(ds__me()->world, request);
    ds__request *r = make_apart(BOTH_WAYS, &error);
    return ABI_NAME(begin)(r, error, request);
}

API int FC(Isendrecv_replace)(void *buf, ds__num count, MPI_Datatype type,
                              int dest, int sendtag, int source, int recvtag,
                              MPI_Comm comm, MPI_Request *request)
{
    int error;

    ENTER_COUNTED(Isendrecv_replace);
    NEED_RESULT(ds__me()->world, request);
    ds__request *r = make_replacing(SAME_BUFFER, &error);
    return ABI_NAME(begin)(r, error, request);
}

#define COUNTED(N)                                                             \
    N(Isendrecv)                                                               \
    N(Isendrecv_replace)                                                       \
    N(Sendrecv)                                                                \
    N(Sendrecv_replace)
#define LIST COUNTED
DEFINE_NAMES(sendrecv_names, LIST)
