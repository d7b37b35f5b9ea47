/* Places of a program that call, the same in all ranks. */
#ifndef DS_MPI_RUN_SITE_H
#define DS_MPI_RUN_SITE_H

#include "mpi/rank.h"

/* Returns its line, or what else is known of it; "" for what is called from
 * nowhere.  Good as long as the program. */
const char *ds__site_line(const ds__rank *me, const void *site);

#endif
