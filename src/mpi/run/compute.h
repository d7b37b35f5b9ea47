/* How long a program computes between its calls.
 *
 * What is measured is the processor's time of the thread that runs the rank,
 * from the end of what the library does in one call to the beginning of the
 * next call; so nothing of other ranks or of the simulation is in it, and
 * nothing of the rank is left out, however short.  It may be written to a file
 * and taken from there in later runs, which are equal then. */
#ifndef DS_MPI_RUN_COMPUTE_H
#define DS_MPI_RUN_COMPUTE_H

#include "mpi/rank.h"

typedef enum ds__compute_mode {
    DS__COMPUTE_NONE,
    DS__COMPUTE_MEASURED,
    DS__COMPUTE_RECORD,
    DS__COMPUTE_REPLAY,
    DS__COMPUTE_CALL,
} ds__compute_mode;

typedef struct ds__compute_config {
    ds__compute_mode mode;
    double factor;    /* of what is measured */
    double seconds;   /* of each call */
    const char *file; /* to write or to read */
} ds__compute_config;

/* Opens the file of config for a run of a program on so many ranks.  False: why
 * says what is wrong. */
bool ds__compute_begin(const ds__compute_config *config, const char *program,
                       int num_ranks, ds__text *why);

/* Says how long the rank has computed, at the beginning of a call. */
double ds__compute_take(const ds__rank *me, const char *call, void *site);

/* The library's work is done, and the program computes from now on. */
void ds__compute_start(void);

/* How many calls a file that is read knows nothing of. */
uint64_t ds__compute_unknown(void);

/* Closes the file.  False: why says why it is not whole. */
bool ds__compute_end(ds__text *why);

#endif
