/* Whether what is sent is what is received: not how many bytes, but of what
 * kind. */
#ifndef DS_MPI_SIGNATURE_H
#define DS_MPI_SIGNATURE_H

#include "mpi/type.h"

/* Of basic types that types consist of, or -1 for several. */
bool ds__bases_fit(int a, int b);
const char *ds__base_name(int base);

#endif
