/* Handlers of errors. */

#include <stdlib.h>

#include "mpi/bind/abi.h"

static void call_own(const ds__errhandler *handler, ds__comm *comm, int error)
{
    MPI_Comm handle = ABI_NAME(comm_handle)(comm);
    int code = ERROR(error);

    ((MPI_Comm_errhandler_function *)handler->own)(&handle, &code);
}

API int F(Comm_create_errhandler)(MPI_Comm_errhandler_function *function,
                                  MPI_Errhandler *errhandler)
{
    const ds__rank *me = ENTER(Comm_create_errhandler);

    NEED_RESULT(me->world, errhandler);
    ds__errhandler *h = ds__mpi_alloc(1, sizeof(*h));
    h->own = (void (*)(void))function;
    h->call = call_own;
    ds__object_add(h, DS__ERRHANDLER);
    *errhandler = HANDLE(MPI_Errhandler, h);
    return MPI_SUCCESS;
}

API int F(Comm_set_errhandler)(MPI_Comm comm, MPI_Errhandler errhandler)
{
    ENTER(Comm_set_errhandler);
    NEED_COMM(c, comm);
    ds__errhandler *h = ERRHANDLER(errhandler);
    if (h == NULL)
        FAIL(c, ERR_ARG, "this is no handler of errors");
    ds__object_hold(h);
    if (ds__object_drop(c->errors))
        free(c->errors);
    c->errors = h;
    return MPI_SUCCESS;
}

API int F(Comm_get_errhandler)(MPI_Comm comm, MPI_Errhandler *errhandler)
{
    ENTER(Comm_get_errhandler);
    NEED_COMM(c, comm);
    NEED_RESULT(c, errhandler);
    *errhandler = ABI_NAME(errhandler_handle)(c->errors);
    return MPI_SUCCESS;
}

API int F(Comm_call_errhandler)(MPI_Comm comm, int errorcode)
{
    ENTER(Comm_call_errhandler);
    NEED_COMM(c, comm);
    ds__comm_fail(c, ABI_NAME(error_in)(errorcode), "called by the program");
    return MPI_SUCCESS;
}

/* What a communicator still has is kept for it. */
API int F(Errhandler_free)(MPI_Errhandler *errhandler)
{
    const ds__rank *me = ENTER(Errhandler_free);

    NEED_RESULT(me->world, errhandler);
    ds__errhandler *h = ERRHANDLER(*errhandler);
    if (h == NULL)
        FAIL(me->world, ERR_ARG, "this is no handler of errors");
    if (h->own != NULL) {
        ds__object_remove(h);
        if (ds__object_drop(h))
            free(h);
    }
    *errhandler = MPI_ERRHANDLER_NULL;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_call_errhandler)                                                    \
    N(Comm_create_errhandler)                                                  \
    N(Comm_get_errhandler)                                                     \
    N(Comm_set_errhandler)                                                     \
    N(Errhandler_free)
DEFINE_NAMES(errhandler_names, LIST)
