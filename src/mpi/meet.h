/* Groups that meet: a communicator of one, between two of them, or of both. */
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

/* Make one of a group, or between two of them, of members who name it by a text
 * and have no other communicator; remote is the rank of the other leader in his
 * group.  None of the groups is empty. */
ds__comm *ds__comm_from_group(const ds__group *group, const char *name);
ds__comm *ds__inter_from_groups(const ds__group *group, int leader,
                                const ds__group *others, int remote,
                                const char *name);

/* Makes one of both groups, of which the one whose members say that they are
 * high comes last. */
ds__comm *ds__inter_merge(ds__comm *inter, bool high);

#endif
