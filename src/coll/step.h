/* What algorithms are made of: send this vector to a, receive that one from b,
 * combine.
 *
 * The vectors that pass through here may be NULL, for want of memory or
 * because the simulation is over.  Either has been recorded then and ends the
 * run, every later step returns at once, and in the end the caller gets NULL:
 * an algorithm need not look in between. */
#ifndef DS_COLL_STEP_H
#define DS_COLL_STEP_H

#include "coll/comm.h"
#include "coll/vec.h"

/* Borrows vec. */
void ds__step_send(ds_comm *c, size_t to, unsigned step, ds_vec *vec);

/* The same to all other members, in one batch. */
void ds__step_send_others(ds_comm *c, unsigned step, ds_vec *vec);

/* Gives the caller a reference. */
ds_vec *ds__step_recv(ds_comm *c, size_t from, unsigned step);

/* Combines n vectors in the order given, and borrows them. */
ds_vec *ds__step_reduce(ds_comm *c, const ds_op *op, ds_vec *const *vecs,
                        size_t n);

/* ---- Pieces ---------------------------------------------------------------*/

/* Elements [from, to) of vec, which is borrowed. */
ds_vec *ds__step_slice(ds_comm *c, ds_vec *vec, size_t from, size_t to);

/* A vector put together from pieces.  Each place is written once, so that what
 * is filled may already be sent.  Invariant: vec is NULL before the first
 * piece, which decides whether it is a phantom. */
typedef struct ds__whole {
    size_t len;
    ds_vec *vec;
} ds__whole;

/* Copies piece, which is borrowed, to the elements from at on. */
void ds__whole_put(ds_comm *c, ds__whole *whole, size_t at,
                   const ds_vec *piece);

#endif
