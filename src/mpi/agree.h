/* Whether the members of a communicator make the same collective calls.
 *
 * The first of them to make a call leaves a record of what it said, and the
 * others compare; so a call that fits no other is told when it is made, and not
 * by what it does to messages. */
#ifndef DS_MPI_AGREE_H
#define DS_MPI_AGREE_H

#include "mpi/comm.h"
#include "mpi/list.h"
#include "mpi/op.h"

/* What has to be the same; what is left out has not. */
typedef struct ds__claim {
    int root; /* -1: none */
    const ds__op *op;
    const ds__type *type;
    size_t count; /* of that type */
    bool uneven;  /* counts may differ, and only the kind of type is the same */
    ds__list counts; /* of each member, or none */
} ds__claim;

/* Notes that this member makes a call, or ends the run. */
void ds__agree(ds__comm *comm, const ds__claim *claim);
void ds__agree_on_call(ds__comm *comm); /* that says nothing else */

/* Keeps what was said as long as somebody is in it; or NULL. */
ds__agreed *ds__agree_hold(ds__agreed *record);
void ds__agree_release(ds__agreed *record);

/* Adds which members have not come to a collective that this thread waits in,
 * if there are any.  Returns the first of them as a rank of the world, or -1.
 */
int ds__agree_add_absent(const ds__thread *thread, ds__text *text);

/* Forgets where a communicator that goes stands. */
void ds__agree_leave(ds__comm *comm);

#endif
