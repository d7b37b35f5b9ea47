/* Waiting for requests and testing them, one or many. */

#include <stdlib.h>

#include "mpi/bind/abi.h"
#include "mpi/request.h"

/* ---- Lists ----------------------------------------------------------------*/

/* The requests of a call, without handles; NULL stands for a null one. */
typedef struct list {
    ds__rank *me;
    MPI_Request *handles;
    ds__request **all;
    size_t n;
    size_t active;
    ds__request *one; /* room, if there is one */
    bool keeps;       /* requests stay as they are */
} list;

/* Returns an error of the library. */
static int open_list(list *l, ds__rank *me, int n, MPI_Request *handles)
{
    *l = (list){ .me = me, .handles = handles };
    if (n < 0)
        return ds__comm_fail(me->world, DS__ERR_COUNT,
                             "a count of %d; it is at least 0", n);
    l->n = (size_t)n;
    l->all = n == 1 ? &l->one : ds__mpi_alloc((size_t)n, sizeof(ds__request *));
    for (size_t i = 0; i < l->n; i++) {
        l->all[i] = handles[i] == MPI_REQUEST_NULL ? NULL : REQUEST(handles[i]);
        if (l->all[i] == NULL && handles[i] != MPI_REQUEST_NULL)
            return ds__comm_fail(me->world, DS__ERR_REQUEST,
                                 "element %zu is no request, or it has been "
                                 "freed",
                                 i);
        l->active += l->all[i] != NULL && l->all[i]->active;
    }
    return DS__SUCCESS;
}

static void close_list(list *l)
{
    if (l->all != &l->one)
        free(l->all);
}

static bool is_done(const list *l, size_t i)
{
    return l->all[i] != NULL && l->all[i]->active && l->all[i]->done;
}

static int look_at(ds__request *r, MPI_Status *status, bool with_error)
{
    const int error = ds__request_ask(r);
    ds__status s = r->status;

    if (error != DS__SUCCESS)
        s.error = error;
    ABI_NAME(status_out)(status, &s, with_error);
    return s.error;
}

/* Takes the status of one that is done; its handle goes, unless it can be
 * started again.  Returns an error of the library, which is not said. */
static int take(list *l, size_t i, MPI_Status *status, bool with_error)
{
    ds__status s;
    const bool stays = l->all[i]->persistent;

    if (l->keeps)
        return look_at(l->all[i], status, with_error);
    ds__mpi_finish(l->all[i], &s);
    if (!stays)
        l->handles[i] = MPI_REQUEST_NULL;
    if (!stays)
        l->all[i] = NULL;
    ABI_NAME(status_out)(status, &s, with_error);
    return s.error;
}

/* Says an error of a request that was taken from a list of one. */
static int settle(ds__rank *me, int error)
{
    if (error == DS__SUCCESS)
        return MPI_SUCCESS;
    return ERROR(ds__comm_fail(me->world, error, "%s", ds__error_text(error)));
}

static void set_empty(MPI_Status *status)
{
    ABI_NAME(status_out)(status, &DS__EMPTY_STATUS, true);
}

static MPI_Status *status_at(MPI_Status *statuses, size_t i)
{
    return statuses == MPI_STATUSES_IGNORE ? MPI_STATUS_IGNORE : &statuses[i];
}

/* ---- One ------------------------------------------------------------------*/

API int F(Wait)(MPI_Request *request, MPI_Status *status)
{
    ds__rank *me = ENTER(Wait);
    list l;
    int error;

    NEED_RESULT(me->world, request);
    error = open_list(&l, me, 1, request);
    if (error != DS__SUCCESS)
        return ERROR(error);
    if (l.active == 0) {
        set_empty(status);
        return MPI_SUCCESS;
    }
    ds__mpi_await_some(me, l.all, 1, 1);
    return settle(me, take(&l, 0, status, false));
}

API int F(Test)(MPI_Request *request, int *flag, MPI_Status *status)
{
    ds__rank *me = ENTER(Test);
    list l;
    int error;

    NEED_RESULT(me->world, request);
    NEED_RESULT(me->world, flag);
    error = open_list(&l, me, 1, request);
    if (error != DS__SUCCESS)
        return ERROR(error);
    *flag = 1;
    if (l.active == 0) {
        set_empty(status);
        return MPI_SUCCESS;
    }
    *flag = ds__mpi_look(me, l.all, 1, 1);
    return *flag ? settle(me, take(&l, 0, status, false)) : MPI_SUCCESS;
}

/* ---- All ------------------------------------------------------------------*/

/* Takes all; an error is in the statuses if there are any. */
static int take_all(list *l, MPI_Status *statuses)
{
    int first = DS__SUCCESS;

    for (size_t i = 0; i < l->n; i++) {
        if (l->all[i] == NULL || !l->all[i]->active) {
            set_empty(status_at(statuses, i));
            continue;
        }
        const int error = take(l, i, status_at(statuses, i), true);
        if (first == DS__SUCCESS)
            first = error;
    }
    if (first == DS__SUCCESS)
        return MPI_SUCCESS;
    return ERROR(ds__comm_fail(l->me->world, DS__ERR_IN_STATUS, "%s",
                               ds__error_text(first)));
}

API int F(Waitall)(int count, MPI_Request requests[], MPI_Status statuses[])
{
    ds__rank *me = ENTER(Waitall);
    list l;
    int error = open_list(&l, me, count, requests);

    if (error != DS__SUCCESS) {
        close_list(&l);
        return ERROR(error);
    }
    ds__mpi_await_some(me, l.all, l.n, l.n);
    error = take_all(&l, statuses);
    close_list(&l);
    return error;
}

static int look_for_all(ds__rank *me, bool keeps, int count,
                        MPI_Request requests[], int *flag,
                        MPI_Status statuses[])
{
    list l;
    int error = open_list(&l, me, count, requests);

    l.keeps = keeps;
    if (error != DS__SUCCESS) {
        close_list(&l);
        return ERROR(error);
    }
    *flag = ds__mpi_look(me, l.all, l.n, l.n);
    error = *flag ? take_all(&l, statuses) : MPI_SUCCESS;
    close_list(&l);
    return error;
}

API int F(Testall)(int count, MPI_Request requests[], int *flag,
                   MPI_Status statuses[])
{
    return look_for_all(ENTER(Testall), false, count, requests, flag, statuses);
}

API int F(Request_get_status_all)(int count, const MPI_Request requests[],
                                  int *flag, MPI_Status statuses[])
{
    return look_for_all(ENTER(Request_get_status_all), true, count,
                        (MPI_Request *)requests, flag, statuses);
}

/* ---- Any ------------------------------------------------------------------*/

/* Takes the first that is done. */
static int take_any(list *l, int *index, MPI_Status *status)
{
    for (size_t i = 0; i < l->n; i++)
        if (is_done(l, i)) {
            *index = (int)i;
            return settle(l->me, take(l, i, status, false));
        }
    *index = MPI_UNDEFINED;
    return MPI_SUCCESS;
}

API int F(Waitany)(int count, MPI_Request requests[], int *index,
                   MPI_Status *status)
{
    ds__rank *me = ENTER(Waitany);
    list l;
    int error = open_list(&l, me, count, requests);

    if (error != DS__SUCCESS) {
        close_list(&l);
        return ERROR(error);
    }
    if (l.active == 0)
        set_empty(status);
    ds__mpi_await_some(me, l.all, l.n, 1);
    error = take_any(&l, index, status);
    close_list(&l);
    return error;
}

static int look_for_any(ds__rank *me, bool keeps, int count,
                        MPI_Request requests[], int *index, int *flag,
                        MPI_Status *status)
{
    list l;
    int error = open_list(&l, me, count, requests);

    l.keeps = keeps;
    if (error != DS__SUCCESS) {
        close_list(&l);
        return ERROR(error);
    }
    if (l.active == 0)
        set_empty(status);
    *flag = ds__mpi_look(me, l.all, l.n, 1);
    error = take_any(&l, index, status);
    close_list(&l);
    return error;
}

API int F(Testany)(int count, MPI_Request requests[], int *index, int *flag,
                   MPI_Status *status)
{
    return look_for_any(ENTER(Testany), false, count, requests, index, flag,
                        status);
}

API int F(Request_get_status_any)(int count, const MPI_Request requests[],
                                  int *index, int *flag, MPI_Status *status)
{
    return look_for_any(ENTER(Request_get_status_any), true, count,
                        (MPI_Request *)requests, index, flag, status);
}

/* ---- Some -----------------------------------------------------------------*/

static int take_some(list *l, int *outcount, int indices[],
                     MPI_Status statuses[])
{
    int got = 0;
    int first = DS__SUCCESS;

    for (size_t i = 0; i < l->n; i++) {
        if (!is_done(l, i))
            continue;
        const int error = take(l, i, status_at(statuses, (size_t)got), true);
        if (first == DS__SUCCESS)
            first = error;
        indices[got++] = (int)i;
    }
    *outcount = l->active == 0 ? MPI_UNDEFINED : got;
    if (first == DS__SUCCESS)
        return MPI_SUCCESS;
    return ERROR(ds__comm_fail(l->me->world, DS__ERR_IN_STATUS, "%s",
                               ds__error_text(first)));
}

static int look_for_some(ds__rank *me, bool waits, bool keeps, int incount,
                         MPI_Request requests[], int *outcount, int indices[],
                         MPI_Status statuses[])
{
    list l;
    int error = open_list(&l, me, incount, requests);

    l.keeps = keeps;
    if (error != DS__SUCCESS) {
        close_list(&l);
        return ERROR(error);
    }
    if (waits)
        ds__mpi_await_some(me, l.all, l.n, 1);
    else
        ds__mpi_look(me, l.all, l.n, 1);
    error = take_some(&l, outcount, indices, statuses);
    close_list(&l);
    return error;
}

API int F(Waitsome)(int incount, MPI_Request requests[], int *outcount,
                    int indices[], MPI_Status statuses[])
{
    return look_for_some(ENTER(Waitsome), true, false, incount, requests,
                         outcount, indices, statuses);
}

API int F(Testsome)(int incount, MPI_Request requests[], int *outcount,
                    int indices[], MPI_Status statuses[])
{
    return look_for_some(ENTER(Testsome), false, false, incount, requests,
                         outcount, indices, statuses);
}

API int F(Request_get_status_some)(int incount, const MPI_Request requests[],
                                   int *outcount, int indices[],
                                   MPI_Status statuses[])
{
    return look_for_some(ENTER(Request_get_status_some), false, true, incount,
                         (MPI_Request *)requests, outcount, indices, statuses);
}

#define LIST(N)                                                                \
    N(Request_get_status_all)                                                  \
    N(Request_get_status_any)                                                  \
    N(Request_get_status_some)                                                 \
    N(Test)                                                                    \
    N(Testall)                                                                 \
    N(Testany)                                                                 \
    N(Testsome)                                                                \
    N(Wait)                                                                    \
    N(Waitall)                                                                 \
    N(Waitany)                                                                 \
    N(Waitsome)
DEFINE_NAMES(wait_names, LIST)
