/* Waiting for requests, and testing them. */
#ifndef DS_MPI_REQUEST_H
#define DS_MPI_REQUEST_H

#include "mpi/message.h"

/* Waits until r is done, and stores its status.  A persistent one is not active
 * afterwards, any other is freed, and loses its handle. */
void ds__mpi_await(ds__request *r, ds__status *status);

/* Waits until so many of the active ones among n are done; NULL stands for none
 * there. */
void ds__mpi_await_some(ds__rank *me, ds__request *const *requests, size_t n,
                        size_t least);

/* Counts the active ones, and those of them that are done. */
size_t ds__mpi_count_active(ds__request *const *requests, size_t n,
                            size_t *done);

/* Lets the time of a look pass, unless so many are done at once.  Returns
 * whether they are. */
bool ds__mpi_look(ds__rank *me, ds__request *const *requests, size_t n,
                  size_t least);

/* Takes the status of one that is done, as ds__mpi_await() does. */
void ds__mpi_finish(ds__request *r, ds__status *status);

/* Waits until a message has come that ds__mpi_find_message() finds. */
void ds__mpi_await_message(ds__rank *me, ds__comm *comm, int source, int tag,
                           ds__status *status);

#endif
