/* The classes of errors by name. */

#include "mpi/numbers.h"

#include <stddef.h>

char ds__in_place[1];

static const struct {
    const char *name;
    const char *text;
} errors[DS__ERRORS] = {
    [DS__SUCCESS] = { "MPI_SUCCESS", "no error" },
    [DS__ERR_BUFFER] = { "MPI_ERR_BUFFER", "not a buffer that can be used" },
    [DS__ERR_COUNT] = { "MPI_ERR_COUNT", "not a count" },
    [DS__ERR_TYPE] = { "MPI_ERR_TYPE", "not a datatype that can be used" },
    [DS__ERR_TAG] = { "MPI_ERR_TAG", "not a tag" },
    [DS__ERR_COMM] = { "MPI_ERR_COMM", "not a communicator" },
    [DS__ERR_RANK] = { "MPI_ERR_RANK", "not a rank of the communicator" },
    [DS__ERR_REQUEST] = { "MPI_ERR_REQUEST", "not a request" },
    [DS__ERR_ROOT] = { "MPI_ERR_ROOT", "not a root" },
    [DS__ERR_GROUP] = { "MPI_ERR_GROUP", "not a group" },
    [DS__ERR_OP] = { "MPI_ERR_OP", "not an operator for that datatype" },
    [DS__ERR_TOPOLOGY] = { "MPI_ERR_TOPOLOGY", "not a topology" },
    [DS__ERR_DIMS] = { "MPI_ERR_DIMS", "not dimensions" },
    [DS__ERR_ARG] = { "MPI_ERR_ARG", "an argument that is not allowed" },
    [DS__ERR_UNKNOWN] = { "MPI_ERR_UNKNOWN", "an unknown error" },
    [DS__ERR_TRUNCATE] = { "MPI_ERR_TRUNCATE",
                           "a message is longer than the buffer for it" },
    [DS__ERR_OTHER] = { "MPI_ERR_OTHER", "an error of no other class" },
    [DS__ERR_INTERN] = { "MPI_ERR_INTERN", "an error of the library" },
    [DS__ERR_PENDING] = { "MPI_ERR_PENDING", "the request is not done" },
    [DS__ERR_IN_STATUS] = { "MPI_ERR_IN_STATUS",
                            "the statuses say what went wrong" },
    [DS__ERR_INFO_KEY] = { "MPI_ERR_INFO_KEY", "not a key of info objects" },
    [DS__ERR_INFO_NOKEY] = { "MPI_ERR_INFO_NOKEY", "nothing has that key" },
    [DS__ERR_INFO_VALUE] = { "MPI_ERR_INFO_VALUE",
                             "not a value of info objects" },
    [DS__ERR_INFO] = { "MPI_ERR_INFO", "not an info object" },
    [DS__ERR_KEYVAL] = { "MPI_ERR_KEYVAL", "not a key of attributes" },
    [DS__ERR_NO_MEM] = { "MPI_ERR_NO_MEM", "there is no memory" },
    [DS__ERR_ASSERT] = { "MPI_ERR_ASSERT", "not an assertion for that call" },
    [DS__ERR_BASE] = { "MPI_ERR_BASE",
                       "not the beginning of memory that can be used" },
    [DS__ERR_DISP] = { "MPI_ERR_DISP", "not a displacement" },
    [DS__ERR_LOCKTYPE] = { "MPI_ERR_LOCKTYPE", "not a type of locks" },
    [DS__ERR_RMA_ATTACH] = { "MPI_ERR_RMA_ATTACH",
                             "memory cannot be attached" },
    [DS__ERR_RMA_CONFLICT] = { "MPI_ERR_RMA_CONFLICT",
                               "accesses to a window conflict" },
    [DS__ERR_RMA_RANGE] = { "MPI_ERR_RMA_RANGE",
                            "what is accessed is not part of the window" },
    [DS__ERR_RMA_SHARED] = { "MPI_ERR_RMA_SHARED", "memory cannot be shared" },
    [DS__ERR_RMA_SYNC] = { "MPI_ERR_RMA_SYNC",
                           "calls of windows in a wrong order" },
    [DS__ERR_SIZE] = { "MPI_ERR_SIZE", "not a size" },
    [DS__ERR_WIN] = { "MPI_ERR_WIN", "not a window" },
    [DS__ERR_RMA_FLAVOR] = { "MPI_ERR_RMA_FLAVOR",
                             "not a window of the kind that the call needs" },
    [DS__ERR_SESSION] = { "MPI_ERR_SESSION", "not a session" },
};

const char *ds__error_name(int error)
{
    if (error < 0 || error >= DS__ERRORS || errors[error].name == NULL)
        error = DS__ERR_UNKNOWN;
    return errors[error].name;
}

const char *ds__error_text(int error)
{
    if (error < 0 || error >= DS__ERRORS || errors[error].name == NULL)
        error = DS__ERR_UNKNOWN;
    return errors[error].text;
}
