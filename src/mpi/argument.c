/* Says what is wrong with an argument, and what would be right. */

#include "mpi/argument.h"

#include <assert.h>

int ds__argument_handle(ds__comm *comm, int error, const char *name,
                        const char *what, bool is_null)
{
    if (is_null)
        return ds__comm_fail(comm, error, "%s is null, and has to be %s", name,
                             what);
    return ds__comm_fail(comm, error,
                         "%s is no handle, or of something that has been "
                         "freed; it has to be %s",
                         name, what);
}

/* Types may have addresses as places, and then begin at MPI_BOTTOM. */
static bool is_nowhere(const void *buf, const ds__type *type)
{
    enum { NOTHING = 4096 }; /* what the system has at the beginning */
    ptrdiff_t low;
    ptrdiff_t end;

    ds__type_true(type, &low, &end);
    return (uintptr_t)buf + (uintptr_t)low < NOTHING;
}

int ds__argument_data(ds__comm *comm, const void *buf, size_t count,
                      const ds__type *type)
{
    assert(type != NULL);
    if (!type->committed)
        return ds__comm_fail(comm, DS__ERR_TYPE,
                             "the datatype has not been committed");
    if (buf == DS__IN_PLACE)
        return ds__comm_fail(comm, DS__ERR_BUFFER,
                             "MPI_IN_PLACE is not allowed here, but only as "
                             "what a collective gives");
    if (count > 0 && type->size > 0 && is_nowhere(buf, type))
        return ds__comm_fail(comm, DS__ERR_BUFFER,
                             "the buffer is NULL, and is to have %zu elements",
                             count);
    return DS__SUCCESS;
}
