/* What members say of their collectives. */
#ifndef DS_MPI_CLAIM_H
#define DS_MPI_CLAIM_H

#include "mpi/agree.h"
#include "mpi/nonblocking.h"

/* Notes that this member makes a call, or ends the run. */
void ds__agree_on_work(const ds__work *work);

#endif
