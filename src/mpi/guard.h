/* Whether a program keeps its hands off buffers that belong to operations which
 * are under way.
 *
 * Nobody is told of a write to memory; so what is in a buffer is summed up when
 * the library lets go of it, and again when it comes back. */
#ifndef DS_MPI_GUARD_H
#define DS_MPI_GUARD_H

#include "mpi/type.h"

/* Sums elements up: all of their bytes with DS__CHECK_FULL, some of them spread
 * over all with DS__CHECK_USUAL; never 0, which stands for no sum. */
uint64_t ds__guard_sum(const void *buf, size_t count, const ds__type *type);

/* Combines sums of several buffers; 0 adds nothing. */
uint64_t ds__guard_join(uint64_t sum, uint64_t more);

/* Whether elements certainly share bytes with others. */
bool ds__guard_overlap(const void *a, size_t n, const ds__type *of_a,
                       const void *b, size_t m, const ds__type *of_b);

#endif
