/* Collectives that block. */

#include <stdlib.h>

#include "mpi/bind/abi.h"

API int F(Barrier)(MPI_Comm comm)
{
    ENTER(Barrier);
    NEED_COMM(c, comm);
    ds__mpi_barrier(c);
    return MPI_SUCCESS;
}

API int F(Bcast)(void *buffer, int count, MPI_Datatype type, int root,
                 MPI_Comm comm)
{
    ENTER(Bcast);
    NEED_COMM(c, comm);
    NEED_COUNT(c, count);
    NEED_TYPE(c, t, type);
    NEED_ROOT(c, root);
    ds__mpi_bcast(c, buffer, (size_t)count, t, root);
    return MPI_SUCCESS;
}

/* ---- To one and from one --------------------------------------------------*/

/* Returns an error of the library if a count is less than nothing. */
static int check_counts(ds__comm *c, const int *counts)
{
    for (int i = 0; i < ds__comm_size(c); i++)
        if (counts[i] < 0)
            return ds__comm_fail(c, DS__ERR_COUNT,
                                 "a count of %d for rank %d; it is at least 0",
                                 counts[i], i);
    return DS__SUCCESS;
}

#define NEED_COUNTS(c, counts)                                                 \
    do {                                                                       \
        const int wrong_ = check_counts(c, counts);                            \
        if (wrong_ != DS__SUCCESS)                                             \
            return ERROR(wrong_);                                              \
    } while (0)

/* What only the root says is not looked at elsewhere; and a root that gives
 * nothing, since its piece is in place, has no type to say. */
static int gather(ds__comm *c, const void *sendbuf, int sendcount,
                  MPI_Datatype sendtype, ds__pieces *out, MPI_Datatype recvtype,
                  int root)
{
    const void *in = buffer_in(sendbuf);
    ds__type *type = NULL;

    NEED_ROOT(c, root);
    if (c->rank == root) {
        NEED_TYPE(c, t, recvtype);
        out->type = t;
        if (out->counts != NULL)
            NEED_COUNTS(c, out->counts);
    }
    if (in == DS__IN_PLACE && c->rank != root)
        FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is for the root alone");
    if (in != DS__IN_PLACE) {
        NEED_COUNT(c, sendcount);
        NEED_TYPE(c, t, sendtype);
        type = t;
    }
    ds__mpi_gather(c, in, (size_t)sendcount, type, out, root);
    return MPI_SUCCESS;
}

API int F(Gather)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                  void *recvbuf, int recvcount, MPI_Datatype recvtype, int root,
                  MPI_Comm comm)
{
    ds__pieces out = { .buf = recvbuf, .count = (size_t)recvcount };

    ENTER(Gather);
    NEED_COMM(c, comm);
    if (c->rank == root)
        NEED_COUNT(c, recvcount);
    return gather(c, sendbuf, sendcount, sendtype, &out, recvtype, root);
}

API int F(Gatherv)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                   void *recvbuf, const int recvcounts[], const int displs[],
                   MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    ds__pieces out = { .buf = recvbuf, .counts = recvcounts, .places = displs };

    ENTER(Gatherv);
    NEED_COMM(c, comm);
    return gather(c, sendbuf, sendcount, sendtype, &out, recvtype, root);
}

static int scatter(ds__comm *c, ds__pieces *in, MPI_Datatype sendtype,
                   void *recvbuf, int recvcount, MPI_Datatype recvtype,
                   int root)
{
    void *out = buffer_in(recvbuf);
    ds__type *type = NULL;

    NEED_ROOT(c, root);
    if (c->rank == root) {
        NEED_TYPE(c, t, sendtype);
        in->type = t;
        if (in->counts != NULL)
            NEED_COUNTS(c, in->counts);
    }
    if (out == DS__IN_PLACE && c->rank != root)
        FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is for the root alone");
    if (out != DS__IN_PLACE) {
        NEED_COUNT(c, recvcount);
        NEED_TYPE(c, t, recvtype);
        type = t;
    }
    ds__mpi_scatter(c, in, out, (size_t)recvcount, type, root);
    return MPI_SUCCESS;
}

API int F(Scatter)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                   void *recvbuf, int recvcount, MPI_Datatype recvtype,
                   int root, MPI_Comm comm)
{
    ds__pieces in = { .buf = (void *)sendbuf, .count = (size_t)sendcount };

    ENTER(Scatter);
    NEED_COMM(c, comm);
    if (c->rank == root)
        NEED_COUNT(c, sendcount);
    return scatter(c, &in, sendtype, recvbuf, recvcount, recvtype, root);
}

API int F(Scatterv)(const void *sendbuf, const int sendcounts[],
                    const int displs[], MPI_Datatype sendtype, void *recvbuf,
                    int recvcount, MPI_Datatype recvtype, int root,
                    MPI_Comm comm)
{
    ds__pieces in = { .buf = (void *)sendbuf,
                      .counts = sendcounts,
                      .places = displs };

    ENTER(Scatterv);
    NEED_COMM(c, comm);
    return scatter(c, &in, sendtype, recvbuf, recvcount, recvtype, root);
}

/* ---- To all ---------------------------------------------------------------*/

static int allgather(ds__comm *c, const void *sendbuf, int sendcount,
                     MPI_Datatype sendtype, ds__pieces *out,
                     MPI_Datatype recvtype)
{
    const void *in = buffer_in(sendbuf);
    ds__type *type = NULL;

    NEED_TYPE(c, to, recvtype);
    out->type = to;
    if (out->counts != NULL)
        NEED_COUNTS(c, out->counts);
    if (in != DS__IN_PLACE) {
        NEED_COUNT(c, sendcount);
        NEED_TYPE(c, t, sendtype);
        type = t;
    }
    ds__mpi_allgather(c, in, (size_t)sendcount, type, out);
    return MPI_SUCCESS;
}

API int F(Allgather)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                     void *recvbuf, int recvcount, MPI_Datatype recvtype,
                     MPI_Comm comm)
{
    ds__pieces out = { .buf = recvbuf, .count = (size_t)recvcount };

    ENTER(Allgather);
    NEED_COMM(c, comm);
    NEED_COUNT(c, recvcount);
    return allgather(c, sendbuf, sendcount, sendtype, &out, recvtype);
}

API int F(Allgatherv)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                      void *recvbuf, const int recvcounts[], const int displs[],
                      MPI_Datatype recvtype, MPI_Comm comm)
{
    ds__pieces out = { .buf = recvbuf, .counts = recvcounts, .places = displs };

    ENTER(Allgatherv);
    NEED_COMM(c, comm);
    return allgather(c, sendbuf, sendcount, sendtype, &out, recvtype);
}

static int alltoall(ds__comm *c, ds__pieces *in, MPI_Datatype sendtype,
                    ds__pieces *out, MPI_Datatype recvtype)
{
    NEED_TYPE(c, to, recvtype);
    out->type = to;
    if (out->counts != NULL)
        NEED_COUNTS(c, out->counts);
    if (in->buf != DS__IN_PLACE) {
        NEED_TYPE(c, from, sendtype);
        in->type = from;
        if (in->counts != NULL)
            NEED_COUNTS(c, in->counts);
    }
    ds__mpi_alltoall(c, in, out);
    return MPI_SUCCESS;
}

API int F(Alltoall)(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                    void *recvbuf, int recvcount, MPI_Datatype recvtype,
                    MPI_Comm comm)
{
    ds__pieces in = { .buf = buffer_in(sendbuf), .count = (size_t)sendcount };
    ds__pieces out = { .buf = recvbuf, .count = (size_t)recvcount };

    ENTER(Alltoall);
    NEED_COMM(c, comm);
    NEED_COUNT(c, recvcount);
    if (in.buf != DS__IN_PLACE)
        NEED_COUNT(c, sendcount);
    return alltoall(c, &in, sendtype, &out, recvtype);
}

API int F(Alltoallv)(const void *sendbuf, const int sendcounts[],
                     const int sdispls[], MPI_Datatype sendtype, void *recvbuf,
                     const int recvcounts[], const int rdispls[],
                     MPI_Datatype recvtype, MPI_Comm comm)
{
    ds__pieces in = { .buf = buffer_in(sendbuf),
                      .counts = sendcounts,
                      .places = sdispls };
    ds__pieces out = { .buf = recvbuf,
                       .counts = recvcounts,
                       .places = rdispls };

    ENTER(Alltoallv);
    NEED_COMM(c, comm);
    return alltoall(c, &in, sendtype, &out, recvtype);
}

/* ---- Reductions -----------------------------------------------------------*/

#define NEED_REDUCTION(c, r)                                                   \
    NEED_COUNT(c, count);                                                      \
    NEED_TYPE(c, t, type);                                                     \
    NEED_OP(c, o, op, t);                                                      \
    const ds__reduction r = { .in = buffer_in(sendbuf),                        \
                              .out = recvbuf,                                  \
                              .n = count,                                      \
                              .type = t,                                       \
                              .op = o }

API int F(Reduce)(const void *sendbuf, void *recvbuf, int count,
                  MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm)
{
    ENTER(Reduce);
    NEED_COMM(c, comm);
    NEED_ROOT(c, root);
    NEED_REDUCTION(c, r);
    if (r.in == DS__IN_PLACE && c->rank != root)
        FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is for the root alone");
    ds__mpi_reduce(c, &r, root);
    return MPI_SUCCESS;
}

API int F(Allreduce)(const void *sendbuf, void *recvbuf, int count,
                     MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    ENTER(Allreduce);
    NEED_COMM(c, comm);
    NEED_REDUCTION(c, r);
    ds__mpi_allreduce(c, &r);
    return MPI_SUCCESS;
}

API int F(Scan)(const void *sendbuf, void *recvbuf, int count,
                MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    ENTER(Scan);
    NEED_COMM(c, comm);
    NEED_REDUCTION(c, r);
    ds__mpi_scan(c, &r, false);
    return MPI_SUCCESS;
}

API int F(Exscan)(const void *sendbuf, void *recvbuf, int count,
                  MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    ENTER(Exscan);
    NEED_COMM(c, comm);
    NEED_REDUCTION(c, r);
    ds__mpi_scan(c, &r, true);
    return MPI_SUCCESS;
}

API int F(Reduce_scatter)(const void *sendbuf, void *recvbuf,
                          const int recvcounts[], MPI_Datatype type, MPI_Op op,
                          MPI_Comm comm)
{
    int count = 0;

    ENTER(Reduce_scatter);
    NEED_COMM(c, comm);
    NEED_COUNTS(c, recvcounts);
    for (int i = 0; i < ds__comm_size(c); i++)
        count += recvcounts[i];
    NEED_REDUCTION(c, r);
    ds__mpi_reduce_scatter(c, &r, recvcounts);
    return MPI_SUCCESS;
}

API int F(Reduce_scatter_block)(const void *sendbuf, void *recvbuf,
                                int recvcount, MPI_Datatype type, MPI_Op op,
                                MPI_Comm comm)
{
    ENTER(Reduce_scatter_block);
    NEED_COMM(c, comm);
    NEED_COUNT(c, recvcount);
    const int p = ds__comm_size(c);
    const int count = p * recvcount;
    NEED_REDUCTION(c, r);
    int *counts = ds__mpi_alloc((size_t)p, sizeof(*counts));
    for (int i = 0; i < p; i++)
        counts[i] = recvcount;
    ds__mpi_reduce_scatter(c, &r, counts);
    free(counts);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Allgather)                                                               \
    N(Allgatherv)                                                              \
    N(Allreduce)                                                               \
    N(Alltoall)                                                                \
    N(Alltoallv)                                                               \
    N(Barrier)                                                                 \
    N(Bcast)                                                                   \
    N(Exscan)                                                                  \
    N(Gather)                                                                  \
    N(Gatherv)                                                                 \
    N(Reduce)                                                                  \
    N(Reduce_scatter)                                                          \
    N(Reduce_scatter_block)                                                    \
    N(Scan)                                                                    \
    N(Scatter)                                                                 \
    N(Scatterv)
DEFINE_NAMES(coll_names, LIST)
