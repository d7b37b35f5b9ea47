/* A step of a collective: a message within the call of a communicator. */
#ifndef DS_MPI_STEP_H
#define DS_MPI_STEP_H

#include "mpi/message.h"
#include "mpi/op.h"

/* One call of a collective; all members count them alike. */
typedef struct ds__mpi_call {
    ds__comm *comm;
    int rank;
    int size;
    int peers; /* whom it may send to */
    int tag;
} ds__mpi_call;

ds__mpi_call ds__mpi_call_begin(ds__comm *comm);

/* The same of some members alone, who name it by a tag. */
ds__mpi_call ds__mpi_call_tagged(ds__comm *comm, int tag);

ds__request *ds__mpi_step_post(const ds__mpi_call *call, bool is_send,
                               const void *buf, size_t n, ds__type *type,
                               int peer);
void ds__mpi_step_send(const ds__mpi_call *call, const void *buf, size_t n,
                       ds__type *type, int to);
void ds__mpi_step_receive(const ds__mpi_call *call, void *buf, size_t n,
                          ds__type *type, int from);

/* Both at once. */
void ds__mpi_step_swap(const ds__mpi_call *call, const void *out, size_t n,
                       ds__type *out_type, int to, void *in, size_t m,
                       ds__type *in_type, int from);

/* Waits for n of them; NULL stands for none there. */
void ds__mpi_step_wait(const ds__mpi_call *call, ds__request **requests,
                       size_t n);

/* Makes room for n elements, of which *room is to be freed; what is returned is
 * where the first one is said to be. */
char *ds__mpi_scratch(size_t n, const ds__type *type, void **room);

#endif
