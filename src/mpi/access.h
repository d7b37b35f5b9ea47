/* Accesses: what a member of a window does to the memory of another one.
 *
 * The one idea: every access may give elements, which an operator combines with
 * those that are there, and may take what was there before; a put gives and
 * replaces, a get takes, an accumulate gives, and so on. */
#ifndef DS_MPI_ACCESS_H
#define DS_MPI_ACCESS_H

#include "mpi/message.h"
#include "mpi/op.h"
#include "mpi/win.h"

/* Elements in memory. */
typedef struct ds__elements {
    void *buf;
    size_t n;
    ds__type *type; /* NULL: there are none */
} ds__elements;

/* Invariants: gives and takes are of this member; there, which is never without
 * a type, is of the target, and has room for what is given. */
typedef struct ds__access {
    int target;
    bool plain; /* a put or a get; not: an accumulate of some kind */
    ds__elements gives;
    ds__elements takes;
    ds__elements there;
    const ds__op *op;    /* how what is given comes there; one that is
                          * predefined */
    const void *compare; /* what must be there, one element, for anything to
                          * change; NULL: anything */
} ds__access;

/* Begins one, in an epoch that lets it; *request, if there is one, is done when
 * the buffers of this member may be used again. */
void ds__access_begin(ds__win *win, const ds__access *access,
                      ds__request *request);

/* Makes a request for one, with a handle, that is active. */
ds__request *ds__access_request(ds__win *win, int target);

/* Waits until the buffers of this member may be used again, of accesses to a
 * member or, with -1, to all. */
void ds__access_settle(ds__win *win, int target);

/* Asks a member to say when accesses to it are complete, if any are not known
 * to be; that is waited for by what follows. */
void ds__access_ask(ds__win *win, ds__peer *peer);

/* Waits until accesses are complete at their targets. */
void ds__access_flush(ds__win *win, int target);

#endif
