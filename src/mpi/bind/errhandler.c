/* Handlers of errors. */

#include <assert.h>

#include "mpi/bind/abi.h"

static void call_own(const ds__errhandler *handler, ds__comm *comm, int error)
{
    MPI_Comm handle = ABI_NAME(comm_handle)(comm);
    int code = ERROR(error);

    ((MPI_Comm_errhandler_function *)handler->own)(&handle, &code);
}

int ABI_NAME(errhandler_create)(ds__kind of, void (*function)(void),
                                void (*call)(const ds__errhandler *handler,
                                             ds__comm *comm, int error),
                                MPI_Errhandler *errhandler)
{
    const ds__rank *me = ds__me();

    assert(call != NULL);
    NEED_RESULT(me->world, errhandler);
    if (function == NULL)
        FAIL(me->world, ERR_ARG, "NULL is no function");
    ds__errhandler *h = ds__mpi_alloc(1, sizeof(*h));
    h->of = of;
    h->own = function;
    h->call = call;
    ds__errhandler_give(h);
    *errhandler = HANDLE(MPI_Errhandler, h);
    return MPI_SUCCESS;
}

int ABI_NAME(errhandler_set)(ds__comm *c, ds__kind of,
                             MPI_Errhandler errhandler)
{
    ds__errhandler *h = ERRHANDLER(errhandler);

    if (h == NULL)
        FAIL(c, ERR_ARG, "this is no handler of errors");
    if (h->own != NULL && h->of != of)
        FAIL(c, ERR_ARG, "the handler of errors is for another kind of object");
    ds__comm_handle(c, h);
    return MPI_SUCCESS;
}

int ABI_NAME(errhandler_get)(ds__comm *c, MPI_Errhandler *errhandler)
{
    NEED_RESULT(c, errhandler);
    ds__errhandler_give(c->errors);
    *errhandler = ABI_NAME(errhandler_handle)(c->errors);
    return MPI_SUCCESS;
}

static int create(MPI_Comm_errhandler_function *function,
                  MPI_Errhandler *errhandler)
{
    return ABI_NAME(errhandler_create)(DS__COMM, (void (*)(void))function,
                                       call_own, errhandler);
}

static int set(MPI_Comm comm, MPI_Errhandler errhandler)
{
    NEED_COMM(c, comm);
    return ABI_NAME(errhandler_set)(c, DS__COMM, errhandler);
}

static int get(MPI_Comm comm, MPI_Errhandler *errhandler)
{
    NEED_COMM(c, comm);
    return ABI_NAME(errhandler_get)(c, errhandler);
}

/* Each has two names, of which the latter is that of MPI 1. */
#define TWICE(name, old, params, call)                                         \
    API int F(name) params                                                     \
    {                                                                          \
        ENTER(name);                                                           \
        return call;                                                           \
    }                                                                          \
    API int F(old) params                                                      \
    {                                                                          \
        ENTER(old);                                                            \
        return call;                                                           \
    }
TWICE(Comm_create_errhandler, Errhandler_create,
      (MPI_Comm_errhandler_function * function, MPI_Errhandler *errhandler),
      create(function, errhandler))
TWICE(Comm_set_errhandler, Errhandler_set,
      (MPI_Comm comm, MPI_Errhandler errhandler), set(comm, errhandler))
TWICE(Comm_get_errhandler, Errhandler_get,
      (MPI_Comm comm, MPI_Errhandler *errhandler), get(comm, errhandler))

API int F(Comm_call_errhandler)(MPI_Comm comm, int errorcode)
{
    ENTER(Comm_call_errhandler);
    NEED_COMM(c, comm);
    if (errorcode != MPI_SUCCESS)
        ds__comm_call(c, ABI_NAME(error_in)(errorcode));
    return MPI_SUCCESS;
}

/* What a communicator still has is kept for it. */
API int F(Errhandler_free)(MPI_Errhandler *errhandler)
{
    const ds__rank *me = ENTER_ALWAYS(Errhandler_free);

    NEED_RESULT(me->world, errhandler);
    ds__errhandler *h = ERRHANDLER(*errhandler);
    if (h == NULL)
        FAIL(me->world, ERR_ARG, "this is no handler of errors");
    ds__errhandler_take(h);
    *errhandler = MPI_ERRHANDLER_NULL;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Comm_call_errhandler)                                                    \
    N(Comm_create_errhandler)                                                  \
    N(Comm_get_errhandler)                                                     \
    N(Comm_set_errhandler)                                                     \
    N(Errhandler_create)                                                       \
    N(Errhandler_free)                                                         \
    N(Errhandler_get)                                                          \
    N(Errhandler_set)
DEFINE_NAMES(errhandler_names, LIST)
