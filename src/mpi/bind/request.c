/* The end of requests, looking at them, and those of the program's own. */

#include "mpi/request.h"

#include "mpi/bind/abi.h"

#define NEED_REQUEST(c, r, handle)                                             \
    ds__request *const r = REQUEST(handle);                                    \
    if (r == NULL)                                                             \
    FAIL(c, ERR_REQUEST, "this is no request, or it has been freed")

/* Freeing a send is allowed, and many do it; that it makes the buffer useless
 * for good is said to who wants to hear all. */
static bool is_careless(const ds__request *r)
{
    return r->active && r->general == NULL &&
           (!r->is_send || r->persistent ||
            ds__the_world.checking == DS__CHECK_FULL);
}

API int F(Request_free)(MPI_Request *request)
{
    ds__rank *me = ENTER(Request_free);

    NEED_RESULT(me->world, request);
    NEED_REQUEST(me->world, r, *request);
    if (r->helper != NULL)
        FAIL(me->world, ERR_REQUEST,
             "the request of a collective is waited for, and not freed");
    const bool careless = is_careless(r);
    ds__object_remove(r);
    *request = MPI_REQUEST_NULL;
    r->persistent = false;
    r->sum = 0;
    if (careless)
        ds__find(&r->posted, "the request was freed without waiting; nothing "
                             "says when its buffer may be used again");
    if (r->active && !r->done) {
        r->detached = true;
        return MPI_SUCCESS;
    }
    r->active = false;
    const int error = ds__request_leave(r);
    ds__request_free(r);
    return ERROR(error);
}

API int F(Request_get_status)(MPI_Request request, int *flag,
                              MPI_Status *status)
{
    ds__rank *me = ENTER(Request_get_status);
    ds__request *r = REQUEST(request);

    NEED_RESULT(me->world, flag);
    if (r == NULL && request != MPI_REQUEST_NULL)
        FAIL(me->world, ERR_REQUEST,
             "this is no request, or it has been freed");
    *flag = 1;
    if (r == NULL || !r->active) {
        ABI_NAME(status_out)(status, &DS__EMPTY_STATUS, true);
        return MPI_SUCCESS;
    }
    *flag = ds__mpi_look(me, &r, 1, 1);
    if (!*flag)
        return MPI_SUCCESS;
    const int error = ds__request_ask(r);
    ABI_NAME(status_out)(status, &r->status, false);
    return ERROR(error);
}

API int F(Cancel)(MPI_Request *request)
{
    ds__rank *me = ENTER(Cancel);

    NEED_RESULT(me->world, request);
    NEED_REQUEST(me->world, r, *request);
    if (!r->active)
        FAIL(me->world, ERR_REQUEST, "this is no request that is active");
    if (r->helper != NULL)
        FAIL(me->world, ERR_REQUEST, "a collective cannot be cancelled");
    if (r->parts != NULL)
        FAIL(me->world, ERR_REQUEST,
             "a message in partitions cannot be cancelled");
    if (r->general != NULL)
        return ERROR(r->general->call_cancel(r->general, r->done));
    ds__mpi_cancel(r);
    return MPI_SUCCESS;
}

/* ---- Of the program's own -------------------------------------------------*/

static int call_query(const ds__general *g, ds__status *status)
{
    MPI_Status s;

    ABI_NAME(status_out)(&s, status, true);
    const int error = ((MPI_Grequest_query_function *)g->query)(g->extra, &s);
    ABI_NAME(status_in)(&s, status);
    return ABI_NAME(error_in)(error);
}

static int call_remove(const ds__general *g)
{
    const int error = ((MPI_Grequest_free_function *)g->remove)(g->extra);

    return ABI_NAME(error_in)(error);
}

static int call_cancel(const ds__general *g, bool is_done)
{
    const int error =
        ((MPI_Grequest_cancel_function *)g->cancel)(g->extra, is_done);

    return ABI_NAME(error_in)(error);
}

API int F(Grequest_start)(MPI_Grequest_query_function *query,
                          MPI_Grequest_free_function *remove,
                          MPI_Grequest_cancel_function *cancel, void *extra,
                          MPI_Request *request)
{
    ds__rank *me = ENTER(Grequest_start);

    NEED_RESULT(me->world, request);
    if (query == NULL || remove == NULL || cancel == NULL)
        FAIL(me->world, ERR_ARG, "NULL is no function");
    ds__request *r =
        ds__request_new(false, NULL, 0, ds__type_basic(DS__BASIC_BYTE),
                        DS__PROC_NULL, 0, me->self, DS__STANDARD);
    r->user = true;
    r->active = true;
    r->general = ds__mpi_alloc(1, sizeof(*r->general));
    *r->general = (ds__general){
        .query = (void (*)(void))query,
        .remove = (void (*)(void))remove,
        .cancel = (void (*)(void))cancel,
        .extra = extra,
        .call_query = call_query,
        .call_remove = call_remove,
        .call_cancel = call_cancel,
    };
    ds__object_add(r, DS__REQUEST);
    *request = HANDLE(MPI_Request, r);
    return MPI_SUCCESS;
}

API int F(Grequest_complete)(MPI_Request request)
{
    ds__rank *me = ENTER(Grequest_complete);

    NEED_REQUEST(me->world, r, request);
    if (r->general == NULL || r->done)
        FAIL(me->world, ERR_REQUEST,
             "this is no request of MPI_Grequest_start() that is not done");
    ds__request_complete(r);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Cancel)                                                                  \
    N(Grequest_complete)                                                       \
    N(Grequest_start)                                                          \
    N(Request_free)                                                            \
    N(Request_get_status)
DEFINE_NAMES(request_names, LIST)
