/* Collectives that move elements. */

#include "mpi/bind/both.h"

#ifndef DS_LARGE
static int barrier(ds__comm *c, MPI_Request *request)
{
    return begin_or_do(&(ds__work){ .run = ds__work_barrier, .comm = c },
                       request);
}

BOTH(Barrier, Ibarrier, , barrier(c, request))
#endif

static int bcast(ds__comm *c, void *buffer, ds__num count, MPI_Datatype type,
                 int root_, MPI_Request *request)
{
    NEED_ROOT(c, root, part, request);
    ds__work w = { .run = ds__work_bcast, .comm = c, .root = root };

    NEED_COUNT(c, count);
    NEED_TYPE(c, t, type);
    NEED_DATA(c, buffer, count, t);
    w.out = (ds__pieces){ .buf = buffer, .count = (size_t)count, .type = t };
    return begin_or_do(&w, request);
}

BOTH(Bcast, Ibcast,
     ARGS(void *buffer, ds__num count, MPI_Datatype type, int root),
     bcast(c, buffer, count, type, root, request))

/* ---- Pieces ---------------------------------------------------------------*/

/* Elements that follow each other, of each member or of one. */
static ds__pieces even(const void *buf, ds__num count)
{
    return (ds__pieces){ .buf = buffer_in(buf), .count = (size_t)count };
}

static ds__pieces uneven(const void *buf, const ds__num *counts,
                         const ds__place *places)
{
    return (ds__pieces){
        .buf = buffer_in(buf),
        .counts = counts_in(counts),
        .places = places_in(places),
    };
}

/* Checks some and gives them their type; returns an error of the ABI. */
static int complete(ds__comm *c, ds__pieces *p, MPI_Datatype type)
{
    NEED_TYPE(c, t, type);
    if (p->counts.items != NULL)
        NEED_COUNTS(c, p->counts, ds__comm_peers(c));
    else
        NEED_COUNT(c, (ds__num)p->count);
    NEED_DATA(c, p->buf, p->counts.items == NULL ? p->count : 0, t);
    p->type = t;
    return MPI_SUCCESS;
}

#define COMPLETE(c, pieces, type)                                              \
    do {                                                                       \
        const int wrong_ = complete(c, pieces, type);                          \
        if (wrong_ != MPI_SUCCESS)                                             \
            return wrong_;                                                     \
    } while (0)

/* There is a place in a buffer of the root's own, and in no other. */
#define NEED_PLACE(c, pieces, may_be_in_place)                                 \
    if ((pieces).buf == DS__IN_PLACE && !(may_be_in_place))                    \
    FAIL(c, ERR_BUFFER,                                                        \
         ds__comm_is_inter(c) ? "MPI_IN_PLACE is not for two groups"           \
                              : "MPI_IN_PLACE is for the root alone")

/* ---- To one and from one --------------------------------------------------*/

/* What only the root says is not looked at elsewhere; and a root that gives
 * nothing, since its piece is in place, has no type to say. */
static int gather(ds__comm *c, void (*run)(const ds__work *), ds__pieces in,
                  MPI_Datatype sendtype, ds__pieces out, MPI_Datatype recvtype,
                  int root_, MPI_Request *request)
{
    NEED_ROOT(c, root, part, request);
    ds__work w = { .run = run, .comm = c, .root = root };

    if (is_root(part)) {
        COMPLETE(c, &out, recvtype);
        w.out = out;
    }
    if (is_member(part)) {
        NEED_PLACE(c, in, part == ROOT_AND_MEMBER);
        if (in.buf != DS__IN_PLACE)
            COMPLETE(c, &in, sendtype);
        w.in = in;
    }
    return begin_or_do(&w, request);
}

BOTH(Gather, Igather,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype, int root),
     gather(c, ds__work_gather, even(sendbuf, sendcount), sendtype,
            even(recvbuf, recvcount), recvtype, root, request))

BOTH(Gatherv, Igatherv,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, const ds__num recvcounts[], const ds__place displs[],
          MPI_Datatype recvtype, int root),
     gather(c, ds__work_gatherv, even(sendbuf, sendcount), sendtype,
            uneven(recvbuf, recvcounts, displs), recvtype, root, request))

static int scatter(ds__comm *c, void (*run)(const ds__work *), ds__pieces in,
                   MPI_Datatype sendtype, ds__pieces out, MPI_Datatype recvtype,
                   int root_, MPI_Request *request)
{
    NEED_ROOT(c, root, part, request);
    ds__work w = { .run = run, .comm = c, .root = root };

    if (is_root(part)) {
        COMPLETE(c, &in, sendtype);
        w.in = in;
    }
    if (is_member(part)) {
        NEED_PLACE(c, out, part == ROOT_AND_MEMBER);
        if (out.buf != DS__IN_PLACE)
            COMPLETE(c, &out, recvtype);
        w.out = out;
    }
    return begin_or_do(&w, request);
}

BOTH(Scatter, Iscatter,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype, int root),
     scatter(c, ds__work_scatter, even(sendbuf, sendcount), sendtype,
             even(recvbuf, recvcount), recvtype, root, request))

BOTH(Scatterv, Iscatterv,
     ARGS(const void *sendbuf, const ds__num sendcounts[],
          const ds__place displs[], MPI_Datatype sendtype, void *recvbuf,
          ds__num recvcount, MPI_Datatype recvtype, int root),
     scatter(c, ds__work_scatterv, uneven(sendbuf, sendcounts, displs),
             sendtype, even(recvbuf, recvcount), recvtype, root, request))

/* ---- To all ---------------------------------------------------------------*/

static int to_all(ds__comm *c, void (*run)(const ds__work *), ds__pieces in,
                  MPI_Datatype sendtype, ds__pieces out, MPI_Datatype recvtype,
                  MPI_Request *request)
{
    NEED_PLACE(c, in, !ds__comm_is_inter(c));
    COMPLETE(c, &out, recvtype);
    if (in.buf != DS__IN_PLACE)
        COMPLETE(c, &in, sendtype);
    else
        in = (ds__pieces){ .buf = in.buf }; /* the rest means nothing */
    return begin_or_do(
        &(ds__work){ .run = run, .comm = c, .in = in, .out = out }, request);
}

BOTH(Allgather, Iallgather,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype),
     to_all(c, ds__work_allgather, even(sendbuf, sendcount), sendtype,
            even(recvbuf, recvcount), recvtype, request))

BOTH(Allgatherv, Iallgatherv,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, const ds__num recvcounts[], const ds__place displs[],
          MPI_Datatype recvtype),
     to_all(c, ds__work_allgather, even(sendbuf, sendcount), sendtype,
            uneven(recvbuf, recvcounts, displs), recvtype, request))

BOTH(Alltoall, Ialltoall,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype),
     to_all(c, ds__work_alltoall, even(sendbuf, sendcount), sendtype,
            even(recvbuf, recvcount), recvtype, request))

BOTH(Alltoallv, Ialltoallv,
     ARGS(const void *sendbuf, const ds__num sendcounts[],
          const ds__place sdispls[], MPI_Datatype sendtype, void *recvbuf,
          const ds__num recvcounts[], const ds__place rdispls[],
          MPI_Datatype recvtype),
     to_all(c, ds__work_alltoall, uneven(sendbuf, sendcounts, sdispls),
            sendtype, uneven(recvbuf, recvcounts, rdispls), recvtype, request))

/* ---- All to all of many types ---------------------------------------------*/

static int alltoallw(ds__comm *c, ds__pieces in, const MPI_Datatype *sendtypes,
                     ds__pieces out, const MPI_Datatype *recvtypes,
                     MPI_Request *request)
{
    const int p = ds__comm_peers(c);
    const ds__work work = {
        .run = ds__work_alltoall, .comm = c, .in = in, .out = out
    };

    NEED_PLACE(c, in, !ds__comm_is_inter(c));
    return do_of_types(&work, sendtypes, p, recvtypes, p, request);
}

BOTH(Alltoallw, Ialltoallw,
     ARGS(const void *sendbuf, const ds__num sendcounts[],
          const ds__place sdispls[], const MPI_Datatype sendtypes[],
          void *recvbuf, const ds__num recvcounts[], const ds__place rdispls[],
          const MPI_Datatype recvtypes[]),
     alltoallw(c, uneven(sendbuf, sendcounts, sdispls), sendtypes,
               uneven(recvbuf, recvcounts, rdispls), recvtypes, request))

#define COUNTED(N)                                                             \
    N(Allgather)                                                               \
    N(Allgather_init)                                                          \
    N(Allgatherv)                                                              \
    N(Allgatherv_init)                                                         \
    N(Alltoall)                                                                \
    N(Alltoall_init)                                                           \
    N(Alltoallv)                                                               \
    N(Alltoallv_init)                                                          \
    N(Alltoallw)                                                               \
    N(Alltoallw_init)                                                          \
    N(Bcast)                                                                   \
    N(Bcast_init)                                                              \
    N(Gather)                                                                  \
    N(Gather_init)                                                             \
    N(Gatherv)                                                                 \
    N(Gatherv_init)                                                            \
    N(Iallgather)                                                              \
    N(Iallgatherv)                                                             \
    N(Ialltoall)                                                               \
    N(Ialltoallv)                                                              \
    N(Ialltoallw)                                                              \
    N(Ibcast)                                                                  \
    N(Igather)                                                                 \
    N(Igatherv)                                                                \
    N(Iscatter)                                                                \
    N(Iscatterv)                                                               \
    N(Scatter)                                                                 \
    N(Scatter_init)                                                            \
    N(Scatterv)                                                                \
    N(Scatterv_init)

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Barrier)                                                                 \
    N(Barrier_init)                                                            \
    N(Ibarrier)
DEFINE_NAMES(coll_names, LIST)
