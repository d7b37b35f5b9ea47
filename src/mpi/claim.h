/* What members say of their collectives. */
#ifndef DS_MPI_CLAIM_H
#define DS_MPI_CLAIM_H

#include "mpi/agree.h"
#include "mpi/nonblocking.h"

/* Notes that this member makes a call, or ends the run. */
void ds__agree_on_work(const ds__work *work);

/* Fills in how many pieces it has. */
void ds__work_count(ds__work *work);

/* Whether what this member gives and what it gets certainly share bytes. */
bool ds__work_overlaps(const ds__work *work);

#endif
