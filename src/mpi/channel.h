/* Lanes: the members that the algorithms of src/coll work among.
 *
 * The ranks of a communicator share one for the calls that block, and one for
 * each call that does not and is not done.  Whoever comes first makes it, or
 * takes one that the same ranks do not need any more, since what lies at a
 * network stays as long as that. */
#ifndef DS_MPI_CHANNEL_H
#define DS_MPI_CHANNEL_H

#include <distsys/comm.h>

#include "mpi/comm.h"

/* Returns the lane of a call of a communicator, the same for all its ranks; 0:
 * of all those that block.  Each rank takes it once. */
ds__lane *ds__lane_take(const ds__comm *comm, unsigned call);

/* Ends to use it; when all have done so it serves others. */
void ds__lane_release(const ds__comm *comm, ds__lane *lane);

/* Counts a call of a communicator, and returns this rank's member of its lane.
 */
ds_comm *ds__comm_member(ds__comm *comm);

#endif
