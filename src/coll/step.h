/* What algorithms are made of: send this vector to a, receive that one from b,
 * combine.
 *
 * The vectors that pass through here may be NULL, for want of memory or
 * because the simulation is over.  Either has been recorded then and ends the
 * run, every later step returns at once, and in the end the caller gets NULL:
 * an algorithm need not look in between. */
#ifndef DS_COLL_STEP_H
#define DS_COLL_STEP_H

#include <assert.h>

#include "coll/comm.h"
#include "coll/vec.h"

/* A step that receives, sends, or does both at once.  Sending borrows vec;
 * receiving gives the caller a reference.  Each returns when its vectors have
 * arrived, as far as they go by rendezvous. */
void ds__step_send(ds_comm *c, size_t to, unsigned step, ds_vec *vec);
ds_vec *ds__step_recv(ds_comm *c, size_t from, unsigned step);
ds_vec *ds__step_exchange(ds_comm *c, size_t to, ds_vec *vec, size_t from,
                          unsigned step);

/* The parts of a step with more than one partner: expect everything, post
 * everything, take everything, and flush. */
void ds__step_expect(ds_comm *c, size_t from, unsigned step);
void ds__step_post(ds_comm *c, size_t to, unsigned step, ds_vec *vec);
void ds__step_post_others(ds_comm *c, unsigned step, ds_vec *vec);
ds_vec *ds__step_take(ds_comm *c, size_t from, unsigned step);
void ds__step_flush(ds_comm *c);

/* For pipelines: at most one vector that has not arrived is under way over an
 * edge.  Posting waits until it is free. */
void ds__step_post_edge(ds_comm *c, size_t to, unsigned step, ds_vec *vec,
                        ds__edge *edge);
void ds__step_flush_edge(ds_comm *c, ds__edge *edge);

/* Like ds__step_take(), if it has come; else NULL at once. */
ds_vec *ds__step_arrived(ds_comm *c, size_t from, unsigned step);

/* Combines n vectors, which it borrows, in the order given. */
ds_vec *ds__step_reduce(ds_comm *c, const ds_op *op, ds_vec *const *vecs,
                        size_t n);

/* Combines two vectors, which it takes. */
ds_vec *ds__step_combine(ds_comm *c, const ds_op *op, ds_vec *left,
                         ds_vec *right);

/* ---- Pieces ---------------------------------------------------------------*/

/* Returns elements [from, to) of vec, which is borrowed. */
ds_vec *ds__step_slice(ds_comm *c, ds_vec *vec, size_t from, size_t to);

/* A vector put together from pieces.  Each place is written once, so that what
 * is filled may already be sent.  Invariant: vec is NULL before the first
 * piece, and a phantom from the first one on that is. */
typedef struct ds__whole {
    size_t len;
    ds_vec *vec;
} ds__whole;

/* One that is to be the result of c's call: in the room that its caller has for
 * that, if it is as large. */
ds__whole ds__whole_of(const ds_comm *c, size_t len, size_t size);

/* Copies piece, which is borrowed, to the elements from at on. */
void ds__whole_put(ds_comm *c, ds__whole *whole, size_t at,
                   const ds_vec *piece);

/* Copies and takes it. */
void ds__whole_take(ds_comm *c, ds__whole *whole, size_t at, ds_vec *piece);

/* Returns where block i of p begins in a vector of len elements.  Blocks differ
 * by one element at most; some are empty if there are fewer elements than p. */
static inline size_t ds__block(size_t len, size_t p, size_t i)
{
    assert(i <= p);
    return len / p * i + len % p * i / p;
}

/* Returns where the block j places after block `first` begins, if that one
 * begins at 0 and the others follow it round the circle; j <= p. */
static inline size_t ds__block_from(size_t len, size_t p, size_t first,
                                    size_t j)
{
    size_t start = ds__block(len, p, first);

    assert(first < p && j <= p);
    return first + j <= p ? ds__block(len, p, first + j) - start
                          : len - start + ds__block(len, p, first + j - p);
}

/* Returns where part i begins in the call that c is in: as it was said, or by
 * an even cut of len elements; that of p is where all end. */
static inline size_t ds__cut(const ds_comm *c, size_t len, size_t i)
{
    const size_t *cuts = *c->call->cuts;

    assert(i <= c->group->size);
    return cuts == NULL ? ds__block(len, c->group->size, i) : cuts[i];
}

/* The same of the part j places after `first`, counted from that one. */
static inline size_t ds__cut_from(const ds_comm *c, size_t len, size_t first,
                                  size_t j)
{
    const size_t p = c->group->size;
    const size_t start = ds__cut(c, len, first);

    assert(first < p && j <= p);
    return first + j <= p
               ? ds__cut(c, len, first + j) - start
               : ds__cut(c, len, p) - start + ds__cut(c, len, first + j - p);
}

/* Elements of all vectors that are gathered, of which this is a member's. */
static inline size_t ds__cut_total(const ds_comm *c, const ds_vec *mine)
{
    const size_t *cuts = *c->call->cuts;
    const size_t p = c->group->size;

    return cuts == NULL ? p * mine->len : cuts[p];
}

/* Moves the first at elements of vec, which is taken, behind the others. */
ds_vec *ds__step_rotate(ds_comm *c, ds_vec *vec, size_t at);

/* Makes one vector of two, which it takes. */
ds_vec *ds__step_join(ds_comm *c, ds_vec *first, ds_vec *second);

#endif
