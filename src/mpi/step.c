/* Messages of collectives go in a context of their own, under the number of the
 * call, so that those of different calls never meet. */

#include "mpi/step.h"

#include <assert.h>

#include "mpi/call.h"
#include "mpi/request.h"

/* Of each of the two. */
enum { TAGS = 1 << 30 };

ds__mpi_call ds__mpi_call_tagged(ds__comm *comm, int tag)
{
    return (ds__mpi_call){
        .comm = comm,
        .rank = comm->rank,
        .size = ds__comm_size(comm),
        .peers = ds__comm_peers(comm),
        .tag = TAGS + tag % TAGS,
    };
}

ds__mpi_call ds__mpi_call_begin(ds__comm *comm)
{
    return (ds__mpi_call){
        .comm = comm,
        .rank = comm->rank,
        .size = ds__comm_size(comm),
        .peers = ds__comm_peers(comm),
        .tag = (int)(comm->calls++ % TAGS),
    };
}

ds__request *ds__mpi_step_post(const ds__mpi_call *call, bool is_send,
                               const void *buf, size_t n, ds__type *type,
                               int peer)
{
    ds__request *r = ds__request_new(is_send, buf, n, type, peer, call->tag,
                                     call->comm, DS__STANDARD);

    assert(peer >= 0 && peer < call->peers);
    r->context = call->comm->context + 1;
    ds__mpi_post(r);
    return r;
}

/* A member that gives more than another one takes: they do not agree. */
static void finish(const ds__mpi_call *call, ds__request *r)
{
    ds__status status;

    ds__mpi_await(r, &status);
    if (status.error != DS__SUCCESS)
        ds__mpi_die(status.error,
                    "%s: rank %d of the communicator sends more than this one "
                    "expects; all must agree on counts and types",
                    ds__error_name(status.error), status.source);
}

void ds__mpi_step_send(const ds__mpi_call *call, const void *buf, size_t n,
                       ds__type *type, int to)
{
    finish(call, ds__mpi_step_post(call, true, buf, n, type, to));
}

void ds__mpi_step_receive(const ds__mpi_call *call, void *buf, size_t n,
                          ds__type *type, int from)
{
    finish(call, ds__mpi_step_post(call, false, buf, n, type, from));
}

void ds__mpi_step_swap(const ds__mpi_call *call, const void *out, size_t n,
                       ds__type *out_type, int to, void *in, size_t m,
                       ds__type *in_type, int from)
{
    ds__request *r = ds__mpi_step_post(call, false, in, m, in_type, from);

    ds__mpi_step_send(call, out, n, out_type, to);
    finish(call, r);
}

void ds__mpi_step_wait(const ds__mpi_call *call, ds__request **requests,
                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (requests[i] != NULL)
            finish(call, requests[i]);
}

char *ds__mpi_scratch(size_t n, const ds__type *type, void **room)
{
    ptrdiff_t low;
    ptrdiff_t high;
    const size_t elements = n > 0 ? n - 1 : 0;
    const size_t step =
        (size_t)(type->extent < 0 ? -type->extent : type->extent);

    /* Operators see whole elements, also what is not sent of them. */
    ds__type_true(type, &low, &high);
    if (low > type->lb)
        low = type->lb;
    if (high < type->lb + type->extent)
        high = type->lb + type->extent;
    const size_t before =
        type->extent < 0 ? elements * step : 0; /* they go down */
    char *memory = ds__mpi_room((size_t)(high - low) + elements * step);
    *room = memory;
    return memory + before - low;
}
