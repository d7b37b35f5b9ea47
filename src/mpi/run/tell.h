/* Writes the calls of ranks into a trace, each with the line it is in.
 *
 * A call in which nothing is sent, received or waited for, such as
 * MPI_Comm_rank(), is not told. */
#ifndef DS_MPI_RUN_TELL_H
#define DS_MPI_RUN_TELL_H

#include "mpi/rank.h"

/* A call of a thread, as far as it is told. */
typedef struct ds__told {
    uint32_t number; /* of those that were told, from 1 */
    bool is;         /* the present one */
} ds__told;

/* Tells that the present call of the rank's thread begins, with so many
 * elements, unless it has been told; and that it ends, if it was. */
void ds__tell_begin(ds__rank *me, ds__told *told, double elements);
void ds__tell_end(ds__rank *me, ds__told *told);

#endif
