/* Datatypes by precision, range and size. */

#include "mpi/bind/abi.h"
#include "mpi/f90.h"

static int make(ds__combiner combiner, int p, int r, MPI_Datatype *newtype)
{
    ds__rank *me = ds__me();
    ds__type *t;

    NEED_RESULT(me->world, newtype);
    if (p == MPI_UNDEFINED && r == MPI_UNDEFINED)
        FAIL(me->world, ERR_ARG, "neither a precision nor a range");
    t = ds__type_f90(me, combiner, p, r);
    if (t == NULL && p == MPI_UNDEFINED)
        FAIL(me->world, ERR_ARG, "there is no type of a range of %d", r);
    if (t == NULL)
        FAIL(me->world, ERR_ARG, "there is no type of %d digits%s", p,
             r == MPI_UNDEFINED ? "" : " and that range");
    *newtype = HANDLE(MPI_Datatype, t);
    return MPI_SUCCESS;
}

API int F(Type_create_f90_integer)(int r, MPI_Datatype *newtype)
{
    ENTER(Type_create_f90_integer);
    return make(DS__COMBINER_F90_INTEGER, MPI_UNDEFINED, r, newtype);
}

API int F(Type_create_f90_real)(int p, int r, MPI_Datatype *newtype)
{
    ENTER(Type_create_f90_real);
    return make(DS__COMBINER_F90_REAL, p, r, newtype);
}

API int F(Type_create_f90_complex)(int p, int r, MPI_Datatype *newtype)
{
    ENTER(Type_create_f90_complex);
    return make(DS__COMBINER_F90_COMPLEX, p, r, newtype);
}

API int F(Type_match_size)(int typeclass, int size, MPI_Datatype *type)
{
    ds__rank *me = ENTER(Type_match_size);

    NEED_RESULT(me->world, type);
    if (typeclass != MPI_TYPECLASS_INTEGER && typeclass != MPI_TYPECLASS_REAL &&
        typeclass != MPI_TYPECLASS_COMPLEX)
        FAIL(me->world, ERR_ARG,
             "a class of %d that is neither MPI_TYPECLASS_INTEGER, "
             "MPI_TYPECLASS_REAL nor MPI_TYPECLASS_COMPLEX",
             typeclass);
    const ds__class of_class = typeclass == MPI_TYPECLASS_INTEGER ? DS__INTEGER
                               : typeclass == MPI_TYPECLASS_REAL  ? DS__REAL
                                                                  : DS__COMPLEX;
    const ds__type *t =
        size > 0 ? ds__type_sized(of_class, (size_t)size) : NULL;
    if (t == NULL)
        FAIL(me->world, ERR_ARG, "there is no type of that class with %d bytes",
             size);
    *type = ABI_NAME(type_handle)(t);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Type_create_f90_complex)                                                 \
    N(Type_create_f90_integer)                                                 \
    N(Type_create_f90_real)                                                    \
    N(Type_match_size)
DEFINE_NAMES(fortran_names, LIST)
