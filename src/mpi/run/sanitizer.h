/* Programs that a sanitizer looks at while they run. */
#ifndef DS_MPI_RUN_SANITIZER_H
#define DS_MPI_RUN_SANITIZER_H

#include <stdbool.h>

/* Sees to it that the runtime of a program's sanitizer is the first library of
 * this process, for which that begins anew, with these arguments and on threads
 * unless they say otherwise.  False: it cannot be, and it has said why on
 * standard error, as the program of that name. */
bool ds__sanitizer_first(const char *speaker, const char *path, char **argv);

#endif
