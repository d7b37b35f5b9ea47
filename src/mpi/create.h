/* Windows come and go by all of their members together. */
#ifndef DS_MPI_CREATE_H
#define DS_MPI_CREATE_H

#include "mpi/win.h"

/* All members of a communicator make one, whose memory begins at base, or is
 * made if it is allocated; of shared memory, the parts follow each other
 * without a gap if they are close.  NULL: there is no memory for it. */
ds__win *ds__win_new(ds__comm *comm, ds__flavor flavor, void *base, size_t size,
                     ptrdiff_t unit, bool close);

/* All members free it, when no epoch is open. */
void ds__win_free(ds__win *win);

#endif
