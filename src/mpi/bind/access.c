/* What members of a window do to each other's memory. */

#include "mpi/access.h"
#include "mpi/bind/abi.h"
#include "mpi/combine.h"
#include "mpi/epoch.h"

/* ---- Checks ---------------------------------------------------------------*/

/* Elements of the program, checked; returns an error of the library. */
static int elements_in(ds__win *w, const void *buf, ds__num n,
                       MPI_Datatype type, ds__elements *e)
{
    ds__type *t = TYPE(type);

    if (n < 0)
        return ds__comm_fail(w->comm, DS__ERR_COUNT,
                             "a count of %lld; it is at least 0", (long long)n);
    if (t == NULL)
        return ds__comm_fail(w->comm, DS__ERR_TYPE,
                             "this is no datatype, or it has been freed");
    if (!t->committed)
        return ds__comm_fail(w->comm, DS__ERR_TYPE,
                             "the datatype has not been committed");
    *e = (ds__elements){ .buf = (void *)buf, .n = (size_t)n, .type = t };
    return DS__SUCCESS;
}

static size_t size_of(const ds__elements *e)
{
    return e->type == NULL ? 0 : e->n * e->type->size;
}

/* Finds where elements are in the memory of their target. */
static int find_place(ds__win *w, int target, MPI_Aint disp, ds__elements *e)
{
    const ds__win *t = w->all->members[target];
    ptrdiff_t low;
    ptrdiff_t high;

    if (disp < 0 && w->flavor != DS__WIN_DYNAMIC)
        return ds__comm_fail(w->comm, DS__ERR_DISP,
                             "a displacement of %td; it is at least 0", disp);
    const uintptr_t at =
        (uintptr_t)t->base + (uintptr_t)disp * (uintptr_t)t->unit;
    e->buf = (void *)at;
    if (size_of(e) == 0)
        return DS__SUCCESS;
    ds__type_true(e->type, &low, &high);
    const ptrdiff_t others = (ptrdiff_t)(e->n - 1) * e->type->extent;
    low += others < 0 ? others : 0;
    high += others > 0 ? others : 0;
    if (ds__win_has(t, (char *)(at + (uintptr_t)low),
                    (char *)(at + (uintptr_t)high)))
        return DS__SUCCESS;
    if (w->flavor == DS__WIN_DYNAMIC)
        return ds__comm_fail(w->comm, DS__ERR_RMA_RANGE,
                             "rank %d has not attached all of this memory",
                             target);
    const ptrdiff_t begin = (ptrdiff_t)(at - (uintptr_t)t->base);
    return ds__comm_fail(w->comm, DS__ERR_RMA_RANGE,
                         "bytes %td to %td of a window that has %zu at rank %d",
                         begin + low, begin + high - 1, t->size, target);
}

static int check_op(ds__win *w, const ds__access *a, bool may_be_none)
{
    const ds__op *op = a->op;

    if (op == NULL)
        return ds__comm_fail(w->comm, DS__ERR_OP,
                             "this is no operator, or it has been freed");
    if (op->code == DS__OP_OWN)
        return ds__comm_fail(w->comm, DS__ERR_OP,
                             "an operator of the program; windows have the "
                             "predefined ones");
    if (op->code == DS__OP_NO_OP && !may_be_none)
        return ds__comm_fail(w->comm, DS__ERR_OP,
                             "MPI_NO_OP is for accesses that get something");
    if (op->code == DS__OP_NO_OP || op->code == DS__OP_REPLACE ||
        size_of(&a->gives) == 0 || size_of(&a->there) == 0)
        return DS__SUCCESS;
    if (!ds__combine_fits(op, a->there.type))
        return ds__comm_fail(w->comm, DS__ERR_OP,
                             "the operator is not defined for that datatype");
    if (a->gives.type != NULL && a->gives.type->base != a->there.type->base)
        return ds__comm_fail(w->comm, DS__ERR_TYPE,
                             "the datatypes are made of different basic ones");
    return DS__SUCCESS;
}

static int check_sizes(ds__win *w, const ds__access *a)
{
    const size_t gives = size_of(&a->gives);
    const size_t there = size_of(&a->there);

    if (gives > there)
        return ds__comm_fail(w->comm, DS__ERR_TRUNCATE,
                             "%zu bytes for %zu at the target", gives, there);
    if (a->takes.type != NULL && there > size_of(&a->takes))
        return ds__comm_fail(w->comm, DS__ERR_TRUNCATE,
                             "%zu bytes of the target for a buffer of %zu",
                             there, size_of(&a->takes));
    return DS__SUCCESS;
}

/* ---- Doing it -------------------------------------------------------------*/

/* Does an access whose elements have been checked, or begins it and makes a
 * request. */
static int begin(ds__win *w, ds__access *a, int rank, MPI_Aint disp,
                 MPI_Request *request)
{
    ds__request *r = NULL;
    int error = DS__SUCCESS;

    a->target = rank_in(rank);
    if (a->target != DS__PROC_NULL &&
        (a->target < 0 || a->target >= ds__comm_size(w->comm)))
        return ds__comm_fail(w->comm, DS__ERR_RANK, "a rank of %d among %d",
                             rank, ds__comm_size(w->comm));
    error = ds__epoch_allow(w, a->target, false);
    if (error == DS__SUCCESS && a->target != DS__PROC_NULL)
        error = check_sizes(w, a);
    if (error == DS__SUCCESS && a->target != DS__PROC_NULL)
        error = find_place(w, a->target, disp, &a->there);
    if (error != DS__SUCCESS)
        return error;
    if (request != NULL) {
        r = ds__access_request(w, a->target);
        *request = HANDLE(MPI_Request, r);
    }
    if (a->target != DS__PROC_NULL && size_of(&a->there) > 0 &&
        (a->takes.type != NULL || size_of(&a->gives) > 0))
        ds__access_begin(w, a, r);
    else if (r != NULL)
        ds__request_complete(r);
    return DS__SUCCESS;
}

/* Each is there twice, with a request and without. */
#define ARGS(...) __VA_ARGS__,
#define BOTH(name, rname, args, call)                                          \
    API int FC(name)(args MPI_Win win)                                         \
    {                                                                          \
        MPI_Request *const request = NULL;                                     \
        ENTER_COUNTED(name);                                                   \
        NEED_WIN(w, win);                                                      \
        return ERROR(call);                                                    \
    }                                                                          \
    API int FC(rname)(args MPI_Win win, MPI_Request * request)                 \
    {                                                                          \
        ENTER_COUNTED(rname);                                                  \
        NEED_WIN(w, win);                                                      \
        NEED_RESULT(w->comm, request);                                         \
        return ERROR(call);                                                    \
    }

static int put(ds__win *w, const void *buf, ds__num n, MPI_Datatype type,
               int rank, MPI_Aint disp, ds__num count, MPI_Datatype target,
               MPI_Request *request)
{
    ds__access a = { .op = ds__op_predefined(DS__OP_REPLACE), .plain = true };
    int error = elements_in(w, buf, n, type, &a.gives);

    if (error == DS__SUCCESS)
        error = elements_in(w, NULL, count, target, &a.there);
    return error == DS__SUCCESS ? begin(w, &a, rank, disp, request) : error;
}

static int get(ds__win *w, void *buf, ds__num n, MPI_Datatype type, int rank,
               MPI_Aint disp, ds__num count, MPI_Datatype target,
               MPI_Request *request)
{
    ds__access a = { .op = ds__op_predefined(DS__OP_NO_OP), .plain = true };
    int error = elements_in(w, buf, n, type, &a.takes);

    if (error == DS__SUCCESS)
        error = elements_in(w, NULL, count, target, &a.there);
    return error == DS__SUCCESS ? begin(w, &a, rank, disp, request) : error;
}

static int accumulate(ds__win *w, const void *buf, ds__num n, MPI_Datatype type,
                      int rank, MPI_Aint disp, ds__num count,
                      MPI_Datatype target, MPI_Op op, MPI_Request *request)
{
    ds__access a = { .op = OP(op) };
    int error = elements_in(w, buf, n, type, &a.gives);

    if (error == DS__SUCCESS)
        error = elements_in(w, NULL, count, target, &a.there);
    if (error == DS__SUCCESS)
        error = check_op(w, &a, false);
    return error == DS__SUCCESS ? begin(w, &a, rank, disp, request) : error;
}

/* Without an operation nothing is given, whatever the arguments say. */
static int get_accumulate(ds__win *w, const void *buf, ds__num n,
                          MPI_Datatype type, void *result, ds__num m,
                          MPI_Datatype result_type, int rank, MPI_Aint disp,
                          ds__num count, MPI_Datatype target, MPI_Op op,
                          MPI_Request *request)
{
    ds__access a = { .op = OP(op) };
    int error = elements_in(w, result, m, result_type, &a.takes);

    if (error == DS__SUCCESS)
        error = elements_in(w, NULL, count, target, &a.there);
    if (error == DS__SUCCESS && op != MPI_NO_OP)
        error = elements_in(w, buf, n, type, &a.gives);
    if (error == DS__SUCCESS)
        error = check_op(w, &a, true);
    return error == DS__SUCCESS ? begin(w, &a, rank, disp, request) : error;
}

BOTH(Put, Rput,
     ARGS(const void *origin_addr, ds__num origin_count,
          MPI_Datatype origin_type, int target_rank, MPI_Aint target_disp,
          ds__num target_count, MPI_Datatype target_type),
     put(w, origin_addr, origin_count, origin_type, target_rank, target_disp,
         target_count, target_type, request))

BOTH(Get, Rget,
     ARGS(void *origin_addr, ds__num origin_count, MPI_Datatype origin_type,
          int target_rank, MPI_Aint target_disp, ds__num target_count,
          MPI_Datatype target_type),
     get(w, origin_addr, origin_count, origin_type, target_rank, target_disp,
         target_count, target_type, request))

BOTH(Accumulate, Raccumulate,
     ARGS(const void *origin_addr, ds__num origin_count,
          MPI_Datatype origin_type, int target_rank, MPI_Aint target_disp,
          ds__num target_count, MPI_Datatype target_type, MPI_Op op),
     accumulate(w, origin_addr, origin_count, origin_type, target_rank,
                target_disp, target_count, target_type, op, request))

BOTH(Get_accumulate, Rget_accumulate,
     ARGS(const void *origin_addr, ds__num origin_count,
          MPI_Datatype origin_type, void *result_addr, ds__num result_count,
          MPI_Datatype result_type, int target_rank, MPI_Aint target_disp,
          ds__num target_count, MPI_Datatype target_type, MPI_Op op),
     get_accumulate(w, origin_addr, origin_count, origin_type, result_addr,
                    result_count, result_type, target_rank, target_disp,
                    target_count, target_type, op, request))

#ifndef DS_LARGE
/* ---- One element ----------------------------------------------------------*/

#define NEED_BASIC(w, type)                                                    \
    if (TYPE(type) != NULL && TYPE(type)->basic < 0)                           \
    FAIL((w)->comm, ERR_TYPE, "the datatype is none of the predefined ones")

API int F(Fetch_and_op)(const void *origin_addr, void *result_addr,
                        MPI_Datatype type, int target_rank,
                        MPI_Aint target_disp, MPI_Op op, MPI_Win win)
{
    ENTER(Fetch_and_op);
    NEED_WIN(w, win);
    NEED_BASIC(w, type);
    return ERROR(get_accumulate(w, origin_addr, 1, type, result_addr, 1, type,
                                target_rank, target_disp, 1, type, op, NULL));
}

static bool can_be_swapped(const ds__type *t)
{
    const ds__class c = ds__type_class((ds__basic)t->basic);

    return c == DS__INTEGER || c == DS__LOGICAL || c == DS__BYTES;
}

API int F(Compare_and_swap)(const void *origin_addr, const void *compare_addr,
                            void *result_addr, MPI_Datatype type,
                            int target_rank, MPI_Aint target_disp, MPI_Win win)
{
    ds__access a = {
        .op = ds__op_predefined(DS__OP_REPLACE),
        .compare = compare_addr,
    };
    int error;

    ENTER(Compare_and_swap);
    NEED_WIN(w, win);
    NEED_BASIC(w, type);
    NEED_RESULT(w->comm, compare_addr);
    error = elements_in(w, origin_addr, 1, type, &a.gives);
    if (error != DS__SUCCESS)
        return ERROR(error);
    if (!can_be_swapped(a.gives.type))
        FAIL(w->comm, ERR_TYPE,
             "elements of that datatype cannot be compared and swapped");
    a.there = a.gives;
    a.takes = (ds__elements){ .buf = result_addr, .n = 1, a.gives.type };
    return ERROR(begin(w, &a, target_rank, target_disp, NULL));
}
#endif

#define COUNTED(N)                                                             \
    N(Accumulate)                                                              \
    N(Get)                                                                     \
    N(Get_accumulate)                                                          \
    N(Put)                                                                     \
    N(Raccumulate)                                                             \
    N(Rget)                                                                    \
    N(Rget_accumulate)                                                         \
    N(Rput)

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Compare_and_swap)                                                        \
    N(Fetch_and_op)
DEFINE_NAMES(access_names, LIST)
