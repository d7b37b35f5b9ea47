/* Datatypes of parts of arrays. */

#include <stdlib.h>

#include "mpi/array.h"
#include "mpi/bind/abi.h"

#define NEED_ARRAY(n, order)                                                   \
    if ((n) < 1)                                                               \
        FAIL(ds__me()->world, ERR_ARG, "%d dimensions; there is at least 1",   \
             n);                                                               \
    if ((order) != MPI_ORDER_C && (order) != MPI_ORDER_FORTRAN)                \
    FAIL(ds__me()->world, ERR_ARG,                                             \
         "an order that is neither MPI_ORDER_C nor MPI_ORDER_FORTRAN")

/* Makes it of dimensions that are in the order of the call. */
static int make(ds__taken *dims, int n, int order, ds__type *old,
                ds__made *made, MPI_Datatype *newtype)
{
    for (int i = 0; order == MPI_ORDER_C && i < n / 2; i++) {
        const ds__taken first = dims[i];
        dims[i] = dims[n - 1 - i];
        dims[n - 1 - i] = first;
    }
    *newtype = HANDLE(MPI_Datatype, ds__type_array(old, dims, n, made));
    free(dims);
    return MPI_SUCCESS;
}

/* Checks dimension i of a subarray; returns an error of the library. */
static int check_dimension(int i, ds__num size, ds__num subsize, ds__num start)
{
    if (size < 1 || subsize < 1 || start < 0 || start > size - subsize)
        return ds__comm_fail(ds__me()->world, DS__ERR_ARG,
                             "dimension %d has %lld elements, of which those "
                             "from %lld to %lld are not all there",
                             i, (long long)size, (long long)start,
                             (long long)start + subsize - 1);
    return DS__SUCCESS;
}

static void note_counts(ds__made *m, const ds__num *counts, int n)
{
    for (int i = 0; i < n; i++)
        ds__made_count(m, counts[i]);
}

API int FC(Type_create_subarray)(int ndims, const ds__num sizes[],
                                 const ds__num subsizes[],
                                 const ds__num starts[], int order,
                                 MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER_COUNTED(Type_create_subarray);

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    NEED_ARRAY(ndims, order);
    for (int i = 0; i < ndims; i++) {
        const int error = check_dimension(i, sizes[i], subsizes[i], starts[i]);
        if (error != DS__SUCCESS)
            return ERROR(error);
    }
    ds__made *m = ds__made_new(DS__COMBINER_SUBARRAY, IS_LARGE);
    ds__made_integer(m, ndims);
    note_counts(m, sizes, ndims);
    note_counts(m, subsizes, ndims);
    note_counts(m, starts, ndims);
    ds__made_integer(m, order);
    ds__made_type(m, old);
    ds__taken *dims = ds__mpi_alloc((size_t)ndims, sizeof(*dims));
    for (int i = 0; i < ndims; i++)
        dims[i] = (ds__taken){
            .size = sizes[i],
            .at = starts[i],
            .count = subsizes[i],
            .times = 1,
        };
    return make(dims, ndims, order, old, m, newtype);
}

/* ---- Distributed arrays ---------------------------------------------------*/

/* A dimension of one, and the member among those it is dealt out to. */
typedef struct share {
    ds__num size;
    int how;
    int block; /* or MPI_DISTRIBUTE_DFLT_DARG */
    int members;
    int member;
} share;

/* Returns the places of a block, as all are dealt out in turns; 0: there is no
 * such share. */
static long long block_of(const share *s)
{
    const long long all = (s->size + s->members - 1) / s->members;
    const bool is_default = s->block == MPI_DISTRIBUTE_DFLT_DARG;

    if (!is_default && s->block < 1 && s->how != MPI_DISTRIBUTE_NONE)
        return 0;
    switch (s->how) {
    case MPI_DISTRIBUTE_BLOCK:
        return is_default ? all : s->block >= all ? s->block : 0;
    case MPI_DISTRIBUTE_CYCLIC:
        return is_default ? 1 : s->block;
    case MPI_DISTRIBUTE_NONE:
        return s->members == 1 ? s->size : 0;
    default:
        return 0;
    }
}

static int take(int i, const share *s, ds__taken *taken)
{
    const long long block = s->size > 0 && s->members > 0 ? block_of(s) : 0;

    if (block == 0)
        return ds__comm_fail(
            ds__me()->world, DS__ERR_ARG,
            "dimension %d: %lld places are not dealt out in such blocks to %d "
            "processes",
            i, (long long)s->size, s->members);
    *taken = ds__taken_cyclic(s->size, block, s->member, s->members);
    return DS__SUCCESS;
}

static ds__made *note_darray(int size, int rank, int ndims,
                             const ds__num gsizes[], const int *const lists[3],
                             int order, ds__type *old)
{
    ds__made *m = ds__made_new(DS__COMBINER_DARRAY, IS_LARGE);

    ds__made_integer(m, size);
    ds__made_integer(m, rank);
    ds__made_integer(m, ndims);
    note_counts(m, gsizes, ndims);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < ndims; i++)
            ds__made_integer(m, lists[k][i]);
    ds__made_integer(m, order);
    ds__made_type(m, old);
    return m;
}

/* The processes are a grid whose last coordinate counts fastest, whatever the
 * order of the array. */
API int FC(Type_create_darray)(int size, int rank, int ndims,
                               const ds__num gsizes[], const int distribs[],
                               const int dargs[], const int psizes[], int order,
                               MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER_COUNTED(Type_create_darray);
    const int *const lists[3] = { distribs, dargs, psizes };

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    NEED_ARRAY(ndims, order);
    if (size < 1 || rank < 0 || rank >= size)
        FAIL(me->world, ERR_ARG, "a rank of %d among %d processes", rank, size);
    if (ds__cart_places(ndims, psizes, size) != size)
        FAIL(me->world, ERR_ARG,
             "a grid of another number of processes than %d", size);
    ds__taken *dims = ds__mpi_alloc((size_t)ndims, sizeof(*dims));
    for (int i = ndims - 1, rest = rank; i >= 0; i--) {
        const share s = { gsizes[i], distribs[i], dargs[i], psizes[i],
                          rest % psizes[i] };
        const int error = take(i, &s, &dims[i]);
        if (error != DS__SUCCESS) {
            free(dims);
            return ERROR(error);
        }
        rest /= psizes[i];
    }
    return make(dims, ndims, order, old,
                note_darray(size, rank, ndims, gsizes, lists, order, old),
                newtype);
}

#define COUNTED(N)                                                             \
    N(Type_create_darray)                                                      \
    N(Type_create_subarray)
#define LIST COUNTED
DEFINE_NAMES(array_names, LIST)
