/* Datatypes, operators, and packing. */

#include <stdlib.h>

#include "mpi/bind/abi.h"

/* ---- Making ---------------------------------------------------------------*/

/* Makes a type of n parts, all of one old type: count elements each, or
 * counts[i], at so many bytes, or at so many extents. */
typedef struct layout {
    int n;
    int count;
    const int *counts;
    const int *places; /* in extents */
    const MPI_Aint *byte_places;
    MPI_Aint stride; /* bytes from part to part, if there are no places */
} layout;

static int make(const layout *how, MPI_Datatype old_handle,
                MPI_Datatype *newtype)
{
    ds__rank *me = ds__me();

    NEED_COUNT(me->world, how->n);
    NEED_COUNT(me->world, how->count);
    NEED_TYPE(me->world, old, old_handle);
    NEED_RESULT(me->world, newtype);
    ds__part *parts = ds__mpi_alloc((size_t)how->n, sizeof(*parts));
    for (int i = 0; i < how->n; i++) {
        const int count = how->counts != NULL ? how->counts[i] : how->count;
        if (count < 0) {
            free(parts);
            NEED_COUNT(me->world, count);
            return ERROR(DS__ERR_COUNT);
        }
        parts[i].old = old;
        parts[i].count = (size_t)count;
        parts[i].at = how->places != NULL        ? how->places[i] * old->extent
                      : how->byte_places != NULL ? how->byte_places[i]
                                                 : (ptrdiff_t)i * how->stride;
    }
    ds__type *t = ds__type_new(parts, (size_t)how->n, false);
    free(parts);
    *newtype = HANDLE(MPI_Datatype, t);
    return MPI_SUCCESS;
}

API int F(Type_contiguous)(int count, MPI_Datatype oldtype,
                           MPI_Datatype *newtype)
{
    ENTER(Type_contiguous);
    return make(&(layout){ .n = 1, .count = count }, oldtype, newtype);
}

API int F(Type_vector)(int count, int blocklength, int stride,
                       MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER(Type_vector);

    NEED_TYPE(me->world, old, oldtype);
    return make(&(layout){ .n = count,
                           .count = blocklength,
                           .stride = stride * old->extent },
                oldtype, newtype);
}

API int F(Type_create_hvector)(int count, int blocklength, MPI_Aint stride,
                               MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ENTER(Type_create_hvector);
    return make(&(layout){ .n = count, .count = blocklength, .stride = stride },
                oldtype, newtype);
}

API int F(Type_indexed)(int count, const int blocklengths[], const int displs[],
                        MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ENTER(Type_indexed);
    return make(
        &(layout){ .n = count, .counts = blocklengths, .places = displs },
        oldtype, newtype);
}

API int F(Type_create_hindexed)(int count, const int blocklengths[],
                                const MPI_Aint displs[], MPI_Datatype oldtype,
                                MPI_Datatype *newtype)
{
    ENTER(Type_create_hindexed);
    return make(
        &(layout){ .n = count, .counts = blocklengths, .byte_places = displs },
        oldtype, newtype);
}

API int F(Type_create_indexed_block)(int count, int blocklength,
                                     const int displs[], MPI_Datatype oldtype,
                                     MPI_Datatype *newtype)
{
    ENTER(Type_create_indexed_block);
    return make(&(layout){ .n = count, .count = blocklength, .places = displs },
                oldtype, newtype);
}

API int F(Type_create_hindexed_block)(int count, int blocklength,
                                      const MPI_Aint displs[],
                                      MPI_Datatype oldtype,
                                      MPI_Datatype *newtype)
{
    ENTER(Type_create_hindexed_block);
    return make(
        &(layout){ .n = count, .count = blocklength, .byte_places = displs },
        oldtype, newtype);
}

API int F(Type_create_struct)(int count, const int blocklengths[],
                              const MPI_Aint displs[],
                              const MPI_Datatype types[], MPI_Datatype *newtype)
{
    ds__rank *me = ENTER(Type_create_struct);

    NEED_COUNT(me->world, count);
    NEED_RESULT(me->world, newtype);
    for (int i = 0; i < count; i++) {
        NEED_COUNT(me->world, blocklengths[i]);
        NEED_TYPE(me->world, t, types[i]);
    }
    ds__part *parts = ds__mpi_alloc((size_t)count, sizeof(*parts));
    for (int i = 0; i < count; i++)
        parts[i] = (ds__part){ .old = TYPE(types[i]),
                               .at = displs[i],
                               .count = (size_t)blocklengths[i] };
    ds__type *made = ds__type_new(parts, (size_t)count, true);
    free(parts);
    *newtype = HANDLE(MPI_Datatype, made);
    return MPI_SUCCESS;
}

static int resize(MPI_Datatype oldtype, MPI_Aint lb, MPI_Aint extent,
                  bool as_it_is, MPI_Datatype *newtype)
{
    ds__rank *me = ds__me();

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    const ds__part part = { .old = old, .count = 1 };
    ds__type *made = ds__type_new(&part, 1, false);
    if (as_it_is)
        made->committed = old->committed;
    ds__type_resize(made, lb, extent);
    *newtype = HANDLE(MPI_Datatype, made);
    return MPI_SUCCESS;
}

API int F(Type_create_resized)(MPI_Datatype oldtype, MPI_Aint lb,
                               MPI_Aint extent, MPI_Datatype *newtype)
{
    ENTER(Type_create_resized);
    return resize(oldtype, lb, extent, false, newtype);
}

/* A type whose attributes could not be copied is not there. */
static int copy_attrs(ds__rank *me, ds__type *old, MPI_Datatype *newtype)
{
    ds__type *made = TYPE(*newtype);
    const int error = ABI_NAME(attrs_copy)(
        me->world, ds__type_notes(me, old)->attrs, old, &made->notes.attrs);

    if (error == MPI_SUCCESS)
        return MPI_SUCCESS;
    ds__attrs_clear(&made->notes.attrs, made);
    ds__object_remove(made);
    ds__type_release(made);
    *newtype = MPI_DATATYPE_NULL;
    return error;
}

/* Checks dimension i of a subarray; returns an error of the library. */
static int check_dimension(int i, int size, int subsize, int start)
{
    if (size < 1 || subsize < 1 || start < 0 || start > size - subsize)
        return ds__comm_fail(ds__me()->world, DS__ERR_ARG,
                             "dimension %d has %d elements, of which those "
                             "from %d to %d are not all there",
                             i, size, start, start + subsize - 1);
    return DS__SUCCESS;
}

/* A row of a row of it, each as long as the whole array is there. */
API int F(Type_create_subarray)(int ndims, const int sizes[],
                                const int subsizes[], const int starts[],
                                int order, MPI_Datatype oldtype,
                                MPI_Datatype *newtype)
{
    ds__rank *me = ENTER(Type_create_subarray);

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    if (ndims < 1)
        FAIL(me->world, ERR_ARG, "%d dimensions; there is at least 1", ndims);
    if (order != MPI_ORDER_C && order != MPI_ORDER_FORTRAN)
        FAIL(me->world, ERR_ARG,
             "an order that is neither MPI_ORDER_C nor MPI_ORDER_FORTRAN");
    for (int i = 0; i < ndims; i++) {
        const int error = check_dimension(i, sizes[i], subsizes[i], starts[i]);
        if (error != DS__SUCCESS)
            return ERROR(error);
    }
    ds__type *t = old;
    for (int k = 0; k < ndims; k++) {
        const int i = order == MPI_ORDER_C ? ndims - 1 - k : k;
        const ds__part part = {
            .old = t,
            .at = starts[i] * t->extent,
            .count = (size_t)subsizes[i],
        };
        ds__type *row = ds__type_new(&part, 1, false);
        ds__type_resize(row, 0, sizes[i] * t->extent);
        if (t != old) {
            ds__object_remove(t);
            ds__type_release(t);
        }
        t = row;
    }
    *newtype = HANDLE(MPI_Datatype, t);
    return MPI_SUCCESS;
}

API int F(Type_dup)(MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER(Type_dup);

    NEED_TYPE(me->world, old, oldtype);
    const int error = resize(oldtype, old->lb, old->extent, true, newtype);
    return error == MPI_SUCCESS ? copy_attrs(me, old, newtype) : error;
}

API int F(Type_commit)(MPI_Datatype *type)
{
    ds__rank *me = ENTER(Type_commit);

    NEED_RESULT(me->world, type);
    NEED_TYPE(me->world, t, *type);
    t->committed = true;
    return MPI_SUCCESS;
}

API int F(Type_free)(MPI_Datatype *type)
{
    ds__rank *me = ENTER(Type_free);

    NEED_RESULT(me->world, type);
    NEED_TYPE(me->world, t, *type);
    if (t->basic >= 0)
        FAIL(me->world, ERR_TYPE, "a predefined datatype cannot be freed");
    const int error = ABI_NAME(attrs_clear)(me->world, &t->notes.attrs, t);
    if (error != MPI_SUCCESS)
        return error;
    ds__object_remove(t);
    ds__type_release(t);
    *type = MPI_DATATYPE_NULL;
    return MPI_SUCCESS;
}

/* ---- Asking ---------------------------------------------------------------*/

API int F(Type_size)(MPI_Datatype type, int *size)
{
    ds__rank *me = ENTER(Type_size);

    NEED_TYPE(me->world, t, type);
    *size = t->size > INT32_MAX ? MPI_UNDEFINED : (int)t->size;
    return MPI_SUCCESS;
}

API int F(Type_get_extent)(MPI_Datatype type, MPI_Aint *lb, MPI_Aint *extent)
{
    ds__rank *me = ENTER(Type_get_extent);

    NEED_TYPE(me->world, t, type);
    *lb = t->lb;
    *extent = t->extent;
    return MPI_SUCCESS;
}

API int F(Type_get_true_extent)(MPI_Datatype type, MPI_Aint *true_lb,
                                MPI_Aint *true_extent)
{
    ds__rank *me = ENTER(Type_get_true_extent);
    ptrdiff_t lb;
    ptrdiff_t end;

    NEED_TYPE(me->world, t, type);
    ds__type_true(t, &lb, &end);
    *true_lb = lb;
    *true_extent = end - lb;
    return MPI_SUCCESS;
}

API int F(Get_address)(const void *location, MPI_Aint *address)
{
    ENTER(Get_address);
    *address = (MPI_Aint)location;
    return MPI_SUCCESS;
}

API MPI_Aint F(Aint_add)(MPI_Aint base, MPI_Aint disp)
{
    ENTER(Aint_add);
    return base + disp;
}

API MPI_Aint F(Aint_diff)(MPI_Aint addr1, MPI_Aint addr2)
{
    ENTER(Aint_diff);
    return addr1 - addr2;
}

/* ---- Packing --------------------------------------------------------------*/

API int F(Pack_size)(int incount, MPI_Datatype type, MPI_Comm comm, int *size)
{
    ENTER(Pack_size);
    NEED_COMM(c, comm);
    NEED_COUNT(c, incount);
    NEED_TYPE(c, t, type);
    *size = (int)((size_t)incount * t->size);
    return MPI_SUCCESS;
}

API int F(Pack)(const void *inbuf, int incount, MPI_Datatype type, void *outbuf,
                int outsize, int *position, MPI_Comm comm)
{
    ENTER(Pack);
    NEED_COMM(c, comm);
    NEED_COUNT(c, incount);
    NEED_TYPE(c, t, type);
    const size_t bytes = (size_t)incount * t->size;
    if (*position < 0 || *position > outsize ||
        (size_t)(outsize - *position) < bytes)
        FAIL(c, ERR_TRUNCATE, "%zu bytes do not fit into %d from %d on", bytes,
             outsize, *position);
    ds__type_pack((char *)outbuf + *position, inbuf, (size_t)incount, t);
    *position += (int)bytes;
    return MPI_SUCCESS;
}

API int F(Unpack)(const void *inbuf, int insize, int *position, void *outbuf,
                  int outcount, MPI_Datatype type, MPI_Comm comm)
{
    ENTER(Unpack);
    NEED_COMM(c, comm);
    NEED_COUNT(c, outcount);
    NEED_TYPE(c, t, type);
    const size_t bytes = (size_t)outcount * t->size;
    if (*position < 0 || *position > insize ||
        (size_t)(insize - *position) < bytes)
        FAIL(c, ERR_TRUNCATE, "there are no %zu bytes in %d from %d on", bytes,
             insize, *position);
    ds__type_unpack(outbuf, (const char *)inbuf + *position, bytes, t);
    *position += (int)bytes;
    return MPI_SUCCESS;
}

/* ---- Operators ------------------------------------------------------------*/

static void call_own(const ds__op *op, void *in, void *inout, int n,
                     ds__type *type)
{
    MPI_Datatype handle = ABI_NAME(type_handle)(type);

    ((MPI_User_function *)op->own)(in, inout, &n, &handle);
}

API int F(Op_create)(MPI_User_function *function, int commute, MPI_Op *op)
{
    ds__rank *me = ENTER(Op_create);

    if (function == NULL)
        FAIL(me->world, ERR_OP, "NULL is no function");
    NEED_RESULT(me->world, op);
    ds__op *o = ds__mpi_alloc(1, sizeof(*o));
    o->code = DS__OP_OWN;
    o->commutes = commute != 0;
    o->own = (void (*)(void))function;
    o->call = call_own;
    ds__object_add(o, DS__OP);
    *op = HANDLE(MPI_Op, o);
    return MPI_SUCCESS;
}

API int F(Op_free)(MPI_Op *op)
{
    ds__rank *me = ENTER(Op_free);

    NEED_RESULT(me->world, op);
    ds__op *o = ds__object_get((uintptr_t)*op & UINT32_MAX, DS__OP);
    if (o == NULL)
        FAIL(me->world, ERR_OP, "this is no operator that can be freed");
    ds__object_remove(o);
    ds__op_release(o);
    *op = MPI_OP_NULL;
    return MPI_SUCCESS;
}

API int F(Op_commutative)(MPI_Op op, int *commute)
{
    ds__rank *me = ENTER(Op_commutative);
    const ds__op *o = OP(op);

    if (o == NULL)
        FAIL(me->world, ERR_OP, "this is no operator, or it has been freed");
    *commute = o->commutes;
    return MPI_SUCCESS;
}

API int F(Reduce_local)(const void *inbuf, void *inoutbuf, int count,
                        MPI_Datatype type, MPI_Op op)
{
    ds__rank *me = ENTER(Reduce_local);

    NEED_COUNT(me->world, count);
    NEED_TYPE(me->world, t, type);
    NEED_OP(me->world, o, op, t);
    ds__op_apply(o, (void *)inbuf, inoutbuf, count, t);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Aint_add)                                                                \
    N(Aint_diff)                                                               \
    N(Get_address)                                                             \
    N(Op_commutative)                                                          \
    N(Op_create)                                                               \
    N(Op_free)                                                                 \
    N(Pack)                                                                    \
    N(Pack_size)                                                               \
    N(Reduce_local)                                                            \
    N(Type_commit)                                                             \
    N(Type_contiguous)                                                         \
    N(Type_create_hindexed)                                                    \
    N(Type_create_hindexed_block)                                              \
    N(Type_create_hvector)                                                     \
    N(Type_create_indexed_block)                                               \
    N(Type_create_resized)                                                     \
    N(Type_create_struct)                                                      \
    N(Type_create_subarray)                                                    \
    N(Type_dup)                                                                \
    N(Type_free)                                                               \
    N(Type_get_extent)                                                         \
    N(Type_get_true_extent)                                                    \
    N(Type_indexed)                                                            \
    N(Type_size)                                                               \
    N(Type_vector)                                                             \
    N(Unpack)
DEFINE_NAMES(type_names, LIST)
