/* Programs as images of the world: what MPI they find, and which time. */
#ifndef DS_MPI_RUN_HOST_H
#define DS_MPI_RUN_HOST_H

#include "mpi/run/world.h"

/* Loads a program for so many ranks at most; false: it has said why not on
 * standard error, as the program of that name. */
bool ds__host_load(const char *speaker, const char *path, int num_ranks);

/* Both of a ds__world_config; argv, which ends with NULL, is copied for each
 * rank. */
ds__image *ds__host_image(ds__rank *rank);
int ds__host_run(ds__rank *rank);
void ds__host_arguments(int argc, char **argv);

#endif
