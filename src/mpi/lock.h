/* Locks of the memory that a member has in a window. */
#ifndef DS_MPI_LOCK_H
#define DS_MPI_LOCK_H

#include "mpi/win.h"

/* Asks a member for one and waits until it is granted; unless the program says
 * that it will be, when nothing is asked. */
void ds__lock_take(ds__win *win, int target, ds__lock_type type,
                   bool unchecked);

/* Gives a lock back, behind the accesses under it, whose answers are still to
 * be waited for. */
void ds__lock_give_back(ds__win *win, ds__peer *peer);

#endif
