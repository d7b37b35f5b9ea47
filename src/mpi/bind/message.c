/* What all functions that send and receive have in common. */

#include "mpi/bind/message.h"

/* Checks the arguments that all of these have; a receive may name anybody. */
static int check(ds__comm *c, const ds__type *type, long long count, int peer,
                 int tag, bool is_send)
{
    const int lowest_tag = is_send ? 0 : DS__MPI_ANY_TAG;

    if (type == NULL)
        return ds__comm_fail(c, DS__ERR_TYPE,
                             "this is no datatype, or it has been freed");
    if (!type->committed && peer != DS__PROC_NULL)
        return ds__comm_fail(c, DS__ERR_TYPE,
                             "the datatype has not been committed");
    if (count < 0)
        return ds__comm_fail(c, DS__ERR_COUNT,
                             "a count of %lld; it is at least 0", count);
    if (peer != DS__PROC_NULL && (is_send || peer != DS__MPI_ANY_SOURCE) &&
        (peer < 0 || peer >= ds__comm_peers(c)))
        return ds__comm_fail(c, DS__ERR_RANK, "a rank of %d among %d",
                             rank_out(peer), ds__comm_peers(c));
    if (tag < lowest_tag || tag == -1)
        return ds__comm_fail(c, DS__ERR_TAG,
                             "a tag that is none; it is at least 0");
    return DS__SUCCESS;
}

/* What goes nowhere needs no type. */
static ds__type *type_of(MPI_Datatype type, int peer)
{
    if (peer == DS__PROC_NULL && type == MPI_DATATYPE_NULL)
        return ds__type_basic(DS__BASIC_BYTE);
    return TYPE(type);
}

ds__request *ABI_NAME(message)(const ABI_NAME(arguments) * a, int *error)
{
    ds__comm *c = COMM(a->comm);
    ds__type *t = type_of(a->type, rank_in(a->peer));
    ds__request *r;

    if (c == NULL) {
        *error =
            ds__argument_handle(ds__me()->world, DS__ERR_COMM, "comm",
                                "a communicator", a->comm == MPI_COMM_NULL);
        return NULL;
    }
    *error =
        check(c, t, a->count, rank_in(a->peer), tag_in(a->tag), a->is_send);
    if (*error == DS__SUCCESS && rank_in(a->peer) != DS__PROC_NULL)
        *error = ds__argument_data(c, buffer_in(a->buf), (size_t)a->count, t);
    if (*error != DS__SUCCESS)
        return NULL;
    r = ds__request_new(a->is_send, a->buf, (size_t)a->count, t,
                        rank_in(a->peer), tag_in(a->tag), c, a->mode);
    r->user = true;
    return r;
}

int ABI_NAME(received)(ds__comm *c, const ds__status *s)
{
    if (s->error == DS__SUCCESS)
        return MPI_SUCCESS;
    return ERROR(ds__comm_fail(
        c, s->error,
        "the message from rank %d with tag %d is longer than the buffer",
        s->source, s->tag));
}

int ABI_NAME(begin)(ds__request *r, int error, MPI_Request *request)
{
    if (r == NULL)
        return ERROR(error);
    ds__object_add(r, DS__REQUEST);
    *request = HANDLE(MPI_Request, r);
    if (r->persistent)
        return MPI_SUCCESS;
    ds__mpi_post(r);
    if (r->with != NULL)
        ds__mpi_post(r->with);
    return MPI_SUCCESS;
}
