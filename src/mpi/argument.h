/* What arguments have to be, for all calls alike: each of these returns an
 * error of the library, of which the handler of the communicator has been told
 * with the name of the argument. */
#ifndef DS_MPI_ARGUMENT_H
#define DS_MPI_ARGUMENT_H

#include "mpi/comm.h"
#include "mpi/type.h"

/* A handle that is nothing: is_null says that it is the null one of its kind;
 * any other has been freed, or never was one. */
int ds__argument_handle(ds__comm *comm, int error, const char *name,
                        const char *what, bool is_null);

/* Elements to be given or got: the type is committed, and they are somewhere;
 * unless there are none. */
int ds__argument_data(ds__comm *comm, const void *buf, size_t count,
                      const ds__type *type);

#endif
