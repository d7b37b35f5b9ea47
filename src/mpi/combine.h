/* Changing what is in a window. */
#ifndef DS_MPI_COMBINE_H
#define DS_MPI_COMBINE_H

#include "mpi/op.h"

/* Whether an operator of accumulates can be used on elements of a type: it is
 * predefined, and the type is made of one basic one that it is for. */
bool ds__combine_fits(const ds__op *op, const ds__type *type);

/* Combines packed bytes with the elements at a place, as far as they go. */
void ds__combine(const ds__op *op, const char *bytes, size_t size, void *at,
                 ds__type *type);

#endif
