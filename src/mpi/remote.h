/* What is done at another member of a window.
 *
 * The one idea: a message of a window is a function that runs where it arrives,
 * in a handler, whatever the rank there does.  Those that a member sends to
 * another one run in the order in which they were sent, on any network, unless
 * they are free to overtake. */
#ifndef DS_MPI_REMOTE_H
#define DS_MPI_REMOTE_H

#include "mpi/win.h"

/* Invariant: number 0 is that of one that may overtake others. */
typedef struct ds__remote ds__remote;
struct ds__remote {
    ds__early early;
    ds__win *win; /* where it runs */
    int from;     /* the member that sent it */

    /* Takes it over. */
    void (*run)(ds__remote *remote);

    /* Has arrived, but has to wait for others; or NULL. */
    void (*keep)(ds__remote *remote);
};

/* Readies a rank for windows; to be called before its first one. */
void ds__remote_open(ds__rank *me);

/* Sends it, so many bytes for the network, to a member, which may be the sender
 * and then runs it at once; by the rank of the window from, or by a handler of
 * that. */
void ds__remote_send(ds__win *from, int to, ds__remote *remote, size_t bytes,
                     bool may_overtake);

/* A message of no bytes that only says something. */
void ds__remote_tell(ds__win *from, int to, void (*run)(ds__remote *remote),
                     bool may_overtake);

/* Tells the sender of a message that was run that it is answered; then there is
 * one answer less to wait for.  Takes the message over. */
void ds__remote_answer(ds__remote *remote, size_t bytes,
                       void (*run)(ds__remote *remote));

/* What an answer without a meaning of its own does. */
void ds__remote_answered(ds__remote *remote);

#endif
