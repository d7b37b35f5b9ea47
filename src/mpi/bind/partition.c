/* Messages in partitions. */

#include "mpi/bind/message.h"
#include "mpi/partition.h"

/* Elements of all partitions together. */
static int begin(const ABI_NAME(arguments) * each, int partitions,
                 MPI_Request *request)
{
    ds__comm *world = ds__me()->world;
    ABI_NAME(arguments) all = *each;
    int error;

    NEED_RESULT(world, request);
    if (partitions < 0)
        FAIL(world, ERR_ARG, "%d partitions; there are at least 0", partitions);
    if (partitions > 0 && each->count > INT64_MAX / partitions)
        FAIL(world, ERR_COUNT, "%d partitions of %lld elements are too many",
             partitions, each->count);
    if (!each->is_send && each->peer == MPI_ANY_SOURCE)
        FAIL(world, ERR_RANK, "partitions come from one rank, not from any");
    if (!each->is_send && each->tag == MPI_ANY_TAG)
        FAIL(world, ERR_TAG, "partitions come with one tag, not with any");
    all.count = each->count < 0 ? each->count : each->count * partitions;
    ds__request *r = ABI_NAME(message)(&all, &error);
    if (r != NULL)
        ds__partition_make(r, partitions);
    return ABI_NAME(begin)(r, error, request);
}

API int F(Psend_init)(const void *buf, int partitions, MPI_Count count,
                      MPI_Datatype type, int dest, int tag, MPI_Comm comm,
                      MPI_Info info, MPI_Request *request)
{
    ENTER(Psend_init);
    return begin(SEND(DS__STANDARD, buf, count, type, dest, tag, comm),
                 partitions, request);
}

API int F(Precv_init)(void *buf, int partitions, MPI_Count count,
                      MPI_Datatype type, int source, int tag, MPI_Comm comm,
                      MPI_Info info, MPI_Request *request)
{
    ENTER(Precv_init);
    return begin(RECEIVE(buf, count, type, source, tag, comm), partitions,
                 request);
}

/* ---- Readiness ------------------------------------------------------------*/

#define NEED_PARTITIONED(r, handle, what)                                      \
    ds__request *const r = REQUEST(handle);                                    \
    if (r == NULL || r->parts == NULL)                                         \
    FAIL(ds__me()->world, ERR_REQUEST, what)

#define NEED_PARTITION(r, i)                                                   \
    if ((i) < 0 || (i) >= (r)->parts->n)                                       \
    FAIL((r)->comm, ERR_ARG, "partition %d among %d, which count from 0", i,   \
         (r)->parts->n)

/* The message may leave with the last one, and the request is active all the
 * time. */
static int make_ready(MPI_Request request, int i)
{
    NEED_PARTITIONED(r, request, "this is no send in partitions");
    if (!r->is_send)
        FAIL(r->comm, ERR_REQUEST,
             "partitions of a receive are not made "
             "ready, but arrive");
    if (!r->active)
        FAIL(r->comm, ERR_REQUEST, "the request has not been started");
    NEED_PARTITION(r, i);
    if (r->parts->left == 0 || r->parts->ready[i])
        FAIL(r->comm, ERR_ARG, "partition %d was ready before", i);
    ds__partition_ready(r, i);
    return MPI_SUCCESS;
}

API int F(Pready)(int partition, MPI_Request request)
{
    ENTER(Pready);
    return make_ready(request, partition);
}

API int F(Pready_range)(int partition_low, int partition_high,
                        MPI_Request request)
{
    int error = MPI_SUCCESS;

    ENTER(Pready_range);
    for (int i = partition_low; i <= partition_high && error == MPI_SUCCESS;
         i++)
        error = make_ready(request, i);
    return error;
}

API int F(Pready_list)(int length, const int partitions[], MPI_Request request)
{
    int error = MPI_SUCCESS;

    ENTER(Pready_list);
    NEED_COUNT(ds__me()->world, length);
    for (int i = 0; i < length && error == MPI_SUCCESS; i++)
        error = make_ready(request, partitions[i]);
    return error;
}

/* All of them arrive together. */
API int F(Parrived)(MPI_Request request, int partition, int *flag)
{
    ds__rank *me = ENTER(Parrived);

    NEED_RESULT(me->world, flag);
    NEED_PARTITIONED(r, request, "this is no receive in partitions");
    if (r->is_send)
        FAIL(r->comm, ERR_REQUEST, "partitions of a send do not arrive here");
    NEED_PARTITION(r, partition);
    *flag = !r->active || ds__mpi_look(me, &r, 1, 1);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Parrived)                                                                \
    N(Pready)                                                                  \
    N(Pready_list)                                                             \
    N(Pready_range)                                                            \
    N(Precv_init)                                                              \
    N(Psend_init)
DEFINE_NAMES(partition_names, LIST)
