/* Whether a program that has ended well needs what the standard does not
 * promise: that a send returns before it is received, and that a collective
 * does before all members have come.
 *
 * With DS__CHECK_FULL it is written down in which order each rank began its
 * sends, receives and collectives, and waited for them, and which send met
 * which receive.  When the run is over, that is played again without buffers:
 * whatever waits for its other side and never gets it is a deadlock that this
 * run was lucky to miss. */
#ifndef DS_MPI_UNBUFFERED_H
#define DS_MPI_UNBUFFERED_H

#include <stdbool.h>
#include <stddef.h>

#include "mpi/spot.h"

/* The running rank begins a send or a receive.  Returns its number, from 1; 0:
 * nothing is written down. */
size_t ds__unbuffered_begin(const ds__spot *spot, bool is_send);

/* A send has met a receive. */
void ds__unbuffered_meet(size_t send, size_t receive);

/* The running rank has waited for one of them. */
void ds__unbuffered_wait(size_t number);

/* The running rank comes to a collective of so many members, which all call by
 * that number; 0: it is the first of them.  Returns that number. */
size_t ds__unbuffered_collective(size_t number, const ds__spot *spot,
                                 int members, bool blocking);

/* Plays it again, and notes deadlocks as findings. */
void ds__unbuffered_find(void);

#endif
