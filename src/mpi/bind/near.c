/* Collectives among neighbours in a topology. */

#include "mpi/bind/both.h"
#include "mpi/near.h"

/* Pieces of one size, or of many, or one that is for all. */
static ds__pieces even(const void *buf, ds__num count, bool is_same)
{
    return (ds__pieces){
        .buf = buffer_in(buf),
        .count = (size_t)count,
        .is_same = is_same,
    };
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

static ds__pieces of_types(const void *buf, const ds__num *counts,
                           const MPI_Aint *places)
{
    return (ds__pieces){
        .buf = buffer_in(buf),
        .counts = counts_in(counts),
        .places = { places, sizeof(*places) },
    };
}

#define NEED_BUFFER(c, pieces)                                                 \
    if ((pieces).buf == DS__IN_PLACE)                                          \
    FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is for no collective of neighbours")

/* Checks pieces of n neighbours and gives them their type; returns an error of
 * the ABI. */
static int complete(ds__comm *c, ds__pieces *p, MPI_Datatype type, int n)
{
    NEED_BUFFER(c, *p);
    NEED_TYPE(c, t, type);
    if (p->counts.items != NULL)
        NEED_COUNTS(c, p->counts, n);
    else
        NEED_COUNT(c, (ds__num)p->count);
    p->type = t;
    return MPI_SUCCESS;
}

#define NEED_TOPOLOGY(c)                                                       \
    if (ds__near_count(c, true) < 0)                                           \
    FAIL(c, ERR_TOPOLOGY, "the communicator has no topology")

static int begin(ds__comm *c, ds__pieces in, MPI_Datatype sendtype,
                 ds__pieces out, MPI_Datatype recvtype, MPI_Request *request)
{
    int error;

    NEED_TOPOLOGY(c);
    error = complete(c, &in, sendtype, ds__near_count(c, false));
    if (error == MPI_SUCCESS)
        error = complete(c, &out, recvtype, ds__near_count(c, true));
    if (error != MPI_SUCCESS)
        return error;
    return begin_or_do(
        &(ds__work){ .run = ds__work_near, .comm = c, .in = in, .out = out },
        request);
}

BOTH(Neighbor_allgather, Ineighbor_allgather,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype),
     begin(c, even(sendbuf, sendcount, true), sendtype,
           even(recvbuf, recvcount, false), recvtype, request))

BOTH(Neighbor_allgatherv, Ineighbor_allgatherv,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, const ds__num recvcounts[], const ds__place displs[],
          MPI_Datatype recvtype),
     begin(c, even(sendbuf, sendcount, true), sendtype,
           uneven(recvbuf, recvcounts, displs), recvtype, request))

BOTH(Neighbor_alltoall, Ineighbor_alltoall,
     ARGS(const void *sendbuf, ds__num sendcount, MPI_Datatype sendtype,
          void *recvbuf, ds__num recvcount, MPI_Datatype recvtype),
     begin(c, even(sendbuf, sendcount, false), sendtype,
           even(recvbuf, recvcount, false), recvtype, request))

BOTH(Neighbor_alltoallv, Ineighbor_alltoallv,
     ARGS(const void *sendbuf, const ds__num sendcounts[],
          const ds__place sdispls[], MPI_Datatype sendtype, void *recvbuf,
          const ds__num recvcounts[], const ds__place rdispls[],
          MPI_Datatype recvtype),
     begin(c, uneven(sendbuf, sendcounts, sdispls), sendtype,
           uneven(recvbuf, recvcounts, rdispls), recvtype, request))

/* ---- Of many types --------------------------------------------------------*/

static int alltoallw(ds__comm *c, ds__pieces in, const MPI_Datatype *sendtypes,
                     ds__pieces out, const MPI_Datatype *recvtypes,
                     MPI_Request *request)
{
    const ds__work work = {
        .run = ds__work_near, .comm = c, .in = in, .out = out
    };

    NEED_TOPOLOGY(c);
    NEED_BUFFER(c, in);
    NEED_BUFFER(c, out);
    return do_of_types(&work, sendtypes, ds__near_count(c, false), recvtypes,
                       ds__near_count(c, true), request);
}

BOTH(Neighbor_alltoallw, Ineighbor_alltoallw,
     ARGS(const void *sendbuf, const ds__num sendcounts[],
          const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
          void *recvbuf, const ds__num recvcounts[], const MPI_Aint rdispls[],
          const MPI_Datatype recvtypes[]),
     alltoallw(c, of_types(sendbuf, sendcounts, sdispls), sendtypes,
               of_types(recvbuf, recvcounts, rdispls), recvtypes, request))

#define COUNTED(N)                                                             \
    N(Ineighbor_allgather)                                                     \
    N(Ineighbor_allgatherv)                                                    \
    N(Ineighbor_alltoall)                                                      \
    N(Ineighbor_alltoallv)                                                     \
    N(Ineighbor_alltoallw)                                                     \
    N(Neighbor_allgather)                                                      \
    N(Neighbor_allgather_init)                                                 \
    N(Neighbor_allgatherv)                                                     \
    N(Neighbor_allgatherv_init)                                                \
    N(Neighbor_alltoall)                                                       \
    N(Neighbor_alltoall_init)                                                  \
    N(Neighbor_alltoallv)                                                      \
    N(Neighbor_alltoallv_init)                                                 \
    N(Neighbor_alltoallw)                                                      \
    N(Neighbor_alltoallw_init)
#define LIST COUNTED
DEFINE_NAMES(near_names, LIST)
