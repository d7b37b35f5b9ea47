/* Each collective is there twice, as one that blocks and as one that does not;
 * they differ in whether there is a request. */
#ifndef DS_MPI_BIND_BOTH_H
#define DS_MPI_BIND_BOTH_H

#include "mpi/bind/abi.h"
#include "mpi/nonblocking.h"
#include "mpi/watch.h"

/* Defines both, by a call of what both do, which names c and request; all of
 * their parameters before the communicator are ARGS(...), or nothing. */
#define ARGS(...) __VA_ARGS__,
#define BOTH(name, iname, args, call)                                          \
    API int F(name)(args MPI_Comm comm)                                        \
    {                                                                          \
        MPI_Request *const request = NULL;                                     \
        ENTER(name);                                                           \
        NEED_COMM(c, comm);                                                    \
        return call;                                                           \
    }                                                                          \
    API int F(iname)(args MPI_Comm comm, MPI_Request * request)                \
    {                                                                          \
        ENTER(iname);                                                          \
        NEED_COMM(c, comm);                                                    \
        NEED_RESULT(c, request);                                               \
        return call;                                                           \
    }

/* Does it, or begins it if there is a request. */
static inline int begin_or_do(const ds__work *work, MPI_Request *request)
{
    if (request != NULL) {
        *request = HANDLE(MPI_Request, ds__work_start(work));
        return MPI_SUCCESS;
    }
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->collective(ds__me(), work);
    work->run(work);
    return MPI_SUCCESS;
}

/* Returns an error of the library if a count is less than nothing. */
static inline int check_counts(ds__comm *c, const int *counts)
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

#endif
