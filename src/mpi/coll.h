/* Collectives of a communicator, by the algorithms of src/coll.
 *
 * What each member gives and gets is told as pieces, one for each member, so
 * that the calls with one count and those with many are the same here. */
#ifndef DS_MPI_COLL_H
#define DS_MPI_COLL_H

#include "mpi/list.h"
#include "mpi/message.h"
#include "mpi/op.h"

/* Member i's piece of a buffer. */
typedef struct ds__pieces {
    void *buf; /* DS__IN_PLACE: there is none */
    size_t count;
    ds__type *type;
    ds__list counts; /* of each, if there are any, instead of count */
    ds__list places; /* in extents of the type; none: one after the other */
    bool in_bytes;   /* places are, instead */
    bool is_same;    /* it is one piece for everybody */
    ds__type *const *types; /* of each, with places in bytes; or NULL */
} ds__pieces;

static inline ds__type *ds__piece_type(const ds__pieces *p, int i)
{
    return p->types != NULL ? p->types[i] : p->type;
}

static inline size_t ds__piece_count(const ds__pieces *p, int i)
{
    return p->counts.items != NULL ? (size_t)ds__list_at(p->counts, i)
                                   : p->count;
}

static inline void *ds__piece(const ds__pieces *p, int i)
{
    if (p->is_same)
        return p->buf;
    const ptrdiff_t place = p->places.items != NULL
                                ? (ptrdiff_t)ds__list_at(p->places, i)
                                : (ptrdiff_t)i * (ptrdiff_t)p->count;

    return (char *)p->buf + (p->in_bytes ? place : place * p->type->extent);
}

/* A reduction of n elements. */
typedef struct ds__reduction {
    const void *in; /* DS__IN_PLACE: what is in out */
    void *out;
    size_t n;
    ds__type *type;
    const ds__op *op;
} ds__reduction;

void ds__mpi_barrier(ds__comm *c);
void ds__mpi_bcast(ds__comm *c, void *buf, size_t n, ds__type *type, int root);
void ds__mpi_gather(ds__comm *c, const void *in, size_t n, ds__type *type,
                    const ds__pieces *out, int root);
void ds__mpi_scatter(ds__comm *c, const ds__pieces *in, void *out, size_t n,
                     ds__type *type, int root);

/* The same of pieces that only the root knows. */
void ds__mpi_gatherv(ds__comm *c, const void *in, size_t n, ds__type *type,
                     const ds__pieces *out, int root);
void ds__mpi_scatterv(ds__comm *c, const ds__pieces *in, void *out, size_t n,
                      ds__type *type, int root);

void ds__mpi_allgather(ds__comm *c, const void *in, size_t n, ds__type *type,
                       const ds__pieces *out);
void ds__mpi_alltoall(ds__comm *c, const ds__pieces *in, const ds__pieces *out);
void ds__mpi_reduce(ds__comm *c, const ds__reduction *r, int root);
void ds__mpi_allreduce(ds__comm *c, const ds__reduction *r);
void ds__mpi_scan(ds__comm *c, const ds__reduction *r, bool exclusive);

/* The whole is reduced, and member i gets counts[i] elements of the result. */
void ds__mpi_reduce_scatter(ds__comm *c, const ds__reduction *r,
                            const size_t *counts);

#endif
