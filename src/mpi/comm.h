/* Communicators: a group, and a context that keeps its messages apart. */
#ifndef DS_MPI_COMM_H
#define DS_MPI_COMM_H

#include "mpi/attr.h"
#include "mpi/cart.h"
#include "mpi/group.h"
#include "mpi/info.h"

/* What is done about an error. */
typedef struct ds__errhandler ds__errhandler;
struct ds__errhandler {
    ds__object object;
    void (*own)(void); /* the program's function, in its own type; or NULL */

    /* Calls that, with handles as its ABI has them. */
    void (*call)(const ds__errhandler *handler, ds__comm *comm, int error);
};

/* The predefined ones. */
extern ds__errhandler ds__errors_are_fatal;
extern ds__errhandler ds__errors_abort;
extern ds__errhandler ds__errors_return;

enum { DS__COMM_NAME = 128 };

/* Each rank has an object of its own.  Messages between ranks go in the
 * context, those of collectives in the next one. */
struct ds__comm {
    ds__object object;
    ds__group *group;
    int rank; /* in the group */
    int context;
    unsigned calls; /* of collectives so far, the same at each member */
    ds__errhandler *errors;
    char name[DS__COMM_NAME];
    ds__attr *attrs;
    ds__info *hints; /* NULL: none */
    ds__cart *cart;  /* NULL: none */
};

ds__comm *ds__comm_new(ds__group *group, int rank, int context,
                       ds__errhandler *errors);
void ds__comm_release(ds__comm *comm);

/* Returns the same communicator without a handle, for one collective whose
 * number among the calls is this moment's, whenever it sends. */
ds__comm *ds__comm_part(ds__comm *comm);

/* Returns a context for a new communicator, the same for all who name the same
 * call of the same parent and the same color. */
int ds__comm_context(const ds__comm *parent, unsigned call, int color);

static inline int ds__comm_size(const ds__comm *comm)
{
    return comm->group->size;
}

/* Says that a call has failed, as the communicator's handler wants it; NULL:
 * there is none, and the run ends.  Returns the error for the call to return.
 */
int ds__comm_fail(ds__comm *comm, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
