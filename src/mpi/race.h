/* Whether it is chance which message a receive from anybody gets.
 *
 * A receive that names no source, or no tag, has got one message, and a later
 * receive of the same rank gets another one that would have fitted the first,
 * too.  If whoever sent that did not know, when it did, that the first receive
 * was over, the two may come the other way around on another day.  Whether a
 * sender knew is told by clocks: each rank counts its open receives, messages
 * carry what their sender knows of all of these counts, and whoever receives
 * one knows it, too.  Until there is an open receive there are no clocks. */
#ifndef DS_MPI_RACE_H
#define DS_MPI_RACE_H

#include "mpi/rank.h"

/* What somebody knows; it does not change, and is shared. */
typedef struct ds__knowledge ds__knowledge;

/* What the running rank knows, held; NULL: nothing. */
ds__knowledge *ds__race_tell(void);
void ds__race_release(ds__knowledge *k); /* or NULL */

/* One message has been received; its sender in the communicator and tag are in
 * the key of message. */
typedef struct ds__received {
    ds__match_key receive;
    ds__match_key message;
    uint64_t number; /* of the receive, in the order of posting */
    ds__spot spot;   /* of the receive */
    int source;      /* of the world */
} ds__received;

/* Notes that a rank's receive has got a message whose sender knew k.  Returns
 * which open receive of the rank it is, from 1; 0: it is none. */
size_t ds__race_match(int rank, const ds__received *received,
                      const ds__knowledge *k);

/* The running rank has seen that an open receive of a rank is over, unless it
 * is 0, and knows what the sender of a message knew. */
void ds__race_learn(int rank, size_t open, const ds__knowledge *k);

/* The same by other means than messages, such as windows: it may know of all.
 */
void ds__race_learn_all(void);

/* Notes that a receive of a rank got nothing, if an open one before it got what
 * it would have got, and might have got something else. */
void ds__race_stuck(const ds__rank *r, const ds__match *stuck,
                    const ds__spot *spot);

#endif
