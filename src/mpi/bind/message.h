/* What all functions that send and receive have in common. */
#ifndef DS_MPI_BIND_MESSAGE_H
#define DS_MPI_BIND_MESSAGE_H

#include "mpi/bind/abi.h"
#include "mpi/request.h"

typedef struct ABI_NAME(arguments) {
    bool is_send;
    ds__mode mode;
    const void *buf;
    long long count;
    MPI_Datatype type;
    int peer;
    int tag;
    MPI_Comm comm;
} ABI_NAME(arguments);

/* Makes a request; NULL: *error, of the library, says why not, and has been
 * told. */
ds__request *ABI_NAME(message)(const ABI_NAME(arguments) * arguments,
                               int *error);

/* Reports what a receive that is done says; returns an error of the ABI. */
int ABI_NAME(received)(ds__comm *c, const ds__status *status);

/* Gives the program a handle of a request, or the error if there is none, and
 * begins it unless it is started by another call. */
int ABI_NAME(begin)(ds__request *r, int error, MPI_Request *request);

#define SEND(mode_, buf_, count_, type_, to, tag_, comm_)                      \
    (&(ABI_NAME(arguments)){ .is_send = true,                                  \
                             .mode = mode_,                                    \
                             .buf = buf_,                                      \
                             .count = count_,                                  \
                             .type = type_,                                    \
                             .peer = to,                                       \
                             .tag = tag_,                                      \
                             .comm = comm_ })
#define RECEIVE(buf_, count_, type_, from, tag_, comm_)                        \
    (&(ABI_NAME(arguments)){ .buf = buf_,                                      \
                             .count = count_,                                  \
                             .type = type_,                                    \
                             .peer = from,                                     \
                             .tag = tag_,                                      \
                             .comm = comm_ })

#endif
