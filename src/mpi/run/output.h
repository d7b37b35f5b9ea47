/* Where it goes what ranks print. */
#ifndef DS_MPI_RUN_OUTPUT_H
#define DS_MPI_RUN_OUTPUT_H

#include "mpi/rank.h"

/* All zeros: to standard output, as it is. */
typedef struct ds__output_config {
    bool tag;           /* rank and virtual time stand before each line */
    const char *folder; /* with a file for each rank; NULL: there is none */
} ds__output_config;

/* Makes a folder that is not there, and room for so many files; what is wrong
 * is said on standard error, as the program of that name, and false returned.
 */
bool ds__output_begin(const ds__output_config *config, const char *speaker,
                      int num_ranks);

/* Gives the image of a rank its standard output.  false: the same. */
bool ds__output_open(ds__rank *rank);

/* Closes what was opened, when nobody prints any more.  false: the same, for
 * something could not be written. */
bool ds__output_end(void);

#endif
