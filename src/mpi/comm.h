/* Communicators: two groups, and a context that keeps messages apart.
 *
 * The one idea: messages go from members of one's own group to members of the
 * remote group.  Within a group these are the same; between groups each side
 * has a communicator of its own besides, for what its members do together. */
#ifndef DS_MPI_COMM_H
#define DS_MPI_COMM_H

#include "mpi/attr.h"
#include "mpi/cart.h"
#include "mpi/graph.h"
#include "mpi/group.h"
#include "mpi/info.h"

/* What is done about an error. */
typedef struct ds__errhandler ds__errhandler;
struct ds__errhandler {
    ds__object object;
    ds__kind of;       /* what the program's function is for */
    void (*own)(void); /* the program's function, in its own type; or NULL */
    int given;         /* how often the program has it: it frees it as often */

    /* Calls that, with handles as its ABI has them. */
    void (*call)(const ds__errhandler *handler, ds__comm *comm, int error);
};

/* Gives it to the program once more, and takes it back. */
void ds__errhandler_give(ds__errhandler *handler);
void ds__errhandler_take(ds__errhandler *handler);

/* The predefined ones. */
extern ds__errhandler ds__errors_are_fatal;
extern ds__errhandler ds__errors_abort;
extern ds__errhandler ds__errors_return;

enum { DS__COMM_NAME = 128 };

typedef struct ds__agreed ds__agreed;
typedef struct ds__lane ds__lane;

/* Each rank has an object of its own.  Messages between ranks go in the
 * context, those of collectives in the next one.  Invariant: remote is group,
 * or local is there, and the two have no member in common. */
struct ds__comm {
    ds__object object;
    ds__group *group;
    ds__group *remote; /* whose ranks are the peers of messages */
    ds__comm *local;   /* of group alone, without a handle; NULL: it is this */
    int rank;          /* in the group */
    int context;
    unsigned calls;     /* of collectives so far, the same at each member */
    ds__agreed *agreed; /* what was said of the latest of them; NULL: none */
    unsigned part;      /* the call that it is for, from 1; 0: it is for all */
    ds__lane *lane;     /* of its collectives; NULL: there were none */
    ds__errhandler *errors;
    char name[DS__COMM_NAME];
    ds__attr *attrs;
    ds__info *hints;             /* NULL: none */
    struct ds__session *session; /* whose errors it takes; or NULL */
    ds__cart *cart;              /* NULL: none */
    ds__graph *graph; /* likewise; a communicator has one of the two at most */
    struct ds__win *window; /* that it is of; or NULL */
    ds__buffer attached;
};

ds__comm *ds__comm_new(ds__group *group, int rank, int context,
                       ds__errhandler *errors);

/* The same between two groups, which it takes. */
ds__comm *ds__comm_new_inter(ds__group *group, int rank, ds__group *remote,
                             int context, ds__errhandler *errors);

void ds__comm_release(ds__comm *comm);

/* From now on its errors go to that handler. */
void ds__comm_handle(ds__comm *comm, ds__errhandler *errors);

/* Returns the same communicator without a handle, for one collective whose
 * number among the calls is this moment's, whenever it sends. */
ds__comm *ds__comm_part(ds__comm *comm);

/* Returns a context for a new communicator, the same for all who name the same
 * call of the same parent and the same color. */
int ds__comm_context(const ds__comm *parent, unsigned call, int color);

/* Returns one that nobody else names. */
int ds__comm_context_alone(const ds__comm *parent);

/* Returns whether a is that of another, or of the same members on each side, in
 * whatever order, or none of that. */
int ds__comm_compare(const ds__comm *a, const ds__comm *b);

static inline int ds__comm_size(const ds__comm *comm)
{
    return comm->group->size;
}

/* Who may be sent to: the ranks from 0 on. */
static inline int ds__comm_peers(const ds__comm *comm)
{
    return comm->remote->size;
}

static inline bool ds__comm_is_inter(const ds__comm *comm)
{
    return comm->local != NULL;
}

/* The communicator of one's own side. */
static inline ds__comm *ds__comm_side(ds__comm *comm)
{
    return comm->local != NULL ? comm->local : comm;
}

/* Says an error that the program has added as its handler wants it, or one of
 * the library, as if a call had failed. */
void ds__comm_call(ds__comm *comm, int error);

/* Says that a call has failed, as the communicator's handler wants it; NULL:
 * there is none, and the run ends.  Returns the error for the call to return.
 */
int ds__comm_fail(ds__comm *comm, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
