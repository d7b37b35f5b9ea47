/* Collectives between two groups: what one side gives, the other gets.
 *
 * They are made of those within each side, and of messages from the first
 * member of a side to the first of the other. */
#ifndef DS_MPI_BETWEEN_H
#define DS_MPI_BETWEEN_H

#include "mpi/coll.h"

/* As those of <mpi/coll.h>, with pieces for the members of the other side.  A
 * root is DS__ROOT where it calls itself, and its rank on the other side; the
 * others of its side take no part, and only count the call.  The pieces that
 * are reduced and scattered are those of one's own side. */
void ds__inter_barrier(ds__comm *c);
void ds__inter_bcast(ds__comm *c, void *buf, size_t n, ds__type *type,
                     int root);
void ds__inter_gather(ds__comm *c, const void *in, size_t n, ds__type *type,
                      const ds__pieces *out, int root);
void ds__inter_scatter(ds__comm *c, const ds__pieces *in, void *out, size_t n,
                       ds__type *type, int root);
void ds__inter_allgather(ds__comm *c, const void *in, size_t n, ds__type *type,
                         const ds__pieces *out);
void ds__inter_alltoall(ds__comm *c, const ds__pieces *in,
                        const ds__pieces *out);
void ds__inter_reduce(ds__comm *c, const ds__reduction *r, int root);
void ds__inter_allreduce(ds__comm *c, const ds__reduction *r);
void ds__inter_reduce_scatter(ds__comm *c, const ds__reduction *r,
                              const size_t *counts);

#endif
