/* Whether accesses of windows touch the same bytes while they are under way.
 *
 * All ranks are in one process, and so all that they touch is a list of places
 * in one memory: the buffers of whoever makes an access, and what that touches
 * at its target, each until the epoch is over.  Two of them that share bytes,
 * of which one is written to, are a mistake, whichever came first today. */
#ifndef DS_MPI_OVERLAP_H
#define DS_MPI_OVERLAP_H

#include "mpi/access.h"

/* An access begins, by the running rank, with the lock that it has there. */
void ds__overlap_begin(const ds__win *win, const ds__access *access,
                       ds__lock_type lock, bool has_request);

/* Those of this member to one or, with -1, to all members are over. */
void ds__overlap_end(const ds__win *win, int target);

/* A message takes what is in a buffer, or puts something there. */
void ds__overlap_message(const ds__spot *spot, const void *buf, size_t n,
                         const ds__type *type, bool writes);

/* Notes that the program wrote to a buffer of its own that an access has. */
void ds__overlap_touched(const ds__spot *spot);

#endif
