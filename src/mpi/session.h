/* Sessions: MPI without MPI_Init(), for parts of a program that know nothing of
 * each other, and the sets of processes that they begin with. */
#ifndef DS_MPI_SESSION_H
#define DS_MPI_SESSION_H

#include "mpi/comm.h"

typedef struct ds__session {
    ds__object object;
    ds__comm *comm; /* of this rank alone, without a handle, for its errors */
    int level;      /* of threads, a number of the ABI of its program */
} ds__session;

/* Opens one of this rank, with a handle, and closes it. */
ds__session *ds__session_new(ds__errhandler *errors);
void ds__session_free(ds__session *session);

enum { DS__SETS = 2 };

/* What set i is called, and its members; NULL: there is no such set. */
const char *ds__set_name(int i);
const ds__group *ds__set_group(const char *name);

#endif
