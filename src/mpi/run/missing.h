/* Functions of MPI that a program uses and that are not there. */
#ifndef DS_MPI_RUN_MISSING_H
#define DS_MPI_RUN_MISSING_H

#include <stddef.h>
#include <stdint.h>

/* Returns the address of a function that ends the run with that name and the
 * line of its call; the name is copied.  0: there are too many. */
uintptr_t ds__missing_add(const char *name);

size_t ds__missing_count(void);
const char *ds__missing_name(size_t i);

#endif
