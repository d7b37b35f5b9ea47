/* When a member of a window may access others, and when what it has done there
 * is complete.  What is wrong is said, and returned as an error. */
#ifndef DS_MPI_EPOCH_H
#define DS_MPI_EPOCH_H

#include "mpi/win.h"

/* Whether an access to a member is allowed now; in the epoch of a lock of all
 * it waits for the lock of a member that has not been accessed in it.  A
 * negative one is none. */
int ds__epoch_allow(ds__win *win, int target, bool is_flush);

/* Closes that of a fence if nothing was accessed in it; an error if any is open
 * then. */
int ds__epoch_close_fence(ds__win *win);

/* An error if there are other assertions than those that are allowed. */
int ds__epoch_assert(ds__win *win, int assertions, int allowed);

/* All members complete their accesses, and then come together. */
int ds__epoch_fence(ds__win *win, int assertions);

/* The members of a group may access this one, until all have said that they are
 * done. */
int ds__epoch_post(ds__win *win, const ds__group *group, int assertions);
int ds__epoch_wait(ds__win *win);
int ds__epoch_test(ds__win *win, bool *done);

/* This member accesses those of a group, and tells them that it is done. */
int ds__epoch_start(ds__win *win, const ds__group *group, int assertions);
int ds__epoch_complete(ds__win *win);

/* A negative target is none. */
int ds__epoch_lock(ds__win *win, int target, ds__lock_type type,
                   int assertions);
int ds__epoch_unlock(ds__win *win, int target);
int ds__epoch_lock_all(ds__win *win, int assertions);
int ds__epoch_unlock_all(ds__win *win);

/* Returns an error if the window cannot be freed now. */
int ds__epoch_end(ds__win *win);

#endif
