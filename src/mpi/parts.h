/* Collectives of pieces of different lengths, or of different types. */
#ifndef DS_MPI_PARTS_H
#define DS_MPI_PARTS_H

#include "mpi/coll.h"

void ds__mpi_allgatherv(ds__comm *c, const void *in, size_t n, ds__type *type,
                        const ds__pieces *out);
void ds__mpi_alltoallv(ds__comm *c, const ds__pieces *in,
                       const ds__pieces *out);

#endif
