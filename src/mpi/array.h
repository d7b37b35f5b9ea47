/* Types of parts of arrays: a part of each dimension, and of these all
 * combinations. */
#ifndef DS_MPI_ARRAY_H
#define DS_MPI_ARRAY_H

#include "mpi/type.h"

/* What is taken of a dimension: times rows of count places, the first at a
 * place, each so many places behind the one before, and a last row that may be
 * shorter. */
typedef struct ds__taken {
    ptrdiff_t size; /* of the dimension */
    ptrdiff_t at;
    ptrdiff_t count;
    ptrdiff_t times;
    ptrdiff_t step;
    ptrdiff_t last_at;
    ptrdiff_t last_count;
} ds__taken;

/* Of blocks of so many places that are dealt out in turns, the share of one
 * member among so many. */
ds__taken ds__taken_cyclic(ptrdiff_t size, ptrdiff_t block, int member,
                           int members);

/* Makes the type of an array as long as the whole one; the dimension that
 * varies fastest comes first. */
ds__type *ds__type_array(ds__type *old, const ds__taken *dims, int n,
                         ds__made *made);

#endif
