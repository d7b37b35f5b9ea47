/* Neighbours in a topology, and what is sent among them. */
#ifndef DS_MPI_NEAR_H
#define DS_MPI_NEAR_H

#include "mpi/nonblocking.h"

/* How many a member takes from, or gives to; -1: it has no topology. */
int ds__near_count(const ds__comm *comm, bool in);

/* Returns the rank of neighbour i; DS__PROC_NULL: there is none at that end. */
int ds__near_rank(const ds__comm *comm, bool in, int i);

/* Gives each neighbour its piece, and takes one from each. */
void ds__work_near(const ds__work *work);

#endif
