/* The representation of elements that is the same on every computer, which the
 * standard calls "external32": big-endian, nothing between them. */
#ifndef DS_MPI_EXTERNAL_H
#define DS_MPI_EXTERNAL_H

#include "mpi/type.h"

/* Returns how many bytes one element is there. */
size_t ds__external_size(const ds__type *type);

/* Convert so many elements; return where the bytes of the others end. */
char *ds__external_pack(char *to, const void *from, size_t count,
                        const ds__type *type);
const char *ds__external_unpack(void *to, const char *from, size_t count,
                                const ds__type *type);

#endif
