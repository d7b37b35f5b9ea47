/* Basic elements in what was received, as MPI_Get_elements() counts them. */
#ifndef DS_MPI_ELEMENTS_H
#define DS_MPI_ELEMENTS_H

#include "mpi/type.h"

/* Returns how many basic elements so many bytes of a type are; a pair is two of
 * them.  *rest is what is left behind the last whole one, in bytes. */
size_t ds__type_elements(const ds__type *type, size_t bytes, size_t *rest);

/* Returns how many bytes so many basic elements of a type are, from the first
 * on; a pair that is not whole has its value. */
size_t ds__type_bytes(const ds__type *type, size_t elements);

#endif
