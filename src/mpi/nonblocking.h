/* Collectives that do not block: each is the one that blocks, on a thread that
 * is made for it. */
#ifndef DS_MPI_NONBLOCKING_H
#define DS_MPI_NONBLOCKING_H

#include "mpi/coll.h"

typedef struct ds__work ds__work;

/* A collective with its arguments; which of them it has is its own matter. */
struct ds__work {
    void (*run)(const ds__work *work);
    ds__comm *comm;
    ds__pieces in;
    ds__pieces out;
    const ds__op *op; /* or NULL */
    int root;
    int num_in;  /* pieces of this member that are its own to be read, */
    int num_out; /* or written; 0: none, or nobody looks at them */
};

/* What run may be.  A reduction has one piece to give and one to get, of the
 * type of the latter; of one that is scattered, out has the parts. */
void ds__work_barrier(const ds__work *work);
void ds__work_bcast(const ds__work *work); /* of what is in out */
void ds__work_gather(const ds__work *work);
void ds__work_scatter(const ds__work *work);
void ds__work_gatherv(const ds__work *work);
void ds__work_scatterv(const ds__work *work);
void ds__work_allgather(const ds__work *work);
void ds__work_alltoall(const ds__work *work);
void ds__work_reduce(const ds__work *work);
void ds__work_allreduce(const ds__work *work);
void ds__work_scan(const ds__work *work);
void ds__work_exscan(const ds__work *work);
void ds__work_reduce_scatter(const ds__work *work);

/* The part of a member of whom the collective wants nothing. */
void ds__work_outside(const ds__work *work);

/* Begins one, and returns a request that is done when the member has done its
 * part.  Types, operator, communicator and lists of counts may go meanwhile,
 * buffers may not.  All members begin them, and those that block, in the same
 * order. */
ds__request *ds__work_start(const ds__work *work);

/* The same of one that ds__mpi_post() begins each time; all members prepare
 * them in the same order, and begin them in any. */
ds__request *ds__work_prepare(const ds__work *work);

#endif
