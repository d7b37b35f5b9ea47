/* Communicators made of others, by all of their members together. */
#ifndef DS_MPI_SPLIT_H
#define DS_MPI_SPLIT_H

#include "mpi/message.h"

/* One for each color, with its members in the order of their keys, then of
 * their ranks; NULL for those whose color is DS__UNDEFINED, and, between
 * groups, for those whose color nobody on the other side has. */
ds__comm *ds__comm_split(ds__comm *parent, int color, int key);

/* The same members in the same order and topology, and messages kept apart. */
ds__comm *ds__comm_dup(ds__comm *parent);

/* One of the members of a group, who all give the same one; NULL for others.
 * Between groups all of a side give the same one of theirs. */
ds__comm *ds__comm_create(ds__comm *parent, const ds__group *group);

/* The same by those members alone, who name it by a tag. */
ds__comm *ds__comm_create_group(ds__comm *parent, const ds__group *group,
                                int tag);

/* A duplicate that may be used when all have come, which *request waits for. */
ds__comm *ds__comm_idup(ds__comm *parent, ds__request **request);

#endif
