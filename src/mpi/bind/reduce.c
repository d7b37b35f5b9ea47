/* Collectives that reduce. */

#include "mpi/bind/both.h"

/* What all of them say. */
typedef struct arguments {
    const void *sendbuf;
    void *recvbuf;
    MPI_Datatype type;
    MPI_Op op;
} arguments;

#define REDUCTION                                                              \
    &(arguments)                                                               \
    {                                                                          \
        sendbuf, recvbuf, type, op                                             \
    }

static int reduce(ds__comm *c, void (*run)(const ds__work *),
                  const arguments *a, ds__num count, const ds__num *counts,
                  int root_, MPI_Request *request)
{
    const void *in = buffer_in(a->sendbuf);
    const bool has_root = run == ds__work_reduce;

    NEED_ROOT(c, root, part, request);
    if (run == ds__work_scan || run == ds__work_exscan)
        NEED_INTRA(c);
    if (counts != NULL)
        NEED_COUNTS(c, counts_in(counts), ds__comm_size(c));
    NEED_COUNT(c, count);
    NEED_TYPE(c, t, a->type);
    NEED_OP(c, o, a->op, t);
    NEED_DATA(c, a->recvbuf, !has_root || is_root(part) ? count : 0, t);
    if (in != DS__IN_PLACE)
        NEED_DATA(c, in, is_member(part) ? count : 0, t);
    if (in == DS__IN_PLACE && is_member(part) && ds__comm_is_inter(c))
        FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is not for two groups");
    if (in == DS__IN_PLACE && has_root && part == MEMBER)
        FAIL(c, ERR_BUFFER, "MPI_IN_PLACE is for the root alone");
    return begin_or_do(&(ds__work){ .run = run,
                                    .comm = c,
                                    .in.buf = (void *)in,
                                    .out = { .buf = a->recvbuf,
                                             .count = (size_t)count,
                                             .counts = counts_in(counts),
                                             .type = t },
                                    .op = o,
                                    .root = root },
                       request);
}

BOTH(Reduce, Ireduce,
     ARGS(const void *sendbuf, void *recvbuf, ds__num count, MPI_Datatype type,
          MPI_Op op, int root),
     reduce(c, ds__work_reduce, REDUCTION, count, NULL, root, request))

BOTH(Allreduce, Iallreduce,
     ARGS(const void *sendbuf, void *recvbuf, ds__num count, MPI_Datatype type,
          MPI_Op op),
     reduce(c, ds__work_allreduce, REDUCTION, count, NULL, 0, request))

BOTH(Scan, Iscan,
     ARGS(const void *sendbuf, void *recvbuf, ds__num count, MPI_Datatype type,
          MPI_Op op),
     reduce(c, ds__work_scan, REDUCTION, count, NULL, 0, request))

BOTH(Exscan, Iexscan,
     ARGS(const void *sendbuf, void *recvbuf, ds__num count, MPI_Datatype type,
          MPI_Op op),
     reduce(c, ds__work_exscan, REDUCTION, count, NULL, 0, request))

BOTH(Reduce_scatter, Ireduce_scatter,
     ARGS(const void *sendbuf, void *recvbuf, const ds__num recvcounts[],
          MPI_Datatype type, MPI_Op op),
     reduce(c, ds__work_reduce_scatter, REDUCTION, 0, recvcounts, 0, request))

BOTH(Reduce_scatter_block, Ireduce_scatter_block,
     ARGS(const void *sendbuf, void *recvbuf, ds__num recvcount,
          MPI_Datatype type, MPI_Op op),
     reduce(c, ds__work_reduce_scatter, REDUCTION, recvcount, NULL, 0, request))

#define COUNTED(N)                                                             \
    N(Allreduce)                                                               \
    N(Allreduce_init)                                                          \
    N(Exscan)                                                                  \
    N(Exscan_init)                                                             \
    N(Iallreduce)                                                              \
    N(Iexscan)                                                                 \
    N(Ireduce)                                                                 \
    N(Ireduce_scatter)                                                         \
    N(Ireduce_scatter_block)                                                   \
    N(Iscan)                                                                   \
    N(Reduce)                                                                  \
    N(Reduce_init)                                                             \
    N(Reduce_scatter)                                                          \
    N(Reduce_scatter_init)                                                     \
    N(Reduce_scatter_block)                                                    \
    N(Reduce_scatter_block_init)                                               \
    N(Scan)                                                                    \
    N(Scan_init)
#define LIST COUNTED
DEFINE_NAMES(reduce_names, LIST)
