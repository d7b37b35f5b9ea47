/* A rank's turn in a collective: the algorithms of src/coll, as ranks run them.
 *
 * While one waits, its rank sees to its other messages. */
#ifndef DS_MPI_TURN_H
#define DS_MPI_TURN_H

#include "image/start.h"
#include "mpi/message.h"
#include "mpi/op.h"

typedef struct ds__turn {
    ds__rank *me;
    ds__thread *thread;
    ds__comm *comm;
    ds_comm *member; /* for the algorithm */

    int whom;   /* of the world, that it waits for; -1: several */
    bool sends; /* ... so that a message arrives there */
} ds__turn;

/* Begins one; it must not move until it ends. */
void ds__turn_begin(ds__turn *turn, ds__comm *comm);

/* The same of parts of different lengths, what they have in common.  Returns
 * the algorithm that is chosen for ds_collective_run_parts(); NULL: the usual
 * one.
 */
const ds_collective *ds__turn_begin_parts(ds__turn *turn, ds__comm *comm,
                                          const ds__case *what);

/* Has the caller be who it was, after others have run. */
static inline void ds__turn_resume(const ds__turn *turn)
{
    ds__image_resume(turn->me->image);
    turn->me->now = turn->thread;
}

/* Tells whether the simulation is over, or has failed. */
bool ds__turn_is_over(const ds__turn *turn);

/* Ends it, and returns the result.  If there is none, says why and does not
 * return. */
ds_vec *ds__turn_end(ds__turn *turn, ds_vec *result);

/* A turn of the algorithm that the world chooses: as ds_collective_run(), but
 * that mine is taken, and op is one of MPI for elements of that type; both are
 * NULL where nothing is reduced. */
ds_vec *ds__turn_run(ds__comm *comm, ds_collective_kind kind, ds_vec *mine,
                     const ds__op *op, ds__type *type, int root);

/* The same without an operator; into, which is taken, is room that the result
 * may be made in, and is it then; or NULL. */
ds_vec *ds__turn_run_into(ds__comm *comm, ds_collective_kind kind, ds_vec *mine,
                          ds_vec *into);

/* Makes a vector for so many elements of so many bytes; a phantom if parts of
 * so many bytes are to go without what they are. */
ds_vec *ds__mpi_vec(size_t len, size_t size, size_t part);

/* Takes one that is no longer than n elements, which become what is in it, if
 * anything is. */
void ds__mpi_put(void *buf, size_t n, const ds__type *type, ds_vec *vec);

/* What the closed form says of it in seconds, if an operator takes so long to
 * read an element; how has one. */
double ds__turn_form(const ds_collective *how, const ds__case *what,
                     double latency, double rate, double reading);

/* Of the thread's last collective: its algorithm, which lives as long as the
 * program; and in seconds, on the switch of the world, what its closed form
 * says and what nothing beats, or NAN where nobody knows. */
typedef struct ds__turn_facts {
    const char *algorithm; /* NULL: there was none */
    double closed_form;
    double bound;
} ds__turn_facts;
ds__turn_facts ds__turn_tell(const ds__thread *thread);

#endif
