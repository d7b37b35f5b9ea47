/* Two groups that meet: a communicator between them, and one of both. */
#ifndef DS_MPI_MEET_H
#define DS_MPI_MEET_H

#include "mpi/message.h"

/* What one who speaks for a group knows of the other's; elsewhere NULL. */
typedef struct ds__leader {
    ds__comm *peers; /* in which both are, or between whose groups */
    int remote;      /* the rank of the other there */
    int tag;
} ds__leader;

/* Makes one between the group of local, of which member leader speaks, and the
 * group that speaks by the other.  NULL: they have a member in common. */
ds__comm *ds__inter_create(ds__comm *local, int leader, const ds__leader *with);

/* Makes one of both groups, of which the one whose members say that they are
 * high comes last. */
ds__comm *ds__inter_merge(ds__comm *inter, bool high);

#endif
