/* The life of datatypes, and what is asked of them. */

#include "mpi/bind/abi.h"

/* A type whose attributes could not be copied is not there. */
static int copy_attrs(ds__rank *me, ds__type *old, ds__type *made)
{
    const int error = ABI_NAME(attrs_copy)(
        me->world, ds__type_notes(me, old)->attrs, old, &made->notes.attrs);

    if (error == MPI_SUCCESS)
        return MPI_SUCCESS;
    ds__attrs_clear(&made->notes.attrs, made);
    ds__type_remove(made);
    return error;
}

API int F(Type_dup)(MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER(Type_dup);

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    ds__made *m = ds__made_new(DS__COMBINER_DUP, false);
    ds__made_type(m, old);
    ds__type *made = ds__type_same(old, m);
    *newtype = HANDLE(MPI_Datatype, made);
    const int error = copy_attrs(me, old, made);
    if (error != MPI_SUCCESS)
        *newtype = MPI_DATATYPE_NULL;
    return error;
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
    if (ds__type_like(t) >= 0)
        FAIL(me->world, ERR_TYPE, "a predefined datatype cannot be freed");
    const int error = ABI_NAME(attrs_clear)(me->world, &t->notes.attrs, t);
    if (error != MPI_SUCCESS)
        return error;
    ds__type_remove(t);
    *type = MPI_DATATYPE_NULL;
    return MPI_SUCCESS;
}

/* ---- Asking ---------------------------------------------------------------*/

/* What an int cannot be is not defined. */
static long long within(size_t size, size_t number_size)
{
    return number_size == sizeof(int) && size > INT32_MAX ? MPI_UNDEFINED
                                                          : (long long)size;
}

/* The same questions for numbers of several sizes. */
#define ASKING(suffix, number, place)                                          \
    API int F(Type_size##suffix)(MPI_Datatype type, number * size)             \
    {                                                                          \
        ds__rank *me = ENTER(Type_size##suffix);                               \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_RESULT(me->world, size);                                          \
        *size = (number)within(t->size, sizeof(*size));                        \
        return MPI_SUCCESS;                                                    \
    }                                                                          \
    API int F(Type_get_extent##suffix)(MPI_Datatype type, place * lb,          \
                                       place * extent)                         \
    {                                                                          \
        ds__rank *me = ENTER(Type_get_extent##suffix);                         \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_RESULT(me->world, lb);                                            \
        NEED_RESULT(me->world, extent);                                        \
        *lb = t->lb;                                                           \
        *extent = t->extent;                                                   \
        return MPI_SUCCESS;                                                    \
    }                                                                          \
    API int F(Type_get_true_extent##suffix)(MPI_Datatype type, place * lb,     \
                                            place * extent)                    \
    {                                                                          \
        ds__rank *me = ENTER(Type_get_true_extent##suffix);                    \
        ptrdiff_t low;                                                         \
        ptrdiff_t end;                                                         \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_RESULT(me->world, lb);                                            \
        NEED_RESULT(me->world, extent);                                        \
        ds__type_true(t, &low, &end);                                          \
        *lb = low;                                                             \
        *extent = end - low;                                                   \
        return MPI_SUCCESS;                                                    \
    }
ASKING(, int, MPI_Aint)
ASKING(_x, MPI_Count, MPI_Count)
ASKING(_c, MPI_Count, MPI_Count)

/* As MPI 1 asked. */
API int F(Type_extent)(MPI_Datatype type, MPI_Aint *extent)
{
    ds__rank *me = ENTER(Type_extent);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, extent);
    *extent = t->extent;
    return MPI_SUCCESS;
}

API int F(Type_lb)(MPI_Datatype type, MPI_Aint *displacement)
{
    ds__rank *me = ENTER(Type_lb);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, displacement);
    *displacement = t->lb;
    return MPI_SUCCESS;
}

API int F(Type_ub)(MPI_Datatype type, MPI_Aint *displacement)
{
    ds__rank *me = ENTER(Type_ub);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, displacement);
    *displacement = t->lb + t->extent;
    return MPI_SUCCESS;
}

/* ---- Addresses ------------------------------------------------------------*/

API int F(Get_address)(const void *location, MPI_Aint *address)
{
    ds__rank *me = ENTER(Get_address);

    NEED_RESULT(me->world, address);
    *address = (MPI_Aint)location;
    return MPI_SUCCESS;
}

API int F(Address)(void *location, MPI_Aint *address)
{
    ds__rank *me = ENTER(Address);

    NEED_RESULT(me->world, address);
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

/* ---- Pairs ----------------------------------------------------------------*/

API int F(Type_get_value_index)(MPI_Datatype value_type,
                                MPI_Datatype index_type,
                                MPI_Datatype *pair_type)
{
    static const struct {
        MPI_Datatype value;
        MPI_Datatype index;
        MPI_Datatype pair;
    } pairs[] = {
        { MPI_FLOAT, MPI_INT, MPI_FLOAT_INT },
        { MPI_DOUBLE, MPI_INT, MPI_DOUBLE_INT },
        { MPI_LONG, MPI_INT, MPI_LONG_INT },
        { MPI_INT, MPI_INT, MPI_2INT },
        { MPI_SHORT, MPI_INT, MPI_SHORT_INT },
        { MPI_LONG_DOUBLE, MPI_INT, MPI_LONG_DOUBLE_INT },
        { MPI_INTEGER, MPI_INTEGER, MPI_2INTEGER },
        { MPI_REAL, MPI_REAL, MPI_2REAL },
        { MPI_DOUBLE_PRECISION, MPI_DOUBLE_PRECISION, MPI_2DOUBLE_PRECISION },
    };
    const ds__rank *me = ENTER(Type_get_value_index);

    NEED_RESULT(me->world, pair_type);
    *pair_type = MPI_DATATYPE_NULL;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if (pairs[i].value == value_type && pairs[i].index == index_type)
            *pair_type = pairs[i].pair;
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Address)                                                                 \
    N(Aint_add)                                                                \
    N(Aint_diff)                                                               \
    N(Get_address)                                                             \
    N(Type_commit)                                                             \
    N(Type_dup)                                                                \
    N(Type_extent)                                                             \
    N(Type_free)                                                               \
    N(Type_get_extent)                                                         \
    N(Type_get_extent_c)                                                       \
    N(Type_get_extent_x)                                                       \
    N(Type_get_true_extent)                                                    \
    N(Type_get_true_extent_c)                                                  \
    N(Type_get_true_extent_x)                                                  \
    N(Type_get_value_index)                                                    \
    N(Type_lb)                                                                 \
    N(Type_size)                                                               \
    N(Type_size_c)                                                             \
    N(Type_size_x)                                                             \
    N(Type_ub)
DEFINE_NAMES(type_names, LIST)
