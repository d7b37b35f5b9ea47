/* Communicators between two groups. */

#include "mpi/agree.h"
#include "mpi/bind/abi.h"
#include "mpi/meet.h"

API int F(Comm_test_inter)(MPI_Comm comm, int *flag)
{
    ENTER(Comm_test_inter);
    NEED_COMM(c, comm);
    NEED_RESULT(c, flag);
    *flag = ds__comm_is_inter(c);
    return MPI_SUCCESS;
}

#define NEED_INTER(c)                                                          \
    if (!ds__comm_is_inter(c))                                                 \
    FAIL(c, ERR_COMM, "the communicator is of one group, not between two")

API int F(Comm_remote_size)(MPI_Comm comm, int *size)
{
    ENTER(Comm_remote_size);
    NEED_COMM(c, comm);
    NEED_INTER(c);
    NEED_RESULT(c, size);
    *size = ds__comm_peers(c);
    return MPI_SUCCESS;
}

API int F(Comm_remote_group)(MPI_Comm comm, MPI_Group *group)
{
    ENTER(Comm_remote_group);
    NEED_COMM(c, comm);
    NEED_INTER(c);
    NEED_RESULT(c, group);
    *group = HANDLE(MPI_Group, ds__group_copy(c->remote));
    return MPI_SUCCESS;
}

/* What is said of the peers is looked at where the leader is. */
API int F(Intercomm_create)(MPI_Comm local_comm, int local_leader,
                            MPI_Comm peer_comm, int remote_leader, int tag,
                            MPI_Comm *newintercomm)
{
    ds__leader with = { .remote = remote_leader, .tag = tag };

    ENTER(Intercomm_create);
    NEED_COMM(c, local_comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newintercomm);
    if (local_leader < 0 || local_leader >= ds__comm_size(c))
        FAIL(c, ERR_RANK, "a local leader of %d among %d ranks", local_leader,
             ds__comm_size(c));
    if (c->rank == local_leader) {
        with.peers = COMM(peer_comm);
        if (with.peers == NULL)
            FAIL(c, ERR_COMM,
                 "the communicator of the leaders is none, or it has been "
                 "freed");
        if (remote_leader < 0 || remote_leader >= ds__comm_peers(with.peers))
            FAIL(c, ERR_RANK, "a remote leader of %d among %d ranks",
                 remote_leader, ds__comm_peers(with.peers));
        if (tag < 0)
            FAIL(c, ERR_TAG, "a tag of %d; it is at least 0", tag);
    }
    ds__agree(c, &(ds__claim){ .root = local_leader });
    const ds__comm *made = ds__inter_create(
        c, local_leader, c->rank == local_leader ? &with : NULL);
    if (made == NULL)
        FAIL(c, ERR_COMM, "the two groups have a member in common");
    *newintercomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

API int F(Intercomm_merge)(MPI_Comm intercomm, int high, MPI_Comm *newintracomm)
{
    ENTER(Intercomm_merge);
    NEED_COMM(c, intercomm);
    NEED_INTER(c);
    NEED_RESULT(c, newintracomm);
    ds__agree_on_call(c);
    *newintracomm = ABI_NAME(comm_handle)(ds__inter_merge(c, high != 0));
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_remote_group)                                                       \
    N(Comm_remote_size)                                                        \
    N(Comm_test_inter)                                                         \
    N(Intercomm_create)                                                        \
    N(Intercomm_merge)
DEFINE_NAMES(inter_names, LIST)
