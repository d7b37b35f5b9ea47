/* Accesses of one epoch that must not touch the same bytes. */
#ifndef DS_MPI_CONFLICT_H
#define DS_MPI_CONFLICT_H

#include "mpi/access.h"
#include "mpi/spot.h"

/* Notes what is done to the memory of a window between two fences, of which the
 * first one has that number, and tells what it is in conflict with. */
void ds__conflict_note(ds__win *target, unsigned fence,
                       const ds__access *access, const ds__spot *spot);

#endif
