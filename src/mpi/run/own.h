/* Functions for programs that MPI does not have; the header for them is
 * <distsys-mpi/dsmpi.h>. */
#ifndef DS_MPI_RUN_OWN_H
#define DS_MPI_RUN_OWN_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the address of one by its name; 0: it is not there. */
uintptr_t ds__own_find(const char *name);

/* Whether a rank has said how long it computes. */
bool ds__own_computed(void);

#endif
