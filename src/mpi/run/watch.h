/* Who watches the calls of a run: what makes time pass for computing, what
 * writes them to a trace, and what adds them up. */
#ifndef DS_MPI_RUN_WATCH_H
#define DS_MPI_RUN_WATCH_H

#include "mpi/run/compute.h"
#include "mpi/watch.h"

typedef struct ds__watch_config {
    bool computes; /* ds__compute_begin() has been called */
    bool tells;    /* there is a trace */
    bool profiles; /* ds__profile_begin() has been called */

    /* Messages of the program of at least so many bytes carry none; INFINITY:
     * all do. */
    double bare_from;

    /* By rank, what is a number for the messages that its receives from anybody
     * got, in their order; NULL: nobody wants it. */
    uint64_t *orders;
} ds__watch_config;

/* Returns what hears of calls for them; NULL: nobody wants to. */
const ds__watch *ds__watch_begin(const ds__watch_config *config);

#endif
