/* Messages in partitions: a send that waits until all of its parts are ready.
 *
 * The one idea: it is a persistent request like any other, which leaves as one
 * message when the last part is ready, in a context that it shares with the
 * receive of the same number: those between two ranks with one tag are paired
 * in the order in which they are made, whenever they are started. */
#ifndef DS_MPI_PARTITION_H
#define DS_MPI_PARTITION_H

#include "mpi/message.h"

/* Invariant: left of the n are not ready, and it is 0 unless a send is active
 * and has not left. */
typedef struct ds__partitions {
    int n;
    int left;
    bool ready[];
} ds__partitions;

/* Makes a new request, which takes no wildcards, one in so many partitions. */
void ds__partition_make(ds__request *r, int n);

/* Begins it, instead of ds__mpi_post(). */
void ds__partition_start(ds__request *r);

/* A part of a send that is active is ready, and was not. */
void ds__partition_ready(ds__request *r, int i);

#endif
